"""The box's database: one writer connection behind a lock, one reader beside it."""

import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Generic, TypeVar
from uuid import UUID

from peewee import SqliteDatabase, fn

from appliance.desk.errors import MadoguchiError, StorageFailed, StorageFull
from appliance.desk.facts.consultation import Consultation
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.sealed import ChainHead, SealedRecord
from appliance.desk.facts.sheet import DayRows, Opening
from appliance.store.day_rows import (
    OpeningRows,
    Seen,
    TallyRows,
    newest_opening,
    rows_of_day,
    said_in_boot,
    seen_last,
)
from appliance.store.faults import DISK_ERRORS, disk_words, storage_error
from appliance.store.insertion import Insertion
from appliance.store.migrations import migrate
from appliance.store.models import ConsultationRow, EpochRow, MetaRow, RecordRow, RequestRow
from appliance.store.reserve import RESERVE_BYTES, Reserve
from appliance.store.rows import (
    CallRows,
    ConsultationRows,
    RequestRows,
    VisitRows,
    consultation_of,
    counts,
)
from appliance.store.staff_rows import RosterRows, StayRows
from appliance.store.token_rows import TokenRows

_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "mmap_size": 0,
    "wal_autocheckpoint": 4000,
    "foreign_keys": 1,
    "cell_size_check": 1,
    "trusted_schema": 0,
    "secure_delete": 1,
    "temp_store": "memory",
}
FOLD_AFTER = 600
"""So many transactions make the log long even where nobody pauses; SQLite itself would stop a press to fold it."""

Begun = TypeVar("Begun")
_RECORD = Insertion(RecordRow)
_REQUESTS_KEPT = timedelta(hours=48)


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """Which start of the process and which boot of the machine this is, in the life of this database."""

    start: int
    boot: int


class OutboxRows:
    """Port `Outbox` on the tables record and epoch; holds the chain as far as the transaction has written it."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def begin(self, head: ChainHead) -> None:
        """A transaction begins where the chain stands."""
        self.head = head
        self.hollowed: set[UUID] = set()
        self.unreceipted = 0
        """How many records that the town had receipted wait again, because they were withdrawn."""
        self._newest: UUID | None = None

    def add(self, record: SealedRecord, *, at: Moment) -> None:
        """See the port."""
        if record.sequence != self.head.sequence + 1:
            raise StorageFailed("the record does not follow the chain")
        if record.epoch.number > self.head.epoch:
            EpochRow.insert(number=record.epoch.number, body=record.epoch.body).execute(self._database)
        _RECORD.into(
            self._database,
            sequence=record.sequence,
            uid=record.id,
            epoch=record.epoch.number,
            header=record.header,
            ciphertext=record.ciphertext,
            hash=record.hash,
            start=at.start,
            mono_ms=at.mono_ms,
            wall_ms=at.wall_ms,
        )
        self.head = ChainHead(
            chain=self.head.chain, sequence=record.sequence, hash=record.hash, epoch=record.epoch.number
        )
        self._newest = record.id

    def hollow(self, record: UUID) -> None:
        """See the port; a copy that the town has is to be hollowed there too, so the record is offered once more."""
        named = RecordRow.uid == record
        RecordRow.update(ciphertext=None).where(named).execute(self._database)
        receipted = named & RecordRow.receipted_by.is_null(is_null=False)
        self.unreceipted += RecordRow.update(receipted_by=None).where(receipted).execute(self._database)
        self.hollowed.add(record)

    def sequence_of(self, record: UUID) -> int:
        """The sequence of the record just added, which must be that one."""
        if record != self._newest:
            raise StorageFailed("a row must follow its own record")
        return self.head.sequence


class Tables:
    """Port `Writing`: the tables of one connection, under the writer lock."""

    def __init__(self, database: SqliteDatabase, process: bytes) -> None:
        self.outbox = OutboxRows(database)
        self.calls = CallRows(database, self.outbox.sequence_of)
        self.visits = VisitRows(database)
        self.consultations = ConsultationRows(database, self.outbox.sequence_of)
        self.requests = RequestRows(database, process)
        self.tokens = TokenRows(database)
        self.openings = OpeningRows(database)
        self.tallies = TallyRows(database)
        self.staff = RosterRows(database)
        self.stays = StayRows(database)

    @property
    def head(self) -> ChainHead:
        """See the port."""
        return self.outbox.head


class Transaction(Generic[Begun]):
    """What `Store.writing` gives: a class, because every press enters it and a generator takes three times as long."""

    __slots__ = ("_begin", "_end")

    def __init__(self, begin: Callable[[], Begun], end: Callable[[BaseException | None], None]) -> None:
        self._begin = begin
        self._end = end

    def __enter__(self) -> Begun:
        return self._begin()

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._end(error)
        if isinstance(error, DISK_ERRORS):
            raise storage_error(error) from None


class Store:
    """Port `Storage`."""

    def __init__(self, path: Path, *, reserve: int = RESERVE_BYTES) -> None:
        """Open or make the database at `path`; `StorageFailed` if it is not usable.

        `reserve`: how many bytes `keep_reserve` sets aside beside it, for the transactions after a full disk.
        """
        self.seen: Seen | None = None
        """The newest time that was stored before this start, if any."""
        self.said: Seen | None = None
        """What somebody said the time is earlier in this boot, if anybody did."""
        self._path = path
        self._lock = threading.Lock()
        self._reader_lock = threading.Lock()
        self._folder_lock = threading.Lock()
        self._folder: SqliteDatabase | None = None
        self.unfolded = 0
        """Transactions since the log was folded."""
        self.log_is_long = threading.Event()
        """Set when it is time to `fold_log`."""
        self._process = secrets.token_bytes(8)
        self.hollowed: set[UUID] = set()
        """Withdrawn records whose full copy may be under way: only a receipt for the hollow copy counts."""
        self._reserve = Reserve(path.with_name("reserve"), size=reserve)
        self.keep_reserve = self._reserve.keep
        with disk_words():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._open()
        except StorageFull:
            if not self._reserve.release():
                raise
            self._open()

    def _open(self) -> None:
        """Everything from the disk, and this start counted; nothing stays open where that fails."""
        with disk_words(), ExitStack() as opened:
            self._begin_afresh()
            opened.callback(self._writer.close)
            migrate(self._writer)
            self._path.chmod(0o600)
            self.run = self._begin_run()
            self.seen = seen_last(self._writer)
            self.said = said_in_boot(self._writer, self.run.boot)
            self._head = self._read_head()
            self._unsent = self._count_unsent()
            self._reader = self._connect_reader()
            opened.pop_all()
        self._sound = self._reader_sound = True

    @property
    def chain(self) -> bytes:
        """The random name of this database's chain, 8 bytes."""
        return self._head.chain

    def writing(self) -> Transaction[Tables]:
        """See the port; a full disk also makes the reserve go, so that the next transaction may find room."""
        return Transaction(self._begin_writing, self._end_writing)

    def _begin_writing(self) -> Tables:
        try:
            self._begin()
        except StorageFull:
            self._reserve.release()
            raise
        self._tables.outbox.begin(self._head)
        return self._tables

    def _end_writing(self, error: BaseException | None) -> None:
        try:
            self._end(error, commit=self._commit_writing)
        except StorageFull:
            self._reserve.release()
            raise
        if isinstance(error, DISK_ERRORS) and isinstance(storage_error(error), StorageFull):
            self._reserve.release()

    def _commit_writing(self) -> None:
        outbox = self._tables.outbox
        self._execute("COMMIT")
        self._unsent += outbox.head.sequence - self._head.sequence + outbox.unreceipted
        self.hollowed |= outbox.hollowed
        self._head = outbox.head
        self.unfolded += 1
        if self.unfolded >= FOLD_AFTER:
            self.log_is_long.set()

    @contextmanager
    def alone(self) -> Iterator[SqliteDatabase]:
        """The writer lock and a transaction that touches no chain: marks of receipts, requests grown old."""
        with Transaction(self._begin, partial(self._end, commit=self._commit_alone)):
            yield self._writer

    def _commit_alone(self) -> None:
        unsent = self._count_unsent()
        self._writer.commit()
        self._unsent = unsent

    def _begin(self) -> None:
        """Lock and begin. Until the end is a good one nobody knows what the disk holds."""
        self._lock.acquire()
        try:
            with disk_words():
                self._make_sound()
                self._sound = False
                self._execute("BEGIN IMMEDIATE")
        except BaseException:
            self._lock.release()
            raise

    def _end(self, error: BaseException | None, *, commit: Callable[[], None]) -> None:
        """Commit, or undo an error of ours; after any other the next transaction starts afresh. Unlock."""
        try:
            with disk_words():
                if error is None:
                    commit()
                elif isinstance(error, MadoguchiError):
                    self._writer.rollback()
                else:
                    return
            self._sound = True
        finally:
            self._lock.release()

    def _make_sound(self) -> None:
        """After a fault a fresh connection decides what is true: the last commit may or may not have happened."""
        if not self._sound:
            with suppress(*DISK_ERRORS):
                self._writer.rollback()  # an error that somebody still holds keeps a closed connection and its lock
            self._writer.close()
            self._begin_afresh()
            self._head = self._read_head()
            self._unsent = self._count_unsent()
            self._sound = True

    def unsent(self) -> int:
        """See the port."""
        return self._unsent

    def logged_since(self, wall: datetime) -> Sequence[Consultation]:
        """See the port."""
        since = int(wall.timestamp() * 1000)
        query = ConsultationRow.select().where((ConsultationRow.at.wall_ms >= since) & counts())
        with self._reading() as reader:
            rows = query.order_by(ConsultationRow.sequence.desc()).bind(reader)
            return [consultation_of(row) for row in rows]

    def day_rows(self, day: date) -> DayRows:
        """See the port."""
        with self._reading() as reader:
            return rows_of_day(reader, day)

    def newest_opening(self) -> Opening | None:
        """See the port."""
        with self._reading() as reader:
            return newest_opening(reader)

    @contextmanager
    def _reading(self) -> Iterator[SqliteDatabase]:
        """The reader, alone; after a fault a fresh connection takes its place."""
        with self._reader_lock, disk_words():
            if not self._reader_sound:
                self._reader.close()
                self._reader = self._connect_reader()
            self._reader_sound = False
            yield self._reader
            self._reader_sound = True

    def forget_old_requests(self, now: Moment) -> None:
        """Forget which requests were carried out more than 48 hours ago."""
        before = now.wall_ms - _REQUESTS_KEPT // timedelta(milliseconds=1)
        with self.alone() as database:
            RequestRow.delete().where(RequestRow.wall_ms < before).execute(database)

    def rehearse(self) -> None:
        """Write, take it back before it costs the card anything, and read. `StorageFailed` if a record could not be."""
        with Transaction(self._begin, partial(self._end, commit=self._take_back)):
            self.set_meta("rehearsal", b"")
        with self._reading() as reader:
            reader.execute_sql("SELECT 1 FROM meta").fetchall()  # type: ignore[no-untyped-call]

    def _take_back(self) -> None:
        self._writer.rollback()  # asked for now: the beginning may have put a fresh connection in its place

    def keep_sign_of_life(self) -> None:
        """Store one small row for good: whether the disk takes anything, found out before a visitor does."""
        with self.alone():
            self.set_meta("alive", os.urandom(8))

    def fold_log(self) -> None:
        """Move the write-ahead log into the database, beside the writer, which goes on meanwhile."""
        self.unfolded = 0
        self.log_is_long.clear()
        with self._folder_lock, disk_words():
            if self._folder is None:
                self._folder = self._connect_writer()
            self._folder.pragma("wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Close all connections."""
        with self._lock, self._folder_lock:
            self._reader.close()
            if self._folder is not None:
                self._folder.close()
            self._writer.close()

    def _begin_afresh(self) -> None:
        self._writer = self._connect_writer()
        self._execute = self._writer.connection().execute  # type: ignore[no-untyped-call]
        self._tables = Tables(self._writer, self._process)

    def _connect_writer(self) -> SqliteDatabase:
        writer = SqliteDatabase(
            str(self._path), pragmas=_PRAGMAS, timeout=5, thread_safe=False, check_same_thread=False
        )
        writer.connect()
        return writer

    def _connect_reader(self) -> SqliteDatabase:
        """Having read once it keeps the write-ahead log and its index, so that a writer comes back where no room is."""
        reader = SqliteDatabase(
            f"file:{self._path}?mode=ro", uri=True, timeout=5, thread_safe=False, check_same_thread=False
        )
        reader.connect()
        reader.execute_sql("SELECT 1 FROM meta").fetchall()  # type: ignore[no-untyped-call]
        return reader

    def _begin_run(self) -> Run:
        """Count this start, and this boot if it is a new one, before anything else happens."""
        boot_id = Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()
        with self._writer.atomic("IMMEDIATE"):
            start = int.from_bytes(self.meta("start") or b"\0") + 1
            boot = int.from_bytes(self.meta("boot") or b"\0")
            if self.meta("boot_id") != boot_id:
                boot += 1
                self.set_meta("boot_began", start.to_bytes(8))
            self.set_meta("start", start.to_bytes(8))
            self.set_meta("boot", boot.to_bytes(8))
            self.set_meta("boot_id", boot_id)
            if self.meta("chain") is None:
                self.set_meta("chain", os.urandom(8))
        return Run(start=start, boot=boot)

    def _read_head(self) -> ChainHead:
        last = RecordRow.select().order_by(RecordRow.sequence.desc()).first(self._writer)
        epoch = EpochRow.select(fn.MAX(EpochRow.number)).scalar(self._writer) or 0
        chain = self.meta("chain")
        if chain is None:
            raise StorageFailed("the database has no chain id")
        if last is None:
            return ChainHead(chain=chain, sequence=0, hash=bytes(32), epoch=epoch)
        return ChainHead(chain=chain, sequence=last.sequence, hash=bytes(last.hash), epoch=epoch)

    def _count_unsent(self) -> int:
        return int(RecordRow.select().where(RecordRow.receipted_by.is_null()).count(self._writer))

    def meta(self, key: str) -> bytes | None:
        """A value the database keeps about itself; under the writer lock."""
        row = MetaRow.select().where(MetaRow.key == key).first(self._writer)
        return bytes(row.value) if row else None

    def set_meta(self, key: str, value: bytes) -> None:
        """Keep a value about the database itself; inside a transaction."""
        MetaRow.insert(key=key, value=value).on_conflict_replace().execute(self._writer)
