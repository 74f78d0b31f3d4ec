"""What the reader's process makes of a slot that misbehaves."""

import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from drivers.card.attendant import Attendant
from drivers.card.failures import Busy, Lifted
from drivers.card.gate import Gate
from drivers.card.samples import TYPE_B
from drivers.card.slot import SlotDown, SlotState, ranked
from tests.drivers.card.stands import hanako

EMPTY = SlotState(counter=1, has_card=False, readers=("a reader",))
LAID = SlotState(counter=2, has_card=True, atr=TYPE_B, readers=("a reader",))
SWAPPED = LAID._replace(counter=4)


class ScriptedSlot:
    """Gives what it was told to, and then waits for ever; `troubles` are raised by connections, one after the other."""

    def __init__(self, *script: SlotState | SlotDown, troubles: tuple[Exception, ...] = ()) -> None:
        self._script = iter(script)
        self._troubles = iter(troubles)
        self.card = hanako()

    def wait(self, seen: SlotState | None) -> SlotState:
        step = next(self._script, None)
        if step is None:
            threading.Event().wait()
            raise AssertionError
        if isinstance(step, SlotDown):
            raise step
        return step

    @contextmanager
    def open(self, state: SlotState) -> Iterator[Gate]:
        if (trouble := next(self._troubles, None)) is not None:
            raise trouble
        yield Gate(self.card.transmit, atr=state.atr)


class Told:
    """What an attendant told of a slot, line by line."""

    def __init__(self, slot: ScriptedSlot, *, leave_alone: bool = False) -> None:
        self._lines: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        self.attendant = Attendant(slot, self._lines.put, leave_alone=leave_alone)
        for run in (self.attendant.watch, self.attendant.work):
            threading.Thread(target=run, daemon=True).start()

    def lines(self, count: int) -> list[str]:
        """The next so many, in short."""
        return [self._short(self._lines.get(timeout=5)) for _ in range(count)]

    def until(self, last: str) -> list[str]:
        """All up to that one."""
        lines = self.lines(1)
        while lines[-1] != last:
            lines += self.lines(1)
        return lines

    @staticmethod
    def _short(line: Mapping[str, Any]) -> str:
        more = {"reader": "status", "card": "phase", "answer": "error", "empty": "is"}[line["is"]]
        visit = f" {line['visit']}" if "visit" in line else ""
        return f"{line['is']}{visit} {line.get(more, '')}"


def test_a_moved_counter_is_another_visit_even_if_a_card_was_there_all_the_time() -> None:
    lines = Told(ScriptedSlot(EMPTY, LAID, SWAPPED)).until("card 2 checked")
    assert lines[:2] == ["reader ready", "empty empty"]
    first, second = lines.index("card 1 checking"), lines.index("card 2 checking")
    assert "empty empty" in lines[first:second]
    assert [line for line in lines[second:] if line.startswith("card 1")] == []


def test_the_same_state_again_is_nothing_new() -> None:
    told = Told(ScriptedSlot(LAID, LAID, LAID))
    assert told.lines(5) == [
        "reader ready",
        "card 1 checking",
        "card 1 checking",
        "card 1 checking",
        "card 1 checked",
    ]


def test_a_card_that_somebody_else_holds_is_read_as_soon_as_he_lets_go() -> None:
    told = Told(ScriptedSlot(LAID, troubles=(Busy(),)))
    assert told.lines(3)[2] == "card 1 busy"
    assert told.lines(3)[-1] == "card 1 checked"


def test_a_card_that_cannot_be_read_is_met_again_as_another_visit() -> None:
    told = Told(ScriptedSlot(LAID, troubles=(Lifted(),)))
    assert told.lines(6)[2:5] == ["card 1 unreadable", "card 2 checking", "card 2 checking"]
    assert told.lines(1) == ["card 2 checked"]


def test_a_card_that_was_there_from_the_start_can_be_left_alone() -> None:
    slot = ScriptedSlot(LAID, EMPTY, SWAPPED)
    heard: list[bytes] = []
    slot.card.heard = heard.append
    told = Told(slot, leave_alone=True)
    assert told.lines(4) == ["reader ready", "card 1 silent", "empty empty", "card 2 checking"]


def test_only_a_card_that_was_there_from_the_start_is_left_alone() -> None:
    told = Told(ScriptedSlot(EMPTY, LAID), leave_alone=True)
    assert told.lines(3)[-1] == "card 1 checking"


def test_a_card_is_gone_before_the_service_is_said_to_be_down() -> None:
    lines = Told(ScriptedSlot(LAID, SlotDown())).until("reader no_service")
    assert lines[-2] == "empty empty"


def test_a_slot_without_reader_says_so() -> None:
    told = Told(ScriptedSlot(SlotState(counter=0, has_card=False)))
    assert told.lines(2) == ["reader no_reader", "empty empty"]


def test_a_request_for_a_visit_that_is_over_is_refused() -> None:
    told = Told(ScriptedSlot(EMPTY))
    told.attendant.ask({"id": 1, "visit": 1, "do": "identifier"})
    assert "answer gone" in told.lines(3)


@pytest.mark.parametrize(
    ("readers", "wanted", "first"),
    [
        (["ACS ACR1252 SAM Reader 01 00", "ACS ACR1252 PICC Reader 00 00"], "", "ACS ACR1252 PICC Reader 00 00"),
        (["Contact 00 00", "SONY FeliCa RC-S300/S Contactless 01 00"], "", "SONY FeliCa RC-S300/S Contactless 01 00"),
        (["Dual [Dual Reader SAM] 01 00", "Dual [Dual Reader PICC] 00 00"], "", "Dual [Dual Reader PICC] 00 00"),
        (["SAMSUNG Reader 00 00"], "", "SAMSUNG Reader 00 00"),
        (["One 00 00", "Two PICC 00 00"], "One", "One 00 00"),
    ],
)
def test_the_contactless_place_is_chosen_unless_another_is_named(readers: list[str], wanted: str, first: str) -> None:
    assert ranked(readers, wanted)[0] == first


def test_a_reader_that_was_named_is_replaced_by_no_other() -> None:
    assert ranked(["One 00 00"], "Two") == ()
