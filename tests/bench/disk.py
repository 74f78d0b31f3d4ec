"""Row disk: what a consultation costs the card, beside the very same rows inserted by SQLite itself."""

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from random import Random
from statistics import mean

from tests.bench.house import Program, house
from tests.bench.measure import Bench, Client, Goal, Line, bytes_written
from tests.bench.texts import consultation
from tests.bench.yardstick import connect

ROUNDS = 5
CONSULTATIONS = 200
MEMO = 60
Transaction = list[tuple[str, tuple[object, ...]]]
"""Table and row, in the order of their insertion."""
Written = tuple[float, float]
"""wchar and write_bytes, in kB for one consultation."""


def run(bench: Bench) -> list[Line]:
    """Totals, not medians: a checkpoint of the log comes every 170 consultations, into one round or the next."""
    random = bench.random("disk")
    with house(bench, "disk") as here, here.desk() as desk, desk.client() as client:
        replay = Replay(here.state / "desk.db", here.folder / "raw.db")
        rounds = [(_log(desk, client, random), replay.catch_up()) for _ in range(ROUNDS)]
        replay.close()
    calls, disk = [mean(ours[0] for ours, _ in rounds)], [mean(ours[1] for ours, _ in rounds)]
    raw_calls, raw_disk = [mean(raw[0] for _, raw in rounds)], [mean(raw[1] for _, raw in rounds)]
    return [
        Line(name="disk for a consultation", unit="kB", ours=disk, yardstick=raw_disk, goal=Goal(times=1.15)),
        Line(name="disk for a consultation, at most", unit="kB", ours=disk, goal=Goal(plus=40)),
        Line(name="bytes in write calls for it", unit="kB", ours=calls, yardstick=raw_calls),
    ]


def _log(desk: Program, client: Client, random: Random) -> Written:
    before = bytes_written(desk.pid)
    for _ in range(CONSULTATIONS):
        status, answer = client.ask("POST", "/api/v1/consultations", asdict(consultation(random, MEMO)))
        if status != 201:
            raise RuntimeError(f"a consultation was answered with {status}: {answer!r}")
    return _each(before, bytes_written(desk.pid))


def _each(before: tuple[int, int], after: tuple[int, int]) -> Written:
    calls, disk = ((now - then) / CONSULTATIONS / 1000 for then, now in zip(before, after, strict=True))
    return calls, disk


class Replay:
    """A database of the same schema that is brought to the same rows, a transaction for each of the desk's."""

    def __init__(self, original: Path, copy: Path) -> None:
        self._original = original
        self._copy = connect(copy)
        self._after = 0
        with sqlite3.connect(f"file:{original}?mode=ro", uri=True) as database:
            schema = [sql for (sql,) in database.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")]
        database.close()
        for statement in schema:
            self._copy.execute(statement)

    def catch_up(self) -> Written:
        """What this process wrote for one consultation while it inserted what the desk has inserted since."""
        transactions = list(self._read())
        before = bytes_written(os.getpid())
        for transaction in transactions:
            self._copy.execute("BEGIN IMMEDIATE")
            for table, row in transaction:
                self._copy.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608
            self._copy.execute("COMMIT")
        return _each(before, bytes_written(os.getpid()))

    def close(self) -> None:
        self._copy.close()

    def _read(self) -> Iterator[Transaction]:
        """Each consultation with its visit, every record up to its visit's, and the epochs that began with them."""
        database = sqlite3.connect(f"file:{self._original}?mode=ro", uri=True)
        query = "SELECT sequence, visit_uid FROM consultation WHERE sequence > ? ORDER BY sequence"
        for sequence, visit in database.execute(query, (self._after,)).fetchall():
            records = (self._after, sequence + 1)
            yield [
                *_rows(database, "epoch", f"number IN ({_NEW_EPOCHS})", records),
                *_rows(database, "record", "sequence > ? AND sequence <= ?", records),
                *_rows(database, "visit", "uid = ?", (visit,)),
                *_rows(database, "consultation", "sequence = ?", (sequence,)),
            ]
            self._after = sequence + 1
        database.close()


_NEW_EPOCHS = "SELECT epoch FROM record GROUP BY epoch HAVING min(sequence) > ? AND min(sequence) <= ?"


def _rows(database: sqlite3.Connection, table: str, where: str, values: tuple[object, ...]) -> Transaction:
    return [(table, row) for row in database.execute(f"SELECT * FROM {table} WHERE {where}", values)]  # noqa: S608
