"""Who may do what: people by a signed-in session and a token in their form, programs by a bearer token."""

import hmac
import secrets
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from uuid import uuid4

from flask import g, redirect, request, session
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.facts.staff import StaffRole
from appliance.desk.ports import StaffDoor, Tokens
from ui.desk.wording import say
from ui.problems import Refusal

SCOPES = ("desk", "office")
"""Every scope a token can have; a token that opens one of the others is known here, but not for this."""

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


class Access:
    """Signs people in and out, and guards the views."""

    def __init__(self, *, desk: Desk, staff: StaffDoor, tokens: Tokens, secret_key: bytes) -> None:
        self._presence = desk.presence
        self._staff = staff
        self._tokens = tokens
        self._csrf_key = hmac.digest(secret_key, b"csrf", "sha256")

    @property
    def device(self) -> str:
        """A random name for this browser, kept in its signed cookie."""
        return str(session.setdefault("device", secrets.token_urlsafe(16)))

    @property
    def sign_in_name(self) -> str:
        """The random name of the sign-in of this session; empty without one."""
        return str(session.get("sign_in", ""))

    @property
    def role(self) -> StaffRole:
        """What the signed-in person is there for."""
        return StaffRole(session["role"])

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody is signed in here and has not left since."""
        return self._presence.is_here(self.sign_in_name)

    def sign_in(self, pin: str) -> bool:
        """Sign in whoever that PIN belongs to; False if it is nobody's."""
        role = self._staff.role_for(pin)
        if role is None:
            return False
        self.sign_out()
        session["sign_in"], session["role"] = uuid4().hex, role.value
        self._presence.arrive(self.sign_in_name)
        return True

    def sign_out(self) -> None:
        """Sign out; the browser keeps its name."""
        if self.sign_in_name:
            self._presence.leave(self.sign_in_name)
        session.pop("sign_in", None)
        session.pop("role", None)

    def csrf_token(self) -> str:
        """What every form of this session must send back."""
        return hmac.digest(self._csrf_key, self.device.encode(), "sha256").hex()

    def check_csrf(self) -> None:
        """Refuse a POST whose form did not come from a page of this session."""
        if request.method != "POST":
            return
        sent = request.form.get("csrf", "").encode()
        if not hmac.compare_digest(sent, self.csrf_token().encode()):
            raise Refusal(403, "stale_page", say("stale_page"), kept=request.form.get("memo", ""))

    def check_signed_in(self) -> None:
        """Refuse whoever is not signed in."""
        if not self.is_signed_in:
            raise Refusal(403, "signed_out", say("signed_out"), kept=request.form.get("memo", ""))

    def staff_only(self, view: View[P]) -> View[P]:
        """Let the view answer only people who are signed in; whoever only looks is led to the sign-in."""

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if request.method == "GET" and not self.is_signed_in:
                return redirect("/sign-in", 303)
            self.check_signed_in()
            return view(*args, **kwargs)

        return guarded

    def programs_only(self, scope: str, view: View[P]) -> View[P]:
        """Let the view answer only programs whose token was issued for `scope`; it finds the token in `g.token`."""

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            kind, _, token = request.headers.get("Authorization", "").partition(" ")
            if kind.lower() != "bearer" or not self._tokens.allows(token, scope):
                raise self._refused_token(token if kind.lower() == "bearer" else "")
            g.token = token
            return view(*args, **kwargs)

        return guarded

    def _refused_token(self, token: str) -> Refusal:
        if token and any(self._tokens.allows(token, scope) for scope in SCOPES):
            return Refusal(403, "wrong_scope", say("api.scope"))
        return Refusal(401, "unknown_token", say("api.token"), headers={"WWW-Authenticate": 'Bearer realm="madoguchi"'})
