"""When something happened, as far as a box without a clock chip can know it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(wall: datetime) -> int:
    """A wall time as whole milliseconds since 1970-01-01 UTC."""
    return (wall - _1970) // _MILLISECOND


class ClockQuality(StrEnum):
    """Who vouches for the wall clock."""

    SYNCHRONISED = "synchronised"
    STAFF = "staff"
    RECEIPT = "receipt"
    UNKNOWN = "unknown"

    @property
    def is_trusted(self) -> bool:
        """Whether a duration may be taken from the wall clock alone."""
        return self is not ClockQuality.UNKNOWN


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """One reading of every clock of the box; order comes from `start` and `mono_ms`, never from `wall`."""

    wall: datetime
    """Aware UTC; a claim, only as good as `quality`."""
    mono_ms: int
    """Milliseconds since the machine booted, standing by included (CLOCK_BOOTTIME)."""
    start: int
    """How many times the desk process has started in the life of this database."""
    boot: int
    """How many times the machine has booted in the life of this database."""
    quality: ClockQuality

    @property
    def wall_ms(self) -> int:
        """The wall clock as whole milliseconds since 1970-01-01 UTC."""
        return milliseconds(self.wall)


@dataclass(frozen=True, kw_only=True, slots=True)
class Elapsed:
    """A measured duration and whether it may enter an average."""

    time: timedelta
    honest: bool

    @property
    def seconds(self) -> int:
        """Whole seconds, never negative."""
        return max(0, int(self.time.total_seconds()))

    @property
    def minutes(self) -> int:
        """Minutes, rounded half up, never negative."""
        return (self.seconds + 30) // 60


def elapsed(begin: Moment, end: Moment) -> Elapsed:
    """The time between two moments: by the monotonic clock within one boot, else by a trusted wall clock."""
    if begin.boot == end.boot:
        return Elapsed(time=timedelta(milliseconds=end.mono_ms - begin.mono_ms), honest=end.mono_ms >= begin.mono_ms)
    trusted = begin.quality.is_trusted and end.quality.is_trusted and end.wall >= begin.wall
    return Elapsed(time=max(end.wall - begin.wall, timedelta()), honest=trusted)
