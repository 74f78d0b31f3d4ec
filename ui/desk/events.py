"""Server-sent events: every stream begins with the truth, is told each change, and lets go when the desk stops."""

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from ui.desk.access import Access
from ui.desk.messages import BoardAnswer, encode
from ui.desk.view import board_view, clock_time
from ui.desk.wording import say
from ui.guards import guarded_by
from ui.problems import Refusal

MAX_STREAMS = 96
MAX_STREAMS_OF_DEVICE = 4
HEARTBEAT_SECONDS = 8.0
WAKE_SECONDS = 2.0
"""How long a stream sleeps at most before it looks whether its reader has gone."""

_RETRY = "retry: 1000\n\n"


@dataclass(frozen=True, eq=False, slots=True)
class Seat:
    """One open stream: whose it is and whether its reader has gone."""

    device: str
    is_deserted: Callable[[], bool]


class Seats:
    """Knows who is watching, in all and by device."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[Seat] = set()

    def take(self, device: str, is_deserted: Callable[[], bool]) -> Callable[[], None]:
        """Take a seat; call what is returned to leave it. 503 when there is none left.

        A stream whose reader has turned to another page counts against its device no longer, only against the threads.
        """
        with self._lock:
            of_device = [seat for seat in self._taken if seat.device == device and not seat.is_deserted()]
            if len(self._taken) >= MAX_STREAMS or len(of_device) >= MAX_STREAMS_OF_DEVICE:
                raise Refusal(503, "too_many_streams", say("events.full"), headers={"Retry-After": "5"})
            seat = Seat(device, is_deserted)
            self._taken.add(seat)
        return lambda: self._leave(seat)

    def _leave(self, seat: Seat) -> None:
        with self._lock:
            self._taken.discard(seat)


class Shared:
    """The last text made, so that a hundred screens cost one rendering."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: Hashable = None
        self._text = ""

    def text(self, key: Hashable, make: Callable[[], str]) -> str:
        """The text for `key`, made once."""
        with self._lock:
            if key != self._key:
                self._text = make()
                self._key = key
            return self._text


@dataclass(frozen=True, kw_only=True)
class Source:
    """What one kind of stream tells."""

    current: Callable[[], tuple[object, Callable[[], str]]]
    """A key that is another one as soon as there is something to tell, and what makes the event that tells it."""
    heartbeat: Callable[[], str]
    wake: float = field(default_factory=lambda: WAKE_SECONDS)


class Streams:
    """Makes the responses that stay open."""

    def __init__(self, *, desk: Desk, is_stopping: Callable[[], bool]) -> None:
        self._board = desk.board
        self._is_stopping = is_stopping
        self._seats = Seats()

    def open(self, source: Source, *, device: str) -> Response:
        """A stream of `source` for that device."""
        reader_is_gone = _reader_is_gone()
        leave = self._seats.take(device, reader_is_gone)
        response = Response(self._flow(source, reader_is_gone), content_type="text/event-stream; charset=utf-8")
        response.headers["X-Accel-Buffering"] = "no"
        response.call_on_close(leave)
        return response

    def _flow(self, source: Source, reader_is_gone: Callable[[], bool]) -> Iterator[str]:
        yield _RETRY
        told: object = None
        told_at = time.monotonic()
        while not (self._board.is_closed or self._is_stopping() or reader_is_gone()):
            version = self._board.snapshot.version
            key, event = source.current()
            if key != told:
                told, told_at = key, time.monotonic()
                yield event()
            elif time.monotonic() - told_at >= HEARTBEAT_SECONDS:
                told_at = time.monotonic()
                yield source.heartbeat()
            self._board.newer_than(version, timeout=source.wake)


def page_event(desk: Desk, html: str, *, number: int) -> str:
    """An event that live.js understands: the time of day, then the new parts of the page."""
    lines = "\n".join(f"data: {line}" for line in html.splitlines())
    return f"{time_event(desk)}id: {desk.clock.now().start}.{number}\n{lines}\n\n"


def time_event(desk: Desk) -> str:
    """The sign of life of a page's stream; a comment would not reach its script."""
    return f"event: time\ndata: {clock_time(desk.clock.now())}\n\n"


def add_events(app: Flask, *, desk: Desk, access: Access, streams: Streams) -> None:
    """Serve /events to the pages of people who are signed in."""
    board = board_pages(app, desk)

    def page_events() -> ResponseReturnValue:
        access.check_watching()
        return streams.open(board, device=access.device)

    app.add_url_rule("/events", view_func=guarded_by("staff", page_events))


def board_pages(app: Flask, desk: Desk) -> Source:
    """The board as parts of a page; told again each minute, because the waiting times have grown."""
    shared = Shared()
    template = app.jinja_env.get_template("live.html")

    def current() -> tuple[object, Callable[[], str]]:
        snapshot, now = desk.board.snapshot, desk.clock.now()
        key = (snapshot.version, clock_time(now))

        def event() -> str:
            board = board_view(desk, snapshot, now)
            return page_event(desk, template.render(board=board, status=board.status), number=snapshot.version)

        return key, lambda: shared.text(key, event)

    return Source(current=current, heartbeat=lambda: time_event(desk))


def board_json(desk: Desk) -> Source:
    """The board as JSON."""
    shared = Shared()

    def current() -> tuple[object, Callable[[], str]]:
        snapshot, now = desk.board.snapshot, desk.clock.now()

        def event() -> str:
            answer = encode(BoardAnswer.of(snapshot, now)).decode()
            return f"id: {now.start}.{snapshot.version}\ndata: {answer}\n\n"

        return snapshot.version, lambda: shared.text((snapshot.version, now.wall.replace(microsecond=0)), event)

    return Source(current=current, heartbeat=lambda: ": still here\n\n")


def _reader_is_gone() -> Callable[[], bool]:
    """What the server knows about the other end, where it tells."""
    told = request.environ.get("waitress.client_disconnected")
    return told if callable(told) else lambda: False
