"""Stand-ins for the world outside the desk; each passes the same contract test as the real thing."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from secrets import token_bytes
from uuid import UUID

from appliance.assembly.furnish import furnish
from appliance.calendar_pack import load_calendar
from appliance.content import load_catalogue
from appliance.desk.card_errors import CardGone, CardNotFit
from appliance.desk.desk import Desk
from appliance.desk.errors import (
    DeviceError,
    MadoguchiError,
    SameKeyOtherBody,
    StorageFailed,
    StorageFull,
    UnknownCall,
    UnknownConsultation,
    UnknownTally,
    UnknownVisit,
    UnspokenLanguage,
)
from appliance.desk.facts.calendar import Calendar
from appliance.desk.facts.call import Call
from appliance.desk.facts.card import (
    CardCheck,
    CardKind,
    CardPhase,
    CardState,
    CardVisit,
    FourItems,
    ItemsKey,
    ReaderStatus,
)
from appliance.desk.facts.consultation import Consultation
from appliance.desk.facts.day import ClockAnchor, Tally
from appliance.desk.facts.fact import Fact
from appliance.desk.facts.moment import ClockQuality, Moment
from appliance.desk.facts.roster import PersonEntry, RosterEntry
from appliance.desk.facts.sealed import ChainHead, SealedEpoch, SealedRecord
from appliance.desk.facts.sheet import DayRows, Opening, day_of
from appliance.desk.facts.shift import Stay
from appliance.desk.facts.staff import Employment, Permission, StaffMember, StaffRole
from appliance.desk.facts.token import Token
from appliance.desk.facts.visit import Visit
from appliance.desk.ports import AS_USUAL, Delivery, LampPattern, Once, PinLock, Sealer, Silence, Storage, Urgency
from appliance.desk.practice import Practice, PracticeDesk
from appliance.desk.reception.roster import Seed
from appliance.store.proof import Proof
from drivers.card.identity import tokens
from drivers.simulated import SimulatedLamp
from sync.pins import NameCipher

PIN, FACILITY_STAFF_PIN, ICT_SUPPORT_PIN = "482913", "615204", "937481"
"""Of the three people on the roster of every world."""

STORIES = ("字を 大きくしたい", "写真が 見られない")
"""What the pretend residents of every world tell."""

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
"""12:00 on a Friday in Japan."""


class FakeClock:
    """Port `Clock` that stands still until it is moved."""

    def __init__(self, wall: datetime = NOON) -> None:
        self.moment = Moment(wall=wall, mono_ms=1_000_000, start=1, boot=1, quality=ClockQuality.STAFF)

    def now(self) -> Moment:
        return self.moment

    def set_to(self, said: datetime, *, at: Moment) -> None:
        since = timedelta(milliseconds=self.moment.mono_ms - at.mono_ms)
        self.moment = replace(self.moment, wall=said + since, quality=ClockQuality.STAFF)

    def advance(self, **by: float) -> None:
        """Let time pass, for every clock."""
        step = timedelta(**by)
        later = self.moment.mono_ms + step // timedelta(milliseconds=1)
        self.moment = replace(self.moment, wall=self.moment.wall + step, mono_ms=later)

    def reboot(self, **off: float) -> None:
        """Switch the machine off for so long; the monotonic clock begins again and nobody vouches for the wall."""
        self.moment = Moment(
            wall=self.moment.wall + timedelta(**off),
            mono_ms=5_000,
            start=self.moment.start + 1,
            boot=self.moment.boot + 1,
            quality=ClockQuality.UNKNOWN,
        )


class FakeSealer:
    """Port `Sealer` that remembers which facts it was given and hides nothing."""

    def __init__(self) -> None:
        self.sealed: list[Fact] = []
        self.epochs_forgotten = 0
        self._epoch = 1

    def seal(self, fact: Fact, *, on: ChainHead) -> SealedRecord:
        self.sealed.append(fact)
        header = b"header %d" % (on.sequence + 1)
        body = repr(fact).encode()
        epoch = SealedEpoch(number=max(on.epoch, self._epoch), body=b"epoch")
        return SealedRecord(
            id=fact.id,
            sequence=on.sequence + 1,
            epoch=epoch,
            header=header,
            ciphertext=body,
            hash=sha256(header + body).digest(),
        )

    def forget_epoch(self) -> None:
        self.epochs_forgotten += 1
        self._epoch += 1


@dataclass
class FakeTables:
    """All rows of a `FakeStorage`; a transaction works on a copy."""

    head: ChainHead = field(default_factory=lambda: ChainHead(chain=b"fakefake", sequence=0, hash=bytes(32), epoch=0))
    calls: dict[UUID, Call] = field(default_factory=dict)
    visits: dict[UUID, Visit] = field(default_factory=dict)
    withdrawn_visits: set[UUID] = field(default_factory=set)
    consultations: dict[UUID, Consultation] = field(default_factory=dict)
    records: dict[UUID, SealedRecord | None] = field(default_factory=dict)
    requests: dict[str, tuple[bytes, UUID]] = field(default_factory=dict)
    openings: dict[date, Opening] = field(default_factory=dict)
    said: ClockAnchor | None = None
    tallies: dict[UUID, Tally] = field(default_factory=dict)
    tokens: dict[UUID, Token] = field(default_factory=dict)
    staff: dict[UUID, RosterEntry] = field(default_factory=dict)
    stays: dict[tuple[UUID, int, int], Stay] = field(default_factory=dict)


class FakeCalls:
    def __init__(self, tables: FakeTables) -> None:
        self._rows = tables.calls

    def add(self, call: Call) -> None:
        self._rows[call.id] = call

    def get(self, call: UUID) -> Call:
        if call not in self._rows:
            raise UnknownCall
        return self._rows[call]

    def close(self, call: Call) -> None:
        self._rows[call.id] = call

    def waiting(self) -> Sequence[Call]:
        return [call for call in self._rows.values() if call.is_waiting]


class FakeVisits:
    def __init__(self, tables: FakeTables) -> None:
        self._rows = tables.visits
        self._withdrawn = tables.withdrawn_visits

    def add(self, visit: Visit) -> None:
        self._rows[visit.id] = visit

    def get(self, visit: UUID) -> Visit:
        if visit not in self._rows:
            raise UnknownVisit
        return self._rows[visit]

    def of_call(self, call: UUID) -> Visit | None:
        standing = [visit for visit in self._rows.values() if visit.id not in self._withdrawn]
        return next((visit for visit in standing if visit.call == call), None)

    def end(self, visit: Visit) -> None:
        self._rows[visit.id] = visit

    def withdraw(self, visit: UUID) -> None:
        self._withdrawn.add(visit)

    def open(self) -> Sequence[Visit]:
        return [visit for visit in self._rows.values() if visit.ended is None and visit.id not in self._withdrawn]


class FakeConsultations:
    def __init__(self, tables: FakeTables) -> None:
        self._rows = tables.consultations

    def add(self, consultation: Consultation) -> None:
        self._rows[consultation.id] = replace(consultation, memo=None)

    def get(self, consultation: UUID) -> Consultation:
        if consultation not in self._rows:
            raise UnknownConsultation
        return self._rows[consultation]

    def withdraw(self, consultation: UUID) -> None:
        self._rows[consultation] = replace(self._rows[consultation], withdrawn=True)

    def supersede(self, consultation: UUID, *, by: UUID | None) -> None:
        self._rows[consultation] = replace(self._rows[consultation], superseded_by=by)

    def superseded(self, by: UUID) -> UUID | None:
        return next((row.id for row in self._rows.values() if row.superseded_by == by), None)

    def standing(self, visit: UUID) -> int:
        return sum(1 for row in self._rows.values() if row.visit == visit and row.stands)


class FakeOutbox:
    def __init__(self, tables: FakeTables) -> None:
        self._tables = tables

    def add(self, record: SealedRecord, *, at: Moment) -> None:
        tables = self._tables
        tables.records[record.id] = record
        tables.head = replace(tables.head, sequence=record.sequence, hash=record.hash, epoch=record.epoch.number)

    def hollow(self, record: UUID) -> None:
        self._tables.records[record] = None


class FakeRequests:
    def __init__(self, tables: FakeTables) -> None:
        self._rows = tables.requests

    def answered(self, once: Once) -> UUID | None:
        if once.key not in self._rows:
            return None
        fingerprint, made = self._rows[once.key]
        if fingerprint != once.fingerprint:
            raise SameKeyOtherBody
        return made

    def remember(self, once: Once, made: UUID, *, now: Moment) -> None:
        self._rows[once.key] = (once.fingerprint, made)


class FakeTokenTable:
    def __init__(self, tables: FakeTables) -> None:
        self._rows = tables.tokens

    def add(self, token: Token) -> None:
        self._rows[token.id] = token

    def all(self) -> Sequence[Token]:
        return [token for token in self._rows.values() if not token.revoked]

    def revoke(self, token: UUID) -> None:
        self._rows[token] = replace(self._rows[token], revoked=True)


class FakeOpenings:
    def __init__(self, tables: FakeTables) -> None:
        self._tables = tables

    def get(self, day: date) -> Opening | None:
        return self._tables.openings.get(day)

    def put(self, opening: Opening) -> None:
        self._tables.openings[opening.day] = opening

    def forget(self, day: date) -> None:
        self._tables.openings.pop(day, None)

    def remember_time(self, anchor: ClockAnchor) -> None:
        self._tables.said = anchor


class FakeTallies:
    def __init__(self, tables: FakeTables) -> None:
        self._rows = tables.tallies

    def add(self, tally: Tally) -> None:
        self._rows[tally.id] = tally

    def get(self, tally: UUID) -> Tally:
        if tally not in self._rows:
            raise UnknownTally
        return self._rows[tally]

    def withdraw(self, tally: UUID) -> None:
        self._rows[tally] = replace(self._rows[tally], withdrawn=True)


class FakeRoster:
    def __init__(self, tables: FakeTables) -> None:
        self._rows = tables.staff

    def put(self, entry: RosterEntry) -> None:
        same_number = [row.id for row in self._rows.values() if row.member.number == entry.member.number]
        same_card = [row.id for row in self._rows.values() if row.card is not None and row.card == entry.card]
        if same_number not in ([], [entry.id]) or same_card not in ([], [entry.id]):
            raise StorageFailed("IntegrityError")
        self._rows[entry.id] = entry

    def all(self) -> Sequence[RosterEntry]:
        return sorted(self._rows.values(), key=lambda entry: entry.member.number)


class FakeStays:
    def __init__(self, tables: FakeTables) -> None:
        self._tables = tables

    def begin(self, stay: Stay) -> None:
        self._tables.stays[self._key(stay)] = stay

    def see(self, stay: Stay) -> None:
        if self._key(stay) in self._tables.stays:
            self._tables.stays[self._key(stay)] = stay

    def end(self, stay: Stay) -> bool:
        return self._tables.stays.pop(self._key(stay), None) is not None

    def all(self) -> Sequence[Stay]:
        rows = sorted(self._tables.stays.values(), key=lambda stay: (stay.began.start, stay.began.mono_ms))
        return [replace(stay, member=self._tables.staff[stay.member.id].member) for stay in rows]

    def _key(self, stay: Stay) -> tuple[UUID, int, int]:
        return stay.member.id, stay.began.start, stay.began.mono_ms


class FakeWriting:
    def __init__(self, tables: FakeTables) -> None:
        self.tables = tables
        self.calls = FakeCalls(tables)
        self.visits = FakeVisits(tables)
        self.consultations = FakeConsultations(tables)
        self.outbox = FakeOutbox(tables)
        self.requests = FakeRequests(tables)
        self.openings = FakeOpenings(tables)
        self.tallies = FakeTallies(tables)
        self.tokens = FakeTokenTable(tables)
        self.staff = FakeRoster(tables)
        self.stays = FakeStays(tables)

    @property
    def head(self) -> ChainHead:
        return self.tables.head


class FakeStorage:
    """Port `Storage` in memory; set `full` and the next commit is refused."""

    def __init__(self) -> None:
        self.tables = FakeTables()
        self.carried = 0
        self.full = False
        self._lock = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[FakeWriting]:
        with self._lock:
            writing = FakeWriting(deepcopy(self.tables))
            yield writing
            if self.full and writing.tables != self.tables:
                raise StorageFull
            self.tables = writing.tables

    def unsent(self) -> int:
        return len(self.tables.records) - self.carried

    def carry(self) -> None:
        """Let the town have everything."""
        self.carried = len(self.tables.records)

    def logged_since(self, wall: datetime) -> Sequence[Consultation]:
        rows = reversed(self.tables.consultations.values())
        return [row for row in rows if row.at.wall >= wall and row.stands]

    def day_rows(self, day: date) -> DayRows:
        tables, openings = self.tables, self._openings()
        boots = {one.opened.boot for one in openings if one.opened.quality.is_trusted and one.day >= day}

        def may_be(at: Moment) -> bool:
            return day_of(at.wall) == day or (not at.quality.is_trusted and at.boot in boots)

        visits = [(visit.ended, visit) for visit in tables.visits.values() if visit.id not in tables.withdrawn_visits]
        ended = [(at, visit) for at, visit in visits if at is not None and may_be(at)]
        ended.sort(key=lambda one: (one[0].start, one[0].mono_ms))
        served = {visit.id for _, visit in ended}
        return DayRows(
            day=day,
            openings=openings,
            calls=[call for call in tables.calls.values() if may_be(call.raised)],
            visits=[visit for _, visit in ended],
            consultations=[row for row in tables.consultations.values() if row.stands and row.visit in served],
            tallies=[tally for tally in tables.tallies.values() if tally.day == day and not tally.withdrawn],
        )

    def newest_opening(self) -> Opening | None:
        return next(reversed(self._openings()), None)

    def _openings(self) -> list[Opening]:
        return sorted(self.tables.openings.values(), key=lambda one: (one.opened.start, one.opened.mono_ms))


class FakeVoice:
    """Port `Voice` that remembers."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.deliveries: list[tuple[Urgency, Delivery]] = []
        """How each of them was said."""
        self.rung = 0
        self.silent: Silence | None = None
        self.hushed = 0

    def say(self, sentence: str, *, urgency: Urgency = Urgency.CALL, delivery: Delivery = AS_USUAL) -> None:
        self.said.append(sentence)
        self.deliveries.append((urgency, delivery))

    def ring(self) -> None:
        self.rung += 1

    def hush(self) -> None:
        self.hushed += 1

    def reading(self, text: str) -> str:
        if "Hello" in text:
            raise UnspokenLanguage
        return f"カナ（{text}）"

    def silence(self) -> Silence | None:
        return self.silent

    def close(self) -> None:
        pass


class FakeCardReader:
    """Port `CardReader` with nothing but what a test puts on it."""

    def __init__(self) -> None:
        self.asked = 0
        """How often it was asked who a card is."""
        self._state = CardState(reader=ReaderStatus.READY, readers=("fake",))
        self._on_change: Callable[[CardState], None] = lambda _state: None
        self._numbers = count(1)
        self._name: bytes | None = None
        self.is_closed = False

    def watch(self, on_change: Callable[[CardState], None]) -> None:
        self._on_change = on_change
        on_change(self._state)

    def state(self) -> CardState:
        return self._state

    def put(
        self,
        kind: CardKind | None = CardKind.MY_NUMBER,
        check: CardCheck | None = None,
        *,
        phase: CardPhase = CardPhase.CHECKED,
        name: bytes | None = None,
    ) -> int:
        """Lay a card down, in the place of any other; the number of its visit.

        `name`: what the card calls itself; None for one that calls itself otherwise tomorrow.
        """
        number, self._name = next(self._numbers), name
        self.show(replace(self._state, card=CardVisit(number=number, phase=phase, kind=kind, check=check)))
        return number

    def lift(self) -> None:
        self.show(replace(self._state, card=None))

    def breaks(self, status: ReaderStatus) -> None:
        """The reader is not there any more."""
        self.show(CardState(reader=status))

    def four_items(self, visit: int, key: ItemsKey, *, last_try: bool = False) -> FourItems:
        self._expect(visit)
        raise CardNotFit

    def card_tokens(self, visit: int, keys: Mapping[str, bytes]) -> tuple[str, ...]:
        self.asked += 1
        self._expect(visit)
        if self._name is None:
            raise CardNotFit
        return tokens(self._name, keys)

    def close(self) -> None:
        self.is_closed = True

    def _expect(self, visit: int) -> None:
        if self._state.card is None or self._state.card.number != visit:
            raise CardGone

    def show(self, state: CardState) -> None:
        self._state = state
        self._on_change(state)


class BrokenLamp:
    """Port `Lamp` that never lights."""

    def show(self, pattern: LampPattern) -> None:
        raise DeviceError("broken")

    def close(self) -> None:
        raise DeviceError("broken")


class FakePins:
    """Port `PinLock` that is quick to open and easy to search."""

    def __init__(self) -> None:
        self.tried = 0

    def wrap(self, key: bytes, pin: str, owner: bytes) -> tuple[bytes, bytes]:
        salt = token_bytes(16)
        mask = sha256(salt + owner + pin.encode()).digest()
        wrapped = bytes(one ^ other for one, other in zip(key, mask, strict=True))
        return salt, wrapped + sha256(key).digest()

    def unwrap(self, salt: bytes, wrapped: bytes, pin: str, owner: bytes) -> bytes | None:
        self.tried += 1
        mask = sha256(salt + owner + pin.encode()).digest()
        key = bytes(one ^ other for one, other in zip(wrapped[:32], mask, strict=False))
        return key if sha256(key).digest() == wrapped[32:] else None


def a_person(
    permission: Permission = Permission.VOLUNTEER, *, name: str = "さくら", pin: str = PIN, until: date | None = None
) -> Seed:
    """Somebody for a roster."""
    entry = PersonEntry(
        name=name,
        permission=permission,
        appointments=frozenset({permission.role}),
        employment=Employment.VOLUNTEER,
        until=until,
    )
    return Seed(entry=entry, pin=pin)


STAFF = (
    a_person(),
    a_person(Permission.FACILITY_STAFF, name="かえで", pin=FACILITY_STAFF_PIN),
    a_person(Permission.ICT_SUPPORT, name="すぎ", pin=ICT_SUPPORT_PIN),
)
"""One of each permission, numbered 1 to 3."""


def a_member(name: str = "somebody") -> StaffMember:
    """Somebody who can be here without any roster; another name is another person."""
    return StaffMember(
        id=UUID(bytes=sha256(name.encode()).digest()[:16]),
        number=1,
        display_name=None,
        permission=Permission.VOLUNTEER,
        appointments=frozenset({StaffRole.PROMOTION_VOLUNTEER}),
        employment=Employment.VOLUNTEER,
    )


class FakeTokens:
    """Port `Tokens` that knows one token."""

    def __init__(self, token: str = "fake-token", scopes: frozenset[str] = frozenset({"desk"})) -> None:
        self.token = token
        self.scopes = scopes

    def allows(self, token: str, scope: str) -> bool:
        return token == self.token and scope in self.scopes


class FakePracticeRoom:
    """Opens practice desks in memory and remembers how many were thrown away."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.opened: list[Desk] = []
        self.thrown_away = 0
        self.fault: MadoguchiError | None = None

    def open(self) -> PracticeDesk:
        if self.fault is not None:
            raise self.fault
        desk = furnish(
            facility_name="中央公民館",
            catalogue=load_catalogue(),
            calendar=load_calendar(),
            clock=self._clock,
            storage=FakeStorage(),
            sealer=FakeSealer(),
            pins=FakePins(),
            names=NameCipher(),
        )
        desk.board.show(staff_present=1)
        self.opened.append(desk)
        return PracticeDesk(desk=desk, stories=STORIES, throw_away=self._throw_away)

    def _throw_away(self) -> None:
        self.thrown_away += 1


CLEAN = Proof(files=5, bytes=1_234_567, found=(), unread=())


@dataclass
class FakeProver:
    """Port `Prover` that says what it was told to."""

    proof: Proof = CLEAN
    asked: int = 0
    broken: bool = False

    def prove(self) -> Proof:
        self.asked += 1
        if self.broken:
            raise StorageFailed
        return self.proof


@dataclass(kw_only=True)
class FakeWorld:
    """A desk and everything around it, in memory."""

    def open_room(self) -> None:
        """Let lamp and voice follow what happens."""
        self.desk.room.start(lamps={1: self.lamp}, voice=self.voice)

    desk: Desk
    practice: Practice
    practice_room: FakePracticeRoom
    storage: Storage
    sealer: Sealer
    clock: FakeClock
    lamp: SimulatedLamp
    voice: FakeVoice
    cards: FakeCardReader


def build_world(
    *,
    storage: Storage | None = None,
    sealer: Sealer | None = None,
    clock: FakeClock | None = None,
    calendar: Calendar | None = None,
    pins: PinLock | None = None,
    roster: Sequence[Seed] = STAFF,
    patrons_have_cards: bool = False,
    card_check: bool = True,
) -> FakeWorld:
    """A desk of fakes; hand in a real part to test it in company. The room thread is not started."""
    storage, sealer, clock = storage or FakeStorage(), sealer or FakeSealer(), clock or FakeClock()
    desk = furnish(
        facility_name="中央公民館",
        catalogue=load_catalogue(),
        calendar=calendar or load_calendar(),
        clock=clock,
        storage=storage,
        sealer=sealer,
        pins=pins or FakePins(),
        names=NameCipher(),
        patrons_have_cards=patrons_have_cards,
        card_check=card_check,
    )
    if roster:
        desk.roster.seed(roster)
    cards = FakeCardReader()
    desk.cards.connect(cards)
    practice_room = FakePracticeRoom(clock)
    return FakeWorld(
        desk=desk,
        practice=Practice(open_desk=practice_room.open, clock=clock, is_here=desk.presence.is_here),
        practice_room=practice_room,
        storage=storage,
        sealer=sealer,
        clock=clock,
        lamp=SimulatedLamp(),
        voice=FakeVoice(),
        cards=cards,
    )
