"""The rows of days: openings, tallies, what belongs to a day, and which time was seen last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from peewee import Expression, Field, SqliteDatabase

from appliance.desk.errors import UnknownTally
from appliance.desk.facts.call import Call
from appliance.desk.facts.consultation import Consultation
from appliance.desk.facts.day import ClockAnchor, Tally
from appliance.desk.facts.moment import ClockQuality, milliseconds
from appliance.desk.facts.sheet import DayRows, Opening
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.visit import JAPAN, Visit
from appliance.store.models import CallRow, ConsultationRow, MetaRow, OpeningRow, RecordRow, TallyRow, VisitRow
from appliance.store.rows import (
    call_of,
    consultation_of,
    counts,
    moment_columns,
    moment_of,
    sure_moment,
    visit_of,
)

_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_SAID = "said"
"""The key in table meta of what somebody said the time is: boot, uptime and wall, 8 bytes each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A wall time and the uptime of this boot at which it was."""

    wall: datetime
    uptime_ms: int | None
    """None where that was in an earlier boot."""


class OpeningRows:
    """Port `Openings` on the tables opening and meta."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def get(self, day: date) -> Opening | None:
        """See the port."""
        row = OpeningRow.select().where(OpeningRow.day == day.isoformat()).first(self._database)
        return _opening(row) if row else None

    def put(self, opening: Opening) -> None:
        """See the port."""
        closed = moment_columns("closed_", opening.closed) if opening.closed else {}
        columns = {**moment_columns("opened_", opening.opened), **closed}
        OpeningRow.insert(day=opening.day.isoformat(), **columns).on_conflict_replace().execute(self._database)

    def forget(self, day: date) -> None:
        """See the port."""
        OpeningRow.delete().where(OpeningRow.day == day.isoformat()).execute(self._database)

    def remember_time(self, anchor: ClockAnchor) -> None:
        """See the port."""
        numbers = (anchor.at.boot, anchor.at.mono_ms, milliseconds(anchor.said))
        value = b"".join(number.to_bytes(8, signed=True) for number in numbers)
        MetaRow.insert(key=_SAID, value=value).on_conflict_replace().execute(self._database)


class TallyRows:
    """Port `Tallies` on the table tally."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def add(self, tally: Tally) -> None:
        """See the port."""
        TallyRow.insert(
            uid=tally.id,
            day=tally.day.isoformat(),
            visits=tally.visits,
            people=tally.people,
            topics=_written(tally.topics),
            age_bands=_written(tally.age_bands),
            made_by=tally.by.value,
            withdrawn=False,
            **moment_columns("", tally.at),
        ).execute(self._database)

    def get(self, tally: UUID) -> Tally:
        """See the port."""
        row = TallyRow.select().where(TallyRow.uid == tally).first(self._database)
        if row is None:
            raise UnknownTally
        return _tally(row)

    def withdraw(self, tally: UUID) -> None:
        """See the port."""
        TallyRow.update(withdrawn=True).where(TallyRow.uid == tally).execute(self._database)


def rows_of_day(database: SqliteDatabase, day: date) -> DayRows:
    """What port `Storage` promises of `day_rows`."""
    openings = _openings(database)
    boots = [one.opened.boot for one in openings if one.opened.quality.is_trusted and one.day >= day]
    visits = _visits(database, day, boots)
    return DayRows(
        day=day,
        openings=openings,
        calls=_calls(database, day, boots),
        visits=visits,
        consultations=_consultations(database, visits),
        tallies=_tallies(database, day),
    )


def newest_opening(database: SqliteDatabase) -> Opening | None:
    """What port `Storage` promises."""
    return next(reversed(_openings(database)), None)


def seen_last(database: SqliteDatabase) -> Seen | None:
    """The time of the newest record; whoever reads it now must not show an earlier one."""
    last = RecordRow.select().order_by(RecordRow.sequence.desc()).first(database)
    if last is None:
        return None
    began = _meta(database, "boot_began")
    is_this_boot = began is not None and last.start >= int.from_bytes(began)
    return Seen(wall=_wall(last.wall_ms), uptime_ms=last.mono_ms if is_this_boot else None)


def said_in_boot(database: SqliteDatabase, boot: int) -> Seen | None:
    """What somebody said the time is, if that was in this boot."""
    value = _meta(database, _SAID)
    if value is None:
        return None
    said_in, uptime_ms, wall_ms = (int.from_bytes(value[at : at + 8], signed=True) for at in (0, 8, 16))
    return Seen(wall=_wall(wall_ms), uptime_ms=uptime_ms) if said_in == boot else None


def _openings(database: SqliteDatabase) -> list[Opening]:
    rows = OpeningRow.select().order_by(OpeningRow.opened.start, OpeningRow.opened.mono_ms)
    return [_opening(row) for row in rows.bind(database)]


def _opening(row: OpeningRow) -> Opening:
    return Opening(
        day=date.fromisoformat(row.day), opened=sure_moment(row, "opened_"), closed=moment_of(row, "closed_")
    )


def _calls(database: SqliteDatabase, day: date, boots: Sequence[int]) -> list[Call]:
    then = _may_be_on(day, boots, CallRow.raised.wall_ms, CallRow.raised.quality, CallRow.raised.boot)
    rows = CallRow.select().where(then).order_by(CallRow.sequence)
    return [call_of(row) for row in rows.bind(database)]


def _visits(database: SqliteDatabase, day: date, boots: Sequence[int]) -> list[Visit]:
    then = _may_be_on(day, boots, VisitRow.ended.wall_ms, VisitRow.ended.quality, VisitRow.ended.boot)
    standing = VisitRow.ended.wall_ms.is_null(is_null=False) & (VisitRow.withdrawn == False)  # noqa: E712 (SQL)
    rows = VisitRow.select().where(standing & then).order_by(VisitRow.ended.start, VisitRow.ended.mono_ms)
    return [visit_of(row) for row in rows.bind(database)]


def _consultations(database: SqliteDatabase, visits: Sequence[Visit]) -> list[Consultation]:
    of_these = ConsultationRow.visit_uid.in_([visit.id for visit in visits])
    rows = ConsultationRow.select().where(of_these & counts()).order_by(ConsultationRow.sequence)
    return [consultation_of(row) for row in rows.bind(database)]


def _tallies(database: SqliteDatabase, day: date) -> list[Tally]:
    standing = (TallyRow.day == day.isoformat()) & (TallyRow.withdrawn == False)  # noqa: E712 (SQL)
    rows = TallyRow.select().where(standing).order_by(TallyRow.at.start, TallyRow.at.mono_ms)
    return [_tally(row) for row in rows.bind(database)]


def _may_be_on(day: date, boots: Sequence[int], wall_ms: Field, quality: Field, boot: Field) -> Expression:
    begin = milliseconds(datetime.combine(day, time(), JAPAN))
    end = begin + timedelta(days=1) // timedelta(milliseconds=1)
    by_its_clock = (wall_ms >= begin) & (wall_ms < end)
    unsure = (quality == ClockQuality.UNKNOWN.value) & boot.in_(boots)
    return by_its_clock | unsure


def _tally(row: TallyRow) -> Tally:
    return Tally(
        id=row.uid,
        day=date.fromisoformat(row.day),
        visits=row.visits,
        people=row.people,
        topics=_read(row.topics),
        age_bands=_read(row.age_bands),
        by=StaffRole(row.made_by),
        at=sure_moment(row, ""),
        withdrawn=bool(row.withdrawn),
    )


def _written(counted: tuple[tuple[str, int], ...]) -> str:
    return " ".join(f"{word}:{count}" for word, count in counted)


def _read(text: str) -> tuple[tuple[str, int], ...]:
    pairs = (pair.partition(":") for pair in text.split())
    return tuple((word, int(count)) for word, _, count in pairs)


def _meta(database: SqliteDatabase, key: str) -> bytes | None:
    row = MetaRow.select().where(MetaRow.key == key).first(database)
    return bytes(row.value) if row else None


def _wall(wall_ms: int) -> datetime:
    return _1970 + timedelta(milliseconds=wall_ms)
