"""Days as a Japanese office writes them, and the periods it asks for."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

JAPAN = ZoneInfo("Asia/Tokyo")

_REIWA = date(2019, 5, 1)
_BEFORE_REIWA = 2018
_APRIL = 4
_DECEMBER = 12
_WEEKDAYS = "月火水木金土日"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read_day(text: str) -> date | None:
    """The day that `text` names as YYYY-MM-DD; None if it does not."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def this_month(today: date) -> tuple[date, date]:
    """The first and the last day of the month."""
    first = today.replace(day=1)
    return first, _next_month(first) - timedelta(days=1)


def this_fiscal_year(today: date) -> tuple[date, date]:
    """From 1 April to 31 March."""
    year = today.year if today.month >= _APRIL else today.year - 1
    return date(year, 4, 1), date(year + 1, 3, 31)


def year(of: date) -> str:
    """令和8年; the western year before Reiwa began."""
    if of < _REIWA:
        return f"{of.year}年"
    number = of.year - _BEFORE_REIWA
    return f"令和{'元' if number == 1 else number}年"


def long_day(day: date) -> str:
    """令和8年11月21日."""
    return f"{year(day)}{day.month}月{day.day}日"


def short_day(day: date) -> str:
    """11月21日（土）."""
    return f"{day.month}月{day.day}日（{_WEEKDAYS[day.weekday()]}）"


def month(day: date) -> str:
    """令和8年11月."""
    return f"{year(day)}{day.month}月"


def clock(at: datetime) -> str:
    """11月21日（土）12:34, Japan time."""
    there = at.astimezone(JAPAN)
    return f"{short_day(there.date())}{there:%H:%M}"


def _next_month(first: date) -> date:
    return date(first.year + first.month // _DECEMBER, first.month % _DECEMBER + 1, 1)
