"""Reading a source page by page, from where the last run stopped; a source that forgot is read again from the start."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from sync.envelope import parse_record
from sync.errors import SyncError
from sync.office.dating import milliseconds
from sync.office.source import Source
from sync.office.tables import Cursor
from sync.wire import Pulled

RECEIVER = "receiver"
LIMIT = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Bookmark:
    """How far the source has been read."""

    after: int = 0
    mark: str = ""
    asked_at: datetime | None = None
    """When it last had something new."""

    @classmethod
    def read(cls) -> "Bookmark":
        """The one that is stored, or the beginning."""
        row = Cursor.get_or_none(Cursor.source == RECEIVER)
        if row is None:
            return cls()
        return cls(after=row.after, mark=row.mark, asked_at=datetime.fromtimestamp(row.asked_ms / 1000, UTC))

    def store(self, now: datetime) -> None:
        """Keep it, inside the transaction that files what it stands behind."""
        values = {"after": self.after, "mark": self.mark, "asked_ms": milliseconds(now)}
        kept = Cursor.insert(source=RECEIVER, **values)
        kept.on_conflict(conflict_target=[Cursor.source], update=values).execute()

    def behind(self, page: Pulled) -> "Bookmark":
        """The bookmark after `page` has been filed."""
        return Bookmark(after=page.last, mark=_mark(page.records[-1]), asked_at=self.asked_at)


def next_page(source: Source, bookmark: Bookmark) -> Pulled | None:
    """What comes after the bookmark, or None; read again from the beginning if the marked record is not there.

    The page overlaps the one before by the marked record, which is harmless to file again. `SourceAway`.
    """
    page = source.records(max(bookmark.after - 1, 0), LIMIT)
    forgot = bookmark.after > 0 and (not page.records or _mark(page.records[0]) != bookmark.mark)
    if forgot:
        page = source.records(0, LIMIT)
    return page if page.records and (forgot or page.last != bookmark.after) else None


def _mark(body: bytes) -> str:
    """What stays the same about a record, even when it is withdrawn later."""
    try:
        return parse_record(body).id.hex()
    except SyncError:
        return sha256(body).hexdigest()
