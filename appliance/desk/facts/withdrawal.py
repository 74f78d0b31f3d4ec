"""A record taken back."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from appliance.desk.facts.moment import Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawal:
    """Says that the record `of` shall count no more; its body is deleted here, its hash stays in the chain."""

    id: UUID
    of: UUID
    at: Moment

    @classmethod
    def of_record(cls, record: UUID, now: Moment) -> "Withdrawal":
        """The withdrawal of the record with that id."""
        return cls(id=uuid4(), of=record, at=now)
