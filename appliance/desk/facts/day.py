"""A day at the desk: what time it is, what was counted on paper, and that it is over."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from appliance.desk.facts.moment import Moment
from appliance.desk.facts.staff import StaffRole


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockAnchor:
    """Somebody looked at a watch: at the moment `at`, counted by the monotonic clock, it was `said`."""

    id: UUID
    said: datetime
    """Aware UTC."""
    shown: datetime
    """What the box had thought, aware UTC."""
    by: StaffRole
    at: Moment

    @classmethod
    def of(cls, said: datetime, *, shown: datetime, by: StaffRole, now: Moment) -> "ClockAnchor":
        """The anchor that somebody set now."""
        return cls(id=uuid4(), said=said, shown=shown, by=by, at=now)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """A day's counts taken from paper (紙); they stay out of every time average."""

    id: UUID
    day: date
    visits: int
    people: int
    topics: tuple[tuple[str, int], ...]
    age_bands: tuple[tuple[str, int], ...]
    by: StaffRole
    at: Moment
    withdrawn: bool = False

    @classmethod
    def of(
        cls,
        day: date,
        *,
        visits: int,
        people: int,
        topics: tuple[tuple[str, int], ...],
        age_bands: tuple[tuple[str, int], ...],
        by: StaffRole,
        now: Moment,
    ) -> "Tally":
        """The tally entered now."""
        return cls(id=uuid4(), day=day, visits=visits, people=people, topics=topics, age_bands=age_bands, by=by, at=now)


@dataclass(frozen=True, kw_only=True, slots=True)
class DayClosed:
    """きょうはおしまい: what the day came to when it was closed."""

    id: UUID
    day: date
    opened: Moment | None
    visits: int
    people: int
    calls_unattended: int
    unsent: int
    at: Moment

    @classmethod
    def of(
        cls,
        day: date,
        *,
        opened: Moment | None,
        visits: int,
        people: int,
        calls_unattended: int,
        unsent: int,
        now: Moment,
    ) -> "DayClosed":
        """The day closed now."""
        return cls(
            id=uuid4(),
            day=day,
            opened=opened,
            visits=visits,
            people=people,
            calls_unattended=calls_unattended,
            unsent=unsent,
            at=now,
        )
