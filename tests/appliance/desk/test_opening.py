from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from appliance.desk.errors import Conflict, Invalid, OpenItems, StorageFull, UnknownVisit
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.day import ClockAnchor, DayClosed
from appliance.desk.facts.fact import Fact
from appliance.desk.facts.moment import ClockQuality
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.visit import JAPAN, Visit
from appliance.desk.ports import Once
from appliance.store.store import Store
from tests.fakes import NOON, FakeClock, FakeSealer, FakeStorage, FakeWorld, build_world

STAFF = StaffRole.FACILITY_STAFF
VOLUNTEER = StaffRole.PROMOTION_VOLUNTEER
FRIDAY = date(2026, 11, 20)
ENTRY = ConsultationEntry(topics=("phone", "password"), age_band="75to84", outcome="resolved", people=2)
ONCE = Once(key="one", fingerprint=b"body")


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeWorld]:
    """The numbers of a day must come out the same over the fake rows and the real ones."""
    if request.param == "fake":
        yield build_world()
    else:
        with closing(Store(tmp_path / "desk.db")) as store:
            yield build_world(storage=store)


def sealed(world: FakeWorld) -> list[Fact]:
    assert isinstance(world.sealer, FakeSealer)
    return world.sealer.sealed


def unsure(clock: FakeClock, **off: float) -> FakeClock:
    """The same clock, that far off and with nobody to vouch for it."""
    clock.moment = replace(clock.moment, wall=clock.moment.wall + timedelta(**off), quality=ClockQuality.UNKNOWN)
    return clock


def serve(world: FakeWorld, **changes: int) -> UUID:
    """Somebody presses, is answered after two minutes and served for ten."""
    world.desk.board.show(staff_present=1)
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    world.clock.advance(minutes=2)
    world.desk.calls.answer(call.id, by=VOLUNTEER)
    world.clock.advance(minutes=10)
    return world.desk.consultations.log(replace(ENTRY, **changes), by=VOLUNTEER, call=call.id).id  # type: ignore[arg-type]


def test_saying_yes_vouches_for_the_clock(world: FakeWorld) -> None:
    unsure(world.clock)
    opening = world.desk.opening.open(by=STAFF)
    assert opening.day == FRIDAY
    assert opening.opened.wall == NOON
    assert world.clock.now().quality is ClockQuality.STAFF
    (anchor,) = sealed(world)
    assert isinstance(anchor, ClockAnchor)
    assert (anchor.said, anchor.shown, anchor.by) == (NOON, NOON, STAFF)


def test_a_typed_time_moves_the_clock_from_then_on(world: FakeWorld) -> None:
    unsure(world.clock, days=-365)
    said = datetime(2026, 11, 21, 9, 58, tzinfo=JAPAN)
    opening = world.desk.opening.open(by=STAFF, said=said)
    world.clock.advance(minutes=3)
    assert opening.day == date(2026, 11, 21)
    assert world.clock.now().wall == said + timedelta(minutes=3)
    assert world.desk.opening.today == opening
    (anchor,) = sealed(world)
    assert isinstance(anchor, ClockAnchor)
    assert anchor.shown == NOON - timedelta(days=365)


def test_a_network_that_keeps_the_clock_right_stays_in_charge_after_a_yes(world: FakeWorld) -> None:
    world.clock.moment = replace(world.clock.moment, quality=ClockQuality.SYNCHRONISED)
    world.desk.opening.open(by=STAFF)
    assert world.clock.now().quality is ClockQuality.SYNCHRONISED


@pytest.mark.parametrize("said", [datetime(2025, 12, 31, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)])
def test_no_watch_shows_another_century(world: FakeWorld, said: datetime) -> None:
    with pytest.raises(Invalid, match="said"):
        world.desk.opening.open(by=STAFF, said=said)
    assert sealed(world) == []


def test_opening_twice_by_one_press_is_one_opening(world: FakeWorld) -> None:
    first = world.desk.opening.open(by=STAFF, once=ONCE)
    world.clock.advance(minutes=1)
    assert world.desk.opening.open(by=STAFF, once=ONCE) == first
    assert len(sealed(world)) == 1


def test_a_refused_disk_leaves_the_clock_as_it_was() -> None:
    storage = FakeStorage()
    world = build_world(storage=storage, clock=unsure(FakeClock()))
    storage.full = True
    with pytest.raises(StorageFull):
        world.desk.opening.open(by=STAFF, said=NOON + timedelta(days=1))
    assert world.clock.now().wall == NOON
    assert world.desk.opening.today is None


def test_a_corrected_time_corrects_when_the_day_began(world: FakeWorld) -> None:
    world.desk.opening.open(by=STAFF)
    world.clock.advance(minutes=10)
    opening = world.desk.opening.open(by=STAFF, said=NOON + timedelta(hours=1, minutes=10))
    assert opening.opened.wall == NOON + timedelta(hours=1)


def test_the_numbers_of_the_day_come_from_the_rows(world: FakeWorld) -> None:
    world.desk.opening.open(by=STAFF)
    world.desk.calls.pressed(2, source=CallSource.BUTTON)  # nobody is there yet
    serve(world)
    mistaken = serve(world, people=5)
    world.desk.consultations.withdraw(mistaken)
    visit = world.desk.board.snapshot.floor.visits[0]
    world.desk.consultations.log(replace(ENTRY, topics=("phone",), people=3), by=VOLUNTEER, visit=visit.id)
    sheet = world.desk.opening.sheet(FRIDAY)
    assert (sheet.visits, sheet.people, sheet.consultations) == (2, 5, 2)
    assert sheet.by_topic == {"phone": 2, "password": 1}
    assert sheet.by_age_band == {"75to84": 2}
    assert sheet.by_outcome == {"resolved": 2}
    assert (sheet.calls, sheet.calls_unattended) == (3, 1)
    assert (sheet.waiting.n, sheet.waiting.median_minutes) == (2, 2.0)
    assert sheet.unsure == 0
    assert sheet.opening is not None


def test_a_corrected_consultation_counts_once_and_on_the_day_of_its_visit(world: FakeWorld) -> None:
    made = serve(world)
    world.clock.advance(days=1)
    world.desk.consultations.correct(made, replace(ENTRY, topics=("password",)))
    assert world.desk.opening.sheet(FRIDAY).by_topic == {"password": 1}
    assert world.desk.opening.sheet(FRIDAY + timedelta(days=1)).consultations == 0


def test_an_empty_day_has_a_sheet_too(world: FakeWorld) -> None:
    sheet = world.desk.opening.sheet(FRIDAY)
    assert (sheet.visits, sheet.people, sheet.waiting.median_minutes, sheet.opening) == (0, 0, None, None)


def test_closing_says_what_the_day_came_to(world: FakeWorld) -> None:
    opening = world.desk.opening.open(by=STAFF)
    serve(world)
    unsent = world.storage.unsent()
    closed = world.desk.opening.close()
    assert (closed.day, closed.visits, closed.people, closed.opened) == (FRIDAY, 1, 2, opening.opened)
    fact = sealed(world)[-1]
    assert isinstance(fact, DayClosed)
    assert (fact.id, fact.unsent) == (closed.id, unsent)
    assert closed.unsent == unsent + 1  # the closing itself waits for the town too
    assert world.desk.opening.today is not None
    assert world.desk.opening.today.closed == fact.at


def test_closing_waits_for_open_calls_and_visits(world: FakeWorld) -> None:
    world.desk.board.show(staff_present=1)
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    assert [one.id for one in world.desk.opening.closing_list().calls] == [call.id]
    with pytest.raises(OpenItems):
        world.desk.opening.close()
    world.desk.calls.answer(call.id, by=VOLUNTEER)
    (visit,) = world.desk.opening.closing_list().visits
    with pytest.raises(OpenItems):
        world.desk.opening.close()
    world.desk.opening.end_unwritten(visit.id)
    assert world.desk.opening.closing_list().is_done
    assert world.desk.opening.close().visits == 1


def test_a_call_that_nobody_heard_holds_nobody_up(world: FakeWorld) -> None:
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    assert world.desk.opening.closing_list().is_done
    assert world.desk.opening.close().calls_unattended == 1


def test_a_visit_without_a_record_counts_but_its_time_does_not(world: FakeWorld) -> None:
    visit = world.desk.consultations.walk_in()
    world.clock.advance(hours=3)
    ended = world.desk.opening.end_unwritten(visit.id, once=ONCE)
    assert world.desk.opening.end_unwritten(visit.id, once=ONCE) == ended
    (fact,) = sealed(world)
    assert isinstance(fact, Visit)
    assert fact.ended is not None
    assert not fact.service_time(fact.ended).honest
    with pytest.raises(Conflict):
        world.desk.opening.end_unwritten(visit.id)
    with pytest.raises(UnknownVisit):
        world.desk.opening.end_unwritten(UUID(int=1))
    sheet = world.desk.opening.sheet(FRIDAY)
    assert (sheet.visits, sheet.people, sheet.consultations) == (1, 1, 0)


def test_closing_twice_by_one_press_seals_once_and_lets_go_twice(world: FakeWorld) -> None:
    left: list[str] = []
    world.desk.opening.at_closing += [lambda: left.append("shifts"), lambda: left.append("key")]
    world.desk.opening.open(by=STAFF)
    for _ in range(2):
        world.desk.opening.close(once=ONCE)
    assert len(sealed(world)) == 2
    assert left == ["shifts", "key"] * 2


def test_nobody_leaves_before_the_day_is_stored() -> None:
    storage, left = FakeStorage(), [""]
    world = build_world(storage=storage)
    world.desk.opening.at_closing.append(lambda: left.append("gone"))
    storage.full = True
    with pytest.raises(StorageFull):
        world.desk.opening.close()
    assert left == [""]


def test_a_day_can_be_opened_again(world: FakeWorld) -> None:
    first = world.desk.opening.open(by=STAFF)
    serve(world)
    world.desk.opening.close()
    again = world.desk.opening.open(by=STAFF)
    assert again == first
    serve(world)
    assert world.desk.opening.close().visits == 2


def test_a_box_switched_off_at_noon_goes_on_with_the_same_day(world: FakeWorld) -> None:
    first = world.desk.opening.open(by=STAFF)
    serve(world)
    world.clock.reboot(minutes=5)
    again = world.desk.opening.open(by=STAFF, said=NOON + timedelta(hours=1))
    assert again == first
    serve(world)
    closed = world.desk.opening.close()
    assert (closed.day, closed.visits, closed.opened) == (FRIDAY, 2, first.opened)


def test_a_desk_that_was_never_opened_can_be_closed(world: FakeWorld) -> None:
    closed = world.desk.opening.close()
    assert (closed.day, closed.opened) == (FRIDAY, None)
    assert world.desk.opening.today is None


def test_a_day_that_lasts_over_midnight_is_closed_as_the_day_it_began(world: FakeWorld) -> None:
    world.desk.opening.open(by=STAFF)
    serve(world)
    world.clock.advance(hours=12)
    closed = world.desk.opening.close()
    assert (closed.day, closed.visits) == (FRIDAY, 1)


def test_a_day_nobody_closed_is_not_closed_the_day_after(world: FakeWorld) -> None:
    world.desk.opening.open(by=STAFF)
    world.clock.advance(hours=20)
    assert world.desk.opening.close().day == FRIDAY + timedelta(days=1)
    world.clock.reboot(hours=1)
    assert world.desk.opening.close().opened is None


def test_midnight_parts_two_days(world: FakeWorld) -> None:
    world.clock.advance(hours=11, minutes=40)
    serve(world)
    serve(world)
    assert world.desk.opening.sheet(FRIDAY).visits == 1
    assert world.desk.opening.sheet(FRIDAY + timedelta(days=1)).visits == 1


@pytest.mark.parametrize("off", [-365, 365])
def test_a_clock_a_year_off_puts_what_came_before_the_opening_on_the_right_day(world: FakeWorld, off: int) -> None:
    unsure(world.clock, days=off)
    serve(world)
    world.desk.opening.open(by=STAFF, said=NOON + timedelta(minutes=12))
    serve(world)
    sheet = world.desk.opening.sheet(FRIDAY)
    assert (sheet.visits, sheet.calls, sheet.unsure) == (2, 2, 0)
    assert (sheet.waiting.n, sheet.waiting.median_minutes) == (2, 2.0)
    assert world.desk.opening.sheet(FRIDAY + timedelta(days=off)).visits == 0


def test_after_a_night_switched_off_the_first_press_belongs_to_the_morning(world: FakeWorld) -> None:
    world.desk.opening.open(by=STAFF)
    serve(world)
    world.clock.reboot(minutes=1)  # the box believes that only a minute has passed
    serve(world)
    morning = datetime(2026, 11, 21, 10, 0, tzinfo=JAPAN)
    world.desk.opening.open(by=STAFF, said=morning)
    assert world.desk.opening.sheet(FRIDAY).visits == 1
    assert world.desk.opening.sheet(date(2026, 11, 21)).visits == 1


def test_a_visit_over_a_reboot_enters_no_average(world: FakeWorld) -> None:
    world.desk.board.show(staff_present=1)
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    world.clock.reboot(days=365)
    world.desk.calls.answer(call.id, by=VOLUNTEER)
    assert world.desk.opening.sheet(FRIDAY).waiting.n == 0


def test_what_no_clock_vouches_for_is_counted_as_unsure(world: FakeWorld) -> None:
    unsure(world.clock)
    serve(world)
    assert world.desk.opening.sheet(FRIDAY).unsure == 2


def test_the_newest_word_on_the_time_counts(world: FakeWorld) -> None:
    unsure(world.clock)
    serve(world)
    world.desk.opening.open(by=STAFF, said=NOON + timedelta(days=9))
    opening = world.desk.opening.open(by=STAFF, said=NOON + timedelta(minutes=13))
    assert opening.opened.wall == NOON + timedelta(minutes=13)
    assert list(world.storage.day_rows(FRIDAY).openings) == [opening]
    assert world.desk.opening.sheet(FRIDAY).visits == 1


def test_yesterdays_opening_is_no_slip_of_today(world: FakeWorld) -> None:
    world.desk.opening.open(by=STAFF)
    world.clock.advance(days=1)
    world.desk.opening.open(by=STAFF)
    assert [opening.day.day for opening in world.storage.day_rows(FRIDAY).openings] == [20, 21]


def test_the_order_never_depends_on_the_wall_clock(world: FakeWorld) -> None:
    unsure(world.clock)
    first = serve(world)
    world.desk.opening.open(by=STAFF, said=NOON - timedelta(hours=2))
    second = serve(world)
    rows = world.storage.day_rows(FRIDAY)
    assert [consultation.id for consultation in rows.consultations] == [first, second]
    assert [visit.id for visit in rows.visits] == [consultation.visit for consultation in rows.consultations]


def test_the_desk_knows_its_opening_again_after_a_restart(tmp_path: Path) -> None:
    clock = FakeClock()
    with closing(Store(tmp_path / "desk.db")) as store:
        opening = build_world(storage=store, clock=clock).desk.opening.open(by=STAFF)
    with closing(Store(tmp_path / "desk.db")) as store:
        assert build_world(storage=store, clock=clock).desk.opening.today == opening
