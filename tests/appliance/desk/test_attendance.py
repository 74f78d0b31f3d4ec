"""Calls that nobody is there to hear, and the words for them."""

from dataclasses import replace

import pytest

from appliance.desk.errors import CallAlreadyClosed
from appliance.desk.facts.calendar import Calendar, Hours
from appliance.desk.facts.call import Call, CallClosed, CallSource, CallState
from appliance.desk.facts.moment import ClockQuality
from appliance.desk.facts.staff import StaffRole
from appliance.desk.lamps import lamp_pattern
from appliance.desk.ports import LampPattern
from tests.fakes import FakeClock, FakeSealer, FakeWorld, build_world

VOLUNTEER = StaffRole.PROMOTION_VOLUNTEER
TWO_AFTERNOONS = tuple((Hours(opens=780, closes=960),) if day in {1, 4} else () for day in range(7))
"""Tuesdays and Fridays, 13:00-16:00; the clock of the fakes stands at 12:00 on Friday 20 November 2026."""


class NoHolidays:
    """Port `Holidays` of a year of work."""

    def is_holiday(self, day: object) -> bool:
        return False


@pytest.fixture
def world() -> FakeWorld:
    world = build_world(calendar=Calendar(weekly=TWO_AFTERNOONS, holidays=NoHolidays()))
    world.open_room()
    return world


def press(world: FakeWorld, button: int = 1) -> Call:
    return world.desk.calls.pressed(button, source=CallSource.BUTTON)


def said(world: FakeWorld) -> list[str]:
    world.desk.room.stop()
    return world.voice.said


def closings(world: FakeWorld) -> list[CallClosed]:
    assert isinstance(world.sealer, FakeSealer)
    return [fact for fact in world.sealer.sealed if isinstance(fact, CallClosed)]


def test_whoever_presses_while_nobody_is_there_hears_when_somebody_will_be(world: FakeWorld) -> None:
    assert not press(world).attended
    assert said(world) == [
        "いま、係が いません。つぎは 11月20日、金曜日、13時からです。おいそぎの方は カウンターへ どうぞ。"
    ]


def test_outside_the_hours_nobody_comes_even_with_somebody_signed_in(world: FakeWorld) -> None:
    world.desk.board.show(staff_present=1)
    assert not press(world).attended
    world.clock.advance(hours=1)
    assert press(world, 2).attended
    world.clock.advance(hours=3)
    assert not press(world, 3).attended


def test_a_clock_nobody_vouches_for_sends_nobody_away_and_names_no_day(world: FakeWorld) -> None:
    world.clock.moment = replace(world.clock.moment, quality=ClockQuality.UNKNOWN)
    press(world)
    world.desk.board.show(staff_present=1)
    assert press(world, 2).attended
    assert said(world) == [
        "いま、係が いません。おいそぎの方は カウンターへ どうぞ。",
        "はい。係が まいります。そのまま お待ちください。",
    ]


def test_a_pack_may_leave_the_counter_out() -> None:
    world = build_world(calendar=Calendar(weekly=TWO_AFTERNOONS, holidays=NoHolidays()))
    phrases = {"call_unattended": "いま、係が いません。"}
    attendance = type(world.desk.attendance)(
        board=world.desk.board,
        calendar=Calendar(weekly=((),) * 7, holidays=NoHolidays()),
        clock=world.clock,
        phrases=phrases,
    )
    assert attendance.absence(world.clock.now()) == "いま、係が いません。"


def test_no_visitor_is_promised_somebody_who_is_not_there(world: FakeWorld) -> None:
    world.clock.advance(hours=1)
    world.desk.board.show(staff_present=1)
    press(world)
    world.desk.board.show(staff_present=0)
    press(world)  # the same visitor again, and her first call still stands
    press(world, 2)
    promised, *others = said(world)
    assert "まいります" in promised
    assert len(others) == 2
    assert not any("まいります" in sentence for sentence in others)


def test_an_unattended_call_waits_on_the_board_for_whoever_arrives(world: FakeWorld) -> None:
    call = press(world)
    assert lamp_pattern(world.desk.board.snapshot, 1, world.clock.now()) is LampPattern.UNATTENDED
    world.clock.advance(minutes=2, seconds=59)
    world.desk.calls.expire_old()
    assert list(world.desk.board.snapshot.floor.calls) == [call]
    answered = world.desk.calls.answer(call.id, by=VOLUNTEER)
    assert (answered.state, answered.attended) == (CallState.ANSWERED, False)
    assert world.desk.board.snapshot.floor.visits[0].waiting_seconds is None


def test_it_leaves_the_board_by_itself_and_out_of_the_waiting_times(world: FakeWorld) -> None:
    call = press(world)
    world.clock.advance(minutes=3)
    world.desk.calls.expire_old()
    assert world.desk.board.snapshot.floor.calls == ()
    assert lamp_pattern(world.desk.board.snapshot, 1, world.clock.now()) is LampPattern.OFF
    (closing,) = closings(world)
    assert (closing.call, closing.state, closing.attended) == (call.id, CallState.UNATTENDED, False)
    with pytest.raises(CallAlreadyClosed):
        world.desk.calls.answer(call.id, by=VOLUNTEER)
    sheet = world.desk.opening.sheet(world.clock.now().wall.date())
    assert (sheet.calls, sheet.calls_unattended, sheet.waiting.n) == (1, 1, 0)


def test_an_attended_call_is_not_cut_short_by_that(world: FakeWorld) -> None:
    world.clock.advance(hours=1)
    world.desk.board.show(staff_present=1)
    press(world)
    world.clock.advance(minutes=59)
    world.desk.calls.expire_old()
    assert len(world.desk.board.snapshot.floor.calls) == 1


def test_pressing_again_while_nobody_is_there_raises_no_second_call(world: FakeWorld) -> None:
    assert press(world).id == press(world).id


def test_pressing_again_once_somebody_is_there_is_a_call_to_be_heard(world: FakeWorld) -> None:
    first = press(world)
    world.clock.advance(hours=1)
    world.desk.board.show(staff_present=1)
    second = press(world)
    assert second.id != first.id
    assert second.attended
    assert lamp_pattern(world.desk.board.snapshot, 1, world.clock.now()) is LampPattern.CALLING


def test_a_call_left_over_from_before_a_reboot_leaves_too() -> None:
    clock = FakeClock()
    world = build_world(clock=clock)
    press(world)
    clock.reboot(minutes=30)
    world.desk.calls.expire_old()
    assert world.desk.board.snapshot.floor.calls == ()
    assert not closings(world)[0].honest
