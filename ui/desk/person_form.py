"""What stands in the form about a person: typed and tapped, not yet checked."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from appliance.desk.errors import Invalid
from appliance.desk.facts.roster import PersonEntry
from appliance.desk.facts.staff import Employment, Permission, StaffMember, StaffRole

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonForm:
    """The form as it was sent, so that it can be shown again."""

    name: str = ""
    permission: str = Permission.VOLUNTEER.value
    appointments: tuple[str, ...] = (StaffRole.PROMOTION_VOLUNTEER.value,)
    employment: str = Employment.VOLUNTEER.value
    appointed_on: str = ""
    pledged_on: str = ""
    until: str = ""
    active: str = "yes"

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "PersonForm":
        """The form of this request."""
        return cls(
            name=form.get("name", ""),
            permission=form.get("permission", ""),
            appointments=tuple(form.getlist("appointments")),
            employment=form.get("employment", ""),
            appointed_on=form.get("appointed_on", ""),
            pledged_on=form.get("pledged_on", ""),
            until=form.get("until", ""),
            active=form.get("active", "yes"),
        )

    @classmethod
    def saying(cls, member: StaffMember) -> "PersonForm":
        """The form that would have led to this person."""
        return cls(
            name=member.display_name or "",
            permission=member.permission.value,
            appointments=tuple(sorted(member.appointments)),
            employment=member.employment.value,
            appointed_on=_text(member.appointed_on),
            pledged_on=_text(member.pledged_on),
            until=_text(member.until),
            active="yes" if member.active else "no",
        )

    def entry(self) -> PersonEntry:
        """The entry this form means; `Invalid` where it cannot be one."""
        return PersonEntry(
            name=self.name,
            permission=_word(Permission, self.permission, "permission"),
            appointments=frozenset(_word(StaffRole, word, "appointments") for word in self.appointments),
            employment=_word(Employment, self.employment, "employment"),
            appointed_on=_day(self.appointed_on, "appointed_on"),
            pledged_on=_day(self.pledged_on, "pledged_on"),
            until=_day(self.until, "until"),
            active=self.active == "yes",
        )


def _word(kind: type[Word], typed: str, field: str) -> Word:
    try:
        return kind(typed)
    except ValueError:
        raise Invalid(field, "none of those offered") from None


def _day(typed: str, field: str) -> date | None:
    if not typed.strip():
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise Invalid(field, "must be a day like 2026-04-01") from None


def _text(day: date | None) -> str:
    return "" if day is None else day.isoformat()
