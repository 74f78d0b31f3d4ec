"""Calls: somebody pressed; somebody comes, or nobody does."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from appliance.desk.board import Board
from appliance.desk.errors import CallAlreadyClosed, Invalid, SealingFailed
from appliance.desk.facts.call import Call, CallClosed, CallSource, CallState
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.visit import JAPANESE, Visit
from appliance.desk.ledger import Ledger, Page
from appliance.desk.ports import Once
from appliance.desk.ram_page import CallPage
from appliance.desk.reception.attendance import Attendance
from appliance.desk.room import Room

MAX_BUTTON = 99


@dataclass(frozen=True, kw_only=True, slots=True)
class _Press:
    """A finger on a button, or a program's request; whatever the disk does, it makes one call at most."""

    button: int
    source: CallSource
    once: Once | None
    id: UUID = field(default_factory=uuid4)
    """What its call will be called."""


class CallDesk:
    """Raises, answers, cancels and expires calls."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        board: Board,
        room: Room,
        attendance: Attendance,
        patience: timedelta,
        unattended_for: timedelta,
    ) -> None:
        """`patience`: how long an attended call stays; `unattended_for`: how long one that nobody was there to hear."""
        self._ledger = ledger
        self._board = board
        self._room = room
        self._attendance = attendance
        self._patience = patience
        self._unattended_for = unattended_for
        self._languages: dict[UUID, str] = {}
        """What the visitors speak who wait and chose another language than Japanese; in RAM only."""

    def pressed(self, button: int, *, source: CallSource, once: Once | None = None, language: str = JAPANESE) -> Call:
        """Raise a call. From the return on it exists; lamp, voice and screens follow by themselves.

        A button or screen whose call still waits raises no second one: the visitor only hears again that she was
        heard. `Invalid` for a button number the desk cannot have. No disk stops a call, be it full, broken or
        read-only: it stands in RAM then and says so (`recorded`). What cannot be sealed stops it: `SealingFailed`, and
        the visitor hears that nobody was called. `language`: the BCP 47 tag of what she chose on a screen.
        """
        if not 1 <= button <= MAX_BUTTON:
            raise Invalid("button", f"must be 1 to {MAX_BUTTON}")
        press = _Press(button=button, source=source, once=once)
        if language != JAPANESE:
            self._languages[press.id] = language  # before the call is on any screen
        try:
            call, answer = self._ledger.insist(lambda page: self._press(press, page))
        except SealingFailed:
            self._languages.pop(press.id, None)
            if source is not CallSource.API:
                self._room.look_and_speak(self._attendance.no_call)
            raise
        if call.id != press.id:
            self._languages.pop(press.id, None)
        if answer is not None:
            self._room.look_and_speak(answer, again=lambda: self._attendance.again(call))
        return call

    def language_of(self, call: UUID) -> str:
        """The BCP 47 tag of what the visitor chose who raised that call and waits."""
        return self._languages.get(call, JAPANESE)

    def answer(self, call: UUID, *, by: StaffRole, once: Once | None = None) -> Call:
        """Somebody goes to the visitor: the call ends and her visit begins. `UnknownCall`, `CallAlreadyClosed`."""
        with self._ledger.page() as page:
            if page.made_before(once) is not None:
                return page.call(call)
            answered = close_call(page, page.call(call), CallState.ANSWERED, by=by)
            begin_visit_of(page, answered, language=self.language_of(call))
            page.remember(once, call)
        self._languages.pop(call, None)
        self._room.answered(answered.button)
        self._room.say("call_answered")
        return answered

    def cancel(self, call: UUID, *, by: StaffRole | None, once: Once | None = None) -> Call:
        """Nobody needs to come after all. `UnknownCall`, `CallAlreadyClosed`."""
        with self._ledger.page() as page:
            if page.made_before(once) is not None:
                return page.call(call)
            cancelled = close_call(page, page.call(call), CallState.CANCELLED, by=by)
            page.remember(once, call)
        self._languages.pop(call, None)
        self._room.look()
        return cancelled

    def wish_to_cancel(self, button: int) -> None:
        """The visitor at `button` may have pressed by mistake: staff are shown her wish, and only they end the call."""
        calls = self._board.snapshot.floor.calls
        own = {call.id for call in calls if call.button == button and call.source is CallSource.BUTTON}
        self._board.show(wishes=frozenset(own))

    def expire_old(self) -> None:
        """End the calls that nobody answered for longer than anybody waits, and those that nobody was there to hear."""
        for call in self._board.snapshot.floor.calls:
            stays = self._patience if call.attended else self._unattended_for
            with self._ledger.page() as page:
                if call.waiting_time(page.now).time < stays:
                    continue
                try:
                    state = CallState.EXPIRED if call.attended else CallState.UNATTENDED
                    close_call(page, page.call(call.id), state, by=None)
                except CallAlreadyClosed:
                    continue
            self._languages.pop(call.id, None)
        self._room.look()

    def record_unrecorded(self) -> None:
        """Store the calls that stand in RAM, oldest first, each on a page of its own; the error of the disk if not."""
        while self._ledger.has_unrecorded:
            with self._ledger.page() as page:
                page.record_unrecorded(at_most=1)

    def _press(self, press: _Press, page: CallPage) -> tuple[Call, Callable[[], str] | None]:
        """The call, and how to answer the visitor; None where this very request had raised it before."""
        attended = self._attendance.somebody_comes(page.now)
        if (made := page.made_before(press.once)) is not None:
            call = page.call(made)
            return call, self._answer_to(call, page.now, attended=attended) if made == press.id else None
        call = self._waiting_at(press, page, attended=attended) or page.raise_call(
            Call.at_the_press(press.button, source=press.source, attended=attended, now=page.now, call=press.id)
        )
        page.remember(press.once, call.id)
        return call, self._answer_to(call, page.now, attended=attended)

    def _waiting_at(self, press: _Press, page: CallPage, *, attended: bool) -> Call | None:
        """The call she raised before; one that nobody heard is none any more once somebody is there to hear."""
        if press.source is CallSource.API:
            return None
        same = (call for call in page.waiting() if call.button == press.button and call.source is press.source)
        return next((call for call in same if call.attended or not attended), None)

    def _answer_to(self, call: Call, now: Moment, *, attended: bool) -> Callable[[], str]:
        """Promises help only where somebody comes now, whenever the call was raised."""
        return lambda: self._attendance.promise(call) if attended else self._attendance.absence(now)


def close_call(page: Page, call: Call, state: CallState, *, by: StaffRole | None) -> Call:
    """End a call on this page and seal how it ended; `CallAlreadyClosed`."""
    closed = call.close(state, page.now)
    page.close_call(closed, CallClosed.of(closed, by=by, now=page.now))
    return closed


def begin_visit_of(page: Page, call: Call, *, timed: bool = True, language: str = JAPANESE) -> Visit:
    """Begin the visit that an answered call leads to."""
    waited = call.waiting_time(page.now)
    seconds = waited.seconds if waited.honest and call.attended else None
    visit = Visit.beginning(call=call.id, waiting_seconds=seconds, timed=timed, now=page.now, language=language)
    page.begin_visit(visit)
    return visit
