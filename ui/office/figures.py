"""The numbers as people read them: one figure for each table, the same rows for page, chart and CSV."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sync.office.definitions import DEFINITIONS
from sync.office.staffing import Staffing
from sync.office.statistics import Minutes, Statistics
from ui.office.dates import month, short_day
from ui.office.names import Names, in_order
from ui.office.question import Question
from ui.office.wording import ROLES, hours, spell

NAME_OF = {definition.measure: definition.name for definition in DEFINITIONS}
OLD = (65, 75)
MONTHS_FROM_DAYS = 62
"""A longer period is shown by month."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of a figure; `bar` is its length in percent of the longest."""

    id: str
    name: str
    number: int
    share: float | None = None
    bar: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A titled table of numbers that can be drawn as bars."""

    measure: str
    title: str
    of: str
    """What the rows are called."""
    unit: str
    rows: tuple[Row, ...]
    sums: tuple[Row, ...] = ()
    """Lines that add some of the rows up."""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """A line of the staffing table."""

    id: str
    name: str
    shifts: int
    minutes: int
    hours: str
    people: int


def figures(found: Statistics, names: Names, facilities: Mapping[str, str], question: Question) -> Iterator[Figure]:
    """All tables of one page, in reading order."""
    paper = "紙の記録を ふくみます。" if found.from_paper.people else ""
    overlap = "重複あり。1件に内容が2つあれば両方に数えるため、合計しません。"
    topics = _rows(found.by_topic, names.topics, whole=found.consultations + found.from_paper.people)
    yield _figure("by_topic", "内容", "件", topics, note=overlap + paper)
    bands = _rows(found.by_age_band, names.age_bands, whole=_aged(found))
    yield replace(_figure("by_age_band", "年代", "件", bands, note=paper), sums=tuple(_age_sums(found, names)))
    outcomes = _rows(found.by_outcome, names.outcomes, whole=found.consultations)
    yield _figure("by_outcome", "結果", "件", outcomes)
    shown = facilities if question.facility is None else {question.facility: facilities[question.facility]}
    yield _figure("by_facility", "施設", "件", _rows(found.by_facility, shown, whole=found.visits))
    yield _by_time(found.by_day, question)


def spreads(found: Statistics) -> tuple[tuple[str, Minutes], ...]:
    """The two durations with the name of their measure."""
    return ("waiting_minutes", found.waiting_minutes), ("service_minutes", found.service_minutes)


def roles(staffing: Iterable[Staffing]) -> Iterator[Role]:
    """The staffing table, in the order people expect."""
    found = {each.role: each for each in staffing}
    for role in in_order(ROLES, found):
        if role in found:
            each = found[role]
            yield Role(
                id=role,
                name=spell(ROLES, role),
                shifts=each.shifts,
                minutes=each.minutes,
                hours=hours(each.minutes),
                people=each.people,
            )


def by_day(found: Statistics) -> Figure:
    """Visits by day, however long the period."""
    days = {day.isoformat(): number for day, number in found.by_day.items()}
    return _figure("by_day", "日", "件", _rows(days, {each: each for each in days}, whole=None))


def _by_time(counted: Mapping[date, int], question: Question) -> Figure:
    if (question.last - question.first).days <= MONTHS_FROM_DAYS:
        names = {day.isoformat(): short_day(day) for day in counted}
        numbers = {day.isoformat(): number for day, number in counted.items()}
        return _figure("by_day", "日", "件", _rows(numbers, names, whole=None), note="来所のない日は載せていません。")
    names = {f"{day:%Y-%m}": month(day) for day in counted}
    months = dict.fromkeys(names, 0)
    for day, number in counted.items():
        months[f"{day:%Y-%m}"] += number
    figure = _figure("by_day", "月", "件", _rows(months, names, whole=None), note="来所のない月は載せていません。")
    return replace(figure, title="月別")


def _figure(measure: str, of: str, unit: str, rows: tuple[Row, ...], *, note: str = "") -> Figure:
    return Figure(measure=measure, title=NAME_OF[measure], of=of, unit=unit, rows=_with_bars(rows), note=note)


def _rows(counted: Mapping[str, int], names: Mapping[str, str], *, whole: int | None) -> tuple[Row, ...]:
    return tuple(_row(each, name, counted.get(each, 0), whole=whole) for each, name in in_order(names, counted).items())


def _row(each: str, name: str, number: int, *, whole: int | None) -> Row:
    return Row(id=each, name=name, number=number, share=round(100 * number / whole, 1) if whole else None)


def _with_bars(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    longest = max((row.number for row in rows), default=0) or 1
    return tuple(replace(row, bar=round(100 * row.number / longest, 1)) for row in rows)


def _aged(found: Statistics) -> int:
    """All consultations and marks on paper that have an age band, be it 不明."""
    return sum(found.by_age_band.values())


def _age_sums(found: Statistics, names: Names) -> Iterator[Row]:
    """65歳以上, 75歳以上 and those whose age nobody knows: the lines that are asked for most."""
    if not names.age_from:  # a town without bands of ages has nothing to add up
        return
    for age in OLD:
        old = sum(number for band, number in found.by_age_band.items() if names.age_from.get(band, 0) >= age)
        yield _row(f"from{age}_in_all", f"{age}歳以上（合計）", old, whole=_aged(found))
    unknown = sum(number for band, number in found.by_age_band.items() if band not in names.age_from)
    yield _row("no_age", "年代がわからないもの（合計）", unknown, whole=_aged(found))
