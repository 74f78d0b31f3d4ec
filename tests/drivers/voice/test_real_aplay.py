"""The real aplay, on a machine without a sound card: what it was given arrives, silence is no sound."""

import shutil
import wave
from pathlib import Path

import pytest

from appliance.desk.errors import DeviceError
from drivers.voice import aplay as ours
from drivers.voice.aplay import Aplay
from drivers.voice.wav import RATE

pytestmark = pytest.mark.skipif(shutil.which("aplay") is None, reason="needs aplay (alsa-utils)")

A_WORD = b"".join(value.to_bytes(2, "little", signed=True) for value in range(-10_000, 10_000))
INTO_A_FILE = """</usr/share/alsa/alsa.conf>
pcm.!default {{ type file slave.pcm null file "{file}" format wav }}
"""


def never() -> bool:
    return False


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where everything lies that the default device was given."""
    file = tmp_path / "out.wav"
    (tmp_path / "asound.conf").write_text(INTO_A_FILE.format(file=file), encoding="utf-8")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    return file


def test_the_samples_arrive_as_they_are(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "_SHORTEST_SHARE", 0.0)  # a file takes a sound faster than any ear
    assert Aplay().play(A_WORD, volume=100, stop=never)
    with wave.open(str(recorded)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 2)
        assert sound.readframes(sound.getnframes()).startswith(A_WORD)


def test_a_device_that_throws_the_sound_away_did_not_say_it() -> None:
    with pytest.raises(DeviceError, match="throws it away"):
        Aplay(device="null").play(A_WORD, volume=100, stop=never)


def test_a_card_that_is_not_there_is_named_in_its_own_words() -> None:
    with pytest.raises(DeviceError, match="audio open error"):
        Aplay(device="plughw:CARD=nobody").play(A_WORD * 10, volume=100, stop=never)
