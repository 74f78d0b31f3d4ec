"""The one place where facts come into existence: sealed, then stored as row and record in one transaction."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from appliance.desk.board import Board, Floor
from appliance.desk.errors import StorageFailed, StorageFull
from appliance.desk.facts.call import Call
from appliance.desk.facts.fact import Fact
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.visit import Visit
from appliance.desk.facts.withdrawal import Withdrawal
from appliance.desk.ports import Clock, Once, Sealer, Storage, Writing


class Page:
    """One transaction being written: what it seals, what it stores, and the floor it will leave."""

    def __init__(self, writing: Writing, sealer: Sealer, floor: Floor, now: Moment) -> None:
        self._writing = writing
        self._sealer = sealer
        self.floor = floor
        self.now = now
        """The moment of this transaction, read under the writer lock: later sequence, later moment."""
        self.calls = writing.calls
        self.visits = writing.visits
        self.consultations = writing.consultations

    def made_before(self, once: Once | None) -> UUID | None:
        """What this very request made the first time it came."""
        return self._writing.requests.answered(once) if once else None

    def remember(self, once: Once | None, made: UUID) -> None:
        """Keep what this request made, so that its repetition makes nothing."""
        if once:
            self._writing.requests.remember(once, made, now=self.now)

    def seal(self, fact: Fact) -> None:
        """Seal `fact` and put the record into the outbox."""
        self._writing.outbox.add(self._sealer.seal(fact, on=self._writing.head), at=self.now)

    def withdraw(self, record: UUID) -> None:
        """Take a sealed record back: delete its body here, tell the town."""
        self._writing.outbox.hollow(record)
        self.seal(Withdrawal.of_record(record, self.now))

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
        self._floor = Floor()
        self._floor_is_known = False
        with self.page():
            pass

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Write one page; an exception inside leaves neither rows nor records nor anything on the board."""
        with self._lock:
            try:
                with self._storage.writing() as writing:
                    page = Page(writing, self._sealer, self._known_floor(writing), self._clock.now())
                    yield page
            except (StorageFull, StorageFailed):
                self._sealer.forget_epoch()
                self._floor_is_known = False
                raise
            self._floor = floor = self._turned(page.floor)
            self._floor_is_known = True
        self._board.show(floor=floor)

    def _turned(self, floor: Floor) -> Floor:
        """The floor with the next turn, where anything on it has changed."""
        same = (floor.calls, floor.visits) == (self._floor.calls, self._floor.visits) and self._floor.turn > 0
        return self._floor if same else replace(floor, turn=self._floor.turn + 1)

    def _known_floor(self, writing: Writing) -> Floor:
        """The floor in RAM, or read again where a failed commit left its outcome in doubt."""
        if self._floor_is_known:
            return self._floor
        return Floor(turn=self._floor.turn, calls=tuple(writing.calls.waiting()), visits=tuple(writing.visits.open()))
