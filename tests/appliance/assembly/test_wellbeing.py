"""How a box tells of its parts, with fakes in the place of hardware."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from appliance.assembly.devices import Devices, WatchedLamp
from appliance.assembly.wellbeing import BoxParts
from appliance.config import Config, load_config
from appliance.desk.contact import ContactFault, ContactHealth, Signal
from appliance.desk.errors import DeviceError, PackError
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.card import CardKind, CardState, ReaderStatus
from appliance.desk.parts import Condition, Part
from appliance.desk.ports import LampPattern
from drivers.simulated import SimulatedLamp
from tests.fakes import BrokenLamp, FakeVoice, FakeWorld, build_world

CONFIG = """
[desk]
facility = "kominkan-chuo"
facility_name = "中央公民館"
[state]
directory = "."
[town]
keys = "town-keys.toml"
[devices]
buttons = "gpio"
lamps = "gpio"
voice = "open_jtalk"
card = "pcsc"
button_lines = {"1" = 17, "2" = 22}
lamp_lines = {"1" = 27, "2" = 23}
"""
WELL = ContactHealth(fault=None, down_at_start=False, pressed_ms_ago=None)


class FakeButtons:
    """Port `CallButtons` that are as they were told to be."""

    def __init__(self) -> None:
        self.now = {1: WELL, 2: WELL}

    def watch(self, on_signal: Callable[[int, Signal], None]) -> None:
        pass

    def health(self) -> Mapping[int, ContactHealth]:
        return self.now

    def close(self) -> None:
        pass


@dataclass(frozen=True, kw_only=True)
class Said:
    state: str
    reason: str = ""


@dataclass(kw_only=True)
class Equipped:
    """A desk with two buttons, two lamps and a voice, and what it tells of them."""

    world: FakeWorld
    config: Config
    parts: BoxParts
    buttons: FakeButtons = field(default_factory=FakeButtons)
    lamps: Mapping[int, WatchedLamp] = field(
        default_factory=lambda: {1: WatchedLamp(SimulatedLamp()), 2: WatchedLamp(BrokenLamp())}
    )
    present: list[Said] = field(default_factory=list)

    def now(self) -> dict[Condition, Part]:
        return {part.condition: part for part in self.parts.parts()}

    def written(self, name: str) -> object:
        return json.loads((self.config.state.directory / name).read_text())


@pytest.fixture
def unmade() -> list[int]:
    return [0]


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unmade: list[int]) -> Equipped:
    for name, found in (
        ("gpio_is_usable", True),
        ("has_player", True),
        ("sound_cards", ["USB Audio"]),
        ("modules_that_take_readers", ()),
    ):
        monkeypatch.setattr(f"appliance.assembly.wellbeing.{name}", lambda found=found: found)
    (tmp_path / "madoguchi.toml").write_text(CONFIG, encoding="utf-8")
    world, config = build_world(), load_config(tmp_path / "madoguchi.toml")
    parts = BoxParts(config, world.desk, unmade=lambda: unmade[0])
    box = Equipped(world=world, config=config, parts=parts)
    parts.devices_are(Devices(buttons=box.buttons, lamps=box.lamps, voice=world.voice))
    parts.voice_is(world.voice, lambda: box.present)
    return box


def test_a_box_that_is_well_names_every_part(box: Equipped) -> None:
    assert [part.condition for part in box.parts.parts()] == [
        *(Condition.CHIP_THERE, Condition.BUTTON_WELL, Condition.BUTTON_WELL, Condition.LAMP_WELL, Condition.LAMP_WELL),
        *(Condition.SOUND_CARD_THERE, Condition.VOICE_UNHEARD, Condition.SENTENCES_MADE, Condition.READER_WELL),
    ]
    assert [part.number for part in box.parts.parts() if part.is_button] == [1, 2]
    assert box.now()[Condition.SOUND_CARD_THERE].why == "USB Audio"


def test_a_part_says_since_when_it_is_as_it_is(box: Equipped) -> None:
    first = box.now()[Condition.CHIP_THERE].since
    box.world.clock.advance(minutes=5)
    assert box.now()[Condition.CHIP_THERE].since == first
    box.buttons.now = {1: WELL, 2: replace(WELL, fault=ContactFault.STUCK, is_down=True, pressed_ms_ago=5_000)}
    found = box.now()
    assert found[Condition.BUTTON_STUCK].since == box.world.clock.now()
    assert found[Condition.BUTTON_WELL].since == first
    assert (found[Condition.BUTTON_STUCK].is_down, found[Condition.BUTTON_STUCK].pressed_ms_ago) == (True, 5_000)


def test_since_when_is_known_though_nobody_has_looked(box: Equipped) -> None:
    box.parts.write()
    at = box.world.clock.now()
    box.world.clock.advance(hours=2)
    found = box.now()
    assert {found[one].since for one in (Condition.CHIP_THERE, Condition.BUTTON_WELL, Condition.SOUND_CARD_THERE)} == {
        at
    }


@pytest.mark.parametrize(
    ("name", "found", "condition"),
    [
        ("gpio_is_usable", False, Condition.CHIP_MISSING),
        ("has_player", False, Condition.PLAYER_MISSING),
        ("sound_cards", (), Condition.SOUND_CARD_MISSING),
    ],
)
def test_what_the_machine_lacks_is_told(
    box: Equipped, monkeypatch: pytest.MonkeyPatch, name: str, found: object, condition: Condition
) -> None:
    monkeypatch.setattr(f"appliance.assembly.wellbeing.{name}", lambda: found)
    assert condition in box.now()


def test_a_lamp_that_takes_no_command_is_broken_until_it_takes_one(box: Equipped) -> None:
    with pytest.raises(DeviceError):
        box.lamps[2].show(LampPattern.CALLING)
    assert box.now()[Condition.LAMP_BROKEN].number == 2
    box.lamps[1].show(LampPattern.CALLING)
    assert box.now()[Condition.LAMP_WELL].number == 1


def test_what_became_of_the_last_sentence_is_told_and_never_the_sentence(box: Equipped) -> None:
    box.present = [Said(state="queued"), Said(state="playing"), Said(state="said")]
    assert Condition.VOICE_PLAYING in box.now()
    box.present = [Said(state="queued")]
    assert Condition.VOICE_QUEUED in box.now()
    box.present = []
    box.parts.heard(Said(state="said"))
    assert Condition.VOICE_SAID in box.now()
    box.parts.heard(Said(state="dropped", reason="quiet"))
    assert box.now()[Condition.VOICE_HELD_BACK].why == "quiet"
    at = box.world.clock.now()
    box.parts.heard(Said(state="failed", reason="no such device"))
    failed = box.now()[Condition.VOICE_FAILED]
    assert (failed.why, failed.since) == ("no such device", at)
    told = {"state": "failed", "reason": "no such device", "at": f"{at.wall:%Y-%m-%dT%H:%MZ}"}
    assert box.written("voice.json") == told, "a fault is written at once"
    box.parts.heard(Said(state="dropped", reason="quiet"))
    assert Condition.VOICE_FAILED in box.now(), "until something sounds"
    box.parts.heard(Said(state="said"))
    assert Condition.VOICE_SAID in box.now()


def test_the_disk_is_written_only_where_there_is_something_new(box: Equipped) -> None:
    box.parts.write()
    assert box.written("buttons.json") == {
        number: {"fault": None, "down_at_start": False, "pressed_at": None} for number in ("1", "2")
    }
    assert not (box.config.state.directory / "voice.json").exists(), "nothing has been said yet"
    written = (box.config.state.directory / "buttons.json").stat()
    box.world.clock.advance(minutes=1)
    box.parts.write()
    assert (box.config.state.directory / "buttons.json").stat().st_mtime_ns == written.st_mtime_ns
    assert written.st_mode & 0o777 == 0o600
    box.buttons.now = {1: replace(WELL, pressed_ms_ago=60_000)}
    box.parts.write()
    told = box.written("buttons.json")
    assert isinstance(told, dict)
    assert told["1"]["pressed_at"] == f"{box.world.clock.now().wall:%Y-%m-%d}T03:00Z"


def test_whoever_plays_with_a_button_breaks_none(box: Equipped) -> None:
    box.buttons.now = {number: replace(WELL, fault=fault) for number, fault in enumerate(ContactFault, 1)}
    broken = [fault for number, fault in enumerate(ContactFault, 1) if number in box.parts.broken_buttons()]
    assert broken == [ContactFault.HELD_AT_START, ContactFault.STUCK, ContactFault.GONE]


def test_sentences_without_a_sound_are_counted(box: Equipped, unmade: list[int]) -> None:
    unmade[0] = 12
    assert box.now()[Condition.SENTENCES_UNMADE].number == 12


def test_packs_that_cannot_be_read_do_not_hide_the_other_parts(box: Equipped) -> None:
    def broken() -> int:
        raise PackError("phrases.toml")

    parts = BoxParts(box.config, box.world.desk, unmade=broken)
    found = {part.condition for part in parts.parts()}
    assert Condition.VOICE_UNHEARD in found
    assert not {Condition.SENTENCES_MADE, Condition.SENTENCES_UNMADE} & found, "and nothing is claimed of them"


def test_the_lamps_are_tried_but_not_beside_somebody_who_waits(box: Equipped) -> None:
    lamps = {1: WatchedLamp(SimulatedLamp()), 2: WatchedLamp(SimulatedLamp())}
    box.parts.devices_are(Devices(buttons=box.buttons, lamps=lamps, voice=box.world.voice))
    box.world.desk.calls.pressed(1, source=CallSource.BUTTON)
    box.parts.try_lamps()
    box.world.desk.room.start(lamps=lamps, voice=box.world.voice)
    box.world.desk.room.stop()
    assert box.world.desk.room is not None
    assert lamps[1].pattern is not LampPattern.ANSWERED
    assert lamps[2].pattern is LampPattern.ANSWERED


def test_the_voice_is_tried(box: Equipped) -> None:
    assert isinstance(box.world.voice, FakeVoice)
    box.parts.try_voice("本日の点検、音は 正常です。")
    assert box.world.voice.said == ["本日の点検、音は 正常です。"]
    with pytest.raises(DeviceError):
        BoxParts(box.config, box.world.desk, unmade=lambda: 0).try_voice("…")


def test_a_box_without_devices_says_that_it_has_none(box: Equipped) -> None:
    absent = replace(box.config.devices, buttons="absent", lamps="absent", voice="absent", card="absent")
    box.world.desk.cards.at_change.clear()
    box.world.cards.breaks(ReaderStatus.ABSENT)
    parts = BoxParts(replace(box.config, devices=absent), box.world.desk, unmade=lambda: 0)
    parts.write()
    assert {part.condition for part in parts.parts()} == {
        *(Condition.BUTTONS_ABSENT, Condition.LAMPS_ABSENT, Condition.VOICE_ABSENT, Condition.READER_ABSENT)
    }
    assert not (box.config.state.directory / "card.json").exists()


@pytest.mark.parametrize(
    ("status", "condition"),
    [
        (ReaderStatus.STARTING, Condition.READER_STARTING),
        (ReaderStatus.NO_READER, Condition.READER_MISSING),
        (ReaderStatus.NO_SERVICE, Condition.READER_SERVICE_MISSING),
        (ReaderStatus.NO_LIBRARY, Condition.READER_LIBRARY_MISSING),
    ],
)
def test_what_the_reader_lacks_is_told_and_written_at_once(
    box: Equipped, status: ReaderStatus, condition: Condition
) -> None:
    box.world.clock.advance(minutes=5)
    at = box.world.clock.now()
    box.world.cards.breaks(status)
    box.world.clock.advance(minutes=5)
    assert box.now()[condition].since == at, "though nobody looked"
    assert box.written("card.json") == {"reader": status, "since": f"{at.wall:%Y-%m-%dT%H:%MZ}"}


def test_one_reader_of_several_and_one_that_the_kernel_has_taken(
    box: Equipped, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.world.cards.show(CardState(reader=ReaderStatus.READY, readers=("first", "second")))
    several = box.now()[Condition.READERS_SEVERAL]
    assert (several.number, several.why) == (2, "first, second")
    monkeypatch.setattr("appliance.assembly.wellbeing.modules_that_take_readers", lambda: ["pn533"])
    assert Condition.READERS_SEVERAL in box.now(), "another one works"
    box.world.cards.breaks(ReaderStatus.NO_READER)
    assert Condition.READER_TAKEN in box.now()
    simulated = replace(box.config, devices=replace(box.config.devices, card="simulated"))
    parts = BoxParts(simulated, box.world.desk, unmade=lambda: 0)
    assert parts.parts()[-1].condition is Condition.READER_SIMULATED


def test_of_a_card_nothing_is_written(box: Equipped) -> None:
    box.parts.write()
    written = box.config.state.directory / "card.json"
    before = written.read_bytes(), written.stat().st_mtime_ns
    box.world.clock.advance(minutes=5)
    box.world.cards.put(CardKind.MY_NUMBER)
    box.parts.write()
    box.world.cards.lift()
    assert (written.read_bytes(), written.stat().st_mtime_ns) == before
    assert Condition.READER_WELL in box.now()
