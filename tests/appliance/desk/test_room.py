"""What the room hears: once, once more on request, and a chime for whoever serves."""

import time
from collections.abc import Callable, Iterator

import pytest

from appliance.desk.bell import Bell
from appliance.desk.errors import DeviceError
from appliance.desk.facts.call import Call, CallSource
from appliance.desk.facts.staff import StaffRole
from appliance.desk.ports import Delivery, LampPattern, Urgency
from appliance.desk.room import Room
from drivers.voice.browser import BrowserVoice
from drivers.voice.manner import Manner
from tests.fakes import FakeVoice, FakeWorld, build_world

VOLUNTEER = StaffRole.PROMOTION_VOLUNTEER
CLEARLY = Delivery(clearly=True)


@pytest.fixture
def world() -> Iterator[FakeWorld]:
    world = build_world()
    world.desk.board.show(staff_present=1)
    world.open_room()
    yield world
    world.desk.room.stop()


@pytest.fixture
def bell(world: FakeWorld) -> Bell:
    return Bell(board=world.desk.board, clock=world.clock)


def press(world: FakeWorld, button: int = 1) -> Call:
    return world.desk.calls.pressed(button, source=CallSource.BUTTON)


def soon(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.002)
    return holds()


def test_what_was_said_last_is_said_once_more_and_clearly(world: FakeWorld) -> None:
    call = press(world)
    world.desk.calls.answer(call.id, by=VOLUNTEER)
    assert world.desk.room.say_again()
    assert soon(lambda: len(world.voice.said) == 3)
    answered = world.desk.catalogue.phrases["call_answered"]
    assert world.voice.said[1:] == [answered, answered]
    assert world.voice.deliveries[1:] == [(Urgency.ANSWER, Delivery()), (Urgency.ANSWER, CLEARLY)]


def test_where_nothing_was_said_there_is_nothing_to_say_again(world: FakeWorld) -> None:
    assert not world.desk.room.say_again()


def test_what_was_said_long_ago_is_not_said_again(world: FakeWorld) -> None:
    press(world)
    world.clock.advance(seconds=121)
    assert not world.desk.room.say_again()


def test_nobody_is_promised_again_once_everybody_has_gone(world: FakeWorld) -> None:
    press(world)
    world.desk.board.show(staff_present=0)
    world.desk.room.say_again()
    assert soon(lambda: len(world.voice.said) == 2)
    assert world.voice.said[1].startswith("いま、係が いません。")


def test_a_call_that_was_taken_back_is_not_spoken_of_again(world: FakeWorld) -> None:
    call = press(world)
    assert soon(lambda: len(world.voice.said) == 1)
    world.desk.calls.cancel(call.id, by=None)
    world.desk.room.say_again()
    world.desk.room.stop()
    assert len(world.voice.said) == 1


def test_hush_reaches_the_voice_and_leaves_nothing_to_repeat(world: FakeWorld) -> None:
    press(world)
    world.desk.room.hush()
    assert not world.desk.room.say_again()
    assert soon(lambda: world.voice.hushed == 1)


def test_before_the_voice_is_there_nothing_can_be_read() -> None:
    with pytest.raises(DeviceError):
        build_world().desk.room.reading("はい")


def test_an_unanswered_call_rings_once_more_after_eight_seconds(world: FakeWorld, bell: Bell) -> None:
    press(world)
    assert (bell.seconds_left(), bell.is_due()) == (8.0, False)
    world.clock.advance(seconds=8)
    assert (bell.seconds_left(), bell.is_due()) == (0.0, True)
    assert (bell.seconds_left(), bell.is_due()) == (None, False)


def test_an_answered_call_does_not(world: FakeWorld, bell: Bell) -> None:
    world.desk.calls.answer(press(world).id, by=VOLUNTEER)
    world.clock.advance(seconds=8)
    assert (bell.seconds_left(), bell.is_due()) == (None, False)


def test_nothing_rings_in_an_empty_hall(world: FakeWorld, bell: Bell) -> None:
    press(world)
    world.desk.board.show(staff_present=0)
    world.clock.advance(seconds=8)
    assert not bell.is_due()
    press(world, 2)
    world.clock.advance(seconds=8)
    assert not bell.is_due()


def test_a_chime_that_comes_too_late_does_not_come(world: FakeWorld, bell: Bell) -> None:
    press(world)
    world.clock.advance(seconds=15)
    assert (bell.seconds_left(), bell.is_due()) == (None, False)


def test_the_room_rings_by_itself(world: FakeWorld) -> None:
    press(world)
    assert soon(lambda: len(world.voice.said) == 1)
    world.clock.advance(seconds=8)
    world.desk.room.look()
    assert soon(lambda: world.voice.rung == 1)
    world.desk.room.look()
    world.desk.room.stop()
    assert world.voice.rung == 1


def test_a_lamp_flashes_with_the_voice_where_the_house_wants_it(world: FakeWorld) -> None:
    hall = build_world()
    hall.desk.room.start(lamps={1: hall.lamp}, voice=hall.voice, flashes=True)
    hall.desk.room.say("call_answered")
    assert soon(lambda: hall.lamp.pattern is LampPattern.SPEAKING)
    hall.clock.advance(seconds=3)
    hall.desk.room.look()
    assert soon(lambda: hall.lamp.pattern is LampPattern.OFF)
    hall.desk.room.stop()
    world.desk.room.say("call_answered")
    assert soon(lambda: world.voice.said != [])
    assert world.lamp.pattern is not LampPattern.SPEAKING


def test_a_phrase_in_another_language_is_marked_as_such_and_its_lack_is_japanese(world: FakeWorld) -> None:
    room = Room(
        board=world.desk.board,
        clock=world.clock,
        phrases={"a": "はい。", "b": "どうぞ。"},
        translations={"en": {"a": "Yes."}},
    )
    voice = FakeVoice()
    room.start(lamps={}, voice=voice)
    room.say("a", language="en")
    room.say("b", language="en")
    room.stop()
    assert voice.said == ["Yes.", "どうぞ。"]
    assert [how.language for _, how in voice.deliveries] == ["en", "ja"]


def test_a_translated_phrase_is_shown_and_never_spoken(world: FakeWorld) -> None:
    asked: list[str] = []

    def sound(sentence: str, _delivery: Delivery, _stop: Callable[[], bool]) -> bytes:
        asked.append(sentence)
        return b"x"

    voice = BrowserVoice(world.clock, sound=sound, manner=Manner(), reading=str)
    room = Room(board=world.desk.board, clock=world.clock, phrases={"a": "はい。"}, translations={"en": {"a": "Yes."}})
    room.start(lamps={}, voice=voice)
    room.say("a", language="en")
    room.say("a")
    assert soon(lambda: asked != [])
    room.stop()
    assert [one.sentence for one in voice.spoken()] == ["はい。", "Yes."]
    assert asked == ["はい。"]
