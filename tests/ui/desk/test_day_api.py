from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from appliance.desk.facts.call import CallSource
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.staff import StaffRole
from tests.fakes import NOON, FakeWorld
from tests.ui.people import PROGRAM

ENTRY = ConsultationEntry(topics=("phone",), age_band="75to84", outcome="resolved", people=2)
TALLY = {"day": "2026-11-19", "visits": 4, "people": 5, "topics": {"phone": 3}}


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


def refused(response: TestResponse) -> tuple[int, str, str | None]:
    assert response.json is not None
    return response.status_code, response.json["code"], response.json.get("field")


def test_a_program_opens_the_desk_by_its_watch(world: FakeWorld, program: Program) -> None:
    answer = program.post("openings", {"said": "2026-11-21T09:58:00+09:00"})
    assert (answer.status_code, answer.json) == (
        201,
        {"day": "2026-11-21", "opened_at": "2026-11-21T00:58:00Z", "closed_at": None, "quality": "staff"},
    )
    assert world.clock.now().wall == NOON + timedelta(hours=21, minutes=58)


def test_without_a_watch_it_vouches_for_the_desks_own_clock(program: Program) -> None:
    assert program.post("openings", {}).json == {
        "day": "2026-11-20",
        "opened_at": "2026-11-20T03:00:00Z",
        "closed_at": None,
        "quality": "staff",
    }


@pytest.mark.parametrize(
    "said",
    ["2026-11-21T09:58:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "x", 1],
)
def test_a_time_no_watch_shows_is_refused(world: FakeWorld, program: Program, said: object) -> None:
    assert program.post("openings", {"said": said}).status_code == 422
    assert world.storage.unsent() == 0


def test_a_day_is_closed_once_by_one_key(world: FakeWorld, program: Program) -> None:
    world.desk.consultations.log(ENTRY, by=StaffRole.PROMOTION_VOLUNTEER)
    first, again = (program.post("closings", key="close") for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json is not None
    assert first.json | {"id": ""} == {
        "id": "",
        "day": "2026-11-20",
        "visits": 1,
        "people": 2,
        "calls_unattended": 0,
        "unsent": 3,
    }
    assert world.storage.unsent() == 3


def test_a_day_with_something_open_is_not_closed(world: FakeWorld, program: Program) -> None:
    world.desk.board.show(staff_present=1)
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    assert refused(program.post("closings")) == (409, "open_items", None)


def test_a_day_in_numbers(world: FakeWorld, program: Program) -> None:
    world.desk.consultations.log(ENTRY, by=StaffRole.PROMOTION_VOLUNTEER)
    program.post("calls", {"button": 1})
    tally = program.post("tallies", TALLY | {"day": "2026-11-20"}).json
    answer = program.get("day?date=2026-11-20")
    assert answer.json == program.get("day").json
    assert answer.json == {
        "day": "2026-11-20",
        "opening": None,
        "visits": 1,
        "people": 2,
        "consultations": 1,
        "calls": 1,
        "calls_unattended": 1,
        "by_topic": {"phone": 1},
        "by_age_band": {"75to84": 1},
        "by_outcome": {"resolved": 1},
        "waiting_minutes": {"n": 0, "median": None},
        "tallies": [tally],
        "unsure": 0,
    }


@pytest.mark.parametrize("date", ["", "today", "2026-13-01", "1999-12-31", "9999-12-31"])
def test_a_day_that_is_none_is_refused(program: Program, date: str) -> None:
    assert refused(program.get(f"day?date={date}")) == (422, "invalid", "date")


def test_a_tally_is_entered_once_and_taken_back_once(program: Program) -> None:
    first, again = (program.post("tallies", TALLY, key="paper") for _ in range(2))
    assert first.status_code == 201
    assert first.json == again.json
    assert first.json is not None
    assert first.json | {"id": ""} == TALLY | {"id": "", "age_bands": {}, "withdrawn": False}
    path = f"tallies/{first.json['id']}/withdraw"
    assert program.post(path).json == first.json | {"withdrawn": True}
    assert refused(program.post(path)) == (409, "already_withdrawn", None)
    assert refused(program.post(f"tallies/{uuid4()}/withdraw")) == (404, "unknown_tally", None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day": "2026-11-21"}, "day"),
        ({"day": "0001-01-01"}, "day"),
        ({"visits": 10**30}, "visits"),
        ({"people": 0}, "people"),
        ({"topics": {"tea": 1}}, "topics"),
        ({"age_bands": {"75to84": -1}}, "age_bands"),
    ],
)
def test_a_tally_that_cannot_be_right_is_refused_by_name(
    world: FakeWorld, program: Program, changes: dict[str, object], field: str
) -> None:
    status, code, named = refused(program.post("tallies", TALLY | changes))
    assert (status, code) == (422, "invalid")
    assert named is not None
    assert named.endswith(field)
    assert world.storage.unsent() == 0
