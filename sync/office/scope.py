"""What is asked about, and which facts belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import peewee

from sync.office.standing import Standing
from sync.office.tables import Fact, Record

Counted = TypeVar("Counted", bound=Fact)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Days, both included; a facility, or all; a topic, or all."""

    first: date
    last: date
    standing: Standing
    facility: str | None = None
    topic: str | None = None

    def holds(self, day: peewee.Field) -> peewee.Expression:
        """Whether that day, of a record of a device that stood there, is meant."""
        days = day.between(self.first, self.last)
        return days if self.facility is None else days & (self.place(day) == self.facility)

    def place(self, day: peewee.Field) -> peewee.ColumnBase:
        """The facility of a record that is counted on that day."""
        return self.standing.by_time() if day is Record.day else self.standing.by_day(day)


def within(
    table: type[Counted], scope: Scope, *, record: peewee.Field | None = None, day: peewee.Field = Record.day
) -> "peewee.ModelSelect[Counted]":
    """The facts of one table whose record belongs to the scope, by its day or by one that the fact itself names."""
    belongs = (table.record if record is None else record) == Record.id
    return table.select().join(Record, on=belongs).where(scope.holds(day))


def tally(rows: "peewee.ModelSelect[Any]", column: peewee.ColumnBase) -> dict[Any, int]:
    """How many rows have each value, in the order of the values."""
    grouped = rows.select(column, peewee.fn.COUNT(column)).group_by(column).order_by(column)
    return dict(tuples(grouped))


def sums(rows: "peewee.ModelSelect[Any]", column: peewee.ColumnBase, number: peewee.Field) -> dict[Any, int]:
    """What the numbers beside each value come to, in the order of the values; zero is left out."""
    grouped = rows.select(column, peewee.fn.TOTAL(number)).group_by(column).order_by(column)
    return {value: int(total) for value, total in tuples(grouped) if total}


def total(rows: "peewee.ModelSelect[Any]", number: peewee.Field | peewee.Case) -> int:
    """What the numbers of all rows come to; never an overflow, however absurd one of them is."""
    return int(rows.select(peewee.fn.TOTAL(number)).scalar() or 0)


def column_of(rows: "peewee.ModelSelect[Any]", column: peewee.Field) -> list[Any]:
    """The values of one column."""
    return [value for (value,) in tuples(rows.select(column))]


def tuples(rows: "peewee.ModelSelect[Any]") -> list[Any]:
    """The rows as tuples."""
    return list(rows.tuples())


def add(one: Mapping[Any, int], other: Mapping[Any, int]) -> dict[Any, int]:
    """Both counts together, in the order of the values."""
    return {each: one.get(each, 0) + other.get(each, 0) for each in sorted({*one, *other})}
