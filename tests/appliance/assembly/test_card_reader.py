"""A desk has the reader that its configuration names, and works without one that is not there."""

import time
from collections.abc import Callable

import pytest

from appliance.assembly.card_reader import connect_card_reader
from appliance.config import DevicesSection
from appliance.desk.facts.card import CardKind, CardPhase, CardState, ReaderStatus
from appliance.desk.reception.cards import CardDesk
from tests.fakes import FakeClock

SECONDS = 10.0


def until(cards: CardDesk, holds: Callable[[CardState], bool]) -> CardState:
    limit = time.monotonic() + SECONDS
    while not holds(state := cards.sight.state):
        assert time.monotonic() < limit, f"never came to it: {state}"
        time.sleep(0.005)
    return state


def test_a_box_that_is_not_meant_to_have_a_reader_says_so() -> None:
    found = connect_card_reader(DevicesSection(), FakeClock())
    assert found.hand is None
    assert found.reader.state().reader is ReaderStatus.ABSENT


def test_simulated_cards_reach_the_desk() -> None:
    clock = FakeClock()
    found = connect_card_reader(DevicesSection(card="simulated"), clock)
    cards = CardDesk(clock=clock)
    cards.connect(found.reader)
    until(cards, lambda state: state.reader is ReaderStatus.READY)
    assert found.hand is not None
    found.hand.lay_down("soon")
    card = until(cards, lambda state: state.card is not None and state.card.phase is CardPhase.CHECKED).card
    assert card is not None
    assert card.kind is CardKind.MY_NUMBER
    assert card.check is not None
    assert card.check.valid_until is not None
    assert (card.check.valid_until - clock.now().wall).days == 24
    found.hand.lift()
    until(cards, lambda state: state.card is None)
    cards.close()


def test_where_pcscd_does_not_run_the_desk_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", "/nowhere/pcscd.comm")
    cards = CardDesk(clock=FakeClock())
    cards.connect(connect_card_reader(DevicesSection(card="pcsc"), FakeClock()).reader)
    assert until(cards, lambda state: state.reader is not ReaderStatus.STARTING).reader in {
        ReaderStatus.NO_SERVICE,
        ReaderStatus.NO_LIBRARY,
    }
    cards.close()
