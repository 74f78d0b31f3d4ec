"""From a phrase of the desk to the loudspeaker, with a program in the place of aplay."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.assembly.notices import CONTENT, Kept, NoticeFolder
from appliance.assembly.voicing import Filling, clips_of, open_browser_voice, open_voice, texts_of, unmade
from appliance.calendar_pack import calendar_of, load_calendar
from appliance.cli import main
from appliance.config import Config, load_config
from appliance.content import BLANKS, BUILT_IN, load_catalogue
from appliance.desk.errors import DeviceError, UnspokenLanguage
from appliance.desk.ports import Delivery, LampPattern
from drivers.voice.clips import Clips
from drivers.voice.player import Player
from drivers.voice.wav import RATE, read_wav, write_wav
from tests.fakes import FakeWorld, build_world

CONFIG = """
[desk]
facility = "kominkan-chuo"
facility_name = "中央公民館"
{desk}
[state]
directory = "state"
[town]
keys = "town-keys.toml"
[devices]
voice = "{voice}"
[voice]
times = 1
{more}
"""
FEW_PHRASES = """
call_raised = "はい。"
call_unattended = "いません。"
call_answered = "はい。"
ticket_called = "{number}番の方。"
"""
AFTERNOONS = """
[hours]
monday = []
tuesday = ["13:00-16:00"]
wednesday = []
thursday = []
friday = ["13:00-16:00"]
saturday = []
sunday = []
"""


def config(folder: Path, *, voice: str = "open_jtalk", desk: str = "", more: str = "") -> Config:
    path = folder / "madoguchi.toml"
    path.write_text(CONFIG.format(voice=voice, desk=desk, more=more), encoding="utf-8")
    return load_config(path)


def aplay(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program of that name before all others."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "aplay").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (programs / "aplay").chmod(0o700)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")


def prepared(one: Config, world: FakeWorld) -> Clips:
    """A tenth of a second of noise in the place of each sentence."""
    clips = clips_of(one, world.desk.catalogue)
    clips.make_room()
    for sentence in clips.known(texts_of(world.desk.catalogue, load_calendar(), world.clock.now().wall)):
        write_wav(clips.path(sentence), b"\1\2" * (RATE // 10))
    return clips


def speaking(one: Config, world: FakeWorld) -> Player:
    voice = open_voice(one, world.desk)
    world.desk.room.start(lamps={1: world.lamp}, voice=voice)
    return voice


def soon(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


def test_the_desk_speaks_through_aplay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world, one = build_world(), config(tmp_path)
    aplay(tmp_path, monkeypatch, f"cat > {tmp_path}/heard.part; sleep 1.0; mv {tmp_path}/heard.part {tmp_path}/heard")
    prepared(one, world)
    voice = speaking(one, world)
    world.desk.room.say("call_answered")
    assert soon((tmp_path / "heard").exists)
    world.desk.room.stop()
    assert [str(utterance.state) for utterance in voice.utterances()] == ["said"]


def test_a_voice_that_fails_blinks_and_is_on_the_strip_until_it_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, one = build_world(), config(tmp_path)
    aplay(tmp_path, monkeypatch, f"cat > {tmp_path}/heard; test -e {tmp_path}/card && sleep 1.0")
    prepared(one, world)
    speaking(one, world)
    world.desk.room.say("call_answered")
    assert soon(lambda: world.desk.board.snapshot.voice_failed)
    assert soon(lambda: world.lamp.pattern is LampPattern.FAULT)
    (tmp_path / "card").touch()
    world.desk.room.say("call_answered")
    assert soon(lambda: not world.desk.board.snapshot.voice_failed)
    world.desk.room.stop()


def test_a_desk_that_opens_again_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aplay(tmp_path, monkeypatch, f"touch {tmp_path}/played; sleep 60")
    one, before = config(tmp_path), build_world()
    prepared(one, before)
    speaking(one, before)
    before.desk.room.say("call_answered")
    before.desk.room.say("call_raised")
    assert soon((tmp_path / "played").exists)
    before.desk.room.stop()
    (tmp_path / "played").unlink()
    after = build_world()
    voice = speaking(one, after)
    time.sleep(0.3)
    after.desk.room.stop()
    assert not (tmp_path / "played").exists()
    assert list(voice.utterances()) == []


def test_a_library_is_silent_until_it_is_given_a_volume(tmp_path: Path) -> None:
    assert config(tmp_path).volume == 80
    assert config(tmp_path, desk='facility_type = "library"').volume == 0
    assert config(tmp_path, desk='facility_type = "library"', more="volume = 40").volume == 40
    assert config(tmp_path, more="volume = 0").volume == 0


def test_the_browser_gets_a_real_sound(tmp_path: Path) -> None:
    world = build_world()
    voice = open_browser_voice(config(tmp_path, voice="browser"), world.desk)
    voice.say("はい。")
    number = voice.spoken()[0].number
    assert soon(lambda: voice.has_sound(number))
    (tmp_path / "a.wav").write_bytes(voice.sound(number) or b"")
    assert read_wav(tmp_path / "a.wav")
    assert voice.sound(number + 1) is None
    voice.close()


def test_what_a_desk_may_have_to_say_is_known_before(tmp_path: Path) -> None:
    catalogue = load_catalogue()
    noon = datetime(2026, 11, 20, 3, tzinfo=UTC)
    texts = texts_of(catalogue, calendar_of(AFTERNOONS), noon, numbers=2)
    assert "つぎは 11月24日、火曜日、13時からです。" in texts
    assert "2番の方、窓口へ どうぞ。" in texts
    assert not any("{" in text for text in texts)
    assert {"いま、まえに 1人 お待ちです。", "いま、まえに 20人 お待ちです。"} <= set(texts)
    assert [text for text in texts if "およそ" in text] == [f"およそ {n}分 お待ちください。" for n in range(5, 61, 5)]
    assert set(catalogue.phrases.values()) - set(texts) == {catalogue.phrases[phrase] for phrase in BLANKS}


def test_the_hall_is_read_as_its_municipality_says(tmp_path: Path) -> None:
    catalogue = load_catalogue()
    words = replace(catalogue.words, hall="村役場", hall_reading="ソンヤクバ")
    clips = clips_of(config(tmp_path), replace(catalogue, words=words))
    assert clips.words("村役場へ どうぞ。") == "ソンヤクバへ どうぞ。"


def test_the_command_makes_what_is_missing_and_then_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.assembly.voicing.AHEAD", timedelta())
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "phrases.toml").write_text(FEW_PHRASES, encoding="utf-8")
    desk = f'content = "{tmp_path / "packs"}"'
    config(tmp_path, desk=desk, more="numbers = 2")
    words = ["voice", "render", "--config", str(tmp_path / "madoguchi.toml")]
    assert main(words) == 0
    first = capsys.readouterr()
    made = sorted(path.name for path in (tmp_path / "state" / "voice").iterdir())
    assert f"{len(made)}/{len(made)}" in first.err
    assert main(words) == 0
    assert capsys.readouterr().err == ""
    config(tmp_path, desk=desk)
    assert main(words) == 0
    assert len(list((tmp_path / "state" / "voice").iterdir())) == len(made) - 4


def filled(one: Config, world: FakeWorld, monkeypatch: pytest.MonkeyPatch, made: list[str]) -> Filling:
    """One whose engine notes what it was to make."""

    def render(clips: Clips, sentences: Sequence[str], **_more: object) -> None:
        clips.make_room()
        for sentence in sentences:
            write_wav(clips.path(sentence), b"\1\2")
        made.extend(sentences)

    monkeypatch.setattr("appliance.assembly.voicing.render", render)
    filling = Filling(one, world.desk)
    filling.look()
    return filling


def test_what_is_missing_is_made_at_the_start_and_for_the_openings_of_each_new_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "calendar.toml").write_text(AFTERNOONS, encoding="utf-8")
    one = config(tmp_path, desk='content = "content"', more="numbers = 3")
    world, made = build_world(), list[str]()
    filling = filled(one, world, monkeypatch, made)
    assert soon(lambda: unmade(one, world.clock.now().wall) == 0)
    assert "3番の方、窓口へ どうぞ。" in made
    first = list(made)
    filling.look()
    time.sleep(0.05)
    assert made == first, "nothing is new within the day"
    world.clock.advance(days=30)
    filling.look()
    assert soon(lambda: len(made) > len(first))
    assert all(sentence.startswith("つぎは ") for sentence in made[len(first) :])


def test_the_sentences_of_packs_that_have_come_are_made_before_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, one, made = build_world(), config(tmp_path), list[str]()
    filling = filled(one, world, monkeypatch, made)
    assert soon(lambda: unmade(one, world.clock.now().wall) == 0)
    new = {"phrases.toml": (BUILT_IN / "phrases.toml").read_text().replace("はい。", "はい、ただいま。", 1)}
    (tmp_path / "state").mkdir(exist_ok=True)
    notices = NoticeFolder(tmp_path / "state")
    notices.write(CONTENT, Kept(number=1, says=new))
    assert unmade(one, world.clock.now().wall) == 1
    filling.look()
    assert soon(lambda: "はい、ただいま。" in made)
    assert soon(lambda: unmade(one, world.clock.now().wall) == 0)
    assert notices.packs().in_force == 0, "the desk still speaks with the packs it began with"


def test_a_voice_that_cannot_be_made_is_on_the_strip_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise DeviceError("no engine")

    monkeypatch.setattr("appliance.assembly.voicing.render", broken)
    world = build_world()
    Filling(config(tmp_path), world.desk).look()
    assert soon(lambda: world.desk.board.snapshot.voice_failed)


def test_the_command_shows_readings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voice", "kana", "3番の方", "番号札"]) == 0
    assert capsys.readouterr().out == "サンバンノカタ\nバンゴーフダ\n"


def test_the_process_of_the_desk_never_loads_the_engine() -> None:
    script = "import sys, appliance.assembly.box, appliance.assembly.voicing; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "drivers.voice.player" in loaded
    assert not [name for name in ("numpy", "pyopenjtalk", "pyttsx3", "pydantic") if f"'{name}'" in loaded]


def test_a_desk_without_a_voice_loads_nothing_of_it() -> None:
    script = "import sys, appliance.assembly.box; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "drivers.voice" not in loaded


def test_typed_words_sound_and_leave_no_file(tmp_path: Path) -> None:
    world, one = build_world(), config(tmp_path, voice="browser")
    voice = open_browser_voice(one, world.desk)
    voice.say("かぎの忘れものが あります。", delivery=Delivery(is_typed=True))
    assert soon(lambda: voice.has_sound(1))
    voice.close()
    assert not (tmp_path / "state").exists()


def test_the_reading_is_that_of_the_engine_with_the_words_of_the_house(tmp_path: Path) -> None:
    world = build_world()
    voice = open_browser_voice(config(tmp_path, voice="browser"), world.desk)
    assert voice.reading("3番の方、町役場へ どうぞ。") == "サンバンノカタ、チョーヤクバエドーゾ"
    with pytest.raises(UnspokenLanguage):
        voice.reading("Please wait.")
    voice.close()


def test_a_house_for_bad_ears_speaks_slower_lower_and_three_times(tmp_path: Path) -> None:
    usual, friendly = config(tmp_path), config(tmp_path, more="hearing_friendly = true")
    catalogue = load_catalogue()
    assert clips_of(friendly, catalogue).rate < clips_of(usual, catalogue).rate
    assert clips_of(friendly, catalogue).pitch < clips_of(usual, catalogue).pitch == 0
    assert (usual.voice.spoken_times, friendly.voice.spoken_times) == (1, 3)
    slow = config(tmp_path, more="speed = 70\nhearing_friendly = true")
    assert slow.voice.spoken_speed == 70


def test_a_sentence_of_another_language_in_a_pack_is_not_made(tmp_path: Path) -> None:
    catalogue = load_catalogue()
    phrases = dict(catalogue.phrases) | {"call_answered": "Somebody is coming."}
    texts = texts_of(replace(catalogue, phrases=phrases), load_calendar(), datetime(2026, 11, 20, 3, tzinfo=UTC))
    assert "Somebody is coming." not in texts
    assert phrases["call_raised"] in texts
