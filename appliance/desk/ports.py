"""What the desk needs from the world outside; every adapter fits one of these."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Protocol
from uuid import UUID

from appliance.desk.contact import ContactHealth, Signal
from appliance.desk.facts.call import Call
from appliance.desk.facts.card import CardState, FourItems, ItemsKey
from appliance.desk.facts.consultation import Consultation
from appliance.desk.facts.day import ClockAnchor, Tally
from appliance.desk.facts.fact import Fact
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.roster import RosterEntry
from appliance.desk.facts.sealed import ChainHead, SealedRecord
from appliance.desk.facts.sheet import DayRows, Opening
from appliance.desk.facts.shift import Stay
from appliance.desk.facts.token import Token
from appliance.desk.facts.visit import Visit


class LampPattern(StrEnum):
    """What a lamp tells the visitor beside it."""

    OFF = "off"
    CALLING = "calling"
    CALLING_LONG = "calling_long"
    """For a minute nobody has come."""
    CALLING_VERY_LONG = "calling_very_long"
    """For three."""
    ANSWERED = "answered"
    UNATTENDED = "unattended"
    SPEAKING = "speaking"
    """The voice says something, for whoever does not hear it."""
    FAULT = "fault"


class Lamp(Protocol):
    """The lamp at one call button."""

    def show(self, pattern: LampPattern) -> None:
        """Show `pattern` until told otherwise; `DeviceError` if it cannot."""
        ...

    def close(self) -> None:
        """Let go of the hardware."""
        ...


class Urgency(IntEnum):
    """What the voice says first, and how long a sentence still makes sense."""

    EMERGENCY = 0
    """Breaks off everything else and knows no quiet hours."""
    ANSWER = 1
    CALL = 2
    INFORMATION = 3


class Silence(StrEnum):
    """Why a sentence is shown and not heard."""

    VOLUME = "volume"
    """The house has no voice, as a library."""
    QUIET_HOURS = "quiet_hours"
    LANGUAGE = "language"
    """No voice speaks it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """How a sentence is said."""

    clearly: bool = False
    """Slower, louder and once: for whoever did not catch it."""
    is_typed: bool = False
    """Somebody typed it: its sound lies on no disk, its words in no log."""
    language: str = "ja"
    """BCP 47 tag; what no voice speaks is shown and not said."""


AS_USUAL = Delivery()


class Voice(Protocol):
    """The voice in the room."""

    def say(self, sentence: str, *, urgency: Urgency = Urgency.CALL, delivery: Delivery = AS_USUAL) -> None:
        """Begin to say `sentence` and return at once; `DeviceError` if it cannot."""
        ...

    def ring(self) -> None:
        """Let the chime sound by itself, for whoever serves; returns at once. `DeviceError`."""
        ...

    def hush(self) -> None:
        """Break off what is being said, and forget what waits to be."""
        ...

    def reading(self, text: str) -> str:
        """How `text` would be said, in katakana; it may take seconds. `DeviceError`, `UnspokenLanguage`."""
        ...

    def silence(self) -> Silence | None:
        """Why an ordinary sentence would not be heard now, where that is on purpose."""
        ...

    def close(self) -> None:
        """Fall silent and let go of the sound device."""
        ...


class CallButtons(Protocol):
    """All call buttons of the desk."""

    def watch(self, on_signal: Callable[[int, Signal], None]) -> None:
        """From now on call `on_signal(button, signal)`, from one thread, one after the other."""
        ...

    def health(self) -> Mapping[int, ContactHealth]:
        """How each button is now, by its number."""
        ...

    def close(self) -> None:
        """Let go of the hardware."""
        ...


class CardReader(Protocol):
    """The card reader; what it learns of a card is for RAM only."""

    def watch(self, on_change: Callable[[CardState], None]) -> None:
        """Now and from now on call `on_change(state)`, and nobody who was told before.

        One after the other; it only enqueues and asks nothing of the reader.
        """
        ...

    def state(self) -> CardState:
        """Reader and card as they are now."""
        ...

    def four_items(self, visit: int, key: ItemsKey, *, last_try: bool = False) -> FourItems:
        """Name, address, birth date and sex of the card of that visit; `key` is sent to it once at most.

        `CardLastTry` unless `last_try` says that the last one may be used. `CardGone`, `CardBusy`, `CardNotFit`,
        `CardUnreadable`, `CardPinWrong`, `CardPinLocked`, `CardPinOutcomeUnknown`, `ReaderUnusable`.
        """
        ...

    def card_tokens(self, visit: int, keys: Mapping[str, bytes]) -> tuple[str, ...]:
        """What stands for the card of that visit under each version of the key: `version:letters`, in that order.

        `CardNotFit` for a card that calls itself otherwise tomorrow: a My Number card, a telephone. `CardGone`,
        `CardBusy`, `CardUnreadable`, `ReaderUnusable`.
        """
        ...

    def close(self) -> None:
        """Let go of the reader."""
        ...


class SimulatedCards(Protocol):
    """The stand-in for a hand with a card, for the page of the virtual hardware."""

    def cards(self) -> Sequence[str]:
        """The names of the cards there are."""
        ...

    def lay_down(self, card: str) -> None:
        """Put a fresh card of that name on the reader, in the place of any other; KeyError."""
        ...

    def lift(self) -> None:
        """Take it away."""
        ...


class Clock(Protocol):
    """Every clock of the box in one reading."""

    def now(self) -> Moment:
        """This moment."""
        ...


class ClockSetter(Clock, Protocol):
    """A clock that believes people."""

    def set_to(self, said: datetime, *, at: Moment) -> None:
        """Somebody vouches that it was `said` (aware) at the moment `at` of this boot."""
        ...


class Sealer(Protocol):
    """Turns facts into sealed records."""

    def seal(self, fact: Fact, *, on: ChainHead) -> SealedRecord:
        """The sealed record that follows `on`; never uses a nonce twice, whatever becomes of the record."""
        ...

    def forget_epoch(self) -> None:
        """Throw the data key away; the next record begins a new epoch. Called after any store error."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Once:
    """One request of one caller, to be carried out once (Idempotency-Key)."""

    key: str
    fingerprint: bytes
    """A keyed hash of caller, path and body; the key is in RAM only."""


class Calls(Protocol):
    """The rows of calls."""

    def add(self, call: Call) -> None:
        """Store a new call."""
        ...

    def get(self, call: UUID) -> Call:
        """The call with that id; `UnknownCall`."""
        ...

    def close(self, call: Call) -> None:
        """Store that the call has ended."""
        ...

    def waiting(self) -> Sequence[Call]:
        """All calls that have not ended, oldest first."""
        ...


class Visits(Protocol):
    """The rows of visits."""

    def add(self, visit: Visit) -> None:
        """Store a new visit."""
        ...

    def get(self, visit: UUID) -> Visit:
        """The visit with that id; `UnknownVisit`."""
        ...

    def of_call(self, call: UUID) -> Visit | None:
        """The visit that answers this call, if one began."""
        ...

    def end(self, visit: Visit) -> None:
        """Store that the visit has ended."""
        ...

    def withdraw(self, visit: UUID) -> None:
        """Store that it counts no more; `of_call` and `open` no longer find it."""
        ...

    def open(self) -> Sequence[Visit]:
        """All visits that are still being served, oldest first."""
        ...


class Consultations(Protocol):
    """The rows of consultations, without any memo."""

    def add(self, consultation: Consultation) -> None:
        """Store a new consultation."""
        ...

    def get(self, consultation: UUID) -> Consultation:
        """The consultation with that id; `UnknownConsultation`."""
        ...

    def withdraw(self, consultation: UUID) -> None:
        """Store that it counts no more."""
        ...

    def supersede(self, consultation: UUID, *, by: UUID | None) -> None:
        """Store that a correction has taken its place; None: that the correction was withdrawn."""
        ...

    def superseded(self, by: UUID) -> UUID | None:
        """The consultation whose place that correction has taken, if it is one."""
        ...

    def standing(self, visit: UUID) -> int:
        """How many consultations of that visit still count."""
        ...


class Outbox(Protocol):
    """The sealed records and how far they have come."""

    def add(self, record: SealedRecord, *, at: Moment) -> None:
        """Store a record, and its epoch if it is new, at the head of the chain."""
        ...

    def hollow(self, record: UUID) -> None:
        """Delete the ciphertext of a record; header, signature and hash stay."""
        ...


class Requests(Protocol):
    """Which requests were carried out in the last 48 hours."""

    def answered(self, once: Once) -> UUID | None:
        """What the request made the first time; None for a new one; `SameKeyOtherBody`."""
        ...

    def remember(self, once: Once, made: UUID, *, now: Moment) -> None:
        """Keep that this request made `made`."""
        ...


class TokenTable(Protocol):
    """The rows of tokens."""

    def add(self, token: Token) -> None:
        """Store a new token."""
        ...

    def all(self) -> Sequence[Token]:
        """All tokens that were not revoked."""
        ...

    def revoke(self, token: UUID) -> None:
        """Store that it was revoked."""
        ...


class Openings(Protocol):
    """The rows of days on which the desk was opened, and what time somebody said it is."""

    def get(self, day: date) -> Opening | None:
        """The opening of that day, if there was one."""
        ...

    def put(self, opening: Opening) -> None:
        """Store it in the place of any other of the same day."""
        ...

    def forget(self, day: date) -> None:
        """Drop the opening of a day that it was not."""
        ...

    def remember_time(self, anchor: ClockAnchor) -> None:
        """Keep what somebody said the time is, for as long as this boot lasts."""
        ...


class Tallies(Protocol):
    """The rows of tallies from paper."""

    def add(self, tally: Tally) -> None:
        """Store a new tally."""
        ...

    def get(self, tally: UUID) -> Tally:
        """The tally with that id; `UnknownTally`."""
        ...

    def withdraw(self, tally: UUID) -> None:
        """Store that it counts no more."""
        ...


class Roster(Protocol):
    """The rows of the people who serve."""

    def put(self, entry: RosterEntry) -> None:
        """Store the row in the place of any other of the same person."""
        ...

    def all(self) -> Sequence[RosterEntry]:
        """Every row, by number."""
        ...


class Stays(Protocol):
    """The rows of those who have come and not left, so that a power cut loses no shift."""

    def begin(self, stay: Stay) -> None:
        """Store a new stay."""
        ...

    def see(self, stay: Stay) -> None:
        """Store when somebody was seen last; nothing happens where that stay has ended."""
        ...

    def end(self, stay: Stay) -> bool:
        """Forget the stay; whether it was still there."""
        ...

    def all(self) -> Sequence[Stay]:
        """Every stay that has not ended, in the order in which they began."""
        ...


class Writing(Protocol):
    """One transaction in progress, under the writer lock."""

    @property
    def head(self) -> ChainHead:
        """The chain as this transaction has left it so far."""
        ...

    @property
    def calls(self) -> Calls:
        """Calls."""
        ...

    @property
    def visits(self) -> Visits:
        """Visits."""
        ...

    @property
    def consultations(self) -> Consultations:
        """Consultations."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Sealed records."""
        ...

    @property
    def requests(self) -> Requests:
        """Requests."""
        ...

    @property
    def tokens(self) -> TokenTable:
        """Tokens of programs."""
        ...

    @property
    def openings(self) -> Openings:
        """Openings."""
        ...

    @property
    def tallies(self) -> Tallies:
        """Tallies."""
        ...

    @property
    def staff(self) -> Roster:
        """People who serve."""
        ...

    @property
    def stays(self) -> Stays:
        """Who has come and not left."""
        ...


class Storage(Protocol):
    """The box's database, seen from the desk."""

    def writing(self) -> AbstractContextManager[Writing]:
        """Take the writer lock and a transaction; leaving commits durably, an exception undoes everything.

        Raises `StorageFull` or `StorageFailed` when the disk refuses; then the transaction did not happen,
        or, after an I/O error at the commit itself, may turn out to have happened.
        """
        ...

    def unsent(self) -> int:
        """How many committed records the town has not receipted."""
        ...

    def logged_since(self, wall: datetime) -> Sequence[Consultation]:
        """The consultations that still count and were saved since that wall time, newest first; memos are gone."""
        ...

    def day_rows(self, day: date) -> DayRows:
        """The rows that may belong to that day: by their own clock, or by an unsure one in a boot opened since.

        In the order in which they happened.
        """
        ...

    def newest_opening(self) -> Opening | None:
        """The opening that was written last, if there was any."""
        ...


class Tokens(Protocol):
    """Knows which programs may use the API."""

    def allows(self, token: str, scope: str) -> bool:
        """Whether that bearer token was issued for that scope and still stands."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """A sentence the simulated voice was given."""

    at: datetime
    sentence: str
    """Empty for the chime alone."""
    number: int = 0
    """By which its sound is asked for; 0 where it has none."""
    silence: Silence | None = None
    """Why it was not heard, where that is on purpose."""


class VirtualHardware(Protocol):
    """The stand-in for buttons, lamps, loudspeaker and cards, with a page of its own."""

    @property
    def hand(self) -> SimulatedCards | None:
        """The hand that lays cards down; None where no reader is simulated."""
        ...

    def press(self, button: int) -> None:
        """Push that button down and let it go, as a finger would."""
        ...

    def lamps(self) -> Mapping[int, LampPattern]:
        """What each lamp shows now, by button."""
        ...

    def spoken(self) -> Sequence[Spoken]:
        """The last sentences, newest first."""
        ...

    def has_sound(self, number: int) -> bool:
        """Whether the sentence with that number can be played now."""
        ...

    def sound(self, number: int) -> bytes | None:
        """Its sound file; None where it cannot be played."""
        ...


class PinLock(Protocol):
    """Keeps the desk key under PINs; whether a PIN is right is known by opening, and in no other way."""

    def wrap(self, key: bytes, pin: str, owner: bytes) -> tuple[bytes, bytes]:
        """Salt and wrapped key, good only for that owner and PIN; slow on purpose."""
        ...

    def unwrap(self, salt: bytes, wrapped: bytes, pin: str, owner: bytes) -> bytes | None:
        """The key again; None under any other PIN, for any other owner. Slow on purpose, one at a time."""
        ...


class NameSeal(Protocol):
    """Keeps display names under the desk key."""

    def seal(self, name: str, key: bytes, owner: bytes) -> bytes:
        """The name as it may lie on the disk, as long as any other."""
        ...

    def open(self, sealed: bytes, key: bytes, owner: bytes) -> str | None:
        """The name again; None under any other key, for any other owner."""
        ...
