"""One party at the desk, from being served to leaving."""

from dataclasses import dataclass, replace
from datetime import timedelta, timezone
from enum import StrEnum
from uuid import UUID, uuid4

from appliance.desk.facts.moment import Elapsed, Moment, elapsed

JAPAN = timezone(timedelta(hours=9), "JST")
"""One offset all year, as since 1951; the library of zones would cost the serving process half a MiB."""

JAPANESE = "ja"
"""The BCP 47 tag of what is spoken until somebody chooses another language."""


class Channel(StrEnum):
    """How the visitor reached the desk."""

    IN_PERSON = "in_person"
    TELEPHONE = "telephone"
    REMOTE = "remote"
    OUTREACH = "outreach"


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A visit; open while it is served, sealed when it ends."""

    id: UUID
    call: UUID | None
    """The call it answers; None for a walk-in."""
    channel: Channel
    people: int
    language: str
    """BCP 47 tag of the language spoken."""
    waiting_seconds: int | None
    timed: bool
    """Whether somebody started the timer; False for a visit that was only written down afterwards."""
    began: Moment
    ended: Moment | None = None

    @classmethod
    def beginning(
        cls, *, call: UUID | None, waiting_seconds: int | None, timed: bool, now: Moment, language: str = JAPANESE
    ) -> "Visit":
        """A visit that begins to be served now, in person until somebody says otherwise."""
        return cls(
            id=uuid4(),
            call=call,
            channel=Channel.IN_PERSON,
            people=1,
            language=language,
            waiting_seconds=waiting_seconds,
            timed=timed,
            began=now,
        )

    def end(self, *, channel: Channel, people: int, now: Moment) -> "Visit":
        """The same visit, over."""
        return replace(self, channel=channel, people=people, ended=now)

    def reopen(self) -> "Visit":
        """Its successor, still being served since the same moment: the record of this one was withdrawn."""
        return replace(self, id=uuid4(), ended=None)

    def service_time(self, now: Moment) -> Elapsed:
        """How long it has been served; not honest without a timer, over midnight, or by an unsure clock."""
        end = self.ended or now
        served = elapsed(self.began, end)
        same_day = self.began.wall.astimezone(JAPAN).date() == end.wall.astimezone(JAPAN).date()
        return Elapsed(time=served.time, honest=served.honest and self.timed and same_day)
