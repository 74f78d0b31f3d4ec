"""What a page is given to play, and what it is not."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from appliance.desk.ports import Delivery, Silence, Urgency
from drivers.voice.browser import BrowserVoice
from drivers.voice.chime import chime
from drivers.voice.manner import Manner
from drivers.voice.wav import in_a_wav
from tests.fakes import FakeClock


@contextmanager
def browser(*, volume: int = 80, quiet: bool = False) -> Iterator[BrowserVoice]:
    def sound(sentence: str, _delivery: Delivery, _stop: Callable[[], bool]) -> bytes:
        return sentence.encode().ljust(2 * len(sentence.encode()), b"\0")

    manner = Manner(volume=volume, is_quiet=lambda: quiet)
    voice = BrowserVoice(FakeClock(), sound=sound, manner=manner, reading=str)
    yield voice
    voice.close()


def heard(voice: BrowserVoice) -> bool:
    """Whether the newest sentence comes to sound."""
    end = time.monotonic() + 0.3
    while not voice.has_sound(voice.spoken()[0].number) and time.monotonic() < end:
        time.sleep(0.002)
    return voice.has_sound(voice.spoken()[0].number)


@pytest.mark.parametrize(
    ("volume", "quiet", "why"), [(0, False, Silence.VOLUME), (80, True, Silence.QUIET_HOURS), (0, True, Silence.VOLUME)]
)
def test_a_silent_house_is_silent_in_the_browser_too_and_says_why(volume: int, quiet: bool, why: Silence) -> None:  # noqa: FBT001
    with browser(volume=volume, quiet=quiet) as voice:
        voice.say("はい。")
        assert voice.spoken()[0].silence is voice.silence() is why
        assert not heard(voice)
        voice.say("火事です。", urgency=Urgency.EMERGENCY)
        assert voice.spoken()[0].silence is None
        assert heard(voice)


def test_another_language_is_shown_and_not_heard() -> None:
    with browser() as voice:
        voice.say("Please wait.", urgency=Urgency.EMERGENCY)
        assert (voice.spoken()[0].sentence, voice.spoken()[0].silence) == ("Please wait.", Silence.LANGUAGE)
        assert not heard(voice)


def test_the_chime_alone_is_played() -> None:
    with browser() as voice:
        voice.ring()
        assert heard(voice)
        assert voice.sound(1) == in_a_wav(chime())


def test_hush_takes_every_sound_away_and_the_next_one_is_heard() -> None:
    with browser() as voice:
        voice.say("はい。")
        assert heard(voice)
        voice.hush()
        assert voice.sound(1) is None
        voice.say("はい。")
        assert heard(voice)


def test_only_the_newest_five_are_kept() -> None:
    with browser() as voice:
        for _ in range(7):
            voice.say("はい。")
            assert heard(voice)
        assert [voice.has_sound(number) for number in range(1, 8)] == [False, False, True, True, True, True, True]
