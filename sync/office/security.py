"""What an auditor asks: who came in, who was kept out, what was changed, newest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import peewee

from sync.office.dating import wall_time
from sync.office.scope import tally, tuples
from sync.office.tables import Record, SecurityEvent

AT_ONCE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """One event; `by` and `about` are random ids, never names."""

    matter: str
    place: str
    by: str | None
    about: str | None
    at: datetime | None
    """By the best knowledge of the office, Japan time; None where no calendar reaches."""
    unsure: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SecurityLog:
    """One page of the events of one device; the first page is number 1."""

    incidents: tuple[Incident, ...]
    number: int
    pages: int


def incidents_by_device() -> Mapping[str, int]:
    """Every device with events, and how many. Call it while the storage is being read."""
    return tally(SecurityEvent.select().join(Record, on=(SecurityEvent.record == Record.id)), Record.device)


def security_log(device: str, number: int) -> SecurityLog:
    """A page of a device's events, newest first as the device made them, whatever its clock said.

    A number beyond the end gives the last page. Call it while the storage is being read.
    """
    events = SecurityEvent.select().join(Record, on=(SecurityEvent.record == Record.id)).where(Record.device == device)
    pages = max(1, -(-events.count() // AT_ONCE))
    shown = min(max(number, 1), pages)
    newest_first = events.order_by(Record.start.desc(), Record.sequence.desc(), Record.id).paginate(shown, AT_ONCE)
    return SecurityLog(incidents=tuple(_incidents(newest_first)), number=shown, pages=pages)


def _incidents(events: "peewee.ModelSelect[SecurityEvent]") -> Iterator[Incident]:
    event = (SecurityEvent.matter, SecurityEvent.place, SecurityEvent.by, SecurityEvent.about)
    for matter, place, by, about, at_ms, unsure in tuples(events.select(*event, Record.at_ms, Record.unsure)):
        yield Incident(matter=matter, place=place, by=by, about=about, at=wall_time(at_ms), unsure=bool(unsure))
