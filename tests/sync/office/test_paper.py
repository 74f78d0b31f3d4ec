"""What was counted on paper counts on its own day, can be told apart, and knows nothing of time."""

from datetime import date

import pytest

from sync.office.office import Office
from sync.office.paper import FromPaper
from sync.office.tables import Aside, Tally, TallyAgeBand, TallyTopic
from tests.sync.office.town import TODAY, TestDesk, Town

THEN = date(2026, 11, 13)


def filed(town: Town, *desks: TestDesk) -> Office:
    office = town.office()
    for desk in desks:
        office.take(desk.epochs, desk.bodies)
    return office


def test_a_tally_counts_on_the_day_it_names(town: Town, desk: TestDesk) -> None:
    desk.tally("2026-11-13", visits=4, people=6, topics={"phone": 3, "other": 0}, age_bands={"65to74": 5})
    office = filed(town, desk)
    found = office.statistics(THEN, THEN)
    assert (found.visits, found.people, found.consultations, found.calls) == (4, 6, 0, 0)
    assert (found.by_topic, found.by_age_band) == ({"phone": 3}, {"65to74": 5})
    assert (found.by_facility, found.by_day, found.by_outcome) == ({"chuo": 4}, {THEN: 4}, {})
    assert found.from_paper == FromPaper(visits=4, people=6)
    assert office.statistics(TODAY, TODAY).visits == 0


def test_paper_is_added_to_what_the_desk_recorded_and_can_be_taken_off_again(town: Town, desk: TestDesk) -> None:
    desk.consultation(desk.visit(people=2), topics=("phone",), age_band="65to74")
    desk.tally("2026-11-21", visits=3, people=3, topics={"phone": 2}, age_bands={"65to74": 1})
    desk.tally("2026-11-21", visits=1, people=1)
    found = filed(town, desk).statistics(TODAY, TODAY)
    assert (found.visits, found.people, found.consultations) == (5, 6, 1)
    assert (found.by_topic, found.by_age_band, found.by_day) == ({"phone": 3}, {"65to74": 2}, {TODAY: 5})
    assert (found.visits - found.from_paper.visits, found.people - found.from_paper.people) == (1, 2)


def test_paper_is_in_no_average(town: Town, desk: TestDesk) -> None:
    desk.visit(seconds=600)
    desk.tally("2026-11-21", visits=50, people=50)
    found = filed(town, desk).statistics(TODAY, TODAY)
    assert (found.service_minutes.n, found.waiting_minutes.n) == (1, 0)


def test_paper_says_not_which_visit_was_about_what(town: Town, desk: TestDesk) -> None:
    desk.tally("2026-11-21", visits=3, people=3, topics={"phone": 2})
    office = filed(town, desk)
    found = office.statistics(TODAY, TODAY, topic="phone")
    assert (found.visits, found.by_topic, found.from_paper) == (0, {}, FromPaper())
    assert office.topics() == {"phone"}


def test_paper_belongs_to_the_facility_of_its_desk(town: Town, desk: TestDesk) -> None:
    other = TestDesk(2, facility="toshokan", facility_name="図書館")
    town.admit(other)
    desk.tally("2026-11-21", visits=1, people=1)
    other.tally("2026-11-21", visits=2, people=2)
    office = filed(town, desk, other)
    assert office.statistics(TODAY, TODAY).by_facility == {"chuo": 1, "toshokan": 2}
    assert office.statistics(TODAY, TODAY, facility="toshokan").from_paper == FromPaper(visits=2, people=2)


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_tally_can_be_withdrawn(town: Town, desk: TestDesk, order: list[int]) -> None:
    desk.withdraw(desk.tally("2026-11-21", topics={"phone": 2}, age_bands={"to39": 1}))
    office = town.office()
    for index in order:
        office.take(desk.epochs, [desk.bodies[index]])
    found = office.statistics(TODAY, TODAY)
    assert (found.visits, found.by_topic, found.from_paper) == (0, {}, FromPaper())
    assert [table.select().count() for table in (Tally, TallyTopic, TallyAgeBand)] == [0, 0, 0]


@pytest.mark.parametrize("day", ["21 November", "2026-11-31", "20261121", "2026-W47-6"])
@pytest.mark.parametrize("kind", ["tally", "day_closed"])
def test_a_day_that_is_none_is_put_aside(town: Town, desk: TestDesk, day: str, kind: str) -> None:
    if kind == "tally":
        desk.tally(day)
    else:
        desk.day_closed(day)
    desk.visit()
    office = filed(town, desk)
    assert [aside.reason for aside in Aside.select()] == ["malformed_message"]
    assert office.reconcile(TODAY, TODAY)[0].set_aside == 1
    assert office.statistics(TODAY, TODAY).visits == 1


def test_absurd_numbers_break_no_page(town: Town, desk: TestDesk) -> None:
    for _ in range(3):
        desk.tally("2026-11-21", visits=2**62, people=2**63 - 1)
        desk.visit(people=2**63 - 1)
    assert filed(town, desk).statistics(TODAY, TODAY).people > 2**63
