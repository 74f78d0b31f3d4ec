"""A card is told of for a minute, and only while it lies there."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from appliance.desk.card_errors import CardGone, CardNotFit, ReaderUnusable
from appliance.desk.facts.card import CardCheck, CardKind, CardPhase, CardState, ItemsKey, ReaderStatus, TriesLeft
from appliance.desk.reception.cards import CardDesk
from tests.fakes import FakeCardReader, FakeClock

CHECK = CardCheck(
    valid_until=datetime(2027, 2, 15, 14, 59, 59, tzinfo=UTC),
    authority_key="00",
    tries_left=TriesLeft(authentication=3, signature=5, input_support=3),
)


class Stand:
    """A desk with a reader."""

    def __init__(self, *, checks: bool = True) -> None:
        self.clock, self.reader = FakeClock(), FakeCardReader()
        self.cards = CardDesk(clock=self.clock, checks=checks)
        self.cards.connect(self.reader)

    @property
    def check(self) -> CardCheck | None:
        card = self.cards.sight.state.card
        return card.check if card else None


@pytest.fixture
def stand() -> Stand:
    return Stand()


def test_before_a_reader_is_connected_nothing_lies_there_and_nothing_can_be_asked() -> None:
    cards = CardDesk(clock=FakeClock())
    assert cards.sight.state == CardState(reader=ReaderStatus.STARTING)
    with pytest.raises(ReaderUnusable):
        cards.card_tokens(1, {})
    cards.close()
    assert cards.is_closed


def test_a_check_is_forgotten_after_a_minute_and_told_again_for_the_next_card(stand: Stand) -> None:
    stand.reader.put(check=CHECK)
    stand.clock.advance(seconds=59)
    assert stand.check == CHECK
    before = stand.cards.version
    stand.clock.advance(seconds=1)
    assert stand.check is None
    assert stand.cards.sight.has_faded
    assert stand.cards.version == before + 1
    stand.reader.put(check=CHECK)
    assert stand.check == CHECK
    assert not stand.cards.sight.has_faded


def test_a_change_of_the_readers_brings_no_forgotten_check_back(stand: Stand) -> None:
    stand.reader.put(check=CHECK)
    stand.clock.advance(minutes=2)
    assert stand.check is None
    stand.reader.show(replace(stand.reader.state(), readers=("fake", "another")))
    assert stand.check is None


def test_the_minute_begins_with_the_result_and_not_with_the_card(stand: Stand) -> None:
    stand.reader.put(phase=CardPhase.CHECKING)
    stand.clock.advance(minutes=2)
    assert not stand.cards.sight.has_faded
    card = stand.reader.state().card
    assert card is not None
    done = replace(card, phase=CardPhase.CHECKED, check=CHECK)
    stand.reader.show(replace(stand.reader.state(), card=done))
    assert stand.check == CHECK


def test_a_check_goes_with_its_card(stand: Stand) -> None:
    stand.reader.put(check=CHECK)
    stand.reader.lift()
    assert stand.cards.sight.state.card is None
    stand.clock.advance(minutes=2)
    assert not stand.cards.sight.has_faded


def test_where_checks_are_switched_off_nobody_is_told_one() -> None:
    stand = Stand(checks=False)
    stand.reader.put(check=CHECK)
    card = stand.cards.sight.state.card
    assert card is not None
    assert (card.kind, card.check) == (CardKind.MY_NUMBER, None)


def test_whoever_waits_goes_on_with_the_next_change_and_with_the_end(stand: Stand) -> None:
    version = stand.cards.version
    assert stand.cards.newer_than(version, timeout=0) is None
    later = threading.Timer(0.05, stand.reader.put)
    later.start()
    news = stand.cards.newer_than(version, timeout=10)
    assert news is not None
    assert news.state.card is not None
    threading.Timer(0.05, stand.cards.close).start()
    assert stand.cards.newer_than(news.version, timeout=10) is None
    assert stand.cards.is_closed
    assert stand.reader.is_closed


def test_every_change_is_passed_on_and_every_request_goes_to_the_reader(stand: Stand) -> None:
    told: list[CardState] = []
    stand.cards.at_change.append(told.append)
    number = stand.reader.put(CardKind.OTHER)
    stand.reader.lift()
    assert [state.card.number if state.card else None for state in told] == [number, None]
    with pytest.raises(CardGone):
        stand.cards.card_tokens(number, {})
    number = stand.reader.put(CardKind.OTHER, name=b"12345678")
    assert len(stand.cards.card_tokens(number, {"1": b"key", "2": b"another"})) == 2
    with pytest.raises(CardNotFit):
        stand.cards.four_items(number, ItemsKey.pin("2468"))


def test_that_a_card_was_lifted_too_early_is_told_for_a_minute(stand: Stand) -> None:
    stand.reader.put(phase=CardPhase.CHECKING)
    assert not stand.cards.sight.was_cut_short
    stand.reader.lift()
    assert stand.cards.sight.was_cut_short
    stand.clock.advance(seconds=59)
    stand.reader.show(replace(stand.reader.state(), readers=("fake", "another")))
    assert stand.cards.sight.was_cut_short
    stand.clock.advance(seconds=1)
    version = stand.cards.version
    assert not stand.cards.sight.was_cut_short
    assert stand.cards.version == version


def test_a_card_that_was_read_or_is_followed_by_another_was_not_cut_short(stand: Stand) -> None:
    stand.reader.put(phase=CardPhase.CHECKING)
    stand.reader.put(check=CHECK)
    assert not stand.cards.sight.was_cut_short
    stand.reader.lift()
    assert not stand.cards.sight.was_cut_short


def test_whoever_waits_is_told_of_no_check_that_has_faded(stand: Stand) -> None:
    stand.reader.put(check=CHECK)
    stand.clock.advance(minutes=2)
    news = stand.cards.newer_than(0, timeout=0)
    assert news is not None
    assert news.state.card is not None
    assert news.state.card.check is None
