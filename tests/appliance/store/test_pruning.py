import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.desk.desk import Desk
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.staff import StaffRole
from appliance.store.outgoing import OutgoingRecords
from appliance.store.pruning import AT_ONCE, prune
from appliance.store.store import Store
from tests.fakes import FakeClock, FakeWorld, build_world

KEEP = timedelta(days=400)
ENTRY = ConsultationEntry(topics=("phone",), age_band="75to84", outcome="resolved", memo="ひみつのメモ")
TABLES = ("record", "call", "visit", "consultation", "epoch")


class Box:
    """A desk on a real database, and the town that has opened everything it was sent."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = Store(path)
        self.world: FakeWorld = build_world(storage=self.store, roster=())
        self.outgoing = OutgoingRecords(self.store)

    @property
    def desk(self) -> Desk:
        return self.world.desk

    @property
    def clock(self) -> FakeClock:
        return self.world.clock

    def help_somebody(self) -> None:
        call = self.desk.calls.pressed(1, source=CallSource.API)
        self.desk.calls.answer(call.id, by=StaffRole.PROMOTION_VOLUNTEER)
        self.desk.consultations.log(ENTRY, by=StaffRole.PROMOTION_VOLUNTEER, call=call.id)

    def carry(self, *, opened: bool = True) -> None:
        with sqlite3.connect(self.path) as database:
            entries = [(uid, digest) for uid, digest in database.execute("SELECT uid, hash FROM record")]
        self.outgoing.receipted(entries, receiver_epoch=b"r1")
        if opened:
            self.outgoing.opened(1, entries)

    def prune(self, keep: timedelta = KEEP) -> int:
        return prune(self.store, keep=keep, now=self.clock.now())

    def counts(self) -> dict[str, int]:
        with sqlite3.connect(self.path) as database:
            return {table: database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in TABLES}  # noqa: S608

    def sequences(self) -> Sequence[int]:
        with sqlite3.connect(self.path) as database:
            return [number for (number,) in database.execute("SELECT sequence FROM record ORDER BY sequence")]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "desk.db")


def test_what_the_office_opened_long_ago_goes_with_its_rows(box: Box) -> None:
    box.help_somebody()
    old = len(box.sequences())
    box.clock.advance(days=401)
    box.help_somebody()
    box.carry()
    before = box.counts()
    assert box.prune() == old
    after = box.counts()
    assert {table: before[table] - after[table] for table in TABLES[:4]} == {
        "record": old,
        "call": 1,
        "visit": 1,
        "consultation": 1,
    }
    assert box.sequences() == list(range(old + 1, before["record"] + 1))
    assert box.prune() == 0


def test_what_no_office_has_opened_stays_however_old_it_is(box: Box) -> None:
    box.help_somebody()
    box.carry(opened=False)
    box.clock.advance(days=4000)
    box.help_somebody()
    assert box.prune() == 0


def test_nothing_younger_than_ninety_days_goes_whatever_is_asked(box: Box) -> None:
    box.help_somebody()
    box.clock.advance(days=89)
    box.help_somebody()
    box.carry()
    assert box.prune(timedelta(days=1)) == 0
    box.clock.advance(days=2)
    assert box.prune(timedelta(days=1)) > 0


def test_a_clock_that_nobody_vouches_for_prunes_nothing_and_makes_nothing_old(box: Box) -> None:
    box.clock.reboot(days=-20_000)  # 1970
    box.help_somebody()
    box.carry()
    assert box.prune() == 0
    box.clock.set_to(box.clock.now().wall + timedelta(days=20_000), at=box.clock.now())
    assert box.prune() == 0
    box.help_somebody()
    box.clock.advance(days=401)
    box.help_somebody()
    box.carry()
    box.prune()
    assert box.counts()["consultation"] == 1


def test_the_chain_goes_on_from_the_record_that_stays(box: Box) -> None:
    box.help_somebody()
    box.carry()
    box.clock.advance(days=500)
    last = box.sequences()[-1]
    box.prune()
    assert last in box.sequences()
    box.store.close()
    again = Box(box.path)
    again.help_somebody()
    assert again.sequences()[0] == last
    assert again.sequences()[1] == last + 1


def test_a_day_of_two_years_goes_in_small_steps(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(AT_ONCE // 3):
        box.help_somebody()
    box.clock.advance(days=500)
    box.help_somebody()
    box.carry()
    assert box.prune() > AT_ONCE
    assert box.counts()["consultation"] == 1


def test_what_was_deleted_is_not_left_in_free_pages(box: Box) -> None:
    box.help_somebody()
    with sqlite3.connect(box.path) as database:
        (uid,) = database.execute("SELECT uid FROM consultation").fetchone()
    box.clock.advance(days=500)
    box.help_somebody()
    box.carry()
    box.store.fold_log()
    assert uid in box.path.read_bytes()
    box.prune()
    box.store.fold_log()
    assert uid not in box.path.read_bytes()
