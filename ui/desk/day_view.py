"""What the pages of the day say, in words: the question at opening, what is left at closing, the sheet."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from appliance.desk.desk import Desk
from appliance.desk.errors import Invalid
from appliance.desk.facts.calendar import WEEKDAYS
from appliance.desk.facts.catalogue import Choice
from appliance.desk.facts.day import DayClosed, Tally
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.sheet import DaySheet, Opening, Waiting, day_of
from appliance.desk.facts.visit import JAPAN
from appliance.desk.reception.opening import ClosingList
from ui.desk.view import clock_time
from ui.desk.wording import say

YEARS = range(2020, 2100)
"""No desk has a sheet of any other year."""

_REIWA_ZERO = 2018
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """「今日は 11月21日（土） 9:58 ですか」"""

    sentence: str
    shown: str
    """The same for programs, to the minute."""
    is_sure: bool
    again: str | None
    """What to say where the desk is open already."""

    @classmethod
    def of(cls, now: Moment, opening: Opening | None) -> "Question":
        """The question at this moment."""
        local = now.wall.astimezone(JAPAN)
        return cls(
            sentence=say("opening.ask", date=short_date(local.date()), time=_watch(local)),
            shown=local.strftime("%Y-%m-%dT%H:%M"),
            is_sure=now.quality.is_trusted,
            again=say("opening.again", time=clock_time(opening.opened)) if opening and not opening.closed else None,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftRow:
    """A call or a visit that still has to end."""

    id: UUID
    since: str
    button: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftView:
    """What has to end before the day can be closed."""

    calls: Sequence[LeftRow]
    visits: Sequence[LeftRow]

    @classmethod
    def of(cls, left: ClosingList) -> "LeftView":
        """The same, in words."""
        return cls(
            calls=[LeftRow(id=call.id, button=call.button, since=clock_time(call.raised)) for call in left.calls],
            visits=[LeftRow(id=visit.id, since=clock_time(visit.began)) for visit in left.visits],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperRow:
    """A tally from paper."""

    id: UUID
    visits: int
    people: int
    more: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetView:
    """A day sheet as it is printed."""

    title: str
    day: str
    before: str
    after: str
    made: str
    numbers: Sequence[Sequence[str]]
    """Measure, number, definition."""
    tables: Sequence[tuple[str, str, Sequence[Sequence[str]]]]
    """Title, definition, rows of name and count."""
    paper: Sequence[PaperRow]
    unsure: str | None

    @classmethod
    def of(cls, desk: Desk, sheet: DaySheet, now: Moment) -> "SheetView":
        """The sheet, printed now."""
        packs = desk.catalogue
        made = "sheet.made" if now.quality.is_trusted else "sheet.made_unsure"
        return cls(
            title=say("sheet.of", date=long_date(sheet.day)),
            day=sheet.day.isoformat(),
            before=(sheet.day - _ONE_DAY).isoformat(),
            after=(sheet.day + _ONE_DAY).isoformat(),
            made=say(made, date=long_date(day_of(now.wall)), time=clock_time(now)),
            numbers=_numbers(sheet),
            tables=[
                (say("sheet.topics"), say("sheet.topics_def"), _counts(packs.topics, sheet.by_topic)),
                (say("sheet.age_bands"), say("sheet.age_bands_def"), _counts(packs.age_bands, sheet.by_age_band)),
                (say("sheet.outcomes"), say("sheet.outcomes_def"), _counts(packs.outcomes, sheet.by_outcome)),
            ],
            paper=[_paper(desk, tally) for tally in sheet.tallies],
            unsure=say("sheet.unsure", count=sheet.unsure) if sheet.unsure else None,
        )


def closed_sentence(desk: Desk, closed: DayClosed) -> str:
    """The one sentence at the end of a day."""
    municipality = desk.catalogue.words.municipality
    sent = say("closed.unsent", municipality=municipality, count=closed.unsent) if closed.unsent else ""
    return say("closed.sentence", visits=closed.visits, people=closed.people, sent=sent)


def short_date(day: date) -> str:
    """A day of this year: 11月21日（土）."""
    return say("date", month=day.month, day=day.day, weekday=WEEKDAYS[day.weekday()])


def long_date(day: date) -> str:
    """A day on paper: 令和8年11月21日（土）."""
    weekday = WEEKDAYS[day.weekday()]
    return say("date.long", reiwa=day.year - _REIWA_ZERO, month=day.month, day=day.day, weekday=weekday)


def day_in(text: str) -> date:
    """The day somebody named; `Invalid`."""
    try:
        day = date.fromisoformat(_plain(text).replace("/", "-"))
    except ValueError:
        raise Invalid("date", "must be a day such as 2026-11-21") from None
    if day.year not in YEARS:
        raise Invalid("date", f"must be a day from {YEARS.start} to {YEARS.stop - 1}")
    return day


def time_in(text: str) -> time:
    """The time of day somebody named; `Invalid`."""
    hour, _, minute = _plain(text).replace("時", ":").removesuffix("分").partition(":")
    if not (hour.isdecimal() and minute.isdecimal()) or int(hour) not in range(24) or int(minute) not in range(60):
        raise Invalid("time", "must be a time such as 9:58")
    return time(int(hour), int(minute))


def number_in(text: str) -> int:
    """The number somebody typed, 0 for nothing; -1 where it is none, which nobody can have counted."""
    plain = _plain(text)
    return int(plain) if plain.isdecimal() and len(plain) < len("100000") else 0 if not plain else -1


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _watch(local: datetime) -> str:
    return f"{local.hour}:{local.minute:02}"


def _numbers(sheet: DaySheet) -> list[tuple[str, str, str]]:
    measured = (
        ("sheet.hours", _hours(sheet.opening), "sheet.hours_def"),
        ("sheet.visits", sheet.visits, "sheet.visits_def"),
        ("sheet.people", sheet.people, "sheet.people_def"),
        ("sheet.consultations", sheet.consultations, "sheet.consultations_def"),
        ("sheet.calls", sheet.calls, "sheet.calls_def"),
        ("sheet.calls_unattended", sheet.calls_unattended, "sheet.calls_unattended_def"),
        ("sheet.waiting", _median(sheet.waiting), "sheet.waiting_def"),
    )
    return [(say(name), str(number), say(definition, n=sheet.waiting.n)) for name, number, definition in measured]


def _median(waiting: Waiting) -> str:
    if waiting.median_minutes is None:
        return say("sheet.no_number")
    return say("sheet.minutes", minutes=f"{waiting.median_minutes:g}")


def _hours(opening: Opening | None) -> str:
    if opening is None:
        return say("sheet.hours_none")
    opened = clock_time(opening.opened)
    if opening.closed is None:
        return say("sheet.hours_from", opened=opened)
    return say("sheet.hours_to", opened=opened, closed=clock_time(opening.closed))


def _counts(choices: Sequence[Choice], counted: Mapping[str, int]) -> list[tuple[str, str]]:
    """Names and counts in the order of the pack; an id that a newer pack dropped comes last, by itself."""
    names = {choice.id: choice.name for choice in choices}
    order = [*(word for word in names if word in counted), *sorted(set(counted) - set(names))]
    return [(names.get(word, word), str(counted[word])) for word in order]


def _paper(desk: Desk, tally: Tally) -> PaperRow:
    named = [
        *_counts(desk.catalogue.topics, dict(tally.topics)),
        *_counts(desk.catalogue.age_bands, dict(tally.age_bands)),
    ]
    more = "、".join(say("sheet.counts", name=name, count=count) for name, count in named)
    return PaperRow(id=tally.id, visits=tally.visits, people=tally.people, more=more)
