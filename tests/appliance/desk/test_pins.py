"""A PIN that is changed by whoever knows it, and one that is given where nobody is left who could make one."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from appliance.desk.errors import (
    Invalid,
    LockedOut,
    LockedOutAlone,
    NamesLocked,
    StorageFull,
    UnknownStaff,
    WrongPin,
)
from appliance.desk.facts.roster import helper_of, may_reset
from appliance.desk.facts.security import SecurityEvent, SecurityMatter
from appliance.desk.facts.staff import Permission, StaffMember
from appliance.desk.ports import Once, Storage
from appliance.desk.reception.given_pin import GivenPin
from appliance.desk.reception.staffing import Browser
from appliance.store.store import Store
from sync.pins import NameCipher
from tests.fakes import (
    FACILITY_STAFF_PIN,
    ICT_SUPPORT_PIN,
    PIN,
    STAFF,
    FakePins,
    FakeSealer,
    FakeStorage,
    FakeWorld,
    a_member,
    a_person,
    build_world,
)

HERE = Browser(sign_in="here", place="screen")
TABLET = Browser(sign_in="tablet", place="lan")
THIRD = Browser(sign_in="third", place="screen")
NEW, WRONG = "730518", "264951"
EVERYBODY = ["さくら", "かえで", "すぎ"]


@pytest.fixture(params=["fake", "real"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return FakeStorage() if request.param == "fake" else Store(tmp_path / "desk.db")


@pytest.fixture
def world(storage: Storage) -> FakeWorld:
    return build_world(storage=storage)


def sign_in(world: FakeWorld, pin: str = PIN, number: int = 1, browser: Browser = HERE) -> StaffMember:
    return world.desk.staff.sign_in(pin, browser=browser, number=number)


def change(world: FakeWorld, old: str = PIN, new: str = NEW, *, once: Once | None = None) -> None:
    world.desk.staff.change_pin(HERE.sign_in, old=old, new=new, place="screen", once=once)


def events(world: FakeWorld) -> list[SecurityEvent]:
    assert isinstance(world.sealer, FakeSealer)
    return [fact for fact in world.sealer.sealed if isinstance(fact, SecurityEvent)]


def matters(world: FakeWorld) -> list[SecurityMatter]:
    return [event.matter for event in events(world)]


def names(world: FakeWorld) -> list[str | None]:
    return [member.display_name for member in world.desk.roster.members()]


def restarted(world: FakeWorld) -> FakeWorld:
    world.clock.reboot(minutes=1)
    return build_world(storage=world.storage, clock=world.clock)


# ----------------------------------------------------------------------------------------------------- one's own PIN


def test_a_changed_pin_opens_the_same_names_and_the_old_one_nothing(world: FakeWorld) -> None:
    member = sign_in(world)
    change(world)
    changed = events(world)[-1]
    assert (changed.matter, changed.by, changed.about) == (SecurityMatter.PIN_CHANGED, member.id, member.id)
    again = restarted(world)
    with pytest.raises(WrongPin):
        sign_in(again)
    assert sign_in(again, NEW).display_name == "さくら"
    assert names(again) == EVERYBODY


def test_full_width_digits_are_no_mistake_here_either(world: FakeWorld) -> None:
    sign_in(world)
    change(world, "４８２ ９１３", "７３０５１８")
    assert sign_in(world, NEW).number == 1


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("12345", NEW, "old"),
        (PIN, "12345", "pin"),
        (PIN, "111111", "weak_pin"),
        (PIN, "123456", "weak_pin"),
        (PIN, PIN, "same_pin"),
    ],
)
def test_what_can_be_nobodys_new_pin_tries_none(old: str, new: str, field: str) -> None:
    pins = FakePins()
    world = build_world(pins=pins)
    sign_in(world)
    tried = pins.tried
    with pytest.raises(Invalid) as wrong:
        change(world, old, new)
    assert (wrong.value.field, pins.tried) == (field, tried)


def test_a_wrong_old_pin_counts_as_one_at_the_sign_in_and_survives_a_power_cut(world: FakeWorld) -> None:
    sign_in(world)
    for left in (4, 3, 2):
        with pytest.raises(WrongPin) as wrong:
            change(world, WRONG)
        assert wrong.value.left == left
    world = restarted(world)
    with pytest.raises(WrongPin):
        sign_in(world, WRONG)
    with pytest.raises(LockedOut):
        sign_in(world, WRONG)
    with pytest.raises(LockedOut):
        sign_in(world)


def test_guessing_at_an_unwatched_screen_locks_and_changes_nothing(world: FakeWorld) -> None:
    sign_in(world)
    for _ in range(4):
        with pytest.raises(WrongPin):
            change(world, WRONG)
    with pytest.raises(LockedOut, match="Facility staff"):
        change(world, WRONG)
    with pytest.raises(LockedOut):
        change(world)
    assert SecurityMatter.LOCKED_OUT in matters(world)
    world.clock.advance(minutes=15)
    assert sign_in(world).number == 1


def test_a_right_old_pin_forgives_the_wrong_ones(world: FakeWorld) -> None:
    sign_in(world)
    with pytest.raises(WrongPin):
        change(world, WRONG)
    change(world)
    with pytest.raises(WrongPin) as wrong:
        change(world, WRONG, "916482")
    assert wrong.value.left == 4


def test_every_other_browser_asks_for_the_new_one(world: FakeWorld) -> None:
    sign_in(world)
    sign_in(world, browser=TABLET)
    sign_in(world, FACILITY_STAFF_PIN, 2, THIRD)
    change(world)
    working = world.desk.staff.working
    assert [working(one.sign_in) is not None for one in (HERE, TABLET, THIRD)] == [True, False, True]
    out = events(world)[-1]
    assert (out.matter, out.place) == (SecurityMatter.SIGNED_OUT, "lan")
    assert world.desk.board.snapshot.staff_present == 2


def test_the_same_press_tries_the_old_pin_once(world: FakeWorld) -> None:
    once = Once(key="form:1", fingerprint=b"1")
    sign_in(world)
    change(world, once=once)
    change(world, once=once)
    assert matters(world).count(SecurityMatter.PIN_CHANGED) == 1
    assert SecurityMatter.SIGN_IN_REFUSED not in matters(world)


def test_nobody_changes_a_pin_without_being_signed_in(world: FakeWorld) -> None:
    with pytest.raises(UnknownStaff):
        change(world)


def test_a_refused_disk_leaves_the_old_pin() -> None:
    storage = FakeStorage()
    world = build_world(storage=storage)
    sign_in(world)
    storage.full = True
    with pytest.raises(StorageFull):
        change(world)
    storage.full = False
    assert sign_in(world).number == 1
    with pytest.raises(WrongPin):
        sign_in(world, NEW)


# -------------------------------------------------------------------------------------------------- who may help whom


def people(*permissions: Permission, resting: Sequence[int] = ()) -> list[StaffMember]:
    return [
        replace(a_member(f"{number}"), number=number, permission=permission, active=number not in resting)
        for number, permission in enumerate(permissions, start=1)
    ]


VOLUNTEER, FACILITY, SUPPORT = Permission.VOLUNTEER, Permission.FACILITY_STAFF, Permission.ICT_SUPPORT


@pytest.mark.parametrize(
    ("roster", "resting", "helpers"),
    [
        ([VOLUNTEER, FACILITY, SUPPORT], [], [FACILITY, SUPPORT, FACILITY]),
        ([VOLUNTEER, FACILITY, FACILITY], [], [FACILITY, None, None]),
        ([VOLUNTEER, SUPPORT], [], [SUPPORT, None]),
        ([VOLUNTEER, VOLUNTEER], [], [None, None]),
        ([SUPPORT], [], [None]),
        ([SUPPORT, SUPPORT], [], [SUPPORT, SUPPORT]),
        ([FACILITY, SUPPORT, SUPPORT], [], [SUPPORT, SUPPORT, SUPPORT]),
        ([FACILITY, SUPPORT, SUPPORT], [3], [SUPPORT, FACILITY, SUPPORT]),
        ([VOLUNTEER, FACILITY, SUPPORT], [2], [SUPPORT, SUPPORT, None]),
    ],
)
def test_whom_to_ask_for_a_new_pin(
    roster: list[Permission], resting: list[int], helpers: list[Permission | None]
) -> None:
    everybody = people(*roster, resting=resting)
    assert [helper_of(member, everybody) for member in everybody] == helpers


def test_facility_staff_help_ict_support_only_where_no_colleague_can() -> None:
    facility, support, colleague = people(FACILITY, SUPPORT, SUPPORT)
    assert may_reset(facility, support, [facility, support])
    assert may_reset(facility, support, [facility, support, replace(colleague, active=False)])
    assert not may_reset(facility, support, [facility, support, colleague])


def test_facility_staff_let_the_only_ict_support_in_again_and_every_name_stays(world: FakeWorld) -> None:
    by = sign_in(world, FACILITY_STAFF_PIN, 2)
    support = world.desk.roster.members()[2]
    pin = world.desk.roster.reset_pin(support.id, by=by, place="screen")
    again = restarted(world)
    assert sign_in(again, pin, 3).display_name == "すぎ"
    assert names(again) == EVERYBODY


def test_whom_nobody_can_help_is_told_who_keeps_the_box() -> None:
    world = build_world(roster=[a_person(SUPPORT)])
    for _ in range(4):
        with pytest.raises(WrongPin):
            sign_in(world, WRONG)
    with pytest.raises(LockedOutAlone) as locked:
        sign_in(world, WRONG)
    assert "役場の係に" in locked.value.ja


# ------------------------------------------------------------------------------------------- given at the box itself


def give(world: FakeWorld, number: int, pin: str = NEW, *, names: bool = False) -> GivenPin:
    """What the command on the box leaves for the desk."""
    members, key = world.desk.roster.members(), secrets.token_bytes(32)
    person = next(member for member in members if member.number == number)
    salt, wrapped_key = FakePins().wrap(key, pin, person.id.bytes)
    sealed: Mapping[UUID, bytes] = {
        one.id: NameCipher().seal(str(one.number), key, one.id.bytes) for one in members if names
    }
    given = GivenPin(id=uuid4(), person=person.id, salt=salt, wrapped_key=wrapped_key, names=sealed)
    world.desk.roster.take(given)
    return given


def test_a_given_pin_lets_somebody_in_and_leaves_names_and_other_pins_as_they_are(world: FakeWorld) -> None:
    give(world, 3)
    with pytest.raises(WrongPin):
        sign_in(world, ICT_SUPPORT_PIN, 3)
    assert sign_in(world, NEW, 3).permission is SUPPORT
    assert names(world) == [None, None, None]
    assert not world.desk.roster.names_are_open
    sign_in(world, browser=TABLET)
    assert names(world) == EVERYBODY


def test_a_given_pin_takes_the_desk_key_over_while_somebody_else_has_brought_it(world: FakeWorld) -> None:
    give(world, 3)
    sign_in(world, browser=TABLET)
    assert sign_in(world, NEW, 3).display_name == "すぎ"
    again = restarted(world)
    assert sign_in(again, NEW, 3).display_name == "すぎ"
    assert names(again) == EVERYBODY


def test_a_given_pin_never_puts_its_own_key_in_the_place_of_the_desk_key(world: FakeWorld) -> None:
    give(world, 3)
    by = sign_in(world, NEW, 3)
    with pytest.raises(NamesLocked):
        world.desk.roster.reset_pin(world.desk.roster.members()[0].id, by=by, place="screen")
    sign_in(world, browser=TABLET)
    pin = world.desk.roster.reset_pin(world.desk.roster.members()[1].id, by=by, place="screen")
    again = restarted(world)
    assert sign_in(again, pin, 2).display_name == "かえで"


def test_changing_a_given_pin_takes_the_desk_key_over_too(world: FakeWorld) -> None:
    give(world, 3)
    sign_in(world, NEW, 3)
    sign_in(world, browser=TABLET)
    change(world, NEW, "916482")
    assert sign_in(restarted(world), "916482", 3).display_name == "すぎ"


def test_a_given_pin_that_is_changed_while_names_are_locked_stays_as_it_is(world: FakeWorld) -> None:
    give(world, 3)
    sign_in(world, NEW, 3)
    change(world, NEW, "916482")
    again = restarted(world)
    sign_in(again, "916482", 3)
    assert names(again) == [None, None, None]
    sign_in(again, browser=TABLET)
    assert names(again) == EVERYBODY


def test_it_opens_a_lock_ends_the_other_browsers_and_is_on_record(world: FakeWorld) -> None:
    member = sign_in(world, ICT_SUPPORT_PIN, 3)
    for _ in range(4):
        with pytest.raises(WrongPin):
            sign_in(world, WRONG, 3, THIRD)
    with pytest.raises(LockedOut):
        sign_in(world, WRONG, 3, THIRD)
    give(world, 3)
    assert world.desk.staff.working(HERE.sign_in) is None
    assert sign_in(world, NEW, 3, THIRD).id == member.id
    reset, out = events(world)[-3:-1]
    assert (reset.matter, reset.place, reset.by, reset.about) == (
        SecurityMatter.PIN_RESET, "console", None, member.id,
    )  # fmt: skip
    assert (out.matter, out.by, out.about) == (SecurityMatter.SIGNED_OUT, None, member.id)


def test_where_the_names_are_given_up_everybody_is_a_number_and_begins_anew(world: FakeWorld) -> None:
    sign_in(world, browser=TABLET)
    give(world, 3, names=True)
    assert names(world) == [None, None, None]
    assert not world.desk.roster.names_are_open, "the old key is forgotten"
    assert world.desk.staff.working(TABLET.sign_in) is None
    with pytest.raises(WrongPin):
        sign_in(world, PIN)
    by = sign_in(world, NEW, 3)
    assert names(world) == ["1", "2", "3"]
    volunteer = world.desk.roster.members()[0]
    world.desk.roster.change(volunteer.id, replace(STAFF[0].entry, name="もも"), by=by, place="screen")
    pin = world.desk.roster.reset_pin(volunteer.id, by=by, place="screen")
    again = restarted(world)
    assert sign_in(again, pin).display_name == "もも"
    assert names(again) == ["もも", "2", "3"]


def test_a_pin_is_given_once(world: FakeWorld) -> None:
    given = give(world, 3)
    sign_in(world, NEW, 3)
    change(world, NEW, "916482")
    world.desk.roster.take(given)
    restarted(world).desk.roster.take(given)
    assert sign_in(world, "916482", 3).number == 3
    assert matters(world).count(SecurityMatter.PIN_RESET) == 1


def test_a_pin_for_nobody_changes_nothing(world: FakeWorld) -> None:
    with pytest.raises(UnknownStaff):
        world.desk.roster.take(GivenPin(id=uuid4(), person=uuid4(), salt=b"", wrapped_key=b"", names={}))
    assert sign_in(world).number == 1
