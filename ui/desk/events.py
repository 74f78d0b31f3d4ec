"""Server-sent events: every stream begins with the truth, is told each change, and lets go when the desk stops."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from ui.desk.access import Access
from ui.desk.messages import BoardAnswer, encode
from ui.desk.view import board_view, clock_time
from ui.desk.wording import say
from ui.guards import guarded_by
from ui.problems import Refusal

log = logging.getLogger(__name__)

MAX_STREAMS = 96
MAX_STREAMS_OF_DEVICE = 4
HEARTBEAT_SECONDS = 8.0
WAKE_SECONDS = 2.0
"""How long a teller sleeps at most before it looks whether readers have gone."""

_RETRY = b"retry: 1000\n\n"
_READER_IS_GONE = "waitress.client_disconnected"


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


class Changing(Protocol):
    """Something that screens wait for: the board, the card reader."""

    @property
    def version(self) -> int:
        """Rises with every change."""
        ...

    @property
    def is_closed(self) -> bool:
        """Whether the desk is stopping and screens should let go."""
        ...

    def newer_than(self, version: int, *, timeout: float) -> object:
        """Wait up to `timeout` seconds for a change after that version."""
        ...


@dataclass(frozen=True, kw_only=True)
class Source:
    """What one kind of stream tells."""

    board: Changing
    """Whose changes wake it."""
    current: Callable[[], tuple[object, Callable[[], str]]]
    """A key that is another one as soon as there is something to tell, and what makes the event that tells it."""
    heartbeat: Callable[[], str]
    wake: float = field(default_factory=lambda: WAKE_SECONDS)


class Line:
    """One open stream; what it is told waits in a queue, or is written at once by a server that lets any thread."""

    def __init__(self, goes_on: Callable[[], bool]) -> None:
        """`goes_on`: whether the reader is still there and still the right one; asked at each turn."""
        self._goes_on = goes_on
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.write: Callable[[bytes], object] = self._queue.put

    def tell(self, text: bytes) -> bool:
        """Pass `text` on; False if the stream is over."""
        try:
            goes_on = self._goes_on()
            if goes_on and text:
                self.write(text)
        except Exception:  # noqa: BLE001 (whatever a server raises about a reader who has just gone)
            return False
        return goes_on

    def end(self) -> None:
        """Let the response come to its end."""
        self._queue.put(None)

    def __iter__(self) -> Iterator[bytes]:
        """What waits in the queue, until the end."""
        return iter(self._queue.get, None)


class Teller:
    """Tells all streams of a source what is new, one by one in one thread; a hundred would stand in each other's way.

    The thread runs as long as there is anybody to tell.
    """

    def __init__(self, source: Source, *, is_stopping: Callable[[], bool]) -> None:
        self._source = source
        self._is_stopping = is_stopping
        self._lock = threading.Lock()
        self._lines: list[Line] = []
        self._told: object = None
        self._told_at = 0.0

    @property
    def listeners(self) -> int:
        """How many are being told."""
        return len(self._lines)

    def join(self, line: Line) -> None:
        """Tell `line` how things stand, and from now on whatever changes."""
        with self._lock:
            key, event = self._source.current()
            if self._is_over() or not line.tell(event().encode()):
                line.end()
                return
            self._lines.append(line)
            if len(self._lines) == 1:
                self._told, self._told_at = key, time.monotonic()
                threading.Thread(target=self._run, name="events", daemon=True).start()

    def leave(self, line: Line) -> None:
        """Tell `line` nothing any more."""
        with self._lock:
            if line in self._lines:
                self._lines.remove(line)

    def _run(self) -> None:
        is_needed = True
        while is_needed:
            version = self._source.board.version
            try:
                is_needed = self._take_turn()
            except Exception:
                log.exception("the streams of a page end, each browser comes back by itself")
                is_needed = self._dismiss()
            else:
                self._source.board.newer_than(version, timeout=self._source.wake)

    def _take_turn(self) -> bool:
        """Tell everybody what is new; whether anybody is left to be told more."""
        with self._lock:
            if self._is_over():
                return self._dismiss()
            news = self._news()
            left = [line for line in self._lines if not line.tell(news)]
            for line in left:
                self._lines.remove(line)
                line.end()
            return bool(self._lines)

    def _news(self) -> bytes:
        """What was not told yet, or a sign of life when it is time for one, or nothing."""
        key, event = self._source.current()
        if key == self._told and time.monotonic() - self._told_at < HEARTBEAT_SECONDS:
            return b""
        news = self._source.heartbeat() if key == self._told else event()
        self._told, self._told_at = key, time.monotonic()
        return news.encode()

    def _dismiss(self) -> bool:
        """End every stream."""
        while self._lines:
            self._lines.pop().end()
        return False

    def _is_over(self) -> bool:
        return self._source.board.is_closed or self._is_stopping()


class StreamResponse(Response):
    """A response that stays open."""

    def __init__(self, line: Line, chunks: Iterator[bytes]) -> None:
        super().__init__(chunks, content_type="text/event-stream; charset=utf-8")
        self.headers["X-Accel-Buffering"] = "no"
        self._line = line

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """As WSGI wants it; waitress locks each connection, so that the teller may call its `write` (PEP 3333)."""
        chunks, status, headers = self.get_wsgi_response(environ)
        write = start_response(status, headers)
        if _READER_IS_GONE in environ:
            self._line.write = write
        return chunks


class Streams:
    """Makes the responses that stay open."""

    def __init__(self, *, is_stopping: Callable[[], bool]) -> None:
        self._is_stopping = is_stopping
        self._seats = Seats()

    def teller(self, source: Source) -> Teller:
        """Who tells everybody that opens a stream of `source`."""
        return Teller(source, is_stopping=self._is_stopping)

    def open(self, teller: Teller, *, device: str, goes_on: Callable[[], bool] = lambda: True) -> Response:
        """A stream for that device, as long as `goes_on`; 503 where there is no room."""
        is_gone = _reader_is_gone()
        leave = self._seats.take(device, is_gone)
        line = Line(lambda: not is_gone() and goes_on())
        response = StreamResponse(line, _chunks(line, teller))
        response.call_on_close(leave)
        return response


def _chunks(line: Line, teller: Teller) -> Iterator[bytes]:
    yield _RETRY
    teller.join(line)
    try:
        yield from line
    finally:
        teller.leave(line)


def page_event(desk: Desk, html: str, *, number: int) -> str:
    """An event that live.js understands: the time of day, then the new parts of the page."""
    lines = "\n".join(f"data: {line}" for line in html.splitlines())
    return f"{time_event(desk)}id: {desk.clock.now().start}.{number}\n{lines}\n\n"


def time_event(desk: Desk) -> str:
    """The sign of life of a page's stream; a comment would not reach its script."""
    return f"event: time\ndata: {clock_time(desk.clock.now())}\n\n"


def add_events(
    app: Flask, *, desk: Desk, access: Access, streams: Streams, is_elsewhere: Callable[[str], bool]
) -> None:
    """Serve /events to the pages of people who are signed in, until `is_elsewhere` says so of their sign-in."""
    board = streams.teller(board_pages(app, desk))

    def page_events() -> ResponseReturnValue:
        access.check_watching()
        return streams.open(board, device=access.device, goes_on=as_long_as_here(access, is_elsewhere))

    app.add_url_rule("/events", view_func=guarded_by("staff", page_events))


def as_long_as_here(access: Access, is_elsewhere: Callable[[str], bool]) -> Callable[[], bool]:
    """Whether the browser that asks now is still the one to tell; each time a sign of life of whoever has it open."""
    sign_in, live = access.sign_in_name, access.sign_of_life()

    def goes_on() -> bool:
        live()
        return not is_elsewhere(sign_in)

    return goes_on


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

    return Source(board=desk.board, current=current, heartbeat=lambda: time_event(desk))


def board_json(desk: Desk) -> Source:
    """The board as JSON."""
    shared = Shared()

    def current() -> tuple[object, Callable[[], str]]:
        snapshot, now = desk.board.snapshot, desk.clock.now()

        def event() -> str:
            answer = encode(BoardAnswer.of(snapshot, now)).decode()
            return f"id: {now.start}.{snapshot.version}\ndata: {answer}\n\n"

        return snapshot.version, lambda: shared.text((snapshot.version, now.wall.replace(microsecond=0)), event)

    return Source(board=desk.board, current=current, heartbeat=lambda: ": still here\n\n")


def _reader_is_gone() -> Callable[[], bool]:
    """What the server knows about the other end, where it tells."""
    told = request.environ.get(_READER_IS_GONE)
    return told if callable(told) else lambda: False
