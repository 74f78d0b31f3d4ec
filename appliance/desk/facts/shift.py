"""Who served and when; sealed when somebody signs out or the desk closes."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from appliance.desk.facts.moment import Moment, elapsed
from appliance.desk.facts.staff import StaffMember, StaffRole


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """One stay of one person at the desk (活動)."""

    id: UUID
    staff: UUID
    role: StaffRole
    appointments: tuple[StaffRole, ...]
    began: Moment
    minutes: int
    honest: bool
    at: Moment

    @classmethod
    def of(cls, member: StaffMember, *, began: Moment, now: Moment) -> "Shift":
        """The stay of `member` that ends now."""
        served = elapsed(began, now)
        return cls(
            id=uuid4(),
            staff=member.id,
            role=member.permission.role,
            appointments=tuple(sorted(member.appointments)),
            began=began,
            minutes=served.minutes,
            honest=served.honest,
            at=now,
        )
