"""What the receiver keeps: sealed records, their epochs, refused ones, and the office's lists for the desks."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from peewee import Database

from sync.envelope import EpochHeader, Place, Record
from sync.leaving import Head, furthest
from sync.notices import Notice
from sync.receipt import MAX_INBOX, Message, OpenedList
from sync.receiver.database import Connection, sqlite_path
from sync.receiver.errors import NoticeOlder, OpenedConflict
from sync.receiver.models import CounterRow, EpochRow, MetaRow, NoticeRow, OpenedRow, QuarantineRow, RecordRow
from sync.receiver.page import Page
from sync.wire import Held, Pulled, as_hash, versioned

MOST_QUARANTINED = 200
"""Refused records kept of one device; more are refused without being kept."""

_INBOX_ROOM = 512 * 1024
_NOTICE_ROOM = 384 * 1024

Body = TypeVar("Body")

EpochKey = tuple[bytes, int]
"""Chain and number: what names an epoch within its device."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A record that was not taken: its id, or what stands for it, why, and its body if it is to be kept."""

    record: bytes
    code: str
    body: bytes | None = None


class Intake:
    """The tables within one transaction, for the records of one device."""

    def __init__(self, database: Database, *, municipality: str, device: bytes, received_ms: int) -> None:
        self._database = database
        self._municipality = municipality
        self._device = device
        self._received_ms = received_ms

    def keep_epochs(self, epochs: Sequence[EpochHeader]) -> None:
        """Store the epochs that are new; one that is stored stays as it is."""
        rows = [self._key() | {"chain": each.chain, "number": each.number, "body": each.body} for each in epochs]
        if rows:
            EpochRow.insert_many(rows).on_conflict_ignore().execute(self._database)

    def epochs(self, keys: Collection[EpochKey]) -> Mapping[EpochKey, bytes]:
        """The stored bodies of these epochs."""
        rows = EpochRow.select().where(
            (EpochRow.municipality == self._municipality)
            & (EpochRow.device == self._device)
            & EpochRow.chain.in_([chain for chain, _ in keys])
            & EpochRow.number.in_([number for _, number in keys])
        )
        return {(bytes(row.chain), row.number): bytes(row.body) for row in rows.bind(self._database)}

    def keep_records(self, records: Sequence[Record]) -> Mapping[bytes, bytes]:
        """Store the records whose id and sequence are free; the hash that stands under each id afterwards."""
        if not records:
            return {}
        first = self._reserve(len(records)) + 1
        rows = [self._key() | _columns(each, self._received_ms, number) for number, each in enumerate(records, first)]
        self._insert(rows)
        return self._standing(each.id for each in records)

    def places(self, places: Iterable[tuple[bytes, int]]) -> dict[tuple[bytes, int], Place]:
        """The stored records in these places: chain and sequence."""
        chains, sequences = (set(part) for part in zip(*places, strict=True))
        rows = RecordRow.select().where(
            (RecordRow.municipality == self._municipality)
            & (RecordRow.device == self._device)
            & RecordRow.chain.in_(chains)
            & RecordRow.sequence.in_(sequences)
        )
        return {(bytes(row.chain), row.sequence): _place(row) for row in rows.bind(self._database)}

    def hollow(self, records: Iterable[Record]) -> None:
        """Delete the ciphertext of records that were withdrawn."""
        ids = [each.id for each in records]
        if ids:
            RecordRow.update(ciphertext=None).where(self._named(ids)).execute(self._database)

    def quarantine(self, refused: Iterable[Refused]) -> None:
        """Keep refused records for people to look at, as far as there is room for this device."""
        kept = [self._quarantined(each.code, each.body) for each in refused if each.body is not None]
        mine = (QuarantineRow.municipality == self._municipality) & (QuarantineRow.device == self._device)
        room = MOST_QUARANTINED - QuarantineRow.select().where(mine).count(self._database) if kept else 0
        if room > 0:
            QuarantineRow.insert_many(kept[:room]).on_conflict_ignore().execute(self._database)

    def _reserve(self, count: int) -> int:
        """Take the next `count` numbers; rising in the order of commits, because this row is locked until then."""
        insert = CounterRow.insert(municipality=self._municipality, last=0)
        insert.on_conflict_ignore().execute(self._database)
        mine = CounterRow.municipality == self._municipality
        CounterRow.update(last=CounterRow.last + count).where(mine).execute(self._database)
        return int(CounterRow.select(CounterRow.last).where(mine).scalar(self._database)) - count

    def _insert(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert what conflicts with nothing, in one statement made by hand: peewee takes longer than the disk."""
        columns = ", ".join(f'"{name}"' for name in rows[0])
        marks = ", ".join([self._database.param] * len(rows[0]))
        values = ", ".join([f"({marks})"] * len(rows))
        statement = f'INSERT INTO "record" ({columns}) VALUES {values} ON CONFLICT DO NOTHING'  # noqa: S608 # no value
        values_of_all = [value for row in rows for value in row.values()]
        self._database.execute_sql(statement, values_of_all)  # type: ignore[no-untyped-call]

    def _standing(self, ids: Iterable[bytes]) -> Mapping[bytes, bytes]:
        rows = RecordRow.select(RecordRow.record, RecordRow.hash).where(self._named(ids))
        return {bytes(row.record): bytes(row.hash) for row in rows.bind(self._database)}

    def _named(self, ids: Iterable[bytes]) -> object:
        return (RecordRow.municipality == self._municipality) & RecordRow.record.in_(list(ids))

    def _key(self) -> dict[str, object]:
        return {"municipality": self._municipality, "device": self._device}

    def _quarantined(self, code: str, body: bytes) -> dict[str, object]:
        row = {"digest": sha256(body).digest(), "code": code, "body": body, "received_ms": self._received_ms}
        return self._key() | row


def _place(row: RecordRow) -> Place:
    *_, previous = versioned(bytes(row.header), 9)
    return Place(
        chain=bytes(row.chain),
        sequence=row.sequence,
        hash=bytes(row.hash),
        previous=as_hash(previous),
        is_hollow=row.ciphertext is None,
    )


def _columns(record: Record, received_ms: int, number: int) -> dict[str, object]:
    return {
        "record": record.id,
        "number": number,
        "chain": record.chain,
        "epoch": record.epoch,
        "sequence": record.sequence,
        "header": record.header,
        "ciphertext": record.ciphertext,
        "signature": record.signature,
        "hash": record.hash,
        "received_ms": received_ms,
    }


class ReceiverStore:
    """The receiver's database."""

    def __init__(self, url: str, *, random: Callable[[int], bytes] = os.urandom) -> None:
        """Open or make the database behind `sqlite:///path` or `postgresql://...`; `StoreFailed`."""
        self._connection = Connection(url)
        self._random = random
        self.epoch = self._read_epoch(_identity(url))
        """16 random bytes that name this life of the database; new ones make every desk offer again what it has."""

    @contextmanager
    def intake(self, *, municipality: str, device: bytes, received_ms: int) -> Iterator[Intake]:
        """One transaction; leaving commits durably, an exception undoes everything; `StoreFull`, `StoreFailed`."""
        with self._connection.writing() as database:
            yield Intake(database, municipality=municipality, device=device, received_ms=received_ms)

    def begin_new_epoch(self) -> None:
        """Say that this database is not the one it was, as after a restore."""
        epoch = self._random(16)
        with self._connection.writing() as database:
            _set_meta(database, "epoch", epoch)
        self.epoch = epoch

    def inbox(self, *, municipality: str, device: bytes, after: int) -> tuple[Message, ...]:
        """The office's lists for that desk above number `after`, as many as one reply holds."""
        mine = (OpenedRow.municipality == municipality) & (OpenedRow.device == device) & (OpenedRow.number > after)
        query = OpenedRow.select().where(mine).order_by(OpenedRow.number).limit(MAX_INBOX)
        with self._connection.reading() as database:
            messages = [(row.number, bytes(row.body)) for row in query.bind(database)]
        return tuple(_within(messages, _INBOX_ROOM, size=lambda message: len(message[1])))

    def keep_opened(self, opened: OpenedList, body: bytes) -> None:
        """Keep a list for its desk; the same list twice is kept once; `OpenedConflict` for another of that number."""
        key = {"municipality": opened.municipality, "device": opened.device, "number": opened.number}
        with self._connection.writing() as database:
            OpenedRow.insert(**key, body=body).on_conflict_ignore().execute(database)
            stands = OpenedRow.select(OpenedRow.body).filter(**key).scalar(database)
        if bytes(stands) != body:
            raise OpenedConflict

    def notices(self, *, municipality: str, held: Iterable[Held]) -> tuple[bytes, ...]:
        """What the office says to all desks and one that has `held` has not heard, as much as one reply holds."""
        numbers = dict(held)
        query = NoticeRow.select().where(NoticeRow.municipality == municipality).order_by(NoticeRow.kind)
        with self._connection.reading() as database:
            news = [bytes(row.body) for row in query.bind(database) if row.number > numbers.get(row.kind, 0)]
        return tuple(_within(news, _NOTICE_ROOM, size=len))

    def keep_notice(self, notice: Notice, body: bytes) -> None:
        """Keep a notice in the place of the one before; the same one twice is kept once; `NoticeOlder`."""
        key = {"municipality": notice.municipality, "kind": notice.kind}
        with self._connection.writing() as database:
            known = NoticeRow.select(NoticeRow.number, NoticeRow.body).filter(**key).bind(database).first()
            if known is None:
                NoticeRow.insert(**key, number=notice.number, body=body).execute(database)
            elif notice.number > known.number:
                same = (NoticeRow.municipality == notice.municipality) & (NoticeRow.kind == notice.kind)
                NoticeRow.update(number=notice.number, body=body).where(same).execute(database)
            elif bytes(known.body) != body:
                raise NoticeOlder(f"number {notice.number}, known is {known.number}")

    def page(self, *, municipality: str, after: int, limit: int) -> Pulled:
        """Up to `limit` records of a municipality that came after number `after`, with the epochs they need."""
        with self._connection.reading() as database:
            return Page(database, municipality).turn(after, limit)

    def quarantined(self, municipality: str) -> Mapping[str, int]:
        """How many refused records are kept, by code."""
        codes: dict[str, int] = {}
        with self._connection.reading() as database:
            rows = QuarantineRow.select(QuarantineRow.code).where(QuarantineRow.municipality == municipality)
            for row in rows.bind(database):
                codes[row.code] = codes.get(row.code, 0) + 1
        return codes

    def heads(self, *, municipality: str, device: bytes) -> tuple[Head, ...]:
        """The last record of every chain of that device, as far as it has come."""
        mine = (RecordRow.municipality == municipality) & (RecordRow.device == device)
        rows = RecordRow.select(RecordRow.chain, RecordRow.sequence, RecordRow.hash).where(mine)
        with self._connection.reading() as database:
            return furthest(
                Head(chain=bytes(row.chain), sequence=row.sequence, hash=bytes(row.hash)) for row in rows.bind(database)
            )

    def check(self) -> None:
        """Return if the database answers; `StoreFailed`."""
        with self._connection.reading() as database:
            _meta(database, "epoch")

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def _read_epoch(self, identity: bytes) -> bytes:
        """The epoch of this very file: a file that was put in its place, as a restore does, begins a new one."""
        with self._connection.writing() as database:
            epoch, known = _meta(database, "epoch"), _meta(database, "identity")
            if epoch is None or known != identity:
                epoch = self._random(16)
                _set_meta(database, "epoch", epoch)
                _set_meta(database, "identity", identity)
        return epoch


def _identity(url: str) -> bytes:
    path = sqlite_path(url)
    return str(path.stat().st_ino).encode() if path else b""


def _meta(database: Database, key: str) -> bytes | None:
    value = MetaRow.select(MetaRow.value).where(MetaRow.key == key).scalar(database)
    return None if value is None else bytes(value)


def _set_meta(database: Database, key: str, value: bytes) -> None:
    insert = MetaRow.insert(key=key, value=value)
    insert.on_conflict(conflict_target=[MetaRow.key], preserve=[MetaRow.value]).execute(database)


def _within(messages: Sequence[Body], room: int, *, size: Callable[[Body], int]) -> Iterator[Body]:
    for message in messages:
        room -= size(message)
        if room < 0:
            return
        yield message
