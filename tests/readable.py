"""A reader that gives four items, and remembers how often it was asked for them."""

import threading
from collections.abc import Callable

from appliance.desk.card_errors import CardGone, CardPinWrong
from appliance.desk.facts.card import CardCheck, CardPhase, FourItems, ItemsKey, TriesLeft
from tests.fakes import FakeCardReader

ITEMS = FourItems(name="番号 花子", address="東京都架空区見本町一丁目2番3号", born="19480215", sex="2")
PIN, NUMBER_B = "2468", "48021520297391"


def check(input_support: int | None = 3) -> CardCheck:
    """What a card says of itself, with so many tries left of the PIN that opens the four items."""
    left = TriesLeft(authentication=3, signature=5, input_support=input_support)
    return CardCheck(valid_until=None, authority_key=None, tries_left=left)


class ReadableReader(FakeCardReader):
    """The card on it opens by `PIN` and by `NUMBER_B`."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[ItemsKey] = []
        """What went to a card, in turn."""
        self.left = 3
        self.meanwhile: Callable[[], None] = lambda: None
        """What happens while the card is read."""
        self.goes_on = threading.Event()
        self.goes_on.set()

    def lay_down(self, *, left: int | None = 3, phase: CardPhase = CardPhase.CHECKED) -> int:
        """A My Number card."""
        self.left = 3 if left is None else left
        return self.put(check=check(left), phase=phase)

    def four_items(self, visit: int, key: ItemsKey, *, last_try: bool = False) -> FourItems:
        card = self.state().card
        if card is None or card.number != visit:
            raise CardGone
        self.sent.append(key)
        assert self.goes_on.wait(5)
        self.meanwhile()
        if key.digits not in (PIN, NUMBER_B):
            self.left -= 1
            raise CardPinWrong(left=self.left)
        return ITEMS
