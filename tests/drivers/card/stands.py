"""Two stands for the same scenarios: cards in memory, and real pcscd with a virtual reader between."""

import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.card import CardPhase, CardState, CardVisit, ItemsKey
from drivers.card.client import CardClient
from drivers.card.memory import MemoryCard
from drivers.card.process import reader_process
from drivers.card.samples import HANAKO, MARIA, SAMPLES, Person, my_number_card
from drivers.card.simulated import MemorySlot, ThreadChild
from tests.drivers.card.virtual import VirtualReader

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PATIENCE = 1.0
SOON = 5.0
"""Seconds in which a state that is promised has to come."""


class Hand(Protocol):
    """Lays cards down and lifts them."""

    def lay_down(self, card: MemoryCard) -> None: ...

    def lift(self) -> None: ...


class Stand:
    """A reader with its client, a hand, and all that was told and heard."""

    def __init__(self, reader: CardClient, hand: Hand, held: Callable[[], AbstractContextManager[object]]) -> None:
        self.reader = reader
        self.states: list[CardState] = []
        self.heard: list[bytes] = []
        self.errors: list[str] = []
        self.held = held
        """Meanwhile another program has the card that lies there."""
        self._hand = hand
        reader.watch(self.states.append)

    def lay_down(self, card: MemoryCard) -> MemoryCard:
        card.heard = self.heard.append
        self._hand.lay_down(card)
        return card

    def lay_down_sample(self, name: str) -> MemoryCard:
        return self.lay_down(SAMPLES[name](NOW))

    def lift(self) -> None:
        self._hand.lift()

    def lift_and_see(self) -> None:
        self.lift()
        self.until(lambda state: state.card is None)

    def until(self, holds: Callable[[CardState], bool], seconds: float = SOON) -> CardState:
        limit = time.monotonic() + seconds
        while not holds(state := self.reader.state()):
            assert time.monotonic() < limit, f"never came to it: {state}"
            time.sleep(0.005)
        return state

    def visit(self, phase: CardPhase = CardPhase.CHECKED, seconds: float = SOON) -> CardVisit:
        card = self.until(lambda state: state.card is not None and state.card.phase is phase, seconds).card
        assert card is not None
        return card

    def refused(
        self, kind: type[MadoguchiError], visit: int, key: ItemsKey, *, last_try: bool = False
    ) -> MadoguchiError:
        """That this is refused, and how; its whole trace is kept to be looked at."""
        with pytest.raises(kind) as caught:
            self.reader.four_items(visit, key, last_try=last_try)
        self.errors += traceback.format_exception(caught.value)
        return caught.value

    @property
    def verifies(self) -> int:
        """How often digits were sent."""
        return sum(command.startswith(b"\x00\x20\x00\x80") and len(command) > 4 for command in self.heard)


def hanako(days: int = 900, **more: int | float) -> MemoryCard:
    return _card(HANAKO, days, **more)


def maria(days: int = 300, **more: int | float) -> MemoryCard:
    return _card(MARIA, days, **more)


def _card(person: Person, days: int, **more: int | float) -> MemoryCard:
    return my_number_card(person, valid_until=NOW + timedelta(days=days), **more)  # type: ignore[arg-type]


@contextmanager
def memory_stand() -> Iterator[Stand]:
    slot = MemorySlot()
    reader = CardClient(lambda leave_alone: ThreadChild(slot, leave_alone=leave_alone), patience=PATIENCE)
    try:
        yield Stand(reader, slot, lambda: slot.open(slot.wait(None)))
    finally:
        slot.lift()
        reader.close()


@contextmanager
def pcscd_stand(hand: VirtualReader) -> Iterator[Stand]:
    """`PCSCLITE_CSOCK_NAME` must name the daemon's socket."""
    reader = CardClient(reader_process(), patience=PATIENCE)
    stand = Stand(reader, hand, _held)
    try:
        yield stand
        stand.lift_and_see()  # or the next test would begin with this card
    finally:
        hand.lift()
        reader.close()


_HOLDER = """
import os, sys, time
from smartcard.scard import *
_, context = SCardEstablishContext(SCARD_SCOPE_SYSTEM)
name = SCardListReaders(context, [])[1][0]
while SCardConnect(context, name, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)[0]:
    time.sleep(0.001)
print(flush=True)
sys.stdin.read()
os._exit(0)
"""


@contextmanager
def _held() -> Iterator[None]:
    """By a process of its own."""
    command = [sys.executable, "-c", _HOLDER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdout.readline()
        yield
        holder.stdin.close()
