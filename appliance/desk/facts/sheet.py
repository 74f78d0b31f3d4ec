"""A day at the desk in numbers, counted from its rows; pure, so that closing, printing and the API say the same."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from appliance.desk.facts.call import Call, CallState
from appliance.desk.facts.consultation import Consultation
from appliance.desk.facts.day import Tally
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.visit import JAPAN, Visit

_MINUTE = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """A day on which the desk was opened."""

    day: date
    opened: Moment
    closed: Moment | None = None
    """きょうはおしまい; None until then, and again when the desk is opened once more on the same day."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayRows:
    """The rows that may belong to a day; which of them do is for `DaySheet` to say."""

    day: date
    openings: Sequence[Opening] = ()
    """All of them: an opening tells what an unsure clock of the same boot should have said."""
    calls: Sequence[Call] = ()
    visits: Sequence[Visit] = ()
    """Ended and not withdrawn."""
    consultations: Sequence[Consultation] = ()
    """Those that count, of these visits."""
    tallies: Sequence[Tally] = ()
    """Those of this very day that were not withdrawn."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """How long visitors waited for somebody who was there, by a clock one may trust."""

    n: int
    median_minutes: float | None
    """By nearest rank; None where nobody waited."""

    @classmethod
    def of(cls, calls: Iterable[Call]) -> "Waiting":
        """The waits of these calls."""
        waits = [call.waiting_time(call.raised) for call in calls if call.attended and call.state is CallState.ANSWERED]
        seconds = sorted(wait.seconds for wait in waits if wait.honest)
        median = round(seconds[ceil(len(seconds) / 2) - 1] / _MINUTE, 1) if seconds else None
        return cls(n=len(seconds), median_minutes=median)


@dataclass(frozen=True, kw_only=True, slots=True)
class DaySheet:
    """日報: what a day came to, without what was counted on paper, which stands beside it."""

    day: date
    opening: Opening | None
    visits: int
    people: int
    consultations: int
    by_topic: Mapping[str, int]
    """Consultations by topic; one with two topics counts in both (重複あり)."""
    by_age_band: Mapping[str, int]
    by_outcome: Mapping[str, int]
    calls: int
    calls_unattended: int
    waiting: Waiting
    tallies: Sequence[Tally]
    unsure: int
    """How many calls and visits are on this day only by a clock that nobody vouches for."""

    @classmethod
    def of(cls, rows: DayRows) -> "DaySheet":
        """The sheet of that day."""
        places = Places(rows.openings)
        visits = [visit for visit in rows.visits if visit.ended and places.day(visit.ended) == rows.day]
        calls = [call for call in rows.calls if places.day(call.raised) == rows.day]
        served = {visit.id for visit in visits}
        written = [consultation for consultation in rows.consultations if consultation.visit in served]
        moments = [call.raised for call in calls] + [visit.ended for visit in visits if visit.ended]
        return cls(
            day=rows.day,
            opening=next((opening for opening in rows.openings if opening.day == rows.day), None),
            visits=len(visits),
            people=sum(visit.people for visit in visits),
            consultations=len(written),
            by_topic=Counter(topic for consultation in written for topic in consultation.topics),
            by_age_band=Counter(consultation.age_band for consultation in written),
            by_outcome=Counter(consultation.outcome for consultation in written),
            calls=len(calls),
            calls_unattended=sum(not call.attended for call in calls),
            waiting=Waiting.of(calls),
            tallies=tuple(rows.tallies),
            unsure=sum(not places.knows(moment) for moment in moments),
        )


class Places:
    """Where moments belong on the calendar: by their own clock, or by what was said later in the same boot."""

    def __init__(self, openings: Iterable[Opening]) -> None:
        """`openings` in the order in which they happened: the newest word on what time it is counts."""
        sure = (opening.opened for opening in openings if opening.opened.quality.is_trusted)
        self._sure: Mapping[int, Moment] = {opened.boot: opened for opened in sure}

    def knows(self, moment: Moment) -> bool:
        """Whether anybody vouches for where that moment belongs."""
        return moment.quality.is_trusted or moment.boot in self._sure

    def wall(self, moment: Moment) -> datetime:
        """When it was, as well as anybody knows."""
        if moment.quality.is_trusted or moment.boot not in self._sure:
            return moment.wall
        sure = self._sure[moment.boot]
        return sure.wall + timedelta(milliseconds=moment.mono_ms - sure.mono_ms)

    def day(self, moment: Moment) -> date:
        """On which day in Japan it was."""
        return day_of(self.wall(moment))


def day_of(wall: datetime) -> date:
    """The day in Japan at that time."""
    return wall.astimezone(JAPAN).date()
