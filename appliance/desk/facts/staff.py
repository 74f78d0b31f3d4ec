"""Who serves at the desk."""

from enum import StrEnum


class StaffRole(StrEnum):
    """What a signed-in person is there for."""

    PROMOTION_VOLUNTEER = "promotion_volunteer"
    INSTRUCTOR = "instructor"
    FACILITY_STAFF = "facility_staff"
    ICT_SUPPORT = "ict_support"
