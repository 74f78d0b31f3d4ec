"""What staff may have the voice say, and what never."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from appliance.desk.errors import DeviceError, Invalid, UnspokenLanguage
from appliance.desk.guard import ForbiddenText
from appliance.desk.ports import Delivery, Urgency
from appliance.desk.reception.announcements import AnnouncementDesk, NoEmergencyPhrase, PinInText
from tests.fakes import FakeWorld, build_world

TYPED = Delivery(is_typed=True)


@pytest.fixture
def world() -> Iterator[FakeWorld]:
    world = build_world()
    world.open_room()
    yield world
    world.desk.room.stop()


def said(world: FakeWorld) -> list[tuple[str, Urgency, Delivery]]:
    end = time.monotonic() + 5
    while not world.voice.said and time.monotonic() < end:
        time.sleep(0.002)
    return [(text, *how) for text, how in zip(world.voice.said, world.voice.deliveries, strict=True)]


def test_a_text_is_read_before_it_is_said_and_said_as_it_was_written(world: FakeWorld) -> None:
    preview = world.desk.announcements.preview(" かぎの忘れものが\nあります。 ")
    assert (preview.text, preview.kana) == ("かぎの忘れものが あります。", "カナ（かぎの忘れものが あります。）")
    assert world.voice.said == []
    world.desk.announcements.say(preview.text)
    assert said(world) == [(preview.text, Urgency.INFORMATION, TYPED)]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", Invalid),
        (" \n ", Invalid),
        ("あ" * 81, Invalid),
        ("番号は 1234 5678 9018 です", ForbiddenText),
        ("暗証番号は 1234 です", PinInText),
    ],
)
def test_what_must_not_be_said_aloud_is_refused_twice(world: FakeWorld, text: str, error: type[Invalid]) -> None:
    for refuse in (world.desk.announcements.preview, world.desk.announcements.say):
        with pytest.raises(error) as refused:
            refuse(text)
        assert text.strip() == "" or text not in str(refused.value)
    world.desk.room.stop()
    assert world.voice.said == []


def test_eighty_characters_are_enough_and_not_too_many(world: FakeWorld) -> None:
    world.desk.announcements.say("あ" * 80)
    assert said(world)[0][0] == "あ" * 80


def test_another_language_has_no_reading(world: FakeWorld) -> None:
    with pytest.raises(UnspokenLanguage):
        world.desk.announcements.preview("Hello")


def test_a_box_whose_voice_is_not_there_yet_says_so() -> None:
    with pytest.raises(DeviceError):
        build_world().desk.announcements.preview("はい")


def test_the_alarm_is_an_emergency(world: FakeWorld) -> None:
    world.desk.announcements.sound_alarm()
    assert said(world) == [("火事です。係の案内に したがってください。", Urgency.EMERGENCY, Delivery())]


def test_a_typed_text_that_is_said_again_stays_typed(world: FakeWorld) -> None:
    world.desk.announcements.say("はい。")
    world.desk.room.say_again()
    world.desk.room.stop()
    assert [how for _, *how in said(world)][1] == [Urgency.INFORMATION, replace(TYPED, clearly=True)]


def test_a_pack_without_an_alarm_has_none(world: FakeWorld) -> None:
    announcements = AnnouncementDesk(room=world.desk.room, phrases={})
    assert announcements.emergency_phrase == ""
    with pytest.raises(NoEmergencyPhrase):
        announcements.sound_alarm()
