"""Sound files come from a process of their own, whole or not at all."""

import os
import sys
import time
from array import array
from pathlib import Path

import numpy as np
import pytest

from appliance.desk.errors import DeviceError
from drivers.voice.chime import chime
from drivers.voice.clips import PAUSE, Clips, sentences_of
from drivers.voice.rendering import readings, render, synthesise
from drivers.voice.wav import RATE, in_a_wav, read_wav, seconds_of, write_wav

HELLO = "はい。係が まいります。"


@pytest.fixture
def clips(tmp_path: Path) -> Clips:
    return Clips(tmp_path / "voice", speed=85, heard_as={"町役場": "チョウヤクバ"})


def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "voice").iterdir())


def test_a_real_process_renders_once_what_is_missing(clips: Clips, tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    texts = [HELLO, "町役場へ どうぞ。", HELLO]
    render(clips, clips.missing(texts), on_done=lambda sentence, kana: told.append((sentence, kana)))
    assert told == [
        ("はい。", "ハイ"),
        ("係が まいります。", "カカリガマイリマス"),
        ("町役場へ どうぞ。", "チョーヤクバエドーゾ"),
    ]
    assert clips.missing(texts) == []
    assert len(files(tmp_path)) == 3
    sound = clips.samples(HELLO)
    assert sound is not None
    assert 1.5 < seconds_of(sound) < 4
    assert sound.count(PAUSE) >= 1


def test_readings_come_from_the_same_process() -> None:
    assert readings(["3番の方", "お待ちの方は"]) == ["サンバンノカタ", "オマチノカタワ"]


def test_a_text_is_cut_into_its_sentences() -> None:
    assert sentences_of("はい。 係が まいります。どうぞ") == ["はい。", "係が まいります。", "どうぞ"]
    assert sentences_of("") == []


def test_another_speed_and_another_reading_are_other_files(tmp_path: Path) -> None:
    paths = {
        Clips(tmp_path, speed=speed, heard_as=heard).path("町役場へ")
        for speed in (85, 100)
        for heard in ({}, {"町役場": "チョウヤクバ"})
    }
    assert len(paths) == 4


def test_what_nothing_needs_is_swept(clips: Clips, tmp_path: Path) -> None:
    clips.make_room()
    for sentence in ("あ。", "い。"):
        write_wav(clips.path(sentence), b"\1\2")
    assert clips.sweep(["あ。"]) == 1
    assert files(tmp_path) == [clips.path("あ。").name]


def test_a_damaged_file_has_no_sound_and_is_asked_for_again(clips: Clips) -> None:
    clips.make_room()
    write_wav(clips.path("あ。"), b"\1\2" * 1000)
    whole = clips.path("あ。").read_bytes()
    for damaged in (b"", b"RIFF", whole[:-100], b"x" * 500):
        clips.path("あ。").write_bytes(damaged)
        assert clips.samples("あ。") is None
        assert clips.unheard("あ。") == ["あ。"]


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "a.wav"
    with pytest.raises(OSError, match="No such file"):
        write_wav(path, b"\1\2")
    (tmp_path / "a.wav").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_wav(tmp_path / "a.wav", b"\1\2")
    assert os.listdir(tmp_path) == ["a.wav"]  # noqa: PTH208 (a list of names is what is asked)


def test_only_sound_files_of_ours_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(in_a_wav(b"\1\2\3\4"))
    assert read_wav(tmp_path / "a.wav") == b"\1\2\3\4"
    other = bytearray(in_a_wav(b"\1\2\3\4"))
    other[24:28] = (8000).to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(other)
    assert read_wav(tmp_path / "a.wav") is None


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("import sys; sys.exit(1)", "not installed"),
        ("import time; time.sleep(60)", "does not answer"),
        ('print(\'{"error": "disk full"}\', flush=True); input()', "disk full"),
    ],
)
def test_an_engine_that_fails_is_a_device_error(clips: Clips, script: str, says: str) -> None:
    began = time.monotonic()
    with pytest.raises(DeviceError, match=says):
        render(clips, ["あ。"], command=[sys.executable, "-c", script], patience=0.4)
    assert time.monotonic() - began < 5


def test_a_program_that_is_not_there_is_a_device_error(clips: Clips, tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="does not start"):
        render(clips, ["あ。"], command=[str(tmp_path / "nothing")])


def test_rendering_is_broken_off_when_the_box_stops(clips: Clips) -> None:
    with pytest.raises(DeviceError, match="broken off"):
        render(clips, ["あ。"], command=[sys.executable, "-c", "import time; time.sleep(60)"], stop=lambda: True)


def test_a_folder_that_cannot_be_made_is_a_device_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DeviceError, match="folder"):
        render(Clips(tmp_path / "file" / "voice", speed=85), ["あ。"])


def test_the_chime_begins_softly_and_is_heard(tmp_path: Path) -> None:
    samples = array("h", chime())
    assert max(map(abs, samples[: RATE // 10])) == 0
    assert 8_000 < max(map(abs, samples)) < 20_000
    assert 0.5 < seconds_of(chime()) < 1.5


def test_a_typed_sentence_comes_through_the_pipe_and_lies_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child is told of no path at all, and makes no file in any folder that it could find."""
    for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    clips = Clips(tmp_path / "voice", speed=85)
    sound = synthesise(clips, "かぎの忘れものが あります。窓口へ どうぞ。")
    slower = synthesise(clips.slower(), "かぎの忘れものが あります。窓口へ どうぞ。")
    assert 2 < seconds_of(sound) < 8
    assert 1.1 < seconds_of(slower) / seconds_of(sound) < 1.25
    assert max(map(abs, array("h", sound))) > 20_000
    assert sound.count(PAUSE) >= 1
    assert list(tmp_path.rglob("*")) == []


def test_a_typed_sentence_with_nothing_to_say_is_a_device_error(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="nothing to say"):
        synthesise(Clips(tmp_path, speed=85), "。")


def test_a_lower_voice_and_a_slower_one_are_other_files(clips: Clips, tmp_path: Path) -> None:
    lower = Clips(tmp_path / "voice", speed=85, pitch=-2, heard_as={"町役場": "チョウヤクバ"})
    assert len({one.path("あ。") for one in (clips, clips.slower(), lower, lower.slower())}) == 4
    lower.make_room()
    for one in (lower, lower.slower(), clips):
        write_wav(one.path("あ。"), b"\1\2")
    assert lower.sweep(["あ。"]) == 1
    assert set(files(tmp_path)) == {lower.path("あ。").name, lower.slower().path("あ。").name}


def test_a_lower_voice_is_lower(tmp_path: Path) -> None:
    usual, lower = (synthesise(Clips(tmp_path, speed=85, pitch=pitch), "あー。") for pitch in (0, -6))
    assert 0.6 < hertz(lower) / hertz(usual) < 0.85


def hertz(sound: bytes) -> float:
    """The pitch in the middle of a vowel: where the wave is most like itself."""
    samples = np.frombuffer(sound, dtype="<i2").astype(float)
    middle = samples[len(samples) // 2 - 2400 : len(samples) // 2 + 2400]
    likeness = np.correlate(middle, middle, mode="full")[len(middle) :]
    shortest, longest = RATE // 500, RATE // 100
    return RATE / (shortest + int(np.argmax(likeness[shortest:longest])) + 1)
