"""What programs send and get back about days, as types."""

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from appliance.desk.facts.day import DayClosed, Tally
from appliance.desk.facts.moment import ClockQuality
from appliance.desk.facts.sheet import DaySheet, Opening
from appliance.desk.reception.tallies import TallyEntry


class OpeningRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What a watch shows, with its offset from UTC; nothing where the desk's own clock is right."""

    said: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class OpeningAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A day on which the desk was opened."""

    day: date
    opened_at: datetime
    closed_at: datetime | None
    quality: ClockQuality

    @classmethod
    def of(cls, opening: Opening) -> "OpeningAnswer":
        """The answer for `opening`."""
        return cls(
            day=opening.day,
            opened_at=opening.opened.wall.astimezone(UTC),
            closed_at=opening.closed.wall.astimezone(UTC) if opening.closed else None,
            quality=opening.opened.quality,
        )


class ClosingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A day that is over; everything of it is stored."""

    id: UUID
    day: date
    visits: int
    people: int
    calls_unattended: int
    unsent: int
    """How many records the town has not receipted, this closing included."""

    @classmethod
    def of(cls, closed: DayClosed) -> "ClosingAnswer":
        """The answer for `closed`."""
        return cls(
            id=closed.id,
            day=closed.day,
            visits=closed.visits,
            people=closed.people,
            calls_unattended=closed.calls_unattended,
            unsent=closed.unsent,
        )


class TallyRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A day's counts from paper."""

    day: date
    visits: int
    people: int
    topics: dict[str, int] = {}
    age_bands: dict[str, int] = {}

    def entry(self) -> TallyEntry:
        """The same for the desk."""
        return TallyEntry(
            day=self.day, visits=self.visits, people=self.people, topics=self.topics, age_bands=self.age_bands
        )


class TallyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A tally as it stands."""

    id: UUID
    day: date
    visits: int
    people: int
    topics: dict[str, int]
    age_bands: dict[str, int]
    withdrawn: bool

    @classmethod
    def of(cls, tally: Tally) -> "TallyAnswer":
        """The answer for `tally`."""
        return cls(
            id=tally.id,
            day=tally.day,
            visits=tally.visits,
            people=tally.people,
            topics=dict(tally.topics),
            age_bands=dict(tally.age_bands),
            withdrawn=tally.withdrawn,
        )


class MedianMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """How long visitors waited for somebody who was there."""

    n: int
    median: float | None


class DayAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a day came to; counts from paper stand beside it and are in no other number."""

    day: date
    opening: OpeningAnswer | None
    visits: int
    people: int
    consultations: int
    calls: int
    calls_unattended: int
    by_topic: dict[str, int]
    """One consultation counts in each of its topics: never add these up."""
    by_age_band: dict[str, int]
    by_outcome: dict[str, int]
    waiting_minutes: MedianMinutes
    tallies: list[TallyAnswer]
    unsure: int
    """How many calls and visits are on this day only by a clock that nobody vouches for."""

    @classmethod
    def of(cls, sheet: DaySheet) -> "DayAnswer":
        """The answer for `sheet`."""
        return cls(
            day=sheet.day,
            opening=OpeningAnswer.of(sheet.opening) if sheet.opening else None,
            visits=sheet.visits,
            people=sheet.people,
            consultations=sheet.consultations,
            calls=sheet.calls,
            calls_unattended=sheet.calls_unattended,
            by_topic=dict(sheet.by_topic),
            by_age_band=dict(sheet.by_age_band),
            by_outcome=dict(sheet.by_outcome),
            waiting_minutes=MedianMinutes(n=sheet.waiting.n, median=sheet.waiting.median_minutes),
            tallies=[TallyAnswer.of(tally) for tally in sheet.tallies],
            unsure=sheet.unsure,
        )
