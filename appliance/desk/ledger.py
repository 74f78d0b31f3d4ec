"""The one place where facts come into existence: sealed, then stored as row and record in one transaction."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from appliance.desk.board import Board, Floor
from appliance.desk.errors import NoTownKeys, SameKeyOtherBody, StorageFailed, StorageFull, UnknownCall
from appliance.desk.facts.call import Call, CallClosed
from appliance.desk.facts.fact import Fact
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.security import SecurityEvent
from appliance.desk.facts.visit import Visit
from appliance.desk.facts.withdrawal import Withdrawal
from appliance.desk.ports import Clock, Once, Sealer, Storage, Writing
from appliance.desk.ram_page import CallPage, RamPage
from appliance.desk.unrecorded import HeldCall, Unrecorded

T = TypeVar("T")

MOST_HELD_BACK = 200
"""Security events that wait in RAM for the municipality's keys; what comes then is not noticed."""


class Page:
    """One transaction being written: what it seals, what it stores, and the floor it will leave.

    A call may stand in RAM only, because no disk would take it; the methods below treat it as any other, and
    `record_unrecorded` brings it onto the page. `again` says that an earlier page of the same writing was refused, or
    seemed to be: a disk that fails at the commit may have kept it.
    """

    def __init__(
        self,
        writing: Writing,
        sealer: Sealer,
        *,
        floor: Floor,
        unrecorded: Unrecorded,
        now: Moment,
        again: bool = False,
        can_seal: bool = True,
    ) -> None:
        self._writing = writing
        self._sealer = sealer
        self._can_seal = can_seal
        self._again = again
        self.floor = floor
        self.unrecorded = unrecorded
        self.held_back: tuple[SecurityEvent, ...] = ()
        """What happened on this page and waits for the municipality's keys."""
        self.now = now
        """The moment of this transaction, read under the writer lock: later sequence, later moment."""
        self.calls = writing.calls
        self.visits = writing.visits
        self.consultations = writing.consultations
        self.tokens = writing.tokens
        self.openings = writing.openings
        self.tallies = writing.tallies
        self.staff = writing.staff
        self.stays = writing.stays

    def made_before(self, once: Once | None) -> UUID | None:
        """What this very request made the first time it came."""
        if once is None:
            return None
        return self.unrecorded.made(once) or self._writing.requests.answered(once)

    def remember(self, once: Once | None, made: UUID) -> None:
        """Keep what this request made, so that its repetition makes nothing."""
        if once is None:
            return
        if self.unrecorded.of(made):
            self.unrecorded = self.unrecorded.asked(once, made)
        else:
            self._writing.requests.remember(once, made, now=self.now)

    def seal(self, fact: Fact) -> None:
        """Seal `fact` and put the record into the outbox.

        Before the municipality's keys are here a security event waits in RAM, because set-up and sign-in go on;
        everything else is refused: `NoTownKeys`.
        """
        try:
            record = self._sealer.seal(fact, on=self._writing.head)
        except NoTownKeys:
            if not isinstance(fact, SecurityEvent):
                raise
            self.held_back += (fact,)
        else:
            self._writing.outbox.add(record, at=self.now)

    def withdraw(self, record: UUID) -> None:
        """Take a sealed record back: delete its body here, tell the town."""
        self._writing.outbox.hollow(record)
        self.seal(Withdrawal.of_record(record, self.now))

    def call(self, call: UUID) -> Call:
        """The call with that id, wherever it stands; `UnknownCall`."""
        held = self.unrecorded.of(call)
        return held.call if held else self.calls.get(call)

    def waiting(self) -> tuple[Call, ...]:
        """The calls that wait, wherever they stand."""
        return (*self.floor.calls, *self.unrecorded.waiting)

    def raise_call(self, call: Call) -> Call:
        """Record a new call, unless an earlier page has after all."""
        if self._again and (stored := self._stored(call)):
            return stored
        self.seal(call)
        self.calls.add(call)
        self.show_call(call)
        return call

    def close_call(self, call: Call, closing: CallClosed) -> None:
        """Record how `call` ended, or keep that beside it in RAM."""
        if held := self.unrecorded.of(call.id):
            self.unrecorded = self.unrecorded.changed(replace(held, call=call, closing=closing))
            return
        self.seal(closing)
        self.calls.close(call)
        self.show_call(call)

    def begin_visit(self, visit: Visit) -> None:
        """Record that a visit has begun, or keep that beside its call in RAM.

        It is sealed once it has ended; `NoTownKeys` where that could never be.
        """
        if not self._can_seal:
            raise NoTownKeys
        if held := self.unrecorded.of(visit.call):
            self.unrecorded = self.unrecorded.changed(replace(held, visit=visit))
            return
        self.visits.add(visit)
        self.show_visit(visit)

    def record_unrecorded(self, *, at_most: int | None = None) -> None:
        """Bring the oldest calls that stand in RAM onto this page; what a page before it has stored is known by id."""
        for held in self.unrecorded.held[:at_most]:
            self.unrecorded = self.unrecorded.without(held.call.id)
            self._record(held)

    def record_named(self, *ids: UUID | None) -> None:
        """Bring all calls from RAM onto this page where one of these ids is among them, so that rows can name it."""
        if self.unrecorded.knows(*ids):
            self.record_unrecorded()

    def _record(self, held: HeldCall) -> None:
        if held.closing is None and self._was_made_otherwise(held):
            return
        stored = self._stored(held.raised) or self.raise_call(held.raised)
        if held.closing and stored.is_waiting:
            self.close_call(replace(held.call, recorded=True), held.closing)
            if held.visit:
                self.begin_visit(held.visit)
        for once in held.requests:
            with suppress(SameKeyOtherBody):
                if self._writing.requests.answered(once) is None:
                    self.remember(once, stored.id)

    def _was_made_otherwise(self, held: HeldCall) -> bool:
        """Whether its request had raised another call, which nobody could see while the disk was not to be read."""
        with suppress(SameKeyOtherBody):
            return any(self._writing.requests.answered(once) not in (None, held.call.id) for once in held.requests)
        return False

    def _stored(self, call: Call) -> Call | None:
        try:
            return self.calls.get(call.id)
        except UnknownCall:
            return None

    def show_call(self, call: Call) -> None:
        """Let the floor show what became of a call."""
        self.floor = self.floor.with_call(call) if call.is_waiting else self.floor.without_call(call)

    def show_visit(self, visit: Visit) -> None:
        """Let the floor show what became of a visit."""
        self.floor = self.floor.with_visit(visit)


class Ledger:
    """Hands out pages, one at a time; once one is left without an error, its facts exist and the board shows them."""

    def __init__(self, *, storage: Storage, sealer: Sealer, clock: Clock, board: Board) -> None:
        self._lock = threading.Lock()
        self._storage = storage
        self._sealer = sealer
        self._clock = clock
        self._board = board
        self._floor = self._shown = Floor()
        self._floor_is_known = False
        self._unrecorded = Unrecorded()
        self._held_back: tuple[SecurityEvent, ...] = ()
        with self.page():
            pass

    @property
    def has_unrecorded(self) -> bool:
        """Whether any call stands in RAM only."""
        return bool(self._unrecorded.held)

    @property
    def held_back(self) -> tuple[SecurityEvent, ...]:
        """The security events that wait in RAM for the municipality's keys, oldest first."""
        return self._held_back

    def seal_held_back(self, events: Sequence[SecurityEvent]) -> None:
        """Seal what an earlier desk of this process held back; where the keys are still missing it waits here."""
        if events:
            with self.page() as page:
                for event in events:
                    page.seal(event)

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Write one page; an exception inside leaves neither rows nor records nor anything on the board."""
        with self._lock:
            try:
                with self._storage.writing() as writing:
                    page = self._begun(writing)
                    yield page
            except (StorageFull, StorageFailed):
                self._doubt()
                raise
            shown = self._turned(page)
        self._board.show(floor=shown)

    def insist(self, write: Callable[[CallPage], T]) -> T:
        """Have `write` fill a page that no disk stops; meant for calls.

        After `StorageFull`, which made the store give up its reserve, or `StorageFailed`, `write` fills a fresh page:
        sealed again from the fact, in a new epoch and so under another nonce. If that is refused too, what `write`
        raises stands in RAM.
        """
        with self._lock:
            for again in (False, True):
                try:
                    with self._storage.writing() as writing:
                        page = self._begun(writing, again=again)
                        made = write(page)
                except (StorageFull, StorageFailed):
                    self._doubt()
                else:
                    shown = self._turned(page)
                    break
            else:
                held = RamPage(floor=self._floor, unrecorded=self._unrecorded, now=self._clock.now())
                made = write(held)
                self._unrecorded = held.unrecorded
                shown = self._shown_now()
        self._board.show(floor=shown)
        return made

    def _begun(self, writing: Writing, *, again: bool = False) -> Page:
        """The next page, empty."""
        return Page(
            writing,
            self._sealer,
            floor=self._known_floor(writing),
            unrecorded=self._unrecorded,
            now=self._clock.now(),
            again=again,
            can_seal=self._board.snapshot.can_seal,
        )

    def _doubt(self) -> None:
        """A disk refused a page; what it kept of it is to be read again, and no nonce of it used again."""
        self._sealer.forget_epoch()
        self._floor_is_known = False

    def _turned(self, page: Page) -> Floor:
        """The page is written. What to show: the floor and the calls in RAM, in the next turn if that has changed."""
        self._floor, self._floor_is_known, self._unrecorded = page.floor, True, page.unrecorded
        if page.held_back:
            self._held_back = (*self._held_back, *page.held_back)[:MOST_HELD_BACK]
        return self._shown_now()

    def _shown_now(self) -> Floor:
        now, before = self._unrecorded.over(self._floor), self._shown
        if before.turn == 0 or not now.shows_the_same(before):
            self._shown = now.at_turn(before.turn + 1)
        return self._shown

    def _known_floor(self, writing: Writing) -> Floor:
        """The floor in RAM, or read again where a failed commit left its outcome in doubt."""
        if self._floor_is_known:
            return self._floor
        return Floor(calls=tuple(writing.calls.waiting()), visits=tuple(writing.visits.open()))
