"""The four items are there for whoever was allowed to read them, while the card lies there, and for nobody else."""

import pickle
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from appliance.desk.card_errors import (
    CardBusy,
    CardGone,
    CardLastTry,
    CardNotAsked,
    CardNotFit,
    CardPinLocked,
    CardPinOnlyAtTheBox,
    CardPinOutcomeUnknown,
    CardPinWrong,
    CardsSwitchedOff,
    CardUnreadable,
    ReaderUnusable,
)
from appliance.desk.errors import Invalid, MadoguchiError
from appliance.desk.facts.card import CardKind, CardPhase, ItemsSecret, ReaderStatus
from appliance.desk.facts.security import Place
from appliance.desk.reception import card_items
from appliance.desk.reception.card_items import KEPT, CardItemsDesk
from appliance.desk.reception.cards import CardDesk
from tests.fakes import FakeClock
from tests.readable import ITEMS, NUMBER_B, PIN, ReadableReader, check

ME, OTHER = "my browser", "another one"
WRONG = "1111"


class Stand:
    """A desk with a reader, and browsers where somebody is signed in."""

    def __init__(self, *, checks: bool = True) -> None:
        self.clock, self.reader = FakeClock(), ReadableReader()
        self.cards = CardDesk(clock=self.clock, checks=checks)
        self.cards.connect(self.reader)
        self.here = {ME, OTHER}
        self.desk = CardItemsDesk(cards=self.cards, clock=self.clock, is_here=lambda name: name in self.here)

    def ask(self, *, left: int | None = 3) -> None:
        """A card is laid down, and its owner says yes."""
        self.reader.lay_down(left=left)
        self.desk.ask(ME)

    def by_pin(self, digits: str = PIN, *, press: str = "one", place: Place = "screen", last_try: bool = False) -> None:
        self.desk.read(ME, ItemsSecret.PIN, digits, place=place, press=press, last_try=last_try)

    def by_number(self, digits: str = NUMBER_B, *, press: str = "one", place: Place = "lan") -> None:
        self.desk.read(ME, ItemsSecret.NUMBER_B, digits, place=place, press=press)

    def left(self, secret: ItemsSecret) -> int | None:
        held = self.desk.held(ME)
        assert held is not None
        return held.left.get(secret)


@pytest.fixture
def stand() -> Stand:
    return Stand()


@pytest.fixture
def read(stand: Stand) -> Stand:
    """The four items have been read."""
    stand.ask()
    stand.by_number()
    return stand


def test_a_yes_alone_reads_nothing(stand: Stand) -> None:
    stand.ask()
    assert stand.desk.held(ME) is not None
    assert stand.desk.items(ME) is None
    assert stand.reader.sent == []


def test_either_secret_opens_them_for_the_browser_that_asked_and_for_no_other(stand: Stand) -> None:
    for read in (stand.by_number, stand.by_pin):
        stand.ask()
        read(press=str(read))
        assert stand.desk.items(ME) == ITEMS
        assert stand.desk.items(OTHER) is None
        assert stand.desk.held(OTHER) is None
        stand.reader.lift()


# ------------------------------------------------------------------------------------------------------ how they go


def swap(stand: Stand) -> None:
    stand.reader.lay_down()


def wait(stand: Stand) -> None:
    stand.clock.advance(seconds=KEPT.total_seconds())


def sign_out(stand: Stand) -> None:
    stand.here.remove(ME)


@pytest.mark.parametrize(
    "ends",
    [
        lambda stand: stand.reader.lift(),
        swap,
        wait,
        sign_out,
        lambda stand: stand.desk.erase(),
        lambda stand: stand.reader.breaks(ReaderStatus.NO_READER),
        lambda stand: stand.cards.close(),
        lambda stand: stand.desk.ask(OTHER),
    ],
    ids=["lifted", "another card", "time", "signed out", "button", "no reader", "stopped", "another yes"],
)
def test_they_are_gone_and_do_not_come_back(read: Stand, ends: Callable[[Stand], None]) -> None:
    assert read.desk.seconds_left > 0
    ends(read)
    assert read.desk.held(ME) is None
    assert read.desk.items(ME) is None
    read.here.add(ME)
    with pytest.raises(CardNotAsked):
        read.by_number(press="two")
    assert len(read.reader.sent) == 1, "the next yes has to come first"


def test_time_is_told_and_a_second_before_its_end_they_are_there(read: Stand) -> None:
    read.clock.advance(seconds=KEPT.total_seconds() - 1)
    assert (read.desk.items(ME), read.desk.seconds_left) == (ITEMS, 1)
    read.clock.advance(seconds=1)
    assert (read.desk.items(ME), read.desk.seconds_left) == (None, 0)


def test_nobody_has_to_look_for_them_to_go(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_items, "LOOK_SECONDS", 0.005)
    before = set(threading.enumerate())
    stand.ask()
    stand.by_number()
    (watch,) = set(threading.enumerate()) - before
    stand.ask()
    assert set(threading.enumerate()) - before == {watch}, "one is enough"
    stand.here.remove(ME)
    watch.join(timeout=5)
    assert not watch.is_alive()
    stand.here.add(ME)
    assert stand.desk.held(ME) is None


def test_a_card_that_was_lifted_while_it_was_read_gives_nothing(stand: Stand) -> None:
    stand.reader.meanwhile = stand.reader.lift
    stand.ask()
    with pytest.raises(CardGone):
        stand.by_number()
    assert stand.desk.items(ME) is None


def test_what_is_held_shows_itself_to_nobody(read: Stand) -> None:
    held = read.desk.held(ME)
    assert held is not None
    for shown in (repr(held), str(held), f"{held.items}", repr(vars(read.desk))):
        for secret in (ITEMS.name, ITEMS.address, ITEMS.born, NUMBER_B):
            assert secret not in shown
    with pytest.raises(TypeError):
        pickle.dumps(held)


# ------------------------------------------------------------------------------------------------- which card may be


@pytest.mark.parametrize(
    ("lay_down", "error"),
    [
        (lambda _reader: None, CardGone),
        (lambda reader: reader.put(CardKind.PHONE), CardNotFit),
        (lambda reader: reader.put(CardKind.OTHER), CardNotFit),
        (lambda reader: reader.put(CardKind.UNKNOWN), CardNotFit),
        (lambda reader: reader.lay_down(phase=CardPhase.CHECKING), CardBusy),
        (lambda reader: reader.lay_down(phase=CardPhase.BUSY), CardBusy),
        (lambda reader: reader.put(None, phase=CardPhase.CHECKING), CardBusy),
        (lambda reader: reader.put(None, phase=CardPhase.SILENT), CardUnreadable),
        (lambda reader: reader.put(None, phase=CardPhase.UNREADABLE), CardUnreadable),
        (lambda reader: reader.put(None, phase=CardPhase.TOGETHER), CardUnreadable),
        (lambda reader: reader.breaks(ReaderStatus.ABSENT), ReaderUnusable),
    ],
)
def test_only_a_my_number_card_that_lies_there_may_be_asked(
    stand: Stand,
    lay_down: Callable[[ReadableReader], object],
    error: type[MadoguchiError],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(card_items, "SETTLE_SECONDS", 0.001)
    lay_down(stand.reader)
    with pytest.raises(error):
        stand.desk.ask(ME)
    assert stand.desk.held(ME) is None


def test_a_yes_waits_for_a_card_that_is_just_being_looked_at(stand: Stand) -> None:
    stand.reader.lay_down(phase=CardPhase.CHECKING)
    card = stand.reader.state().card
    assert card is not None
    checked = replace(stand.reader.state(), card=replace(card, phase=CardPhase.CHECKED, check=check()))
    threading.Timer(0.02, stand.reader.show, [checked]).start()
    stand.desk.ask(ME)
    assert stand.left(ItemsSecret.PIN) == 3


def test_a_box_that_reads_no_cards_asks_none() -> None:
    stand = Stand(checks=False)
    assert not stand.desk.is_on
    with pytest.raises(CardsSwitchedOff):
        stand.ask()


def test_a_yes_outlives_the_minute_in_which_the_check_is_told(stand: Stand) -> None:
    stand.ask(left=1)
    stand.clock.advance(seconds=120)
    assert stand.left(ItemsSecret.PIN) == 1
    stand.by_number()
    assert stand.desk.items(ME) == ITEMS


# ------------------------------------------------------------------------------------------------------- the tries


@pytest.mark.parametrize("place", ["lan", "api", "console"])
def test_the_pin_is_refused_elsewhere_than_at_the_box_before_it_is_looked_at(stand: Stand, place: Place) -> None:
    stand.ask()
    for typed in (PIN, "nonsense"):
        with pytest.raises(CardPinOnlyAtTheBox):
            stand.by_pin(typed, place=place)
    assert stand.reader.sent == []
    stand.by_number(place=place)
    assert stand.desk.items(ME) == ITEMS, "the numbers of its face may be typed anywhere in the house"


@pytest.mark.parametrize("typed", ["", "246", "24680", "２４６８", "abcd", "2468\n"])
def test_what_can_be_no_pin_costs_no_try_and_no_press(stand: Stand, typed: str) -> None:
    stand.ask()
    with pytest.raises(Invalid):
        stand.by_pin(typed)
    assert stand.reader.sent == []
    stand.by_pin()
    assert stand.desk.items(ME) == ITEMS


def test_a_locked_pin_is_not_sent(stand: Stand) -> None:
    stand.ask(left=0)
    with pytest.raises(CardPinLocked):
        stand.by_pin(last_try=True)
    assert stand.reader.sent == []
    stand.by_number(press="two")
    assert stand.desk.items(ME) == ITEMS, "the numbers of its face have tries of their own"


def test_the_last_try_is_used_only_if_somebody_says_so(stand: Stand) -> None:
    stand.ask(left=1)
    with pytest.raises(CardLastTry):
        stand.by_pin()
    assert stand.reader.sent == []
    stand.by_pin(press="two", last_try=True)
    assert stand.desk.items(ME) == ITEMS
    assert len(stand.reader.sent) == 1


def test_a_wrong_one_counts_down_to_the_lock_and_no_further(stand: Stand) -> None:
    stand.ask()
    for press, left in (("a", 2), ("b", 1)):
        with pytest.raises(CardPinWrong) as wrong:
            stand.by_pin(WRONG, press=press)
        assert (wrong.value.left, stand.left(ItemsSecret.PIN)) == (left, left)
    with pytest.raises(CardPinWrong):
        stand.by_pin(WRONG, press="c", last_try=True)
    assert stand.left(ItemsSecret.PIN) == 0
    with pytest.raises(CardPinLocked):
        stand.by_pin(press="d", last_try=True)
    assert len(stand.reader.sent) == 3
    assert stand.left(ItemsSecret.NUMBER_B) is None


@pytest.mark.parametrize(
    ("error", "left"), [(CardLastTry, 1), (CardPinLocked, 0), (CardBusy, None), (CardUnreadable, None)]
)
def test_what_the_card_itself_says_of_its_tries_is_remembered(
    stand: Stand, error: type[MadoguchiError], left: int | None
) -> None:
    stand.ask()
    stand.reader.meanwhile = lambda: _raise(error)
    with pytest.raises(error):
        stand.by_number()
    assert stand.left(ItemsSecret.NUMBER_B) == left


@pytest.mark.parametrize("error", [CardPinOutcomeUnknown, CardGone])
def test_after_a_card_moved_under_the_pin_it_begins_with_another_yes(stand: Stand, error: type[MadoguchiError]) -> None:
    stand.ask()
    stand.reader.meanwhile = lambda: _raise(error)
    with pytest.raises(error):
        stand.by_pin()
    with pytest.raises(CardNotAsked):
        stand.by_pin(press="two")
    assert len(stand.reader.sent) == 1


def _raise(error: type[MadoguchiError]) -> None:
    raise error


# ------------------------------------------------------------------------------------------------------ one press


def test_a_press_that_arrives_twice_goes_to_the_card_once(stand: Stand) -> None:
    stand.ask()
    stand.by_number()
    stand.by_number()
    stand.by_number(press="of a page that was still open")
    assert len(stand.reader.sent) == 1


def test_a_wrong_press_is_answered_again_and_not_sent_again_however_late(stand: Stand) -> None:
    stand.ask()
    for press in ("a", "b"):
        with pytest.raises(CardPinWrong):
            stand.by_pin(WRONG, press=press)
    for press, left in (("a", 2), ("b", 1), ("a", 2)):
        with pytest.raises(CardPinWrong) as again:
            stand.by_pin(WRONG, press=press, last_try=True)
        assert again.value.left == left
    stand.desk.ask(ME)
    with pytest.raises(CardPinWrong):
        stand.by_pin(WRONG, press="b", last_try=True)
    assert len(stand.reader.sent) == 2


def test_two_presses_at_the_same_moment_are_one(stand: Stand) -> None:
    stand.ask()
    stand.reader.goes_on.clear()
    errors: list[MadoguchiError] = []

    def press() -> None:
        try:
            stand.by_pin(WRONG)
        except CardPinWrong as error:
            errors.append(error)

    fingers = [threading.Thread(target=press) for _ in range(4)]
    for finger in fingers:
        finger.start()
    stand.reader.goes_on.set()
    for finger in fingers:
        finger.join(timeout=5)
    assert len(stand.reader.sent) == 1
    assert [error.left for error in errors if isinstance(error, CardPinWrong)] == [2] * 4


def test_presses_are_not_remembered_for_ever(stand: Stand) -> None:
    stand.ask()
    for number in range(200):
        stand.reader.left = 9
        with pytest.raises(CardPinWrong):
            stand.by_pin(WRONG, press=str(number))
    assert len(stand.desk._presses) <= 64  # noqa: SLF001 (memory is what this is about)
