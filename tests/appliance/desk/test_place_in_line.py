"""Position and wait: said where somebody knows them, and only then."""

import time
from datetime import timedelta
from uuid import UUID

import pytest

from appliance.desk.facts.call import Call, CallSource
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.staff import StaffRole
from appliance.desk.place_in_line import minutes_to_wait, people_ahead
from tests.fakes import FakeWorld, build_world

VOLUNTEER = StaffRole.PROMOTION_VOLUNTEER
ENTRY = ConsultationEntry(topics=("phone",), age_band="75to84", outcome="resolved")
PROMISE = "はい。係が まいります。そのまま お待ちください。"


@pytest.fixture
def world() -> FakeWorld:
    world = build_world()
    world.desk.board.show(staff_present=1)
    return world


def press(world: FakeWorld, button: int) -> Call:
    return world.desk.calls.pressed(button, source=CallSource.BUTTON)


def serve(world: FakeWorld, minutes: float, times: int = 1) -> None:
    """So many visits of that length begin and end."""
    for _ in range(times):
        visit = world.desk.consultations.walk_in()
        world.clock.advance(seconds=60 * minutes)
        end(world, visit.id)


def end(world: FakeWorld, visit: UUID) -> None:
    world.desk.consultations.log(ENTRY, by=VOLUNTEER, visit=visit)


def wait(world: FakeWorld, ahead: int) -> int | None:
    return minutes_to_wait(world.desk.board.snapshot, ahead, world.clock.now())


def said(world: FakeWorld) -> list[str]:
    world.open_room()
    world.desk.room.stop()
    return world.voice.said


def test_the_others_before_her_are_counted_and_not_she_herself(world: FakeWorld) -> None:
    calls = [press(world, button) for button in (1, 2, 3)]
    assert [people_ahead(world.desk.board.snapshot, call.id) for call in calls] == [0, 1, 2]
    world.desk.calls.cancel(calls[0].id, by=None)
    assert people_ahead(world.desk.board.snapshot, calls[2].id) == 1


def test_a_call_that_nobody_heard_stands_in_no_line(world: FakeWorld) -> None:
    world.desk.board.show(staff_present=0)
    press(world, 1)
    world.desk.board.show(staff_present=1)
    assert people_ahead(world.desk.board.snapshot, press(world, 2).id) == 0


def test_before_three_visits_have_ended_nobody_knows_how_long_it_takes(world: FakeWorld) -> None:
    serve(world, 10, times=2)
    assert wait(world, ahead=3) is None
    serve(world, 10)
    assert wait(world, ahead=3) == 30


def test_visits_of_this_morning_say_nothing_about_the_afternoon(world: FakeWorld) -> None:
    serve(world, 10, times=3)
    world.clock.advance(hours=2, seconds=1)
    assert wait(world, ahead=1) is None


def test_visits_that_nobody_timed_tell_nothing(world: FakeWorld) -> None:
    for _ in range(3):
        world.desk.consultations.log(ENTRY, by=VOLUNTEER)
    assert wait(world, ahead=1) is None


def test_where_somebody_is_free_no_wait_is_told(world: FakeWorld) -> None:
    serve(world, 10, times=3)
    assert wait(world, ahead=0) is None
    world.desk.consultations.walk_in()
    assert wait(world, ahead=0) == 5


@pytest.mark.parametrize(("staff", "ahead", "minutes"), [(1, 1, 20), (2, 1, 10), (2, 2, 20), (1, 4, 60), (1, 5, None)])
def test_the_wait_is_rounded_up_to_fives_and_never_told_beyond_an_hour(
    world: FakeWorld, staff: int, ahead: int, minutes: int | None
) -> None:
    serve(world, 13, times=3)
    world.desk.consultations.walk_in()
    world.desk.board.show(staff_present=staff)
    assert wait(world, ahead) == minutes


def test_one_long_visit_does_not_frighten_everybody(world: FakeWorld) -> None:
    serve(world, 5, times=3)
    serve(world, 90)
    assert wait(world, ahead=2) == 10


def test_she_hears_how_many_wait_before_her_and_about_how_long(world: FakeWorld) -> None:
    serve(world, 5, times=3)
    press(world, 1)
    press(world, 2)
    press(world, 3)
    assert said(world)[-1] == f"{PROMISE}いま、まえに 2人 お待ちです。およそ 10分 お待ちください。"


def test_a_second_press_tells_her_where_she_stands_by_now(world: FakeWorld) -> None:
    world.open_room()
    first, _ = press(world, 1), press(world, 2)
    end = time.monotonic() + 5
    while len(world.voice.said) < 2 and time.monotonic() < end:
        time.sleep(0.002)
    world.desk.calls.answer(first.id, by=VOLUNTEER)
    world.clock.advance(seconds=30)
    press(world, 2)
    world.desk.room.stop()
    assert world.voice.said[1] == f"{PROMISE}いま、まえに 1人 お待ちです。"
    assert world.voice.said[-1] == PROMISE


def test_more_than_twenty_are_not_counted_out_loud(world: FakeWorld) -> None:
    for button in range(1, 23):
        press(world, button)
    sentences = said(world)
    assert sentences[20].endswith("20人 お待ちです。")
    assert sentences[21] == PROMISE


def test_a_pack_without_these_phrases_says_what_it_always_said(world: FakeWorld) -> None:
    phrases = {"call_raised": PROMISE, "call_unattended": "いま、係が いません。"}
    attendance = type(world.desk.attendance)(
        board=world.desk.board,
        calendar=world.desk.attendance._calendar,  # noqa: SLF001 (the same days)
        clock=world.clock,
        phrases=phrases,
    )
    press(world, 1)
    assert attendance.promise(press(world, 2)) == PROMISE


def test_a_visit_is_forgotten_once_eight_newer_ones_have_ended(world: FakeWorld) -> None:
    serve(world, 1, times=11)
    assert len(world.desk.board.snapshot.floor.served) == 8
    ended = [visit.ended.wall for visit in world.desk.board.snapshot.floor.served if visit.ended]
    assert ended == sorted(ended)
    assert world.clock.now().wall - ended[0] < timedelta(minutes=8)
