"""How wrong PINs are counted, when a locked person may try again, and how few records a prankster can make."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

from appliance.desk.facts.moment import Moment
from appliance.desk.facts.roster import RosterEntry
from appliance.desk.facts.security import SecurityMatter

TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
"""Of uptime, since the locking or since this start, whichever is later; no wall clock opens anything."""


class Lockout:
    """Remembers since when somebody is locked; that she is locked stands in her row."""

    def __init__(self, started: Moment) -> None:
        self._started = started
        self._since: Mapping[UUID, Moment] = MappingProxyType({})

    def holds(self, entry: RosterEntry, now: Moment) -> bool:
        """Whether no PIN is tried for that person now."""
        since = self._since.get(entry.id, self._started)
        return entry.locked and timedelta(milliseconds=now.mono_ms - since.mono_ms) < LOCKED_FOR

    def after_wrong(self, entry: RosterEntry, now: Moment) -> RosterEntry:
        """The row after one more wrong PIN; whoever has waited a lock out begins to count again."""
        wrong = 1 if entry.locked else entry.wrong + 1
        if wrong >= TRIES:
            self._since = {**self._since, entry.id: now}
        return replace(entry, wrong=wrong, locked=wrong >= TRIES)


class Ration:
    """Lets the first records of a matter through and then one every ten minutes: at most some 150 a day of each."""

    BURST = 5
    EVERY = timedelta(minutes=10)

    def __init__(self, *, burst: int = BURST) -> None:
        """`burst`: how many of a matter go through at first."""
        self._lock = threading.Lock()
        self._burst = float(burst)
        self._left: dict[SecurityMatter, tuple[float, int]] = {}

    def allows(self, matter: SecurityMatter, now: Moment) -> bool:
        """Whether one more record of that matter is made; the ones left out are what a flood looks like."""
        with self._lock:
            left, at = self._left.get(matter, (self._burst, now.mono_ms))
            left = min(self._burst, left + (now.mono_ms - at) / (self.EVERY / timedelta(milliseconds=1)))
            self._left[matter] = (left - 1 if left >= 1 else left, now.mono_ms)
            return left >= 1
