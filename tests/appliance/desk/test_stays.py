"""A power cut loses no shift: what is needed for it stands on the disk from the sign-in on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.desk.errors import StorageFailed
from appliance.desk.facts.security import SecurityEvent, SecurityMatter
from appliance.desk.facts.shift import Shift
from appliance.desk.facts.staff import StaffMember, StaffRole
from appliance.desk.ports import Storage
from appliance.desk.reception.staffing import Browser
from appliance.store.store import Store
from tests.fakes import FACILITY_STAFF_PIN, PIN, FakeSealer, FakeStorage, FakeWorld, FakeWriting, build_world

HERE = Browser(sign_in="here", place="screen")
TABLET = Browser(sign_in="tablet", place="lan")


@pytest.fixture(params=["fake", "real"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return FakeStorage() if request.param == "fake" else Store(tmp_path / "desk.db")


def sign_in(world: FakeWorld, browser: Browser = HERE, pin: str = PIN, number: int = 1) -> StaffMember:
    return world.desk.staff.sign_in(pin, browser=browser, number=number)


def tick(world: FakeWorld, **after: float) -> None:
    """What housekeeping does after that time, with the screen on."""
    world.clock.advance(**after)
    world.desk.staff.seen(HERE.sign_in)
    world.desk.staff.keep_stays()


def after_a_power_cut(world: FakeWorld, **off: float) -> FakeWorld:
    """The same database in a new process; nothing was ended."""
    world.clock.reboot(**off)
    return build_world(storage=world.storage, clock=world.clock)


def shifts(world: FakeWorld) -> list[Shift]:
    assert isinstance(world.sealer, FakeSealer)
    return [fact for fact in world.sealer.sealed if isinstance(fact, Shift)]


def kept(world: FakeWorld) -> int:
    """How many stays the disk knows of."""
    with world.storage.writing() as writing:
        return len(writing.stays.all())


def test_a_power_cut_loses_no_shift(storage: Storage) -> None:
    world = build_world(storage=storage)
    member, began = sign_in(world, TABLET), world.clock.now()
    sign_in(world)
    tick(world, minutes=10)
    tick(world, minutes=10)
    seen = world.clock.now()
    tick(world, minutes=4)
    again = after_a_power_cut(world, days=2)
    again.desk.staff.keep_stays()
    (shift,) = shifts(again)
    assert (shift.staff, shift.role) == (member.id, StaffRole.PROMOTION_VOLUNTEER)
    assert (shift.minutes, shift.honest) == (20, False)
    assert (shift.began, shift.at) == (began, seen), "it counts on the day on which it was served"
    assert isinstance(again.sealer, FakeSealer)
    events = [fact for fact in again.sealer.sealed if isinstance(fact, SecurityEvent)]
    assert [(one.matter, one.about, one.by, one.place, one.at) for one in events] == [
        (SecurityMatter.SIGNED_OUT, member.id, None, "lan", seen)
    ]
    assert kept(again) == 0


def test_it_is_sealed_once_however_often_the_power_goes(storage: Storage) -> None:
    world = build_world(storage=storage)
    sign_in(world)
    for times in (1, 0, 0):
        world = after_a_power_cut(world, minutes=1)
        world.desk.staff.keep_stays()
        world.desk.staff.keep_stays()
        assert len(shifts(world)) == times


def test_everything_of_a_power_cut_is_one_transaction() -> None:
    storage = FakeStorage()
    world = build_world(storage=storage)
    sign_in(world)
    sign_in(world, TABLET, FACILITY_STAFF_PIN, 2)
    again = after_a_power_cut(world)
    before = storage.tables
    storage.full = True
    with pytest.raises(Exception, match="full"):
        again.desk.staff.keep_stays()
    assert storage.tables == before
    storage.full = False
    again.desk.staff.keep_stays()
    assert len(storage.tables.records) == len(before.records) + 4
    assert storage.tables.stays == {}


def test_whoever_is_back_before_the_shift_is_sealed_loses_neither(storage: Storage) -> None:
    world = build_world(storage=storage)
    sign_in(world)
    again = after_a_power_cut(world)
    sign_in(again)
    assert kept(again) == 2
    again.desk.staff.keep_stays()
    assert [shift.honest for shift in shifts(again)] == [False]
    again.clock.advance(minutes=3)
    again.desk.staff.sign_out(HERE.sign_in)
    assert [(shift.minutes, shift.honest) for shift in shifts(again)] == [(0, False), (3, True)]
    assert kept(again) == 0


def test_an_ordinary_end_leaves_nothing_behind(storage: Storage) -> None:
    world = build_world(storage=storage)
    sign_in(world)
    sign_in(world, TABLET, FACILITY_STAFF_PIN, 2)
    assert kept(world) == 2
    world.desk.staff.sign_out(HERE.sign_in)
    assert kept(world) == 1
    world.desk.staff.everybody_leaves()
    assert kept(world) == 0


def test_a_stay_is_written_down_every_ten_minutes_and_not_more_often() -> None:
    storage = FakeStorage()
    world = build_world(storage=storage)
    sign_in(world)
    tick(world)
    stored = []
    for _ in range(4 * 31):
        tick(world, seconds=15)
        (stay,) = storage.tables.stays.values()
        stored.append(stay.seen.mono_ms)
    assert len(set(stored)) == 4, "at the sign-in, and three times in half an hour"


class Counting(FakeStorage):
    """Counts how often a transaction is begun."""

    begun = 0

    @contextmanager
    def writing(self) -> Iterator[FakeWriting]:
        self.begun += 1
        with super().writing() as writing:
            yield writing


def test_nobody_who_is_away_is_written_down() -> None:
    storage = Counting()
    world = build_world(storage=storage)
    sign_in(world)
    tick(world)
    world.clock.advance(minutes=11)
    world.desk.staff.fade()
    before = storage.begun
    world.desk.staff.keep_stays()
    assert storage.begun == before


def test_what_a_full_disk_refused_at_the_sign_out_is_sealed_at_the_next_start() -> None:
    storage = FakeStorage()
    world = build_world(storage=storage)
    sign_in(world)
    tick(world, minutes=10)
    storage.full = True
    world.desk.staff.sign_out(HERE.sign_in)
    assert not world.desk.board.snapshot.attended
    storage.full = False
    again = after_a_power_cut(world)
    again.desk.staff.keep_stays()
    assert [(shift.minutes, shift.honest) for shift in shifts(again)] == [(10, False)]


class Doubtful(FakeStorage):
    """Commits and then says that it has not, as a disk that fails at the very end may."""

    in_doubt = False

    @contextmanager
    def writing(self) -> Iterator[FakeWriting]:
        with super().writing() as writing:
            yield writing
        if self.in_doubt:
            self.in_doubt = False
            raise StorageFailed("SQLITE_IOERR_FSYNC")


def test_a_commit_in_doubt_makes_no_second_shift() -> None:
    storage = Doubtful()
    world = build_world(storage=storage)
    sign_in(world)
    world.clock.advance(minutes=31)
    world.desk.staff.fade()
    world.desk.staff.keep_stays()  # whatever else there is to write
    sign_in(world)
    world.clock.advance(minutes=31)
    storage.in_doubt = True
    with pytest.raises(StorageFailed):
        world.desk.staff.keep_stays()
    world.desk.staff.keep_stays()
    ids = [shift.id for shift in shifts(world)]
    assert len([one for one in ids if one in storage.tables.records]) == 2


def test_who_is_sent_home_by_others_leaves_one_shift(storage: Storage) -> None:
    world = build_world(storage=storage)
    sign_in(world)
    world.clock.advance(minutes=7)
    world.desk.staff.everybody_leaves()
    world.desk.staff.everybody_leaves()
    assert [shift.minutes for shift in shifts(world)] == [7]
