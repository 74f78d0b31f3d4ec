"""What happens at the reader: with cards in memory, and over real pcscd with a virtual reader."""

import time
from datetime import timedelta

import pytest

from appliance.desk.card_errors import (
    CardBusy,
    CardGone,
    CardLastTry,
    CardNotFit,
    CardPinLocked,
    CardPinOutcomeUnknown,
    CardPinWrong,
)
from appliance.desk.facts.card import CardKind, CardPhase, ItemsKey, TriesLeft
from drivers.card.samples import HANAKO, MARIA, transport_card
from tests.drivers.card.stands import NOW, PATIENCE, Stand, hanako, maria

PIN, WRONG = ItemsKey.pin(HANAKO.pin), ItemsKey.pin("9753")
NUMBER_B = ItemsKey.number_b(born=HANAKO.born[2:], expires=HANAKO.expires, code=HANAKO.code)
DAYS_APART = 600


def test_a_card_says_until_when_and_how_often_before_any_pin(stand: Stand) -> None:
    says(stand, "soon", days=24, tries=3)


@pytest.mark.parametrize(("sample", "days", "tries"), [("valid", 900, 3), ("expired", -40, 3), ("one_try", 900, 1)])
def test_so_does_every_sort_of_card(memory: Stand, sample: str, days: int, tries: int) -> None:
    says(memory, sample, days=days, tries=tries)


def says(stand: Stand, sample: str, *, days: int, tries: int) -> None:
    stand.lay_down_sample(sample)
    card = stand.visit()
    assert card.kind is CardKind.MY_NUMBER
    assert card.check is not None
    assert card.check.valid_until == NOW + timedelta(days=days)
    assert card.check.authority_key == bytes(range(20)).hex()
    assert card.check.tries_left == TriesLeft(authentication=tries, signature=5, input_support=tries)
    assert stand.verifies == 0
    assert len(stand.heard) <= 15


@pytest.mark.parametrize(("sample", "kind", "most"), [("phone", CardKind.PHONE, 3), ("transport", CardKind.OTHER, 0)])
def test_another_card_is_told_apart_and_asked_nothing_more(
    stand: Stand, sample: str, kind: CardKind, most: int
) -> None:
    stand.lay_down_sample(sample)
    card = stand.visit()
    assert (card.kind, card.check) == (kind, None)
    assert len(stand.heard) <= most


def test_a_card_of_the_family_that_nobody_knows_yet_is_asked_nothing_more(memory: Stand) -> None:
    memory.lay_down_sample("unknown_token")
    card = memory.visit()
    assert (card.kind, card.check) == (CardKind.UNKNOWN, None)
    assert len(memory.heard) == 3


def test_a_lifted_card_is_gone_and_comes_back_as_another_visit(stand: Stand) -> None:
    card = stand.lay_down(hanako())
    first = stand.visit()
    stand.lift_and_see()
    assert stand.refused(CardGone, first.number, PIN)
    stand.lay_down(card)
    assert stand.visit().number != first.number
    assert stand.verifies == 0


def test_what_was_asked_of_one_card_is_never_answered_by_the_next(stand: Stand) -> None:
    stand.lay_down(hanako())
    first = stand.visit()
    stand.lay_down(maria(days=900 - DAYS_APART))
    second = stand.until(lambda state: state.card is not None and state.card.number != first.number).card
    assert second is not None
    stand.refused(CardGone, first.number, PIN)
    assert stand.verifies == 0
    for state in stand.states:
        if state.card is not None and state.card.check is not None:
            days = 900 if state.card.number == first.number else 900 - DAYS_APART
            assert state.card.check.valid_until == NOW + timedelta(days=days)


def test_a_card_that_is_swapped_while_it_is_read_leaves_nothing_behind(stand: Stand) -> None:
    stand.lay_down(hanako(delay=0.1))
    first = stand.visit(CardPhase.CHECKING)
    stand.lay_down(maria())
    card = stand.visit()
    assert card.number != first.number
    assert card.check is not None
    assert card.check.valid_until == NOW + timedelta(days=300)
    assert all(state.card.check is None for state in stand.states if state.card and state.card.number == first.number)


def test_a_card_that_is_pulled_while_it_is_read_is_not_answered_for(stand: Stand) -> None:
    stand.lay_down_sample("pulled")
    stand.until(lambda state: CardPhase.UNREADABLE in [one.card.phase for one in stand.states if one.card])
    stand.until(lambda state: state.card is None)
    assert not any(state.card.check for state in stand.states if state.card)
    stand.lay_down(hanako())
    assert stand.visit().check is not None


def test_a_pin_whose_answer_never_came_may_have_been_counted(stand: Stand) -> None:
    """Command 7 of the reading: three for the mark, three up to the tries left, then the digits."""
    card = stand.lay_down(hanako())
    visit = stand.visit()
    card.pull_after(7)
    stand.refused(CardPinOutcomeUnknown, visit.number, PIN)
    assert stand.verifies == 1
    stand.until(lambda state: state.card is None)


def test_a_silent_card_is_told_of_left_alone_and_forgotten_once_lifted(stand: Stand) -> None:
    began = time.monotonic()
    stand.lay_down_sample("silent")
    stand.visit(CardPhase.SILENT, seconds=PATIENCE + 4)
    assert time.monotonic() - began < PATIENCE + 4
    heard = len(stand.heard)
    time.sleep(PATIENCE)
    assert stand.visit(CardPhase.SILENT).check is None
    assert len(stand.heard) == heard
    stand.lift_and_see()
    stand.lay_down(hanako())
    assert stand.visit().check is not None


@pytest.mark.parametrize("key", [PIN, NUMBER_B], ids=["pin", "number_b"])
def test_the_four_items_open_by_either_key(stand: Stand, key: ItemsKey) -> None:
    stand.lay_down(hanako())
    items = stand.reader.four_items(stand.visit().number, key)
    assert (items.name, items.address, items.born, items.sex) == (
        HANAKO.name,
        HANAKO.address,
        HANAKO.born,
        HANAKO.sex,
    )
    assert stand.verifies == 1
    assert HANAKO.name not in repr(items)


def test_a_long_latin_name_and_address_come_whole(memory: Stand) -> None:
    memory.lay_down_sample("long_name")
    items = memory.reader.four_items(memory.visit().number, ItemsKey.pin(MARIA.pin))
    assert (items.name, items.address) == (MARIA.name, MARIA.address)


def test_a_wrong_pin_is_sent_once_and_the_card_says_what_is_left(stand: Stand) -> None:
    card = stand.lay_down(hanako())
    visit = stand.visit().number
    refused = stand.refused(CardPinWrong, visit, WRONG)
    assert isinstance(refused, CardPinWrong)
    assert refused.left == 2
    assert stand.verifies == 1
    shown = stand.visit()
    assert shown.check is not None
    assert (shown.number, shown.check.tries_left.input_support) == (visit, 2)
    stand.lift_and_see()
    stand.lay_down(card)
    check = stand.visit().check
    assert check is not None
    assert check.tries_left.input_support == 2


def test_the_last_try_is_used_only_if_somebody_said_so(stand: Stand) -> None:
    stand.lay_down_sample("one_try")
    visit = stand.visit().number
    stand.refused(CardLastTry, visit, WRONG)
    assert stand.verifies == 0
    stand.refused(CardPinLocked, visit, WRONG, last_try=True)
    stand.refused(CardPinLocked, visit, PIN, last_try=True)
    assert stand.verifies == 1


def test_nothing_is_sent_to_a_locked_card(stand: Stand) -> None:
    stand.lay_down_sample("locked")
    card = stand.visit()
    assert card.check is not None
    assert card.check.tries_left == TriesLeft(authentication=0, signature=5, input_support=0)
    stand.refused(CardPinLocked, card.number, PIN, last_try=True)
    assert stand.verifies == 0


@pytest.mark.parametrize("sample", ["phone", "transport", "unknown_token"])
def test_no_other_card_is_asked_for_items(memory: Stand, sample: str) -> None:
    memory.lay_down_sample(sample)
    visit = memory.visit().number
    heard = len(memory.heard)
    memory.refused(CardNotFit, visit, PIN)
    assert len(memory.heard) == heard


def test_a_card_that_another_program_has_is_not_waited_for(stand: Stand) -> None:
    stand.lay_down(hanako())
    visit = stand.visit()
    with stand.held():
        stand.refused(CardBusy, visit.number, PIN)
    assert stand.verifies == 0
    assert stand.visit() == visit
    assert stand.reader.four_items(visit.number, PIN).sex == HANAKO.sex


def test_two_cards_that_follow_each_other_too_quickly_are_told_of(stand: Stand) -> None:
    stand.lay_down_sample("transport")
    stand.visit()
    stand.lay_down(hanako())
    card = stand.visit(CardPhase.TOGETHER)
    assert (card.kind, card.check) == (None, None)


def test_a_card_keeps_its_token_and_each_key_gives_another(stand: Stand) -> None:
    card = stand.lay_down(transport_card())
    keys = {"v2": b"new key", "v1": b"old key"}
    first = stand.reader.card_tokens(stand.visit().number, keys)
    assert [token[:3] for token in first] == ["v2:", "v1:"]
    assert first[0][3:] != first[1][3:]
    stand.lift_and_see()
    stand.lay_down(card)
    assert stand.reader.card_tokens(stand.visit().number, keys) == first


def test_a_card_of_the_my_number_family_has_no_token(memory: Stand) -> None:
    memory.lay_down(hanako())
    visit = memory.visit().number
    heard = len(memory.heard)
    with pytest.raises(CardNotFit):
        memory.reader.card_tokens(visit, {"v1": b"key"})
    assert len(memory.heard) == heard


@pytest.mark.parametrize("name", ["02fe000000000001", "12fe000000000001", "0000000000000000"])
def test_a_telephone_that_plays_a_card_has_no_token(memory: Stand, name: str) -> None:
    memory.lay_down(transport_card(bytes.fromhex(name)))
    visit = memory.visit().number
    with pytest.raises(CardNotFit):
        memory.reader.card_tokens(visit, {"v1": b"key"})
