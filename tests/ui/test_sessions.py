"""The cookies of people: out of reach of scripts and other sites, and nobody's once somebody else signs in."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance.desk.facts.staff import Permission
from tests.fakes import FakeWorld
from tests.ui.people import Person
from tests.ui_office.conftest import screens
from tests.ui_office.screens import Screens, sign_in

__all__ = ["screens"]


def cookies_of(client: FlaskClient, path: str, scheme: str) -> list[str]:
    return client.get(path, base_url=f"{scheme}://localhost").headers.getlist("Set-Cookie")


@pytest.mark.parametrize("side", ["desk", "office"])
def test_a_cookie_given_over_tls_is_for_tls_only(app: Flask, screens: Screens, side: str) -> None:
    served, path = (app, "/sign-in") if side == "desk" else (screens.app, "/office/sign-in")
    for scheme, secure in (("https", True), ("http", False)):
        [cookie] = cookies_of(served.test_client(), path, scheme)
        assert ("; Secure" in cookie) == secure
        assert "; HttpOnly" in cookie
        assert "; SameSite=Strict" in cookie


def test_a_cookie_copied_before_the_sign_in_is_nobodys(app: Flask) -> None:
    person = Person(app.test_client())
    person.look("/sign-in")
    thief = copy_of(person.client, app, "madoguchi")
    person.sign_in_as(Permission.ICT_SUPPORT)
    assert person.look("/people").status_code == 200
    assert thief.get("/people").location == "/sign-in"


def test_a_cookie_copied_from_one_person_does_not_become_the_next_ones(app: Flask, world: FakeWorld) -> None:
    person = Person(app.test_client())
    person.sign_in_as(Permission.VOLUNTEER)
    thief = copy_of(person.client, app, "madoguchi")
    assert thief.get("/").status_code == 200
    person.sign_in_as(Permission.ICT_SUPPORT)
    assert person.look("/people").status_code == 200
    assert thief.get("/people").location == "/sign-in"
    assert world.desk.board.snapshot.staff_present == 1


def test_signing_in_again_in_the_same_browser_keeps_the_stay(app: Flask, world: FakeWorld) -> None:
    person = Person(app.test_client())
    person.sign_in()
    [before] = world.desk.presence.everybody(now=world.clock.now())
    with person.client.session_transaction() as session:
        page = session["sign_in"]
    for _ in range(2):
        world.clock.advance(minutes=20)
        world.desk.staff.seen(page)
        world.desk.staff.keep_stays()
    assert person.look("/").status_code == 303, "the PIN is needed again"
    person.sign_in()
    [stay] = world.desk.presence.everybody(now=world.clock.now())
    assert stay.began == before.began


def test_an_officers_cookie_copied_before_the_sign_in_is_nobodys(screens: Screens) -> None:
    client = screens.client()
    client.get("/office/sign-in")
    thief = copy_of(client, screens.app, "madoguchi_office", path="/office/")
    assert sign_in(client).status_code == 303
    assert client.get("/office/statistics").status_code == 200
    assert thief.get("/office/statistics").status_code == 303


def copy_of(client: FlaskClient, app: Flask, name: str, *, path: str = "/") -> FlaskClient:
    """Another browser with the same cookie."""
    cookie = client.get_cookie(name, path=path)
    assert cookie
    other = app.test_client()
    other.set_cookie(name, cookie.value, path=path)
    return other
