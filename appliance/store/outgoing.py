"""Sealed records on their way to the town: what is offered, what was receipted, what the office has opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from peewee import SqliteDatabase

from appliance.desk.facts.moment import Moment, milliseconds
from appliance.store.models import EpochRow, RecordRow
from appliance.store.store import Store

Entry = tuple[bytes, bytes]
"""Record id and hash."""

MOST_RUNS = 512
"""Runs on foot that are remembered; the answers to older ones come too late."""

HEARD = "heard"
"""Under which the database keeps when the town last answered."""

_NONCE = 16

_RECEIPTED = "UPDATE record SET receipted_by = ? WHERE uid = ? AND hash = ? AND receipted_by IS NULL"
_OPENED = "UPDATE record SET opened_in = ? WHERE uid = ? AND hash = ? AND opened_in IS NULL"


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredRecord:
    """One sealed record as it lies in the database; without ciphertext if it was withdrawn."""

    sequence: int
    header: bytes
    ciphertext: bytes | None
    hash: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """Records to carry, oldest first, and the epochs that the town cannot have yet."""

    records: tuple[StoredRecord, ...]
    epochs: tuple[bytes, ...]


class OutgoingRecords:
    """The outbox, seen from the courier's side."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def offered(self, *, after: int, limit: int, hold: timedelta, now: Moment) -> Outgoing:
        """Up to `limit` unreceipted records beyond sequence `after` that have been here for `hold`.

        A record of an earlier boot may show a higher monotonic time than now; it has been here long enough.
        """
        rested = now.mono_ms - hold // timedelta(milliseconds=1)
        waiting = (RecordRow.sequence > after) & RecordRow.receipted_by.is_null()
        ready = (RecordRow.mono_ms <= rested) | (RecordRow.mono_ms > now.mono_ms)
        query = RecordRow.select().where(waiting & ready).order_by(RecordRow.sequence).limit(limit)
        with self._store.alone() as database:
            rows = list(query.bind(database))
            self._store.hollowed -= {row.uid for row in rows if row.ciphertext is None}
            numbers = {row.epoch for row in rows}
            numbers -= _epochs_of(self._store.meta("receiver"), numbers, database)
            epochs = (
                EpochRow.select(EpochRow.body).where(EpochRow.number.in_(sorted(numbers))).order_by(EpochRow.number)
            )
            bodies = tuple(bytes(row.body) for row in epochs.bind(database))
        return Outgoing(records=tuple(map(_stored, rows)), epochs=bodies)

    def receipted(self, entries: Sequence[Entry], *, receiver_epoch: bytes) -> int:
        """Mark the records whose id and hash the receiver names; returns how many were news."""
        stale = {record.bytes for record in self._store.hollowed}
        return self._mark(_RECEIPTED, receiver_epoch, [entry for entry in entries if entry[0] not in stale])

    def receiver_is(self, receiver_epoch: bytes, *, at: Moment) -> int:
        """Offer again what only another life of the receiver receipted and no office opened; returns how many.

        `at`: when the receiver has shown itself.
        """
        others = (RecordRow.receipted_by != receiver_epoch) & RecordRow.opened_in.is_null()
        with self._store.alone() as database:
            self._store.set_meta(HEARD, milliseconds(at.wall).to_bytes(8))
            if self._store.meta("receiver") != receiver_epoch:
                self._store.set_meta("receiver", receiver_epoch)
            return int(RecordRow.update(receipted_by=None).where(others).execute(database))

    def opened(self, number: int, entries: Sequence[Entry]) -> int:
        """Mark the records that the office's list `number` says it has opened; returns how many were news."""
        news = self._mark(_OPENED, number, entries)
        with self._store.alone():
            self._store.set_meta("opened_list", number.to_bytes(8))
        return news

    def last_opened(self) -> int:
        """The highest opened list taken in so far; 0 before the first."""
        with self._store.alone():
            return int.from_bytes(self._store.meta("opened_list") or b"\0")

    def remember_run(self, nonce: bytes) -> None:
        """Know that run again, even after a restart, until it is forgotten."""
        with self._store.alone():
            self._store.set_meta("stick_runs", b"".join((*self._runs(), nonce)[-MOST_RUNS:]))

    def remembers_run(self, nonce: bytes) -> bool:
        """Whether that run is remembered."""
        with self._store.alone():
            return nonce in self._runs()

    def forget_run(self, nonce: bytes) -> None:
        """That run has been answered."""
        with self._store.alone():
            self._store.set_meta("stick_runs", b"".join(run for run in self._runs() if run != nonce))

    def waiting(self) -> int:
        """How many records no receiver has receipted."""
        return self._store.unsent()

    def _runs(self) -> tuple[bytes, ...]:
        runs = self._store.meta("stick_runs") or b""
        return tuple(runs[begin : begin + _NONCE] for begin in range(0, len(runs), _NONCE))

    def _mark(self, statement: str, mark: bytes | int, entries: Sequence[Entry]) -> int:
        with self._store.alone() as database:
            return sum(
                database.execute_sql(statement, (mark, record, digest)).rowcount  # type: ignore[no-untyped-call]
                for record, digest in entries
            )


def _epochs_of(receiver: bytes | None, numbers: set[int], database: SqliteDatabase) -> set[int]:
    """Of these epochs, the ones of which today's receiver has receipted a record: its epoch was carried with it."""
    if receiver is None:
        return set()
    carried = RecordRow.epoch.in_(sorted(numbers)) & (RecordRow.receipted_by == receiver)
    return {row.epoch for row in RecordRow.select(RecordRow.epoch).where(carried).distinct().bind(database)}


def _stored(row: RecordRow) -> StoredRecord:
    return StoredRecord(
        sequence=row.sequence,
        header=bytes(row.header),
        ciphertext=None if row.ciphertext is None else bytes(row.ciphertext),
        hash=bytes(row.hash),
    )
