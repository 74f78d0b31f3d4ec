"""How the desks were staffed: shifts by role, and never by person."""

from dataclasses import dataclass

import peewee

from sync.office.scope import Scope, tuples, within
from sync.office.tables import Shift


@dataclass(frozen=True, kw_only=True, slots=True)
class Staffing:
    """One role in one period."""

    role: str
    shifts: int
    minutes: int
    """Of the shifts whose length is known for certain."""
    people: int
    """Different staff ids; somebody on the roster of two boxes has one at each."""


def staffing(scope: Scope) -> tuple[Staffing, ...]:
    """Every role that served in the scope, whatever the topic. Call it while the storage is being read."""
    honest = peewee.Case(None, ((Shift.honest, Shift.minutes),), 0)
    numbers = (peewee.fn.COUNT(Shift.record), peewee.fn.TOTAL(honest), peewee.fn.COUNT(Shift.staff.distinct()))
    rows = within(Shift, scope).select(Shift.role, *numbers).group_by(Shift.role).order_by(Shift.role)
    return tuple(
        Staffing(role=role, shifts=shifts, minutes=int(minutes), people=people)
        for role, shifts, minutes, people in tuples(rows)
    )
