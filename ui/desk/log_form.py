"""What stands in the log page's form: typed and tapped, not yet checked."""

from collections.abc import Collection
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from appliance.desk.errors import Invalid
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.visit import Channel

CELL_SEPARATOR = " "


@dataclass(frozen=True, kw_only=True, slots=True)
class LogForm:
    """The form as it was sent, so that it can be shown again; `cell` is the button of the grid that was pressed."""

    topics: tuple[str, ...] = ()
    people: str = "1"
    channel: str = Channel.IN_PERSON.value
    referred_to: str = ""
    memo: str = field(default="", repr=False)
    cell: str = ""

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "LogForm":
        """The form of this request."""
        return cls(
            topics=tuple(form.getlist("topics")),
            people=form.get("people", "1"),
            channel=form.get("channel", Channel.IN_PERSON.value),
            referred_to=form.get("referred_to", ""),
            memo=form.get("memo", "").replace("\r\n", "\n"),
            cell=form.get("cell", ""),
        )

    @classmethod
    def saying(cls, entry: ConsultationEntry) -> "LogForm":
        """The form that would have led to this entry."""
        return cls(
            topics=entry.topics,
            people=str(entry.people),
            channel=entry.channel.value,
            referred_to=entry.referred_to or "",
            cell=f"{entry.age_band}{CELL_SEPARATOR}{entry.outcome}",
        )

    @property
    def says_more(self) -> bool:
        """Whether anything beside topics was chosen or typed."""
        return (self.people, self.channel, self.referred_to, self.memo) != ("1", Channel.IN_PERSON.value, "", "")

    def entry(self, channels: Collection[str]) -> ConsultationEntry:
        """The entry this form means; `Invalid` where it cannot be one."""
        age_band, _, outcome = self.cell.partition(CELL_SEPARATOR)
        if self.channel not in channels:
            raise Invalid("channel", "not in the catalogue")
        if not self.people.isdecimal():
            raise Invalid("people", "must be a number")
        return ConsultationEntry(
            topics=self.topics,
            age_band=age_band,
            outcome=outcome,
            channel=Channel(self.channel),
            people=int(self.people),
            referred_to=self.referred_to or None,
            memo=self.memo.strip() or None,
        )
