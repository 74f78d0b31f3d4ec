"""Puts the desk's pages, its JSON API and its events together."""

from typing import Protocol

from flask import Flask
from jinja2 import StrictUndefined

from appliance.desk.desk import Desk
from appliance.desk.parts import NoWellbeing, Wellbeing
from appliance.desk.ports import Tokens, VirtualHardware
from appliance.desk.practice import Practice
from ui.design.design import add_design
from ui.desk import wording
from ui.desk.access import Access
from ui.desk.announcement_pages import add_announcements
from ui.desk.api import add_api
from ui.desk.box_page import add_box_page
from ui.desk.card_pages import add_card_pages
from ui.desk.day_pages import add_day_pages
from ui.desk.design_page import add_design_page
from ui.desk.enrolment_pages import Enrolment, NoEnrolment, add_enrolment
from ui.desk.events import Streams, add_events
from ui.desk.first_box_pages import FirstBox, NoFirstBox, add_first_box
from ui.desk.hardware import add_hardware
from ui.desk.items_pages import add_items_pages
from ui.desk.kiosk_pages import add_kiosk
from ui.desk.limits import USUAL, Limits, Turnstile, add_limits
from ui.desk.look_pages import add_look
from ui.desk.once import MOST_SENT, OnceKeys
from ui.desk.pages import add_pages
from ui.desk.people_pages import add_people_pages
from ui.desk.practice_pages import add_practice
from ui.desk.proof_page import Prover, add_proof
from ui.desk.statuses import STATUSES
from ui.desk.tap_stream import add_tap_stream
from ui.desk.token_pages import add_token_pages
from ui.hosts import NEARBY, KnownHosts, add_known_hosts
from ui.problems import add_problems
from ui.sessions import PageSessions

API = "/api/"


class Stopping(Protocol):
    """Something that says when the process is asked to stop, as `threading.Event` does."""

    def is_set(self) -> bool:
        """Whether it is time to let go."""
        ...


def create_desk_app(  # noqa: PLR0913 (everything that is outside of the screens, each handed in by name)
    desk: Desk,
    *,
    practice: Practice,
    prover: Prover,
    tokens: Tokens,
    secret_key: bytes,
    hardware: VirtualHardware | None = None,
    wellbeing: Wellbeing | None = None,
    enrolment: Enrolment | None = None,
    first_box: FirstBox | None = None,
    stopping: Stopping | None = None,
    hosts: KnownHosts = NEARBY,
    limits: Limits = USUAL,
) -> Flask:
    """The web side of `desk`; with `hardware` also the page that stands in for buttons, lamps and voice."""
    access = Access(desk=desk, tokens=tokens, secret_key=secret_key)
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # it would redirect to an absolute address made of the Host header
    app.session_interface = PageSessions(api=API)
    app.secret_key = secret_key
    app.config.update(
        MAX_CONTENT_LENGTH=MOST_SENT,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        SESSION_COOKIE_NAME="madoguchi",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["say"] = wording.say
    app.jinja_env.globals["csrf_token"] = access.csrf_token
    app.jinja_env.globals["access"] = access
    app.jinja_env.globals["under"] = ""
    add_design(app)
    add_problems(app, api_prefix=API, statuses=STATUSES)
    add_known_hosts(app, hosts)
    turnstile = Turnstile(limits)
    add_limits(app, turnstile)
    streams = Streams(is_stopping=stopping.is_set if stopping else lambda: False)
    once = OnceKeys()
    add_practice(app, practice, desk=desk, access=access, once=once, streams=streams)
    add_pages(app, desk=desk, access=access, once=once)
    add_look(app, desk=desk, access=access)
    add_day_pages(app, desk=desk, access=access, once=once)
    add_people_pages(app, desk=desk, access=access, once=once)
    add_tap_stream(app, desk=desk, access=access, streams=streams)
    add_token_pages(app, desk=desk, access=access, once=once)
    add_announcements(app, desk=desk, access=access)
    add_card_pages(app, desk=desk, access=access, streams=streams, is_elsewhere=practice.is_on)
    add_proof(app, desk=desk, access=access, prover=prover)
    add_box_page(app, desk=desk, access=access, wellbeing=wellbeing or NoWellbeing())
    add_design_page(app, desk=desk, access=access)
    add_enrolment(app, desk=desk, enrolment=enrolment or NoEnrolment(), access=access)
    add_first_box(app, desk=desk, first_box=first_box or NoFirstBox(), access=access)
    add_items_pages(app, desk=desk, access=access, streams=streams, is_elsewhere=practice.is_on)
    add_kiosk(app, desk=desk, access=access, once=once, streams=streams)
    add_events(app, desk=desk, access=access, streams=streams, is_elsewhere=practice.is_on)
    add_api(app, desk=desk, access=access, once=once, streams=streams, turnstile=turnstile)
    if hardware is not None:
        add_hardware(app, desk=desk, hardware=hardware, access=access, streams=streams)
    return app
