"""The stream that tells the sign-in page at the box of a card on the reader."""

from collections.abc import Callable

from flask import Flask
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.tap_errors import OwnScreenOnly
from ui.desk.access import Access
from ui.desk.events import Source, Streams, page_event, time_event
from ui.desk.tap_view import TapView, tap_view, taps_are_asked
from ui.desk.view import StatusView, status_view
from ui.problems import Refusal


class TapStream:
    """Tells open sign-in pages what lies on the reader; it holds no token of any session."""

    def __init__(self, app: Flask, desk: Desk, access: Access, streams: Streams) -> None:
        self._app = app
        self._desk = desk
        self._access = access
        self._streams = streams
        source = Source(board=desk.cards, current=self._current, heartbeat=lambda: time_event(desk))
        self._teller = streams.teller(source)

    def events(self) -> ResponseReturnValue:
        """What changes at the reader, for the screen beside it."""
        if not taps_are_asked(self._desk, self._access):
            raise Refusal(403, OwnScreenOnly.code, OwnScreenOnly.ja)
        return self._streams.open(self._teller, device=self._access.device)

    def _current(self) -> tuple[object, Callable[[], str]]:
        seen = self._seen()

        def event() -> str:
            tap, status = seen
            html = self._app.jinja_env.get_template("sign_in_live.html").render(tap=tap, status=status)
            return page_event(self._desk, html, number=self._desk.cards.version)

        return seen, event

    def _seen(self) -> tuple[TapView, StatusView]:
        return tap_view(self._desk), status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())


def add_tap_stream(app: Flask, *, desk: Desk, access: Access, streams: Streams) -> None:
    """Serve /sign-in/events."""
    app.add_url_rule("/sign-in/events", "tap_events", TapStream(app, desk, access, streams).events)
