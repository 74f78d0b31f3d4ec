"""Records of a box without a clock: dated once somebody has said the time, and called unsure until then."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from sync.office.office import Office
from sync.office.tables import Record, Shift, Visit
from tests.sync.office.town import NOON, TODAY, TestDesk, Town, wall_ms

EPOCH = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
"""What a box without a clock chip thinks after five minutes."""
MINUTE = timedelta(minutes=1)
LONG_AGO = EPOCH.date()


@pytest.fixture
def unsure(desk: TestDesk) -> TestDesk:
    desk.quality = "unknown"
    return desk


def filed(town: Town, *desks: TestDesk) -> Office:
    office = town.office()
    for desk in desks:
        office.take(desk.epochs, desk.bodies)
    return office


def test_what_nobody_vouches_for_is_counted_and_told(town: Town, unsure: TestDesk) -> None:
    unsure.visit(at=EPOCH)
    unsure.call(at=EPOCH)
    found = filed(town, unsure).statistics(LONG_AGO, LONG_AGO)
    assert (found.visits, found.calls, found.unsure_clock) == (1, 1, 2)
    assert town.office().reconcile(LONG_AGO, LONG_AGO)[0].unsure_clock == 2


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_word_on_the_time_dates_what_was_recorded_before_and_after_it(
    town: Town, unsure: TestDesk, order: list[int]
) -> None:
    unsure.visit(at=EPOCH)
    unsure.anchor(NOON, shown=EPOCH + 10 * MINUTE)
    unsure.visit(at=EPOCH + 13 * 60 * MINUTE)  # after midnight in Japan
    office = town.office()
    for index in order:
        office.take(unsure.epochs, [unsure.bodies[index]])
    found = office.statistics(LONG_AGO, TODAY + timedelta(days=9))
    assert found.by_day == {TODAY: 1, TODAY + timedelta(days=1): 1}
    assert found.unsure_clock == 0


def test_the_time_a_box_thought_it_was_is_kept(town: Town, unsure: TestDesk) -> None:
    visit = unsure.visit(at=EPOCH)
    unsure.anchor(NOON, shown=EPOCH + 10 * MINUTE)
    filed(town, unsure)
    row = Record.get_by_id(visit.hex())
    assert (row.wall_ms, row.clock_quality) == (wall_ms(EPOCH), "unknown")
    assert (row.at_ms, row.unsure, row.day) == (wall_ms(NOON - 10 * MINUTE), False, TODAY)


def test_a_wall_clock_that_jumps_between_two_records_moves_neither(town: Town, unsure: TestDesk) -> None:
    unsure.mono_ms = 60_000
    unsure.visit(at=EPOCH)
    unsure.mono_ms = 120_000
    unsure.visit(at=EPOCH + timedelta(days=365))
    unsure.mono_ms = 180_000
    unsure.anchor(NOON, shown=EPOCH - timedelta(days=365))
    assert filed(town, unsure).statistics(TODAY, TODAY).visits == 2


def test_a_word_on_the_time_says_nothing_about_another_boot(town: Town, unsure: TestDesk) -> None:
    unsure.visit(at=EPOCH)
    unsure.boot = 2
    unsure.anchor(NOON, shown=EPOCH)
    unsure.visit(at=EPOCH)
    office = filed(town, unsure)
    assert office.statistics(LONG_AGO, LONG_AGO).unsure_clock == 1
    assert office.statistics(TODAY, TODAY).visits == 1


def test_a_word_on_the_time_leaves_a_trusted_clock_alone(town: Town, desk: TestDesk) -> None:
    desk.visit(at=NOON)
    desk.anchor(NOON + timedelta(days=3), shown=NOON)
    assert filed(town, desk).statistics(TODAY, TODAY).visits == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_two_words_on_the_time_the_newest_counts(town: Town, unsure: TestDesk, order: list[int]) -> None:
    unsure.visit(at=EPOCH)
    unsure.anchor(NOON - timedelta(days=300), shown=EPOCH + MINUTE)
    unsure.anchor(NOON, shown=EPOCH + 2 * MINUTE)
    office = town.office()
    for index in order:
        office.take(unsure.epochs, [unsure.bodies[index]])
    assert office.statistics(TODAY, TODAY).visits == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_word_on_the_time_that_was_taken_back_dates_nothing(town: Town, unsure: TestDesk, order: list[int]) -> None:
    unsure.visit(at=EPOCH)
    unsure.withdraw(unsure.anchor(NOON, shown=EPOCH))
    office = town.office()
    for index in order:
        office.take(unsure.epochs, [unsure.bodies[index]])
    assert office.statistics(LONG_AGO, LONG_AGO).unsure_clock == 1
    assert office.statistics(TODAY, TODAY).visits == 0


def test_two_boxes_with_unsure_clocks_are_dated_each_by_its_own_people(town: Town) -> None:
    told, untold = TestDesk(2), TestDesk(3, facility="toshokan", facility_name="図書館")
    town.admit(told, untold)
    for desk in (told, untold):
        desk.quality = "unknown"
        desk.served(at=EPOCH)
    told.anchor(NOON, shown=EPOCH)
    office = filed(town, told, untold)
    assert office.statistics(TODAY, TODAY).by_facility == {"chuo": 1}
    assert office.statistics(TODAY, TODAY).unsure_clock == 0
    left = office.statistics(LONG_AGO, LONG_AGO)
    assert (left.by_facility, left.unsure_clock) == ({"toshokan": 1}, 2)
    assert office.statistics(LONG_AGO, LONG_AGO, facility="chuo").unsure_clock == 0


def test_the_boots_of_a_new_database_are_not_those_of_the_old_one(town: Town, unsure: TestDesk) -> None:
    unsure.anchor(NOON, shown=EPOCH)
    again = TestDesk(1, life=2)
    again.quality = "unknown"
    again.visit(at=EPOCH)
    assert filed(town, unsure, again).statistics(LONG_AGO, LONG_AGO).unsure_clock == 1


def test_a_correction_is_as_sure_as_the_record_whose_day_it_has(town: Town, unsure: TestDesk) -> None:
    visit = unsure.visit(at=EPOCH)
    first = unsure.consultation(visit, at=EPOCH)
    unsure.quality = "staff"
    unsure.correction(first, visit, topics=("other",))
    office = filed(town, unsure)
    assert office.statistics(TODAY, TODAY).consultations == 0
    found = office.statistics(LONG_AGO, LONG_AGO)
    assert (found.by_topic, found.unsure_clock) == ({"other": 1}, 2)


def test_an_absurd_word_on_the_time_dates_nothing(town: Town, unsure: TestDesk) -> None:
    unsure.visit(at=EPOCH)
    unsure.record("clock_anchor", {"said_ms": 2**62, "shown_ms": 0, "by": "facility_staff"})
    assert filed(town, unsure).statistics(LONG_AGO, LONG_AGO).unsure_clock == 1


def test_shifts_are_dated_as_everything_else(town: Town, unsure: TestDesk) -> None:
    unsure.shift(b"\x01" * 16, at=EPOCH)
    unsure.anchor(NOON, shown=EPOCH)
    office = filed(town, unsure)
    assert [role.shifts for role in office.staffing(TODAY, TODAY)] == [1]
    assert (Shift.select().count(), Visit.select().count()) == (1, 0)
