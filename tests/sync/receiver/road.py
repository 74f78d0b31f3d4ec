"""A town, desks with sealed records and the road between them, for the tests of receiver, door and courier."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from wsgiref.types import WSGIApplication

import waitress

from appliance.courier_door import CourierDoor, Doorkeeper, Offered
from appliance.desk.errors import MadoguchiError
from sync.envelope import OpenEpoch, hollow_body, parse_record, record_body, signature_of
from sync.errors import SyncError
from sync.keys import RecipientKey, SigningKey, TownKeys, device_id
from sync.leaving import Departure, Leave, LeavingBook
from sync.notices import CONTENT, STICKS, Notice
from sync.packs import sticks_in
from sync.receipt import Entry, OpenedList, Reply
from sync.receiver.app import create_receiver_app
from sync.receiver.receiver import Receiver
from sync.receiver.store import ReceiverStore
from sync.registry import DeviceRegistry
from sync.wire import BATCH_CONTEXT, Batch, Held, Signed

MUNICIPALITY = "131016"
OFFICE_TOKEN = "the office's token"
OFFICE_TOKENS = (hashlib.sha256(OFFICE_TOKEN.encode()).digest(),)

RECIPIENT, RECOVERY = RecipientKey.from_seed(b"r" * 32), RecipientKey.from_seed(b"s" * 32)
RECEIVER_KEY, OFFICE_KEY = SigningKey.from_bytes(b"R" * 32), SigningKey.from_bytes(b"O" * 32)
STRANGER_KEY = SigningKey.from_bytes(b"X" * 32)

TOWN_KEYS = TownKeys(
    municipality=MUNICIPALITY,
    recipient=RECIPIENT.public,
    recovery=RECOVERY.public,
    receiver=RECEIVER_KEY.public,
    office=OFFICE_KEY.public,
)


class Desk:
    """A box that seals records into its chain."""

    def __init__(self, *, municipality: str = MUNICIPALITY, key: SigningKey | None = None) -> None:
        self.municipality = municipality
        self.key = key or SigningKey.generate()
        self.id = device_id(self.key.public)
        self.chain = os.urandom(8)
        self.sequence = 0
        self.hash = bytes(32)
        self.epochs: list[OpenEpoch] = []

    def begin_epoch(self) -> OpenEpoch:
        epoch = OpenEpoch.begin(
            municipality=self.municipality,
            device=self.id,
            chain=self.chain,
            start=1,
            number=len(self.epochs) + 1,
            recipients=TOWN_KEYS.recipients,
            signing_key=self.key,
        )
        self.epochs.append(epoch)
        return epoch

    def seal(self, text: bytes = b"payload", *, record_id: bytes | None = None, sequence: int | None = None) -> bytes:
        """The body of the next record of the chain, or of one that takes the place of another."""
        epoch = self.epochs[-1] if self.epochs and self.epochs[-1].sealed_count < 200 else self.begin_epoch()
        self.sequence = sequence or self.sequence + 1
        parts = epoch.seal(text, sequence=self.sequence, record_id=record_id or os.urandom(16), previous_hash=self.hash)
        self.hash = parts.hash
        signature = signature_of(header=parts.header, hash=parts.hash, key=self.key)
        return record_body(header=parts.header, ciphertext=parts.ciphertext, signature=signature)

    def records(self, count: int) -> list[bytes]:
        return [self.seal(b"payload %d" % number) for number in range(count)]

    @property
    def epoch_bodies(self) -> list[bytes]:
        return [epoch.body for epoch in self.epochs]

    def batch(
        self,
        records: Sequence[bytes],
        *,
        epochs: Sequence[bytes] | None = None,
        nonce: bytes = b"n" * 16,
        inbox_after: int = 0,
        notices: tuple[Held, ...] | None = (),
        device: bytes | None = None,
        municipality: str | None = None,
        signed_by: SigningKey | None = None,
    ) -> bytes:
        """A batch as the door would make it."""
        payload = Batch(
            municipality=municipality or self.municipality,
            device=device or self.id,
            run_nonce=nonce,
            inbox_after=inbox_after,
            epochs=tuple(self.epoch_bodies if epochs is None else epochs),
            records=tuple(records),
            notices=notices,
        ).to_bytes()
        return Signed(payload=payload, signature=(signed_by or self.key).sign(BATCH_CONTEXT, payload)).to_bytes()


def hollow(body: bytes) -> bytes:
    """The record after its withdrawal."""
    record = parse_record(body)
    return hollow_body(header=record.header, signature=record.signature, hash=record.hash)


def entry(body: bytes) -> Entry:
    record = parse_record(body)
    return record.id, record.hash


def flipped(body: bytes, at: int) -> bytes:
    """The body with one bit changed."""
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


def opened_list(desk: Desk, number: int, records: Sequence[bytes], *, signed_by: SigningKey = OFFICE_KEY) -> bytes:
    return OpenedList(
        municipality=desk.municipality,
        number=number,
        device=desk.id,
        chain=desk.chain,
        entries=tuple(entry(body) for body in records),
    ).to_bytes(signed_by)


class Town:
    """A receiver with its folder; restarted and restored as real ones are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.leaving = LeavingBook(folder / "leaving.list", municipality=MUNICIPALITY, office=OFFICE_KEY.public)
        self.registry = DeviceRegistry(folder / "devices.toml", leaving=self.leaving)
        self.store = self._open()
        self.receiver = self._receiver()

    def admit(self, desk: Desk) -> None:
        at = datetime(2026, 11, 20, tzinfo=UTC)
        self.registry.admit(desk.key.public, facility="kita", facility_name="北公民館", at=at)

    def say_goodbye(self, desk: Desk, how: Leave) -> None:
        """The office signs that this desk has left, with all that is here of it."""
        heads = self.store.heads(municipality=MUNICIPALITY, device=desk.id)
        departure = Departure(device=desk.id, how=how, heads=heads)
        self.leaving.take(self.leaving.newest().with_departure(departure).to_bytes(OFFICE_KEY))

    def sql(self, statement: str) -> list[tuple[int, ...]]:
        """Reach past the store, to make its disk refuse."""
        database = self.store._connection._database  # noqa: SLF001
        return list(database.execute_sql(statement))  # type: ignore[no-untyped-call]

    def restart(self) -> None:
        self.store.close()
        self.store = self._open()
        self.receiver = self._receiver()

    def lose_everything(self) -> None:
        """The disk dies; a new, empty database takes its place."""
        self.store.close()
        for file in self.folder.glob("receiver.sqlite*"):
            file.unlink()
        self.restart()

    def take(self, message: bytes) -> Reply:
        return Reply.from_bytes(self.receiver.take(message), receiver=RECEIVER_KEY.public)

    @property
    def records(self) -> list[bytes]:
        """Every record, in the order of arrival."""
        return list(self.receiver.records(0, 1000).records)

    @property
    def app(self) -> WSGIApplication:
        return create_receiver_app(self.receiver, office_tokens=OFFICE_TOKENS)

    def _open(self) -> ReceiverStore:
        return ReceiverStore(f"sqlite:///{self.folder}/receiver.sqlite")

    def _receiver(self) -> Receiver:
        return Receiver(
            municipality=MUNICIPALITY,
            store=self.store,
            registry=self.registry,
            signing_key=RECEIVER_KEY,
            office=OFFICE_KEY.public,
        )


@dataclass
class Kept:
    """A record in the fake outbox."""

    body: bytes
    sequence: int
    entry: Entry
    age: timedelta
    receipted: bool = False
    opened_in: int | None = None


@dataclass
class FakeOutbox:
    """Port `OutboxDoor` in memory."""

    epochs: list[bytes] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    receiver_epoch: bytes | None = None
    number: int = 0
    runs: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def add(self, desk: Desk, bodies: Sequence[bytes], *, age: timedelta = timedelta(hours=1)) -> None:
        self.epochs = desk.epoch_bodies
        for body in bodies:
            record = parse_record(body)
            kept = Kept(body=body, sequence=record.sequence, entry=(record.id, record.hash), age=age)
            self.kept.append(kept)

    def add_garbage(self, body: bytes, *, sequence: int) -> None:
        """A row that the disk has damaged."""
        self.kept.append(Kept(body=body, sequence=sequence, entry=(b"?" * 16, b"?" * 32), age=timedelta(hours=1)))

    def offered(self, after: int, limit: int, hold: timedelta) -> Offered:
        with self._lock:
            ready = [each for each in self.kept if not each.receipted and each.age >= hold and each.sequence > after]
            ready = sorted(ready, key=lambda each: each.sequence)[:limit]
        return Offered(
            epochs=self.epochs if ready else [],
            records=[each.body for each in ready],
            last_sequence=ready[-1].sequence if ready else after,
            waiting=self.waiting(),
        )

    def receipted(self, entries: Sequence[Entry], receiver_epoch: bytes) -> int:
        with self._lock:
            self.receiver_epoch = receiver_epoch
            return self._mark(entries, lambda each: not each.receipted, lambda each: setattr(each, "receipted", True))

    def receiver_is(self, receiver_epoch: bytes) -> int:
        with self._lock:
            known, self.receiver_epoch = self.receiver_epoch, receiver_epoch
            if known in (None, receiver_epoch):
                return 0
            again = [each for each in self.kept if each.receipted and each.opened_in is None]
            for each in again:
                each.receipted = False
            return len(again)

    def opened(self, number: int, entries: Sequence[Entry]) -> int:
        with self._lock:
            self.number = number
            unopened: Callable[[Kept], bool] = lambda each: each.opened_in is None  # noqa: E731
            return self._mark(entries, unopened, lambda each: setattr(each, "opened_in", number))

    def last_opened(self) -> int:
        return self.number

    def waiting(self) -> int:
        with self._lock:
            return sum(not each.receipted for each in self.kept)

    def remember_run(self, nonce: bytes) -> None:
        self.runs.append(nonce)

    def remembers_run(self, nonce: bytes) -> bool:
        return nonce in self.runs

    def forget_run(self, nonce: bytes) -> None:
        self.runs.remove(nonce)

    def _mark(self, entries: Sequence[Entry], fits: Callable[[Kept], bool], mark: Callable[[Kept], None]) -> int:
        named = [each for each in self.kept if each.entry in entries and fits(each)]
        for each in named:
            mark(each)
        return len(named)


class Counted:
    """A callback that counts how often it was called."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@dataclass
class FakeTray:
    """Port `NoticeTray` in memory."""

    kept: dict[str, Notice] = field(default_factory=dict)
    refuses: SyncError | MadoguchiError | None = None
    refused: dict[str, int] = field(default_factory=dict)

    def heard(self) -> dict[str, int]:
        return {kind: notice.number for kind, notice in self.kept.items()} | self.refused

    def keep(self, notice: Notice) -> None:
        if self.refuses is not None:
            self.refused[notice.kind] = notice.number
            raise self.refuses
        self.kept[notice.kind] = notice

    def revoked(self) -> frozenset[bytes]:
        return sticks_in(self.kept[STICKS].body) if STICKS in self.kept else frozenset()


def notice(
    kind: str = CONTENT,
    number: int = 1,
    body: bytes = b"says",
    *,
    municipality: str = MUNICIPALITY,
    signed_by: SigningKey = OFFICE_KEY,
) -> bytes:
    return Notice(municipality=municipality, kind=kind, number=number, body=body).to_bytes(signed_by)


def doorkeeper(
    desk: Desk,
    outbox: FakeOutbox,
    *,
    url: str = "",
    on_change: Callable[[], None] = lambda: None,
    notices: FakeTray | None = None,
) -> Doorkeeper:
    return Doorkeeper(
        outbox=outbox,
        notices=notices or FakeTray(),
        town=TOWN_KEYS,
        device_key=desk.key,
        chain=desk.chain,
        receiver_url=url,
        on_change=on_change,
    )


@contextmanager
def open_door(path: Path, keeper: Doorkeeper) -> Iterator[Path]:
    """A real door socket in front of that doorkeeper."""
    door = CourierDoor(path=path, keeper=keeper)
    door.start()
    try:
        yield path
    finally:
        door.stop()


@contextmanager
def serving(app: WSGIApplication) -> Iterator[str]:
    """A real HTTP server for `app`; its URL."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8, ident=None)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()

    def close() -> None:
        for channel in list(server._map.values()):  # noqa: SLF001 # waitress closes cleanly only from its own thread
            channel.close()

    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.trigger.pull_trigger(close)
        thread.join(timeout=5)
        server.task_dispatcher.shutdown(timeout=5)
