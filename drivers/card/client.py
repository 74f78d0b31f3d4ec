"""The desk's side of the reader: keeps a process at work, knows what lies there, and never speaks to a card itself."""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NoReturn, Protocol

from appliance.desk.card_errors import (
    CardBusy,
    CardGone,
    CardLastTry,
    CardNotFit,
    CardPinLocked,
    CardPinOutcomeUnknown,
    CardPinWrong,
    CardUnreadable,
    ReaderUnusable,
)
from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.card import (
    CardCheck,
    CardKind,
    CardPhase,
    CardState,
    CardVisit,
    FourItems,
    ItemsKey,
    ItemsSecret,
    ReaderStatus,
    TriesLeft,
)
from drivers.card.identity import stable_name, tokens

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds for a check or a request; a card that takes longer has fallen silent."""
_BACKOFF_LEAST, _BACKOFF_MOST = 0.1, 5.0
_STEADY_SECONDS = 10.0
"""A process that lived so long did not fail at its start."""
_END_SECONDS = 5.0
_ERRORS: Mapping[str, type[MadoguchiError]] = {
    "lifted": CardGone,
    "gone": CardGone,
    "busy": CardBusy,
    "nonsense": CardUnreadable,
    "not_fit": CardNotFit,
    "last_try": CardLastTry,
    "locked": CardPinLocked,
    "outcome_unknown": CardPinOutcomeUnknown,
}
Line = Mapping[str, Any]


class Ended(Exception):
    """The process of the reader is no longer there."""


class Child(Protocol):
    """The process of the reader."""

    def tell(self, line: Line) -> None:
        """Send it a line; `Ended`."""
        ...

    def hear(self, seconds: float | None) -> Line | None:
        """Its next line, None if none comes for so long; `Ended`."""
        ...

    def kill(self) -> None:
        """End it at once, whatever it waits for; every other call then raises `Ended`."""
        ...

    def close(self) -> None:
        """The same, and let go of what was held for it; only by whoever hears."""
        ...


Start = Callable[[bool], Child]
"""Starts the process; the argument says to leave alone a card that lies there."""


@dataclass(kw_only=True, repr=False)
class _Asked:
    """A request on its way."""

    done: threading.Event = field(default_factory=threading.Event)
    answer: Line | None = None


class CardClient:
    """Port `CardReader`."""

    def __init__(
        self, start: Start, *, patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`start` is called on a thread of its own, again whenever the process has ended."""
        self._start = start
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()
        self._state = CardState()
        self._on_change: Callable[[CardState], None] = lambda _state: None
        self._numbers = itertools.count(1)
        self._child: Child | None = None
        self._child_visit = 0
        self._asked: dict[int, _Asked] = {}
        self._ids = itertools.count(1)
        self._deadline: float | None = None
        self._is_silent = False
        self._has_opened = False
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="card reader", daemon=True)
        self._thread.start()

    # ----------------------------------------------------------------------------------------------------- the port

    def watch(self, on_change: Callable[[CardState], None]) -> None:
        """See the port."""
        with self._lock:
            self._on_change = on_change
            on_change(self._state)

    def state(self) -> CardState:
        """See the port."""
        return self._state

    def four_items(self, visit: int, key: ItemsKey, *, last_try: bool = False) -> FourItems:
        """See the port."""
        self._has_opened = True
        asked = {"do": "items", "secret": str(key.secret), "digits": key.digits, "last_try": last_try}
        try:
            answer = self._ask(visit, asked)
        except _NoAnswer:
            raise CardPinOutcomeUnknown from None
        except (CardPinWrong, CardPinLocked) as refusal:
            self._count(visit, key.secret, refusal.left)
            raise
        items = answer["items"]
        return FourItems(name=items["name"], address=items["address"], born=items["born"], sex=items["sex"])

    def card_tokens(self, visit: int, keys: Mapping[str, bytes]) -> tuple[str, ...]:
        """See the port."""
        try:
            answer = self._ask(visit, {"do": "identifier"})
        except _NoAnswer:
            raise CardGone from None
        name = stable_name(answer["storage"], bytes.fromhex(answer["name"]))
        if name is None:
            raise CardNotFit
        return tokens(name, keys)

    def close(self) -> None:
        """See the port."""
        self._closed.set()
        self._kill()
        self._thread.join(timeout=_END_SECONDS)

    def _count(self, visit: int, secret: ItemsSecret, left: int) -> None:
        """What the check said of this PIN is no longer so."""
        if secret is ItemsSecret.PIN:
            self._publish(lambda state: _with_items_tries(state, visit, left))

    # ---------------------------------------------------------------------------------------------------- a request

    def _ask(self, visit: int, what: Line) -> Line:
        """One at a time; `_NoAnswer` if the process ended before it came."""
        if not self._one_at_a_time.acquire(blocking=False):
            raise CardBusy
        try:
            number, asked = self._send(visit, what)
            if not asked.done.wait(self._patience):
                self._fall_silent()
                asked.done.wait(self._patience)
            self._asked.pop(number, None)
        finally:
            self._one_at_a_time.release()
        if asked.answer is None:
            raise _NoAnswer
        return asked.answer if "error" not in asked.answer else _refuse(asked.answer)

    def _send(self, visit: int, what: Line) -> tuple[int, _Asked]:
        with self._lock:
            self._expect(visit)
            number, asked = next(self._ids), _Asked()
            self._asked[number] = asked
            try:
                self._child_of_now().tell({**what, "id": number, "visit": self._child_visit})
            except Ended:
                self._asked.pop(number)
                raise ReaderUnusable from None
        return number, asked

    def _expect(self, visit: int) -> None:
        if self._state.reader is not ReaderStatus.READY:
            raise ReaderUnusable
        card = self._state.card
        if card is None or card.number != visit:
            raise CardGone
        if card.phase in (CardPhase.CHECKING, CardPhase.BUSY):
            raise CardBusy
        if card.phase is not CardPhase.CHECKED:
            raise CardUnreadable

    def _child_of_now(self) -> Child:
        if self._child is None:
            raise Ended
        return self._child

    def _fall_silent(self) -> None:
        self._is_silent = True
        self._kill()

    def _kill(self) -> None:
        child = self._child
        if child is not None:
            child.kill()

    # ------------------------------------------------------------------------------------------------- on the thread

    def _run(self) -> None:
        backoff = _BACKOFF_LEAST
        while not self._closed.is_set():
            began = self._clock()
            try:
                self._live()
            except Ended:
                pass
            except Exception:
                log.exception("the card reader's process is started again after an unexpected fault")
            self._mourn()
            is_steady = self._is_silent or self._clock() - began > _STEADY_SECONDS
            backoff = _BACKOFF_LEAST if is_steady else min(2 * backoff, _BACKOFF_MOST)
            self._closed.wait(backoff)

    def _live(self) -> None:
        """As long as one process lives."""
        leave_alone, self._is_silent, self._has_opened = self._is_silent, False, False
        self._child = self._start(leave_alone)
        if self._closed.is_set():
            self._child.kill()
        while True:
            line = self._child.hear(None if self._deadline is None else max(self._deadline - self._clock(), 0))
            if line is None:
                log.warning("a card fell silent; the reader's process is started again")
                self._deadline = None
                self._fall_silent()
            else:
                self._take(line)

    def _mourn(self) -> None:
        """What lay there counts as gone, unless it is known to lie there and be silent."""
        child, self._child, self._deadline = self._child, None, None
        if child is not None:
            child.close()
        self._publish(self._bereaved)
        for asked in list(self._asked.values()):
            asked.done.set()

    def _bereaved(self, state: CardState) -> CardState:
        silent = replace(state.card, phase=CardPhase.SILENT, check=None) if state.card and self._is_silent else None
        is_wanted = self._is_silent or self._has_opened
        return replace(state, reader=state.reader if is_wanted else ReaderStatus.STARTING, card=silent)

    def _take(self, line: Line) -> None:
        match line["is"]:
            case "reader":
                status, readers = ReaderStatus(line["status"]), tuple(line["readers"])
                self._publish(lambda state: replace(state, reader=status, readers=readers))
            case "empty":
                self._take_empty()
            case "card":
                self._take_card(line)
            case "answer":
                if (asked := self._asked.get(line["id"])) is not None:
                    asked.answer = line
                    asked.done.set()

    def _take_empty(self) -> None:
        """A process through whose hands a PIN went does not outlive the card."""
        self._deadline = None
        self._publish(lambda state: replace(state, card=None))
        if self._has_opened:
            raise Ended

    def _take_card(self, line: Line) -> None:
        phase = CardPhase(line["phase"])
        self._deadline = self._clock() + self._patience if phase is CardPhase.CHECKING else None
        card = self._state.card
        is_same = card is not None and line["visit"] == self._child_visit and card.phase is not CardPhase.SILENT
        number = card.number if card is not None and is_same else next(self._numbers)
        kind = CardKind(line["kind"]) if line.get("kind") else None
        visit = CardVisit(number=number, phase=phase, kind=kind, check=_check(line.get("check")))
        self._publish(lambda state: replace(state, card=visit), child_visit=line["visit"])

    def _publish(self, change: Callable[[CardState], CardState], *, child_visit: int = 0) -> None:
        """State and the child's own number of the visit change together, or a request would reach the next card."""
        with self._lock:
            self._child_visit = child_visit or self._child_visit
            state = change(self._state)
            if state == self._state or self._closed.is_set():
                return
            self._state = state
            try:
                self._on_change(state)
            except Exception:
                log.exception("nobody could be told of a card")


def _with_items_tries(state: CardState, visit: int, left: int) -> CardState:
    card = state.card
    if card is None or card.number != visit or card.check is None:
        return state
    tries = replace(card.check.tries_left, input_support=left)
    return replace(state, card=replace(card, check=replace(card.check, tries_left=tries)))


class _NoAnswer(Exception):
    """The process ended before it answered."""


def _refuse(answer: Line) -> NoReturn:
    if answer["error"] == "wrong":
        raise CardPinWrong(left=answer["left"])
    raise _ERRORS.get(answer["error"], CardUnreadable)


def _check(told: Line | None) -> CardCheck | None:
    if told is None:
        return None
    until = told["valid_until"]
    return CardCheck(
        valid_until=None if until is None else datetime.fromisoformat(until),
        authority_key=told["authority_key"],
        tries_left=TriesLeft(
            authentication=told["authentication"], signature=told["signature"], input_support=told["input_support"]
        ),
    )
