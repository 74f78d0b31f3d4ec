"""How the database of a box is, seen from outside: read only, by another process than the desk's."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from peewee import SqliteDatabase, fn

from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.sheet import Opening
from appliance.store.day_rows import Seen, newest_opening, said_in_boot
from appliance.store.faults import disk_words
from appliance.store.models import MetaRow, RecordRow
from appliance.store.outgoing import HEARD, StoredRecord
from appliance.store.proof import read_only

_MOST_FAULTS = 3
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkup:
    """What a database tells of itself."""

    unsent: int
    oldest_unsent: datetime | None
    """When the oldest record that no receiver has receipted was made."""
    newest: datetime | None
    """The time of the newest record."""
    heard: datetime | None
    """When the town last answered, by wire or on foot."""
    opening: Opening | None
    """The newest day on which the desk was opened."""
    said: Seen | None
    """What somebody has said in this boot of the machine that the time is."""

    @property
    def is_vouched(self) -> bool:
        """Whether somebody has."""
        return self.said is not None


def faults_of(path: Path) -> Sequence[str]:
    """What SQLite finds wrong in the database, a few of it; nothing where it is whole."""
    try:
        with _reading(path) as reader:
            found = reader.execute_sql(f"PRAGMA quick_check({_MOST_FAULTS})").fetchall()  # type: ignore[no-untyped-call]
    except MadoguchiError as error:
        return [str(error)]
    return [line for (line,) in found if line != "ok"]


def checkup(path: Path) -> Checkup:
    """What the database at `path` says; `StorageFailed`."""
    with _reading(path) as reader:
        waiting = RecordRow.select().where(RecordRow.receipted_by.is_null())
        heard = _meta(reader, HEARD)
        is_this_boot = _meta(reader, "boot_id") == _BOOT_ID.read_bytes().strip()
        boot = int.from_bytes(_meta(reader, "boot") or b"\0")
        return Checkup(
            unsent=int(waiting.count(reader)),
            oldest_unsent=_moment(waiting.select(fn.MIN(RecordRow.wall_ms)).scalar(reader)),
            newest=_moment(RecordRow.select(fn.MAX(RecordRow.wall_ms)).scalar(reader)),
            heard=_moment(int.from_bytes(heard)) if heard else None,
            opening=newest_opening(reader),
            said=said_in_boot(reader, boot) if is_this_boot else None,
        )


def records_of(path: Path) -> Iterator[StoredRecord]:
    """Every record of the chain in its order; `StorageFailed`."""
    with _reading(path) as reader:
        for row in RecordRow.select().order_by(RecordRow.sequence).bind(reader).iterator():
            yield StoredRecord(
                sequence=row.sequence,
                header=bytes(row.header),
                ciphertext=None if row.ciphertext is None else bytes(row.ciphertext),
                hash=bytes(row.hash),
            )


@contextmanager
def _reading(path: Path) -> Iterator[SqliteDatabase]:
    with disk_words():
        reader = SqliteDatabase(read_only(path), uri=True, timeout=5, thread_safe=False)
        with reader.connection_context():
            yield reader


def _meta(reader: SqliteDatabase, key: str) -> bytes | None:
    row = MetaRow.select().where(MetaRow.key == key).first(reader)
    return bytes(row.value) if row else None


def _moment(wall_ms: int | None) -> datetime | None:
    return None if wall_ms is None else datetime.fromtimestamp(wall_ms / 1000, UTC)
