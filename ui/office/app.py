"""Puts the office's pages and its JSON API together."""

import time
from collections.abc import Callable, Mapping

from flask import Blueprint, Flask
from jinja2 import StrictUndefined

from sync.errors import SyncError
from sync.office.errors import InvalidQuestion, OfficeLocked
from sync.office.office import Office
from ui.design.design import add_design
from ui.hosts import NEARBY, KnownHosts, add_known_hosts
from ui.office.access import Access, AlwaysOpen, Lock, OfficeUsers, Tokens
from ui.office.api import add_api
from ui.office.names import Names
from ui.office.pages import add_pages
from ui.office.question import BadDay
from ui.office.recovery import RecoveryTrial, add_recovery
from ui.office.security import add_security
from ui.problems import add_problems
from ui.sessions import PageSessions

HOME = "/office/"
API = "/office/api/"
STATUSES: Mapping[type[Exception], int] = {SyncError: 500, InvalidQuestion: 422, BadDay: 400, OfficeLocked: 503}


def create_office_app(  # noqa: PLR0913 (everything that is outside of the screens, each handed in by name)
    office: Office,
    *,
    names: Names,
    users: OfficeUsers,
    tokens: Tokens,
    secret_key: bytes,
    secure_cookies: bool = False,
    hosts: KnownHosts = NEARBY,
    monotonic: Callable[[], float] = time.monotonic,
    lock: Lock | None = None,
    asks_for: str = "暗証番号",
    recovery: RecoveryTrial | None = None,
) -> Flask:
    """The web side of `office`, everything under /office; `secure_cookies` where it is served by TLS only.

    `lock` tells whether the office has its keys; `asks_for` is what people call the secret that `users` know;
    `recovery` tries the sheets of the recovery key.
    """
    access = Access(
        users=users,
        tokens=tokens,
        secret_key=secret_key,
        monotonic=monotonic,
        lock=lock or AlwaysOpen(),
        asks_for=asks_for,
    )
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # it would redirect to an absolute address made of the Host header
    app.session_interface = PageSessions(api=API)
    app.secret_key = secret_key
    app.config.update(
        MAX_CONTENT_LENGTH=64 * 1024,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        SESSION_COOKIE_NAME="madoguchi_office",
        SESSION_COOKIE_PATH=HOME,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=secure_cookies,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["csrf_token"] = access.csrf_token
    app.jinja_env.globals["asks_for"], app.jinja_env.globals["locks"] = asks_for, lock is not None
    app.jinja_env.globals["tries_recovery"] = recovery is not None
    add_design(app)
    add_problems(app, api_prefix=API, statuses=STATUSES, home=HOME)
    add_known_hosts(app, hosts)
    pages = Blueprint("office", __name__, url_prefix="/office", static_folder="static", static_url_path="/static")
    add_pages(pages, office=office, names=names, access=access)
    add_security(pages, office=office, names=names, access=access)
    add_recovery(pages, office=office, names=names, access=access, trial=recovery)
    add_api(pages, office=office, names=names, access=access)
    app.register_blueprint(pages)
    return app
