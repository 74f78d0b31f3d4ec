"""Puts the desk's pages, its JSON API and its events together."""

from typing import Protocol

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from jinja2 import StrictUndefined

from appliance.desk.desk import Desk
from appliance.desk.ports import StaffDoor, Tokens, VirtualHardware
from ui.design.design import add_design
from ui.desk import wording
from ui.desk.access import Access
from ui.desk.api import add_api
from ui.desk.day_pages import add_day_pages
from ui.desk.events import Streams, add_events
from ui.desk.hardware import add_hardware
from ui.desk.once import OnceKeys
from ui.desk.pages import add_pages
from ui.desk.statuses import STATUSES
from ui.problems import add_problems

API = "/api/"


class Stopping(Protocol):
    """Something that says when the process is asked to stop, as `threading.Event` does."""

    def is_set(self) -> bool:
        """Whether it is time to let go."""
        ...


class PageSessions(SecureCookieSessionInterface):
    """Sessions for people; a program brings a token and is spared the cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a page request; none under the API."""
        return None if request.path.startswith(API) else super().open_session(app, request)


def create_desk_app(
    desk: Desk,
    *,
    staff: StaffDoor,
    tokens: Tokens,
    secret_key: bytes,
    hardware: VirtualHardware | None = None,
    stopping: Stopping | None = None,
) -> Flask:
    """The web side of `desk`; with `hardware` also the page that stands in for buttons, lamps and voice."""
    access = Access(desk=desk, staff=staff, tokens=tokens, secret_key=secret_key)
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # it would redirect to an absolute address made of the Host header
    app.session_interface = PageSessions()
    app.secret_key = secret_key
    app.config.update(
        MAX_CONTENT_LENGTH=64 * 1024,
        SESSION_COOKIE_NAME="madoguchi",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["say"] = wording.say
    app.jinja_env.globals["csrf_token"] = access.csrf_token
    add_design(app)
    add_problems(app, api_prefix=API, statuses=STATUSES)
    streams = Streams(desk=desk, is_stopping=stopping.is_set if stopping else lambda: False)
    once = OnceKeys()
    add_pages(app, desk=desk, access=access, once=once)
    add_day_pages(app, desk=desk, access=access, once=once)
    add_events(app, desk=desk, access=access, streams=streams)
    add_api(app, desk=desk, access=access, once=once, streams=streams)
    if hardware is not None:
        add_hardware(app, desk=desk, hardware=hardware, access=access, streams=streams)
    return app
