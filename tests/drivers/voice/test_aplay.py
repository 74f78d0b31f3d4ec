"""A program in the place of aplay, in a process of its own."""

import threading
import time
from pathlib import Path

import pytest

from appliance.desk.errors import DeviceError
from drivers.voice.aplay import Aplay
from drivers.voice.wav import RATE

HALF_A_SECOND = b"\x10\x20" * (RATE // 2)


def never() -> bool:
    return False


def fake(folder: Path, script: str, *, stalled: float = 5.0) -> Aplay:
    program = folder / "aplay"
    program.write_text(f"#!/bin/sh\ncd {folder}\n{script}\n", encoding="utf-8")
    program.chmod(0o700)
    return Aplay(program=str(program), stalled=stalled)


def test_what_sounded_to_its_end_was_said(tmp_path: Path) -> None:
    played = fake(tmp_path, 'echo "$@" > words; cat > heard; sleep 0.4').play(HALF_A_SECOND, volume=100, stop=never)
    assert played
    assert (tmp_path / "heard").read_bytes() == HALF_A_SECOND
    assert (tmp_path / "words").read_text() == "-q -t raw -f S16_LE -c 1 -r 24000 -D default -\n"


def test_the_volume_is_in_the_samples(tmp_path: Path) -> None:
    fake(tmp_path, "cat > heard; sleep 0.1").play((10_000).to_bytes(2, "little") * 4, volume=50, stop=never)
    assert (tmp_path / "heard").read_bytes() == (5_000).to_bytes(2, "little") * 4


def test_a_missing_program_is_a_device_error(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="does not start"):
        Aplay(program=str(tmp_path / "aplay")).play(HALF_A_SECOND, volume=100, stop=never)


def test_no_sound_card_is_a_device_error_in_the_players_words(tmp_path: Path) -> None:
    without = fake(tmp_path, 'echo "audio open error: No such file or directory" >&2; exit 1')
    with pytest.raises(DeviceError, match="audio open error"):
        without.play(HALF_A_SECOND * 4, volume=100, stop=never)


def test_a_card_unplugged_in_mid_word_did_not_say_it(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="write error"):
        fake(tmp_path, 'head -c 4800 > heard; echo "write error: No such device" >&2; exit 1').play(
            HALF_A_SECOND * 20, volume=100, stop=never
        )


def test_a_player_that_leaves_early_with_a_smile_did_not_say_it(tmp_path: Path) -> None:
    with pytest.raises(DeviceError):
        fake(tmp_path, "exit 0").play(HALF_A_SECOND * 20, volume=100, stop=never)


def test_a_device_that_throws_the_sound_away_did_not_say_it(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="before its time"):
        fake(tmp_path, "cat > heard").play(HALF_A_SECOND * 4, volume=100, stop=never)


def test_a_killed_player_did_not_say_it(tmp_path: Path) -> None:
    with pytest.raises(DeviceError):
        fake(tmp_path, "cat > heard; kill -9 $$").play(HALF_A_SECOND, volume=100, stop=never)


@pytest.mark.parametrize("script", ["sleep 60", "cat > heard; sleep 60"])
def test_a_card_that_hangs_is_given_up(tmp_path: Path, script: str) -> None:
    began = time.monotonic()
    with pytest.raises(DeviceError, match="sound card"):
        fake(tmp_path, script, stalled=0.3).play(HALF_A_SECOND * 20, volume=100, stop=never)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("script", ["sleep 60", "cat > heard; sleep 60"])
def test_stop_in_mid_word_ends_at_once(tmp_path: Path, script: str) -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    assert not fake(tmp_path, script).play(HALF_A_SECOND * 20, volume=100, stop=stop.is_set)
    assert time.monotonic() - began < 2


def test_a_player_that_complains_without_end_does_not_hang(tmp_path: Path) -> None:
    with pytest.raises(DeviceError):
        fake(tmp_path, "yes underrun >&2", stalled=0.3).play(HALF_A_SECOND * 20, volume=100, stop=never)
