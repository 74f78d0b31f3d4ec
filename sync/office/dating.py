"""Dating: when a record was made, where its box had no clock to be sure of.

A box without a clock chip may think any time it likes. Once somebody there has said what the time is (`clock_anchor`),
the monotonic clock of that boot dates everything else that was recorded in the boot, before and after. Of several
words on the time in one boot the newest counts, as it does on the desk's own day sheet. A record that nobody vouches
for stays where its own clock put it, and is marked as unsure.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sync.office.tables import ClockAnchor, Record
from sync.schema import Moment5

JAPAN = ZoneInfo("Asia/Tokyo")
UNKNOWN = "unknown"
_1970 = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(at: datetime) -> int:
    """A wall time as it is stored: whole milliseconds since 1970."""
    return (at - _1970) // timedelta(milliseconds=1)


def wall_time(wall_ms: int) -> datetime | None:
    """That wall time in Japan; None where no calendar reaches."""
    try:
        return (_1970 + timedelta(milliseconds=wall_ms)).astimezone(JAPAN)
    except OverflowError:
        return None


def day_of(wall_ms: int) -> date | None:
    """The day in Japan at that wall time; None where no calendar reaches."""
    at = wall_time(wall_ms)
    return at.date() if at else None


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    """When a record was made, in the columns of its row."""

    at_ms: int
    day: date | None
    unsure: bool


def when(moment: Moment5, *, device: str, chain: str) -> When:
    """When a record with that moment was made, by what has been said about its boot so far."""
    anchor = _anchor(device, chain, moment.boot) if moment.quality == UNKNOWN else None
    return _when(anchor, wall_ms=moment.wall_ms, mono_ms=moment.mono_ms, quality=moment.quality)


def date_again(device: str, chain: str, boot: int) -> None:
    """Date the records of a boot by what has been said about it now."""
    anchor = _anchor(device, chain, boot)
    place = (Record.device == device) & (Record.chain == chain) & (Record.boot == boot)
    for row in list(Record.select().where(place & (Record.clock_quality == UNKNOWN))):
        found = _when(anchor, wall_ms=row.wall_ms or 0, mono_ms=row.mono_ms or 0, quality=UNKNOWN)
        columns = {name: value for name, value in asdict(found).items() if value is not None}
        Record.update(**columns).where(Record.id == row.id).execute()


def _anchor(device: str, chain: str, boot: int) -> ClockAnchor | None:
    """The newest word on the time in that boot; a new database counts its boots anew, and has a chain of its own."""
    place = (ClockAnchor.device == device) & (ClockAnchor.chain == chain) & (ClockAnchor.boot == boot)
    newest: ClockAnchor | None = ClockAnchor.select().where(place).order_by(ClockAnchor.sequence.desc()).first()
    return newest


def _when(anchor: ClockAnchor | None, *, wall_ms: int, mono_ms: int, quality: str) -> When:
    if anchor is not None:
        said_ms = anchor.said_ms + mono_ms - anchor.mono_ms
        said_day = day_of(said_ms)
        if said_day is not None:
            return When(at_ms=said_ms, day=said_day, unsure=False)
    day = day_of(wall_ms)
    return When(at_ms=wall_ms, day=day, unsure=quality == UNKNOWN or day is None)
