"""Lamps and voice: told after the record is safe, by one thread, each guarded against its own faults."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from appliance.desk.board import Board, Snapshot
from appliance.desk.errors import DeviceError
from appliance.desk.ports import Lamp, LampPattern, Urgency, Voice

log = logging.getLogger(__name__)

_ANSWERED_FOR_SECONDS = 5.0
_FAULT_FOR_SECONDS = 3.0
_GIVE_WAY_SECONDS = 0.02
"""Answers to whoever asked go first, and a burst of presses moves the lamps once; no eye or ear notices the delay."""


class Room:
    """What a visitor sees and hears; a broken lamp or voice is logged and never stops a call."""

    def __init__(self, *, board: Board, phrases: Mapping[str, str]) -> None:
        self._board = board
        self._phrases = phrases
        self._shown: dict[int, LampPattern] = {}
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="room", daemon=True)
        self._began: float | None = None

    def start(self, *, lamps: Mapping[int, Lamp], voice: Voice) -> None:
        """Begin to serve what was queued since the desk opened; lamps take the state the board has now."""
        self._lamps = lamps
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
        self._work.put(self._follow_board)

    def say(self, phrase: str) -> None:
        """Have the voice say the phrase with that id, before whatever is only asked for."""
        self._work.put(lambda: self._voice.say(self._phrases[phrase], urgency=Urgency.ANSWER))

    def voice_failed(self) -> None:
        """Let every lamp show for a moment that something is out of order, then follow the board again."""
        for button in self._lamps:
            self._work.put(partial(self._show, button, LampPattern.FAULT))
        self._look_after(_FAULT_FOR_SECONDS)

    def look_and_speak(self, sentence: Callable[[], str]) -> None:
        """Let the lamps follow the board, then the voice say a sentence that is put together when its turn comes."""

        def work() -> None:
            self._guarded(self._follow_board)
            self._voice.say(sentence())

        self._work.put(work)

    def answered(self, button: int) -> None:
        """Let the lamp at `button` show for a moment that somebody is coming."""
        self._work.put(lambda: self._show(button, LampPattern.ANSWERED))
        self._look_after(_ANSWERED_FOR_SECONDS)

    def _look_after(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self.look)
        timer.daemon = True
        timer.start()

    def _run(self) -> None:
        for work in self._due():
            self._began = time.monotonic()
            self._guarded(work)
            self._began = None
        for close in (*(lamp.close for lamp in self._lamps.values()), self._voice.close):
            self._guarded(close)

    def _due(self) -> Iterator[Callable[[], None]]:
        """What there is to do, until the end."""
        while (work := self._work.get()) is not None:
            time.sleep(_GIVE_WAY_SECONDS)
            for waiting in (work, *self._queued()):
                if waiting is None:
                    return
                yield waiting

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

    def _follow_board(self) -> None:
        snapshot = self._board.snapshot
        for button in self._lamps:
            self._show(button, lamp_pattern(snapshot, button))

    def _show(self, button: int, pattern: LampPattern) -> None:
        lamp = self._lamps.get(button)
        if lamp is not None and self._shown.get(button) is not pattern:
            lamp.show(pattern)
            self._shown[button] = pattern


def lamp_pattern(snapshot: Snapshot, button: int) -> LampPattern:
    """What the lamp at `button` has to show for this snapshot."""
    waiting = [call for call in snapshot.floor.calls if call.button == button]
    if not waiting:
        return LampPattern.OFF
    is_heard = snapshot.attended and any(call.attended for call in waiting)
    return LampPattern.CALLING if is_heard else LampPattern.UNATTENDED
