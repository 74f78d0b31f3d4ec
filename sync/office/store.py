"""The database of the office: SQLite on its own disk, carried forward by numbered migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import peewee

from sync.office.migrations import migrate
from sync.office.tables import database

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "busy_timeout": 10_000,
    "secure_delete": "on",  # a withdrawn memo leaves no trace on the disk
}


class Storage:
    """The tables on disk; a process has one at a time, because the tables know only one database."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)  # it holds what only the office may read
        self._database = peewee.SqliteDatabase(str(path), pragmas=PRAGMAS)
        database.initialize(self._database)
        self._database.connect()  # stays open, so that the last reader does not have to tidy the WAL away
        with self._database.atomic("immediate"):
            migrate(self._database)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One consistent state of the tables, for this thread."""
        with self._connection(), self._database.atomic():
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction; leaving commits durably, an exception undoes everything."""
        with self._connection(), self._database.atomic("immediate"):
            yield

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of a transaction that can fail alone."""
        with self._database.atomic():
            yield

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    @contextmanager
    def _connection(self) -> Iterator[None]:
        opened = self._database.connect(reuse_if_open=True)
        try:
            yield
        finally:
            if opened:
                self._database.close()
