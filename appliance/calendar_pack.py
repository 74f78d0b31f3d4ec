"""The calendar pack: TOML in, one frozen calendar out, or an error that names file and key."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

from appliance.desk.errors import PackError
from appliance.desk.facts.calendar import MIDNIGHT, Calendar, Hours, Period, YearEnd

BUILT_IN = Path(__file__).parent / "content"
NAME = "calendar.toml"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_SPAN = re.compile(r"([0-9]{1,2}):([0-5][0-9])-([0-9]{1,2}):([0-5][0-9])")
_MONTH_AND_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
_LEAP_YEAR = 2028

Entry = Mapping[str, object]


class JapaneseHolidays:
    """Port `Holidays` on jpholiday, which is loaded when a calendar first asks."""

    def is_holiday(self, day: date) -> bool:
        """See the port."""
        import jpholiday  # noqa: PLC0415 (0.1 s, ten times that on a Pi: not on the way of the start)

        return bool(jpholiday.is_holiday(day))


def load_calendar(folder: Path = BUILT_IN) -> Calendar:
    """The calendar in `folder`, or the built-in one where none is there. `PackError`."""
    path = folder / NAME if (folder / NAME).exists() else BUILT_IN / NAME
    try:
        return calendar_of(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{NAME}: {error}") from None


def calendar_of(text: str) -> Calendar:
    """The calendar that this TOML describes. `PackError`."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{NAME}: {error}") from None
    _only(content, "", "hours", "closed", "extra")
    hours, closed = _table(content, "hours"), _table(content, "closed")
    _only(hours, "hours.", *WEEKDAYS, "holiday")
    _only(closed, "closed.", "weekdays", "moves_after_holiday", "year_end", "days", "period")
    return Calendar(
        weekly=tuple(_spans(hours, day, f"hours.{day}") for day in WEEKDAYS),
        on_holidays=_spans(hours, "holiday", "hours.holiday") if "holiday" in hours else None,
        closed_weekdays=_weekdays(closed),
        moves_after_holiday=_yes_or_no(closed, "moves_after_holiday"),
        year_end=_year_end(closed),
        closed=_closed(closed),
        extra=dict(_extra(entry) for entry in _tables(content, "extra", "extra")),
        holidays=JapaneseHolidays(),
    )


def _wrong(key: str, detail: str) -> PackError:
    return PackError(f"{NAME}: {key}: {detail}")


def _only(entry: Entry, prefix: str, *known: str) -> None:
    for key in entry:
        if key not in known:
            raise _wrong(f"{prefix}{key}", f"nobody knows this key; known here: {', '.join(known)}")


def _table(content: Entry, key: str) -> Entry:
    value = content.get(key, {})
    if not isinstance(value, dict):
        raise _wrong(key, f"must be a table [{key}]")
    return value


def _tables(content: Entry, key: str, name: str) -> list[Entry]:
    value = content.get(key, [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise _wrong(name, f"must be one or more [[{name}]]")
    return value


def _spans(entry: Entry, key: str, name: str) -> tuple[Hours, ...]:
    """The hours under `key`, in order and apart from each other."""
    value = entry.get(key)
    if not isinstance(value, list):
        raise _wrong(name, 'must be a list such as ["10:00-12:00", "13:00-16:00"]; [] is closed all day')
    spans = tuple(sorted(_span(text, name) for text in value))
    for one, other in pairwise(spans):
        if other.opens < one.closes:
            raise _wrong(name, "two of these times overlap")
    return spans


def _span(text: object, name: str) -> Hours:
    found = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise _wrong(name, f"{text!r} is not a time such as 10:00-16:00")
    begin_hour, begin_minute, end_hour, end_minute = map(int, found.groups())
    hours = Hours(opens=begin_hour * 60 + begin_minute, closes=end_hour * 60 + end_minute)
    if not hours.opens < hours.closes <= MIDNIGHT:
        raise _wrong(name, f"{text!r} must end after it begins and by 24:00")
    return hours


def _weekdays(closed: Entry) -> frozenset[int]:
    value = closed.get("weekdays", [])
    if not isinstance(value, list) or not all(day in WEEKDAYS for day in value):
        raise _wrong("closed.weekdays", f"must be a list of {', '.join(WEEKDAYS)}")
    return frozenset(WEEKDAYS.index(day) for day in value)


def _yes_or_no(closed: Entry, key: str) -> bool:
    value = closed.get(key, False)
    if not isinstance(value, bool):
        raise _wrong(f"closed.{key}", "must be true or false")
    return value


def _year_end(closed: Entry) -> YearEnd | None:
    if "year_end" not in closed:
        return None
    value = closed["year_end"]
    if not isinstance(value, list) or len(value) != len(("first", "last")):
        raise _wrong("closed.year_end", 'must be the first and the last day, such as ["12-29", "01-03"]')
    first, last = (_month_and_day(text) for text in value)
    if first <= last:
        raise _wrong("closed.year_end", "must begin in one year and end in the next")
    return YearEnd(first=first, last=last)


def _month_and_day(text: object) -> tuple[int, int]:
    found = _MONTH_AND_DAY.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise _wrong("closed.year_end", f"{text!r} is not a month and a day such as 12-29")
    month, day = map(int, found.groups())
    try:
        date(_LEAP_YEAR, month, day)
    except ValueError:
        raise _wrong("closed.year_end", f"no year has a day {text!r}") from None
    return month, day


def _closed(closed: Entry) -> tuple[Period, ...]:
    days = closed.get("days", [])
    if not isinstance(days, list):
        raise _wrong("closed.days", "must be a list of days such as [2026-11-24]")
    single = [_day(day, "closed.days") for day in days]
    periods = [_period(entry) for entry in _tables(closed, "period", "closed.period")]
    return (*(Period(first=day, last=day) for day in single), *periods)


def _period(entry: Entry) -> Period:
    _only(entry, "closed.period.", "first", "last")
    period = Period(
        first=_day(entry.get("first"), "closed.period.first"), last=_day(entry.get("last"), "closed.period.last")
    )
    if period.last < period.first:
        raise _wrong("closed.period.last", "is before the first day")
    return period


def _extra(entry: Entry) -> tuple[date, tuple[Hours, ...]]:
    _only(entry, "extra.", "day", "hours")
    return _day(entry.get("day"), "extra.day"), _spans(entry, "hours", "extra.hours")


def _day(value: object, key: str) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _wrong(key, "must be a day such as 2026-11-24, without quotation marks")
    return value
