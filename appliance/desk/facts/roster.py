"""A person of the roster as the box keeps it, and what is typed to get there."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from appliance.desk.errors import Invalid
from appliance.desk.facts.staff import Employment, Permission, StaffMember, StaffRole

_NAME = re.compile(r"[ぁ-ゖー・ ]{1,12}|[0-9]{1,3}")
_PIN = re.compile(r"[0-9]{6}")
_RUN = "01234567890" + "9876543210"


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonEntry:
    """What somebody enters about a person."""

    name: str
    permission: Permission
    appointments: frozenset[StaffRole]
    employment: Employment
    appointed_on: date | None = None
    pledged_on: date | None = None
    until: date | None = None
    active: bool = True

    def checked(self) -> "PersonEntry":
        """The entry as it is kept; `Invalid` where it cannot be."""
        if self.until is not None and self.appointed_on is not None and self.until < self.appointed_on:
            raise Invalid("until", "must not lie before the day of appointment")
        return replace(self, name=checked_name(self.name))


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterEntry:
    """One row of the roster: the name sealed under the desk key, the desk key wrapped under the PIN."""

    member: StaffMember
    """Without its display name."""
    sealed_name: bytes
    salt: bytes
    wrapped_key: bytes
    """Empty where no PIN opens anything."""
    wrong: int = 0
    """How many wrong PINs since the last right one."""
    locked: bool = False
    card: str | None = field(default=None, repr=False)
    """What stands for the card by which that person signs in, `version:letters`; no card can be told from it."""

    @property
    def id(self) -> UUID:
        """Whose row it is."""
        return self.member.id

    def with_pin(self, salt: bytes, wrapped_key: bytes) -> "RosterEntry":
        """The same person under a new PIN, with every wrong try forgiven."""
        return replace(self, salt=salt, wrapped_key=wrapped_key, wrong=0, locked=False)


def may_reset(by: StaffMember, member: StaffMember, people: Iterable[StaffMember]) -> bool:
    """Whether `by`, one of `people`, may give `member` a new PIN.

    ICT support may for everybody, 館の職員 for volunteers. So that one forgotten PIN stops nobody, the only ICT support
    is helped by 館の職員, too.
    """
    if by.permission is not Permission.FACILITY_STAFF:
        return by.permission is Permission.ICT_SUPPORT
    is_alone = member.permission is Permission.ICT_SUPPORT and not _has_colleague(member, people)
    return is_alone or member.permission is Permission.VOLUNTEER


def helper_of(member: StaffMember, people: Iterable[StaffMember]) -> Permission | None:
    """Whom to ask for a new PIN; None where nobody of `people` may make one, and only the command on the box helps."""
    others = [other for other in people if other.active and other.id != member.id]
    helpers = {other.permission for other in others if may_reset(other, member, others)}
    likeliest = (Permission.FACILITY_STAFF, Permission.ICT_SUPPORT)
    return next((permission for permission in likeliest if permission in helpers), None)


def _has_colleague(member: StaffMember, people: Iterable[StaffMember]) -> bool:
    return any(one.active and one.permission is member.permission and one.id != member.id for one in people)


def checked_name(typed: str) -> str:
    """A display name: ひらがな or a number, never the real name; `Invalid`."""
    name = " ".join(unicodedata.normalize("NFKC", typed).split())
    if not _NAME.fullmatch(name):
        raise Invalid("name", "1 to 12 hiragana, or a number of up to 3 digits")
    return name


def typed_pin(typed: str) -> str:
    """What was meant by what was typed: full-width digits and spaces are no mistake."""
    return "".join(unicodedata.normalize("NFKC", typed).split())


def is_pin(pin: str) -> bool:
    """Whether it could be somebody's PIN at all."""
    return _PIN.fullmatch(pin) is not None


def is_weak(pin: str) -> bool:
    """Whether anybody would try it first: one digit, a run, two or three digits repeated, a year twice."""
    repeated = any(pin == pin[:length] * (len(pin) // length) for length in (1, 2, 3))
    doubled = all(pin[place] == pin[place + 1] for place in range(0, len(pin), 2))
    return repeated or doubled or pin in _RUN or pin == pin[::-1]


def checked_pin(typed: str) -> str:
    """A PIN somebody chose; `Invalid`."""
    pin = typed_pin(typed)
    if not is_pin(pin):
        raise Invalid("pin", "must be six digits")
    if is_weak(pin):
        raise Invalid("weak_pin", "is one of those that anybody would try first")
    return pin
