"""A box without a clock chip: jumps, 1970, restarts and boots."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.assembly.clock import Machine, MachineClock
from appliance.desk.facts.moment import ClockQuality, Moment
from appliance.desk.facts.staff import StaffRole
from appliance.store import store as store_module
from appliance.store.day_rows import Seen
from appliance.store.store import Run, Store
from tests.fakes import FakeClock, build_world

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
STAFF = StaffRole.FACILITY_STAFF


class FakeMachine:
    """A kernel whose clocks are moved by hand."""

    def __init__(self, wall: datetime = NOON, *, uptime_ms: int = 60_000) -> None:
        self.wall = wall
        self.uptime_ms = uptime_ms
        self.synchronised = False

    def advance(self, **by: float) -> None:
        step = timedelta(**by)
        self.wall += step
        self.uptime_ms += step // timedelta(milliseconds=1)

    @property
    def clocks(self) -> Machine:
        return Machine(
            wall=lambda: self.wall, uptime_ms=lambda: self.uptime_ms, is_synchronised=lambda: self.synchronised
        )


@pytest.fixture
def machine() -> FakeMachine:
    return FakeMachine()


def clock_of(machine: FakeMachine, *, seen: Seen | None = None, said_before: Seen | None = None) -> MachineClock:
    return MachineClock(Run(start=7, boot=3), seen=seen, said_before=said_before, machine=machine.clocks)


def test_without_anybody_to_vouch_for_it_the_clock_is_unsure(machine: FakeMachine) -> None:
    moment = clock_of(machine).now()
    assert moment == Moment(wall=NOON, mono_ms=60_000, start=7, boot=3, quality=ClockQuality.UNKNOWN)


@pytest.mark.parametrize("jump", [-365, 365])
def test_a_jump_of_the_machines_clock_moves_nothing(machine: FakeMachine, jump: int) -> None:
    clock = clock_of(machine)
    machine.wall += timedelta(days=jump)
    machine.advance(minutes=1)
    assert clock.now().wall == NOON + timedelta(minutes=1)


def test_a_network_that_keeps_the_machine_right_is_followed(machine: FakeMachine) -> None:
    clock = clock_of(machine)
    machine.wall += timedelta(days=2)
    machine.synchronised = True
    assert clock.now().wall == NOON + timedelta(days=2)
    assert clock.now().quality is ClockQuality.SYNCHRONISED


def test_what_somebody_says_counts_from_the_moment_she_said_it(machine: FakeMachine) -> None:
    clock = clock_of(machine)
    at = clock.now()
    machine.advance(seconds=2)
    clock.set_to(NOON + timedelta(days=400), at=at)
    assert clock.now().wall == NOON + timedelta(days=400, seconds=2)
    assert clock.now().quality is ClockQuality.STAFF


def test_a_box_that_starts_in_1970_goes_on_from_the_newest_time_it_stored() -> None:
    machine = FakeMachine(datetime(1970, 1, 1, tzinfo=UTC), uptime_ms=30_000)
    clock = clock_of(machine, seen=Seen(wall=NOON, uptime_ms=None))
    assert clock.now().wall == NOON + timedelta(seconds=30)
    assert clock.now().quality is ClockQuality.UNKNOWN
    machine.advance(minutes=5)
    assert clock.now().wall == NOON + timedelta(minutes=5, seconds=30)


def test_a_restart_in_the_same_boot_counts_only_the_time_since() -> None:
    machine = FakeMachine(datetime(1970, 1, 1, tzinfo=UTC), uptime_ms=90_000)
    clock = clock_of(machine, seen=Seen(wall=NOON, uptime_ms=60_000))
    assert clock.now().wall == NOON + timedelta(seconds=30)


def test_a_machine_ahead_of_what_was_stored_is_believed() -> None:
    clock = clock_of(FakeMachine(NOON + timedelta(days=1)), seen=Seen(wall=NOON, uptime_ms=None))
    assert clock.now().wall == NOON + timedelta(days=1)


def test_what_somebody_said_earlier_in_this_boot_stands(machine: FakeMachine) -> None:
    clock = clock_of(machine, said_before=Seen(wall=NOON - timedelta(days=9), uptime_ms=0))
    assert clock.now().wall == NOON - timedelta(days=9) + timedelta(minutes=1)
    assert clock.now().quality is ClockQuality.STAFF


def test_the_real_machine_tells_the_time() -> None:
    clock = MachineClock(Run(start=1, boot=1))
    assert abs(clock.now().wall - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.now().mono_ms > 0


def test_the_database_remembers_what_was_said_within_a_boot_and_what_was_seen_beyond(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    with closing(Store(tmp_path / "desk.db")) as store:
        assert (store.seen, store.said) == (None, None)
        clock.moment = _in(store, clock)
        build_world(storage=store, clock=clock).desk.opening.open(by=STAFF, said=NOON)
    with closing(Store(tmp_path / "desk.db")) as store:
        assert store.said == Seen(wall=NOON, uptime_ms=clock.moment.mono_ms)
        assert store.seen == Seen(wall=NOON, uptime_ms=clock.moment.mono_ms)
    other_boot = tmp_path / "boot_id"
    other_boot.write_text("another boot\n", encoding="utf-8")
    monkeypatch.setattr(store_module, "Path", lambda _path: other_boot)
    with closing(Store(tmp_path / "desk.db")) as store:
        assert store.said is None
        assert store.seen == Seen(wall=NOON, uptime_ms=None)


def _in(store: Store, clock: FakeClock) -> Moment:
    moment = clock.moment
    return Moment(
        wall=moment.wall,
        mono_ms=moment.mono_ms,
        start=store.run.start,
        boot=store.run.boot,
        quality=ClockQuality.UNKNOWN,
    )
