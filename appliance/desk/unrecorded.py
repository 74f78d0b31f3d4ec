"""Calls that no disk would take: shown, blinked, spoken and served all the same, in RAM, until they can be stored."""

from dataclasses import dataclass, replace
from uuid import UUID

from appliance.desk.board import Floor
from appliance.desk.errors import SameKeyOtherBody, StorageFull
from appliance.desk.facts.call import Call, CallClosed, CallState
from appliance.desk.facts.visit import Visit
from appliance.desk.ports import Once

MOST = 500
"""More calls than this wait for no disk: RAM has an end too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldCall:
    """One call in RAM: the press, the requests it answers, and how it ended if it has ended meanwhile."""

    call: Call
    requests: tuple[Once, ...] = ()
    closing: CallClosed | None = None
    visit: Visit | None = None

    @property
    def raised(self) -> Call:
        """The call as it was at the press, to be recorded."""
        return replace(self.call, state=CallState.RAISED, closed=None, recorded=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unrecorded:
    """All calls in RAM, oldest first; frozen, so that a page that fails changes none of them."""

    held: tuple[HeldCall, ...] = ()

    @property
    def waiting(self) -> tuple[Call, ...]:
        """Those that nobody has answered yet."""
        return tuple(held.call for held in self.held if held.call.is_waiting)

    def of(self, call: UUID | None) -> HeldCall | None:
        """The call with that id, if it is one of these."""
        return next((held for held in self.held if held.call.id == call), None)

    def knows(self, *ids: UUID | None) -> bool:
        """Whether one of these ids is that of a call in RAM or of its visit."""
        return any(held.call.id in ids or (held.visit and held.visit.id in ids) for held in self.held)

    def made(self, once: Once) -> UUID | None:
        """The call that this very request raised or ended; `SameKeyOtherBody`."""
        for held in self.held:
            for known in held.requests:
                if known.key == once.key:
                    if known.fingerprint != once.fingerprint:
                        raise SameKeyOtherBody
                    return held.call.id
        return None

    def plus(self, call: Call) -> "Unrecorded":
        """These and a new one; `StorageFull` where even RAM holds enough of them."""
        if len(self.held) >= MOST:
            raise StorageFull
        return Unrecorded(held=(*self.held, HeldCall(call=replace(call, recorded=False))))

    def asked(self, once: Once, call: UUID) -> "Unrecorded":
        """The same calls, knowing that this request raised or ended that one; nothing new if it is none of these."""
        held = self.of(call)
        return self.changed(replace(held, requests=(*held.requests, once))) if held else self

    def changed(self, to: HeldCall) -> "Unrecorded":
        """The same calls, one of them as it is now."""
        return Unrecorded(held=tuple(to if held.call.id == to.call.id else held for held in self.held))

    def without(self, call: UUID) -> "Unrecorded":
        """The others."""
        return Unrecorded(held=tuple(held for held in self.held if held.call.id != call))

    def over(self, floor: Floor) -> Floor:
        """The floor with these on it."""
        if not self.held:
            return floor
        ours = {held.call.id for held in self.held}
        begun = [held.visit for held in self.held if held.visit]
        return replace(
            floor,
            calls=(*(call for call in floor.calls if call.id not in ours), *self.waiting),
            visits=(*(visit for visit in floor.visits if visit.call not in ours), *begun),
            unrecorded=len(self.held),
        )
