"""Lamps and voice: told after the record is safe, by one thread, each guarded against its own faults."""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import Enum, auto

from appliance.desk.board import Board
from appliance.desk.errors import DeviceError
from appliance.desk.lamps import Lamps
from appliance.desk.ports import Clock, Lamp, Urgency, Voice

log = logging.getLogger(__name__)

_LIGHT_SECONDS = 0.003
"""Answers to whoever asked go first; no eye notices the delay."""
_BURST_SECONDS = 0.02
"""In a burst the lamps move no more often than this: the first press is seen at once, the others together."""
_WORDS_SECONDS = 0.015
"""After whatever caused them; by then the screens have been told, and no ear notices the delay."""

Work = Callable[[], None]


class _Sign(Enum):
    """What the thread is told beside work."""

    LOOK = auto()
    END = auto()


class Room:
    """What a visitor sees and hears; a broken lamp or voice is logged and never stops a call."""

    def __init__(self, *, board: Board, clock: Clock, phrases: Mapping[str, str]) -> None:
        self._lamps = Lamps(board=board, clock=clock)
        self._phrases = phrases
        self._told: queue.SimpleQueue[Work | _Sign] = queue.SimpleQueue()
        self._words: deque[tuple[float, Work]] = deque()
        """What is to be said, and from when on; the thread's own."""
        self._next_light = 0.0
        self._thread = threading.Thread(target=self._run, name="room", daemon=True)
        self._began: float | None = None

    def start(self, *, lamps: Mapping[int, Lamp], voice: Voice) -> None:
        """Begin to serve what was queued since the desk opened; lamps take the state the board has now."""
        self._lamps.are(lamps)
        self._voice = voice
        self._thread.start()
        self.look()

    def stop(self) -> None:
        """Finish what is queued, then let go of lamps and voice."""
        self._told.put(_Sign.END)
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def is_stuck(self, *, after: float) -> bool:
        """Whether nothing goes on here: the thread has ended, or one piece of work takes more than `after` seconds."""
        began = self._began
        return not self._thread.is_alive() or (began is not None and time.monotonic() - began > after)

    def look(self) -> None:
        """Let the lamps follow the board."""
        self._told.put(_Sign.LOOK)

    def say(self, phrase: str) -> None:
        """Have the voice say the phrase with that id, before whatever is only asked for."""
        self._told.put(lambda: self._voice.say(self._phrases[phrase], urgency=Urgency.ANSWER))

    def voice_failed(self) -> None:
        """Let every lamp show for a moment that something is out of order, then follow the board again."""
        self._lamps.out_of_order()
        self.look()

    def look_and_speak(self, sentence: Callable[[], str]) -> None:
        """Let the lamps follow the board, then the voice say a sentence that is put together when its turn comes."""
        self._told.put(lambda: self._voice.say(sentence()))

    def answered(self, button: int) -> None:
        """Let the lamp at `button` show for a moment that somebody is coming."""
        self._lamps.answered(button)
        self.look()

    def faulty_are(self, buttons: Collection[int]) -> None:
        """Let the lamps show which buttons call nobody."""
        self._lamps.faulty_are(buttons)
        self.look()

    def _run(self) -> None:
        for work in self._due():
            self._began = time.monotonic()
            self._guarded(work)
            self._began = None
        for close in (*(lamp.close for lamp in self._lamps.all()), self._voice.close):
            self._guarded(close)

    def _due(self) -> Iterator[Work]:
        """What there is to do, until the end: light first, and words once their time has come."""
        is_over = False
        while not is_over:
            is_over = self._listen()
            yield self._lamps.follow
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
        """Until a lamp or a sentence is due although nobody tells anything; None: nothing is."""
        words = [self._words[0][0] - time.monotonic()] if self._words else []
        lamps = self._lamps.seconds_left()
        dues = words if lamps is None else [*words, lamps]
        return max(0.0, min(dues)) if dues else None

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except DeviceError as error:
            log.warning("a device in the room failed, the record is safe: %s", error)
        except Exception:
            log.exception("the room thread goes on after an unexpected fault")
