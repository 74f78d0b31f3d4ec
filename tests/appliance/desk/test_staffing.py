import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from appliance.desk.errors import (
    AlreadySetUp,
    AppointmentEnded,
    Invalid,
    LastSupport,
    LockedOut,
    LockedOutOfOffice,
    MadoguchiError,
    NamesLocked,
    NotAllowed,
    NotServing,
    PinShownBefore,
    PresenceNeeded,
    SignInBusy,
    StorageFull,
    UnknownStaff,
    WrongPin,
)
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.moment import ClockQuality
from appliance.desk.facts.roster import PersonEntry, checked_name, checked_pin, is_weak
from appliance.desk.facts.security import SecurityEvent, SecurityMatter
from appliance.desk.facts.shift import Shift
from appliance.desk.facts.staff import Employment, Permission, StaffMember, StaffRole
from appliance.desk.ports import Once
from appliance.desk.reception.lockout import Ration
from appliance.desk.reception.pin_check import MAX_WAITING
from appliance.desk.reception.staffing import Browser
from tests.fakes import (
    FACILITY_STAFF_PIN,
    ICT_SUPPORT_PIN,
    PIN,
    STAFF,
    FakeClock,
    FakePins,
    FakeSealer,
    FakeStorage,
    FakeWorld,
    a_person,
    build_world,
)

WRONG = "731048"
HERE = Browser(sign_in="here", place="screen")
TABLET = Browser(sign_in="tablet", place="lan")
ENTRY = PersonEntry(
    name="うめ",
    permission=Permission.VOLUNTEER,
    appointments=frozenset({StaffRole.PROMOTION_VOLUNTEER, StaffRole.INSTRUCTOR}),
    employment=Employment.NPO,
    appointed_on=date(2026, 4, 1),
    pledged_on=date(2026, 4, 2),
    until=date(2027, 3, 31),
)


@pytest.fixture
def world() -> FakeWorld:
    return build_world()


def sealed(world: FakeWorld) -> list[SecurityMatter | type[Shift]]:
    """What was sealed of comings and goings."""
    assert isinstance(world.sealer, FakeSealer)
    found: list[SecurityMatter | type[Shift]] = []
    for fact in world.sealer.sealed:
        if isinstance(fact, SecurityEvent):
            found.append(fact.matter)
        elif isinstance(fact, Shift):
            found.append(Shift)
    return found


def sign_in(world: FakeWorld, pin: str = PIN, number: int = 1, browser: Browser = HERE) -> StaffMember:
    return world.desk.staff.sign_in(pin, browser=browser, number=number)


def support(world: FakeWorld) -> StaffMember:
    return sign_in(world, ICT_SUPPORT_PIN, 3, replace(HERE, sign_in="support"))


def guess(world: FakeWorld, times: int, number: int = 1) -> None:
    for _ in range(times):
        with pytest.raises((WrongPin, LockedOut)):
            sign_in(world, WRONG, number)


def restarted(world: FakeWorld, **off: float) -> FakeWorld:
    """The same database in a new process, after the machine was off for a while."""
    world.clock.reboot(**off)
    return build_world(storage=world.storage, clock=world.clock)


# ----------------------------------------------------------------------------------------------------------- coming in


def test_the_right_pin_lets_somebody_in_and_reads_the_names(world: FakeWorld) -> None:
    assert [member.display_name for member in world.desk.roster.members()] == [None, None, None]
    member = sign_in(world)
    assert (member.number, member.display_name, member.permission) == (1, "さくら", Permission.VOLUNTEER)
    assert world.desk.board.snapshot.attended
    assert [member.display_name for member in world.desk.roster.members()] == ["さくら", "かえで", "すぎ"]
    assert sealed(world) == [SecurityMatter.SIGNED_IN]


@pytest.mark.parametrize("typed", ["４８２９１３", " 482 913 "])
def test_full_width_digits_and_spaces_are_no_mistake(world: FakeWorld, typed: str) -> None:
    assert sign_in(world, typed).number == 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "4829１", "x" * 60_000])
def test_what_can_be_nobodys_pin_is_counted_against_nobody(typed: str) -> None:
    pins = FakePins()
    world = build_world(pins=pins)
    with pytest.raises(Invalid):
        sign_in(world, typed)
    assert pins.tried == 0
    with pytest.raises(WrongPin) as wrong:
        sign_in(world, WRONG)
    assert wrong.value.left == 4


def test_a_pin_alone_is_meant_for_who_was_there_last_else_for_the_first_volunteer(world: FakeWorld) -> None:
    staff = world.desk.staff
    assert staff.meant(None, last=None).number == 1
    third = next(member for member in world.desk.roster.members() if member.number == 3)
    assert staff.meant(None, last=third.id).number == 3
    assert staff.meant(2, last=third.id).number == 2
    assert staff.meant(None, last=uuid4()).number == 1
    with pytest.raises(UnknownStaff):
        staff.meant(9, last=None)


def test_without_any_volunteer_a_pin_alone_is_meant_for_whoever_there_is() -> None:
    world = build_world(roster=[a_person(Permission.FACILITY_STAFF)])
    assert world.desk.staff.sign_in(PIN, browser=HERE).permission is Permission.FACILITY_STAFF


def test_a_wrong_pin_tells_how_many_tries_are_left_and_a_right_one_forgives(world: FakeWorld) -> None:
    lefts = []
    for _ in range(4):
        with pytest.raises(WrongPin) as wrong:
            sign_in(world, WRONG)
        lefts.append(wrong.value.left)
    assert lefts == [4, 3, 2, 1]
    sign_in(world)
    with pytest.raises(WrongPin) as wrong:
        sign_in(world, WRONG)
    assert wrong.value.left == 4


# ------------------------------------------------------------------------------------------------------------- lockout


def test_five_wrong_pins_lock_and_the_words_say_who_can_help(world: FakeWorld) -> None:
    guess(world, 4)
    with pytest.raises(LockedOut) as locked:
        sign_in(world, WRONG)
    assert "館の職員に 暗証番号の 再設定を たのんでください" in locked.value.ja
    with pytest.raises(LockedOut):
        sign_in(world)
    assert not world.desk.board.snapshot.attended
    assert sealed(world)[:5] == [*[SecurityMatter.SIGN_IN_REFUSED] * 4, SecurityMatter.LOCKED_OUT]


def test_facility_staff_are_told_to_ask_ict_support(world: FakeWorld) -> None:
    guess(world, 5, number=2)
    with pytest.raises(LockedOutOfOffice, match="ICT support"):
        sign_in(world, FACILITY_STAFF_PIN, 2)
    assert "ICT支援員に" in LockedOutOfOffice.ja


def test_no_pin_is_tried_while_somebody_is_locked_out() -> None:
    pins = FakePins()
    world = build_world(pins=pins)
    guess(world, 5)
    guess(world, 20)
    assert pins.tried == 5


def test_a_wrong_pin_is_on_the_disk_before_it_is_answered(world: FakeWorld) -> None:
    assert isinstance(world.storage, FakeStorage)
    guess(world, 3)
    assert [row.wrong for row in world.storage.tables.staff.values() if row.member.number == 1] == [3]
    world.storage.full = True
    with pytest.raises(StorageFull):
        sign_in(world, WRONG)
    with pytest.raises(StorageFull):
        sign_in(world)


def test_a_power_cut_unlocks_nobody_and_forgives_nothing(world: FakeWorld) -> None:
    guess(world, 3)
    world = restarted(world, minutes=1)
    guess(world, 2)
    world = restarted(world, days=3)
    with pytest.raises(LockedOut):
        sign_in(world)
    world.clock.advance(minutes=14)
    world = restarted(world, minutes=1)
    world.clock.advance(minutes=14, seconds=59)
    with pytest.raises(LockedOut):
        sign_in(world)
    world.clock.advance(seconds=1)
    assert sign_in(world).number == 1


def test_after_fifteen_minutes_of_uptime_counting_begins_again(world: FakeWorld) -> None:
    guess(world, 5)
    world.clock.advance(minutes=15)
    with pytest.raises(WrongPin) as wrong:
        sign_in(world, WRONG)
    assert wrong.value.left == 4
    guess(world, 4)
    with pytest.raises(LockedOut):
        sign_in(world)


@pytest.mark.parametrize("said", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2027, 11, 20, tzinfo=UTC)])
def test_no_wall_clock_opens_a_lock_or_keeps_it(world: FakeWorld, said: datetime) -> None:
    guess(world, 5)
    world.clock.moment = replace(world.clock.moment, wall=said, quality=ClockQuality.UNKNOWN)
    with pytest.raises(LockedOut):
        sign_in(world)
    world.clock.moment = replace(world.clock.moment, mono_ms=world.clock.moment.mono_ms + 15 * 60_000)
    assert sign_in(world).number == 1


def test_a_press_is_served_while_everybody_is_locked_out(world: FakeWorld) -> None:
    for number in (1, 2, 3):
        guess(world, 5, number)
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    assert call.is_waiting


def test_a_prankster_makes_few_records(world: FakeWorld) -> None:
    assert isinstance(world.storage, FakeStorage)
    for _ in range(8):
        for number in (1, 2, 3):
            guess(world, 25, number)
        world.clock.advance(minutes=15)
    assert len(world.storage.tables.records) <= 2 * (Ration.BURST + 8 * 15 // 10)


def test_a_ration_gives_a_burst_and_then_one_every_ten_minutes() -> None:
    clock, ration = FakeClock(), Ration()
    refused = SecurityMatter.SIGN_IN_REFUSED
    assert [ration.allows(refused, clock.now()) for _ in range(7)] == [True] * 5 + [False] * 2
    assert ration.allows(SecurityMatter.LOCKED_OUT, clock.now())
    clock.advance(minutes=10)
    assert [ration.allows(refused, clock.now()) for _ in range(2)] == [True, False]


class SlowPins(FakePins):
    """Somebody else's PIN is being tried."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()

    def unwrap(self, salt: bytes, wrapped: bytes, pin: str, owner: bytes) -> bytes | None:
        self.begun.set()
        self.go_on.wait(10)
        return super().unwrap(salt, wrapped, pin, owner)


def test_a_burst_of_sign_ins_tries_no_more_pins_than_are_counted_and_queues_no_further() -> None:
    pins = SlowPins()
    world = build_world(pins=pins)
    answers: list[MadoguchiError] = []

    def burst() -> None:
        try:
            sign_in(world, WRONG)
        except MadoguchiError as error:
            answers.append(error)

    threads = [threading.Thread(target=burst) for _ in range(40)]
    threads[0].start()
    assert pins.begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    assert world.desk.calls.pressed(1, source=CallSource.BUTTON).is_waiting
    pins.go_on.set()
    for thread in threads:
        thread.join(10)
    assert pins.tried == 5
    assert sum(isinstance(answer, WrongPin) for answer in answers) == 4
    assert sum(isinstance(answer, SignInBusy) for answer in answers) >= 40 - 2 * MAX_WAITING - 5


# -------------------------------------------------------------------------------------------------------- 委嘱満了


def test_after_the_last_day_of_the_appointment_the_right_pin_is_refused_in_words() -> None:
    world = build_world(roster=[a_person(until=date(2026, 11, 20))])
    sign_in(world)
    world.clock.advance(days=1)
    assert world.desk.staff.working(HERE.sign_in) is None
    with pytest.raises(AppointmentEnded) as ended:
        sign_in(world)
    assert "委嘱の 期間が おわっている" in ended.value.ja
    with pytest.raises(WrongPin):
        sign_in(world, WRONG)


def test_a_clock_nobody_vouches_for_ends_no_appointment() -> None:
    world = build_world(roster=[a_person(until=date(2026, 11, 20))])
    world.clock.moment = replace(
        world.clock.moment, wall=datetime(2030, 1, 1, tzinfo=UTC), quality=ClockQuality.UNKNOWN
    )
    assert sign_in(world).number == 1


# ---------------------------------------------------------------------------------------------- ICT support elsewhere


def test_ict_support_needs_the_code_of_the_screen_from_a_tablet_only(world: FakeWorld) -> None:
    code = world.desk.staff.presence_code
    with pytest.raises(PresenceNeeded):
        sign_in(world, ICT_SUPPORT_PIN, 3, TABLET)
    with pytest.raises(PresenceNeeded):
        sign_in(world, ICT_SUPPORT_PIN, 3, replace(TABLET, code="12"))
    shown = code.shown(world.clock.now()).code
    assert sign_in(world, ICT_SUPPORT_PIN, 3, replace(TABLET, code=f"{shown[:3]} {shown[3:]}")).number == 3
    with pytest.raises(PresenceNeeded):
        sign_in(world, ICT_SUPPORT_PIN, 3, replace(TABLET, sign_in="other", code=shown))
    assert sign_in(world, FACILITY_STAFF_PIN, 2, TABLET).number == 2
    assert sign_in(world, ICT_SUPPORT_PIN, 3, HERE).number == 3


def test_without_the_code_no_pin_of_ict_support_is_tried() -> None:
    pins = FakePins()
    world = build_world(pins=pins)
    for _ in range(9):
        with pytest.raises(PresenceNeeded):
            sign_in(world, WRONG, 3, replace(TABLET, code="000000"))
    assert pins.tried == 0
    assert support(world).number == 3


def test_a_code_lasts_two_minutes_on_the_screen_and_two_more_for_slow_fingers(world: FakeWorld) -> None:
    code, clock = world.desk.staff.presence_code, world.clock
    first = code.shown(clock.now())
    assert first.seconds == 120
    clock.advance(minutes=1)
    assert code.shown(clock.now()).code == first.code
    clock.advance(minutes=1)
    assert code.shown(clock.now()).code != first.code
    assert code.accepts(first.code, clock.now())
    clock.advance(minutes=2)
    assert not code.accepts(first.code, clock.now())


def test_guessing_changes_the_code(world: FakeWorld) -> None:
    code, now = world.desk.staff.presence_code, world.clock.now()
    before = code.shown(now).code
    wrong = "000000" if before != "000000" else "111111"
    for _ in range(5):
        assert not code.accepts(wrong, now)
    assert code.shown(now).code != before


# ----------------------------------------------------------------------------------------------------------- going out


def test_a_stay_is_sealed_as_a_shift(world: FakeWorld) -> None:
    sign_in(world)
    world.clock.advance(minutes=90)
    world.desk.staff.sign_out(HERE.sign_in)
    assert isinstance(world.sealer, FakeSealer)
    shift = next(fact for fact in world.sealer.sealed if isinstance(fact, Shift))
    assert (shift.minutes, shift.honest, shift.role) == (90, True, StaffRole.PROMOTION_VOLUNTEER)
    assert not world.desk.board.snapshot.attended
    assert sealed(world) == [SecurityMatter.SIGNED_IN, Shift, SecurityMatter.SIGNED_OUT]
    world.desk.staff.sign_out(HERE.sign_in)
    assert len(sealed(world)) == 3


def test_somebody_on_two_tablets_is_one_person_and_one_shift(world: FakeWorld) -> None:
    sign_in(world)
    sign_in(world, browser=TABLET)
    assert world.desk.board.snapshot.staff_present == 1
    world.desk.staff.sign_out(HERE.sign_in)
    assert Shift not in sealed(world)
    assert world.desk.board.snapshot.attended
    world.desk.staff.sign_out(TABLET.sign_in)
    assert sealed(world).count(Shift) == 1


def test_whoever_signs_in_at_the_same_browser_takes_the_place(world: FakeWorld) -> None:
    sign_in(world)
    sign_in(world, FACILITY_STAFF_PIN, 2)
    assert world.desk.board.snapshot.staff_present == 1
    assert sealed(world).count(Shift) == 1
    here = world.desk.staff.working(HERE.sign_in)
    assert here is not None
    assert here.number == 2


def test_everybody_leaves_at_closing_and_the_names_are_locked(world: FakeWorld) -> None:
    sign_in(world)
    sign_in(world, FACILITY_STAFF_PIN, 2, TABLET)
    world.desk.opening.close()
    assert sealed(world).count(Shift) == 2
    assert not world.desk.board.snapshot.attended
    assert [member.display_name for member in world.desk.roster.members()] == [None, None, None]


def test_everybody_leaves_even_when_no_disk_takes_the_shifts(world: FakeWorld) -> None:
    assert isinstance(world.storage, FakeStorage)
    sign_in(world)
    world.storage.full = True
    world.desk.staff.everybody_leaves()
    assert not world.desk.board.snapshot.attended
    sign_in_again = restarted(world)
    assert [member.display_name for member in sign_in_again.desk.roster.members()] == [None, None, None]


def test_whoever_wants_to_go_goes_even_when_the_disk_is_full(world: FakeWorld) -> None:
    assert isinstance(world.storage, FakeStorage)
    sign_in(world)
    world.storage.full = True
    world.desk.staff.sign_out(HERE.sign_in)
    assert not world.desk.board.snapshot.attended


def test_half_an_hour_without_a_request_asks_for_the_pin_and_a_live_screen_keeps_the_presence(world: FakeWorld) -> None:
    sign_in(world)
    world.clock.advance(minutes=29)
    assert world.desk.staff.working(HERE.sign_in) is not None
    world.clock.advance(minutes=29)
    assert world.desk.staff.watching(HERE.sign_in) is not None
    world.clock.advance(minutes=1)
    world.desk.staff.seen(HERE.sign_in)
    world.desk.staff.fade()
    assert world.desk.staff.watching(HERE.sign_in) is None
    assert world.desk.staff.working(HERE.sign_in) is None
    assert world.desk.board.snapshot.attended
    sign_in(world)
    assert world.desk.staff.working(HERE.sign_in) is not None
    world.desk.staff.sign_out(HERE.sign_in)
    assert isinstance(world.sealer, FakeSealer)
    assert [fact.minutes for fact in world.sealer.sealed if isinstance(fact, Shift)] == [59]


# ---------------------------------------------------------------------------------------------------------- the roster


def test_the_first_account_is_made_once_and_has_no_default_pin() -> None:
    world = build_world(roster=())
    assert world.desk.roster.is_empty
    with pytest.raises(Invalid):
        world.desk.staff.set_up("すぎ", pin="123456", browser=HERE)
    member = world.desk.staff.set_up("すぎ", pin=ICT_SUPPORT_PIN, browser=HERE)
    assert (member.permission, member.display_name, member.number) == (Permission.ICT_SUPPORT, "すぎ", 1)
    assert world.desk.staff.working(HERE.sign_in) is not None
    with pytest.raises(AlreadySetUp):
        world.desk.staff.set_up("だれか", pin=PIN, browser=HERE)
    assert sealed(world) == [SecurityMatter.SET_UP]
    assert sign_in(restarted(world), ICT_SUPPORT_PIN).display_name == "すぎ"


def test_the_first_set_up_from_a_tablet_needs_the_code_of_the_screen() -> None:
    world = build_world(roster=())
    with pytest.raises(PresenceNeeded):
        world.desk.staff.set_up("すぎ", pin=PIN, browser=TABLET)
    code = world.desk.staff.presence_code.shown(world.clock.now()).code
    world.desk.staff.set_up("すぎ", pin=PIN, browser=replace(TABLET, code=code))
    assert not world.desk.roster.is_empty


def test_somebody_new_comes_in_with_the_pin_that_was_shown_once(world: FakeWorld) -> None:
    member, pin = world.desk.roster.add(ENTRY, by=support(world), place="screen")
    assert (member.number, member.display_name) == (4, "うめ")
    assert sign_in(world, pin, 4).appointments == ENTRY.appointments
    assert sealed(world)[1] is SecurityMatter.STAFF_ADDED
    again = restarted(world)
    assert sign_in(again, pin, 4).display_name == "うめ"
    assert [member.display_name for member in again.desk.roster.members()] == ["さくら", "かえで", "すぎ", "うめ"]


def test_only_ict_support_adds_and_changes(world: FakeWorld) -> None:
    for number, pin in ((1, PIN), (2, FACILITY_STAFF_PIN)):
        member = sign_in(world, pin, number)
        with pytest.raises(NotAllowed):
            world.desk.roster.add(ENTRY, by=member, place="screen")
        with pytest.raises(NotAllowed):
            world.desk.roster.change(member.id, ENTRY, by=member, place="screen")


def test_while_the_desk_key_is_away_nobody_is_added_or_given_a_pin(world: FakeWorld) -> None:
    by = support(world)
    world.desk.staff.everybody_leaves()
    with pytest.raises(NamesLocked):
        world.desk.roster.add(ENTRY, by=by, place="screen")
    with pytest.raises(NamesLocked):
        world.desk.roster.reset_pin(by.id, by=by, place="screen")


@pytest.mark.parametrize(
    ("by", "whose", "may"),
    [
        ((FACILITY_STAFF_PIN, 2), 1, True),
        ((FACILITY_STAFF_PIN, 2), 2, False),
        ((FACILITY_STAFF_PIN, 2), 3, True),
        ((ICT_SUPPORT_PIN, 3), 1, True),
        ((ICT_SUPPORT_PIN, 3), 2, True),
        ((ICT_SUPPORT_PIN, 3), 3, True),
        ((PIN, 1), 1, False),
        ((PIN, 1), 2, False),
    ],
)
def test_who_may_give_whom_a_new_pin(world: FakeWorld, by: tuple[str, int], whose: int, may: bool) -> None:  # noqa: FBT001
    person = world.desk.roster.members()[whose - 1]
    member = sign_in(world, *by)
    if not may:
        with pytest.raises(NotAllowed):
            world.desk.roster.reset_pin(person.id, by=member, place="screen")
        return
    pin = world.desk.roster.reset_pin(person.id, by=member, place="screen")
    assert sign_in(world, pin, whose, TABLET if whose < 3 else HERE).id == person.id


def test_a_reset_opens_the_lock_and_the_old_pin_opens_nothing(world: FakeWorld) -> None:
    guess(world, 5)
    volunteer = world.desk.roster.members()[0]
    pin = world.desk.roster.reset_pin(volunteer.id, by=sign_in(world, FACILITY_STAFF_PIN, 2), place="screen")
    with pytest.raises(WrongPin):
        sign_in(world, browser=TABLET)
    assert sign_in(world, pin, browser=TABLET).number == 1
    assert len(pin) == 6
    assert pin.isdecimal()
    assert not is_weak(pin)
    assert SecurityMatter.PIN_RESET in sealed(world)


def test_a_reset_asks_for_the_new_pin_where_the_person_is_signed_in(world: FakeWorld) -> None:
    volunteer = sign_in(world, browser=TABLET)
    world.desk.roster.reset_pin(volunteer.id, by=support(world), place="screen")
    assert world.desk.staff.working(TABLET.sign_in) is None
    assert world.desk.board.snapshot.staff_present == 2


def test_the_same_press_makes_no_second_pin(world: FakeWorld) -> None:
    by, once = support(world), Once(key="form:1", fingerprint=b"1")
    world.desk.roster.reset_pin(by.id, by=by, place="screen", once=once)
    with pytest.raises(PinShownBefore):
        world.desk.roster.reset_pin(by.id, by=by, place="screen", once=once)
    world.desk.roster.add(ENTRY, by=by, place="screen", once=replace(once, key="form:2"))
    with pytest.raises(PinShownBefore):
        world.desk.roster.add(ENTRY, by=by, place="screen", once=replace(once, key="form:2"))
    assert len(world.desk.roster.members()) == 4


def test_who_no_longer_serves_is_signed_out_and_no_pin_opens_anything(world: FakeWorld) -> None:
    volunteer, by = sign_in(world), support(world)
    world.desk.roster.change(volunteer.id, replace(ENTRY, active=False), by=by, place="screen")
    assert world.desk.staff.working(HERE.sign_in) is None
    assert Shift in sealed(world)
    with pytest.raises(UnknownStaff):
        sign_in(world)
    with pytest.raises(NotServing):
        world.desk.roster.reset_pin(volunteer.id, by=by, place="screen")
    world.desk.roster.change(volunteer.id, ENTRY, by=by, place="screen")
    with pytest.raises(WrongPin):
        sign_in(world)
    assert sign_in(world, world.desk.roster.reset_pin(volunteer.id, by=by, place="screen")).display_name == "うめ"


def test_a_change_of_permission_counts_at_once(world: FakeWorld) -> None:
    volunteer, by = sign_in(world), support(world)
    world.desk.roster.change(volunteer.id, replace(ENTRY, permission=Permission.FACILITY_STAFF), by=by, place="screen")
    member = world.desk.staff.working(HERE.sign_in)
    assert member is not None
    assert member.permission is Permission.FACILITY_STAFF
    assert SecurityMatter.STAFF_CHANGED in sealed(world)


def test_the_last_ict_support_stays(world: FakeWorld) -> None:
    by = support(world)
    for change in (replace(ENTRY, active=False, permission=Permission.ICT_SUPPORT), ENTRY):
        with pytest.raises(LastSupport):
            world.desk.roster.change(by.id, change, by=by, place="screen")
    world.desk.roster.add(replace(ENTRY, permission=Permission.ICT_SUPPORT), by=by, place="screen")
    world.desk.roster.change(by.id, ENTRY, by=by, place="screen")


def test_a_change_of_nobody_is_told_so(world: FakeWorld) -> None:
    with pytest.raises(UnknownStaff):
        world.desk.roster.change(uuid4(), ENTRY, by=support(world), place="screen")
    with pytest.raises(UnknownStaff):
        world.desk.roster.member(uuid4())


def test_a_roster_has_room_for_99(world: FakeWorld) -> None:
    by = support(world)
    for _ in range(96):
        world.desk.roster.add(ENTRY, by=by, place="screen")
    with pytest.raises(Invalid, match="99"):
        world.desk.roster.add(ENTRY, by=by, place="screen")


def test_a_seed_fills_an_empty_roster_only(world: FakeWorld) -> None:
    before = [member.id for member in world.desk.roster.members()]
    world.desk.roster.seed(STAFF)
    assert [member.id for member in world.desk.roster.members()] == before
    assert sealed(world) == []


def test_after_a_failed_commit_the_roster_is_read_again(world: FakeWorld) -> None:
    assert isinstance(world.storage, FakeStorage)
    by = support(world)
    world.storage.full = True
    with pytest.raises(StorageFull):
        world.desk.roster.add(ENTRY, by=by, place="screen")
    world.storage.full = False
    assert len(world.desk.roster.members()) == 3
    assert world.desk.roster.add(ENTRY, by=by, place="screen")[0].number == 4


def test_a_refused_command_is_recorded_without_flooding(world: FakeWorld) -> None:
    member = sign_in(world)
    for _ in range(50):
        world.desk.staff.command_refused(by=member, place="screen")
    assert sealed(world).count(SecurityMatter.COMMAND_REFUSED) == Ration.BURST


# ----------------------------------------------------------------------------------------------------- names and PINs


@pytest.mark.parametrize(
    "pin",
    ["000000", "111111", "123456", "234567", "654321", "987654", "567890", "121212", "123123", "112233", "123321"],
)
def test_a_pin_that_anybody_would_try_first_is_refused(pin: str) -> None:
    with pytest.raises(Invalid, match="weak_pin"):
        checked_pin(pin)


@pytest.mark.parametrize("pin", ["", "48291", "4829133", "48291a", "４８２９１"])
def test_a_pin_is_six_digits(pin: str) -> None:
    with pytest.raises(Invalid, match="six digits"):
        checked_pin(pin)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("さくら", "さくら"), (" さくら　いち ", "さくら いち"), ("１２", "12"), ("らーめん", "らーめん")],
)
def test_a_display_name_is_hiragana_or_a_number(typed: str, kept: str) -> None:
    assert checked_name(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "山田花子", "ヤマダ", "yamada", "さくら1", "1234", "あ" * 13, "さくら\nうめ\x00", "🌸"]
)
def test_a_real_name_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="hiragana"):
        checked_name(typed)


def test_an_appointment_does_not_end_before_it_begins() -> None:
    with pytest.raises(Invalid, match="until"):
        replace(ENTRY, until=date(2026, 3, 31)).checked()


@pytest.fixture(params=[timedelta(0), timedelta(days=-400), timedelta(days=400)])
def jumped(request: pytest.FixtureRequest, world: FakeWorld) -> FakeWorld:
    """A world whose wall clock jumps somewhere between the sign-in and the sign-out."""
    sign_in(world)
    world.clock.advance(minutes=20)
    world.clock.moment = replace(world.clock.moment, wall=world.clock.moment.wall + request.param)
    return world


def test_a_jump_of_the_clock_changes_no_shift(jumped: FakeWorld) -> None:
    jumped.desk.staff.sign_out(HERE.sign_in)
    assert isinstance(jumped.sealer, FakeSealer)
    assert [(fact.minutes, fact.honest) for fact in jumped.sealer.sealed if isinstance(fact, Shift)] == [(20, True)]
