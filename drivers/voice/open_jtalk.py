"""Open JTalk with the Mei voice as a driver of pyttsx3; loaded only in a process of its own, for it never gives back
its memory."""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np
import pyopenjtalk
import pyopenjtalk._unknown_kanji
import pyttsx3
import pyttsx3.drivers
from numpy.typing import NDArray
from pyttsx3.engine import Engine
from pyttsx3.voice import Voice

from drivers.voice.readings import kana_of, put_right, written_as_heard
from drivers.voice.wav import RATE, write_wav

NAME = "open_jtalk"
NATURAL_RATE = 200
"""What pyttsx3 calls the speed at which the voice was recorded."""
_RATES = (100, 300)
_PEAK = 29_000
"""Of 32 767: loud, and no sample of the next stage overruns."""
_SILENCE = 0.01
"""Of the peak; below it nobody speaks yet."""
_LEAD_SECONDS = 0.03
_TAIL_SECONDS = 0.12
_HALF_BAND = 63
"""Taps of the filter before every second sample is left out."""
_LOOK_SECONDS = 0.02


class _NoSudachi:
    """Stands in for the large dictionary that a box does without: it knows no word."""

    def tokenize(self, _text: str, _mode: object) -> tuple[()]:
        """Nothing."""
        return ()


# Asked for every kanji that Open JTalk does not know, even with Sudachi off; without its dictionary it would raise.
setattr(pyopenjtalk._unknown_kanji, "get_sudachi_tokenizer", _NoSudachi)  # noqa: B010, SLF001 (no other way in)

Play = Callable[[bytes, Callable[[], bool]], None]
"""Plays 16-bit samples until they end or the second says stop; `OSError` if nothing sounded."""


class Proxy(Protocol):
    """What pyttsx3 gives a driver."""

    _name: str | None

    def notify(self, topic: str, **values: object) -> None:
        """Tell whoever listens."""
        ...

    def setBusy(self, busy: bool) -> None:  # noqa: N802, FBT001 (pyttsx3's own)
        """Hold back, or carry out, what is queued."""
        ...

    def isBusy(self) -> bool:  # noqa: N802 (pyttsx3's own)
        """Whether what is queued is held back."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How to speak."""

    rate: int = NATURAL_RATE
    volume: float = 1.0
    pitch: float = 0.0
    """Half tones."""


def kana(text: str) -> str:
    """How `text` will be read, in katakana."""
    return kana_of(_nodes(text))


def synthesise(text: str, settings: Settings) -> bytes:
    """`text` as mono 16-bit samples at `RATE`, at full level, with hardly any silence before and after."""
    labels = pyopenjtalk.make_label(_nodes(text))
    raw, rate = pyopenjtalk.synthesize(labels, settings.rate / NATURAL_RATE, settings.pitch)
    if rate != 2 * RATE:
        raise ValueError(f"the voice speaks at {rate} samples a second")
    loud = _level(_trimmed(_halved(np.asarray(raw, dtype=np.float64))))
    return (loud * settings.volume).astype("<i2").tobytes()


def _nodes(text: str) -> list[Any]:
    found: Any = pyopenjtalk.run_frontend(written_as_heard(text), use_sudachi_kanji_yomi=False)
    return put_right(found)


def _halved(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """Every second sample, without what would fold back: old ears and small loudspeakers hear no difference."""
    steps = np.arange(_HALF_BAND) - _HALF_BAND // 2
    taps = np.sinc(steps * 0.47) * np.hamming(_HALF_BAND)
    return np.convolve(wave, taps / taps.sum(), mode="same")[::2]


def _trimmed(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    heard = np.flatnonzero(np.abs(wave) > _SILENCE * np.abs(wave).max()) if wave.size else wave
    if not heard.size:
        return wave[:0]
    begin = max(0, int(heard[0]) - int(_LEAD_SECONDS * RATE))
    return wave[begin : int(heard[-1]) + int(_TAIL_SECONDS * RATE)]


def _level(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    return wave * (_PEAK / np.abs(wave).max()) if wave.size else wave


@dataclass(frozen=True, kw_only=True, slots=True)
class _Command:
    """Something to say, with what it was to be said with."""

    name: str | None
    text: str
    settings: Settings
    path: Path | None = None
    """The file to write instead of speaking."""


@dataclass(kw_only=True)
class OpenJTalkDriver:
    """Follows pyttsx3's protocol; every utterance is told once, with its own name and whether it sounded to its end.

    Used by one thread; another one may only call `stop`. What is said outside a loop waits for the next one, and a loop
    whose end was asked for before it began speaks what waits and returns.
    """

    proxy: Proxy
    play: Play
    settings: Settings = field(default_factory=Settings)
    _waiting: list[_Command] = field(default_factory=list)
    _put_aside: list[_Command] = field(default_factory=list)
    _looping: bool = False
    _end_first: bool = False
    _stopped: bool = False

    # ------------------------------------------------------------------------------------------- what pyttsx3 calls

    def destroy(self) -> None:
        """Let go."""
        self._waiting.clear()

    def say(self, text: str) -> None:
        """Speak now inside a loop, else in the next one."""
        self._take(text, None)

    def save_to_file(self, text: str, filename: str) -> None:
        """Write now inside a loop, else in the next one; the file is there whole or not at all."""
        self._take(text, Path(filename))

    def stop(self) -> None:
        """Break off what sounds, forget what waits; any thread may ask for it."""
        self._stopped = True
        self._put_aside, self._waiting = self._waiting, []

    def startLoop(self) -> None:  # noqa: N802 (pyttsx3's own)
        """Carry out what waits, then what is queued, until the loop is ended."""
        ended, self._end_first = self._end_first, False
        self._looping = True
        self._carry_out_waiting()
        if ended:
            self._looping = False
            return
        self.proxy.setBusy(False)
        while self._looping:
            time.sleep(_LOOK_SECONDS)

    def endLoop(self) -> None:  # noqa: N802 (pyttsx3's own)
        """End the loop; asked for before it begins, it speaks what waits and ends."""
        if not self._looping:
            self._end_first = True
            self._waiting, self._put_aside = self._put_aside, []  # the proxy called stop() first
        self._looping = False

    def iterate(self) -> Iterator[None]:
        """One turn of somebody else's loop."""
        self._looping = True
        while True:
            self._carry_out_waiting()
            self.proxy.setBusy(False)
            yield

    def getProperty(self, name: str) -> object:  # noqa: N802 (pyttsx3's own)
        """`KeyError` for a name nobody knows."""
        if name == "voices":
            return [Voice("mei", "Mei", ["ja-JP"], "female", "adult")]
        if name == "voice":
            return "mei"
        return {"rate": self.settings.rate, "volume": self.settings.volume, "pitch": self.settings.pitch}[name]

    def setProperty(self, name: str, value: float) -> None:  # noqa: N802 (pyttsx3's own)
        """A value out of range is taken as the nearest; `KeyError` for a name nobody knows."""
        if name == "voice":
            return
        rate, volume, pitch = self.settings.rate, self.settings.volume, self.settings.pitch
        if name == "rate":
            rate = min(max(int(value), _RATES[0]), _RATES[1])
        elif name == "volume":
            volume = min(max(float(value), 0.0), 1.0)
        elif name == "pitch":
            pitch = float(value)
        else:
            raise KeyError(name)
        self.settings = Settings(rate=rate, volume=volume, pitch=pitch)

    # ------------------------------------------------------------------------------------------------ what it does

    def _take(self, text: str, path: Path | None) -> None:
        command = _Command(name=self.proxy._name, text=text, settings=self.settings, path=path)  # noqa: SLF001
        if self._looping:
            self._carry_out(command)
        else:
            self._waiting.append(command)

    def _carry_out_waiting(self) -> None:
        while self._waiting:
            self._carry_out(self._waiting.pop(0))

    def _carry_out(self, command: _Command) -> None:
        """Inside a queued command the proxy must not pump again: it is told busy, and free only as it was before."""
        self._stopped = False
        self.proxy.notify("started-utterance", name=command.name)
        completed = False
        try:
            samples = synthesise(command.text, command.settings)
            if command.path is not None:
                write_wav(command.path, samples)
            else:
                self.play(samples, lambda: self._stopped)
            completed = not self._stopped
        except (OSError, ValueError) as error:
            self.proxy.notify("error", name=command.name, exception=error)
        self.proxy.notify("finished-utterance", name=command.name, completed=completed)


def engine(play: Play) -> Engine:
    """A pyttsx3 engine with this voice; keep it, and use it in one thread."""
    module = ModuleType(f"pyttsx3.drivers.{NAME}")
    module.buildDriver = lambda proxy: OpenJTalkDriver(proxy=proxy, play=play)  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    setattr(pyttsx3.drivers, NAME, module)
    return pyttsx3.init(NAME)
