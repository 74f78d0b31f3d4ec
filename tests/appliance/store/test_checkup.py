"""What a database tells of itself while a desk writes it, and when it is stopped."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.desk.errors import StorageFailed
from appliance.desk.facts.day import ClockAnchor
from appliance.desk.facts.staff import StaffRole
from appliance.store.checkup import checkup, faults_of, records_of
from appliance.store.outgoing import OutgoingRecords
from appliance.store.store import Store
from tests.appliance.store.test_store import NOW, add_call
from tests.fakes import FakeClock


def test_it_is_read_while_a_desk_writes(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    with closing(Store(path)) as store:
        add_call(store)
        with store.alone():
            signs = checkup(path)
            assert faults_of(path) == []
        add_call(store)
        assert len(list(records_of(path))) == 2
    assert (signs.unsent, signs.oldest_unsent, signs.newest) == (1, NOW.wall, NOW.wall)
    assert (signs.heard, signs.opening, signs.is_vouched) == (None, None, False)


def test_reading_a_stopped_box_leaves_nothing_beside_its_database(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    with closing(Store(path)) as store:
        add_call(store)
        store.fold_log()
    for left in ("desk.db-wal", "desk.db-shm"):
        (tmp_path / left).unlink(missing_ok=True)
    assert checkup(path).unsent == 1
    assert [one.name for one in tmp_path.iterdir()] == ["desk.db"]


def test_when_the_town_last_answered_is_kept(tmp_path: Path) -> None:
    clock = FakeClock()
    with closing(Store(tmp_path / "desk.db")) as store:
        records = OutgoingRecords(store)
        records.receiver_is(b"r1", at=clock.now())
        clock.advance(hours=2)
        records.receiver_is(b"r1", at=clock.now())
        assert checkup(tmp_path / "desk.db").heard == NOW.wall + timedelta(hours=2)


def test_only_what_was_said_in_this_boot_vouches_for_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    with closing(Store(path)) as store:
        boot = store.run.boot
        for said_in, is_vouched in ((boot + 1, False), (boot, True)):
            at = replace(NOW, start=store.run.start, boot=said_in)
            with store.writing() as writing:
                writing.openings.remember_time(
                    ClockAnchor.of(NOW.wall, shown=NOW.wall, by=StaffRole.FACILITY_STAFF, now=at)
                )
            assert checkup(path).is_vouched is is_vouched
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE meta SET value = x'00' WHERE key = 'boot_id'")
        database.commit()
    assert not checkup(path).is_vouched, "the machine was switched off and on since"


def test_a_broken_database_is_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    path.write_bytes(b"not a database " * 1000)
    assert faults_of(path) == ["SQLITE_NOTADB"]
    for look in (checkup, lambda path: list(records_of(path))):
        with pytest.raises(StorageFailed):
            look(path)


def test_a_page_that_was_overwritten_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    with closing(Store(path)) as store:
        add_call(store)
    with closing(sqlite3.connect(path)) as database:
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'call'").fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size + 8)
        file.write(b"\xff\xff")  # where the first row begins
    assert faults_of(path) != []
