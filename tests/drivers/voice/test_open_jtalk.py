"""The engine as pyttsx3 sees it."""

import threading
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyttsx3.engine import Engine

from drivers.voice.open_jtalk import Settings, engine, kana, synthesise
from drivers.voice.readings import morae
from drivers.voice.wav import RATE, read_wav, seconds_of

SHORT = "はい。"


class Ear:
    """Hears what an engine tells and plays."""

    def __init__(self) -> None:
        self.told: list[tuple[str, object, object]] = []
        self.played: list[int] = []
        self.lasts = 0.0
        self.error = ""

    def play(self, samples: bytes, stop: Callable[[], bool]) -> None:
        if self.error:
            raise OSError(self.error)
        self.played.append(len(samples))
        end = time.monotonic() + self.lasts
        while time.monotonic() < end and not stop():
            time.sleep(0.005)

    def listen(self, speaker: Engine) -> None:
        speaker.connect("started-utterance", lambda name: self.told.append(("started", name, None)))
        speaker.connect("finished-utterance", lambda name, completed: self.told.append(("finished", name, completed)))
        speaker.connect("error", lambda name, exception: self.told.append(("error", name, str(exception))))

    @property
    def finished(self) -> list[tuple[object, object]]:
        return [(name, value) for topic, name, value in self.told if topic == "finished"]


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def speaker(ear: Ear) -> Iterator[Engine]:
    one = engine(ear.play)
    ear.listen(one)
    yield one
    del one


def test_all_that_is_queued_is_said_in_order_under_its_own_name(speaker: Engine, ear: Ear) -> None:
    for name in ("a", "b", "c"):
        speaker.say(SHORT, name)
    speaker.runAndWait()
    assert ear.finished == [("a", True), ("b", True), ("c", True)]
    assert len(ear.played) == 3


def test_a_second_round_neither_hangs_nor_speaks_again(speaker: Engine, ear: Ear) -> None:
    for name in "abcde":
        speaker.say(SHORT, name)
        speaker.runAndWait()
    speaker.runAndWait()
    assert [name for name, _ in ear.finished] == list("abcde")


def test_a_file_is_written_whole_and_what_follows_is_spoken(speaker: Engine, ear: Ear, tmp_path: Path) -> None:
    for name in "ab":
        speaker.save_to_file(SHORT, str(tmp_path / f"{name}.wav"), name)
        speaker.say(SHORT, f"said {name}")
        speaker.runAndWait()
    assert ear.finished == [("a", True), ("said a", True), ("b", True), ("said b", True)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "b.wav"]
    assert len(ear.played) == 2


def test_each_is_said_with_the_settings_of_its_time(speaker: Engine, ear: Ear) -> None:
    speaker.runAndWait()
    speaker.setProperty("rate", 200)
    speaker.say(SHORT)
    speaker.setProperty("rate", 100)
    speaker.say(SHORT)
    speaker.runAndWait()
    speaker.setProperty("rate", 200)
    speaker.runAndWait()
    quick, slow = ear.played
    assert slow > 1.3 * quick


def test_somebody_elses_loop_works(speaker: Engine, ear: Ear) -> None:
    speaker.startLoop(useDriverLoop=False)
    speaker.say(SHORT, "a")
    speaker.iterate()
    speaker.iterate()
    speaker.endLoop()
    assert ear.finished == [("a", True)]


def test_stop_from_another_thread_breaks_off_and_the_next_word_is_said(speaker: Engine, ear: Ear) -> None:
    ear.lasts = 5.0
    speaker.say(SHORT, "cut")
    timer = threading.Timer(0.2, speaker.stop)
    timer.start()
    began = time.monotonic()
    speaker.runAndWait()
    timer.join()
    assert time.monotonic() - began < 2
    ear.lasts = 0.0
    speaker.say(SHORT, "next")
    speaker.runAndWait()
    assert ear.finished == [("cut", False), ("next", True)]


def test_where_nothing_sounds_nothing_is_reported_as_said(speaker: Engine, ear: Ear) -> None:
    ear.error = "no sound card"
    speaker.say(SHORT, "a")
    speaker.runAndWait()
    assert ("error", "a", "no sound card") in ear.told
    assert ear.finished == [("a", False)]


def test_an_unknown_setting_is_an_error_and_a_known_one_stays_in_range(speaker: Engine, ear: Ear) -> None:
    speaker.setProperty("colour", 1)
    speaker.setProperty("rate", 5000)
    speaker.setProperty("volume", 7)
    speaker.runAndWait()
    assert (speaker.getProperty("rate"), speaker.getProperty("volume")) == (300, 1.0)
    assert [topic for topic, _, _ in ear.told] == ["error"]


@pytest.mark.parametrize(
    "sentence",
    [
        "はい。係が まいります。そのまま お待ちください。",
        "いま、係が いません。",
        "つぎは 11月24日、火曜日、13時からです。",
        "3番の方、1番の 窓口へ どうぞ。",
    ],
)
def test_what_is_said_is_loud_at_once_and_slow_enough(sentence: str) -> None:
    samples = array("h", synthesise(sentence, Settings(rate=170)))
    peak = max(abs(sample) for sample in samples)
    assert 27_000 < peak < 32_000
    first = next(at for at, sample in enumerate(samples) if abs(sample) > peak * 0.02)
    assert first / RATE <= 0.08
    beats = morae(kana(sentence)) / seconds_of(samples.tobytes())
    assert 4 <= beats <= 7


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("1週間掲かります", "イッシューカンケーカリマス"),
        ("𰀀の方", "〓ノカタ"),
        ("はい、どうぞ。", "ハイ、ドーゾ"),
        ("。", ""),
    ],
)
def test_a_kanji_that_nobody_knows_is_read_by_its_sound_or_shown_as_unread(text: str, heard: str) -> None:
    assert kana(text) == heard


def test_a_sentence_without_a_word_is_silence(tmp_path: Path, speaker: Engine) -> None:
    speaker.save_to_file("。", str(tmp_path / "a.wav"))
    speaker.runAndWait()
    assert not read_wav(tmp_path / "a.wav")
