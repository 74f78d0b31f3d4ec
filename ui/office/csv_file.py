"""The numbers as a file that a spreadsheet in a Japanese office opens without questions."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from sync.office.definitions import DEFINITIONS, FILTERS_JA, STAFFING
from sync.office.statistics import Statistics
from ui.office.figures import NAME_OF, Figure, Role, by_day, spreads

HEAD = ("指標", "項目ID", "項目", "値", "単位")
_FORMULA = tuple("=+-@＝＋－＠\t\r\n")

Cell = str | int | float | None


def csv_bytes(
    about: Sequence[tuple[str, str]], found: Statistics, figures: Iterable[Figure], roles: Iterable[Role]
) -> bytes:
    """UTF-8 with a byte order mark and CRLF: what is counted, what the measures mean, then one line for each number."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    numbers = (*_totals(found), *_lines(figures, found), *_durations(found), *_staffing(roles))
    for row in (*_head(about, found), (), HEAD, *numbers):
        writer.writerow([_harmless(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _head(about: Sequence[tuple[str, str]], found: Statistics) -> Iterator[Sequence[Cell]]:
    yield ("窓口の統計", "庁内限り")
    yield from about
    if found.unsure_clock:
        yield ("注意", f"時計がたしかでない記録が{found.unsure_clock}件あります（日付がずれているかもしれません）")
    yield ("数え方", "しぼりこみ", FILTERS_JA)
    for definition in (*DEFINITIONS, STAFFING):
        yield ("数え方", definition.name, definition.ja)


def _totals(found: Statistics) -> Iterator[Sequence[Cell]]:
    units = {
        "visits": "件",
        "people": "人",
        "consultations": "件",
        "calls": "件",
        "calls_unattended": "件",
        "assists": "件",
        "unsure_clock": "件",
    }
    for measure, unit in units.items():
        yield (NAME_OF[measure], measure, NAME_OF[measure], getattr(found, measure), unit)
    paper = NAME_OF["from_paper"]
    yield (paper, "visits", NAME_OF["visits"], found.from_paper.visits, "件")
    yield (paper, "people", NAME_OF["people"], found.from_paper.people, "人")


def _lines(figures: Iterable[Figure], found: Statistics) -> Iterator[Sequence[Cell]]:
    for figure in figures:
        exact = by_day(found) if figure.measure == "by_day" else figure
        for row in (*exact.rows, *exact.sums):
            yield (exact.title, row.id, row.name, row.number, exact.unit)


def _durations(found: Statistics) -> Iterator[Sequence[Cell]]:
    for measure, spread in spreads(found):
        name = NAME_OF[measure]
        yield (name, "n", "件数", spread.n, "件")
        yield (name, "median", "中央値", spread.median, "分")
        yield (name, "p90", "90%値", spread.p90, "分")


def _staffing(roles: Iterable[Role]) -> Iterator[Sequence[Cell]]:
    for role in roles:
        yield (STAFFING.name, f"{role.id}.shifts", f"{role.name} 回数", role.shifts, "回")
        yield (STAFFING.name, f"{role.id}.minutes", f"{role.name} 時間", role.minutes, "分")
        yield (STAFFING.name, f"{role.id}.people", f"{role.name} 人数", role.people, "人")


def _harmless(cell: Cell) -> Cell:
    """The same cell, marked as text where a spreadsheet would take it for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
