"""A reader in memory: the same client and the same talk, on threads instead of a process and with cards in memory."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from drivers.card.attendant import Attendant
from drivers.card.client import PATIENCE, CardClient, Ended, Line
from drivers.card.failures import Busy, Gone
from drivers.card.gate import Gate
from drivers.card.memory import MemoryCard
from drivers.card.samples import SAMPLES
from drivers.card.slot import SlotState

_WAIT_SECONDS = 5.0
_NAME = "simulated"


class MemorySlot:
    """Port `Slot` for a card in memory."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._counter = 0
        self._card: MemoryCard | None = None
        self._is_held = False

    def lay_down(self, card: MemoryCard) -> None:
        """Put a card there, in the place of any other."""
        self.lift()
        card.lay_down()
        card.on_pulled = lambda: self._take_away(card)
        self._put(card)

    def lift(self) -> None:
        """Take away what lies there."""
        if self._card is not None:
            self._card.lift()
            self._put(None)

    def wake(self) -> None:
        """Let whoever waits look again."""
        with self._changed:
            self._changed.notify_all()

    def _take_away(self, card: MemoryCard) -> None:
        if self._card is card:
            self._put(None)

    def _put(self, card: MemoryCard | None) -> None:
        with self._changed:
            self._card = card
            self._counter += 1
            self._changed.notify_all()

    def wait(self, seen: SlotState | None) -> SlotState:
        """See `Slot`."""
        with self._changed:
            if seen == self._now():
                self._changed.wait(_WAIT_SECONDS)
            return self._now()

    def _now(self) -> SlotState:
        atr = b"" if self._card is None else self._card.atr
        return SlotState(counter=self._counter, has_card=self._card is not None, atr=atr, readers=(_NAME,))

    @contextmanager
    def open(self, state: SlotState) -> Iterator[Gate]:
        """See `Slot`."""
        with self._changed:
            card = self._card
            if card is None or state != self._now():
                raise Gone
            if self._is_held:
                raise Busy
            self._is_held = True
        try:
            yield Gate(card.transmit, atr=card.atr)
        finally:
            card.reset()
            self._is_held = False


class ThreadChild:
    """Port `Child` without a process."""

    def __init__(self, slot: MemorySlot, *, leave_alone: bool) -> None:
        self._slot = slot
        self._lines: queue.SimpleQueue[Line | None] = queue.SimpleQueue()
        self._attendant = Attendant(slot, self._lines.put, leave_alone=leave_alone)
        for run in (self._attendant.watch, self._attendant.work):
            threading.Thread(target=run, name=f"simulated card {run.__name__}", daemon=True).start()

    def tell(self, line: Line) -> None:
        """See `Child`."""
        self._attendant.ask(line)

    def hear(self, seconds: float | None) -> Line | None:
        """See `Child`."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return None
        if line is None:
            raise Ended
        return line

    def kill(self) -> None:
        """See `Child`; a thread that waits for a silent card ends when it is lifted."""
        self._attendant.close()
        self._lines.put(None)
        self._slot.wake()

    def close(self) -> None:
        """See `Child`."""
        self.kill()


class SimulatedReader(CardClient):
    """Port `CardReader` and port `SimulatedCards`."""

    def __init__(self, now: Callable[[], datetime], *, patience: float = PATIENCE) -> None:
        """`now` is when (aware) a certificate is looked at."""
        self._now = now
        self._slot = MemorySlot()
        super().__init__(lambda leave_alone: ThreadChild(self._slot, leave_alone=leave_alone), patience=patience)

    def cards(self) -> Sequence[str]:
        """See `SimulatedCards`."""
        return tuple(SAMPLES)

    def lay_down(self, card: str) -> None:
        """See `SimulatedCards`."""
        self._slot.lay_down(SAMPLES[card](self._now()))

    def lift(self) -> None:
        """See `SimulatedCards`."""
        self._slot.lift()
