"""What the JSON API answers, field by field."""

from datetime import date, datetime

import msgspec

from sync.office.reconcile import LastClosed, Reconciliation
from sync.office.statistics import Minutes, Statistics
from ui.office.question import Question


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """A spread of durations in minutes; a percentile is null where nothing was measured."""

    n: int
    median: float | None
    p90: float | None

    @classmethod
    def of(cls, minutes: Minutes) -> "Spread":
        """As it travels."""
        return cls(n=minutes.n, median=minutes.median, p90=minutes.p90)


class PaperShare(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the numbers was counted on paper and entered later."""

    visits: int
    people: int


class StatisticsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The internal numbers of a period, unsuppressed: not for publication."""

    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")
    facility: str | None
    topic: str | None
    as_of: datetime | None
    """When the source last answered."""
    visits: int
    people: int
    consultations: int
    calls: int
    calls_unattended: int
    assists: int
    by_topic: dict[str, int]
    by_age_band: dict[str, int]
    by_outcome: dict[str, int]
    by_facility: dict[str, int]
    by_day: dict[str, int]
    service_minutes: Spread
    waiting_minutes: Spread
    from_paper: PaperShare
    unsure_clock: int

    @classmethod
    def of(cls, found: Statistics, question: Question, as_of: datetime | None) -> "StatisticsAnswer":
        """As they travel."""
        return cls(
            first=question.first,
            last=question.last,
            facility=question.facility,
            topic=question.topic,
            as_of=as_of,
            visits=found.visits,
            people=found.people,
            consultations=found.consultations,
            calls=found.calls,
            calls_unattended=found.calls_unattended,
            assists=found.assists,
            by_topic=dict(found.by_topic),
            by_age_band=dict(found.by_age_band),
            by_outcome=dict(found.by_outcome),
            by_facility=dict(found.by_facility),
            by_day={day.isoformat(): number for day, number in found.by_day.items()},
            service_minutes=Spread.of(found.service_minutes),
            waiting_minutes=Spread.of(found.waiting_minutes),
            from_paper=PaperShare(visits=found.from_paper.visits, people=found.from_paper.people),
            unsure_clock=found.unsure_clock,
        )


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """The last closing of a desk up to the end of the period, and how many records it had not sent by then."""

    day: date
    unsent: int

    @classmethod
    def of(cls, closed: LastClosed) -> "Closing":
        """As it travels."""
        return cls(day=closed.day, unsent=closed.unsent)


class DeviceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One device: what it captured, what of it arrived, what could be opened, what is missing."""

    device: str
    facility: str
    captured: int
    receipted: int
    opened: int
    gaps: int
    withdrawn: int
    set_aside: int
    broken_links: int
    superseded: int
    """Opened consultations and corrections that do not count, because another has taken their place."""
    unsure_clock: int
    """Opened records whose day nobody vouches for."""
    last_closed: Closing | None

    @classmethod
    def of(cls, device: Reconciliation, facility: str) -> "DeviceAnswer":
        """As it travels."""
        return cls(
            device=device.device,
            facility=facility,
            captured=device.captured,
            receipted=device.receipted,
            opened=device.opened,
            gaps=device.gaps,
            withdrawn=device.withdrawn,
            set_aside=device.set_aside,
            broken_links=device.broken_links,
            superseded=device.superseded,
            unsure_clock=device.unsure_clock,
            last_closed=Closing.of(device.last_closed) if device.last_closed else None,
        )


class ReconcileAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Every device with records in a period, and all of them together."""

    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")
    as_of: datetime | None
    captured: int
    receipted: int
    opened: int
    gaps: int
    devices: list[DeviceAnswer]

    @classmethod
    def of(cls, devices: list[DeviceAnswer], question: Question, as_of: datetime | None) -> "ReconcileAnswer":
        """As they travel, with their totals."""
        return cls(
            first=question.first,
            last=question.last,
            as_of=as_of,
            captured=sum(device.captured for device in devices),
            receipted=sum(device.receipted for device in devices),
            opened=sum(device.opened for device in devices),
            gaps=sum(device.gaps for device in devices),
            devices=devices,
        )


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The office answers and can read its database."""

    status: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem document (RFC 9457); `code` is stable, `title` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    field: str | None = None
