"""Calls: somebody pressed; somebody comes, or nobody does."""

from datetime import timedelta
from uuid import UUID

from appliance.desk.board import Board
from appliance.desk.errors import CallAlreadyClosed, Invalid
from appliance.desk.facts.call import Call, CallClosed, CallSource, CallState
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.visit import Visit
from appliance.desk.ledger import Ledger, Page
from appliance.desk.ports import Once
from appliance.desk.room import Room

MAX_BUTTON = 99


class CallDesk:
    """Raises, answers, cancels and expires calls."""

    def __init__(self, *, ledger: Ledger, board: Board, room: Room, patience: timedelta) -> None:
        self._ledger = ledger
        self._board = board
        self._room = room
        self._patience = patience

    def pressed(self, button: int, *, source: CallSource, once: Once | None = None) -> Call:
        """Raise a call. From the return on it exists; lamp, voice and screens follow by themselves.

        A button or screen whose call still waits raises no second one: the visitor only hears again that she was
        heard. `Invalid` for a button number the desk cannot have.
        """
        if not 1 <= button <= MAX_BUTTON:
            raise Invalid("button", f"must be 1 to {MAX_BUTTON}")
        with self._ledger.page() as page:
            if (made := page.made_before(once)) is not None:
                return page.calls.get(made)
            call = self._waiting_at(button, source, page) or self._raise(button, source, page)
            page.remember(once, call.id)
        self._room.look()
        self._room.say("call_raised" if call.attended else "call_unattended")
        return call

    def answer(self, call: UUID, *, by: StaffRole, once: Once | None = None) -> Call:
        """Somebody goes to the visitor: the call ends and her visit begins. `UnknownCall`, `CallAlreadyClosed`."""
        with self._ledger.page() as page:
            if page.made_before(once) is not None:
                return page.calls.get(call)
            answered = close_call(page, page.calls.get(call), CallState.ANSWERED, by=by)
            begin_visit_of(page, answered)
            page.remember(once, call)
        self._room.answered(answered.button)
        self._room.say("call_answered")
        return answered

    def cancel(self, call: UUID, *, by: StaffRole | None, once: Once | None = None) -> Call:
        """Nobody needs to come after all. `UnknownCall`, `CallAlreadyClosed`."""
        with self._ledger.page() as page:
            if page.made_before(once) is not None:
                return page.calls.get(call)
            cancelled = close_call(page, page.calls.get(call), CallState.CANCELLED, by=by)
            page.remember(once, call)
        self._room.look()
        return cancelled

    def expire_old(self) -> None:
        """End the calls that nobody answered for longer than anybody waits."""
        now = None
        for call in self._board.snapshot.floor.calls:
            with self._ledger.page() as page:
                now = page.now
                if call.waiting_time(now).time < self._patience:
                    continue
                try:
                    close_call(page, page.calls.get(call.id), CallState.EXPIRED, by=None)
                except CallAlreadyClosed:
                    continue
        self._room.look()

    def _waiting_at(self, button: int, source: CallSource, page: Page) -> Call | None:
        if source is CallSource.API:
            return None
        return next((call for call in page.floor.calls if call.button == button and call.source is source), None)

    def _raise(self, button: int, source: CallSource, page: Page) -> Call:
        call = Call.at_the_press(button, source=source, attended=self._board.snapshot.attended, now=page.now)
        page.seal(call)
        page.calls.add(call)
        page.show_call(call)
        return call


def close_call(page: Page, call: Call, state: CallState, *, by: StaffRole | None) -> Call:
    """End a call on this page and seal how it ended; `CallAlreadyClosed`."""
    closed = call.close(state, page.now)
    page.seal(CallClosed.of(closed, by=by, now=page.now))
    page.calls.close(closed)
    page.show_call(closed)
    return closed


def begin_visit_of(page: Page, call: Call, *, timed: bool = True) -> Visit:
    """Begin the visit that an answered call leads to."""
    waited = call.waiting_time(page.now)
    seconds = waited.seconds if waited.honest and call.attended else None
    visit = Visit.beginning(call=call.id, waiting_seconds=seconds, timed=timed, now=page.now)
    page.visits.add(visit)
    page.show_visit(visit)
    return visit
