"""What people, their permissions and their appointments are called on the screens."""

from collections.abc import Mapping

from appliance.desk.errors import Invalid, MadoguchiError, WrongPin
from appliance.desk.facts.catalogue import Choice
from appliance.desk.facts.staff import Employment, Permission, StaffMember, StaffRole
from ui.desk.wording import say

PERMISSIONS: Mapping[Permission, str] = {
    Permission.VOLUNTEER: "permission.volunteer",
    Permission.FACILITY_STAFF: "permission.facility_staff",
    Permission.ICT_SUPPORT: "permission.ict_support",
}

ROLES: Mapping[StaffRole, str] = {
    StaffRole.PROMOTION_VOLUNTEER: "role.promotion_volunteer",
    StaffRole.INSTRUCTOR: "role.instructor",
    StaffRole.FACILITY_STAFF: "permission.facility_staff",
    StaffRole.ICT_SUPPORT: "permission.ict_support",
}

EMPLOYMENTS: Mapping[Employment, str] = {
    Employment.MUNICIPAL: "employment.municipal",
    Employment.FISCAL_YEAR: "employment.fiscal_year",
    Employment.CONTRACTOR: "employment.contractor",
    Employment.VOLUNTEER: "employment.volunteer",
    Employment.NPO: "employment.npo",
    Employment.LOCAL_COOPERATION: "employment.local_cooperation",
    Employment.BUSINESS: "employment.business",
}


def choices(words: Mapping[Permission, str] | Mapping[StaffRole, str] | Mapping[Employment, str]) -> list[Choice]:
    """The table as chips or list entries."""
    return [Choice(id=one.value, name=say(key)) for one, key in words.items()]


def name_of(member: StaffMember) -> str:
    """The display name; the number while names are sealed."""
    return member.display_name or say("person.number", number=member.number)


def refused_words(error: MadoguchiError, helper: Permission | None) -> str:
    """Why somebody's PIN was not taken, and who can help."""
    if isinstance(error, WrongPin):
        whom = say(PERMISSIONS[helper]) if helper else say("sign_in.nobody")
        return say("sign_in.wrong", left=error.left, helper=whom)
    return say("wrong.pin") if isinstance(error, Invalid) else error.ja
