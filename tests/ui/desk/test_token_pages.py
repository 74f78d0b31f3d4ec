"""Tokens of programs as ICT support issues and revokes them."""

import re

import pytest
from flask import Flask

from appliance.assembly.access import EitherTokens, HashedTokens
from appliance.desk.facts.security import SecurityEvent
from appliance.desk.facts.staff import Permission
from tests.fakes import FakeProver, FakeSealer, FakeWorld
from tests.ui.people import Person
from ui.desk.app import create_desk_app


@pytest.fixture
def app(world: FakeWorld) -> Flask:
    tokens = EitherTokens(world.desk.tokens, HashedTokens({"made at start": ["desk"]}))
    return create_desk_app(
        world.desk, practice=world.practice, prover=FakeProver(), tokens=tokens, secret_key=b"secret key of a test"
    )


@pytest.fixture
def support(app: Flask) -> Person:
    person = Person(app.test_client())
    person.sign_in_as(Permission.ICT_SUPPORT)
    return person


def issue(support: Person, *, scope: str = "desk", name: str = "掲示板 1", days: str = "30") -> str:
    support.look("/tokens")
    response = support.press("/tokens", name=name, scope=scope, days=days)
    assert response.status_code == 200, support.page
    found = re.search(r'value="([\w-]{32})" id="token"', support.page)
    assert found, support.page
    return found[1]


def may(app: Flask, token: str, method: str, path: str) -> int:
    body = {"button": 1} if method == "POST" else None
    headers = {"Authorization": f"Bearer {token}"}
    with app.test_client().open(path, method=method, headers=headers, json=body) as response:
        return response.status_code


def test_a_token_is_shown_once_and_opens_the_api(app: Flask, support: Person) -> None:
    token = issue(support)
    assert may(app, token, "POST", "/api/v1/calls") == 201
    assert may(app, token, "GET", "/api/v1/board") == 200
    support.look("/tokens")
    assert "掲示板 1" in support.page
    assert token not in support.page


def test_a_token_for_the_board_only_looks(app: Flask, support: Person) -> None:
    token = issue(support, scope="board")
    assert may(app, token, "GET", "/api/v1/board") == 200
    assert may(app, token, "GET", "/api/v1/events") == 200
    assert may(app, token, "POST", "/api/v1/calls") == 403
    assert may(app, token, "GET", "/api/v1/catalogue/topics") == 403


def test_a_token_made_at_the_start_goes_on_beside_them(app: Flask, support: Person) -> None:
    issue(support)
    assert may(app, "made at start", "POST", "/api/v1/calls") == 201


def test_a_revoked_token_opens_nothing_at_once(app: Flask, world: FakeWorld, support: Person) -> None:
    token = issue(support)
    address = f"/tokens/{world.desk.tokens.all()[0].id}/revoke"
    support.look(address)
    assert "「掲示板 1」の 鍵を 取り消しますか" in support.page
    assert may(app, token, "GET", "/api/v1/board") == 200, "looking revokes nothing"
    support.press(address)
    assert may(app, token, "GET", "/api/v1/board") == 401
    assert "鍵は ありません" in support.page
    assert support.look(address).status_code == 404


def test_the_same_form_sent_again_issues_nothing(world: FakeWorld, support: Person) -> None:
    support.look("/tokens")
    form = {"csrf": support.hidden("csrf"), "once": support.hidden("once"), "name": "a", "scope": "desk", "days": "30"}
    assert support.client.post("/tokens", data=form).status_code == 200
    assert support.client.post("/tokens", data=form).location == "/tokens"
    assert len(world.desk.tokens.all()) == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "1〜40字の 文字"),
        ("name", "<script>", "1〜40字の 文字"),
        ("name", "a" * 41, "1〜40字の 文字"),
        ("scope", "office", "できることを えらんで"),
        ("days", "", "いつまでかを えらんで"),
        ("days", "99999", "いつまでかを えらんで"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_issued(
    world: FakeWorld, support: Person, field: str, value: str, words: str
) -> None:
    support.look("/tokens")
    entries = {"name": "掲示板", "scope": "board", "days": "30"} | {field: value}
    assert support.press("/tokens", **entries).status_code == 422
    assert words in support.page
    assert "<script>" not in support.page.partition("<main")[2].partition("</main")[0]
    assert world.desk.tokens.all() == []


@pytest.mark.parametrize("permission", [Permission.VOLUNTEER, Permission.FACILITY_STAFF])
def test_it_is_for_ict_support_only(app: Flask, permission: Permission) -> None:
    person = Person(app.test_client())
    person.sign_in_as(permission)
    assert person.look("/tokens").status_code == 403


def test_what_programs_do_with_tokens_is_sealed_afterwards_and_never_in_a_request(
    app: Flask, world: FakeWorld, support: Person
) -> None:
    desk, board = issue(support), issue(support, scope="board", name="TV")
    ids = {token.name: token.id for token in world.desk.tokens.all()}
    unsent = world.storage.unsent()
    for token in (desk, board, "made at start", "guessed", "guessed again"):
        for _ in range(2):
            may(app, token, "GET", "/api/v1/catalogue/topics")
    app.test_client().get("/api/v1/board")
    assert world.storage.unsent() == unsent
    world.desk.tokens.report()
    assert isinstance(world.sealer, FakeSealer)
    sealed = world.sealer.sealed[unsent:]
    assert [(event.matter.value, event.about) for event in sealed if isinstance(event, SecurityEvent)] == [
        ("token_used", ids["掲示板 1"]),
        ("token_refused", ids["TV"]),
        ("token_refused", None),
    ]
    assert all(token not in repr(sealed) for token in (desk, board, "guessed"))
