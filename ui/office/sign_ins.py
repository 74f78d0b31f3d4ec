"""The sign-ins that stand, and a brake for whoever guesses PINs; both in memory only."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

IDLE_SECONDS = 60 * 60
"""A sign-in nobody uses ends after this time."""
FREE_TRIES = 5
PAUSE_SECONDS = 30
"""How long a name must wait after too many wrong PINs, and again after each further one."""
MOST_NAMES = 1000

Monotonic = Callable[[], float]


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
