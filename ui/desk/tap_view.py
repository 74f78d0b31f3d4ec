"""What the sign-in page says about a card on the reader; which card it is, it never knows."""

from dataclasses import dataclass

from appliance.desk.desk import Desk
from appliance.desk.facts.card import CardPhase
from ui.desk.access import Access
from ui.desk.wording import say

_READING = frozenset({CardPhase.CHECKING, CardPhase.BUSY})


@dataclass(frozen=True, kw_only=True, slots=True)
class TapView:
    """Whether a card was just laid down, in words."""

    text: str
    is_tap: bool = False
    """Whether the page may send itself now."""


def taps_are_asked(desk: Desk, access: Access) -> bool:
    """Whether a card signs somebody in at the screen that asks: at the box's own, where the reader is."""
    return desk.staff_cards.why_not(access.place) is None


def tap_view(desk: Desk) -> TapView:
    """The reader now, at a desk where cards sign people in."""
    cards = desk.staff_cards
    if not cards.has_reader:
        return TapView(text=say("tap.no_reader"))
    if cards.fresh:
        return TapView(text=say("tap.lies"), is_tap=True)
    if cards.lying is None:
        return TapView(text=say("tap.lay_down"))
    if cards.lying in _READING:
        return TapView(text=say("tap.reading"))
    return TapView(text=say("tap.left" if cards.lying is CardPhase.CHECKED else "tap.unreadable"))
