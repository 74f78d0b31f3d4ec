from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from appliance.desk.errors import AlreadyWithdrawn, Invalid, UnknownTally
from appliance.desk.facts.day import Tally
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.withdrawal import Withdrawal
from appliance.desk.ports import Once
from appliance.desk.reception.tallies import TallyEntry
from tests.fakes import FakeSealer, FakeStorage, FakeWorld, build_world

STAFF = StaffRole.FACILITY_STAFF
TODAY = date(2026, 11, 20)
ENTRY = TallyEntry(
    day=TODAY - timedelta(days=3),
    visits=4,
    people=5,
    topics={"phone": 3, "password": 0},
    age_bands={"75to84": 4, "unknown": 1},
)
ONCE = Once(key="one", fingerprint=b"body")


@pytest.fixture
def world() -> FakeWorld:
    return build_world()


def test_a_tally_is_sealed_and_stands_on_the_sheet_of_its_day_beside_the_visits(world: FakeWorld) -> None:
    tally = world.desk.tallies.enter(ENTRY, by=STAFF)
    assert isinstance(world.sealer, FakeSealer)
    assert world.sealer.sealed == [tally]
    assert (tally.topics, tally.age_bands) == ((("phone", 3),), (("75to84", 4), ("unknown", 1)))
    sheet = world.desk.opening.sheet(ENTRY.day)
    assert list(sheet.tallies) == [tally]
    assert (sheet.visits, sheet.waiting.n) == (0, 0)


def test_two_sheets_of_paper_of_one_day_stand_both(world: FakeWorld) -> None:
    world.desk.tallies.enter(ENTRY, by=STAFF)
    world.desk.tallies.enter(ENTRY, by=STAFF)
    assert len(world.desk.opening.sheet(ENTRY.day).tallies) == 2


def test_one_request_enters_one_tally(world: FakeWorld) -> None:
    first = world.desk.tallies.enter(ENTRY, by=STAFF, once=ONCE)
    assert world.desk.tallies.enter(ENTRY, by=STAFF, once=ONCE) == first
    assert len(world.desk.opening.sheet(ENTRY.day).tallies) == 1


def test_a_withdrawn_tally_counts_no_more_and_its_body_is_gone(world: FakeWorld) -> None:
    tally = world.desk.tallies.enter(ENTRY, by=STAFF)
    taken = world.desk.tallies.withdraw(tally.id, once=ONCE)
    assert taken == replace(tally, withdrawn=True)
    assert world.desk.tallies.withdraw(tally.id, once=ONCE) == taken
    assert list(world.desk.opening.sheet(ENTRY.day).tallies) == []
    assert isinstance(world.sealer, FakeSealer)
    fact = world.sealer.sealed[-1]
    assert isinstance(fact, Withdrawal)
    assert fact.of == tally.id
    assert isinstance(world.storage, FakeStorage)
    assert world.storage.tables.records[tally.id] is None
    with pytest.raises(AlreadyWithdrawn):
        world.desk.tallies.withdraw(tally.id)
    with pytest.raises(UnknownTally):
        world.desk.tallies.withdraw(uuid4())


@pytest.mark.parametrize("ago", [0, 92])
def test_the_first_and_the_last_day_that_may_be_entered(world: FakeWorld, ago: int) -> None:
    tally = world.desk.tallies.enter(replace(ENTRY, day=TODAY - timedelta(days=ago)), by=STAFF)
    assert isinstance(tally, Tally)


@pytest.mark.parametrize(
    ("field", "entry"),
    [
        ("day", replace(ENTRY, day=TODAY + timedelta(days=1))),
        ("day", replace(ENTRY, day=TODAY - timedelta(days=93))),
        ("visits", replace(ENTRY, visits=0)),
        ("visits", replace(ENTRY, visits=501)),
        ("people", replace(ENTRY, people=3)),
        ("people", replace(ENTRY, people=501)),
        ("topics", replace(ENTRY, topics={"tea": 1})),
        ("topics", replace(ENTRY, topics={"phone": -1})),
        ("topics", replace(ENTRY, topics={"phone": 6})),
        ("age_bands", replace(ENTRY, age_bands={"0to100": 1})),
        ("age_bands", replace(ENTRY, age_bands={"75to84": 4, "unknown": 2})),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(world: FakeWorld, field: str, entry: TallyEntry) -> None:
    with pytest.raises(Invalid) as refused:
        world.desk.tallies.enter(entry, by=STAFF)
    assert refused.value.field == field
    assert world.storage.unsent() == 0
