"""How the desks were staffed, by role and never by person."""

from datetime import timedelta

import pytest

from sync.office.errors import PeriodBackwards, UnknownFacility
from sync.office.staffing import Staffing
from sync.office.tables import Shift, ShiftAppointment
from tests.sync.office.town import NOON, TODAY, TestDesk, Town

ANNE, BERT = b"\x0a" * 16, b"\x0b" * 16


def test_shifts_are_added_up_by_role(town: Town, desk: TestDesk) -> None:
    other = TestDesk(2, facility="toshokan", facility_name="図書館")
    town.admit(other)
    desk.shift(ANNE, minutes=120)
    desk.shift(ANNE, minutes=60)
    desk.shift(BERT, minutes=999, honest=False)
    desk.shift(BERT, minutes=30, role="facility_staff")
    desk.shift(BERT, minutes=30, at=NOON - timedelta(days=1))
    other.shift(ANNE, minutes=45, role="ict_support", appointments=("ict_support", "instructor"))
    office = town.office()
    for each in (desk, other):
        office.take(each.epochs, each.bodies)
    assert office.staffing(TODAY, TODAY) == (
        Staffing(role="facility_staff", shifts=1, minutes=30, people=1),
        Staffing(role="ict_support", shifts=1, minutes=45, people=1),
        Staffing(role="promotion_volunteer", shifts=3, minutes=180, people=2),
    )
    assert [each.role for each in office.staffing(TODAY, TODAY, facility="toshokan")] == ["ict_support"]
    assert ShiftAppointment.select().where(ShiftAppointment.appointment == "instructor").count() == 1


def test_a_withdrawn_shift_leaves_nothing(town: Town, desk: TestDesk) -> None:
    desk.withdraw(desk.shift(ANNE))
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    assert office.staffing(TODAY, TODAY) == ()
    assert (Shift.select().count(), ShiftAppointment.select().count()) == (0, 0)


def test_a_question_that_makes_no_sense_is_refused(town: Town) -> None:
    office = town.office()
    with pytest.raises(PeriodBackwards):
        office.staffing(TODAY, TODAY - timedelta(days=1))
    with pytest.raises(UnknownFacility):
        office.staffing(TODAY, TODAY, facility="nowhere")
