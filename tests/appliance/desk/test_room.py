import time
from collections.abc import Callable, Iterator

import pytest

from appliance.desk.facts.call import CallSource
from appliance.desk.ports import LampPattern, Urgency
from appliance.desk.room import Room
from tests.fakes import FakeVoice, FakeWorld, build_world

SOON_SECONDS = 3.0


class Seen:
    """What the room did, in its order: a lamp and a voice that keep one list."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def show(self, pattern: LampPattern) -> None:
        self.done.append(pattern.value)

    def say(self, sentence: str, *, urgency: Urgency = Urgency.CALL) -> None:
        self.done.append(sentence)

    def close(self) -> None:
        pass

    def holds(self, *done: str) -> bool:
        return _soon(lambda: self.done == list(done))


def _soon(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + SOON_SECONDS
    while not holds() and time.monotonic() < until:
        time.sleep(0.002)
    return holds()


@pytest.fixture
def world() -> FakeWorld:
    return build_world()


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def room(world: FakeWorld, seen: Seen) -> Iterator[Room]:
    room = Room(board=world.desk.board, clock=world.clock, phrases={"thanks": "ありがとう"})
    room.start(lamps={1: seen}, voice=seen)
    assert seen.holds(LampPattern.OFF.value)
    seen.done.clear()
    yield room
    room.stop()


def test_light_comes_before_words(room: Room, world: FakeWorld, seen: Seen) -> None:
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    room.look_and_speak(lambda: "はい")
    assert seen.holds(LampPattern.UNATTENDED.value, "はい")


def test_of_a_burst_everything_is_said_in_its_order(room: Room, seen: Seen) -> None:
    room.look_and_speak(lambda: "一")
    room.look_and_speak(lambda: "二")
    room.look()
    room.say("thanks")
    assert seen.holds("一", "二", "ありがとう")


def test_what_is_still_to_be_said_is_said_at_the_end(world: FakeWorld) -> None:
    voice = FakeVoice()
    room = Room(board=world.desk.board, clock=world.clock, phrases={})
    room.start(lamps={}, voice=voice)
    room.look_and_speak(lambda: "はい")
    room.stop()
    assert voice.said == ["はい"]


def test_words_that_cannot_be_put_together_end_nothing(room: Room, seen: Seen) -> None:
    def broken() -> str:
        raise ZeroDivisionError

    room.look_and_speak(broken)
    room.look_and_speak(lambda: "はい")
    assert seen.holds("はい")
    assert not room.is_stuck(after=1.0)
