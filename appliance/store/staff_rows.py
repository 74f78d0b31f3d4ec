"""The roster to rows and back."""

from collections.abc import Sequence
from datetime import date

from peewee import SqliteDatabase

from appliance.desk.facts.roster import RosterEntry
from appliance.desk.facts.staff import Employment, Permission, StaffMember, StaffRole
from appliance.store.models import StaffRow


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
        return [_entry(row) for row in StaffRow.select().order_by(StaffRow.number).bind(self._database)]


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
    )


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
