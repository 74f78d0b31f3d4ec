import json
from datetime import datetime
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from appliance.desk.errors import SealingFailed, StorageFailed
from appliance.desk.facts.call import CallSource, CallState
from tests.fakes import FakeProver, FakeSealer, FakeStorage, FakeWorld
from tests.ui.people import PROGRAM
from ui.desk.app import create_desk_app
from ui.desk.messages import CallStanding

ENTRY = {"topics": ["phone"], "age_band": "75to84", "channel": "in_person", "outcome": "resolved"}


class Program:
    """A program with a token."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client

    def get(self, path: str) -> TestResponse:
        return self._client.get(f"/api/v1/{path}", headers=PROGRAM)

    def post(self, path: str, body: object = None, *, key: str | None = None) -> TestResponse:
        headers = PROGRAM | ({"Idempotency-Key": key} if key is not None else {})
        return self._client.post(f"/api/v1/{path}", json=body, headers=headers)


@pytest.fixture
def program(client: FlaskClient) -> Program:
    return Program(client)


def code(response: TestResponse) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    assert response.json is not None
    assert response.json["status"] == response.status_code
    assert response.json["title"]
    return response.status_code, response.json["code"]


def made(response: TestResponse, status: int = 201) -> dict[str, object]:
    assert response.status_code == status, response.text
    assert isinstance(response.json, dict)
    return response.json


def test_a_call_is_raised(world: FakeWorld, program: Program) -> None:
    answer = made(program.post("calls", {"button": 1}))
    call = world.desk.board.snapshot.floor.calls[0]
    assert answer == {
        "id": str(call.id),
        "button": 1,
        "state": "raised",
        "raised_at": "2026-11-20T03:00:00Z",
        "waiting_seconds": 0,
        "attended": False,
        "wishes_to_cancel": False,
    }


def test_a_call_is_answered_once(world: FakeWorld, program: Program) -> None:
    call = made(program.post("calls", {"button": 1}))["id"]
    world.clock.advance(seconds=90)
    answered = made(program.post(f"calls/{call}/answer"), 200)
    assert (answered["state"], answered["waiting_seconds"]) == ("answered", 90)
    assert code(program.post(f"calls/{call}/answer")) == (409, "call_already_closed")
    assert code(program.post(f"calls/{call}/cancel")) == (409, "call_already_closed")


def test_a_call_is_cancelled(program: Program) -> None:
    call = made(program.post("calls", {"button": 1}))["id"]
    assert made(program.post(f"calls/{call}/cancel"), 200)["state"] == "cancelled"


def test_a_walk_in_is_served_and_written_down(world: FakeWorld, program: Program) -> None:
    visit = made(program.post("visits"))["id"]
    world.clock.advance(minutes=3)
    saved = made(program.post("consultations", ENTRY | {"visit": visit, "memo": "ひみつ", "people": 2}))
    assert saved["visit"] == visit
    assert world.desk.logged_today()[0].minutes == 3


def test_a_consultation_answers_its_call(world: FakeWorld, program: Program) -> None:
    call = made(program.post("calls", {"button": 1}))["id"]
    made(program.post("consultations", ENTRY | {"call": call}))
    assert world.desk.board.snapshot.floor.calls == ()


def test_a_consultation_is_withdrawn_once(world: FakeWorld, program: Program) -> None:
    saved = made(program.post("consultations", ENTRY))["id"]
    assert made(program.post(f"consultations/{saved}/withdraw"), 200)["withdrawn"] is True
    assert world.desk.logged_today() == []
    assert code(program.post(f"consultations/{saved}/withdraw")) == (409, "already_withdrawn")


@pytest.mark.parametrize("path", ["calls/{}/answer", "calls/{}/cancel", "consultations/{}/withdraw"])
def test_what_is_not_there_is_not_found(program: Program, path: str) -> None:
    status, name = code(program.post(path.format(uuid4())))
    assert status == 404
    assert name.startswith("unknown_")
    assert code(program.post(path.format("x")))[0] == 404


@pytest.mark.parametrize("named", ["visit", "call"])
def test_a_consultation_of_nobody_is_not_found(program: Program, named: str) -> None:
    assert code(program.post("consultations", ENTRY | {named: str(uuid4())}))[0] == 404


def test_the_board_tells_everything_open(world: FakeWorld, program: Program) -> None:
    made(program.post("calls", {"button": 1}))
    made(program.post("visits"))
    world.clock.advance(seconds=61)
    board = made(program.get("board"), 200)
    assert set(board) == {
        "version", "start", "calls", "tickets", "visits", "waiting_minutes", "unsent", "unrecorded", "clock",
        "attended",
    }  # fmt: skip
    assert board["start"] == 1
    assert board["version"] == world.desk.board.snapshot.version
    assert board["clock"] == {"now": "2026-11-20T03:01:01Z", "quality": "staff"}
    assert board["unsent"] == 1
    assert json.dumps(board["calls"]).count('"waiting_seconds": 61') == 1
    assert json.dumps(board["visits"]).count('"service_seconds": 61') == 1


@pytest.mark.parametrize("name", ["topics", "outcomes", "age_bands", "referrals", "channels"])
def test_the_catalogue_is_told(world: FakeWorld, program: Program, name: str) -> None:
    answer = program.get(f"catalogue/{name}").json
    expected = getattr(world.desk.catalogue, name)
    assert isinstance(answer, list)
    assert [(one["id"], one["name"]) for one in answer] == [(one.id, one.name) for one in expected]


def test_an_age_band_tells_its_years(program: Program) -> None:
    bands = program.get("catalogue/age_bands").json
    assert isinstance(bands, list)
    assert {"id": "75to84", "name": "75〜84", "lower": 75, "upper": 84} in bands


def test_health_is_told_to_everybody(client: FlaskClient) -> None:
    for path in ("/healthz", "/api/v1/healthz"):
        assert client.get(path).json == {"status": "ok"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("calls", {"button": 1}),
        ("visits", None),
        ("consultations", ENTRY | {"memo": "長い話"}),
    ],
)
def test_a_repeated_request_makes_nothing_new(world: FakeWorld, program: Program, path: str, body: object) -> None:
    first, second = (made(program.post(path, body, key="one-two")) for _ in range(2))
    assert first == second
    sealed = world.sealer
    assert isinstance(sealed, FakeSealer)
    assert len(sealed.sealed) <= 2


def test_a_repeated_answer_is_no_conflict(program: Program) -> None:
    call = made(program.post("calls", {"button": 1}))["id"]
    first, second = (made(program.post(f"calls/{call}/answer", key="k"), 200) for _ in range(2))
    assert first == second


def test_a_key_with_another_request_behind_it_is_refused(program: Program) -> None:
    made(program.post("calls", {"button": 1}, key="k"))
    assert code(program.post("calls", {"button": 2}, key="k")) == (422, "idempotency_key_reused")
    assert code(program.post("visits", key="k")) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 129, "é", "タ".encode().decode("latin-1")])
def test_a_key_that_cannot_be_kept_is_refused(program: Program, key: str) -> None:
    assert code(program.post("calls", {"button": 1}, key=key)) == (400, "bad_idempotency_key")


def test_the_longest_key_is_kept(program: Program) -> None:
    made(program.post("calls", {"button": 1}, key="~" * 128))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "button"),
        ({"button": "1"}, "button"),
        ({"button": None}, "button"),
        ({"button": 1.5}, "button"),
        ({"button": True}, "button"),
        ({"button": 0}, "button"),
        ({"button": 100}, "button"),
        ({"button": 10**30}, "button"),
        ({"button": 1, "memo": "x"}, "memo"),
    ],
)
def test_a_wrong_call_is_refused_by_field(world: FakeWorld, program: Program, body: object, field: str) -> None:
    response = program.post("calls", body)
    assert code(response)[0] == 422
    assert response.json
    assert response.json["field"] == field
    assert world.desk.board.snapshot.floor.calls == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"topics": []}, "topics"),
        ({"topics": ["phone", "phone"]}, "topics"),
        ({"topics": ["nothing"]}, "topics"),
        ({"topics": "phone"}, "topics"),
        ({"age_band": "60to70"}, "age_band"),
        ({"outcome": "gave_up"}, "outcome"),
        ({"channel": "ひみつ"}, "channel"),
        ({"people": 0}, "people"),
        ({"referred_to": "nowhere"}, "referred_to"),
        ({"memo": "長" * 2001}, "memo"),
        ({"memo": ["ひみつ"]}, "memo"),
        ({"visit": "ひみつ"}, "visit"),
        ({"name": "ひみつ"}, "name"),
    ],
)
def test_a_wrong_consultation_is_refused_by_field_and_not_repeated(
    program: Program, caplog: pytest.LogCaptureFixture, change: dict[str, object], field: str
) -> None:
    with caplog.at_level("DEBUG"):
        response = program.post("consultations", ENTRY | change)
    assert code(response) == (422, "invalid")
    assert response.json
    assert response.json["field"] == field
    assert "ひみつ" not in response.text + caplog.text


@pytest.mark.parametrize("body", ["", "{", "nonsense", '{"button": 1', "\ud800".encode("utf-8", "surrogatepass")])
def test_what_is_not_json_is_refused(client: FlaskClient, body: str | bytes) -> None:
    response = client.post("/api/v1/calls", data=body, headers=PROGRAM, content_type="application/json")
    assert code(response) in {(400, "malformed_json"), (422, "invalid")}


def test_another_media_type_is_refused(client: FlaskClient) -> None:
    response = client.post("/api/v1/calls", data={"button": 1}, headers=PROGRAM)
    assert code(response) == (415, "unsupported_media_type")


def test_too_much_is_refused(client: FlaskClient) -> None:
    body = b'{"button": 1' + b" " * 66_000 + b"}"
    response = client.post("/api/v1/calls", data=body, headers=PROGRAM, content_type="application/json")
    assert code(response) == (413, "too_large")


def test_another_method_is_refused_and_told_which(client: FlaskClient) -> None:
    response = client.delete("/api/v1/calls", headers=PROGRAM)
    assert code(response) == (405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]


def test_an_unknown_path_is_a_problem_document(program: Program) -> None:
    assert code(program.get("horoscope")) == (404, "not_found")


def test_a_full_disk_is_said_and_stops_no_call(world: FakeWorld, program: Program) -> None:
    assert isinstance(world.storage, FakeStorage)
    world.storage.full = True
    assert code(program.post("consultations", ENTRY)) == (507, "storage_full")
    assert code(program.post("visits")) == (507, "storage_full")
    call = made(program.post("calls", {"button": 1}))
    assert call["state"] == "unrecorded"
    assert standing_of_calls(program) == (1, ["unrecorded"])
    world.storage.full = False
    world.desk.calls.record_unrecorded()
    assert standing_of_calls(program) == (0, ["raised"])


def standing_of_calls(program: Program) -> tuple[int, list[str]]:
    board = program.get("board").json
    assert board is not None
    return board["unrecorded"], [call["state"] for call in board["calls"]]


def test_every_state_of_a_call_can_be_told() -> None:
    assert {*CallState, "unrecorded"} == {standing.value for standing in CallStanding}


@pytest.mark.parametrize(
    ("error", "status"), [(StorageFailed("ひみつ"), 503), (SealingFailed("ひみつ"), 503), (RuntimeError("ひみつ"), 500)]
)
def test_a_broken_box_says_so_without_what_was_written(
    world: FakeWorld,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise error

    monkeypatch.setattr(world.sealer, "seal", broken)
    with caplog.at_level("DEBUG"):
        response = program.post("consultations", ENTRY | {"memo": "ひみつ"})
    assert code(response)[0] == status
    assert "ひみつ" not in response.text + caplog.text


def test_moments_are_told_in_utc(program: Program) -> None:
    raised = made(program.post("calls", {"button": 1}))["raised_at"]
    assert isinstance(raised, str)
    assert datetime.fromisoformat(raised).utcoffset() is not None


def test_the_board_tells_of_a_wish_to_cancel(world: FakeWorld, client: FlaskClient) -> None:
    for button in (1, 2):
        world.desk.calls.pressed(button, source=CallSource.BUTTON)
    world.desk.calls.wish_to_cancel(2)
    calls = client.get("/api/v1/board", headers=PROGRAM).get_json()["calls"]
    assert [(call["button"], call["wishes_to_cancel"]) for call in calls] == [(1, False), (2, True)]


def a_button(world: FakeWorld) -> dict[str, str]:
    """The header of a button that comes by HTTP."""
    _, text = world.desk.tokens.issue("よびだしボタン", "button", days=None, by=None)
    return {"Authorization": f"Bearer {text}"}


def test_a_button_by_http_calls_and_can_do_nothing_else(world: FakeWorld) -> None:
    app = create_desk_app(
        world.desk, practice=world.practice, prover=FakeProver(), tokens=world.desk.tokens, secret_key=b"secret"
    )
    client = app.test_client()
    button = a_button(world)
    first, second = (client.post("/api/v1/calls", json={"button": 3}, headers=button) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.get_json()["id"] == second.get_json()["id"]
    assert [call.source for call in world.desk.board.snapshot.floor.calls] == [CallSource.BUTTON]
    path = f"/api/v1/calls/{first.get_json()['id']}/cancel"
    assert client.post(path, headers=button).status_code == 403
    assert client.get("/api/v1/board", headers=button).status_code == 403


def test_a_program_has_the_voice_say_it_again(program: Program, world: FakeWorld) -> None:
    assert made(program.post("voice/again"), 202) == {"repeats": False}
    made(program.post("calls", {"button": 1}))
    assert made(program.post("voice/again"), 202) == {"repeats": True}
    world.open_room()
    world.desk.room.stop()
    assert [how.clearly for _, how in world.voice.deliveries] == [False, True]
