import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fakes import FakeProver, FakeTokens, FakeWorld
from tests.ui.people import PROGRAM, Person
from ui.desk.app import create_desk_app

PAGES = ["/", "/visits/00000000-0000-4000-8000-000000000000/log"]
ACTIONS = [
    "/calls/00000000-0000-4000-8000-000000000000/answer",
    "/calls/00000000-0000-4000-8000-000000000000/cancel",
    "/visits",
    "/visits/00000000-0000-4000-8000-000000000000/log",
    "/consultations/00000000-0000-4000-8000-000000000000/withdraw",
]


@pytest.mark.parametrize("path", PAGES)
def test_whoever_is_not_signed_in_is_led_to_the_sign_in(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.location) == (303, "/sign-in")


@pytest.mark.parametrize("path", ACTIONS)
def test_nobody_acts_without_signing_in(stranger: Person, path: str) -> None:
    stranger.look("/sign-in")
    assert stranger.press(path).status_code == 403


@pytest.mark.parametrize("path", [*ACTIONS, "/sign-in", "/sign-out", "/hardware/press/1"])
@pytest.mark.parametrize("token", [None, "", "0" * 64, "あ"])
def test_a_form_from_elsewhere_is_refused(volunteer: Person, path: str, token: str | None) -> None:
    response = volunteer.client.post(path, data={} if token is None else {"csrf": token})
    assert response.status_code == 403
    assert "この画面は 古くなっています" in response.text


def test_the_token_of_another_browser_is_refused(app: Flask, volunteer: Person) -> None:
    other = Person(app.test_client())
    other.look("/sign-in")
    assert volunteer.client.post("/visits", data={"csrf": other.hidden("csrf")}).status_code == 403


def test_text_typed_into_a_stale_page_is_handed_back(volunteer: Person) -> None:
    response = volunteer.client.post(ACTIONS[3], data={"csrf": "old", "memo": "<i>長い話</i>"})
    assert "&lt;i&gt;長い話&lt;/i&gt;" in response.text


def test_text_typed_while_the_sign_in_ended_is_handed_back(volunteer: Person) -> None:
    volunteer.look("/")
    token = volunteer.hidden("csrf")
    volunteer.press("/sign-out")
    response = volunteer.client.post(ACTIONS[3], data={"csrf": token, "memo": "長い話"})
    assert response.status_code == 403
    assert "長い話" in response.text


def test_a_wrong_pin_is_refused_in_words(stranger: Person) -> None:
    response = stranger.sign_in("000000")
    assert response.status_code == 422
    assert "暗証番号が ちがいます" in stranger.page
    assert "000000" not in stranger.page


def test_signing_in_and_out_tells_whether_somebody_comes(world: FakeWorld, stranger: Person) -> None:
    assert not world.desk.board.snapshot.attended
    stranger.sign_in()
    assert world.desk.board.snapshot.attended
    stranger.press("/sign-out")
    assert not world.desk.board.snapshot.attended
    assert stranger.look("/").status_code == 303


def test_signing_in_twice_in_one_browser_counts_once(world: FakeWorld, volunteer: Person) -> None:
    volunteer.sign_in()
    assert world.desk.board.snapshot.staff_present == 1


def test_the_session_is_out_of_reach_of_scripts_and_other_sites(stranger: Person) -> None:
    cookie = stranger.look("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_a_forged_session_is_nobody(app: Flask, volunteer: Person) -> None:
    cookie = volunteer.client.get_cookie("madoguchi")
    assert cookie
    thief = app.test_client()
    thief.set_cookie("madoguchi", cookie.value[:-3] + "abc")
    assert thief.get("/").status_code == 303


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic fake-token", "fake-token"])
def test_a_program_without_a_known_token_is_told_so(client: FlaskClient, header: str | None) -> None:
    response = client.get("/api/v1/board", headers={"Authorization": header} if header else {})
    assert (response.status_code, response.json and response.json["code"]) == (401, "unknown_token")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_for_something_else_is_told_so(world: FakeWorld) -> None:
    app = create_desk_app(
        world.desk,
        practice=world.practice,
        prover=FakeProver(),
        tokens=FakeTokens(scopes=frozenset({"office"})),
        secret_key=b"key",
    )
    response = app.test_client().get("/api/v1/board", headers=PROGRAM)
    assert (response.status_code, response.json and response.json["code"]) == (403, "wrong_scope")


def test_a_signed_in_person_is_not_a_program(volunteer: Person) -> None:
    assert volunteer.client.get("/api/v1/board").status_code == 401


def test_a_program_is_given_no_cookie(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.post("/api/v1/calls", json={"button": 1}, headers=PROGRAM).headers
