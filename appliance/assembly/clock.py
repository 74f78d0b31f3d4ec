"""The clocks of the machine as one port, and what people say the time is."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.desk.facts.moment import ClockQuality, Moment
from appliance.store.day_rows import Seen
from appliance.store.store import Run

_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")

_BELIEVED_MS = 1000
"""How long an answer of the file system is believed; asking it at every press costs as much as sealing."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What the kernel says."""

    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    uptime_ms: Callable[[], int] = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    is_synchronised: Callable[[], bool] = _SYNCHRONISED.exists


class MachineClock:
    """Port `ClockSetter` on the kernel's clocks.

    Unless a network keeps it right, the wall clock is read once and carried on by the uptime, so that nothing that
    happens to it later moves a record; then it never shows less than the newest time that was stored.
    """

    def __init__(
        self,
        run: Run,
        *,
        said: datetime | None = None,
        seen: Seen | None = None,
        said_before: Seen | None = None,
        machine: Machine | None = None,
    ) -> None:
        """`said`: what the time is now according to a person; `said_before`: what one said earlier in this boot."""
        self._run = run
        self._machine = machine or Machine()
        uptime_ms = self._machine.uptime_ms()
        vouched = Seen(wall=said, uptime_ms=uptime_ms) if said else said_before
        self._is_vouched = vouched is not None
        self._asked_ms, self._is_synchronised = -_BELIEVED_MS, False
        self._base = vouched or Seen(wall=_latest(self._machine.wall(), seen, uptime_ms), uptime_ms=uptime_ms)

    def now(self) -> Moment:
        """See the port."""
        uptime_ms, base = self._machine.uptime_ms(), self._base
        quality = self._quality(uptime_ms)
        synchronised = quality is ClockQuality.SYNCHRONISED
        return Moment(
            wall=self._machine.wall() if synchronised else _carried_on(base, uptime_ms),
            mono_ms=uptime_ms,
            start=self._run.start,
            boot=self._run.boot,
            quality=quality,
        )

    def set_to(self, said: datetime, *, at: Moment) -> None:
        """See the port."""
        self._base, self._is_vouched = Seen(wall=said, uptime_ms=at.mono_ms), True

    def _quality(self, uptime_ms: int) -> ClockQuality:
        if self._is_vouched:
            return ClockQuality.STAFF
        if uptime_ms - self._asked_ms >= _BELIEVED_MS:
            self._asked_ms, self._is_synchronised = uptime_ms, self._machine.is_synchronised()
        return ClockQuality.SYNCHRONISED if self._is_synchronised else ClockQuality.UNKNOWN


def _latest(wall: datetime, seen: Seen | None, uptime_ms: int) -> datetime:
    """The machine's time, or the newest stored one carried on where the machine is behind it."""
    return wall if seen is None else max(wall, _carried_on(seen, uptime_ms))


def _carried_on(seen: Seen, uptime_ms: int) -> datetime:
    return seen.wall + timedelta(milliseconds=uptime_ms - (seen.uptime_ms or 0))
