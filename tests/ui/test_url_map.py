"""Every route of every app, with every method: what it refuses, and that something refuses at all."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from appliance.desk.facts.staff import Permission
from sync.receiver.app import create_receiver_app
from tests.fakes import FakeTokens
from tests.sync.receiver.road import OFFICE_TOKENS
from tests.sync.receiver.road import Town as ReceiverTown
from tests.ui.besieged import besieged_desk, besieged_office
from tests.ui.judge import Judge
from tests.ui.people import Person
from tests.ui_office.screens import csrf_of, sign_in
from ui.guards import guard_of

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "PROPFIND")
EXAMPLES = {"uuid": "00000000-0000-4000-8000-000000000000", "int": "1", "default": "x"}
WRONG_TOKENS = (
    "",
    "Bearer",
    "Bearer ",
    "Bearer wrong",
    "Basic fake-token",
    "fake-token",
    "Bearer fake-token x",
    "Bearer é",
)
WRONG_CSRF = (None, "", "0" * 64, "あ")

OPEN = {
    "desk": {
        "GET /healthz": "says nothing but ok",
        "GET /api/v1/healthz": "the same, for programs",
        "GET /api/v1/openapi.json": "describes the API",
        "GET /design/static/<name>": "what pages look like",
        "GET /sign-in": "where everybody begins",
        "POST /sign-in": "where everybody begins",
        "POST /sign-in/card": "the same, by a card; at the box's own screen only",
        "GET /sign-in/events": "whether a card lies there, never which; at the box's own screen only",
        "POST /sign-out": "whoever is here may go",
        "GET /set-up": "before the first set-up nobody can sign in; afterwards it leads to the sign-in",
        "POST /set-up": "the same; from the network it needs the code of the box's own screen",
        "GET /presence-code": "shown on the box's own screen only",
        "GET /enrolment": "shown on the box's own screen only, before anybody can sign in",
        "GET /enrolment/code.svg": "the same",
        "GET /closed": "what the day came to, from the browser's own session",
        "POST /closing": "guards itself: a second tap comes after its own sign-out",
        "GET /hardware": "stands in for buttons that everybody in the hall may press; only where there are none",
        "POST /hardware/press/<int:button>": "the press",
        "POST /hardware/again": "what the voice has just said into the room, once more",
        "POST /hardware/card": "a hand with a simulated card; only where the reader is simulated",
        "POST /hardware/card/lift": "the same hand",
        "GET /hardware/events": "lamps and voice",
        "GET /hardware/sound/<int:number>.wav": "what the voice has just said into the room",
        "GET /kiosk": "the screen for visitors: how the desk stands, nothing about anybody",
        "POST /kiosk/press": "the press",
        "POST /kiosk/again": "what the voice has just said into the room, once more",
        "GET /kiosk/language": "words only",
        "GET /kiosk/write": "a sheet that is never sent",
        "GET /kiosk/point": "words and pictures",
        "GET /kiosk/events": "the same as the screen for visitors",
    },
    "office": {
        "GET /design/static/<name>": "what pages look like",
        "GET /office/static/<path:filename>": "the same",
        "GET /office/healthz": "says nothing but ok",
        "GET /office/api/v1/openapi.json": "describes the API",
        "GET /office/sign-in": "where everybody begins",
        "POST /office/sign-in": "where everybody begins",
    },
    "receiver": {
        "POST /v1/batches": "the batch is signed by its device, which is checked",
        "GET /v1/healthz": "says nothing but ok",
        "GET /v1/openapi.json": "describes the API",
    },
}
"""Every route that asks nobody who they are, and why; a new one must be added here on purpose."""


@dataclass(kw_only=True)
class Side:
    """One app, and somebody signed in to it."""

    name: str
    app: Flask
    api: str
    """Below this, answers are problem documents."""
    sign_in_at: str = ""
    enter: Callable[[FlaskClient], str] = lambda _client: ""
    """Sign in with that browser; the token of its forms."""
    look: Callable[[FlaskClient], str] = lambda _client: ""
    """Do not sign in; the token of the forms of that browser."""

    @property
    def rules(self) -> list[Rule]:
        return list(self.app.url_map.iter_rules())

    def guard(self, rule: Rule) -> str:
        return guard_of(self.app.view_functions[rule.endpoint])

    def guarded(self, kind: str) -> Iterator[tuple[Rule, str]]:
        """Each rule and method behind a guard of that kind."""
        for rule in self.rules:
            if self.guard(rule).split(":")[0] == kind:
                yield from ((rule, method) for method in methods_of(rule))

    def ask(self, client: FlaskClient, method: str, rule: Rule, **request: object) -> TestResponse:
        """The answer, which reveals nothing whatever it is."""
        judge = Judge(client)
        response = judge.send(range(200, 500), method=method, path=address(rule), **request)
        assert judge.findings == [], f"{method} {rule}"
        if response.status_code >= 400 and address(rule).startswith(self.api) and method != "HEAD":
            assert response.content_type == "application/problem+json", f"{method} {rule}"
            assert response.json
            assert response.json["status"] == response.status_code
            assert re.search(r"[ぁ-ん]", response.json["title"])
        return response


def methods_of(rule: Rule) -> list[str]:
    return sorted(rule.methods or ())


def address(rule: Rule) -> str:
    """The rule with an example in each of its holes."""
    return re.sub(r"<(?:(\w+):)?\w+>", lambda hole: EXAMPLES.get(hole[1] or "default", "x"), rule.rule)


def routes(side: Side) -> dict[str, Rule]:
    return {f"{method} {rule.rule}": rule for rule in side.rules for method in methods_of(rule) if method != "HEAD"}


def signed_in(client: FlaskClient, permission: Permission) -> str:
    """Sign somebody in who has that permission; the token of the forms."""
    person = Person(client)
    assert person.sign_in_as(permission).status_code == 200
    return person.hidden("csrf")


@contextmanager
def desk_side(folder: Path) -> Iterator[Side]:
    desk = besieged_desk(folder / "desk")

    def look(client: FlaskClient) -> str:
        person = Person(client)
        person.look("/sign-in")
        return person.hidden("csrf")

    def enter(client: FlaskClient) -> str:
        return signed_in(client, Permission.ICT_SUPPORT)

    yield Side(name="desk", app=desk.app, api="/api/", sign_in_at="/sign-in", enter=enter, look=look)
    desk.close()


@contextmanager
def office_side(folder: Path) -> Iterator[Side]:
    office = besieged_office(folder / "office")

    def enter(client: FlaskClient) -> str:
        assert sign_in(client).status_code == 303
        return csrf_of(client)

    yield Side(
        name="office", app=office.app, api="/office/api/", sign_in_at="/office/sign-in", enter=enter, look=csrf_of
    )
    office.town.close()


@contextmanager
def receiver_side(folder: Path) -> Iterator[Side]:
    town = ReceiverTown(folder)
    yield Side(name="receiver", app=create_receiver_app(town.receiver, office_tokens=OFFICE_TOKENS), api="/")
    town.store.close()


@pytest.fixture(params=[desk_side, office_side, receiver_side], ids=["desk", "office", "receiver"])
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    with request.param(tmp_path) as built:
        yield built


@pytest.fixture(params=[desk_side, office_side], ids=["desk", "office"])
def for_people(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    with request.param(tmp_path) as built:
        yield built


def test_every_route_says_what_guards_it_or_is_open_on_purpose(side: Side) -> None:
    unguarded = {name for name, rule in routes(side).items() if not side.guard(rule)}
    assert unguarded == set(OPEN[side.name])


def test_a_method_nobody_serves_is_refused_in_words_and_told_which_are(side: Side) -> None:
    client = side.app.test_client()
    served: dict[str, set[str]] = {}
    for rule in side.rules:
        served.setdefault(address(rule), set()).update(methods_of(rule))
    for rule in side.rules:
        for method in set(METHODS) - served[address(rule)]:
            response = side.ask(client, method, rule)
            assert response.status_code == 405, f"{method} {rule}"
            assert set(response.headers["Allow"].split(", ")) <= served[address(rule)]


def test_no_program_comes_in_without_the_right_token(side: Side) -> None:
    checked = list(side.guarded("program"))
    assert checked
    for rule, method in checked:
        client = side.app.test_client()
        for token in WRONG_TOKENS:
            response = side.ask(client, method, rule, headers={"Authorization": token} if token else {})
            assert response.status_code == 401, f"{method} {rule} {token!r}"
            assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_for_something_else_opens_nothing(tmp_path: Path) -> None:
    with desk_side(tmp_path) as side:
        assert side.api
    desk = besieged_desk(tmp_path / "other", tokens=FakeTokens(scopes=frozenset({"office"})))
    other = Side(name="desk", app=desk.app, api="/api/")
    for rule, method in other.guarded("program"):
        response = other.ask(desk.app.test_client(), method, rule, headers={"Authorization": "Bearer fake-token"})
        assert response.status_code == 403, f"{method} {rule}"
    with office_side(tmp_path) as office:
        for rule, method in office.guarded("program"):
            response = office.ask(
                office.app.test_client(), method, rule, headers={"Authorization": "Bearer desk-token"}
            )
            assert response.status_code == 403, f"{method} {rule}"


def test_a_signed_in_person_is_no_program(for_people: Side) -> None:
    client = for_people.app.test_client()
    for_people.enter(client)
    for rule, method in for_people.guarded("program"):
        assert for_people.ask(client, method, rule).status_code == 401, f"{method} {rule}"


def test_a_token_signs_nobody_in(for_people: Side) -> None:
    for token in ("fake-token", "office-token"):
        for rule, method in for_people.guarded("staff"):
            client = for_people.app.test_client()
            response = for_people.ask(client, method, rule, headers={"Authorization": f"Bearer {token}"})
            assert response.status_code in (303, 403), f"{method} {rule}"


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_and_does_nothing(for_people: Side) -> None:
    checked = list(for_people.guarded("staff"))
    assert checked
    for rule, method in checked:
        client = for_people.app.test_client()
        csrf = for_people.look(client)
        response = for_people.ask(client, method, rule, **({"data": {"csrf": csrf}} if method == "POST" else {}))
        if response.status_code == 303:
            assert response.headers["Location"] == for_people.sign_in_at, f"{method} {rule}"
        else:
            assert response.status_code == 403, f"{method} {rule}"


def test_every_wrong_permission_is_refused_and_no_right_one(tmp_path: Path) -> None:
    """Each guard lets in exactly whom it names, whether they look or act."""
    checked = 0
    with desk_side(tmp_path) as side:
        for permission in Permission:
            for rule, method in side.guarded("staff"):
                named = side.guard(rule).partition(":")[2]
                allowed = named.split("+") if named else list(Permission)
                client = side.app.test_client()
                csrf = signed_in(client, permission)
                response = side.ask(client, method, rule, **({"data": {"csrf": csrf}} if method == "POST" else {}))
                refused = response.status_code == 403 and "not_allowed" in response.get_data(as_text=True)
                if method != "HEAD":
                    assert refused == (permission not in allowed), f"{method} {rule} {permission}"
                    checked += refused
    assert checked


def test_a_form_from_elsewhere_is_refused_whoever_sends_it(for_people: Side) -> None:
    posts = [
        rule for name, rule in routes(for_people).items() if name.startswith("POST ") and not is_api(for_people, rule)
    ]
    assert posts
    stranger = for_people.app.test_client()
    for rule in posts:
        for csrf in (*WRONG_CSRF, for_people.look(stranger)):
            client = for_people.app.test_client()
            for_people.enter(client)
            data: Mapping[str, str] = {} if csrf is None else {"csrf": csrf}
            assert for_people.ask(client, "POST", rule, data=data).status_code == 403, f"{rule} {csrf!r}"


def test_a_form_in_another_shape_is_refused(for_people: Side) -> None:
    client = for_people.app.test_client()
    csrf = for_people.enter(client)
    for name, rule in routes(for_people).items():
        if name.startswith("POST ") and not is_api(for_people, rule):
            assert for_people.ask(client, "POST", rule, json={"csrf": csrf}).status_code == 403, name


def test_a_body_of_another_type_is_refused(tmp_path: Path) -> None:
    with desk_side(tmp_path) as side:
        taking = ("/api/v1/calls", "/api/v1/consultations", f"/api/v1/consultations/{EXAMPLES['uuid']}/correct")
        for rule in side.rules:
            if address(rule) in taking:
                for kind in ("", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"):
                    headers = {"Authorization": "Bearer fake-token", "Content-Type": kind}
                    response = side.ask(side.app.test_client(), "POST", rule, headers=headers, data=b"{}")
                    assert response.status_code == 415, f"{rule} {kind}"


def is_api(side: Side, rule: Rule) -> bool:
    return address(rule).startswith(side.api)
