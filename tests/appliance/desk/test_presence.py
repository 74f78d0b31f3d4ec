"""Who is here, by what is seen of their screens: nobody is promised to a visitor who has gone home without a word."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from appliance.desk.board import Board
from appliance.desk.errors import StorageFull
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.security import SecurityEvent, SecurityMatter
from appliance.desk.facts.shift import Shift
from appliance.desk.facts.staff import StaffMember
from appliance.desk.lamps import lamp_pattern
from appliance.desk.ports import LampPattern
from appliance.desk.presence import Presence
from appliance.desk.reception.staffing import Browser
from tests.fakes import (
    FACILITY_STAFF_PIN,
    PIN,
    FakeClock,
    FakeSealer,
    FakeStorage,
    FakeWorld,
    FakeWriting,
    a_member,
    build_world,
)

HERE = Browser(sign_in="here", place="screen")
TABLET = Browser(sign_in="tablet", place="lan")


class CountingStorage(FakeStorage):
    """Counts the transactions that changed anything."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0

    @contextmanager
    def writing(self) -> Iterator[FakeWriting]:
        before = self.tables
        with super().writing() as writing:
            yield writing
        self.written += self.tables != before


@pytest.fixture
def storage() -> CountingStorage:
    return CountingStorage()


@pytest.fixture
def world(storage: CountingStorage) -> FakeWorld:
    return build_world(storage=storage)


def sign_in(world: FakeWorld, browser: Browser = HERE, pin: str = PIN, number: int = 1) -> StaffMember:
    return world.desk.staff.sign_in(pin, browser=browser, number=number)


def look(world: FakeWorld, **after: float) -> int:
    """How many people are here when housekeeping looks after that time."""
    world.clock.advance(**after)
    world.desk.staff.fade()
    return world.desk.board.snapshot.staff_present


def shifts(world: FakeWorld) -> list[Shift]:
    assert isinstance(world.sealer, FakeSealer)
    return [fact for fact in world.sealer.sealed if isinstance(fact, Shift)]


def sign_outs(world: FakeWorld) -> list[SecurityEvent]:
    assert isinstance(world.sealer, FakeSealer)
    events = [fact for fact in world.sealer.sealed if isinstance(fact, SecurityEvent)]
    return [event for event in events if event.matter is SecurityMatter.SIGNED_OUT]


# -------------------------------------------------------------------------------------------------------------- fading


def test_whoever_closed_the_browser_and_went_home_is_promised_to_nobody(world: FakeWorld) -> None:
    world.open_room()
    sign_in(world)
    assert look(world, minutes=4, seconds=59) == 1
    assert world.desk.calls.pressed(1, source=CallSource.BUTTON).attended
    assert look(world, seconds=1) == 0
    call = world.desk.calls.pressed(2, source=CallSource.BUTTON)
    assert not call.attended
    assert lamp_pattern(world.desk.board.snapshot, 2, world.clock.now()) is LampPattern.UNATTENDED
    world.desk.room.stop()
    promised, absence = world.voice.said
    assert "まいります" in promised
    assert "まいります" not in absence
    assert "いま、係が いません" in absence


def test_the_lamp_of_whoever_was_promised_help_says_when_nobody_is_left(world: FakeWorld) -> None:
    sign_in(world)
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    assert lamp_pattern(world.desk.board.snapshot, 1, world.clock.now()) is LampPattern.CALLING
    look(world, minutes=5)
    assert lamp_pattern(world.desk.board.snapshot, 1, world.clock.now()) is LampPattern.UNATTENDED
    world.desk.staff.working(HERE.sign_in)
    assert lamp_pattern(world.desk.board.snapshot, 1, world.clock.now()) is LampPattern.CALLING_VERY_LONG


def test_a_screen_that_is_on_keeps_somebody_here_for_hours(world: FakeWorld) -> None:
    sign_in(world)
    for _ in range(3 * 60 * 60 // 8):
        world.clock.advance(seconds=8)
        world.desk.staff.seen(HERE.sign_in)
    assert look(world) == 1
    assert world.desk.staff.working(HERE.sign_in) is None, "to act she types the PIN again"
    assert look(world, minutes=5) == 0


def test_a_touch_within_half_an_hour_brings_somebody_back_without_a_pin(world: FakeWorld) -> None:
    member = sign_in(world)
    assert look(world, minutes=29, seconds=59) == 0
    here = world.desk.staff.working(HERE.sign_in)
    assert here is not None
    assert here.id == member.id
    assert world.desk.board.snapshot.staff_present == 1
    assert world.desk.calls.pressed(1, source=CallSource.BUTTON).attended


def test_after_half_an_hour_a_touch_brings_nobody_back_but_the_pin_does(world: FakeWorld) -> None:
    sign_in(world)
    assert look(world, minutes=30) == 0
    assert world.desk.staff.working(HERE.sign_in) is None
    assert look(world) == 0
    sign_in(world)
    assert look(world) == 1


def test_a_tablet_that_wakes_up_and_listens_again_brings_somebody_back(world: FakeWorld) -> None:
    sign_in(world, TABLET)
    assert look(world, minutes=12) == 0
    assert world.desk.staff.watching(TABLET.sign_in) is not None
    world.desk.staff.seen(TABLET.sign_in)
    assert world.desk.board.snapshot.staff_present == 1


def test_one_of_two_browsers_is_enough(world: FakeWorld) -> None:
    sign_in(world)
    sign_in(world, TABLET)
    world.clock.advance(minutes=4)
    world.desk.staff.seen(TABLET.sign_in)
    assert look(world, minutes=4) == 1
    assert look(world, minutes=1) == 0


def test_each_person_fades_alone(world: FakeWorld) -> None:
    sign_in(world)
    sign_in(world, TABLET, FACILITY_STAFF_PIN, 2)
    world.clock.advance(minutes=3)
    world.desk.staff.seen(TABLET.sign_in)
    assert look(world, minutes=2) == 1
    assert world.desk.board.snapshot.attended


def test_a_screen_of_nobody_gives_nobodys_sign_of_life(world: FakeWorld) -> None:
    sign_in(world)
    world.desk.staff.sign_out(HERE.sign_in)
    world.desk.staff.seen(HERE.sign_in)
    world.desk.staff.seen("never here")
    assert look(world) == 0


def test_how_long_may_be_set() -> None:
    clock, board = FakeClock(), Board(lambda: 0)
    presence = Presence(board, away_after=timedelta(minutes=12))
    presence.arrive("one", a_member(), now=clock.now())
    clock.advance(minutes=11, seconds=59)
    presence.fade(clock.now())
    assert board.snapshot.staff_present == 1
    clock.advance(seconds=1)
    presence.fade(clock.now())
    assert board.snapshot.staff_present == 0


def test_a_jump_of_the_wall_clock_sends_nobody_away(world: FakeWorld) -> None:
    sign_in(world)
    world.clock.moment = replace(world.clock.moment, wall=world.clock.moment.wall + timedelta(days=400))
    assert look(world) == 1


def test_looking_writes_nothing_and_needs_no_disk(world: FakeWorld, storage: CountingStorage) -> None:
    sign_in(world)
    written = storage.written
    for _ in range(40):
        world.desk.staff.seen(HERE.sign_in)
        assert look(world, seconds=15) == 1
    storage.full = True
    assert look(world, minutes=5) == 0
    assert storage.written == written


# ------------------------------------------------------------------------------------------------- what a stay comes to


def test_a_shift_ends_with_the_last_sign_of_life_when_others_close(world: FakeWorld) -> None:
    sign_in(world, TABLET)
    world.clock.advance(minutes=90)
    world.desk.staff.seen(TABLET.sign_in)
    assert look(world, minutes=10) == 0
    world.desk.opening.close()
    (shift,) = shifts(world)
    assert (shift.minutes, shift.honest) == (90, True)


def test_who_comes_back_and_signs_out_was_there_until_then(world: FakeWorld) -> None:
    sign_in(world)
    assert look(world, minutes=20) == 0
    world.desk.staff.sign_out(HERE.sign_in)
    (shift,) = shifts(world)
    assert shift.minutes == 20


def test_after_half_an_hour_of_silence_a_stay_is_over(world: FakeWorld) -> None:
    member = sign_in(world, TABLET)
    world.clock.advance(minutes=50)
    world.desk.staff.seen(TABLET.sign_in)
    last = world.clock.now()
    look(world, minutes=29, seconds=59)
    world.desk.staff.keep_stays()
    assert shifts(world) == []
    look(world, seconds=1)
    world.desk.staff.keep_stays()
    world.desk.staff.keep_stays()
    (shift,), (event,) = shifts(world), sign_outs(world)
    assert (shift.minutes, shift.honest, shift.at) == (50, True, last)
    assert (event.by, event.about, event.place) == (None, member.id, "lan")
    assert not world.desk.presence.is_here(TABLET.sign_in)


def test_the_next_day_is_another_stay(world: FakeWorld) -> None:
    sign_in(world)
    look(world, hours=20)
    world.desk.staff.keep_stays()
    sign_in(world)
    world.clock.advance(minutes=60)
    world.desk.staff.sign_out(HERE.sign_in)
    assert [shift.minutes for shift in shifts(world)] == [0, 60]


def test_the_end_of_a_long_silence_waits_for_room_on_the_disk(world: FakeWorld, storage: CountingStorage) -> None:
    sign_in(world)
    look(world, minutes=31)
    storage.full = True
    with pytest.raises(StorageFull):
        world.desk.staff.keep_stays()
    storage.full = False
    world.desk.staff.keep_stays()
    assert len(storage.tables.stays) == 0
    assert [shift.id for shift in shifts(world)][-1] in storage.tables.records
    assert world.desk.board.snapshot.staff_present == 0


# ---------------------------------------------------------------------------------------------------------- signing out


def test_every_browser_is_signed_out_on_record_when_the_desk_closes_or_stops(world: FakeWorld) -> None:
    volunteer = sign_in(world)
    sign_in(world, TABLET)
    facility = sign_in(world, Browser(sign_in="third", place="lan"), FACILITY_STAFF_PIN, 2)
    world.desk.staff.everybody_leaves()
    told = [(event.about, event.place, event.by) for event in sign_outs(world)]
    assert told == [(volunteer.id, "screen", None), (volunteer.id, "lan", None), (facility.id, "lan", None)]
    assert len(shifts(world)) == 2


def test_a_browser_locked_by_somebody_else_is_signed_out_on_record_once(world: FakeWorld) -> None:
    volunteer = sign_in(world, TABLET)
    by = sign_in(world, HERE, FACILITY_STAFF_PIN, 2)
    world.desk.roster.reset_pin(volunteer.id, by=by, place="screen")
    world.desk.staff.sign_out(TABLET.sign_in)
    (event,) = sign_outs(world)
    assert (event.about, event.place, event.by) == (volunteer.id, "lan", by.id)
    assert len(shifts(world)) == 1
