"""What the voice has to say, in which order, until when, and what became of it."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from appliance.desk.errors import DeviceError
from appliance.desk.ports import AS_USUAL, Delivery, Silence, Urgency
from drivers.voice.chime import chime
from drivers.voice.manner import Manner
from drivers.voice.wav import RATE, SAMPLE_BYTES

log = logging.getLogger(__name__)

BEFORE_AGAIN = bytes(RATE * SAMPLE_BYTES * 8 // 10)
"""Between the two times that a sentence is said."""
GOOD_FOR_SECONDS = {Urgency.EMERGENCY: 120.0, Urgency.ANSWER: 30.0, Urgency.CALL: 15.0, Urgency.INFORMATION: 60.0}
"""So long after it was wanted a sentence still makes sense; later it would mislead."""
MOST_WAITING = 20
REMEMBERED = 50
_END_SECONDS = 5.0


class State(StrEnum):
    """What became of an utterance."""

    QUEUED = "queued"
    PLAYING = "playing"
    SAID = "said"
    """The player came to its end and says so."""
    FAILED = "failed"
    DROPPED = "dropped"
    """Not said on purpose: too late, quiet hours, something more urgent, or the box stops."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Utterance:
    """A sentence on its way to the loudspeaker."""

    number: int
    sentence: str
    """Empty for the chime alone."""
    urgency: Urgency
    until: float
    """On the monotonic clock."""
    delivery: Delivery = AS_USUAL
    state: State = State.QUEUED
    reason: str = ""


class Speaker(Protocol):
    """Makes samples sound."""

    def play(self, samples: bytes, *, volume: int, stop: Callable[[], bool]) -> bool:
        """Play to the end, whether it came to that. `DeviceError`."""
        ...


Sound = Callable[[str, Delivery, Callable[[], bool]], bytes]
"""How a sentence sounds; the last tells whether to give up. `DeviceError`."""
Reading = Callable[[str], str]
"""How a text is read, in katakana. `DeviceError`."""


class Player:
    """Port `Voice`: one thread that says what is most urgent, once it is known how it sounds."""

    def __init__(
        self,
        *,
        sound: Sound,
        speaker: Speaker,
        manner: Manner,
        reading: Reading = str,
        on_end: Callable[[Utterance], None] = lambda _utterance: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`on_end` is told, on the player's thread, what became of each utterance."""
        self._sound = sound
        self._speaker = speaker
        self._manner = manner
        self._reading = reading
        self._on_end = on_end
        self._clock = clock
        self._chime = chime()
        self._changed = threading.Condition()
        self._waiting: list[Utterance] = []
        self._current: Utterance | None = None
        self._past: deque[Utterance] = deque(maxlen=REMEMBERED)
        self._number = 0
        self._cut = ""
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    def say(self, sentence: str, *, urgency: Urgency = Urgency.CALL, delivery: Delivery = AS_USUAL) -> None:
        """See the port."""
        with self._changed:
            if self._closed:
                raise DeviceError("the voice has been let go")
            until = self._clock() + GOOD_FOR_SECONDS[urgency]
            wanted = Utterance(number=self._next(), sentence=sentence, urgency=urgency, until=until, delivery=delivery)
            self._put(wanted)
            if urgency is Urgency.EMERGENCY and self._current and self._current.urgency is not Urgency.EMERGENCY:
                self._cut = "something more urgent came"
            self._changed.notify()

    def ring(self) -> None:
        """See the port."""
        self.say("")

    def reading(self, text: str) -> str:
        """See the port."""
        return self._reading(text)

    def silence(self) -> Silence | None:
        """See the port."""
        return self._manner.usual_silence()

    def hush(self) -> None:
        """See the port."""
        with self._changed:
            self._silence("stopped")

    def utterances(self) -> Sequence[Utterance]:
        """What waits, is being said and was said last, newest first."""
        with self._changed:
            present = [*self._waiting, *([self._current] if self._current else [])]
            return sorted([*present, *self._past], key=lambda one: -one.number)

    def close(self) -> None:
        """See the port."""
        with self._changed:
            self._closed = True
            self._silence("the box stops")
            self._changed.notify()
        self._thread.join(timeout=_END_SECONDS)

    # ------------------------------------------------------------------------------------------- under the lock

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _put(self, new: Utterance) -> None:
        """Equal sentences become one, the more urgent and the later; of too many the least urgent goes."""
        for old in [one for one in self._waiting if (one.sentence, one.delivery) == (new.sentence, new.delivery)]:
            self._waiting.remove(old)
            new = replace(new, number=old.number, urgency=min(old.urgency, new.urgency))
        self._waiting.append(new)
        self._waiting.sort(key=lambda one: (one.urgency, one.number))
        if len(self._waiting) > MOST_WAITING:
            self._keep(self._waiting.pop(), State.DROPPED, "too many wait")

    def _keep(self, utterance: Utterance, state: State, reason: str = "") -> Utterance:
        ended = replace(utterance, state=state, reason=reason)
        self._past.append(ended)
        return ended

    def _silence(self, reason: str) -> None:
        while self._waiting:
            self._keep(self._waiting.pop(), State.DROPPED, reason)
        if self._current:
            self._cut = reason

    def _take(self) -> Utterance | None:
        """The next to be said; None at the end."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            self._cut = ""
            self._current = replace(self._waiting.pop(0), state=State.PLAYING)
            return self._current

    # ------------------------------------------------------------------------------------------- on the thread

    def _run(self) -> None:
        while (utterance := self._take()) is not None:
            try:
                state, reason = self._try_to_say(utterance)
            except DeviceError as error:
                state, reason = State.FAILED, str(error)
            except Exception as error:
                log.exception("the voice goes on after an unexpected fault")
                state, reason = State.FAILED, type(error).__name__
            with self._changed:
                self._current = None
                ended = self._keep(utterance, state, reason)
            self._tell(ended)

    def _tell(self, ended: Utterance) -> None:
        if ended.state is State.FAILED:
            log.warning("the voice failed: %s", ended.reason)
        try:
            self._on_end(ended)
        except Exception:
            log.exception("nobody could be told what became of the voice")

    def _try_to_say(self, utterance: Utterance) -> tuple[State, str]:
        urgency, delivery = utterance.urgency, utterance.delivery
        if self._clock() > utterance.until:
            return State.DROPPED, "too late"
        if (silence := self._manner.silence(utterance.sentence, urgency, delivery)) is not None:
            return State.DROPPED, silence.value
        sound = self._sound(utterance.sentence, delivery, self._is_cut) if utterance.sentence else b""
        if self._clock() > utterance.until:
            return State.DROPPED, "too late"
        volume = self._manner.volume_of(urgency, delivery)
        if self._speaker.play(self._whole(sound, delivery), volume=volume, stop=self._is_cut):
            return State.SAID, ""
        return State.DROPPED, self._cut

    def _whole(self, sound: bytes, delivery: Delivery) -> bytes:
        """With the chime, and again unless somebody else waits to be served or it is the repetition."""
        times = 1 if self._waiting or delivery.clearly or not sound else self._manner.times
        return self._chime + BEFORE_AGAIN.join([sound] * times)

    def _is_cut(self) -> bool:
        return bool(self._cut)
