"""Practice: the pages of the volunteer once more, at a desk that counts for nothing, and the way in and out."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, Flask, Response, redirect, request
from flask.typing import ResponseReturnValue

from appliance.desk.board import Snapshot
from appliance.desk.desk import Desk
from appliance.desk.errors import MadoguchiError
from appliance.desk.practice import Practice, Rehearsal
from ui.desk.access import Access
from ui.desk.events import Source, Streams, as_long_as_here, page_event, time_event
from ui.desk.once import OnceKeys
from ui.desk.pages import Pages
from ui.desk.view import board_view, clock_time
from ui.desk.wording import say
from ui.guards import guarded_by
from ui.problems import Refusal

log = logging.getLogger(__name__)

UNDER = "/practice"
"""Where the addresses of practice begin; a page says by its address which desk it is about."""

OPEN = frozenset({None, "api", "coming", "design", "hardware", "kiosk", "practice"})
"""The blueprints that answer a practising browser too; everything that is behind the others is the real desk."""

LEAVING = ("coming", "day", "people", "own_pin")
"""The blueprints where a sign-in may end, and practice with it; whatever ends otherwise housekeeping finds."""

LOOK_SECONDS = 0.5
"""How often a stream looks at the practice desk; the real one wakes it at once."""

_SEE_OTHER = 303

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


@dataclass(frozen=True, kw_only=True, slots=True)
class PracticeView:
    """What stands above every page of practice."""

    hint: str
    """What happens next, in words."""
    stories: tuple[str, ...]
    """What those who are being served have told."""
    is_quiet: bool
    real_calls: int
    """How many people wait at the real desk."""

    @classmethod
    def of(cls, rehearsal: Rehearsal, real: Snapshot) -> "PracticeView":
        """How practice stands."""
        return cls(
            hint=_hint(rehearsal),
            stories=tuple(rehearsal.stories()),
            is_quiet=rehearsal.is_quiet,
            real_calls=len(real.floor.calls),
        )


class PracticeHere:
    """Practice as seen from the browser that asks; templates know it as `practice`."""

    def __init__(self, practice: Practice, *, real: Desk, access: Access) -> None:
        self._practice = practice
        self._real = real
        self._access = access

    @property
    def is_on(self) -> bool:
        """Whether this browser practises."""
        return self._practice.is_on(self._access.sign_in_name)

    @property
    def desk(self) -> Desk:
        """The desk it practises at; 409 once practice is over."""
        rehearsal = self._practice.watching(self._access.sign_in_name)
        if rehearsal is None:
            raise _over()
        return rehearsal.desk

    @property
    def view(self) -> PracticeView | None:
        """What stands above its pages; None where it does not practise."""
        rehearsal = self._practice.watching(self._access.sign_in_name)
        return None if rehearsal is None else PracticeView.of(rehearsal, self._real.board.snapshot)


class PracticePages:
    """The way in and out, and what is told meanwhile."""

    def __init__(self, app: Flask, practice: Practice, *, real: Desk, access: Access, streams: Streams) -> None:
        self._app = app
        self._practice = practice
        self._real = real
        self._access = access
        self._streams = streams

    def begin(self) -> ResponseReturnValue:
        """Somebody wants to practise."""
        try:
            self._practice.begin(self._access.sign_in_name)
        except MadoguchiError as error:
            log.warning("practice could not begin: %s", error)
            raise Refusal(503, "practice_impossible", say("practice.impossible")) from None
        return redirect(UNDER, _SEE_OTHER)

    def another(self) -> ResponseReturnValue:
        """もう一人 よぶ; a second tap finds her on her way."""
        self._practice.another(self._access.sign_in_name)
        return redirect(UNDER, _SEE_OTHER)

    def end(self) -> ResponseReturnValue:
        """Back to the real desk."""
        self._practice.end(self._access.sign_in_name)
        return redirect("/", _SEE_OTHER)

    def events(self) -> ResponseReturnValue:
        """What changes at the practice desk, and who calls at the real one; 409 where nobody practises."""
        self._access.check_watching()
        sign_in = self._access.sign_in_name
        rehearsal = self._practice.watching(sign_in)
        if rehearsal is None:
            raise _over()
        source = Source(
            board=self._real.board,
            current=lambda: self._current(rehearsal),
            heartbeat=lambda: time_event(self._real),
            wake=LOOK_SECONDS,
        )
        goes_on = as_long_as_here(self._access, lambda name: self._practice.watching(name) is not rehearsal)
        return self._streams.open(self._streams.teller(source), device=self._access.device, goes_on=goes_on)

    def _current(self, rehearsal: Rehearsal) -> tuple[object, Callable[[], str]]:
        desk, now = rehearsal.desk, self._real.clock.now()
        snapshot, view = desk.board.snapshot, PracticeView.of(rehearsal, self._real.board.snapshot)

        def event() -> str:
            board = board_view(desk, snapshot, now)
            template = self._app.jinja_env.get_template("practice_live.html")
            html = template.render(board=board, status=board.status, practising=view, under=UNDER)
            return page_event(desk, html, number=snapshot.version)

        return (snapshot.version, clock_time(now), view), event

    def only_in_practice(self, view: View[P]) -> View[P]:
        """Let the view answer only who practises; whoever looks is led to the real desk, whoever acts is told."""

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if self._practice.working(self._access.sign_in_name) is not None:
                return view(*args, **kwargs)
            if request.method == "POST":
                raise _over()
            return redirect("/", _SEE_OTHER)

        return guarded


def add_practice(
    app: Flask, practice: Practice, *, desk: Desk, access: Access, once: OnceKeys, streams: Streams
) -> None:
    """Serve practice beside `desk`, and keep whoever practises away from it."""
    here = PracticeHere(practice, real=desk, access=access)
    app.jinja_env.globals["practice"] = here
    ways = PracticePages(app, practice, real=desk, access=access, streams=streams)
    blueprint = Blueprint("practice", __name__)
    blueprint.before_request(access.check_csrf)
    for method, path, view in Pages(lambda: here.desk, access, once, under=UNDER).routes:
        guarded = access.staff_only(ways.only_in_practice(view))
        blueprint.add_url_rule(path, view.__name__, guarded, methods=[method])
    another = access.staff_only(ways.only_in_practice(ways.another))
    blueprint.add_url_rule(UNDER, "begin", access.staff_only(ways.begin), methods=["POST"])
    blueprint.add_url_rule(f"{UNDER}/another", "another", another, methods=["POST"])
    blueprint.add_url_rule(f"{UNDER}/end", "end", access.staff_only(ways.end), methods=["POST"])
    blueprint.add_url_rule(f"{UNDER}/events", "events", guarded_by("staff", ways.events))
    app.register_blueprint(blueprint)
    _keep_apart(app, practice, here)


def _keep_apart(app: Flask, practice: Practice, here: PracticeHere) -> None:
    """What a practising browser asks of the real desk leads back to practice or is refused; also tidy up behind it."""

    @app.before_request
    def stay_in_practice() -> ResponseReturnValue | None:
        if (request.blueprint in OPEN and request.endpoint != "page_events") or not here.is_on:
            return None
        if request.blueprint == "pages" and request.method != "POST":
            return redirect(UNDER, _SEE_OTHER)
        raise Refusal(409, "practising", say("practice.closed"), kept=request.form.get("memo", ""))

    def tidy(response: Response) -> Response:
        practice.tidy()
        return response

    for blueprint in LEAVING:
        app.after_request_funcs.setdefault(blueprint, []).append(tidy)


def _over() -> Refusal:
    return Refusal(409, "practice_over", say("practice.is_over"), kept=request.form.get("memo", ""))


def _hint(rehearsal: Rehearsal) -> str:
    floor = rehearsal.desk.board.snapshot.floor
    if floor.visits:
        return say("practice.served")
    if floor.calls:
        return say("practice.calling")
    return say("practice.coming" if rehearsal.is_expecting else "practice.quiet")
