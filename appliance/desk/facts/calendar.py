"""When the desk is open: weekly hours, holidays, the turn of the year, closed days; pure, in the time of Japan."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Protocol

from appliance.desk.facts.visit import JAPAN

WEEKDAYS = "月火水木金土日"
MIDNIGHT = 24 * 60
"""The end of a day, in minutes."""

_ONE_DAY = timedelta(days=1)
_DAYS_AHEAD = 400
"""A calendar that opens on no day of a whole year and a month never does."""


class Holidays(Protocol):
    """Knows 国民の祝日, 振替休日 and 国民の休日."""

    def is_holiday(self, day: date) -> bool:
        """Whether that day is one."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Hours:
    """From one minute of a day until another, which is no longer part of it."""

    opens: int
    """Minutes since midnight."""
    closes: int
    """Minutes since midnight, at most `MIDNIGHT`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """Days in a row, both ends included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, kw_only=True, slots=True)
class YearEnd:
    """年末年始: from a day in December until one in January, both included."""

    first: tuple[int, int]
    """Month and day."""
    last: tuple[int, int]

    def __contains__(self, day: date) -> bool:
        return (day.month, day.day) >= self.first or (day.month, day.day) <= self.last


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The opening hours of a desk; an extra opening wins over every closed day, a closed day over the weekly hours."""

    weekly: tuple[tuple[Hours, ...], ...]
    """The hours of each weekday, Monday first."""
    on_holidays: tuple[Hours, ...] | None = None
    """The hours of a holiday; none at all is 祝日休館, None leaves a holiday the hours of its weekday."""
    closed_weekdays: frozenset[int] = frozenset()
    """Weekdays on which the house is closed (月曜休館), Monday is 0."""
    moves_after_holiday: bool = False
    """Whether a house whose closed weekday is a holiday opens and is closed on the next weekday (翌平日) instead."""
    year_end: YearEnd | None = None
    closed: tuple[Period, ...] = ()
    """蔵書点検 and 臨時休館."""
    extra: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict)
    """Openings on days that would be closed, or at other hours."""
    holidays: Holidays

    def __post_init__(self) -> None:
        """Freeze the extra openings too."""
        object.__setattr__(self, "extra", MappingProxyType(dict(self.extra)))

    def hours(self, day: date) -> tuple[Hours, ...]:
        """When the desk is open on that day, in order."""
        if day in self.extra:
            return self.extra[day]
        if self._is_closed(day):
            return ()
        if self.on_holidays is not None and self.holidays.is_holiday(day):
            return self.on_holidays
        return self.weekly[day.weekday()]

    def is_open(self, moment: datetime) -> bool:
        """Whether the desk is open then; `moment` is aware."""
        local = moment.astimezone(JAPAN)
        minute = local.hour * 60 + local.minute
        return any(hours.opens <= minute < hours.closes for hours in self.hours(local.date()))

    def next_opening(self, after: datetime) -> datetime | None:
        """When the desk next opens after that moment; None if it never closes before, or never opens again."""
        return next((begin for begin in self._openings(after.astimezone(JAPAN).date()) if begin > after), None)

    def _openings(self, first: date) -> Iterator[datetime]:
        """Every moment from that day on at which a closed desk opens."""
        closes_at_midnight = self._reaches_midnight(first - _ONE_DAY)
        for ahead in range(_DAYS_AHEAD):
            day = first + ahead * _ONE_DAY
            was_open_until = 0 if closes_at_midnight else None
            for hours in self.hours(day):
                if hours.opens != was_open_until:
                    yield datetime.combine(day, time(*divmod(hours.opens, 60)), JAPAN)
                was_open_until = hours.closes
            closes_at_midnight = was_open_until == MIDNIGHT

    def _reaches_midnight(self, day: date) -> bool:
        return any(hours.closes == MIDNIGHT for hours in self.hours(day))

    def _is_closed(self, day: date) -> bool:
        if any(day in period for period in self.closed) or (self.year_end is not None and day in self.year_end):
            return True
        if self.moves_after_holiday:
            return self._is_closed_weekday(day) or self._stands_in(day)
        return day.weekday() in self.closed_weekdays

    def _is_closed_weekday(self, day: date) -> bool:
        return day.weekday() in self.closed_weekdays and not self.holidays.is_holiday(day)

    def _stands_in(self, day: date) -> bool:
        """Whether a closed weekday before `day` was a holiday and `day` is the first 平日 since."""
        if not self._is_working_day(day):
            return False
        before = day - _ONE_DAY
        while not self._is_working_day(before):
            if before.weekday() in self.closed_weekdays and self.holidays.is_holiday(before):
                return True
            before -= _ONE_DAY
        return False

    def _is_working_day(self, day: date) -> bool:
        return day.weekday() < WEEKDAYS.index("土") and not self.holidays.is_holiday(day)


def spoken(opening: datetime) -> str:
    """When the desk next opens, as it is said: 「つぎは 11月21日、土曜日、10時からです」."""
    local = opening.astimezone(JAPAN)
    minutes = f"{local.minute}分" if local.minute else ""
    return f"つぎは {local.month}月{local.day}日、{WEEKDAYS[local.weekday()]}曜日、{local.hour}時{minutes}からです"
