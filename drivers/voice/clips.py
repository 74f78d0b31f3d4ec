"""Sentences as sound files, each made once for this voice at this speed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from drivers.voice import readings
from drivers.voice.wav import RATE, SAMPLE_BYTES, read_wav

PAUSE = bytes(RATE * SAMPLE_BYTES // 4)
"""Between two sentences."""
CLEARLY = 85
"""Percent of the usual speed, for whoever did not catch it."""
_NATURAL_RATE = 200


@cache
def voice_version() -> str:
    """Changes with the engine and with what we put right in its readings; empty where there is no engine."""
    engine = find_spec("pyopenjtalk")  # importlib.metadata would cost the desk two megabytes
    if engine is None or engine.origin is None:
        return ""
    parts = (Path(engine.origin).with_name("version.py"), Path(readings.__file__))
    return sha256(b"\n".join(part.read_bytes() for part in parts)).hexdigest()


def sentences_of(text: str) -> list[str]:
    """`text` cut after each 。, which is how it is kept and put together again."""
    return [sentence for part in re.findall(r"[^。]+。?", text) if (sentence := part.strip())]


class Clips:
    """The folder of sound files of one box."""

    def __init__(self, folder: Path, *, speed: int, pitch: int = 0, heard_as: Mapping[str, str] | None = None) -> None:
        """`speed` in percent of the recorded voice, `pitch` in half tones above it.

        `heard_as`: words -> how they are read, in katakana.
        """
        self._folder = folder
        self.rate = _NATURAL_RATE * speed // 100
        self.pitch = pitch
        self._heard_as = {written: readings.long_vowels(kana) for written, kana in (heard_as or {}).items()}

    def slower(self) -> "Clips":
        """The same sentences for whoever did not catch them, in the same folder."""
        clips = copy(self)
        clips.rate = self.rate * CLEARLY // 100
        return clips

    def words(self, sentence: str) -> str:
        """What the engine is given for it."""
        for written, heard in self._heard_as.items():
            sentence = sentence.replace(written, heard)
        return sentence

    def path(self, sentence: str) -> Path:
        """Where its file is or will be."""
        key = f"{voice_version()}\n{self.rate} {self.pitch}\n{self.words(sentence)}"
        return self._folder / f"{sha256(key.encode()).hexdigest()[:32]}.wav"

    def missing(self, texts: Iterable[str]) -> list[str]:
        """The sentences of those texts that have no file yet, each once, in their order."""
        return [sentence for sentence in self.known(texts) if not self.path(sentence).exists()]

    def unheard(self, text: str) -> list[str]:
        """The sentences of that text that have no whole file."""
        return [sentence for sentence in sentences_of(text) if not read_wav(self.path(sentence))]

    def known(self, texts: Iterable[str]) -> list[str]:
        """The sentences of those texts, each once, in their order."""
        return list(dict.fromkeys(sentence for text in texts for sentence in sentences_of(text)))

    def samples(self, text: str) -> bytes | None:
        """How `text` sounds; None where a sentence of it has no whole file."""
        parts = [read_wav(self.path(sentence)) for sentence in sentences_of(text)]
        return PAUSE.join(part for part in parts if part) if parts and all(parts) else None

    def make_room(self) -> None:
        """Make the folder. `OSError`."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def sweep(self, texts: Sequence[str]) -> int:
        """Delete the files of sentences that none of `texts` holds, at either speed; how many."""
        sentences = [sentence for text in texts for sentence in sentences_of(text)]
        kept = {clips.path(sentence) for clips in (self, self.slower()) for sentence in sentences}
        gone = [path for path in self._folder.glob("[!.]*.wav") if path not in kept and path.is_file()]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)
