"""The desk's side: what it makes of a process that does this or that."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from appliance.desk.card_errors import (
    CardBusy,
    CardGone,
    CardNotFit,
    CardPinOutcomeUnknown,
    CardUnreadable,
    ReaderUnusable,
)
from appliance.desk.facts.card import CardPhase, CardState, ItemsKey, ReaderStatus
from appliance.desk.ports import CardReader
from drivers.absent import AbsentCardReader
from drivers.card.client import PATIENCE, CardClient, Child, Ended, Line
from drivers.card.process import reader_process
from drivers.card.samples import SAMPLES
from drivers.card.simulated import SimulatedReader
from tests.drivers.card.stands import NOW
from tests.fakes import FakeCardReader

READY = {"is": "reader", "status": "ready", "readers": ["one"]}
EMPTY = {"is": "empty"}
PIN = ItemsKey.pin("2468")


def card(visit: int, phase: str = "checked", kind: str | None = "other") -> Line:
    return {"is": "card", "visit": visit, "phase": phase, "kind": kind}


class ScriptedChild:
    """Says what it is told to say, and answers a request as `answer` does."""

    def __init__(self, *lines: Line, answer: Callable[[Line], Line | None] = lambda _line: None) -> None:
        self._lines: queue.SimpleQueue[Line | None] = queue.SimpleQueue()
        self._answer = answer
        self.asked: list[Line] = []
        self.is_killed = False
        for line in lines:
            self.say(line)

    def say(self, line: Line) -> None:
        self._lines.put(line)

    def tell(self, line: Line) -> None:
        self.asked.append(line)
        if (answer := self._answer(line)) is not None:
            self.say({"is": "answer", "id": line["id"], **answer})

    def hear(self, seconds: float | None) -> Line | None:
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return None
        if line is None:
            raise Ended
        return line

    def kill(self) -> None:
        self.is_killed = True
        self._lines.put(None)

    def close(self) -> None:
        self.kill()


class Starts:
    """Starts one child after the other, and after the last nothing but silence."""

    def __init__(self, *children: ScriptedChild) -> None:
        self._children = iter(children)
        self.left_alone: list[bool] = []

    def __call__(self, leave_alone: bool) -> Child:  # noqa: FBT001 (as the client calls it)
        self.left_alone.append(leave_alone)
        return next(self._children, None) or ScriptedChild()


@contextmanager
def client(*children: ScriptedChild, patience: float = PATIENCE) -> Iterator[tuple[CardClient, Starts]]:
    starts = Starts(*children)
    reader = CardClient(starts, patience=patience)
    try:
        yield reader, starts
    finally:
        reader.close()


def until(reader: CardClient, holds: Callable[[CardState], bool]) -> CardState:
    limit = time.monotonic() + 5
    while not holds(state := reader.state()):
        assert time.monotonic() < limit, state
        time.sleep(0.002)
    return state


def number(reader: CardClient, phase: CardPhase = CardPhase.CHECKED) -> int:
    shown = until(reader, lambda state: state.card is not None and state.card.phase is phase).card
    assert shown is not None
    return shown.number


def test_a_silent_card_is_given_up_well_within_ten_seconds() -> None:
    assert PATIENCE <= 6


def test_a_check_that_never_ends_brings_a_new_process_that_leaves_the_card_alone() -> None:
    first = ScriptedChild(READY, card(1, "checking"))
    with client(first, ScriptedChild(READY, card(1, "silent")), patience=0.1) as (reader, starts):
        before = number(reader, CardPhase.CHECKING)
        until(reader, lambda state: state.card is not None and state.card.number > before)
        assert starts.left_alone == [False, True]
        assert first.is_killed
        with pytest.raises(CardUnreadable):
            reader.card_tokens(number(reader, CardPhase.SILENT), {})


def test_a_request_that_is_never_answered_ends_the_process_too() -> None:
    with client(ScriptedChild(READY, card(1)), patience=0.1) as (reader, starts):
        with pytest.raises(CardPinOutcomeUnknown):
            reader.four_items(number(reader), PIN)
        until(reader, lambda _state: len(starts.left_alone) == 2)
        assert starts.left_alone[1] is True


def test_a_process_that_died_takes_the_card_along_and_the_next_one_is_met_anew() -> None:
    first = ScriptedChild(READY, card(1))
    second = ScriptedChild(READY, card(1))
    with client(first, second) as (reader, starts):
        visit = number(reader)
        first.kill()
        again = until(reader, lambda state: state.card is not None and state.card.number != visit)
        assert again.card is not None
        assert starts.left_alone == [False, False]
        with pytest.raises(CardGone):
            reader.four_items(visit, PIN)
        assert second.asked == []


def test_a_process_through_which_a_pin_went_does_not_outlive_the_card() -> None:
    items = {"items": {"name": "n", "address": "a", "born": "19480215", "sex": "2"}}
    first = ScriptedChild(READY, card(1, kind="my_number"), answer=lambda _line: items)
    with client(first, ScriptedChild(READY, EMPTY)) as (reader, starts):
        assert reader.four_items(number(reader), PIN).born == "19480215"
        assert not first.is_killed
        first.say(EMPTY)
        until(reader, lambda _state: len(starts.left_alone) == 2)
        assert first.is_killed


@pytest.mark.parametrize("phase", ["checking", "busy"])
def test_nothing_is_asked_of_a_card_that_is_being_read(phase: str) -> None:
    child = ScriptedChild(READY, card(1, phase))
    with client(child) as (reader, _), pytest.raises(CardBusy):
        reader.card_tokens(number(reader, CardPhase(phase)), {})
    assert child.asked == []


@pytest.mark.parametrize("phase", ["unreadable", "silent", "together"])
def test_nothing_is_asked_of_a_card_that_was_not_read(phase: str) -> None:
    child = ScriptedChild(READY, card(1, phase))
    with client(child) as (reader, _), pytest.raises(CardUnreadable):
        reader.card_tokens(number(reader, CardPhase(phase)), {})
    assert child.asked == []


def ask_in_vain(reader: CardClient, visit: int) -> None:
    with suppress(CardGone):
        reader.card_tokens(visit, {})


def test_one_thing_is_asked_at_a_time() -> None:
    asked = threading.Event()

    def answer(_line: Line) -> None:
        asked.set()

    child = ScriptedChild(READY, card(1), answer=answer)
    with client(child, patience=0.5) as (reader, _):
        visit = number(reader)
        first = threading.Thread(target=ask_in_vain, args=(reader, visit))
        first.start()
        asked.wait(5)
        with pytest.raises(CardBusy):
            reader.card_tokens(visit, {})
        first.join()


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"error": "not_fit"}, CardNotFit),
        ({"error": "gone"}, CardGone),
        ({"error": "lifted"}, CardGone),
        ({"error": "something new"}, CardUnreadable),
        ({"storage": "type_a", "name": "08a1b2c3"}, CardNotFit),
    ],
)
def test_what_the_process_says_becomes_a_word_of_the_desk(told: Mapping[str, Any], error: type[Exception]) -> None:
    with client(ScriptedChild(READY, card(1), answer=lambda _line: told)) as (reader, _), pytest.raises(error):
        reader.card_tokens(number(reader), {"v1": b"key"})


def test_a_listener_that_fails_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    child = ScriptedChild(READY)
    with client(child) as (reader, _):
        until(reader, lambda state: state.reader is ReaderStatus.READY)
        told: list[CardState] = []

        def listen(state: CardState) -> None:
            told.append(state)
            if state.card is not None:
                raise RuntimeError("a page is broken")

        reader.watch(listen)
        child.say(card(1))
        number(reader)
        child.say(EMPTY)
        until(reader, lambda state: state.card is None)
    assert [state.card is None for state in told] == [True, False, True]
    assert "nobody could be told of a card" in caplog.text


def test_an_unexpected_line_ends_the_process_and_not_the_reader(caplog: pytest.LogCaptureFixture) -> None:
    with client(ScriptedChild({"is": "reader", "status": "nonsense", "readers": []}), ScriptedChild(READY)) as (
        reader,
        _,
    ):
        until(reader, lambda state: state.reader is ReaderStatus.READY)
    assert "started again" in caplog.text


READERS: list[Callable[[], CardReader]] = [
    AbsentCardReader,
    FakeCardReader,
    lambda: SimulatedReader(lambda: NOW),
    lambda: CardClient(reader_process()),
]


@pytest.mark.parametrize("make", READERS)
def test_every_reader_has_a_state_refuses_without_card_and_can_be_let_go(make: Callable[[], CardReader]) -> None:
    reader = make()
    told: list[CardState] = []
    reader.watch(told.append)
    assert told
    assert reader.state().card is None
    for ask in (lambda: reader.four_items(1, PIN), lambda: reader.card_tokens(1, {})):
        with pytest.raises((ReaderUnusable, CardGone)):
            ask()
    reader.close()


def test_a_simulated_hand_has_every_card_there_is() -> None:
    reader = SimulatedReader(lambda: NOW)
    until(reader, lambda state: state.reader is ReaderStatus.READY)
    assert set(reader.cards()) == set(SAMPLES)
    reader.lay_down("soon")
    number(reader)
    reader.lift()
    until(reader, lambda state: state.card is None)
    with pytest.raises(KeyError):
        reader.lay_down("no such card")
    reader.close()
