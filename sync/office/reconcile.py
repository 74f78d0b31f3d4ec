"""Whether everything that was recorded at the desks has arrived and could be opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import peewee

from sync.office.tables import OPENED, SET_ASIDE, WITHDRAWN, Consultation, DayClosed, Record


@dataclass(frozen=True, kw_only=True, slots=True)
class LastClosed:
    """The last time a desk was closed (きょうはおしまい), and how many records it had not sent by then."""

    day: date
    unsent: int


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
    superseded: int
    """Opened consultations and corrections that do not count, because another has taken their place."""
    unsure_clock: int
    """Opened records whose day nobody vouches for."""
    last_closed: LastClosed | None
    """The last one up to the end of the period; None if there was none."""


def reconcile(first: date, last: date) -> tuple[Reconciliation, ...]:
    """Every device with records on these days, both included. Call it while the storage is being read."""
    links = _links().alias("links")
    within = peewee.Select((links,), (links.c.device, *_sums(links))).where(links.c.day.between(first, last))
    rows = within.group_by(links.c.device).order_by(links.c.device).bind(Record._meta.database)  # noqa: SLF001
    return tuple(_reconciliation(row, _last_closed(str(row["device"]), last)) for row in rows.dicts())


def _links() -> "peewee.ModelSelect[Record]":
    """Every record beside its predecessor in the chain."""
    place = {"partition_by": [Record.device, Record.chain], "order_by": [Record.sequence]}
    rows = Record.select(
        Record.device,
        Record.day,
        Record.state,
        Record.sequence,
        Record.previous,
        Record.unsure,
        Consultation.superseded_by,
        peewee.fn.LAG(Record.sequence, 1, 0).over(**place).alias("before"),
        peewee.fn.LAG(Record.hash).over(**place).alias("expected"),
    )
    return rows.join(Consultation, peewee.JOIN.LEFT_OUTER, on=(Consultation.record == Record.id))


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
        _number_of(links.c.superseded_by.is_null(is_null=False)).alias("superseded"),
        _number_of((links.c.state == OPENED) & links.c.unsure).alias("unsure_clock"),
    ]


def _number_of(condition: peewee.Expression) -> peewee.Function:
    return peewee.fn.SUM(peewee.Case(None, ((condition, 1),), 0))


def _last_closed(device: str, last: date) -> LastClosed | None:
    closings = DayClosed.select(DayClosed.day, DayClosed.unsent).join(Record, on=(DayClosed.record == Record.id))
    until = closings.where(Record.device == device, Record.day <= last)
    newest = until.order_by(Record.start.desc(), Record.sequence.desc()).first()
    return None if newest is None else LastClosed(day=newest.day, unsent=newest.unsent)


def _reconciliation(row: Mapping[str, object], last_closed: LastClosed | None) -> Reconciliation:
    numbers = {name: int(str(number)) for name, number in row.items() if name != "device"}
    readable = numbers.pop("readable")
    return Reconciliation(
        device=str(row["device"]),
        captured=numbers["receipted"] + numbers["gaps"],
        opened=readable + numbers["withdrawn"],
        last_closed=last_closed,
        **numbers,
    )
