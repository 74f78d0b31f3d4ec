"""Follows the cards of one slot: each stay is a visit, and what was learnt of one never answers for another."""

import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from drivers.card import dialogue
from drivers.card.dialogue import Mark
from drivers.card.failures import Busy, Failure, Gone, Lifted, Nonsense, NotFit, OutcomeUnknown, WrongDigits
from drivers.card.gate import Gate
from drivers.card.slot import NoLibrary, Slot, SlotDown, SlotState

Tell = Callable[[Mapping[str, Any]], None]
_BACKOFF_LEAST, _BACKOFF_MOST = 0.1, 2.0
_BUSY_SECONDS = 0.5
_AGAIN_SECONDS = 1.0
_MOST_ATTEMPTS = 3
_TOGETHER_SECONDS = 2.0
"""Two cards that follow each other so quickly were not changed by hand."""
_VISIT_IS_OVER = (Lifted, Gone, Nonsense, OutcomeUnknown)


class Visit(NamedTuple):
    """One stay of one card."""

    number: int
    state: SlotState
    began: float
    attempt: int
    """A card that stays but cannot be read is tried anew so often, each time as another visit."""
    over: threading.Event


class Seen(NamedTuple):
    """What was learnt of a card, for as long as it or the next one lies there."""

    visit: Visit
    kind: str
    mark: Mark


class Attendant:
    """Watches one slot on one thread and speaks to its cards on another."""

    def __init__(
        self, slot: Slot, tell: Tell, *, leave_alone: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`leave_alone` is for a card that is there from the start: it made the one before us fall silent."""
        self._slot = slot
        self._tell = tell
        self._leave_alone = leave_alone
        self._clock = clock
        self._lock = threading.Lock()
        self._visit: Visit | None = None
        self._visits = 0
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._seen: Seen | None = None
        self._is_closed = False

    def close(self) -> None:
        """Nothing more is told; both threads end at their next step."""
        with self._lock:
            self._is_closed = True
            self._forget_visit()
        self._jobs.put(lambda: None)

    # ----------------------------------------------------------------------------------------- the watching thread

    def watch(self) -> None:
        """Tell of every card that comes and goes, until closed; returns early where no waiting helps."""
        backoff = _BACKOFF_LEAST
        seen: SlotState | None = None
        told: tuple[str, ...] | None = None
        while not self._is_closed:
            try:
                state = self._slot.wait(seen)
            except SlotDown as down:
                self._end_visit()
                self._say({"is": "reader", "status": down.status, "readers": []})
                if isinstance(down, NoLibrary):
                    return
                seen, told = None, None
                time.sleep(backoff)
                backoff = min(2 * backoff, _BACKOFF_MOST)
                continue
            backoff = _BACKOFF_LEAST
            if state.readers != told:
                told = state.readers
                self._say({"is": "reader", "status": "ready" if told else "no_reader", "readers": list(told)})
            self._follow(seen, state)
            seen = state

    def _follow(self, seen: SlotState | None, state: SlotState) -> None:
        """Every move of the counter ends a visit, even if a card lay there before and after."""
        if seen is not None and _place(seen) == _place(state):
            return
        if self._visit is not None or not state.has_card:
            self._end_visit()
        if state.has_card:
            with self._lock:
                self._begin_visit(state, attempt=1)
        self._leave_alone = False

    def _end_visit(self) -> None:
        with self._lock:
            self._forget_visit()
            self._tell_open({"is": "empty"})

    def _begin_visit(self, state: SlotState, *, attempt: int) -> None:
        """Under the lock."""
        self._visits += 1
        self._forget_visit()
        visit = self._visit = Visit(self._visits, state, self._clock(), attempt, threading.Event())
        phase = "silent" if self._leave_alone else "checking"
        self._tell_open({"is": "card", "visit": visit.number, "phase": phase})
        if not self._leave_alone:
            self._jobs.put(lambda: self._check(visit))

    def _forget_visit(self) -> None:
        """Under the lock; whoever waits for its end goes on."""
        if self._visit is not None:
            self._visit.over.set()
        self._visit = None

    def _say(self, line: Mapping[str, Any]) -> None:
        with self._lock:
            self._tell_open(line)

    def _tell_open(self, line: Mapping[str, Any]) -> None:
        if not self._is_closed:
            self._tell(line)

    # ------------------------------------------------------------------------------------------ the working thread

    def work(self) -> None:
        """Do one thing after the other, until closed."""
        while not self._is_closed:
            self._jobs.get()()

    def ask(self, line: Mapping[str, Any]) -> None:
        """Take a request; its answer is told."""
        self._jobs.put(lambda: self._answer(line))

    def _is_on(self, visit: Visit) -> bool:
        return self._visit is visit

    def _show(self, visit: Visit, phase: str, **more: Any) -> None:
        """What was learnt of a card that is no longer there is dropped."""
        with self._lock:
            if self._is_on(visit):
                self._tell_open({"is": "card", "visit": visit.number, "phase": phase, **more})

    def _check(self, visit: Visit) -> None:
        while self._is_on(visit):
            try:
                self._check_once(visit)
            except Busy:
                self._show(visit, "busy")
                visit.over.wait(_BUSY_SECONDS)
            except Failure:
                self._begin_again(visit)
                return
            else:
                return

    def _begin_again(self, visit: Visit) -> None:
        """What went wrong ends the visit; if a card stays there, it may be another one and is met as such."""
        self._show(visit, "unreadable")
        visit.over.wait(_AGAIN_SECONDS)
        with self._lock:
            if self._is_on(visit) and visit.attempt < _MOST_ATTEMPTS:
                self._begin_visit(visit.state, attempt=visit.attempt + 1)

    def _check_once(self, visit: Visit) -> None:
        atr = visit.state.atr
        with self._slot.open(visit.state) as card:
            self._show(visit, "checking")
            kind = dialogue.kind_of(card, atr=atr)
            self._show(visit, "checking", kind=kind)
            checked, mark = dialogue.check(card) if kind == "my_number" else (None, Mark())
        if self._lies_together(Seen(visit, kind, mark)):
            self._show(visit, "together")
        else:
            self._show(visit, "checked", kind=kind, check=_as_told(checked))

    def _lies_together(self, now: Seen) -> bool:
        before, self._seen = self._seen, now
        if before is None or now.visit.began - before.visit.began > _TOGETHER_SECONDS:
            return False
        return (before.kind, before.mark, before.visit.state.atr) != (now.kind, now.mark, now.visit.state.atr)

    def _answer(self, line: Mapping[str, Any]) -> None:
        visit = self._visit
        failure: Failure | None = None
        told: Mapping[str, Any]
        try:
            told = self._done(visit, line)
        except WrongDigits as wrong:
            told = {"error": wrong.code, "left": wrong.left}
        except Failure as error:
            told, failure = {"error": error.code}, error
        self._say({"is": "answer", "id": line["id"], **told})
        if visit is not None and isinstance(failure, _VISIT_IS_OVER):
            self._begin_again(visit)

    def _done(self, visit: Visit | None, line: Mapping[str, Any]) -> dict[str, Any]:
        seen = self._seen
        if visit is None or visit.number != line["visit"] or seen is None or seen.visit is not visit:
            raise Gone
        with self._slot.open(visit.state) as card:
            if line["do"] == "identifier":
                storage, name = dialogue.identifier(card, atr=visit.state.atr)
                told: dict[str, Any] = {"storage": storage, "name": name.hex()}
            else:
                told = {"items": self._items(seen, card, line)}
        if not self._is_on(visit):
            raise Gone
        return told

    def _items(self, seen: Seen, card: Gate, line: Mapping[str, Any]) -> dict[str, str]:
        if seen.kind != "my_number":
            raise NotFit
        if dialogue.mark(card) != seen.mark:
            raise Gone
        return dialogue.four_items(
            card, secret=line["secret"], digits=line["digits"].encode("ascii"), last_try=bool(line["last_try"])
        )


def _place(state: SlotState) -> tuple[int, bool, tuple[str, ...]]:
    return state.counter, state.has_card, state.readers[:1]


def _as_told(checked: dialogue.Checked | None) -> dict[str, Any] | None:
    if checked is None:
        return None
    told = checked._asdict()
    if checked.valid_until is not None:
        told["valid_until"] = checked.valid_until.isoformat()
    return told
