"""The roster, and who has come and not left, to rows and back."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import cast

from peewee import Expression, Field, SqliteDatabase

from appliance.desk.facts.roster import RosterEntry
from appliance.desk.facts.security import Place
from appliance.desk.facts.shift import Stay
from appliance.desk.facts.staff import Employment, Permission, StaffMember, StaffRole
from appliance.store.faults import disk_words
from appliance.store.models import StaffRow, StayRow
from appliance.store.rows import moment_columns, sure_moment


class RosterRows:
    """Port `Roster` on the table staff."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def put(self, entry: RosterEntry) -> None:
        """See the port."""
        columns = _columns(entry)
        others = [name for name in columns if name != "uid"]
        StaffRow.insert(**columns).on_conflict(conflict_target=["uid"], preserve=others).execute(self._database)

    def all(self) -> Sequence[RosterEntry]:
        """See the port."""
        return _entries(self._database)


def stored_roster(path: Path) -> Sequence[RosterEntry]:
    """The roster without cards in the database at `path`, which a desk may be using; `StorageFailed`.

    Also in one that no desk has opened since cards came.
    """
    known = [column for column in StaffRow._meta.sorted_fields if column is not StaffRow.card]  # noqa: SLF001 (peewee's)
    with disk_words():
        reader = SqliteDatabase(f"file:{path}?mode=ro", uri=True, timeout=5, thread_safe=False)
        with reader.connection_context():
            return _entries(reader, *known)


def _entries(database: SqliteDatabase, *columns: Field) -> Sequence[RosterEntry]:
    return [_entry(row) for row in StaffRow.select(*columns).order_by(StaffRow.number).bind(database)]


class StayRows:
    """Port `Stays` on the table stay."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def begin(self, stay: Stay) -> None:
        """See the port."""
        StayRow.insert(
            staff_uid=stay.member.id,
            place=stay.place,
            **moment_columns("began_", stay.began),
            **moment_columns("seen_", stay.seen),
        ).execute(self._database)

    def see(self, stay: Stay) -> None:
        """See the port."""
        StayRow.update(**moment_columns("seen_", stay.seen)).where(_is(stay)).execute(self._database)

    def end(self, stay: Stay) -> bool:
        """See the port."""
        return bool(StayRow.delete().where(_is(stay)).execute(self._database))

    def all(self) -> Sequence[Stay]:
        """See the port."""
        members = {entry.id: entry.member for entry in RosterRows(self._database).all()}
        rows = StayRow.select().order_by(StayRow.began.start, StayRow.began.mono_ms).bind(self._database)
        return [
            Stay(
                member=members[row.staff_uid],
                place=cast(Place, row.place),
                began=sure_moment(row, "began_"),
                seen=sure_moment(row, "seen_"),
            )
            for row in rows
        ]


def _is(stay: Stay) -> Expression:
    began = (StayRow.began.start == stay.began.start) & (StayRow.began.mono_ms == stay.began.mono_ms)
    return (StayRow.staff_uid == stay.member.id) & began


def _columns(entry: RosterEntry) -> dict[str, object]:
    member = entry.member
    return {
        "uid": member.id,
        "number": member.number,
        "sealed_name": entry.sealed_name,
        "permission": member.permission.value,
        "appointments": " ".join(sorted(role.value for role in member.appointments)),
        "employment": member.employment.value,
        "appointed_on": _text(member.appointed_on),
        "pledged_on": _text(member.pledged_on),
        "until_on": _text(member.until),
        "active": member.active,
        "salt": entry.salt,
        "wrapped_key": entry.wrapped_key,
        "wrong": entry.wrong,
        "locked": entry.locked,
        "card": entry.card,
    }


def _entry(row: StaffRow) -> RosterEntry:
    member = StaffMember(
        id=row.uid,
        number=row.number,
        display_name=None,
        permission=Permission(row.permission),
        appointments=frozenset(StaffRole(word) for word in row.appointments.split()),
        employment=Employment(row.employment),
        appointed_on=_day(row.appointed_on),
        pledged_on=_day(row.pledged_on),
        until=_day(row.until_on),
        active=bool(row.active),
    )
    return RosterEntry(
        member=member,
        sealed_name=bytes(row.sealed_name),
        salt=bytes(row.salt),
        wrapped_key=bytes(row.wrapped_key),
        wrong=row.wrong,
        locked=bool(row.locked),
        card=row.card,
    )


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
