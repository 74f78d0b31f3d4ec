"""Everybody changes the PIN they know, and nobody else does it for them."""

import re

import pytest
from flask import Flask

from appliance.desk.facts.staff import Permission
from tests.fakes import PIN, FakeWorld
from tests.ui.people import KEYS, Person

NEW, WRONG = "730518", "264951"


def change(person: Person, *, old: str = PIN, pin: str = NEW, again: str | None = None) -> int:
    person.look("/own-pin")
    return person.press("/own-pin", old=old, pin=pin, again=pin if again is None else again).status_code


@pytest.mark.parametrize("permission", list(Permission))
def test_everybody_finds_the_page_and_changes_the_pin(app: Flask, permission: Permission) -> None:
    person = Person(app.test_client())
    person.sign_in_as(permission)
    number, old = KEYS[permission]
    assert 'href="/own-pin"' in person.page
    assert change(person, old=old) == 200
    assert "暗証番号を 変えました" in person.page
    assert person.look("/").status_code == 200, "whoever changed it goes on"
    person.press("/sign-out")
    person.look("/sign-in")
    assert person.press("/sign-in", person=number, pin=old).status_code == 422
    assert person.press("/sign-in", person=number, pin=NEW).request.path == "/"


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"old": WRONG}, 422, "あと 4回"),
        ({"old": "12"}, 422, "6けたの 数字です"),
        ({"pin": "12"}, 422, "6けたの 数字です"),
        ({"pin": "123456"}, 422, "すぐに 当てられて"),
        ({"pin": PIN}, 422, "いままでと 同じ番号です"),
        ({"again": "730519"}, 422, "ふたつの番号が ちがいます"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_no_digit_comes_back(
    volunteer: Person, typed: dict[str, str], status: int, words: str
) -> None:
    assert change(volunteer, **typed) == status
    wrong = re.findall(r'class="error" id="(\w+)-error">(.*?)</p>', volunteer.page, re.DOTALL)
    assert [name for name, _ in wrong] == [next(iter(typed))]
    assert words in wrong[0][1]
    for digits in (PIN, NEW, WRONG):
        assert digits not in volunteer.page
    volunteer.press("/sign-out")
    assert volunteer.sign_in(PIN).request.path == "/"


def test_guessing_the_old_one_locks_as_it_does_at_the_sign_in(app: Flask, volunteer: Person) -> None:
    assert [change(volunteer, old=WRONG) for _ in range(5)] == [422] * 4 + [403]
    assert "館の職員に 暗証番号の 再設定を たのんでください" in volunteer.page
    assert change(volunteer) == 403
    assert Person(app.test_client()).sign_in(PIN).status_code == 403


def test_other_browsers_ask_for_the_new_one(world: FakeWorld, app: Flask, volunteer: Person) -> None:
    other = Person(app.test_client())
    other.sign_in()
    assert change(volunteer) == 200
    assert other.look("/").location == "/sign-in"
    assert world.desk.board.snapshot.staff_present == 1
    assert other.sign_in(PIN).status_code == 422
    assert other.sign_in(NEW).request.path == "/"


def test_a_second_tap_is_no_wrong_pin(volunteer: Person) -> None:
    volunteer.look("/own-pin")
    form = {name: volunteer.hidden(name) for name in ("csrf", "once")} | {"old": PIN, "pin": NEW, "again": NEW}
    assert [volunteer.client.post("/own-pin", data=form).status_code for _ in range(2)] == [200, 200]
    assert change(volunteer, old=WRONG, pin="916482") == 422
    assert "あと 4回" in volunteer.page


def test_the_fields_are_for_a_keypad_and_no_browser_keeps_them(volunteer: Person) -> None:
    volunteer.look("/own-pin")
    fields = re.findall(r'<input type="password"[^>]*>', volunteer.page)
    assert len(fields) == 3
    assert all('inputmode="numeric"' in field and 'autocomplete="off"' in field for field in fields)


def test_only_whoever_is_signed_in(stranger: Person) -> None:
    assert stranger.look("/own-pin").location == "/sign-in"
    stranger.look("/sign-in")
    assert stranger.press("/own-pin", old=PIN, pin=NEW, again=NEW).status_code == 403
