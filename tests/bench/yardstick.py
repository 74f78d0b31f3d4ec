"""The other half of the yardstick: one durable commit of one row by SQLite itself, nothing around it."""

import sqlite3
import time
from pathlib import Path
from random import Random
from types import TracebackType

ROW_BYTES = 600
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA mmap_size=0",
    "PRAGMA wal_autocheckpoint=1000",
    "PRAGMA foreign_keys=1",
    "PRAGMA cell_size_check=1",
    "PRAGMA trusted_schema=0",
    "PRAGMA temp_store=MEMORY",
)
"""As the desk has them, but for the log, which SQLite folds by itself here and the desk when nobody waits."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection that begins no transaction by itself; its user sees to it that threads take turns."""
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in PRAGMAS:
        database.execute(pragma)
    return database


class RawCommits:
    """Commits a row of 600 bytes with a unique id, again and again."""

    def __init__(self, path: Path, random: Random) -> None:
        self._random = random
        self._database = connect(path)
        self._database.execute("CREATE TABLE one (number INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, body BLOB)")

    def seconds(self) -> float:
        """How long one commit took."""
        uid, body = self._random.randbytes(16), self._random.randbytes(ROW_BYTES)
        began = time.perf_counter()
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute("INSERT INTO one (uid, body) VALUES (?, ?)", (uid, body))
        self._database.execute("COMMIT")
        return time.perf_counter() - began

    def __enter__(self) -> "RawCommits":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._database.close()
