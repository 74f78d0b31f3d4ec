"""How often one browser or program may ask, so that a crowd or a broken program leaves room for everybody else."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from ipaddress import ip_address, ip_network
from math import ceil

from flask import Flask, request

from ui.desk.wording import say
from ui.problems import Refusal

MOST_KEYS = 2000
"""So many askers are remembered; the one that has been silent longest is forgotten first."""

SIGN_INS = frozenset({"coming.sign_in", "coming.tap", "coming.set_up"})
PRESS = "hardware.press"
_FOUR = 4

Monotonic = Callable[[], float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """So many at once, and then so many a second."""

    at_once: int
    per_second: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The rates of a desk. Whoever stands at the box itself, on loopback, is limited at the sign-in only.

    A press of a button is not limited at all: it does not come this way.
    """

    sign_ins: Rate = Rate(at_once=20, per_second=1 / 3)
    """Attempts to sign in, of one browser's address."""
    writes: Rate = Rate(at_once=200, per_second=60)
    """Writes of one program's token."""
    pages: Rate = Rate(at_once=240, per_second=60)
    """Everything else, of one browser's address; a tablet opens a page with about eight files."""


USUAL = Limits()


class Buckets:
    """Token buckets in RAM, one for each asker; safe to use from many threads."""

    def __init__(self, rate: Rate, monotonic: Monotonic) -> None:
        self._rate = rate
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}
        """Asker -> what was left, and when; the last to ask stands last."""

    def take(self, asker: str) -> int:
        """Take one; 0, or how many seconds to wait where none was left."""
        with self._lock:
            now = self._monotonic()
            left, then = self._left.pop(asker, (float(self._rate.at_once), now))
            left = min(float(self._rate.at_once), left + (now - then) * self._rate.per_second)
            enough = left >= 1
            self._left[asker] = (left - 1 if enough else left, now)
            if len(self._left) > MOST_KEYS:
                del self._left[next(iter(self._left))]
        return 0 if enough else max(1, ceil((1 - left) / self._rate.per_second))


class Turnstile:
    """Counts what comes, and refuses what is too much."""

    def __init__(self, limits: Limits, monotonic: Monotonic = time.monotonic) -> None:
        self._sign_ins = Buckets(limits.sign_ins, monotonic)
        self._writes = Buckets(limits.writes, monotonic)
        self._pages = Buckets(limits.pages, monotonic)

    def check_sign_in(self) -> None:
        """Count an attempt to sign in; 429."""
        _refuse_for(self._sign_ins.take(_address()))

    def check_write(self, token: str) -> None:
        """Count a write of the program with that token; 429."""
        if not _is_here():
            _refuse_for(self._writes.take(sha256(token.encode()).hexdigest()))

    def check_page(self) -> None:
        """Count a request of a browser; 429."""
        if not _is_here():
            _refuse_for(self._pages.take(_address()))


def add_limits(app: Flask, turnstile: Turnstile) -> None:
    """Limit whatever comes, except presses of the virtual buttons; the API itself counts its writes."""

    @app.before_request
    def check() -> None:
        endpoint = request.endpoint
        if endpoint in SIGN_INS and request.method == "POST":
            turnstile.check_sign_in()
        if endpoint != PRESS:
            turnstile.check_page()


def _address() -> str:
    """Whose request this is; in IPv6 a whole network, because one browser has all of it to choose from."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    return str(address) if address.version == _FOUR else str(ip_network((str(address), 64), strict=False))


def _is_here() -> bool:
    """Whether the request comes from the box itself, which a limit would protect from nobody."""
    return _is_loopback(request.remote_addr or "")


@lru_cache(maxsize=64)
def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _refuse_for(seconds: int) -> None:
    if seconds:
        title = say("too_often", seconds=seconds)
        raise Refusal(429, "too_many_requests", title, headers={"Retry-After": str(seconds)})
