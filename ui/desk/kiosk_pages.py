"""The screen for visitors: one button, how things stand, six languages; nobody signs in and nothing typed is sent."""

import secrets
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask import Blueprint, Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from appliance.desk.board import Snapshot
from appliance.desk.desk import Desk
from appliance.desk.errors import SealingFailed
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.moment import Moment
from appliance.desk.welcome import Welcome, WelcomeState, welcome_of
from ui.desk.access import Access
from ui.desk.events import Shared, Source, Streams, Teller, as_long_as_here, page_event, time_event
from ui.desk.kiosk_view import KioskView
from ui.desk.kiosk_words import JAPANESE, LANGUAGES, Language, language_of
from ui.desk.once import OnceKeys
from ui.desk.wording import say
from ui.problems import Refusal

BUTTON = 1
"""Which button of the desk the screen stands in for: its lamp shows the call."""
IDLE_SECONDS = 60
"""A screen that nobody touches for so long goes back to its first page, in Japanese."""
WRITING_SECONDS = 180
"""The same where people write to each other; what was written is gone then."""
AGAIN_SECONDS = 5.0
"""Whoever taps「もういちど 聞く」again within this time is heard already."""
MOST_ELSEWHERE = 16
"""So many streams are told; nobody signs in for one, and the desk needs the rest. Other screens ask now and then, but
the box's own one always has its stream."""
POINTING = tuple(
    f"point_{what}"
    for what in (
        "yes", "no", "unknown", "again", "write", "wait", "phone", "card", "interpreter", "toilet", "unwell", "thanks",
    )
)  # fmt: skip

_SEE_OTHER = 303


class KioskPages:
    """The views; what they answer is the same for everybody in the hall."""

    def __init__(self, app: Flask, desk: Desk, access: Access, once: OnceKeys, streams: Streams) -> None:
        self._app = app
        self._desk = desk
        self._access = access
        self._once = once
        self._streams = streams
        self._again_at = -AGAIN_SECONDS
        self._tellers: Mapping[str, Teller] = MappingProxyType(
            {language.code: streams.teller(self._source(language)) for language in LANGUAGES}
        )

    def show(self) -> ResponseReturnValue:
        """Does somebody come? A box that nobody has set up asks for that first."""
        if self._desk.roster.is_empty:
            return redirect("/set-up", _SEE_OTHER)
        return self._card_page(self._welcome())

    def press(self) -> ResponseReturnValue:
        """A finger on the big button."""
        once = self._once.of_form(self._access.device)
        try:
            self._desk.calls.pressed(BUTTON, source=CallSource.SCREEN, once=once, language=_language().tag)
        except SealingFailed:
            return self._card_page(Welcome(state=WelcomeState.IMPOSSIBLE)), 503
        return self._home()

    def again(self) -> ResponseReturnValue:
        """Somebody did not catch what the voice said."""
        now = time.monotonic()
        if now - self._again_at >= AGAIN_SECONDS:
            self._again_at = now
            self._desk.room.say_again()
        return self._home()

    def turn(self) -> ResponseReturnValue:
        """Whoever serves leaves this screen to visitors: she stays here, and the desk behind it needs her PIN again."""
        self._desk.staff.rest(self._access.sign_in_name)
        return redirect("/kiosk", _SEE_OTHER)

    def languages(self) -> ResponseReturnValue:
        """Each language under its own name."""
        return self._page("kiosk_language.html", idle=IDLE_SECONDS)

    def write(self) -> ResponseReturnValue:
        """A sheet to write on; it has no name to be sent under."""
        return self._page("kiosk_write.html", idle=WRITING_SECONDS)

    def point(self) -> ResponseReturnValue:
        """Words and pictures to point at."""
        return self._page("kiosk_point.html", idle=IDLE_SECONDS, japanese=JAPANESE, pointing=POINTING)

    def events(self) -> ResponseReturnValue:
        """What changes on the card; also a sign of life of whoever left this screen to visitors."""
        listeners = sum(teller.listeners for teller in self._tellers.values())
        if self._access.place != "screen" and listeners >= MOST_ELSEWHERE:
            raise Refusal(503, "too_many_streams", say("events.full"), headers={"Retry-After": "5"})
        goes_on = as_long_as_here(self._access, lambda _sign_in: False)
        return self._streams.open(self._tellers[_language().code], device=self._access.device, goes_on=goes_on)

    def _source(self, language: Language) -> Source:
        shared = Shared()
        template = self._app.jinja_env.get_template("kiosk_live.html")

        def current() -> tuple[object, Callable[[], str]]:
            snapshot, now = self._now()
            view = KioskView.of(self._desk, welcome_of(self._desk, snapshot, now), language)

            def event() -> str:
                return page_event(self._desk, template.render(view=view, language=language), number=snapshot.version)

            return view, lambda: shared.text(view, event)

        return Source(board=self._desk.board, current=current, heartbeat=lambda: time_event(self._desk))

    def _now(self) -> tuple[Snapshot, Moment]:
        return self._desk.board.snapshot, self._desk.clock.now()

    def _welcome(self) -> Welcome:
        return welcome_of(self._desk, *self._now())

    def _home(self) -> ResponseReturnValue:
        return redirect(f"/kiosk{_language().query}", _SEE_OTHER)

    def _card_page(self, welcome: Welcome) -> str:
        view = KioskView.of(self._desk, welcome, _language())
        stream = f"/kiosk/events{_language().query}"
        return self._page("kiosk.html", idle=IDLE_SECONDS, stream=stream, view=view, once=secrets.token_urlsafe(16))

    def _page(self, template: str, *, idle: int, stream: str = "", **values: object) -> str:
        here = {"desk": self._desk, "language": _language(), "languages": LANGUAGES}
        return render_template(template, idle=idle, stream=stream, **here, **values)


def add_kiosk(app: Flask, *, desk: Desk, access: Access, once: OnceKeys, streams: Streams) -> None:
    """Serve /kiosk; every POST needs the token of its session."""
    pages = KioskPages(app, desk, access, once, streams)
    blueprint = Blueprint("kiosk", __name__, url_prefix="/kiosk")
    blueprint.before_request(access.check_csrf)
    for method, path, view in (
        ("GET", "", pages.show),
        ("POST", "/press", pages.press),
        ("POST", "/again", pages.again),
        ("GET", "/language", pages.languages),
        ("GET", "/write", pages.write),
        ("GET", "/point", pages.point),
        ("GET", "/events", pages.events),
    ):
        blueprint.add_url_rule(path, view.__name__, view, methods=[method])
    blueprint.add_url_rule("/turn", "turn", access.staff_only(pages.turn), methods=["POST"])
    app.register_blueprint(blueprint)


def _language() -> Language:
    """The language that the address asks for."""
    return language_of(request.values.get("lang", ""))
