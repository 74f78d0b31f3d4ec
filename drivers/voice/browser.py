"""The voice of a box without a loudspeaker: a page plays what would have been said."""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence

from appliance.desk.errors import DeviceError
from appliance.desk.ports import Clock, Spoken, Urgency
from drivers.voice.chime import chime
from drivers.voice.clips import Clips
from drivers.voice.wav import in_a_wav

log = logging.getLogger(__name__)

REMEMBERED = 50
_WITH_SOUND = 5
"""The newest ones can be played."""
_END_SECONDS = 5.0
Render = Callable[[Sequence[str], Callable[[], bool]], None]


class BrowserVoice:
    """Port `Voice` that keeps what it was given, and has it rendered for the page."""

    def __init__(self, clock: Clock, clips: Clips, render: Render) -> None:
        """`render` makes the files of sentences; its second argument tells whether to give up."""
        self._clock = clock
        self._clips = clips
        self._render = render
        self._spoken: deque[Spoken] = deque(maxlen=REMEMBERED)
        self._wanted: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._number = 0
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    def say(self, sentence: str, *, urgency: Urgency = Urgency.CALL) -> None:  # noqa: ARG002 (all the same here)
        """See the port."""
        self._number += 1
        self._spoken.appendleft(Spoken(at=self._clock.now().wall, sentence=sentence, number=self._number))
        self._wanted.put(sentence)

    def spoken(self) -> Sequence[Spoken]:
        """The last sentences, newest first."""
        return tuple(self._spoken)

    def sound(self, number: int) -> bytes | None:
        """The sound file of that sentence, with the chime; None while there is none, or for one long past."""
        newest = tuple(self._spoken)[:_WITH_SOUND]
        sentence = next((one.sentence for one in newest if one.number == number), "")
        samples = self._clips.samples(sentence)
        return in_a_wav(chime() + samples) if samples else None

    def has_sound(self, number: int) -> bool:
        """Whether `sound` would give one."""
        newest = tuple(self._spoken)[:_WITH_SOUND]
        return any(one.number == number and not self._clips.missing([one.sentence]) for one in newest)

    def close(self) -> None:
        """See the port."""
        self._closed.set()
        self._wanted.put(None)
        self._thread.join(timeout=_END_SECONDS)

    def _run(self) -> None:
        while (sentence := self._wanted.get()) is not None and not self._closed.is_set():
            try:
                if missing := self._clips.missing([sentence]):
                    self._render(missing, self._closed.is_set)
            except DeviceError as error:
                log.warning("the page shows the words and plays nothing: %s", error)
            except Exception:
                log.exception("the page shows the words and plays nothing")
