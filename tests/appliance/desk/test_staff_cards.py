from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from appliance.desk.card_errors import CardBusy, CardUnreadable, ReaderUnusable
from appliance.desk.errors import (
    AppointmentEnded,
    LockedOut,
    NotAllowed,
    NotServing,
    StorageFull,
    UnknownStaff,
    WrongPin,
)
from appliance.desk.facts.card import CardKind, CardPhase, CardState, CardVisit, ReaderStatus
from appliance.desk.facts.roster import PersonEntry
from appliance.desk.facts.security import SecurityEvent, SecurityMatter
from appliance.desk.facts.staff import Employment, Permission, StaffMember, StaffRole
from appliance.desk.reception.staffing import Browser
from appliance.desk.tap_errors import (
    CardLiesThere,
    CardNotForStaff,
    CardTaken,
    NoCardThere,
    OwnScreenOnly,
    PatronsHaveCards,
    PinNeeded,
    TapsOff,
    UnknownCard,
)
from tests.fakes import (
    FACILITY_STAFF_PIN,
    ICT_SUPPORT_PIN,
    PIN,
    FakeSealer,
    FakeStorage,
    FakeWorld,
    build_world,
)

WRONG = "731048"
HERE = Browser(sign_in="here", place="screen")
TABLET = Browser(sign_in="tablet", place="lan")
KEYS = {"1-new": b"k" * 32}
CARD, OTHER_CARD = b"felica\0a card of somebody", b"felica\0another card"


@pytest.fixture
def world() -> FakeWorld:
    return with_taps(build_world())


def with_taps(world: FakeWorld) -> FakeWorld:
    """The desk has its key, and a reader for longer than just now."""
    world.desk.staff_cards.take_keys(KEYS)
    world.clock.advance(minutes=1)
    return world


def person(world: FakeWorld, number: int) -> StaffMember:
    return world.desk.roster.members()[number - 1]


def lay_down(world: FakeWorld, name: bytes | None = CARD) -> None:
    world.cards.put(CardKind.OTHER, name=name)


def lay_down_anew(world: FakeWorld, name: bytes | None = CARD) -> None:
    world.cards.lift()
    world.clock.advance(seconds=3)
    lay_down(world, name)


def enrol(world: FakeWorld, number: int = 1, name: bytes = CARD) -> UUID:
    """Facility staff gives that person the card, and takes it off the reader."""
    member = person(world, number)
    lay_down(world, name)
    world.desk.staff_cards.enrol(member.id, by=person(world, 3), place="screen")
    world.cards.lift()
    return member.id


def tap(world: FakeWorld, name: bytes | None = CARD, browser: Browser = HERE) -> StaffMember:
    lay_down_anew(world, name)
    return world.desk.staff_cards.tap(browser=browser)


def matters(world: FakeWorld) -> list[SecurityMatter]:
    assert isinstance(world.sealer, FakeSealer)
    return [fact.matter for fact in world.sealer.sealed if isinstance(fact, SecurityEvent)]


def opened(world: FakeWorld) -> FakeWorld:
    """The volunteer has typed her PIN today and gone out again."""
    world.desk.staff.sign_in(PIN, browser=HERE, number=1)
    world.desk.staff.sign_out(HERE.sign_in)
    return world


# ------------------------------------------------------------------------------------------------------------ tapping


def test_the_first_tap_of_a_day_says_whose_turn_it_is_and_the_next_one_signs_in(world: FakeWorld) -> None:
    sakura = enrol(world)
    with pytest.raises(PinNeeded) as needed:
        tap(world)
    assert needed.value.member.id == sakura
    assert world.desk.staff.working(HERE.sign_in) is None
    opened(world)
    assert tap(world).id == sakura
    there = world.desk.staff.working(HERE.sign_in)
    assert there is not None
    assert there.id == sakura
    assert matters(world)[-2:] == [SecurityMatter.SIGNED_IN, SecurityMatter.CARD_USED]


def test_tomorrow_the_pin_is_needed_again_and_a_clock_that_was_set_makes_no_tomorrow(world: FakeWorld) -> None:
    enrol(world)
    opened(world)
    now = world.clock.now()
    world.clock.set_to(now.wall + timedelta(days=3), at=now)
    assert tap(world)
    world.desk.staff.sign_out(HERE.sign_in)
    world.clock.advance(days=1)
    with pytest.raises(PinNeeded):
        tap(world)


def test_after_closing_time_the_pin_is_needed_again(world: FakeWorld) -> None:
    enrol(world)
    opened(world)
    world.desk.staff.everybody_leaves()
    with pytest.raises(PinNeeded):
        tap(world)


def test_a_new_pin_has_to_be_typed_before_a_tap_is_enough(world: FakeWorld) -> None:
    sakura = enrol(world)
    opened(world)
    world.desk.staff.sign_in(ICT_SUPPORT_PIN, browser=HERE, number=3)
    world.desk.roster.reset_pin(sakura, by=person(world, 3), place="screen")
    with pytest.raises(PinNeeded):
        tap(world)


@pytest.mark.parametrize(("number", "pin"), [(2, FACILITY_STAFF_PIN), (3, ICT_SUPPORT_PIN)])
def test_whoever_may_do_more_than_a_volunteer_types_the_pin_each_time(world: FakeWorld, number: int, pin: str) -> None:
    enrol(world, number)
    world.desk.staff.sign_in(pin, browser=HERE, number=number)
    world.desk.staff.sign_out(HERE.sign_in)
    with pytest.raises(PinNeeded):
        tap(world)


def test_a_tap_signs_nobody_in_elsewhere_than_at_the_box(world: FakeWorld) -> None:
    enrol(world)
    opened(world)
    asked = world.cards.asked
    with pytest.raises(OwnScreenOnly):
        tap(world, browser=TABLET)
    assert world.cards.asked == asked, "nor is the card asked who it is"
    assert world.desk.staff_cards.tap(browser=HERE), "and the tap still stands for whoever laid it down"


def test_a_card_left_lying_signs_nobody_in_twice(world: FakeWorld) -> None:
    enrol(world)
    opened(world)
    tap(world)
    world.desk.staff.sign_out(HERE.sign_in)
    assert world.desk.staff_cards.fresh == 0
    with pytest.raises(CardLiesThere):
        world.desk.staff_cards.tap(browser=HERE)
    assert tap(world)


def test_a_card_laid_down_beside_a_pin_is_no_tap_once_that_person_leaves(world: FakeWorld) -> None:
    enrol(world)
    lay_down(world)
    opened(world)
    with pytest.raises(CardLiesThere):
        world.desk.staff_cards.tap(browser=HERE)


def test_a_card_laid_down_while_somebody_is_there_is_no_tap_after_she_left(world: FakeWorld) -> None:
    enrol(world)
    world.desk.staff.sign_in(PIN, browser=HERE, number=1)
    lay_down(world)
    world.desk.staff.sign_out(HERE.sign_in)
    with pytest.raises(CardLiesThere):
        world.desk.staff_cards.tap(browser=HERE)


def test_a_card_that_nobody_used_for_a_minute_was_left_there(world: FakeWorld) -> None:
    enrol(world)
    opened(world)
    lay_down(world)
    world.clock.advance(seconds=59)
    assert world.desk.staff_cards.fresh
    world.clock.advance(seconds=1)
    assert not world.desk.staff_cards.fresh
    with pytest.raises(CardLiesThere):
        world.desk.staff_cards.tap(browser=HERE)


def test_a_card_that_comes_with_the_reader_was_left_there(world: FakeWorld) -> None:
    enrol(world)
    opened(world)
    lay_down(world)
    world.cards.breaks(ReaderStatus.NO_READER)
    world.clock.advance(minutes=1)
    world.cards.show(replace(world.cards.state(), reader=ReaderStatus.READY))
    world.clock.advance(seconds=1)
    lay_down(world)
    with pytest.raises(CardLiesThere):
        world.desk.staff_cards.tap(browser=HERE)
    assert tap(world)


def test_a_screen_that_asks_before_the_desk_is_told_knows_a_tap_and_what_came_with_the_reader(
    world: FakeWorld,
) -> None:
    told: list[int] = []
    world.desk.cards.at_change.insert(0, lambda _state: told.append(world.desk.staff_cards.fresh))
    lay_down(world)
    number = told[-1]
    assert number == world.desk.staff_cards.fresh > 0
    world.cards.breaks(ReaderStatus.NO_READER)
    world.clock.advance(minutes=1)
    lying = CardVisit(number=number + 1, phase=CardPhase.CHECKED, kind=CardKind.OTHER)
    world.cards.show(CardState(reader=ReaderStatus.READY, card=lying))
    assert told[-1] == world.desk.staff_cards.fresh == 0


def test_a_card_nobody_knows_signs_nobody_in_and_is_put_on_record_without_saying_which(world: FakeWorld) -> None:
    enrol(world)
    with pytest.raises(UnknownCard):
        tap(world, OTHER_CARD)
    assert isinstance(world.sealer, FakeSealer)
    event = world.sealer.sealed[-1]
    assert isinstance(event, SecurityEvent)
    assert (event.matter, event.by, event.about) == (SecurityMatter.CARD_REFUSED, None, None)


def test_locked_out_by_wrong_pins_is_locked_out_with_a_card_too(world: FakeWorld) -> None:
    enrol(world)
    opened(world)
    for _ in range(4):
        with pytest.raises(WrongPin):
            world.desk.staff.sign_in(WRONG, browser=HERE, number=1)
    assert tap(world), "four wrong ones do not lock"
    world.desk.staff.sign_out(HERE.sign_in)
    with pytest.raises(LockedOut):
        world.desk.staff.sign_in(WRONG, browser=HERE, number=1)
    with pytest.raises(LockedOut):
        tap(world)


def test_whose_appointment_has_ended_comes_in_by_no_card(world: FakeWorld) -> None:
    sakura = enrol(world)
    opened(world)
    ended = PersonEntry(
        name="さくら",
        permission=Permission.VOLUNTEER,
        appointments=frozenset({StaffRole.PROMOTION_VOLUNTEER}),
        employment=Employment.VOLUNTEER,
        until=world.clock.now().wall.date().replace(year=2020),
    )
    world.desk.roster.change(sakura, ended, by=person(world, 3), place="screen")
    with pytest.raises(AppointmentEnded):
        tap(world)


@pytest.mark.parametrize(
    ("kind", "phase", "error"),
    [
        (CardKind.MY_NUMBER, CardPhase.CHECKED, CardNotForStaff),
        (CardKind.PHONE, CardPhase.CHECKED, CardNotForStaff),
        (CardKind.UNKNOWN, CardPhase.CHECKED, CardNotForStaff),
        (CardKind.OTHER, CardPhase.CHECKED, CardNotForStaff),  # calls itself otherwise tomorrow: no name
        (None, CardPhase.CHECKING, CardBusy),
        (None, CardPhase.SILENT, CardUnreadable),
        (None, CardPhase.TOGETHER, CardUnreadable),
    ],
)
def test_a_card_that_cannot_say_who_it_is_signs_nobody_in_and_is_given_to_nobody(
    world: FakeWorld, kind: CardKind | None, phase: CardPhase, error: type[Exception]
) -> None:
    opened(world)
    world.cards.put(kind, phase=phase)
    with pytest.raises(error):
        world.desk.staff_cards.tap(browser=HERE)
    with pytest.raises(error):
        world.desk.staff_cards.enrol(person(world, 1).id, by=person(world, 3), place="screen")
    assert kind is CardKind.OTHER or world.cards.asked == 0
    assert not world.desk.staff_cards.has_card(person(world, 1).id)


def test_without_card_reader_or_key_the_words_say_so(world: FakeWorld) -> None:
    with pytest.raises(NoCardThere):
        world.desk.staff_cards.tap(browser=HERE)
    world.cards.breaks(ReaderStatus.NO_READER)
    assert world.desk.staff_cards.is_on
    with pytest.raises(ReaderUnusable):
        world.desk.staff_cards.tap(browser=HERE)
    world.cards.breaks(ReaderStatus.ABSENT)
    assert not world.desk.staff_cards.is_on
    with pytest.raises(TapsOff):
        world.desk.staff_cards.tap(browser=HERE)
    unenrolled = build_world()
    unenrolled.clock.advance(minutes=1)
    lay_down(unenrolled)
    with pytest.raises(TapsOff):
        unenrolled.desk.staff_cards.tap(browser=HERE)
    assert unenrolled.cards.asked == 0


def test_in_a_library_no_card_is_asked_and_those_known_from_before_are_forgotten() -> None:
    storage = FakeStorage()
    before = with_taps(build_world(storage=storage))
    sakura = enrol(before)
    world = with_taps(build_world(storage=storage, roster=(), patrons_have_cards=True))
    assert not world.desk.staff_cards.is_on
    assert not world.desk.staff_cards.has_card(sakura)
    assert matters(world) == [SecurityMatter.CARD_REVOKED]
    lay_down(world)
    for ask in (
        lambda: world.desk.staff_cards.tap(browser=HERE),
        lambda: world.desk.staff_cards.enrol(sakura, by=person(world, 3), place="screen"),
    ):
        with pytest.raises(PatronsHaveCards):
            ask()
    assert world.desk.staff_cards.fresh == 0
    assert world.cards.asked == 0


# ----------------------------------------------------------------------------------------------------------- enrolling


@pytest.mark.parametrize(
    ("by", "about", "may"),
    [(1, 1, False), (1, 2, False), (2, 1, True), (2, 2, False), (3, 1, True), (3, 2, True), (3, 3, True)],
)
def test_whoever_may_reset_a_pin_may_give_a_card(world: FakeWorld, by: int, about: int, *, may: bool) -> None:
    lay_down(world)
    if may:
        world.desk.staff_cards.enrol(person(world, about).id, by=person(world, by), place="screen")
    else:
        with pytest.raises(NotAllowed):
            world.desk.staff_cards.enrol(person(world, about).id, by=person(world, by), place="screen")
        assert world.cards.asked == 0
    assert world.desk.staff_cards.has_card(person(world, about).id) is may
    assert matters(world) == ([SecurityMatter.CARD_ENROLLED] if may else [])


def test_everybody_gives_herself_a_card_by_her_pin_and_wrong_ones_count(world: FakeWorld) -> None:
    sakura = world.desk.staff.sign_in(PIN, browser=HERE, number=1)
    with pytest.raises(NoCardThere):
        world.desk.staff_cards.enrol_own(HERE.sign_in, WRONG, place="screen")
    lay_down(world)
    with pytest.raises(WrongPin) as wrong:
        world.desk.staff_cards.enrol_own(HERE.sign_in, WRONG, place="screen")
    assert wrong.value.left == 4, "a PIN typed without a card was not tried"
    assert not world.desk.staff_cards.has_card(sakura.id)
    world.desk.staff_cards.enrol_own(HERE.sign_in, PIN, place="screen")
    assert world.desk.staff_cards.has_card(sakura.id)
    world.desk.staff.sign_out(HERE.sign_in)
    assert tap(world).id == sakura.id
    with pytest.raises(UnknownStaff):
        world.desk.staff_cards.enrol_own("nobody's", PIN, place="screen")


def test_from_a_tablet_nobody_is_given_the_card_that_lies_at_the_box(world: FakeWorld) -> None:
    lay_down(world)
    with pytest.raises(OwnScreenOnly):
        world.desk.staff_cards.enrol(person(world, 1).id, by=person(world, 3), place="lan")
    world.desk.staff.sign_in(PIN, browser=TABLET, number=1)
    with pytest.raises(OwnScreenOnly):
        world.desk.staff_cards.enrol_own(TABLET.sign_in, PIN, place="lan")
    assert world.cards.asked == 0


def test_the_tap_by_which_a_card_is_given_signs_nobody_in(world: FakeWorld) -> None:
    opened(world)
    lay_down(world)
    world.desk.staff_cards.enrol(person(world, 1).id, by=person(world, 3), place="screen")
    with pytest.raises(CardLiesThere):
        world.desk.staff_cards.tap(browser=HERE)


def test_a_card_is_one_persons_and_a_person_has_one_card(world: FakeWorld) -> None:
    enrol(world, 1, CARD)
    with pytest.raises(CardTaken):
        enrol(world, 2, CARD)
    assert matters(world)[-1] is SecurityMatter.CARD_REFUSED
    world.cards.lift()
    enrol(world, 1, OTHER_CARD)
    opened(world)
    with pytest.raises(UnknownCard):
        tap(world, CARD)
    assert tap(world, OTHER_CARD)
    world.desk.staff.sign_out(HERE.sign_in)
    assert enrol(world, 2, CARD)


def test_a_full_disk_gives_nobody_a_card(world: FakeWorld) -> None:
    assert isinstance(world.storage, FakeStorage)
    lay_down(world)
    world.storage.full = True
    with pytest.raises(StorageFull):
        world.desk.staff_cards.enrol(person(world, 1).id, by=person(world, 3), place="screen")
    world.storage.full = False
    assert not world.desk.staff_cards.has_card(person(world, 1).id)


# ------------------------------------------------------------------------------------------------------------ revoking


@pytest.mark.parametrize(
    ("by", "about", "may"), [(1, 1, True), (1, 2, False), (2, 1, True), (2, 3, True), (3, 2, True)]
)
def test_a_lost_card_is_taken_away_by_its_owner_and_by_all_who_are_no_volunteers(
    world: FakeWorld, by: int, about: int, *, may: bool
) -> None:
    owner = enrol(world, about)
    before = len(matters(world))
    if may:
        for _ in range(2):
            world.desk.staff_cards.revoke(owner, by=person(world, by), place="lan")
        assert matters(world)[before:] == [SecurityMatter.CARD_REVOKED], "once, however often it is pressed"
        with pytest.raises(UnknownCard):
            tap(world)
    else:
        with pytest.raises(NotAllowed):
            world.desk.staff_cards.revoke(owner, by=person(world, by), place="lan")
    assert world.desk.staff_cards.has_card(owner) is not may


def test_whoever_a_lost_card_let_in_is_asked_for_the_pin_but_its_owner_works_on_where_she_stopped_it(
    world: FakeWorld,
) -> None:
    sakura = enrol(world)
    opened(world)
    tap(world)
    world.desk.staff_cards.revoke(sakura, by=person(world, 1), place="screen")
    assert world.desk.staff.working(HERE.sign_in) is not None
    world.cards.lift()
    enrol(world)
    world.desk.staff_cards.revoke(sakura, by=person(world, 2), place="lan")
    assert world.desk.staff.working(HERE.sign_in) is None
    assert matters(world)[-2:] == [SecurityMatter.CARD_REVOKED, SecurityMatter.SIGNED_OUT]


def test_whoever_no_longer_serves_has_no_card_and_is_given_none(world: FakeWorld) -> None:
    sakura = enrol(world)
    opened(world)
    rests = PersonEntry(
        name="さくら",
        permission=Permission.VOLUNTEER,
        appointments=frozenset({StaffRole.PROMOTION_VOLUNTEER}),
        employment=Employment.VOLUNTEER,
        active=False,
    )
    world.desk.roster.change(sakura, rests, by=person(world, 3), place="screen")
    assert not world.desk.staff_cards.has_card(sakura)
    lay_down_anew(world)
    with pytest.raises(NotServing):
        world.desk.staff_cards.enrol(sakura, by=person(world, 3), place="screen")


# ---------------------------------------------------------------------------------------------------- versions of keys


def test_a_card_known_under_an_older_key_is_known_under_the_newest_after_a_tap(world: FakeWorld) -> None:
    sakura = enrol(world)
    opened(world)
    newest = {"2-new": b"n" * 32}
    world.desk.staff_cards.take_keys(newest | KEYS)
    assert tap(world).id == sakura
    world.desk.staff.sign_out(HERE.sign_in)
    world.desk.staff_cards.take_keys(newest)
    assert world.desk.staff_cards.has_card(sakura)
    assert tap(world).id == sakura


def test_a_card_known_under_no_key_any_more_is_forgotten_and_that_is_put_on_record(world: FakeWorld) -> None:
    sakura = enrol(world)
    world.desk.staff_cards.take_keys({"2-other": b"n" * 32})
    assert not world.desk.staff_cards.has_card(sakura)
    assert matters(world)[-1] is SecurityMatter.CARD_REVOKED


def test_nothing_of_a_card_is_shown_by_what_stands_for_it(world: FakeWorld) -> None:
    enrol(world)
    assert isinstance(world.storage, FakeStorage)
    with world.storage.writing() as page:
        row = page.staff.all()[0]
    assert row.card is not None
    assert row.card.startswith("1-new:")
    assert row.card not in repr(row)
    assert isinstance(world.sealer, FakeSealer)
    assert row.card not in repr(world.sealer.sealed)
