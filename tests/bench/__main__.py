"""`make bench`: every row, ours beside a yardstick measured in the same run, and whether the goal is met."""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import cards, carry, disk, events, memory, press, room, start
from tests.bench.measure import Bench, Line, NotOnDisk, machine, refuse_memory

ROWS: dict[str, Callable[[Bench], list[Line]]] = {
    "press": press.run,
    "memory": memory.run,
    "start": start.run,
    "events": events.run,
    "room": room.run,
    "disk": disk.run,
    "carry": carry.run,
    "cards": cards.run,
}
FOLDER = Path("build/bench")
LAST = Path(__file__).with_name("last.json")
REFUSED, MISSED = 2, 1


def main(words: Sequence[str] | None = None, *, last: Path = LAST) -> int:
    arguments = _arguments(words)
    try:
        with _folder(arguments.data) as folder:
            bench = Bench(folder=folder, quick=arguments.quick, seed=arguments.seed)
            about = {"seed": str(bench.seed), "size": "quick" if bench.quick else "full", **machine(folder)}
            measured = _measure(bench, arguments.rows or list(ROWS), about)
    except NotOnDisk as error:
        print(f"bench: {error}", file=sys.stderr)
        return REFUSED
    if not arguments.rows:
        _keep(last, about, measured)
    missed = [line.name for lines in measured.values() for line in lines if line.promised and line.met is False]
    print(f"goals missed: {', '.join(missed) or 'none'}")
    return MISSED if missed and arguments.strict else 0


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=f"only these of {', '.join(ROWS)}; last.json stays")
    parser.add_argument("--quick", action="store_true", help="fewer and smaller rounds, about 90 seconds")
    parser.add_argument("--strict", action="store_true", help="exit status 1 if a goal is missed")
    parser.add_argument("--data", type=Path, default=FOLDER, help="folder on a disk, for databases (%(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="the same texts and rows again")
    arguments = parser.parse_args(words)
    if unknown := set(arguments.rows) - ROWS.keys():
        parser.error(f"no such row: {', '.join(sorted(unknown))}; known: {', '.join(ROWS)}")
    return arguments


@contextmanager
def _folder(parent: Path) -> Iterator[Path]:
    """An empty folder of this run's own; `NotOnDisk`."""
    parent.mkdir(parents=True, exist_ok=True)
    refuse_memory(parent)
    with tempfile.TemporaryDirectory(dir=parent.resolve()) as folder:
        yield Path(folder)


def _measure(bench: Bench, rows: Sequence[str], about: dict[str, str]) -> dict[str, list[Line]]:
    for key, value in about.items():
        print(f"{key}: {value}")
    print(_columns("", "ours", "beside", "ratio", "rounds from to", "goal", ""))
    measured = {}
    for row in rows:
        began = time.perf_counter()
        measured[row] = ROWS[row](bench)
        for line in measured[row]:
            print(_shown(line))
        print(f"  ({row}: {time.perf_counter() - began:.0f} s)", flush=True)
    return measured


def _shown(line: Line) -> str:
    goal = line.goal.words(line.unit) if line.goal else ""
    if line.our_median is None:
        return f"{_columns(line.name, '', '', '', '', goal, '')}\n  not measured: {line.why_not}"
    beside = "" if line.yardstick_median is None else f"{line.yardstick_median:.4g} {line.unit}"
    ratio = "" if line.ratio is None else f"{line.ratio:.2f} x"
    spread = f"{min(line.ratios):.2f} to {max(line.ratios):.2f}" if line.ratios else ""
    verdict = {None: "", True: "met", False: "not met"}[line.met]
    return _columns(line.name, f"{line.our_median:.4g} {line.unit}", beside, ratio, spread, goal, verdict)


def _columns(*cells: str) -> str:
    widths = (36, 12, 12, 9, 17, 20, 8)
    return "".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _keep(last: Path, about: dict[str, str], measured: dict[str, list[Line]]) -> None:
    at = datetime.now(UTC).date().isoformat()
    rows = {row: [line.as_json() for line in lines] for row, lines in measured.items()}
    last.write_text(
        json.dumps({"on": at, **about, "rows": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    sys.exit(main())
