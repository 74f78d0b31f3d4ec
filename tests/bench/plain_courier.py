"""What carries without sealing: the same facts from an outbox to the plain town, marked when they have arrived."""

import json
import sqlite3
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

from tests.bench.measure import Client
from tests.bench.texts import consultation
from tests.bench.yardstick import connect

COLUMNS = """sequence, uid, visit_uid, topics, age_band, outcome, referred_to, minutes, honest,
    wall_ms, mono_ms, start, boot, quality"""
BATCH = 200
"""As many as the courier takes at once."""


def fill(original: Path, length: int, seed: int) -> sqlite3.Connection:
    """An outbox beside the desk's database with what the desk knows of its facts, memo included."""
    database = connect(original.with_name("plain-outbox.db"))
    database.execute("CREATE TABLE outbox (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL, arrived INTEGER)")
    database.execute("CREATE INDEX waiting ON outbox (sequence) WHERE arrived IS NULL")
    random = Random(seed)
    rows = [(fact["sequence"], json.dumps(fact)) for fact in _facts(original, random, length)]
    database.execute("BEGIN IMMEDIATE")
    database.executemany("INSERT INTO outbox (sequence, body) VALUES (?, ?)", rows)
    database.execute("COMMIT")
    return database


def _facts(original: Path, random: Random, length: int) -> list[dict[str, Any]]:
    desk = sqlite3.connect(f"file:{original}?mode=ro", uri=True)
    desk.row_factory = sqlite3.Row
    rows = desk.execute(f"SELECT {COLUMNS} FROM consultation ORDER BY sequence").fetchall()  # noqa: S608 # ours
    desk.close()
    return [_as_json(row) | {"memo": consultation(random, length).memo} for row in rows]


def _as_json(row: sqlite3.Row) -> dict[str, Any]:
    return {key: row[key].hex() if isinstance(row[key], bytes) else row[key] for key in row.keys()}  # noqa: SIM118 # a Row iterates its values


def carry(outbox: sqlite3.Connection, town: Client) -> int:
    """Batch after batch over one connection; how many arrived."""
    count = 0
    waiting = "SELECT body FROM outbox WHERE arrived IS NULL ORDER BY sequence LIMIT ?"
    while batch := [json.loads(body) for (body,) in outbox.execute(waiting, (BATCH,))]:
        _, answer = town.ask("POST", "/batches", batch)
        arrived = json.loads(answer)["arrived"]
        outbox.execute("BEGIN IMMEDIATE")
        outbox.executemany("UPDATE outbox SET arrived = 1 WHERE sequence = ?", [(number,) for number in arrived])
        outbox.execute("COMMIT")
        count += len(arrived)
    return count


def main(original: Path, port: int, length: int, seed: int) -> None:
    outbox = fill(original, length, seed)
    with Client(port) as town:
        began = time.process_time()
        count = carry(outbox, town)
        cpu = time.process_time() - began
    said = {"receipted": count, "bytes_out": town.bytes_out, "bytes_in": town.bytes_in, "cpu": cpu}
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
