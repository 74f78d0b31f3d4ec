"""The one thread on which lamps and voice are told: light first, words a moment later, and what comes due by itself."""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto

from appliance.desk.errors import DeviceError

log = logging.getLogger(__name__)

_LIGHT_SECONDS = 0.003
"""Answers to whoever asked go first; no eye notices the delay."""
_BURST_SECONDS = 0.02
"""In a burst the lamps move no more often than this: the first press is seen at once, the others together."""
_WORDS_SECONDS = 0.015
"""After whatever caused them; by then the screens have been told, and no ear notices the delay."""

Work = Callable[[], None]
SecondsLeft = Callable[[], float | None]
"""Until something comes due by itself; None: nothing does."""


class _Sign(Enum):
    """What the thread is told beside work."""

    LOOK = auto()
    END = auto()


class Errands:
    """Does `light` whenever anything may be new, and words in their order; each guarded against its own faults."""

    def __init__(self, *, light: Work, dues: Sequence[SecondsLeft], at_the_end: Callable[[], Sequence[Work]]) -> None:
        """`dues` tell when `light` is to be done although nothing happens; `at_the_end` gives the last errands."""
        self._light = light
        self._dues = dues
        self._at_the_end = at_the_end
        self._told: queue.SimpleQueue[Work | _Sign] = queue.SimpleQueue()
        self._words: deque[tuple[float, Work]] = deque()
        """What is to be said, and from when on; the thread's own."""
        self._next_light = 0.0
        self._thread = threading.Thread(target=self._run, name="room", daemon=True)
        self._began: float | None = None

    def start(self) -> None:
        """Begin with what was asked for before."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is asked for, then end."""
        self._told.put(_Sign.END)
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def is_stuck(self, *, after: float) -> bool:
        """Whether nothing goes on: the thread has ended, or one errand takes more than `after` seconds."""
        began = self._began
        return not self._thread.is_alive() or (began is not None and time.monotonic() - began > after)

    def look(self) -> None:
        """Have `light` done."""
        self._told.put(_Sign.LOOK)

    def then(self, words: Work) -> None:
        """Have `light` done, then `words`."""
        self._told.put(words)

    def _run(self) -> None:
        for work in self._due():
            self._began = time.monotonic()
            guarded(work)
            self._began = None
        for work in self._at_the_end():
            guarded(work)

    def _due(self) -> Iterator[Work]:
        """What there is to do, until the end: light first, and words once their time has come."""
        is_over = False
        while not is_over:
            is_over = self._listen()
            yield self._light
            if self._words and (is_over or self._words[0][0] <= time.monotonic()):
                words = [work for _, work in self._words]  # of a burst all, the youngest a little early
                self._words.clear()
                yield from words

    def _listen(self) -> bool:
        """Take what has come in, or let the time pass until something is due; whether this is the end."""
        try:
            first = self._told.get(timeout=self._seconds_left())
        except queue.Empty:
            return False
        time.sleep(max(_LIGHT_SECONDS, self._next_light - time.monotonic()))
        self._next_light = time.monotonic() + _BURST_SECONDS
        for one in (first, *(self._told.get() for _ in range(self._told.qsize()))):
            if one is _Sign.END:
                return True
            if not isinstance(one, _Sign):
                self._words.append((time.monotonic() + _WORDS_SECONDS - _LIGHT_SECONDS, one))
        return False

    def _seconds_left(self) -> float | None:
        """Until light or words are due although nobody tells anything; None: nothing is."""
        words = [self._words[0][0] - time.monotonic()] if self._words else []
        dues = [*words, *(left for due in self._dues if (left := due()) is not None)]
        return max(0.0, min(dues)) if dues else None


def guarded(work: Work) -> None:
    """Do it; a fault is logged and stops nothing."""
    try:
        work()
    except DeviceError as error:
        log.warning("a device in the room failed, the record is safe: %s", error)
    except Exception:
        log.exception("the room goes on after an unexpected fault")
