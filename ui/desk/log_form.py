"""What stands in the log page's form: typed and tapped, not yet checked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from werkzeug.datastructures import MultiDict

from appliance.desk.errors import Invalid
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.visit import Channel
from appliance.desk.guard import Caution, warnings_in, without

CELL_SEPARATOR = " "
FRAUD = "fraud"
"""The card against fraud, and the id of the topic under which it is recorded."""
WITHOUT_PIN, WITH_PIN = "without_pin", "with_pin"
"""The two answers to the warning; each button carries the cell of the grid that was pressed before."""


class PinInMemo(Invalid):
    """Nothing was saved yet: whoever typed a PIN into the memo decides what becomes of it."""

    code = "pin_in_memo"
    ja: ClassVar[str] = f"{Caution.ja}まだ 記録していません。書いたものは そのままです。"
    en: ClassVar[str] = f"{Caution.en} Nothing was saved yet, and nothing was lost."

    def __init__(self) -> None:
        super().__init__("memo", "seems to hold a PIN")


@dataclass(frozen=True, kw_only=True, slots=True)
class LogForm:
    """The form as it was sent, so that it can be shown again; `cell` is the button of the grid that was pressed.

    `keeps_pin`: whoever typed it has seen the warning and says that it may stay.
    """

    topics: tuple[str, ...] = ()
    people: str = "1"
    channel: str = Channel.IN_PERSON.value
    referred_to: str = ""
    memo: str = field(default="", repr=False)
    cell: str = ""
    keeps_pin: bool = False
    card: str = ""
    """The card from which somebody came to write this down; with one there is no memo."""

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "LogForm":
        """The form of this request; without the PIN where that was the answer to the warning."""
        card = FRAUD if form.get("card") == FRAUD else ""
        memo = "" if card else form.get("memo", "").replace("\r\n", "\n")
        topics = tuple(form.getlist("topics"))
        return cls(
            topics=topics,
            people=form.get("people", "1"),
            channel=form.get("channel", Channel.IN_PERSON.value),
            referred_to=form.get("referred_to") or _advised(form.getlist("advised"), topics),
            memo=without(memo) if WITHOUT_PIN in form else memo,
            cell=form.get("cell") or form.get(WITHOUT_PIN) or form.get(WITH_PIN) or "",
            keeps_pin=WITH_PIN in form,
            card=card,
        )

    @classmethod
    def from_card(cls, card: str) -> "LogForm":
        """The empty form, or the one that the card of that name leads to."""
        return cls(topics=(FRAUD,), card=FRAUD) if card == FRAUD else cls()

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

    @property
    def memo_without_pin(self) -> str:
        """What would be saved instead."""
        return without(self.memo)

    def check_pin(self) -> None:
        """Let a memo pass that holds no PIN, or one that is to stay; `PinInMemo`."""
        if not self.keeps_pin and warnings_in(self.memo):
            raise PinInMemo

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


def _advised(tapped: Sequence[str], topics: Collection[str]) -> str:
    """Where the chip beside a chosen topic led; the chip of a topic that was given up again is not seen any more."""
    pairs = [chip.split(CELL_SEPARATOR) for chip in tapped]
    return next((pair[1] for pair in pairs if len(pair) == len(("topic", "referral")) and pair[0] in topics), "")
