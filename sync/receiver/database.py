"""One connection to the receiver's database, SQLite or PostgreSQL, and what its errors mean."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ENOSPC
from pathlib import Path

from peewee import Database, PeeweeException, PostgresqlDatabase, SchemaManager, SqliteDatabase

from sync.receiver.errors import ReceiverError, StoreFailed, StoreFull
from sync.receiver.models import TABLES

_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "mmap_size": 0,
    "wal_autocheckpoint": 1000,
    "cell_size_check": 1,
    "trusted_schema": 0,
    "temp_store": "memory",
}
_SQLITE = "sqlite:///"


def sqlite_path(url: str) -> Path | None:
    """The file behind `sqlite:///path`; None for a database that is not a file."""
    return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


class Connection:
    """The one connection of the process, behind one lock; used by one thread at a time, for as short as may be."""

    def __init__(self, url: str) -> None:
        """Open `sqlite:///path` or `postgresql://...` and make the tables that are missing; `StoreFailed`."""
        self._lock = threading.Lock()
        self._database = _database(url)
        with _words_of_the_disk():
            self._database.connect()
            for table in TABLES:
                SchemaManager(table, self._database).create_all(safe=True)

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """One transaction: leaving commits durably, an exception undoes all of it; `StoreFull`, `StoreFailed`."""
        with self._lock, _words_of_the_disk():
            try:
                self._database.begin()
                yield self._database
                self._database.commit()
            except (PeeweeException, sqlite3.Error):
                self._connect_again()
                raise
            except BaseException:
                self._database.rollback()
                raise

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """The database, for questions only; `StoreFailed`."""
        with self._lock, _words_of_the_disk():
            yield self._database

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._database.close()

    def _connect_again(self) -> None:
        """A fresh connection decides what is true after a fault: the commit may or may not have happened."""
        with suppress(PeeweeException, sqlite3.Error):
            self._database.rollback()  # a statement kept alive by the error would keep the lock as well
        self._database.close()
        self._database.connect()


def _database(url: str) -> Database:
    path = sqlite_path(url)
    if path is None:
        return PostgresqlDatabase(url, thread_safe=False)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqliteDatabase(
        str(path), pragmas=_PRAGMAS, lock_type="IMMEDIATE", timeout=5, thread_safe=False, check_same_thread=False
    )


@contextmanager
def _words_of_the_disk() -> Iterator[None]:
    try:
        yield
    except (PeeweeException, sqlite3.Error, OSError) as error:
        raise _storage_error(error) from None


def _storage_error(error: BaseException) -> ReceiverError:
    """peewee hides what the disk said a few links down the exception chain."""
    links = list(_chain(error))
    names = [name for name in (getattr(link, "sqlite_errorname", None) for link in links) if name]
    if "SQLITE_FULL" in names or any(getattr(link, "errno", None) == ENOSPC for link in links):
        return StoreFull()
    return StoreFailed(names[-1] if names else type(error).__name__)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
