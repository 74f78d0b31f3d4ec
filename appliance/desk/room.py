"""Lamps and voice: told after the record is safe, by one thread, each guarded against its own faults."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping

from appliance.desk.board import Board
from appliance.desk.errors import DeviceError
from appliance.desk.lamps import Lamps
from appliance.desk.ports import Clock, Lamp, Urgency, Voice

log = logging.getLogger(__name__)

_GIVE_WAY_SECONDS = 0.02
"""Answers to whoever asked go first, and a burst of presses moves the lamps once; no eye or ear notices the delay."""


class Room:
    """What a visitor sees and hears; a broken lamp or voice is logged and never stops a call."""

    def __init__(self, *, board: Board, clock: Clock, phrases: Mapping[str, str]) -> None:
        self._lamps = Lamps(board=board, clock=clock)
        self._phrases = phrases
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
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
        self._work.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def is_stuck(self, *, after: float) -> bool:
        """Whether nothing goes on here: the thread has ended, or one piece of work takes more than `after` seconds."""
        began = self._began
        return not self._thread.is_alive() or (began is not None and time.monotonic() - began > after)

    def look(self) -> None:
        """Let the lamps follow the board."""
        self._work.put(self._lamps.follow)

    def say(self, phrase: str) -> None:
        """Have the voice say the phrase with that id, before whatever is only asked for."""
        self._work.put(lambda: self._voice.say(self._phrases[phrase], urgency=Urgency.ANSWER))

    def voice_failed(self) -> None:
        """Let every lamp show for a moment that something is out of order, then follow the board again."""
        self._lamps.out_of_order()
        self.look()

    def look_and_speak(self, sentence: Callable[[], str]) -> None:
        """Let the lamps follow the board, then the voice say a sentence that is put together when its turn comes."""

        def work() -> None:
            self._guarded(self._lamps.follow)
            self._voice.say(sentence())

        self._work.put(work)

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

    def _due(self) -> Iterator[Callable[[], None]]:
        """What there is to do, until the end."""
        while (work := self._next()) is not None:
            time.sleep(_GIVE_WAY_SECONDS)
            for waiting in (work, *self._queued()):
                if waiting is None:
                    return
                yield waiting

    def _next(self) -> Callable[[], None] | None:
        """What comes next; where nothing does, the lamps once their time has come."""
        try:
            return self._work.get(timeout=self._lamps.seconds_left())
        except queue.Empty:
            return self._lamps.follow

    def _queued(self) -> list[Callable[[], None] | None]:
        """What has come in meanwhile."""
        return [self._work.get() for _ in range(self._work.qsize())]

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except DeviceError as error:
            log.warning("a device in the room failed, the record is safe: %s", error)
        except Exception:
            log.exception("the room thread goes on after an unexpected fault")
