"""A visitor asked for somebody: the press, and how it ended."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID, uuid4

from appliance.desk.errors import CallAlreadyClosed
from appliance.desk.facts.moment import Elapsed, Moment, elapsed
from appliance.desk.facts.staff import StaffRole


class CallState(StrEnum):
    """Where a call stands."""

    RAISED = "raised"
    ANSWERED = "answered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNATTENDED = "unattended"
    """Nobody was there, and it has left the board by itself."""


class CallSource(StrEnum):
    """What the visitor pressed."""

    BUTTON = "button"
    SCREEN = "screen"
    API = "api"


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call; its id is also the id of the record sealed at the press."""

    id: UUID
    button: int
    source: CallSource
    attended: bool
    """Whether anybody would come when it was raised: somebody was signed in, and it was within the opening hours."""
    raised: Moment
    state: CallState = CallState.RAISED
    closed: Moment | None = None
    recorded: bool = True
    """False while no disk would take it and it stands in RAM only; says nothing of the visitor and is never sealed."""

    @classmethod
    def at_the_press(
        cls, button: int, *, source: CallSource, attended: bool, now: Moment, call: UUID | None = None
    ) -> "Call":
        """A new call, waiting; under the id `call` where the press has one already."""
        return cls(id=call or uuid4(), button=button, source=source, attended=attended, raised=now)

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has answered, cancelled or outwaited it yet."""
        return self.state is CallState.RAISED

    def close(self, state: CallState, now: Moment) -> "Call":
        """The same call, ended; `CallAlreadyClosed` if it had ended before."""
        if not self.is_waiting:
            raise CallAlreadyClosed(self.state)
        return replace(self, state=state, closed=now)

    def waiting_time(self, now: Moment) -> Elapsed:
        """How long the visitor has waited, or waited until the call ended."""
        return elapsed(self.raised, self.closed or now)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallClosed:
    """How a call ended; a fact of its own, because the press was already sealed."""

    id: UUID
    call: UUID
    state: CallState
    waiting_seconds: int
    honest: bool
    """False when the waiting time rests on a clock nobody vouches for."""
    attended: bool
    by: StaffRole | None
    at: Moment

    @classmethod
    def of(cls, call: Call, *, by: StaffRole | None, now: Moment) -> "CallClosed":
        """The closing of `call`, which must have ended."""
        waited = call.waiting_time(now)
        return cls(
            id=uuid4(),
            call=call.id,
            state=call.state,
            waiting_seconds=waited.seconds,
            honest=waited.honest,
            attended=call.attended,
            by=by,
            at=now,
        )
