"""A correction takes the place of what it names, in whatever order things arrive, and what was said before stays."""

from datetime import date, timedelta
from itertools import permutations

import pytest

from sync.office.statistics import Statistics
from sync.office.tables import Consultation, Memo, Record
from tests.sync.office.town import NOON, TODAY, TestDesk, Town

DAY = timedelta(days=1)


def counted(town: Town, *desks: TestDesk) -> Statistics:
    office = town.office()
    for desk in desks:
        office.take(desk.epochs, desk.bodies)
    return office.statistics(TODAY, TODAY)


def standing() -> list[str]:
    return [row.record for row in Consultation.select().where(Consultation.superseded_by.is_null())]


def test_a_correction_counts_instead_of_the_record_it_names(town: Town, desk: TestDesk) -> None:
    visit = desk.visit()
    first = desk.consultation(visit, topics=("phone",), age_band="to39", outcome="resolved")
    then = desk.correction(first, visit, topics=("password", "other"), age_band="65to74", outcome="referred")
    found = counted(town, desk)
    assert (found.visits, found.consultations) == (1, 1)
    assert found.by_topic == {"other": 1, "password": 1}
    assert (found.by_age_band, found.by_outcome) == ({"65to74": 1}, {"referred": 1})
    assert Consultation.get_by_id(first.hex()).superseded_by == then.hex()
    assert {row.state for row in Record.select()} == {"opened"}


def test_the_rows_of_what_was_superseded_stay(town: Town, desk: TestDesk) -> None:
    visit = desk.visit()
    first = desk.consultation(visit, memo="before")
    desk.correction(first, visit, memo="after")
    counted(town, desk)
    assert sorted(row.words for row in Memo.select()) == ["after", "before"]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_last_of_a_chain_counts_in_every_order_of_arrival(town: Town, desk: TestDesk, order: list[int]) -> None:
    visit = desk.visit()
    first = desk.consultation(visit, topics=("phone",))
    second = desk.correction(first, visit, topics=("password",), at=NOON + DAY)
    third = desk.correction(second, visit, topics=("other",), at=NOON + 2 * DAY)
    office = town.office()
    for index in order:
        office.take(desk.epochs, [desk.bodies[index]])
    assert standing() == [third.hex()]
    assert office.statistics(TODAY, TODAY).by_topic == {"other": 1}
    assert office.statistics(TODAY + DAY, TODAY + 2 * DAY).consultations == 0


@pytest.mark.parametrize("order", list(permutations(range(1, 4))))
def test_when_a_correction_is_withdrawn_the_record_before_it_counts_again(
    town: Town, desk: TestDesk, order: list[int]
) -> None:
    visit = desk.visit()
    first = desk.consultation(visit, topics=("phone",))
    desk.withdraw(desk.correction(first, visit, topics=("password",)))
    office = town.office()
    office.take(desk.epochs, desk.bodies[:1])
    for index in order:
        office.take([], [desk.bodies[index]])
    assert office.statistics(TODAY, TODAY).by_topic == {"phone": 1}
    assert standing() == [first.hex()]


@pytest.mark.parametrize("order", list(permutations(range(1, 4))))
def test_when_the_first_record_is_withdrawn_its_correction_stands_on_the_same_day(
    town: Town, desk: TestDesk, order: list[int]
) -> None:
    visit = desk.visit()
    first = desk.consultation(visit, topics=("phone",))
    desk.correction(first, visit, topics=("password",), at=NOON + DAY)
    desk.withdraw(first)
    office = town.office()
    office.take(desk.epochs, desk.bodies[:1])
    for index in order:
        office.take([], [desk.bodies[index]])
    assert office.statistics(TODAY, TODAY).by_topic == {"password": 1}


@pytest.mark.parametrize("order", list(permutations(range(1, 5))))
def test_a_correction_that_was_withdrawn_in_the_middle_does_not_break_the_chain(
    town: Town, desk: TestDesk, order: list[int]
) -> None:
    visit = desk.visit()
    first = desk.consultation(visit, topics=("phone",))
    second = desk.correction(first, visit, topics=("password",))
    desk.correction(second, visit, topics=("other",))
    desk.withdraw(second)
    office = town.office()
    office.take(desk.epochs, desk.bodies[:1])
    for index in order:
        office.take([], [desk.bodies[index]])
    assert office.statistics(TODAY, TODAY).by_topic == {"other": 1}


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_of_two_corrections_of_one_record_the_higher_sequence_counts_and_the_other_is_noted(
    town: Town, desk: TestDesk, order: list[int]
) -> None:
    visit = desk.visit()
    first = desk.consultation(visit, topics=("phone",))
    desk.correction(first, visit, topics=("password",))
    desk.correction(first, visit, topics=("other",))
    office = town.office()
    for index in order:
        office.take(desk.epochs, [desk.bodies[index]])
    assert office.statistics(TODAY, TODAY).by_topic == {"other": 1}
    (device,) = office.reconcile(TODAY, TODAY)
    assert (device.receipted, device.opened, device.superseded, device.set_aside) == (4, 4, 2, 0)


def test_a_correction_of_what_never_came_counts_by_itself(town: Town, desk: TestDesk) -> None:
    visit = desk.visit()
    first = desk.consultation(visit, topics=("phone",))
    desk.correction(first, visit, topics=("password",))
    del desk.bodies[1]
    found = counted(town, desk)
    assert (found.consultations, found.by_topic) == (1, {"password": 1})


def test_one_desk_cannot_replace_what_another_recorded(town: Town, desk: TestDesk) -> None:
    other = TestDesk(2)
    town.admit(other)
    first = desk.served(topics=("phone",))
    other.correction(first, other.visit(), topics=("password",))
    assert counted(town, other, desk).by_topic == {"password": 1, "phone": 1}


def test_a_correction_does_not_take_the_place_of_a_visit(town: Town, desk: TestDesk) -> None:
    visit = desk.visit()
    desk.correction(visit, visit, topics=("phone",), at=NOON + DAY)
    found = counted(town, desk)
    assert (found.visits, found.consultations) == (1, 0)
    assert town_day(town, TODAY + DAY).consultations == 1


def town_day(town: Town, day: date) -> Statistics:
    return town.office().statistics(day, day)


def test_corrections_that_name_each_other_end_somewhere(town: Town, desk: TestDesk) -> None:
    visit = desk.visit()
    one, two = b"\x01" * 16, b"\x02" * 16
    for record, replaces in ((one, two), (two, one)):
        desk.record("correction", _values(replaces, visit), record_id=record)
    assert counted(town, desk).consultations == 1
    assert standing() == [two.hex()]


def _values(replaces: bytes, visit: bytes) -> dict[str, object]:
    return {
        "replaces": replaces, "visit": visit, "topics": ("phone",), "age_band": "to39", "outcome": "resolved",
        "referred_to": None, "minutes": None, "honest": False, "memo": None,
    }  # fmt: skip


def test_a_visit_is_about_what_the_correction_says(town: Town, desk: TestDesk) -> None:
    call = desk.call()
    desk.close(call)
    visit = desk.visit(call=call)
    desk.correction(desk.consultation(visit, topics=("phone",)), visit, topics=("password",))
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    phone = office.statistics(TODAY, TODAY, topic="phone")
    password = office.statistics(TODAY, TODAY, topic="password")
    assert (phone.visits, phone.calls, phone.service_minutes.n, phone.waiting_minutes.n) == (0, 0, 0, 0)
    assert (password.visits, password.calls, password.service_minutes.n, password.waiting_minutes.n) == (1, 1, 1, 1)


def test_people_that_were_corrected_come_with_a_visit_that_takes_the_first_ones_place(
    town: Town, desk: TestDesk
) -> None:
    visit = desk.visit(people=1, seconds=600)
    first = desk.consultation(visit, topics=("phone",))
    desk.withdraw(visit, at=NOON + DAY)
    successor = desk.visit(people=3, seconds=600)
    desk.correction(first, successor, topics=("phone",), at=NOON + DAY)
    found = counted(town, desk)
    assert (found.visits, found.people, found.consultations, found.service_minutes.n) == (1, 3, 1, 1)


def test_an_office_that_did_not_know_corrections_catches_up(
    town: Town, desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = desk.visit()
    desk.correction(desk.consultation(visit, topics=("phone",)), visit, topics=("other",))
    with monkeypatch.context() as older:
        older.setattr(
            "sync.office.facts.KNOWN", frozenset({("call", 1), ("visit", 1), ("consultation", 1), ("withdrawal", 1)})
        )
        assert counted(town, desk).by_topic == {"phone": 1}
    assert town_day(town, TODAY).by_topic == {"other": 1}
