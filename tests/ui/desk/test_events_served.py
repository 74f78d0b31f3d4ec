"""Streams on the real server: who reads slowly, or not at all, keeps nobody waiting."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, Response

from appliance.assembly.channel import MOST_UNREAD
from appliance.assembly.serving import PageServer
from appliance.desk.board import Board
from ui.desk.events import Source, Streams, Teller

LONG = "x" * 60_000
PATIENCE = 20.0


class Told:
    """A source whose text can be changed, and its streams at /events."""

    def __init__(self) -> None:
        self.board = Board(lambda: 0)
        self.number = 0
        stopping = threading.Event()
        streams = Streams(is_stopping=stopping.is_set)
        source = Source(board=self.board, current=self._current, heartbeat=lambda: ": still here\n\n", wake=0.05)
        self.teller: Teller = streams.teller(source)
        app = Flask(__name__)
        people = iter(range(100))

        @app.get("/events")
        def events() -> Response:
            return streams.open(self.teller, device=str(next(people)))

        self.server = PageServer(app, host="127.0.0.1", port=0, threads=8)

    def tell(self) -> int:
        self.number += 1
        self.board.show(staff_present=self.number)
        return self.number

    def comes_to(self, listeners: int) -> bool:
        """Whether, before patience ends, so many are told."""
        deadline = time.monotonic() + PATIENCE
        while self.teller.listeners != listeners and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.teller.listeners == listeners

    def _current(self) -> tuple[object, Callable[[], str]]:
        number = self.number
        return number, lambda: f"id: {number}\ndata: {LONG}\n\n"


@pytest.fixture
def told() -> Iterator[Told]:
    told = Told()
    told.server.start()
    yield told
    told.board.close()
    told.server.stop()


def open_stream(told: Told) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", told.server.port), timeout=PATIENCE)
    connection.sendall(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    return connection


def read_until(connection: socket.socket, end: bytes) -> None:
    read = b""
    while end not in read:
        piece = connection.recv(1 << 16)
        assert piece, "the stream has ended"
        read = read[-len(end) :] + piece


def test_whoever_reads_nothing_is_let_go_and_keeps_nobody_waiting(told: Told) -> None:
    deaf, reader = open_stream(told), open_stream(told)
    read_until(reader, b"id: 0\n")
    began = time.monotonic()
    for _ in range(8 * MOST_UNREAD // len(LONG)):
        number = told.tell()
        read_until(reader, b"id: %d\n" % number)
    assert time.monotonic() - began < PATIENCE
    assert told.comes_to(1)
    deaf.close()
    reader.close()


def test_a_browser_that_hangs_up_is_forgotten(told: Told) -> None:
    with open_stream(told) as browser:
        read_until(browser, b"id: 0\n")
        assert told.comes_to(1)
    assert told.comes_to(0)
