"""A disk that fails at a statement of one's choice, below everything that talks to SQLite."""

import sqlite3
from typing import Any

import pytest


class FailingDisk:
    """Lets `failures` statements fail from the one on that `left` counts down to, before or after it was carried out.

    A rollback and the settings of a fresh connection write nothing, and always go well.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        self.failures = 1
        self.after = False
        connect = sqlite3.connect

        def connect_to_it(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            return connect(*args, factory=self._connection(), **kwargs)

        monkeypatch.setattr(sqlite3, "connect", connect_to_it)

    def _connection(self) -> type[sqlite3.Connection]:
        disk = self

        class FailingCursor(sqlite3.Cursor):
            def execute(self, sql: str, *args: Any) -> "FailingCursor":
                if not disk._is_due(sql):
                    super().execute(sql, *args)
                    return self
                if disk.after:
                    super().execute(sql, *args)
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorname = "SQLITE_IOERR_WRITE"
                raise error  # and this frame holds it and the statement, until Python cleans up some time later

        class FailingConnection(sqlite3.Connection):
            def cursor(self, *_args: Any, **_kwargs: Any) -> FailingCursor:  # type: ignore[override]
                return super().cursor(FailingCursor)

            def execute(self, sql: str, *args: Any) -> FailingCursor:
                return self.cursor().execute(sql, *args)

        return FailingConnection

    def _is_due(self, sql: str) -> bool:
        if self.left is None or sql.startswith(("PRAGMA", "ROLLBACK")):
            return False
        self.left -= 1
        return -self.failures <= self.left < 0
