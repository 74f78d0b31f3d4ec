"""The clocks of the machine as one port."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.desk.facts.moment import ClockQuality, Moment
from appliance.store.store import Run

_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")


class MachineClock:
    """Port `Clock` on the kernel's clocks, shifted by what somebody said the time is."""

    def __init__(self, run: Run, *, said: datetime | None = None) -> None:
        """`said`: what the time is now according to a person; None trusts the machine as far as it can be trusted."""
        self._run = run
        self._offset = said - datetime.now(UTC) if said else timedelta()
        self._said = said is not None

    def now(self) -> Moment:
        """See the port."""
        return Moment(
            wall=datetime.now(UTC) + self._offset,
            mono_ms=time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000,
            start=self._run.start,
            boot=self._run.boot,
            quality=self._quality(),
        )

    def _quality(self) -> ClockQuality:
        if self._said:
            return ClockQuality.STAFF
        return ClockQuality.SYNCHRONISED if _SYNCHRONISED.exists() else ClockQuality.UNKNOWN
