"""Which tokens come in and which are refused: noticed in RAM, so that no request waits until it is sealed."""

import threading
from collections.abc import Sequence
from datetime import date
from typing import TypeAlias
from uuid import UUID

from appliance.desk.facts.moment import Moment
from appliance.desk.facts.security import SecurityEvent, SecurityMatter
from appliance.desk.facts.sheet import day_of
from appliance.desk.reception.lockout import Ration

MOST = 200
"""So many events wait for a disk that takes nothing; what comes then is not noticed."""

Seen: TypeAlias = tuple[SecurityMatter, UUID]


class TokenWatch:
    """Notices the first use and the first refusal of each token in a day, and of unknown ones one in ten minutes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ration = Ration(burst=1)
        self._last: dict[Seen, date] = {}
        self._noticed: list[SecurityEvent] = []

    @property
    def noticed(self) -> Sequence[SecurityEvent]:
        """What is not sealed yet, oldest first."""
        with self._lock:
            return tuple(self._noticed)

    def sealed(self, events: Sequence[SecurityEvent]) -> None:
        """Those were the oldest, and stand on the disk now."""
        with self._lock:
            del self._noticed[: len(events)]

    def used(self, token: UUID, now: Moment) -> None:
        """A program came in with it."""
        self._once_a_day(SecurityMatter.TOKEN_USED, token, now)

    def refused(self, token: UUID | None, now: Moment) -> None:
        """A program was sent away with that token, or with one that nobody knows."""
        if token is not None:
            self._once_a_day(SecurityMatter.TOKEN_REFUSED, token, now)
        elif self._ration.allows(SecurityMatter.TOKEN_REFUSED, now):
            with self._lock:
                self._notice(SecurityMatter.TOKEN_REFUSED, None, now)

    def _once_a_day(self, matter: SecurityMatter, token: UUID, now: Moment) -> None:
        day, seen = day_of(now.wall), (matter, token)
        if self._last.get(seen) == day:
            return
        with self._lock:
            if self._last.get(seen) != day:
                self._last[seen] = day
                self._notice(matter, token, now)

    def _notice(self, matter: SecurityMatter, token: UUID | None, now: Moment) -> None:
        if len(self._noticed) < MOST:
            self._noticed.append(SecurityEvent.of(matter, now=now, place="api", about=token))
