"""What programs send to the desk and get back, as types."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal, TypeVar
from uuid import UUID

import msgspec

from appliance.desk.board import Snapshot
from appliance.desk.facts.call import Call
from appliance.desk.facts.catalogue import Choice
from appliance.desk.facts.consultation import Consultation, ConsultationEntry
from appliance.desk.facts.moment import ClockQuality, Moment
from appliance.desk.facts.visit import Channel, Visit
from appliance.desk.guard import warnings_in

T = TypeVar("T")

encode: Callable[[object], bytes] = msgspec.json.Encoder().encode


class CallRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Somebody needs help at a button."""

    button: int


class CorrectionRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is right instead; a memo said before is not read again and counts no more."""

    topics: list[str]
    age_band: str
    outcome: str
    channel: Channel = Channel.IN_PERSON
    people: int = 1
    referred_to: str | None = None
    memo: str | None = None

    def entry(self) -> ConsultationEntry:
        """The same for the desk."""
        return ConsultationEntry(
            topics=tuple(self.topics),
            age_band=self.age_band,
            outcome=self.outcome,
            channel=self.channel,
            people=self.people,
            referred_to=self.referred_to,
            memo=self.memo,
        )


class ConsultationRequest(CorrectionRequest, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A consultation to be saved; without `visit` and `call` its visit is a walk-in that nobody timed."""

    call: UUID | None = None
    visit: UUID | None = None


class CallStanding(StrEnum):
    """Where a call stands: its state, or that it waits and no disk has taken it yet."""

    RAISED = "raised"
    ANSWERED = "answered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNATTENDED = "unattended"
    UNRECORDED = "unrecorded"

    @classmethod
    def of(cls, call: Call) -> "CallStanding":
        """That of `call`."""
        return cls.UNRECORDED if call.is_waiting and not call.recorded else cls(call.state.value)


class CallAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A call as it stands."""

    id: UUID
    button: int
    state: CallStanding
    raised_at: datetime
    waiting_seconds: int
    """Until it ended, or until now."""
    attended: bool
    """Whether anybody was signed in when it was raised."""
    wishes_to_cancel: bool = False
    """Whether the visitor pressed again at once, or long; on the board only. Somebody should look, and may cancel."""

    @classmethod
    def of(cls, call: Call, now: Moment, *, wishes_to_cancel: bool = False) -> "CallAnswer":
        """The answer for `call`."""
        return cls(
            id=call.id,
            button=call.button,
            state=CallStanding.of(call),
            raised_at=call.raised.wall.astimezone(UTC),
            waiting_seconds=call.waiting_time(now).seconds,
            attended=call.attended,
            wishes_to_cancel=wishes_to_cancel,
        )


class VisitAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A visit that is being served."""

    id: UUID
    call: UUID | None
    began_at: datetime
    service_seconds: int

    @classmethod
    def of(cls, visit: Visit, now: Moment) -> "VisitAnswer":
        """The answer for `visit`."""
        served = visit.service_time(now).seconds
        return cls(id=visit.id, call=visit.call, began_at=visit.began.wall.astimezone(UTC), service_seconds=served)


class ConsultationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A saved consultation; what was written in it cannot be read back here."""

    id: UUID
    visit: UUID
    withdrawn: bool
    warnings: list[Literal["pin_in_memo"]]
    """What a person should look at; it is saved all the same. Withdrawn within 15 seconds it has never left the box."""

    @classmethod
    def of(cls, consultation: Consultation, *, memo: str | None = None) -> "ConsultationAnswer":
        """The answer for `consultation`, saved with that memo just now."""
        return cls(
            id=consultation.id,
            visit=consultation.visit,
            withdrawn=consultation.withdrawn,
            warnings=["pin_in_memo"] if memo and warnings_in(memo) else [],
        )


class ChoiceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to choose: the id to send, the name to show."""

    id: str
    name: str

    @classmethod
    def all_of(cls, choices: Sequence[Choice]) -> "list[ChoiceAnswer]":
        """The answers for all of them, in their order."""
        return [cls(id=choice.id, name=choice.name) for choice in choices]


class AgeBandAnswer(ChoiceAnswer, frozen=True, kw_only=True):
    """An age band in years; a limit is null where the band is open or no range at all."""

    lower: int | None
    upper: int | None


class WaitingMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """How long a new visitor will wait, as a range."""

    low: int
    high: int


class ClockAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The clock of the box and who vouches for it."""

    now: datetime
    quality: ClockQuality


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A number that waits."""

    id: UUID
    number: int


class BoardAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Everything open at the desk."""

    version: int
    start: int
    """How many times the desk has started; `version` rises within one start."""
    calls: list[CallAnswer]
    tickets: list[Ticket]
    visits: list[VisitAnswer]
    waiting_minutes: WaitingMinutes | None
    unsent: int
    unrecorded: int
    """How many calls, waiting or ended, stand in RAM only because no disk would take them."""
    clock: ClockAnswer
    attended: bool

    @classmethod
    def of(cls, snapshot: Snapshot, now: Moment) -> "BoardAnswer":
        """The board at that moment."""
        return cls(
            version=snapshot.version,
            start=now.start,
            calls=[
                CallAnswer.of(call, now, wishes_to_cancel=call.id in snapshot.wishes) for call in snapshot.floor.calls
            ],
            tickets=[],
            visits=[VisitAnswer.of(visit, now) for visit in snapshot.floor.visits],
            waiting_minutes=None,
            unsent=snapshot.unsent,
            unrecorded=snapshot.unrecorded,
            clock=ClockAnswer(now=now.wall.astimezone(UTC), quality=now.quality),
            attended=snapshot.attended,
        )


class VoiceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the voice was asked for."""

    repeats: bool
    """Whether anything was said in the last two minutes; what is true no more is not said again."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The service answers."""

    status: str = "ok"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why something was not done (RFC 9457)."""

    type: str
    title: str
    """In Japanese, for people."""
    status: int
    code: str
    """Stable, for programs."""
    detail: str | None = None
    field: str | None = None
