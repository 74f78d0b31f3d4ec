from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from appliance.desk.errors import Invalid, StorageFull, UnknownToken
from appliance.desk.facts.moment import ClockQuality, Moment
from appliance.desk.facts.security import SecurityEvent, SecurityMatter
from appliance.desk.ledger import Ledger
from appliance.desk.ports import Storage
from appliance.desk.reception.token_watch import MOST, TokenWatch
from appliance.desk.reception.tokens import MAX_TOKENS, TokenDesk
from appliance.store.store import Store
from tests.fakes import FakeClock, FakeSealer, FakeStorage, FakeWorld, build_world

WHO = uuid4()
NOTICED = (SecurityMatter.TOKEN_USED, SecurityMatter.TOKEN_REFUSED)


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


# ------------------------------------------------------------------------------------ what an auditor learns of tokens


def token_events(world: FakeWorld) -> list[tuple[SecurityMatter, UUID | None, Moment]]:
    assert isinstance(world.sealer, FakeSealer)
    events = [fact for fact in world.sealer.sealed if isinstance(fact, SecurityEvent)]
    assert {event.place for event in events if event.matter in NOTICED} <= {"api"}
    return [(event.matter, event.about, event.at) for event in events if event.matter in NOTICED]


def test_the_first_use_of_a_token_in_a_day_is_sealed_a_moment_later_and_no_other(world: FakeWorld) -> None:
    tokens = token_desk(world)
    token, text = tokens.issue("TV", "desk", days=30, by=WHO)
    first = world.clock.now()
    unsent = world.storage.unsent()
    for _ in range(3):
        tokens.used(text)
        world.clock.advance(hours=1)
    assert world.storage.unsent() == unsent
    for _ in range(2):
        tokens.report()
    assert token_events(world) == [(SecurityMatter.TOKEN_USED, token.id, first)]
    world.clock.advance(hours=10)
    tokens.used(text)
    tokens.report()
    assert [at for _, _, at in token_events(world)] == [first, world.clock.now()]


def test_a_process_that_starts_again_notices_the_first_use_again(world: FakeWorld) -> None:
    _, text = token_desk(world).issue("TV", "desk", days=30, by=WHO)
    for _ in range(2):
        tokens = token_desk(world)
        tokens.used(text)
        tokens.report()
    assert [matter for matter, _, _ in token_events(world)] == [SecurityMatter.TOKEN_USED] * 2


def test_a_token_that_nobody_issued_here_is_not_noticed_when_it_is_used(world: FakeWorld) -> None:
    tokens = token_desk(world)
    tokens.used("the token of a demonstration")
    tokens.report()
    assert token_events(world) == []


def test_a_refused_token_is_told_by_its_id_once_a_day_beside_its_use(world: FakeWorld) -> None:
    tokens = token_desk(world)
    token, text = tokens.issue("TV", "board", days=30, by=WHO)
    for _ in range(3):
        tokens.used(text)
        tokens.refused(text)
    tokens.report()
    assert [(matter, about) for matter, about, _ in token_events(world)] == [
        (SecurityMatter.TOKEN_USED, token.id),
        (SecurityMatter.TOKEN_REFUSED, token.id),
    ]


def test_of_unknown_tokens_one_in_ten_minutes_is_told(world: FakeWorld) -> None:
    tokens = token_desk(world)
    for minute in range(60):
        for guess in range(50):
            tokens.refused(f"guess {minute} {guess}")
        world.clock.advance(minutes=1)
    tokens.report()
    events = token_events(world)
    assert {(matter, about) for matter, about, _ in events} == {(SecurityMatter.TOKEN_REFUSED, None)}
    assert len(events) == 6


def test_what_a_full_disk_does_not_take_is_sealed_later_once() -> None:
    storage = FakeStorage()
    tokens = token_desk(build_world(storage=storage))
    _, text = tokens.issue("TV", "desk", days=30, by=WHO)
    tokens.used(text)
    storage.full = True
    with pytest.raises(StorageFull):
        tokens.report()
    storage.full = False
    records = len(storage.tables.records)
    for _ in range(2):
        tokens.report()
    assert len(storage.tables.records) == records + 1


def test_a_disk_that_takes_nothing_for_long_fills_no_memory() -> None:
    watch, now = TokenWatch(), FakeClock().now()
    for _ in range(2 * MOST):
        watch.used(uuid4(), now)
    assert len(watch.noticed) == MOST
