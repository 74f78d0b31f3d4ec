"""Who may look: officers by a signed-in session and a token in their forms, programs by a bearer token."""

import hmac
import secrets
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, Protocol

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from sync.office.errors import OfficeLocked
from ui.guards import guarded_by
from ui.office.sign_ins import Brake, Monotonic, SignIns
from ui.problems import Refusal

SCOPE = "office"
OTHER_SCOPES = ("desk",)

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


class OfficeUsers(Protocol):
    """Knows the officers who may see the town's numbers."""

    def allows(self, user: str, pin: str) -> bool:
        """Whether that PIN belongs to that officer."""
        ...


class Tokens(Protocol):
    """Knows which programs may use the API."""

    def allows(self, token: str, scope: str) -> bool:
        """Whether that bearer token was issued for that scope and still stands."""
        ...


class Lock(Protocol):
    """The office's keys, which are away while nobody works here."""

    @property
    def opening(self) -> str:
        """Names the present unlocking; empty while the keys are away."""
        ...

    def use(self) -> None:
        """An officer is at work."""
        ...

    def leave(self) -> None:
        """An officer has signed out."""
        ...


class AlwaysOpen:
    """Port `Lock` where the keys are there as long as the program runs."""

    opening = "open"

    def use(self) -> None:
        """See the port."""

    def leave(self) -> None:
        """See the port."""


class Access:
    """Signs officers in and out, and guards the views."""

    def __init__(
        self,
        *,
        users: OfficeUsers,
        tokens: Tokens,
        secret_key: bytes,
        monotonic: Monotonic,
        lock: Lock,
        asks_for: str,
    ) -> None:
        """`asks_for` is what people call the secret that `users` know."""
        self.asks_for = asks_for
        self._lock = lock
        self._users = users
        self._tokens = tokens
        self._csrf_key = hmac.digest(secret_key, b"office csrf", "sha256")
        self._brake = Brake(monotonic)
        self._sign_ins = SignIns(monotonic)

    def sign_in(self, user: str, pin: str) -> bool:
        """Sign that officer in; False if the PIN is not hers. `Refusal` 429 after too many wrong ones."""
        wait = self._brake.wait(user)
        if wait:
            title = f"{self.asks_for}の まちがいが つづきました。{wait}秒ほど 待ってから もう一度 どうぞ。"
            raise Refusal(429, "too_many_tries", title, headers={"Retry-After": str(wait)})
        right = self._users.allows(user, pin)
        self._brake.note(user, right=right)
        if right:
            session.clear()  # nothing of what stood here before the sign-in goes on
            session["sign_in"], session["user"] = self._sign_ins.begin(), user
            session["opening"] = self._lock.opening
        return right

    def sign_out(self) -> None:
        """End the sign-in of this session."""
        self._sign_ins.end(str(session.get("sign_in", "")))
        session.clear()
        self._lock.leave()

    @property
    def user(self) -> str:
        """Who is signed in; empty for nobody, and for everybody once the keys are away."""
        opening = self._lock.opening
        stands = opening != "" and session.get("opening") == opening
        if not stands or not self._sign_ins.use(str(session.get("sign_in", ""))):
            return ""
        self._lock.use()
        return str(session.get("user", ""))

    def csrf_token(self) -> str:
        """What every form of this session must send back."""
        browser = str(session.setdefault("browser", secrets.token_urlsafe(16)))
        return hmac.digest(self._csrf_key, browser.encode(), "sha256").hex()

    def check_csrf(self) -> None:
        """Refuse a form that does not come from a page of this session."""
        sent = request.form.get("csrf", "").encode()
        if not hmac.compare_digest(sent, self.csrf_token().encode()):
            raise Refusal(403, "stale_page", "この画面は 古くなっています。はじめから もう一度 どうぞ。")

    def officers_only(self, view: View[P]) -> View[P]:
        """Let the view answer only officers; everybody else is led to the sign-in."""

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not self.user:
                return redirect(url_for("office.ask_pin"), 303)
            return view(*args, **kwargs)

        return guarded_by("staff", guarded)

    def programs_only(self, view: View[P]) -> View[P]:
        """Let the view answer only programs whose token was issued for the office."""

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            kind, _, token = request.headers.get("Authorization", "").partition(" ")
            if kind.lower() != "bearer" or not self._tokens.allows(token, SCOPE):
                raise self._refused_token(token if kind.lower() == "bearer" else "")
            if not self._lock.opening:
                raise Refusal(503, OfficeLocked.code, OfficeLocked.ja)
            return view(*args, **kwargs)

        return guarded_by(f"program:{SCOPE}", guarded)

    def _refused_token(self, token: str) -> Refusal:
        if token and any(self._tokens.allows(token, scope) for scope in OTHER_SCOPES):
            return Refusal(403, "wrong_scope", "この鍵（トークン）では 統計を 見られません。")
        challenge = {"WWW-Authenticate": 'Bearer realm="madoguchi-office"'}
        return Refusal(401, "unknown_token", "使うには 統計用の 鍵（トークン）が いります。", headers=challenge)
