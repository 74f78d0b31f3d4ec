import json
import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from appliance.desk.board import Snapshot
from appliance.desk.desk import Desk
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.moment import Moment
from tests.fakes import FakeProver, FakeTokens, FakeWorld
from tests.ui.people import PROGRAM, Person
from ui.desk import events
from ui.desk.app import create_desk_app
from ui.desk.view import BoardView, board_view
from ui.problems import Refusal


class Stream:
    """An open stream, read event by event."""

    def __init__(self, response: TestResponse) -> None:
        assert response.status_code == 200, response.text
        self.response = response
        self._chunks = self._read()
        assert next(self._chunks) == "retry: 1000\n\n"

    def next(self) -> str:
        return next(self._chunks)

    def ends(self) -> bool:
        """Whether nothing but a few signs of life comes before the end."""
        for _ in range(5):
            chunk = next(self._chunks, None)
            if chunk is None or not chunk.startswith("event: time"):
                return chunk is None
        return False

    def close(self) -> None:
        self.response.close()

    def _read(self) -> Iterator[str]:
        for chunk in self.response.response:
            assert isinstance(chunk, bytes)
            yield chunk.decode()


def watch_page(person: Person) -> Stream:
    return Stream(person.client.get("/events", buffered=False))


def watch_api(client: FlaskClient, **headers: str) -> Stream:
    return Stream(client.get("/api/v1/events", headers=PROGRAM | headers, buffered=False))


def board_of(event: str) -> tuple[str, dict[str, object]]:
    number, data = event.strip().split("\n")
    return number.removeprefix("id: "), json.loads(data.removeprefix("data: "))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for seconds where nothing happens."""
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(events, "WAKE_SECONDS", 0.02)


def test_a_stream_is_answered_as_one(client: FlaskClient, world: FakeWorld) -> None:
    stream = watch_api(client)
    headers = stream.response.headers
    assert headers["Content-Type"].startswith("text/event-stream")
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Accel-Buffering"] == "no"
    stream.close()


def test_the_first_event_is_the_truth_and_each_change_follows(client: FlaskClient, world: FakeWorld) -> None:
    stream = watch_api(client)
    number, board = board_of(stream.next())
    assert (number, board["calls"]) == (f"1.{world.desk.board.snapshot.version}", [])
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    number, board = board_of(stream.next())
    assert number == f"1.{world.desk.board.snapshot.version}"
    assert "raised" in json.dumps(board["calls"])
    stream.close()


def test_whoever_comes_back_is_told_the_truth_again(client: FlaskClient, world: FakeWorld) -> None:
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    version = world.desk.board.snapshot.version
    stream = watch_api(client, **{"Last-Event-ID": f"1.{version}"})
    assert board_of(stream.next())[0] == f"1.{version}"
    stream.close()


def test_a_waiting_stream_is_woken_by_a_press(client: FlaskClient, world: FakeWorld) -> None:
    stream = watch_api(client)
    stream.next()
    threading.Timer(0.05, lambda: world.desk.calls.pressed(1, source=CallSource.BUTTON)).start()
    began = time.monotonic()
    assert "raised" in stream.next()
    assert time.monotonic() - began < 1
    stream.close()


def test_a_page_is_told_parts_that_hold_no_secret_of_a_session(world: FakeWorld, volunteer: Person) -> None:
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    stream = watch_page(volunteer)
    event = stream.next()
    assert event.startswith("event: time\ndata: 12:00\n\nid: 1.")
    assert f"/calls/{call.id}/answer" in event
    assert "csrf" not in event
    volunteer.look("/")
    assert volunteer.hidden("csrf") not in event
    stream.close()


def test_the_parts_told_are_those_of_the_page(world: FakeWorld, volunteer: Person) -> None:
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    world.desk.consultations.walk_in()
    stream = watch_page(volunteer)
    told = "\n".join(line.removeprefix("data: ") for line in stream.next().splitlines())
    stream.close()
    board = told[told.index('<div id="board"') :].strip()
    assert board.count("\n") > 10
    assert board in volunteer.look("/").text


def test_all_pages_share_one_rendering(
    app: Flask, world: FakeWorld, volunteer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[int] = []

    def counting(desk: Desk, snapshot: Snapshot, now: Moment) -> BoardView:
        rendered.append(snapshot.version)
        return board_view(desk, snapshot, now)

    monkeypatch.setattr(events, "board_view", counting)
    streams = [watch_page(volunteer) for _ in range(4)]
    first = {stream.next() for stream in streams}
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    second = {stream.next() for stream in streams}
    assert (len(first), len(second), len(rendered)) == (1, 1, 2)
    for stream in streams:
        stream.close()


@pytest.mark.usefixtures("quick")
def test_a_page_is_told_again_when_a_minute_has_passed(world: FakeWorld, volunteer: Person) -> None:
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    stream = watch_page(volunteer)
    stream.next()
    world.clock.advance(minutes=1)
    assert "1分 待っています" in stream.next()
    stream.close()


@pytest.mark.usefixtures("quick")
def test_a_quiet_stream_shows_that_it_lives(client: FlaskClient, world: FakeWorld, volunteer: Person) -> None:
    for_program, for_page = watch_api(client), watch_page(volunteer)
    for_program.next()
    for_page.next()
    assert for_program.next() == ": still here\n\n"
    assert for_page.next() == "event: time\ndata: 12:00\n\n"
    for_program.close()
    for_page.close()


def test_streams_end_when_the_desk_stops(client: FlaskClient, world: FakeWorld) -> None:
    stream = watch_api(client)
    stream.next()
    threading.Timer(0.05, world.desk.board.close).start()
    began = time.monotonic()
    assert stream.ends()
    assert time.monotonic() - began < 1
    stream.close()


def test_streams_end_when_the_process_is_asked_to_stop(world: FakeWorld) -> None:
    stopping = threading.Event()
    app = create_desk_app(
        world.desk,
        practice=world.practice,
        prover=FakeProver(),
        tokens=FakeTokens(),
        secret_key=b"key",
        stopping=stopping,
    )
    stream = watch_api(app.test_client())
    stopping.set()
    assert stream.ends()
    stream.close()


@pytest.mark.usefixtures("quick")
def test_a_stream_ends_when_its_reader_has_gone(client: FlaskClient) -> None:
    gone = threading.Event()
    response = client.get(
        "/api/v1/events",
        headers=PROGRAM,
        buffered=False,
        environ_overrides={"waitress.client_disconnected": gone.is_set},
    )
    stream = Stream(response)
    threading.Timer(0.1, gone.set).start()
    assert stream.ends()
    stream.close()


def test_a_device_may_open_four(client: FlaskClient) -> None:
    streams = [watch_api(client) for _ in range(4)]
    refused = client.get("/api/v1/events", headers=PROGRAM)
    assert (refused.status_code, refused.json and refused.json["code"]) == (503, "too_many_streams")
    assert refused.headers["Retry-After"] == "5"
    streams.pop().close()
    streams.append(watch_api(client))
    for stream in streams:
        stream.close()


def test_a_reader_that_has_gone_does_not_count_against_its_device() -> None:
    seats = events.Seats()
    gone = threading.Event()
    for _ in range(4):
        seats.take("tablet", gone.is_set)
    gone.set()
    seats.take("tablet", lambda: False)


def test_the_house_may_open_ninety_six() -> None:
    seats = events.Seats()
    leave = [seats.take(f"device {number}", lambda: False) for number in range(96)]
    with pytest.raises(Refusal):
        seats.take("one more", lambda: False)
    leave[0]()
    leave[0]()
    seats.take("one more", lambda: False)
    with pytest.raises(Refusal):
        seats.take("and another", lambda: False)


def test_a_stream_that_nobody_ever_read_gives_its_seat_back(client: FlaskClient) -> None:
    for _ in range(10):
        client.get("/api/v1/events", headers=PROGRAM, buffered=False).close()
        client.head("/api/v1/events", headers=PROGRAM)


def test_nobody_watches_without_signing_in(client: FlaskClient) -> None:
    assert client.get("/events").status_code == 403
    assert client.head("/events").status_code == 403
    assert client.get("/api/v1/events").status_code == 401
