"""The voice of a box without a loudspeaker: a page plays what would have been said."""

import logging
import queue
import threading
from collections import deque
from collections.abc import Sequence

from appliance.desk.errors import DeviceError
from appliance.desk.ports import AS_USUAL, Clock, Delivery, Silence, Spoken, Urgency
from drivers.voice.chime import chime
from drivers.voice.manner import Manner
from drivers.voice.player import Reading, Sound
from drivers.voice.wav import in_a_wav

log = logging.getLogger(__name__)

REMEMBERED = 50
_WITH_SOUND = 5
"""The newest ones can be played."""
_END_SECONDS = 5.0
_Wanted = tuple[int, str, Delivery]


class BrowserVoice:
    """Port `Voice` that keeps what it was given, and how it sounds, for a page."""

    def __init__(self, clock: Clock, *, sound: Sound, manner: Manner, reading: Reading) -> None:
        self._clock = clock
        self._sound = sound
        self._manner = manner
        self._reading = reading
        self._lock = threading.Lock()
        self._spoken: deque[Spoken] = deque(maxlen=REMEMBERED)
        self._sounds: dict[int, bytes] = {}
        self._wanted: queue.SimpleQueue[_Wanted | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._number = 0
        self._hushed = 0
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    def say(self, sentence: str, *, urgency: Urgency = Urgency.CALL, delivery: Delivery = AS_USUAL) -> None:
        """See the port."""
        silence = self._manner.silence(sentence, urgency, delivery)
        self._number += 1
        told = Spoken(at=self._clock.now().wall, sentence=sentence, number=self._number, silence=silence)
        self._spoken.appendleft(told)
        if silence is None:
            self._wanted.put((told.number, sentence, delivery))

    def ring(self) -> None:
        """See the port."""
        self.say("")

    def hush(self) -> None:
        """See the port; a page lets go of a sound that is not there any more."""
        with self._lock:
            self._hushed = self._number
            self._sounds.clear()

    def reading(self, text: str) -> str:
        """See the port."""
        return self._reading(text)

    def silence(self) -> Silence | None:
        """See the port."""
        return self._manner.usual_silence()

    def spoken(self) -> Sequence[Spoken]:
        """The last sentences, newest first."""
        return tuple(self._spoken)

    def sound(self, number: int) -> bytes | None:
        """The sound file of that sentence, with the chime; None while there is none, or for one long past."""
        samples = self._sounds.get(number)
        return None if samples is None else in_a_wav(chime() + samples)

    def has_sound(self, number: int) -> bool:
        """Whether `sound` would give one."""
        return number in self._sounds

    def close(self) -> None:
        """See the port."""
        self._closed.set()
        self._wanted.put(None)
        self._thread.join(timeout=_END_SECONDS)

    def _run(self) -> None:
        while (wanted := self._wanted.get()) is not None and not self._closed.is_set():
            try:
                self._make(*wanted)
            except DeviceError as error:
                log.warning("the page shows the words and plays nothing: %s", error)
            except Exception:
                log.exception("the page shows the words and plays nothing")

    def _make(self, number: int, sentence: str, delivery: Delivery) -> None:
        samples = self._sound(sentence, delivery, self._closed.is_set) if sentence else b""
        with self._lock:
            if number > self._hushed:
                self._sounds[number] = samples
                self._sounds.pop(number - _WITH_SOUND, None)
