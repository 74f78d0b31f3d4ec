import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from appliance.desk.errors import LockedOut, SignInRefused, StorageFailed
from appliance.desk.facts.moment import ClockQuality, Moment
from appliance.desk.facts.roster import RosterEntry
from appliance.desk.facts.shift import Stay
from appliance.desk.facts.staff import Employment, Permission, StaffMember, StaffRole
from appliance.desk.ports import PinLock, Storage
from appliance.desk.reception.staffing import Browser
from appliance.store.migrations import STEPS
from appliance.store.staff_rows import stored_roster
from appliance.store.store import Store
from sync.pins import Argon2Pins, NameCipher
from sync.sealing import RecordSealer
from tests.fakes import ICT_SUPPORT_PIN, NOON, FakePins, FakeStorage, a_person, build_world
from tests.sync.parts import DEVICE_KEY, TOWN_KEYS

BEFORE_CARDS = next(number for number, step in enumerate(STEPS) if "ADD COLUMN card" in step[0])
HERE = Browser(sign_in="here", place="screen")


@pytest.fixture(params=["fake", "real"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return FakeStorage() if request.param == "fake" else Store(tmp_path / "desk.db")


def row(number: int, **member: object) -> RosterEntry:
    values: dict[str, object] = {
        "id": uuid4(),
        "number": number,
        "display_name": None,
        "permission": Permission.VOLUNTEER,
        "appointments": frozenset({StaffRole.INSTRUCTOR, StaffRole.PROMOTION_VOLUNTEER}),
        "employment": Employment.LOCAL_COOPERATION,
    }
    person = StaffMember(**(values | member))  # type: ignore[arg-type]
    return RosterEntry(member=person, sealed_name=b"sealed", salt=b"salt", wrapped_key=b"wrapped")


def moment(mono_ms: int, *, start: int = 1) -> Moment:
    return Moment(wall=NOON, mono_ms=mono_ms, start=start, boot=1, quality=ClockQuality.STAFF)


def test_a_person_comes_back_as_stored(storage: Storage) -> None:
    one = row(2, appointed_on=date(2026, 4, 1), pledged_on=date(2026, 4, 2), until=date(2027, 3, 31), active=False)
    other = row(1, appointments=frozenset())
    with storage.writing() as writing:
        writing.staff.put(one)
        writing.staff.put(other)
    with storage.writing() as writing:
        assert list(writing.staff.all()) == [other, one]


def test_a_row_takes_the_place_of_the_same_persons_only(storage: Storage) -> None:
    one, other = row(1), row(2)
    changed = replace(one, member=replace(one.member, employment=Employment.NPO), wrong=4, locked=True, salt=b"new")
    with storage.writing() as writing:
        writing.staff.put(one)
        writing.staff.put(other)
    with storage.writing() as writing:
        writing.staff.put(changed)
    with storage.writing() as writing:
        assert list(writing.staff.all()) == [changed, other]


def test_a_number_is_given_once(storage: Storage) -> None:
    first = row(1)
    with storage.writing() as writing:
        writing.staff.put(first)
    with pytest.raises(StorageFailed), storage.writing() as writing:
        writing.staff.put(row(1))
    with storage.writing() as writing:
        assert list(writing.staff.all()) == [first]


def test_a_card_is_one_persons_and_goes_with_a_row_of_hers(storage: Storage) -> None:
    one, other = replace(row(1), card="1-key:letters"), row(2)
    with storage.writing() as writing:
        writing.staff.put(one)
        writing.staff.put(other)
    with pytest.raises(StorageFailed), storage.writing() as writing:
        writing.staff.put(replace(other, card=one.card))
    with storage.writing() as writing:
        assert list(writing.staff.all()) == [one, other]
        writing.staff.put(replace(one, card=None))
        writing.staff.put(replace(other, card=one.card))
    with storage.writing() as writing:
        assert [entry.card for entry in writing.staff.all()] == [None, one.card]


def test_a_stay_comes_back_as_stored_with_whoever_the_person_is_by_now(storage: Storage) -> None:
    one, other = row(1), row(2)
    first = Stay.beginning(one.member, place="lan", now=moment(10))
    second = Stay.beginning(other.member, place="screen", now=moment(5, start=2))
    changed = replace(one, member=replace(one.member, permission=Permission.FACILITY_STAFF))
    with storage.writing() as writing:
        for entry in (one, other):
            writing.staff.put(entry)
        writing.stays.begin(second)
        writing.stays.begin(first)
    with storage.writing() as writing:
        writing.staff.put(changed)
    with storage.writing() as writing:
        assert list(writing.stays.all()) == [replace(first, member=changed.member), second]


def test_a_stay_is_seen_until_it_has_ended_and_ends_once(storage: Storage) -> None:
    entry = row(1)
    stay = Stay.beginning(entry.member, place="screen", now=moment(10))
    again = Stay.beginning(entry.member, place="screen", now=moment(10, start=2))
    with storage.writing() as writing:
        writing.staff.put(entry)
        writing.stays.begin(stay)
        writing.stays.begin(again)
        writing.stays.see(stay.seen_at(moment(20)))
    with storage.writing() as writing:
        assert [(one.began.start, one.seen.mono_ms) for one in writing.stays.all()] == [(1, 20), (2, 10)]
        assert writing.stays.end(stay)
        assert not writing.stays.end(stay)
        writing.stays.see(stay)
    with storage.writing() as writing:
        assert list(writing.stays.all()) == [again]


def test_a_roster_is_read_beside_the_desk_that_uses_it_and_afterwards(tmp_path: Path) -> None:
    path, entry = tmp_path / "desk.db", row(1)
    store = Store(path)
    with store.writing() as writing:
        writing.staff.put(entry)
    assert stored_roster(path) == [entry]
    store.close()
    assert stored_roster(path) == [entry]


def test_a_roster_from_before_there_were_cards_is_read_and_then_takes_cards(tmp_path: Path) -> None:
    path, entry = tmp_path / "desk.db", row(1)
    store = Store(path)
    with store.writing() as writing:
        writing.staff.put(entry)
        writing.stays.begin(Stay.beginning(entry.member, place="screen", now=moment(10)))
    store.close()
    with sqlite3.connect(path) as raw:
        raw.execute("DROP INDEX staff_card")
        raw.execute("ALTER TABLE staff DROP COLUMN card")
        raw.execute(f"PRAGMA user_version = {BEFORE_CARDS}")
        columns = [name for _, name, *_ in raw.execute("PRAGMA table_info(staff)")]
    raw.close()
    assert "card" not in columns
    assert stored_roster(path) == [entry], "the command on the box reads it before any desk has opened it"
    store = Store(path)
    with store.writing() as writing:
        assert list(writing.staff.all()) == [entry]
        writing.staff.put(replace(entry, card="1-key:letters"))
    with store.writing() as writing:
        assert [one.card for one in writing.staff.all()] == ["1-key:letters"]
        assert [stay.member.id for stay in writing.stays.all()] == [entry.id]
    store.close()


@pytest.mark.parametrize("make", [FakePins, Argon2Pins])
def test_a_key_comes_back_under_its_own_pin_for_its_own_owner(make: Callable[[], PinLock]) -> None:
    pins, key = make(), bytes(range(32))
    salt, wrapped = pins.wrap(key, "482913", b"owner")
    assert pins.unwrap(salt, wrapped, "482913", b"owner") == key
    assert pins.unwrap(salt, wrapped, "482914", b"owner") is None
    assert pins.unwrap(salt, wrapped, "482913", b"other") is None
    assert pins.unwrap(salt, b"", "482913", b"owner") is None
    assert pins.wrap(key, "482913", b"owner") != (salt, wrapped)


def test_names_are_sealed_at_one_length_for_one_owner_under_one_key() -> None:
    names, key = NameCipher(), bytes(32)
    sealed = names.seal("さくら", key, b"owner")
    assert names.open(sealed, key, b"owner") == "さくら"
    assert names.open(sealed, key, b"other") is None
    assert names.open(sealed, bytes(31) + b"1", b"owner") is None
    assert names.open(sealed[:5], key, b"owner") is None
    assert len(names.seal("あ" * 12, key, b"owner")) == len(names.seal("1", key, b"owner")) == len(sealed)


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_no_name_and_no_pin_lies_in_any_file_and_a_restart_reads_none_before_a_sign_in(tmp_path: Path) -> None:
    decoy, pin = "おとりのなまえ", "730518"
    store = Store(tmp_path / "desk.db")
    sealer = RecordSealer(TOWN_KEYS, DEVICE_KEY, start=store.run.start)
    world = build_world(storage=store, sealer=sealer, pins=Argon2Pins(), roster=[a_person(name=decoy, pin=pin)])
    assert world.desk.staff.sign_in(pin, browser=HERE).display_name == decoy
    world.desk.staff.sign_out(HERE.sign_in)
    found = everything_in(tmp_path)
    for written in (decoy.encode(), decoy.encode("utf-16-le"), decoy.encode("utf-16-be"), pin.encode()):
        assert written not in found
    store.close()
    assert decoy.encode() not in everything_in(tmp_path)

    again = build_world(storage=Store(tmp_path / "desk.db"), sealer=sealer, pins=Argon2Pins())
    assert [member.display_name for member in again.desk.roster.members()] == [None]
    assert again.desk.staff.sign_in(pin, browser=HERE).display_name == decoy


def test_a_lock_outlives_the_process_in_the_real_database(tmp_path: Path) -> None:
    for start in range(5):
        store = Store(tmp_path / "desk.db")
        world = build_world(storage=store, sealer=RecordSealer(TOWN_KEYS, DEVICE_KEY, start=store.run.start))
        support = world.desk.roster.members()[2]
        assert not world.desk.staff.is_locked(support.id), start
        with pytest.raises(SignInRefused):
            world.desk.staff.sign_in("730518", browser=HERE, number=3)
        store.close()
    again = build_world(storage=Store(tmp_path / "desk.db"))
    assert again.desk.staff.is_locked(support.id)
    with pytest.raises(LockedOut):
        again.desk.staff.sign_in(ICT_SUPPORT_PIN, browser=HERE, number=3)
