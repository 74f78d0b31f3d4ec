"""Reading a source page by page, from where the last run stopped; a source that forgot is read again from the start."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from sync.envelope import parse_record
from sync.errors import SyncError
from sync.office.dating import milliseconds
from sync.office.source import Source
from sync.office.tables import Cursor
from sync.wire import Pulled

LIMIT = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Bookmark:
    """How far a source has been read."""

    road: str
    after: int = 0
    mark: str = ""
    asked_at: datetime | None = None
    """When it last had something new."""

    @classmethod
    def read(cls, road: str) -> "Bookmark":
        """The one that is stored, or the beginning."""
        row = Cursor.get_or_none(Cursor.source == road)
        if row is None:
            return cls(road=road)
        asked_at = datetime.fromtimestamp(row.asked_ms / 1000, UTC)
        return cls(road=road, after=row.after, mark=row.mark, asked_at=asked_at)

    def store(self, now: datetime) -> None:
        """Keep it, inside the transaction that files what it stands behind."""
        values = {"after": self.after, "mark": self.mark, "asked_ms": milliseconds(now)}
        kept = Cursor.insert(source=self.road, **values)
        kept.on_conflict(conflict_target=[Cursor.source], update=values).execute()

    def behind(self, page: Pulled) -> "Bookmark":
        """The bookmark after `page` has been filed."""
        return replace(self, after=page.last, mark=_mark(page.records[-1]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Turned:
    """What the source has now."""

    page: Pulled | None
    """None when there is nothing new."""
    forgot: bool
    """Whether it is not the source it was: one that was restored, or begun anew."""


def next_page(source: Source, bookmark: Bookmark) -> Turned:
    """What comes after the bookmark; read again from the beginning if the marked record is not there.

    The page overlaps the one before by the marked record, which is harmless to file again. `SourceAway`.
    """
    page = source.records(max(bookmark.after - 1, 0), LIMIT)
    forgot = bookmark.after > 0 and (not page.records or _mark(page.records[0]) != bookmark.mark)
    if forgot:
        page = source.records(0, LIMIT)
    is_new = bool(page.records) and (forgot or page.last != bookmark.after)
    return Turned(page=page if is_new else None, forgot=forgot)


def _mark(body: bytes) -> str:
    """What stays the same about a record, even when it is withdrawn later."""
    try:
        return parse_record(body).id.hex()
    except SyncError:
        return sha256(body).hexdigest()
