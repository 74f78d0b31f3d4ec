"""The card on the reader, as programs see it."""

from dataclasses import replace
from datetime import UTC, datetime

from flask.testing import FlaskClient

from appliance.desk.facts.card import CardCheck, CardKind, CardPhase, ReaderStatus, TriesLeft
from appliance.desk.facts.moment import ClockQuality
from tests.fakes import FakeWorld
from tests.ui.people import PROGRAM

TRIES = TriesLeft(authentication=3, signature=None, input_support=0)
NOTHING = {"certificate": None, "tries_left": None}


def a_check(valid_until: datetime | None) -> CardCheck:
    return CardCheck(valid_until=valid_until, authority_key="00", tries_left=TRIES)


def card_of(client: FlaskClient) -> object:
    answer = client.get("/api/v1/card", headers=PROGRAM)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return answer.json


def test_an_empty_reader_and_none_at_all(client: FlaskClient, world: FakeWorld) -> None:
    assert card_of(client) == {"reader": "ready", "present": False, "kind": "none"} | NOTHING
    world.cards.breaks(ReaderStatus.NO_SERVICE)
    assert card_of(client) == {"reader": "no_service", "present": False, "kind": "none"} | NOTHING


def test_a_card_is_told_until_a_minute_has_passed(client: FlaskClient, world: FakeWorld) -> None:
    world.cards.put(check=a_check(datetime(2026, 12, 14, 14, 59, 59, tzinfo=UTC)))
    certificate = {"valid_until": "2026-12-14T14:59:59Z", "days_left": 24, "state": "in_date"}
    tries = {"authentication": 3, "signature": None, "input_support": 0}
    there = {"reader": "ready", "present": True, "kind": "my_number"}
    assert card_of(client) == there | {"certificate": certificate, "tries_left": tries}
    world.clock.advance(minutes=1)
    assert card_of(client) == there | NOTHING


def test_only_a_sure_clock_says_that_a_card_has_expired(client: FlaskClient, world: FakeWorld) -> None:
    world.cards.put(check=a_check(datetime(2026, 11, 19, 14, 59, 59, tzinfo=UTC)))
    told = card_of(client)
    assert isinstance(told, dict)
    assert (told["certificate"]["days_left"], told["certificate"]["state"]) == (-1, "expired")
    world.clock.moment = replace(world.clock.moment, quality=ClockQuality.UNKNOWN)
    told = card_of(client)
    assert isinstance(told, dict)
    assert (told["certificate"]["days_left"], told["certificate"]["state"]) == (None, "unsure")


def test_another_card_and_one_that_is_being_read(client: FlaskClient, world: FakeWorld) -> None:
    world.cards.put(CardKind.PHONE)
    assert card_of(client) == {"reader": "ready", "present": True, "kind": "phone"} | NOTHING
    world.cards.put(None, phase=CardPhase.CHECKING)
    assert card_of(client) == {"reader": "ready", "present": True, "kind": "none"} | NOTHING


def test_a_card_without_certificate_still_has_tries(client: FlaskClient, world: FakeWorld) -> None:
    world.cards.put(check=a_check(None))
    told = card_of(client)
    assert isinstance(told, dict)
    assert told["certificate"] is None
    assert told["tries_left"]["authentication"] == 3
