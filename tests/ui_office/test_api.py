"""What programs of the town may rely on."""

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from sync.office.definitions import DEFINITIONS
from tests.ui.documented import Documented
from tests.ui_office.screens import DESK_TOKEN, Screens, bearer

NOVEMBER = "from=2026-11-01&to=2026-11-30"


def ask(screens: Screens, question: str) -> TestResponse:
    return screens.client().get(f"/office/api/v1/{question}", headers=bearer())


def body(response: TestResponse) -> dict[str, Any]:
    answer = json.loads(response.data)
    assert isinstance(answer, dict)
    return answer


def assert_problem(response: TestResponse, status: int, code: str, field: str | None = None) -> None:
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    problem = body(response)
    assert (problem["status"], problem["code"], problem.get("field")) == (status, code, field)
    assert problem["title"]


def test_statistics_are_complete_and_fresh(screens: Screens) -> None:
    call = screens.desk.call()
    screens.desk.close(call, seconds=120)
    visit = screens.desk.visit(call=call, people=2, seconds=930)
    screens.desk.consultation(visit, topics=("phone", "password"), outcome="resolved")
    screens.desk.call(attended=False)
    screens.bring()
    answer = body(ask(screens, f"statistics?{NOVEMBER}"))
    assert answer == {
        "from": "2026-11-01",
        "to": "2026-11-30",
        "facility": None,
        "topic": None,
        "as_of": "2026-11-21T03:00:00Z",
        "visits": 1,
        "people": 2,
        "consultations": 1,
        "calls": 2,
        "calls_unattended": 1,
        "assists": 0,
        "by_topic": {"password": 1, "phone": 1},
        "by_age_band": {"75to84": 1},
        "by_outcome": {"resolved": 1},
        "by_facility": {"chuo": 1},
        "by_day": {"2026-11-21": 1},
        "service_minutes": {"n": 1, "median": 15.5, "p90": 15.5},
        "waiting_minutes": {"n": 1, "median": 2.0, "p90": 2.0},
        "from_paper": {"visits": 0, "people": 0},
        "unsure_clock": 0,
    }


def test_corrections_paper_and_unsure_clocks_are_told(screens: Screens) -> None:
    visit = screens.desk.visit()
    first = screens.desk.consultation(visit, topics=("phone",))
    screens.desk.correction(first, visit, topics=("password",))
    screens.desk.tally("2026-11-20", visits=3, people=4, topics={"phone": 2})
    screens.desk.quality = "unknown"
    screens.desk.visit()
    screens.bring()
    answer = body(ask(screens, f"statistics?{NOVEMBER}"))
    assert [answer[name] for name in ("visits", "people", "consultations", "unsure_clock")] == [5, 6, 1, 1]
    assert answer["by_topic"] == {"password": 1, "phone": 2}
    assert answer["by_day"] == {"2026-11-20": 3, "2026-11-21": 2}
    assert answer["from_paper"] == {"visits": 3, "people": 4}
    (device,) = body(ask(screens, f"reconcile?{NOVEMBER}"))["devices"]
    assert (device["superseded"], device["unsure_clock"], device["last_closed"]) == (1, 1, None)


def test_the_last_closing_is_told_with_what_was_unsent(screens: Screens) -> None:
    screens.desk.day_closed("2026-11-21", unsent=3)
    screens.bring()
    (device,) = body(ask(screens, f"reconcile?{NOVEMBER}"))["devices"]
    assert device["last_closed"] == {"day": "2026-11-21", "unsent": 3}


def test_no_measurement_is_null_and_not_zero(screens: Screens) -> None:
    assert body(ask(screens, f"statistics?{NOVEMBER}"))["waiting_minutes"] == {"n": 0, "median": None, "p90": None}


def test_filters_narrow(screens: Screens) -> None:
    screens.desk.served(topics=("phone",))
    screens.desk.served(topics=("other",))
    screens.bring()
    assert body(ask(screens, f"statistics?{NOVEMBER}&topic=other&facility=chuo"))["consultations"] == 1
    assert body(ask(screens, f"statistics?{NOVEMBER}&topic=password"))["consultations"] == 0


def test_reconcile_says_what_is_missing(screens: Screens) -> None:
    for _ in range(4):
        screens.desk.visit()
    del screens.desk.bodies[1]
    screens.bring()
    answer = body(ask(screens, f"reconcile?{NOVEMBER}"))
    assert [answer[name] for name in ("captured", "receipted", "opened", "gaps")] == [4, 3, 3, 1]
    (device,) = answer["devices"]
    assert (device["device"], device["facility"]) == (screens.desk.device.hex(), "chuo")
    assert [device[name] for name in ("captured", "receipted", "opened", "gaps")] == [4, 3, 3, 1]


@pytest.mark.parametrize("name", ["statistics", "reconcile"])
@pytest.mark.parametrize(
    ("question", "status", "code", "field"),
    [
        ("", 400, "bad_day", "from"),
        ("from=2026-11-01", 400, "bad_day", "to"),
        ("from=2026-11-31&to=2026-12-01", 400, "bad_day", "from"),
        ("from=20261101&to=2026-12-01", 400, "bad_day", "from"),
        ("from=2026-11-01&to=%F0%9F%92%A9", 400, "bad_day", "to"),
        ("from=2026-W01-1&to=2026-11-30", 400, "bad_day", "from"),
        ("from=2026-11-02&to=2026-11-01", 422, "period_backwards", "to"),
        ("from=2026-11-01&to=2026-11-30&facilty=chuo", 400, "unknown_parameter", "facilty"),
    ],
)
def test_a_bad_question_is_a_problem_in_words(
    screens: Screens, name: str, question: str, status: int, code: str, field: str
) -> None:
    assert_problem(ask(screens, f"{name}?{question}"), status, code, field)


def test_unknown_filters_are_refused(screens: Screens) -> None:
    assert_problem(ask(screens, f"statistics?{NOVEMBER}&facility=mars"), 422, "unknown_facility", "facility")
    assert_problem(ask(screens, f"statistics?{NOVEMBER}&topic=mars"), 422, "unknown_topic", "topic")


def test_a_topic_that_only_old_records_name_can_be_asked_for(screens: Screens) -> None:
    screens.desk.served(topics=("retired",))
    screens.bring()
    assert body(ask(screens, f"statistics?{NOVEMBER}&topic=retired"))["by_topic"] == {"retired": 1}


@pytest.mark.parametrize("path", ["statistics", "reconcile"])
def test_only_the_offices_token_opens(screens: Screens, path: str) -> None:
    client, address = screens.client(), f"/office/api/v1/{path}?{NOVEMBER}"
    assert_problem(client.get(address), 401, "unknown_token")
    assert client.get(address).headers["WWW-Authenticate"].startswith("Bearer")
    assert_problem(client.get(address, headers=bearer("guess")), 401, "unknown_token")
    assert_problem(client.get(address, headers={"Authorization": "Basic b2ZmaWNlLXRva2Vu"}), 401, "unknown_token")
    assert_problem(client.get(address, headers=bearer(DESK_TOKEN)), 403, "wrong_scope")
    assert_problem(screens.officer().get(address), 401, "unknown_token")


def test_a_program_gets_no_cookie(screens: Screens) -> None:
    assert "Set-Cookie" not in ask(screens, f"statistics?{NOVEMBER}").headers


def test_while_the_source_is_away_the_last_truth_is_told_with_its_time(screens: Screens) -> None:
    screens.desk.served()
    screens.bring()
    ask(screens, f"statistics?{NOVEMBER}")
    screens.town.source.away = True
    answer = body(ask(screens, f"statistics?{NOVEMBER}"))
    assert (answer["visits"], answer["as_of"]) == (1, "2026-11-21T03:00:00Z")


def test_other_addresses_and_methods_are_problems_too(screens: Screens) -> None:
    assert_problem(ask(screens, "nothing"), 404, "not_found")
    assert_problem(screens.client().post("/office/api/v1/statistics"), 405, "method_not_allowed")


def test_health_needs_no_token(screens: Screens) -> None:
    response = screens.client().get("/office/healthz")
    assert (response.status_code, body(response)) == (200, {"status": "ok"})


def test_a_broken_list_of_devices_is_not_healthy(screens: Screens) -> None:
    (screens.town.folder / "devices.toml").write_text("broken", encoding="utf-8")
    assert screens.client().get("/office/healthz").status_code == 500


def test_every_route_of_the_api_is_described_and_no_other(screens: Screens) -> None:
    api = Documented(screens.app, "/office/api/v1/openapi.json")
    assert {*api.served, ("/office/healthz", "get")} == set(api.announced)


def test_the_description_defines_every_measure(screens: Screens) -> None:
    document = body(screens.client().get("/office/api/v1/openapi.json"))
    properties = document["components"]["schemas"]["StatisticsAnswer"]["properties"]
    for definition in DEFINITIONS:
        assert definition.en in properties[definition.measure]["description"]
    answered = body(ask(screens, f"statistics?{NOVEMBER}"))
    assert set(answered) == set(properties)
    reconciled = document["components"]["schemas"]["ReconcileAnswer"]["properties"]
    screens.desk.day_closed()
    screens.bring()
    answer = body(ask(screens, f"reconcile?{NOVEMBER}"))
    assert set(answer) == set(reconciled)
    schemas = document["components"]["schemas"]
    assert set(answer["devices"][0]) == set(schemas["DeviceAnswer"]["properties"])
    assert set(answer["devices"][0]["last_closed"]) == set(schemas["Closing"]["properties"])
    assert set(answered["from_paper"]) == set(schemas["PaperShare"]["properties"])
