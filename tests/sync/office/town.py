"""A town to test with: desks that seal whatever they are told, a source in memory, and an office over a real file."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from types import MappingProxyType

from sync.envelope import OpenEpoch, hollow_body, parse_record, record_body, signature_of
from sync.keys import RecipientKey, SigningKey, device_id
from sync.leaving import LeavingBook
from sync.office.errors import SourceAway
from sync.office.office import Office
from sync.office.store import Storage
from sync.registry import DeviceRegistry
from sync.schema import Moment5, pack
from sync.sticks import StickBook
from sync.wire import Pulled

MUNICIPALITY = "999997"
KEY = RecipientKey.from_seed(b"\x21" * 32)
STRANGER = RecipientKey.from_seed(b"\x22" * 32)
OFFICE_KEY = SigningKey.from_bytes(b"\x23" * 32)
NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
"""Noon in Japan on a Saturday."""
TODAY = date(2026, 11, 21)


def wall_ms(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@dataclass
class TestDesk:
    """A desk that records what a test tells it; `bodies` is its outbox."""

    __test__ = False

    seed: int
    facility: str = "chuo"
    facility_name: str = "中央公民館"
    recipient: RecipientKey = KEY
    municipality: str = MUNICIPALITY
    life: int = 1
    """Which of the databases this box has had; each has a chain of its own."""
    bodies: list[bytes] = field(default_factory=list)
    epochs: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = SigningKey.from_bytes(self.seed.to_bytes(32, "big"))
        self.device = device_id(self.key.public)
        self.chain = (self.seed + 1000 * (self.life - 1)).to_bytes(8, "big")
        self._chance = Random(self.seed + 1000 * (self.life - 1))
        self._last_hash = bytes(32)
        self.quality = "staff"
        self.boot = 1
        self.mono_ms: int | None = None
        self.begin_epoch()

    def begin_epoch(self) -> None:
        self.epoch = OpenEpoch.begin(
            municipality=self.municipality,
            device=self.device,
            chain=self.chain,
            start=1,
            number=len(self.epochs) + 1,
            recipients=[self.recipient.public],
            signing_key=self.key,
        )
        self.epochs.append(self.epoch.body)

    def record(
        self, kind: str, values: Mapping[str, object], *, at: datetime = NOON, record_id: bytes | None = None
    ) -> bytes:
        """Seal one record; its id. Unless told, the monotonic clock goes as the wall clock does."""
        mono_ms = wall_ms(at) % 10**9 if self.mono_ms is None else self.mono_ms
        moment = Moment5(1, self.boot, mono_ms, wall_ms(at), self.quality)
        return self.payload(pack(kind, moment, values), record_id=record_id)

    def payload(self, plaintext: bytes, *, record_id: bytes | None = None, sequence: int | None = None) -> bytes:
        record_id = record_id or self._chance.randbytes(16)
        sealed = self.epoch.seal(
            plaintext, sequence=sequence or len(self.bodies) + 1, record_id=record_id, previous_hash=self._last_hash
        )
        self._last_hash = sealed.hash
        signature = signature_of(header=sealed.header, hash=sealed.hash, key=self.key)
        self.bodies.append(record_body(header=sealed.header, ciphertext=sealed.ciphertext, signature=signature))
        return record_id

    def call(self, *, attended: bool = True, at: datetime = NOON) -> bytes:
        return self.record("call", {"button": 1, "source": "button", "attended": attended}, at=at)

    def close(
        self,
        call: bytes,
        *,
        state: str = "answered",
        seconds: int = 90,
        honest: bool = True,
        attended: bool = True,
        at: datetime = NOON,
    ) -> bytes:
        by = "promotion_volunteer" if state == "answered" else None
        values = {
            "call": call, "state": state, "waiting_seconds": seconds, "honest": honest, "attended": attended, "by": by,
        }  # fmt: skip
        return self.record("call_closed", values, at=at)

    def visit(
        self,
        *,
        call: bytes | None = None,
        people: int = 1,
        seconds: int = 600,
        honest: bool = True,
        timed: bool = True,
        at: datetime = NOON,
    ) -> bytes:
        values = {
            "call": call,
            "channel": "in_person",
            "people": people,
            "language": "ja",
            "waiting_seconds": None,
            "service_seconds": seconds,
            "honest": honest,
            "timed": timed,
            "began_wall_ms": wall_ms(at) - seconds * 1000,
        }
        return self.record("visit", values, at=at)

    def consultation(
        self,
        visit: bytes,
        *,
        topics: tuple[str, ...] = ("smartphone",),
        age_band: str = "75to84",
        outcome: str = "solved",
        memo: str | None = None,
        at: datetime = NOON,
    ) -> bytes:
        values = {
            "visit": visit,
            "topics": topics,
            "age_band": age_band,
            "outcome": outcome,
            "referred_to": None,
            "minutes": 10,
            "honest": True,
            "memo": memo,
        }
        return self.record("consultation", values, at=at)

    def correction(
        self,
        replaces: bytes,
        visit: bytes,
        *,
        topics: tuple[str, ...] = ("smartphone",),
        age_band: str = "75to84",
        outcome: str = "solved",
        memo: str | None = None,
        at: datetime = NOON,
    ) -> bytes:
        values = {
            "replaces": replaces,
            "visit": visit,
            "topics": topics,
            "age_band": age_band,
            "outcome": outcome,
            "referred_to": None,
            "minutes": 10,
            "honest": True,
            "memo": memo,
        }
        return self.record("correction", values, at=at)

    def tally(
        self,
        day: str = "2026-11-20",
        *,
        visits: int = 5,
        people: int = 6,
        topics: Mapping[str, int] = MappingProxyType({}),
        age_bands: Mapping[str, int] = MappingProxyType({}),
        at: datetime = NOON,
    ) -> bytes:
        values = {
            "day": day,
            "visits": visits,
            "people": people,
            "topics": tuple(topics.items()),
            "age_bands": tuple(age_bands.items()),
            "by": "facility_staff",
        }
        return self.record("tally", values, at=at)

    def shift(
        self,
        staff: bytes,
        *,
        role: str = "promotion_volunteer",
        appointments: tuple[str, ...] = ("promotion_volunteer",),
        minutes: int = 120,
        honest: bool = True,
        at: datetime = NOON,
    ) -> bytes:
        values = {
            "staff": staff,
            "role": role,
            "appointments": appointments,
            "began_wall_ms": wall_ms(at) - minutes * 60_000,
            "minutes": minutes,
            "honest": honest,
        }
        return self.record("shift", values, at=at)

    def anchor(self, said: datetime, *, shown: datetime) -> bytes:
        """Somebody says what the time is while the box shows something else."""
        values = {"said_ms": wall_ms(said), "shown_ms": wall_ms(shown), "by": "facility_staff"}
        before, mono_ms = (self.quality, self.mono_ms), wall_ms(shown) % 10**9
        self.quality, self.mono_ms = "staff", mono_ms if self.mono_ms is None else self.mono_ms
        record = self.record("clock_anchor", values, at=said)
        self.quality, self.mono_ms = before
        return record

    def incident(
        self, matter: str = "signed_in", *, by: bytes | None = None, about: bytes | None = None, at: datetime = NOON
    ) -> bytes:
        values = {"matter": matter, "by": by, "about": about, "place": "screen"}
        return self.record("security_event", values, at=at)

    def day_closed(self, day: str = "2026-11-21", *, unsent: int = 0, at: datetime = NOON) -> bytes:
        values = {
            "day": day,
            "opened_wall_ms": None,
            "visits": 1,
            "people": 1,
            "calls_unattended": 0,
            "unsent": unsent,
        }
        return self.record("day_closed", values, at=at)

    def withdraw(self, record: bytes, *, at: datetime = NOON) -> bytes:
        return self.record("withdrawal", {"of": record}, at=at)

    def served(self, *, topics: tuple[str, ...] = ("smartphone",), people: int = 1, at: datetime = NOON) -> bytes:
        """A visit with its consultation; the id of the consultation."""
        return self.consultation(self.visit(people=people, at=at), topics=topics, at=at)

    def hollow(self, index: int) -> None:
        """Delete the ciphertext of a record in the outbox."""
        self.bodies[index] = hollow(self.bodies[index])


def hollow(body: bytes) -> bytes:
    record = parse_record(body)
    return hollow_body(header=record.header, signature=record.signature, hash=record.hash)


@dataclass
class LocalSource:
    """A source in memory; also the fake that stands for a receiver in tests of the office."""

    municipality: str = MUNICIPALITY
    road: str = "here"
    epochs: list[bytes] = field(default_factory=list)
    stored: list[bytes] = field(default_factory=list)
    lists: list[bytes] = field(default_factory=list)
    notices: list[bytes] = field(default_factory=list)
    leaving: list[bytes] = field(default_factory=list)
    admissions: list[bytes] = field(default_factory=list)
    away: bool = False
    asked: int = 0

    def records(self, after: int, limit: int) -> Pulled:
        self.asked += 1
        if self.away:
            raise SourceAway
        page = self.stored[after : after + limit]
        return Pulled(
            municipality=self.municipality,
            epochs=tuple(self.epochs),
            records=tuple(page),
            last=after + len(page),
            waiting=max(0, len(self.stored) - after - len(page)),
        )

    def publish(self, opened: bytes) -> None:
        if self.away:
            raise SourceAway
        if opened not in self.lists:
            self.lists.append(opened)

    def announce(self, notice: bytes) -> None:
        if self.away:
            raise SourceAway
        self.notices.append(notice)

    def admit(self, admission: bytes) -> None:
        if self.away:
            raise SourceAway
        self.admissions.append(admission)

    def take_leaving(self, leaving: bytes) -> None:
        if self.away:
            raise SourceAway
        self.leaving.append(leaving)

    def bring(self, *desks: TestDesk) -> None:
        """Everything these desks have that is not here yet, as a courier would carry it."""
        for desk in desks:
            self.epochs.extend(epoch for epoch in desk.epochs if epoch not in self.epochs)
            self.stored.extend(body for body in desk.bodies if body not in self.stored)


@dataclass
class Town:
    """A folder with a registry and an office's database."""

    folder: Path
    source: LocalSource = field(default_factory=LocalSource)
    monotonic: float = 1000.0
    offices: list[Storage] = field(default_factory=list)
    sticks: StickBook | None = None
    admissions: Callable[[], Iterable[tuple[int, bytes]]] = tuple

    @property
    def book(self) -> LeavingBook:
        return LeavingBook(self.folder / "leaving.list", municipality=MUNICIPALITY, office=OFFICE_KEY.public)

    @property
    def registry(self) -> DeviceRegistry:
        return DeviceRegistry(self.folder / "devices.toml", leaving=self.book)

    def admit(self, *desks: TestDesk) -> None:
        for desk in desks:
            self.registry.admit(desk.key.public, facility=desk.facility, facility_name=desk.facility_name, at=NOON)

    def office(self, *, key: RecipientKey = KEY) -> Office:
        """An office that starts over whatever an earlier one left in the folder."""
        storage = Storage(self.folder / "office.db")
        self.offices.append(storage)
        return Office(
            municipality=MUNICIPALITY,
            storage=storage,
            registry=self.registry,
            key=key,
            signing_key=OFFICE_KEY,
            source=self.source,
            sticks=self.sticks,
            admissions=self.admissions,
            now=lambda: NOON,
            monotonic=lambda: self.monotonic,
        )

    def close(self) -> None:
        for storage in self.offices:
            storage.close()
