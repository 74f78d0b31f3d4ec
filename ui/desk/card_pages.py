"""The card check: what the card on the reader says without any PIN; nothing of it is kept or in an address."""

from collections.abc import Callable

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.facts.card import ReaderStatus
from ui.desk.access import Access
from ui.desk.card_view import CardView
from ui.desk.events import Source, Streams, as_long_as_here, page_event, time_event
from ui.desk.view import status_view
from ui.guards import guarded_by

LOOK_SECONDS = 0.5
"""How often a stream looks whether a minute has passed; a card wakes it at once."""
LOOK_AGAIN_SECONDS = 5
"""How often a browser without scripts looks."""


class CardPages:
    """The views; each may count on somebody signed in."""

    def __init__(
        self, app: Flask, desk: Desk, access: Access, streams: Streams, is_elsewhere: Callable[[str], bool]
    ) -> None:
        self._app = app
        self._desk = desk
        self._access = access
        self._streams = streams
        self._is_elsewhere = is_elsewhere
        source = Source(board=desk.cards, current=self._current, heartbeat=lambda: time_event(desk), wake=LOOK_SECONDS)
        self._teller = streams.teller(source)

    def show(self) -> ResponseReturnValue:
        """What lies there now."""
        return render_template("card.html", desk=self._desk, look_again=LOOK_AGAIN_SECONDS, **self._now())

    def events(self) -> ResponseReturnValue:
        """Each change of reader and card."""
        self._access.check_watching()
        goes_on = as_long_as_here(self._access, self._is_elsewhere)
        return self._streams.open(self._teller, device=self._access.device, goes_on=goes_on)

    def _current(self) -> tuple[object, Callable[[], str]]:
        values = self._now()

        def event() -> str:
            html = self._app.jinja_env.get_template("card_live.html").render(desk=self._desk, **values)
            return page_event(self._desk, html, number=self._desk.cards.version)

        return values, event

    def _now(self) -> dict[str, object]:
        now = self._desk.clock.now()
        return {
            "status": status_view(self._desk, self._desk.board.snapshot, now),
            "card": CardView.of(self._desk, now) if self._desk.cards.checks else None,
        }


def is_offered(desk: Desk) -> bool:
    """Whether pages lead to the card check: it is switched on, and the box is meant to have a reader."""
    return desk.cards.checks and desk.cards.sight.state.reader is not ReaderStatus.ABSENT


def add_card_pages(
    app: Flask, *, desk: Desk, access: Access, streams: Streams, is_elsewhere: Callable[[str], bool]
) -> None:
    """Serve /card."""
    app.jinja_env.globals["card_check_is_offered"] = lambda: is_offered(desk)
    pages = CardPages(app, desk, access, streams, is_elsewhere)
    blueprint = Blueprint("card", __name__, url_prefix="/card")
    blueprint.add_url_rule("", "show", access.staff_only(pages.show))
    blueprint.add_url_rule("/events", "events", guarded_by("staff", pages.events))
    app.register_blueprint(blueprint)
