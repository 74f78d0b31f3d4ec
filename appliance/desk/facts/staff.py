"""Who serves at the desk: what they were appointed to, in whose service they are, and what they may do here."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class StaffRole(StrEnum):
    """What somebody acts as; also what somebody can be appointed to, several at once (兼任)."""

    PROMOTION_VOLUNTEER = "promotion_volunteer"
    INSTRUCTOR = "instructor"
    FACILITY_STAFF = "facility_staff"
    ICT_SUPPORT = "ict_support"


class Employment(StrEnum):
    """In whose service somebody is."""

    MUNICIPAL = "municipal"
    FISCAL_YEAR = "fiscal_year"
    CONTRACTOR = "contractor"
    VOLUNTEER = "volunteer"
    NPO = "npo"
    LOCAL_COOPERATION = "local_cooperation"
    BUSINESS = "business"


class Permission(StrEnum):
    """What somebody may do at this desk."""

    VOLUNTEER = "volunteer"
    FACILITY_STAFF = "facility_staff"
    ICT_SUPPORT = "ict_support"

    @property
    def role(self) -> StaffRole:
        """What somebody with this permission acts as."""
        return _ROLES[self]


_ROLES = {
    Permission.VOLUNTEER: StaffRole.PROMOTION_VOLUNTEER,
    Permission.FACILITY_STAFF: StaffRole.FACILITY_STAFF,
    Permission.ICT_SUPPORT: StaffRole.ICT_SUPPORT,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffMember:
    """One person of the roster; the display name is readable only while the desk is open."""

    id: UUID
    number: int
    """What is tapped to sign in while names are still sealed."""
    display_name: str | None
    """ひらがな or a number, never the real name; None while the desk key is not in RAM."""
    permission: Permission
    appointments: frozenset[StaffRole]
    employment: Employment
    appointed_on: date | None = None
    """委嘱日."""
    pledged_on: date | None = None
    """誓約日."""
    until: date | None = None
    """委嘱満了日, the last day of service."""
    active: bool = True

    def may_serve_on(self, day: date) -> bool:
        """Whether the appointment has not run out."""
        return self.active and (self.until is None or day <= self.until)
