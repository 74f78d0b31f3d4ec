"""Who may look: officers by a signed-in session and a token in their forms, programs by a bearer token."""

import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from math import ceil
from typing import ParamSpec, Protocol

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from ui.problems import Refusal

SCOPE = "office"
OTHER_SCOPES = ("desk",)

IDLE_SECONDS = 60 * 60
"""A sign-in nobody uses ends after this time."""
FREE_TRIES = 5
PAUSE_SECONDS = 30
"""How long a name must wait after too many wrong PINs, and again after each further one."""
MOST_NAMES = 1000

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
Monotonic = Callable[[], float]


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


@dataclass
class _Tries:
    """Wrong PINs in a row for one name, and when the next may be tried."""

    wrong: int = 0
    not_before: float = 0.0


class Brake:
    """Slows down whoever guesses PINs."""

    def __init__(self, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._names: dict[str, _Tries] = {}

    def wait(self, user: str) -> int:
        """How many seconds that name must wait; 0 if it may try now."""
        with self._lock:
            tries = self._names.get(user, _Tries())
            return max(0, ceil(tries.not_before - self._monotonic()))

    def note(self, user: str, *, right: bool) -> None:
        """A PIN was tried."""
        with self._lock:
            tries = self._names.pop(user, _Tries())
            if right:
                return
            if len(self._names) >= MOST_NAMES:
                self._names.pop(next(iter(self._names)))
            tries.wrong += 1
            if tries.wrong >= FREE_TRIES:
                tries.not_before = self._monotonic() + PAUSE_SECONDS
            self._names[user] = tries


class SignIns:
    """The sign-ins that stand, in memory only: a restart signs everybody out."""

    def __init__(self, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._used: dict[str, float] = {}

    def begin(self) -> str:
        """The random name of a new sign-in."""
        name = secrets.token_urlsafe(16)
        with self._lock:
            self._used = {each: used for each, used in self._used.items() if self._is_fresh(used)}
            self._used[name] = self._monotonic()
        return name

    def use(self, name: str) -> bool:
        """Whether that sign-in stands; if so its time begins again."""
        with self._lock:
            if not self._is_fresh(self._used.get(name, float("-inf"))):
                return False
            self._used[name] = self._monotonic()
            return True

    def end(self, name: str) -> None:
        """Sign out."""
        with self._lock:
            self._used.pop(name, None)

    def _is_fresh(self, used: float) -> bool:
        return self._monotonic() - used < IDLE_SECONDS


class Access:
    """Signs officers in and out, and guards the views."""

    def __init__(self, *, users: OfficeUsers, tokens: Tokens, secret_key: bytes, monotonic: Monotonic) -> None:
        self._users = users
        self._tokens = tokens
        self._csrf_key = hmac.digest(secret_key, b"office csrf", "sha256")
        self._brake = Brake(monotonic)
        self._sign_ins = SignIns(monotonic)

    def sign_in(self, user: str, pin: str) -> bool:
        """Sign that officer in; False if the PIN is not hers. `Refusal` 429 after too many wrong ones."""
        wait = self._brake.wait(user)
        if wait:
            title = f"暗証番号の まちがいが つづきました。{wait}秒ほど 待ってから もう一度 どうぞ。"
            raise Refusal(429, "too_many_tries", title, headers={"Retry-After": str(wait)})
        right = self._users.allows(user, pin)
        self._brake.note(user, right=right)
        if right:
            session.clear()  # nothing of what stood here before the sign-in goes on
            session["sign_in"], session["user"] = self._sign_ins.begin(), user
        return right

    def sign_out(self) -> None:
        """End the sign-in of this session."""
        self._sign_ins.end(str(session.get("sign_in", "")))
        session.clear()

    @property
    def user(self) -> str:
        """Who is signed in; empty for nobody."""
        return str(session.get("user", "")) if self._sign_ins.use(str(session.get("sign_in", ""))) else ""

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

        return guarded

    def programs_only(self, view: View[P]) -> View[P]:
        """Let the view answer only programs whose token was issued for the office."""

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            kind, _, token = request.headers.get("Authorization", "").partition(" ")
            if kind.lower() != "bearer" or not self._tokens.allows(token, SCOPE):
                raise self._refused_token(token if kind.lower() == "bearer" else "")
            return view(*args, **kwargs)

        return guarded

    def _refused_token(self, token: str) -> Refusal:
        if token and any(self._tokens.allows(token, scope) for scope in OTHER_SCOPES):
            return Refusal(403, "wrong_scope", "この鍵（トークン）では 統計を 見られません。")
        challenge = {"WWW-Authenticate": 'Bearer realm="madoguchi-office"'}
        return Refusal(401, "unknown_token", "使うには 統計用の 鍵（トークン）が いります。", headers=challenge)
