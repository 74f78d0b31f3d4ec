"""A page that no disk has to take: what a press is written on when every disk has refused it."""

from typing import Protocol
from uuid import UUID

from appliance.desk.board import Floor
from appliance.desk.errors import UnknownCall
from appliance.desk.facts.call import Call
from appliance.desk.facts.moment import Moment
from appliance.desk.ports import Once
from appliance.desk.unrecorded import Unrecorded


class CallPage(Protocol):
    """As much of a page as raising a call needs."""

    now: Moment

    def made_before(self, once: Once | None) -> UUID | None:
        """What this very request made the first time it came, as far as that can be known."""
        ...

    def remember(self, once: Once | None, made: UUID) -> None:
        """Keep what this request made, so that its repetition makes nothing."""
        ...

    def call(self, call: UUID) -> Call:
        """The call with that id; `UnknownCall`."""
        ...

    def waiting(self) -> tuple[Call, ...]:
        """The calls that wait, wherever they stand."""
        ...

    def raise_call(self, call: Call) -> Call:
        """Let a new call be; how it stands then."""
        ...


class RamPage:
    """A `CallPage` that asks no disk anything; a new call stands in RAM, and so do the requests that raised it."""

    def __init__(self, *, floor: Floor, unrecorded: Unrecorded, now: Moment) -> None:
        self._floor = floor
        self.unrecorded = unrecorded
        self.now = now

    def made_before(self, once: Once | None) -> UUID | None:
        """See `CallPage`; what the disk knows of it is compared when it can be read again."""
        return None if once is None else self.unrecorded.made(once)

    def remember(self, once: Once | None, made: UUID) -> None:
        """See `CallPage`; beside a call that has a place on the disk there is no room for it."""
        if once is not None:
            self.unrecorded = self.unrecorded.asked(once, made)

    def call(self, call: UUID) -> Call:
        """See `CallPage`."""
        held = self.unrecorded.of(call)
        if held is None:
            raise UnknownCall
        return held.call

    def waiting(self) -> tuple[Call, ...]:
        """See `CallPage`."""
        return (*self._floor.calls, *self.unrecorded.waiting)

    def raise_call(self, call: Call) -> Call:
        """See `CallPage`; `StorageFull` where even RAM holds enough of them."""
        self.unrecorded = self.unrecorded.plus(call)
        return self.unrecorded.held[-1].call
