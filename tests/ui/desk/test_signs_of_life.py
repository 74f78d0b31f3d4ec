"""What a browser does that tells the desk somebody is there, and what does not."""

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fakes import FakeWorld
from tests.ui.people import PROGRAM, Person
from ui.desk import events


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(events, "WAKE_SECONDS", 0.02)


def present(world: FakeWorld, **after: float) -> int:
    world.clock.advance(**after)
    world.desk.staff.fade()
    return world.desk.board.snapshot.staff_present


def read(client: FlaskClient, path: str, *, times: int) -> None:
    """Open a stream, read so many of its events and go."""
    response = client.get(path, buffered=False)
    assert response.status_code == 200, response.text
    for _ in range(times + 1):
        next(response.iter_encoded())
    response.close()


def test_a_browser_that_is_closed_without_a_word_says_nothing(world: FakeWorld, volunteer: Person) -> None:
    volunteer.look("/")
    assert present(world, minutes=4) == 1
    assert present(world, minutes=1) == 0


@pytest.mark.parametrize("path", ["/", "/day", "/own-pin"])
def test_every_page_somebody_opens_is_a_sign_of_life(world: FakeWorld, volunteer: Person, path: str) -> None:
    present(world, minutes=20)
    volunteer.look(path)
    assert present(world, minutes=4) == 1


def test_an_open_stream_is_a_sign_of_life_again_and_again(world: FakeWorld, volunteer: Person) -> None:
    response = volunteer.client.get("/events", buffered=False)
    stream = response.iter_encoded()
    next(stream)
    next(stream)
    for _ in range(10):
        world.clock.advance(minutes=4)
        next(stream)
        assert present(world) == 1
    response.close()
    assert present(world, minutes=5) == 0


def test_a_stream_whose_reader_has_gone_says_nothing(world: FakeWorld, volunteer: Person) -> None:
    gone = threading.Event()
    response = volunteer.client.get(
        "/events", buffered=False, environ_overrides={"waitress.client_disconnected": gone.is_set}
    )
    gone.set()
    world.clock.advance(minutes=5)
    assert len(list(response.iter_encoded())) == 1
    assert present(world) == 0
    response.close()


def test_a_stream_that_is_opened_again_brings_somebody_back(world: FakeWorld, volunteer: Person) -> None:
    assert present(world, minutes=10) == 0
    read(volunteer.client, "/events", times=1)
    assert present(world) == 1


def test_whoever_practises_is_here(world: FakeWorld, volunteer: Person) -> None:
    volunteer.look("/")
    volunteer.press("/practice")
    present(world, minutes=10)
    read(volunteer.client, "/practice/events", times=1)
    assert present(world) == 1


@pytest.mark.parametrize("path", ["/healthz", "/sign-in", "/hardware"])
def test_what_anybody_may_ask_tells_nothing_of_anybody(world: FakeWorld, volunteer: Person, path: str) -> None:
    present(world, minutes=10)
    assert volunteer.look(path).status_code == 200
    assert present(world) == 0


def test_a_program_is_nobody(world: FakeWorld, volunteer: Person) -> None:
    present(world, minutes=10)
    assert volunteer.client.get("/api/v1/board", headers=PROGRAM).status_code == 200
    assert present(world) == 0


def test_another_browser_says_nothing_for_this_one(world: FakeWorld, app: Flask, volunteer: Person) -> None:
    present(world, minutes=10)
    Person(app.test_client()).look("/")
    assert present(world) == 0


def test_after_half_an_hour_the_page_leads_to_the_sign_in_and_brings_nobody_back(
    world: FakeWorld, volunteer: Person
) -> None:
    present(world, minutes=31)
    assert volunteer.look("/").location == "/sign-in"
    assert volunteer.client.get("/events").status_code == 403
    assert present(world) == 0
    volunteer.sign_in()
    assert present(world) == 1
