"""The six digits on the box's own screen: whoever types them elsewhere stands, or has somebody standing, at the box."""

import hmac
import secrets
import threading
from dataclasses import dataclass
from datetime import timedelta

from appliance.desk.facts.moment import Moment

FRESH = timedelta(minutes=2)
"""How long a code is shown."""

MAX_GUESSES = 5
"""So many wrong ones, and the code on the screen becomes another."""

_DIGITS = 6
_FRESH_MS = FRESH // timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownCode:
    """The code now, and for how many seconds yet."""

    code: str
    seconds: int


class PresenceCode:
    """Makes a new code every two minutes and after each use; the one before still counts while somebody types it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: tuple[str, ...] = ()
        self._made_ms = 0
        self._guesses = 0

    def shown(self, now: Moment) -> ShownCode:
        """What the box's own screen shows."""
        with self._lock:
            self._turn(now)
            left = self._made_ms + _FRESH_MS - now.mono_ms
            return ShownCode(code=self._codes[0], seconds=max(1, left // 1000))

    def accepts(self, typed: str, now: Moment) -> bool:
        """Whether that is the code on the screen, or the one before it."""
        with self._lock:
            self._turn(now)
            if any(hmac.compare_digest(typed.encode(), code.encode()) for code in self._codes):
                return True
            self._guesses += 1
            if self._guesses >= MAX_GUESSES:
                self._begin((), now)
            return False

    def used(self, now: Moment) -> None:
        """It let somebody in; it lets nobody else in."""
        with self._lock:
            self._begin((), now)

    def _turn(self, now: Moment) -> None:
        age = now.mono_ms - self._made_ms
        if not self._codes or age >= 2 * _FRESH_MS:
            self._begin((), now)
        elif age >= _FRESH_MS:
            self._begin(self._codes[:1], now)

    def _begin(self, before: tuple[str, ...], now: Moment) -> None:
        code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
        self._codes, self._made_ms, self._guesses = (code, *before), now.mono_ms, 0
