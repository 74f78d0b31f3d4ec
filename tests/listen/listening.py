"""Whether a stranger understands the voice: a recogniser writes down what it hears, and its kana is compared."""

import json
import subprocess
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from drivers.voice.clips import Clips
from drivers.voice.rendering import readings, render
from drivers.voice.wav import in_a_wav

HOUSE = Path(__file__).parents[2]
PYTHON = HOUSE / "build" / "listen" / "bin" / "python"
MODEL = HOUSE / "build" / "listen" / "model"
SENTENCES = HOUSE / "tests" / "drivers" / "voice" / "sentences.txt"
USUAL_SPEED = 85


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One sentence, as it was meant and as it was heard, both in katakana."""

    sentence: str
    meant: str
    heard: str

    @property
    def error_rate(self) -> float:
        """Letters to change, to add and to leave out, of those that were meant."""
        return distance(self.meant, self.heard) / len(self.meant)


def sentences() -> list[tuple[str, str]]:
    """The table of the desk: sentence and reading."""
    pairs = (line.split(" | ") for line in SENTENCES.read_text(encoding="utf-8").splitlines() if line)
    return [(sentence, kana) for sentence, kana in pairs]


def listen(table: Sequence[tuple[str, str]]) -> list[Heard]:
    """Have each sentence said and written down; whatever was written is read by the engine, for kanji are no error."""
    with tempfile.TemporaryDirectory() as folder:
        clips = Clips(Path(folder), speed=USUAL_SPEED)
        said = [sentence for sentence, _ in table]
        render(clips, clips.missing(said))
        wavs = [Path(folder) / f"{number}.said" for number in range(len(table))]
        for wav, sentence in zip(wavs, said, strict=True):
            wav.write_bytes(in_a_wav(clips.samples(sentence) or b""))
        written = _written_down(wavs)
    heard = readings(written)
    return [
        Heard(sentence=sentence, meant=letters(kana), heard=letters(kana_heard))
        for (sentence, kana), kana_heard in zip(table, heard, strict=True)
    ]


def _written_down(wavs: Sequence[Path]) -> list[str]:
    command = [str(PYTHON), str(Path(__file__).with_name("recogniser.py")), str(MODEL), *map(str, wavs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    # The engine would take a Latin full stop for a word.
    return [
        unicodedata.normalize("NFKC", json.loads(line)).replace(".", "。") or "。" for line in done.stdout.splitlines()
    ]


def letters(kana: str) -> str:
    """Nothing but katakana: pauses are nobody's mistake."""
    return "".join(letter for letter in kana if "ァ" <= letter <= "ー")


def distance(one: str, other: str) -> int:
    """How many letters have to be changed, added or left out to make one of the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        before, row[0] = row[0], at
        for to, its in enumerate(other, start=1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (letter != its))
    return row[-1]
