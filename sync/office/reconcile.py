"""Whether everything that was recorded at the desks has arrived and could be opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import peewee

from sync.office.tables import OPENED, SET_ASIDE, WITHDRAWN, Record


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciliation:
    """One device in one period."""

    device: str
    captured: int
    """Records its chains must hold: the highest sequence numbers, and with them everything that is missing."""
    receipted: int
    """Records that arrived."""
    opened: int
    """Arrived records that the office is done with: opened, or withdrawn at the desk."""
    gaps: int
    """Records missing between two that arrived; each counts on the day of the record after it."""
    withdrawn: int
    set_aside: int
    broken_links: int
    """Records that name another predecessor than the one that arrived."""


def reconcile(first: date, last: date) -> tuple[Reconciliation, ...]:
    """Every device with records on these days, both included. Call it while the storage is being read."""
    links = _links().alias("links")
    within = peewee.Select((links,), (links.c.device, *_sums(links))).where(links.c.day.between(first, last))
    rows = within.group_by(links.c.device).order_by(links.c.device).bind(Record._meta.database)  # noqa: SLF001
    return tuple(_reconciliation(row) for row in rows.dicts())


def _links() -> "peewee.ModelSelect[Record]":
    """Every record beside its predecessor in the chain."""
    place = {"partition_by": [Record.device, Record.chain], "order_by": [Record.sequence]}
    return Record.select(
        Record.device,
        Record.day,
        Record.state,
        Record.sequence,
        Record.previous,
        peewee.fn.LAG(Record.sequence, 1, 0).over(**place).alias("before"),
        peewee.fn.LAG(Record.hash).over(**place).alias("expected"),
    )


def _sums(links: peewee.Select) -> list[object]:
    missing = links.c.sequence - links.c.before - 1
    broken = (missing == 0) & (links.c.expected.is_null(is_null=False)) & (links.c.expected != links.c.previous)
    return [
        peewee.fn.COUNT(links.c.sequence).alias("receipted"),
        peewee.fn.SUM(missing).alias("gaps"),
        _number_of(links.c.state == OPENED).alias("readable"),
        _number_of(links.c.state == WITHDRAWN).alias("withdrawn"),
        _number_of(links.c.state == SET_ASIDE).alias("set_aside"),
        _number_of(broken).alias("broken_links"),
    ]


def _number_of(condition: peewee.Expression) -> peewee.Function:
    return peewee.fn.SUM(peewee.Case(None, ((condition, 1),), 0))


def _reconciliation(row: Mapping[str, object]) -> Reconciliation:
    numbers = {name: int(str(number)) for name, number in row.items() if name != "device"}
    readable = numbers.pop("readable")
    return Reconciliation(
        device=str(row["device"]),
        captured=numbers["receipted"] + numbers["gaps"],
        opened=readable + numbers["withdrawn"],
        **numbers,
    )
