from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from appliance.desk.errors import Invalid, UnknownToken
from appliance.desk.facts.moment import ClockQuality
from appliance.desk.facts.security import SecurityEvent, SecurityMatter
from appliance.desk.ledger import Ledger
from appliance.desk.ports import Storage
from appliance.desk.reception.tokens import MAX_TOKENS, TokenDesk
from appliance.store.store import Store
from tests.fakes import FakeClock, FakeSealer, FakeStorage, FakeWorld, build_world

WHO = uuid4()


@pytest.fixture(params=["fake", "real"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return FakeStorage() if request.param == "fake" else Store(tmp_path / "desk.db")


@pytest.fixture
def world(storage: Storage) -> FakeWorld:
    return build_world(storage=storage)


def token_desk(world: FakeWorld) -> TokenDesk:
    ledger = Ledger(storage=world.storage, sealer=world.sealer, clock=world.clock, board=world.desk.board)
    return TokenDesk(ledger=ledger, clock=world.clock)


def matters(world: FakeWorld) -> list[SecurityMatter]:
    assert isinstance(world.sealer, FakeSealer)
    return [fact.matter for fact in world.sealer.sealed if isinstance(fact, SecurityEvent)]


def test_an_issued_token_opens_its_scope_only(world: FakeWorld) -> None:
    tokens = token_desk(world)
    token, text = tokens.issue("ボタン 2台目", "desk", days=30, by=WHO)
    assert tokens.allows(text, "desk")
    assert tokens.allows(text, "board")
    assert not tokens.allows(text, "office")
    assert not tokens.allows(text + "x", "desk")
    board, look = tokens.issue("TV", "board", days=None, by=WHO)
    assert tokens.allows(look, "board")
    assert not tokens.allows(look, "desk")
    assert [one.id for one in tokens.all()] == [token.id, board.id]
    assert matters(world) == [SecurityMatter.TOKEN_ISSUED] * 2


def test_a_revoked_token_opens_nothing_also_after_a_restart(world: FakeWorld) -> None:
    tokens = token_desk(world)
    token, text = tokens.issue("TV", "desk", days=None, by=WHO)
    kept, kept_text = tokens.issue("TV 2", "desk", days=None, by=WHO)
    tokens.revoke(token.id, by=WHO)
    for desk in (tokens, token_desk(world)):
        assert not desk.allows(text, "desk")
        assert desk.allows(kept_text, "desk")
        assert [one.id for one in desk.all()] == [kept.id]
    assert matters(world)[-1] is SecurityMatter.TOKEN_REVOKED
    with pytest.raises(UnknownToken):
        tokens.revoke(token.id, by=WHO)


def test_an_expired_token_opens_nothing_unless_the_clock_may_be_wrong(world: FakeWorld) -> None:
    tokens = token_desk(world)
    _, text = tokens.issue("TV", "desk", days=1, by=WHO)
    world.clock.advance(hours=23)
    assert tokens.allows(text, "desk")
    world.clock.advance(hours=1)
    assert not tokens.allows(text, "desk")
    world.clock.moment = replace(world.clock.moment, quality=ClockQuality.UNKNOWN)
    assert tokens.allows(text, "desk")


@pytest.mark.parametrize(
    ("name", "scope", "days", "field"),
    [("", "desk", 1, "name"), ("x" * 41, "desk", 1, "name"), ("<b>", "desk", 1, "name"), ("TV", "office", 1, "scope"),
     ("TV", "desk", 0, "days"), ("TV", "desk", 9999, "days")],
)  # fmt: skip
def test_a_token_that_cannot_be_is_refused(world: FakeWorld, name: str, scope: str, days: int, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        token_desk(world).issue(name, scope, days=days, by=WHO)
    assert refused.value.field == field


def test_there_is_an_end_to_tokens(world: FakeWorld) -> None:
    tokens = token_desk(world)
    for number in range(MAX_TOKENS):
        tokens.issue(f"TV {number}", "desk", days=None, by=WHO)
    with pytest.raises(Invalid, match="revoke one first"):
        tokens.issue("TV", "desk", days=None, by=WHO)


def test_the_token_itself_is_in_no_file(tmp_path: Path) -> None:
    world = build_world(storage=Store(tmp_path / "desk.db"), clock=FakeClock())
    _, text = token_desk(world).issue("TV", "desk", days=None, by=WHO)
    assert all(text.encode() not in path.read_bytes() for path in tmp_path.iterdir())
