"""Who may do what: people by a signed-in session and a token in their form, programs by a bearer token."""

import hmac
import secrets
from collections.abc import Callable, Collection
from functools import partial, wraps
from ipaddress import ip_address
from typing import ParamSpec
from uuid import UUID, uuid4

from flask import g, redirect, request, session
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.facts.security import Place
from appliance.desk.facts.staff import Permission, StaffMember, StaffRole
from appliance.desk.ports import Tokens
from appliance.desk.reception.staffing import Browser
from ui.desk.people_words import PERMISSIONS
from ui.desk.wording import say
from ui.guards import guarded_by
from ui.problems import Refusal

SCOPES = ("desk", "board", "button", "office")
"""Every scope a token can have; a token that opens one of the others is known here, but not for this."""

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


class Access:
    """Signs people in and out, and guards the views."""

    def __init__(self, *, desk: Desk, tokens: Tokens, secret_key: bytes) -> None:
        self._staff = desk.staff
        self._tokens = tokens
        self._issued = desk.tokens
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
    def place(self) -> Place:
        """`screen` where the request comes from the machine itself; a TLS terminator on it tells for whom it speaks."""
        try:
            return "screen" if ip_address(request.remote_addr or "").is_loopback else "lan"
        except ValueError:
            return "lan"

    @property
    def member(self) -> StaffMember | None:
        """Who is signed in here, and need not type the PIN again; every guarded view counts on somebody."""
        if "member" not in g:
            g.member = self._staff.working(self.sign_in_name)
        found: StaffMember | None = g.member
        return found

    @property
    def me(self) -> StaffMember:
        """The same, for views that let nobody else through."""
        if self.member is None:
            raise Refusal(403, "signed_out", say("signed_out"), kept=request.form.get("memo", ""))
        return self.member

    @property
    def role(self) -> StaffRole:
        """What the signed-in person is there for."""
        return self.me.permission.role

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody is signed in here and has not left since."""
        return self.member is not None

    @property
    def last(self) -> UUID | None:
        """Who signed in at this browser last."""
        try:
            return UUID(session.get("last", ""))
        except ValueError:
            return None

    def browser(self) -> Browser:
        """Where this request comes from; whoever signs in there does so under a new name."""
        return Browser(
            sign_in=uuid4().hex,
            place=self.place,
            last=self.last,
            code=request.form.get("code", ""),
        )

    def let_in(self, member: StaffMember, browser: Browser) -> None:
        """From now on this browser is that person's; a copy of the cookie it had before is nobody's."""
        before = self.sign_in_name
        session["sign_in"], session["last"] = browser.sign_in, str(member.id)
        if before:
            self._staff.sign_out(before)
        g.pop("member", None)

    def sign_out(self) -> None:
        """Sign out; the browser keeps its name."""
        if self.sign_in_name:
            self._staff.sign_out(self.sign_in_name)
        session.pop("sign_in", None)
        g.pop("member", None)

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
        _ = self.me

    def check_watching(self) -> None:
        """The same for a stream, which keeps nobody signed in."""
        g.member = self._staff.watching(self.sign_in_name)
        self.check_signed_in()

    def sign_of_life(self) -> Callable[[], None]:
        """What a stream tells the desk as long as somebody reads it: whoever is signed in here is here."""
        return partial(self._staff.seen, self.sign_in_name)

    def allowed(self, *permissions: Permission) -> Callable[[View[P]], View[P]]:
        """Let a view answer only people with one of these permissions; whoever only looks is led to the sign-in."""
        guard = "staff" if set(permissions) == set(Permission) else f"staff:{'+'.join(sorted(permissions))}"

        def decorate(view: View[P]) -> View[P]:
            @wraps(view)
            def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
                if request.method == "GET" and not self.is_signed_in:
                    return redirect("/sign-in", 303)
                if self.me.permission not in permissions:
                    raise self._refused_permission(permissions)
                return view(*args, **kwargs)

            return guarded_by(guard, guarded)

        return decorate

    def staff_only(self, view: View[P]) -> View[P]:
        """Let the view answer everybody who is signed in."""
        return self.allowed(*Permission)(view)

    def _refused_permission(self, permissions: tuple[Permission, ...]) -> Refusal:
        if request.method == "POST":
            self._staff.command_refused(by=self.me, place=self.place)
        who = "・".join(say(PERMISSIONS[permission]) for permission in permissions)
        return Refusal(403, "not_allowed", say("not_allowed", who=who), kept=request.form.get("memo", ""))

    def programs_only(self, scopes: Collection[str], view: View[P]) -> View[P]:
        """Let the view answer only programs whose token opens one of `scopes`.

        It finds the token in `g.token` and what it opened in `g.scope`.
        """

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            kind, _, token = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
            scope = self._opened(token, scopes) if kind.lower() == "bearer" else ""
            if not scope:
                raise self._refused_token(token if kind.lower() == "bearer" else "")
            self._issued.used(token)
            g.token, g.scope = token, scope
            return view(*args, **kwargs)

        return guarded_by(f"program:{'+'.join(scopes)}", guarded)

    def _opened(self, token: str, scopes: Collection[str]) -> str:
        """The first of these that the token opens; empty where it opens none."""
        for scope in scopes:
            if self._tokens.allows(token, scope):
                return scope
        return ""

    def _refused_token(self, token: str) -> Refusal:
        if token:
            self._issued.refused(token)
        if token and self._opened(token, SCOPES):
            return Refusal(403, "wrong_scope", say("api.scope"))
        return Refusal(401, "unknown_token", say("api.token"), headers={"WWW-Authenticate": 'Bearer realm="madoguchi"'})
