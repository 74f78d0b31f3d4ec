"""What was asked at the desk and how it ended."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from appliance.desk.facts.moment import Moment
from appliance.desk.facts.visit import Channel


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsultationEntry:
    """What a volunteer chose on the log page, already checked against the catalogue."""

    topics: tuple[str, ...]
    age_band: str
    outcome: str
    channel: Channel = Channel.IN_PERSON
    people: int = 1
    referred_to: str | None = None
    memo: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Consultation:
    """One consultation; the memo is in it only on its way into the envelope and is never stored readable."""

    id: UUID
    visit: UUID
    topics: tuple[str, ...]
    age_band: str
    outcome: str
    referred_to: str | None
    minutes: int | None
    """Service time by the timer; None when there was none."""
    honest: bool
    """Whether `minutes` may enter an average."""
    at: Moment
    withdrawn: bool = False
    superseded_by: UUID | None = None
    """The correction that took its place, if any."""
    memo: str | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(
        cls, entry: ConsultationEntry, *, visit: UUID, minutes: int | None, honest: bool, now: Moment
    ) -> "Consultation":
        """The consultation that `entry` describes, saved now."""
        return cls(
            id=uuid4(),
            visit=visit,
            topics=entry.topics,
            age_band=entry.age_band,
            outcome=entry.outcome,
            referred_to=entry.referred_to,
            minutes=minutes,
            honest=honest,
            at=now,
            memo=entry.memo,
        )

    @property
    def stands(self) -> bool:
        """Whether it counts: neither withdrawn nor replaced."""
        return not self.withdrawn and self.superseded_by is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """A consultation that takes the place of an earlier record of the same visit; the highest sequence counts."""

    replaces: UUID
    """The record it replaces, a consultation or an earlier correction."""
    now: Consultation
    """What counts instead; its id is the correction's own."""

    @property
    def id(self) -> UUID:
        """The id of the new record."""
        return self.now.id
