import pytest

from appliance.desk.errors import DeviceError
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.staff import StaffRole
from appliance.desk.lamps import Lamps
from appliance.desk.ports import Lamp, LampPattern
from drivers.simulated import SimulatedLamp
from tests.fakes import BrokenLamp, FakeWorld, a_member, build_world


@pytest.fixture
def world() -> FakeWorld:
    return build_world()


@pytest.fixture
def lamp() -> SimulatedLamp:
    return SimulatedLamp()


def lamps_of(world: FakeWorld, lamps: dict[int, Lamp]) -> Lamps:
    them = Lamps(board=world.desk.board, clock=world.clock)
    them.are(lamps)
    return them


def somebody_is_there(world: FakeWorld) -> None:
    world.desk.presence.arrive("somebody", a_member("somebody"), now=world.clock.now())


@pytest.mark.parametrize(
    ("seconds", "shown", "left"),
    [
        (0, LampPattern.CALLING, 60.0),
        (59, LampPattern.CALLING, 1.0),
        (60, LampPattern.CALLING_LONG, 120.0),
        (180, LampPattern.CALLING_VERY_LONG, None),
    ],
)
def test_a_call_that_waits_is_shown_more_and_more_urgently(
    world: FakeWorld, lamp: SimulatedLamp, seconds: int, shown: LampPattern, left: float | None
) -> None:
    somebody_is_there(world)
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    world.clock.advance(seconds=seconds)
    lamps = lamps_of(world, {1: lamp})
    lamps.follow()
    assert lamp.pattern is shown
    assert lamps.seconds_left() == left


def test_an_answer_is_shown_for_five_seconds(world: FakeWorld, lamp: SimulatedLamp) -> None:
    lamps = lamps_of(world, {1: lamp})
    lamps.answered(1)
    lamps.follow()
    assert [lamp.pattern] == [LampPattern.ANSWERED]
    assert lamps.seconds_left() == 5.0
    world.clock.advance(seconds=5)
    lamps.follow()
    assert [lamp.pattern] == [LampPattern.OFF]
    assert lamps.seconds_left() is None


def test_a_fault_is_shown_where_nobody_waits_and_a_call_where_somebody_does(
    world: FakeWorld, lamp: SimulatedLamp
) -> None:
    lamps = lamps_of(world, {1: lamp})
    lamps.faulty_are({1})
    lamps.follow()
    assert [lamp.pattern] == [LampPattern.FAULT]
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    lamps.follow()
    assert [lamp.pattern] == [LampPattern.UNATTENDED]


def test_a_broken_lamp_leaves_the_others_alone(world: FakeWorld, lamp: SimulatedLamp) -> None:
    lamps = lamps_of(world, {1: BrokenLamp(), 2: lamp})
    lamps.answered(2)
    with pytest.raises(DeviceError):
        lamps.follow()
    assert [lamp.pattern] == [LampPattern.ANSWERED]


def test_a_wish_to_cancel_is_shown_and_ends_nothing(world: FakeWorld) -> None:
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    other = world.desk.calls.pressed(2, source=CallSource.BUTTON)
    world.desk.calls.wish_to_cancel(1)
    snapshot = world.desk.board.snapshot
    assert snapshot.wishes == {call.id}
    assert [one.id for one in snapshot.floor.calls] == [call.id, other.id]
    world.desk.calls.cancel(call.id, by=StaffRole.PROMOTION_VOLUNTEER)
    assert not world.desk.board.snapshot.wishes


def test_a_wish_where_nobody_calls_is_none(world: FakeWorld) -> None:
    before = world.desk.board.snapshot
    world.desk.calls.wish_to_cancel(1)
    assert world.desk.board.snapshot is before
