"""Who is serving, and who served and when; sealed when somebody signs out or the desk closes."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

from appliance.desk.facts.moment import Moment, elapsed
from appliance.desk.facts.security import Place
from appliance.desk.facts.staff import StaffMember, StaffRole


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """One person at the desk: since when, and when one of their browsers last gave a sign of life."""

    member: StaffMember
    place: Place
    """Where it began."""
    began: Moment
    seen: Moment

    @classmethod
    def beginning(cls, member: StaffMember, *, place: Place, now: Moment) -> "Stay":
        """The stay of somebody who has just typed the right PIN."""
        return cls(member=member, place=place, began=now, seen=now)

    def seen_at(self, now: Moment) -> "Stay":
        """The same stay after a sign of life."""
        return replace(self, seen=now)

    def silence(self, now: Moment) -> timedelta:
        """How long ago the last sign of life was."""
        return elapsed(self.seen, now).time


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """One stay of one person at the desk (活動), from the sign-in to the last sign of life."""

    id: UUID
    staff: UUID
    role: StaffRole
    appointments: tuple[StaffRole, ...]
    began: Moment
    minutes: int
    honest: bool
    at: Moment

    @classmethod
    def of(cls, stay: Stay) -> "Shift":
        """What that stay came to."""
        served = elapsed(stay.began, stay.seen)
        return cls(
            id=uuid4(),
            staff=stay.member.id,
            role=stay.member.permission.role,
            appointments=tuple(sorted(stay.member.appointments)),
            began=stay.began,
            minutes=served.minutes,
            honest=served.honest,
            at=stay.seen,
        )

    @classmethod
    def cut_short(cls, stay: Stay) -> "Shift":
        """What it came to at least, where the power went: the last sign of life is known only roughly."""
        return replace(cls.of(stay), honest=False)
