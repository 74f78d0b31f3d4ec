"""What whoever comes to the desk has to know: does somebody come when called, and how long will it be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from appliance.desk.board import Snapshot
from appliance.desk.desk import Desk
from appliance.desk.facts.call import Call, CallSource
from appliance.desk.facts.moment import Moment, elapsed
from appliance.desk.facts.visit import Visit
from appliance.desk.place_in_line import minutes_to_wait, people_ahead

COMING_FOR = timedelta(seconds=20)
"""So long after the answer somebody is still on the way."""


class WelcomeState(StrEnum):
    """How things stand for a visitor."""

    THERE = "there"
    """Somebody comes when called."""
    CALLED = "called"
    """The screen's call waits, and somebody comes."""
    COMING = "coming"
    """A call was answered a moment ago."""
    AWAY = "away"
    """Whoever is signed in has given no sign of life for a while."""
    ABSENT = "absent"
    """Nobody is signed in."""
    CLOSED = "closed"
    """It is outside the opening hours."""
    IMPOSSIBLE = "impossible"
    """No call can be sealed, so none is raised."""

    @property
    def somebody_comes(self) -> bool:
        """Whether a visitor may be promised anybody."""
        return self in {WelcomeState.THERE, WelcomeState.CALLED, WelcomeState.COMING}


@dataclass(frozen=True, kw_only=True, slots=True)
class Welcome:
    """Everything that the screen for visitors tells; no word about anybody."""

    state: WelcomeState
    has_called: bool = False
    """Whether the screen's call waits, heard or not."""
    ahead: int = 0
    """How many wait before the visitor."""
    minutes: int | None = None
    """About how long she will wait, in whole fives, where that can be known."""
    at_once: bool = False
    """Whether somebody is free."""
    opening: datetime | None = None
    """When the desk next opens; only while nobody comes."""


def welcome_of(desk: Desk, snapshot: Snapshot, now: Moment) -> Welcome:
    """How things stand for a visitor in this snapshot at this moment."""
    own = next((call for call in snapshot.floor.calls if call.source is CallSource.SCREEN), None)
    state = _state(desk, snapshot, now, own)
    if not state.somebody_comes:
        opening = None if state is WelcomeState.IMPOSSIBLE else desk.attendance.next_opening(now)
        return Welcome(state=state, has_called=own is not None, opening=opening)
    ahead = _ahead(snapshot, own.id if own else None)
    return Welcome(
        state=state,
        has_called=own is not None,
        ahead=ahead,
        minutes=minutes_to_wait(snapshot, ahead, now),
        at_once=ahead + len(snapshot.floor.visits) < snapshot.staff_present,
    )


def _state(desk: Desk, snapshot: Snapshot, now: Moment, own: Call | None) -> WelcomeState:
    if not snapshot.can_seal:
        return WelcomeState.IMPOSSIBLE
    if not desk.attendance.in_hours(now):
        return WelcomeState.CLOSED
    if not snapshot.attended:
        return WelcomeState.AWAY if desk.presence.everybody(now=now) else WelcomeState.ABSENT
    if own is not None and own.attended:
        return WelcomeState.CALLED
    if any(_just_began(visit, now) for visit in snapshot.floor.visits):
        return WelcomeState.COMING
    return WelcomeState.THERE


def _just_began(visit: Visit, now: Moment) -> bool:
    return visit.call is not None and elapsed(visit.began, now).time < COMING_FOR


def _ahead(snapshot: Snapshot, own: UUID | None) -> int:
    heard = sum(call.attended for call in snapshot.floor.calls)
    return heard if own is None else people_ahead(snapshot, own)
