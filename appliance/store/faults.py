"""What the disk really said: peewee and SQLite hide it a few links down the exception chain."""

import errno
import sqlite3
from collections.abc import Iterator
from types import TracebackType

import peewee

from appliance.desk.errors import MadoguchiError, StorageFailed, StorageFull

DISK_ERRORS = (peewee.PeeweeException, sqlite3.Error, OSError)
"""What a database or its disk raises."""

_NO_ROOM = frozenset({"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"})
"""The second one is what SQLite says when the index of the write-ahead log cannot grow."""


class _DiskWords:
    """A context that every press enters more than once: a class costs a tenth of a generator."""

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if isinstance(error, DISK_ERRORS):
            raise storage_error(error) from None


_DISK_WORDS = _DiskWords()


def disk_words() -> _DiskWords:
    """Turn database errors into `StorageFull` or `StorageFailed`; their text never holds a value."""
    return _DISK_WORDS


def storage_error(error: BaseException) -> MadoguchiError:
    """The error of ours that says what the disk said; the first SQLite code found down the chain decides."""
    names = [name for name in map(_sqlite_name, _chain(error)) if name]
    if not _NO_ROOM.isdisjoint(names) or any(getattr(link, "errno", None) == errno.ENOSPC for link in _chain(error)):
        return StorageFull()
    return StorageFailed(names[-1] if names else type(error).__name__)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _sqlite_name(error: BaseException) -> str | None:
    return getattr(error, "sqlite_errorname", None)
