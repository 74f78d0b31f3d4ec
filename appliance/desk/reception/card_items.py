"""The four items of a card: asked for, read once, held in RAM for some minutes, and gone."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from appliance.desk.card_errors import (
    CardBusy,
    CardGone,
    CardLastTry,
    CardNotAsked,
    CardNotFit,
    CardPinLocked,
    CardPinOnlyAtTheBox,
    CardPinOutcomeUnknown,
    CardPinWrong,
    CardsSwitchedOff,
    CardUnreadable,
    ReaderUnusable,
)
from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.card import (
    CardKind,
    CardPhase,
    CardState,
    CardVisit,
    FourItems,
    ItemsKey,
    ItemsSecret,
    ReaderStatus,
)
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.security import Place
from appliance.desk.ports import Clock
from appliance.desk.reception.cards import CardDesk

KEPT = timedelta(minutes=10)
"""So long after they were read the four items are there, and after a yes the card may be read."""
LOOK_SECONDS = 1.0
"""How often it is looked whether they have to go; a lifted card takes them along at once."""

SETTLE_SECONDS = 2.0
"""So long a yes waits for a card that was laid down at the same moment."""

_PRESSES_KEPT = 64
_MS = timedelta(milliseconds=1)
_NOT_YET = {CardPhase.CHECKING: CardBusy, CardPhase.BUSY: CardBusy}


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class HeldItems:
    """What one browser was allowed to learn of the card that lies there; it shows itself to nobody."""

    sign_in: str
    visit: int
    until_ms: int
    """On the monotonic clock."""
    items: FourItems | None = None
    """None until somebody has opened them."""
    left: Mapping[ItemsSecret, int] = field(default_factory=dict)
    """How often each secret may still be tried, where the card has said so."""

    def seconds_left(self, now: Moment) -> int:
        """For how long they are still there."""
        return max(0, (self.until_ms - now.mono_ms + 999) // 1000)


class CardItemsDesk:
    """Holds the four items of one card for one browser, and never for longer than that card lies there.

    They leave with the card, with the sign-in of whoever read them, after `KEPT`, at closing and by a button. Python
    cannot overwrite text: what is gone here is beyond reach, not wiped.
    """

    def __init__(self, *, cards: CardDesk, clock: Clock, is_here: Callable[[str], bool]) -> None:
        """`is_here`: whether a sign-in still stands and needs no PIN; asked often, so it keeps nobody awake."""
        self._cards = cards
        self._clock = clock
        self._is_here = is_here
        self._lock = threading.Lock()
        self._one_reading = threading.Lock()
        self._held: HeldItems | None = None
        self._presses: OrderedDict[tuple[str, str], Callable[[], MadoguchiError] | None] = OrderedDict()
        """What came of the newest ones that were about a card, by sign-in; without what was typed."""
        self._is_watched = False
        cards.at_change.append(self._card_changed)

    @property
    def is_on(self) -> bool:
        """Whether the town lets this box read cards."""
        return self._cards.checks

    @property
    def is_offered(self) -> bool:
        """Whether this box has a reader, or should have one, to read cards with."""
        return self.is_on and self._cards.sight.state.reader is not ReaderStatus.ABSENT

    def ask(self, sign_in: str) -> None:
        """The resident has said yes to that browser: the card that lies there now may be read, and no other.

        What another card or browser left is gone. `CardGone`, `CardBusy`, `CardNotFit`, `CardUnreadable`,
        `ReaderUnusable`, `CardsSwitchedOff`.
        """
        self.erase()
        card = self._readable()
        tries = card.check.tries_left.input_support if card.check is not None else None
        left = {} if tries is None else {ItemsSecret.PIN: tries}
        with self._lock:
            self._held = HeldItems(sign_in=sign_in, visit=card.number, until_ms=self._end(), left=left)
            self._watch()

    def held(self, sign_in: str) -> HeldItems | None:
        """How things stand for that browser; None where nobody said yes there, or it is over."""
        with self._lock:
            self._let_go()
            return self._held if self._held is not None and self._held.sign_in == sign_in else None

    def items(self, sign_in: str) -> FourItems | None:
        """What a form of that browser is filled with; None before they were read, and once they are gone."""
        held = self.held(sign_in)
        return None if held is None else held.items

    def check_place(self, secret: ItemsSecret, place: Place) -> None:
        """Whether that secret may be typed there; before anybody looks at what was typed. `CardPinOnlyAtTheBox`."""
        if secret is ItemsSecret.PIN and place != "screen":
            raise CardPinOnlyAtTheBox

    def read(
        self, sign_in: str, secret: ItemsSecret, digits: str, *, place: Place, press: str, last_try: bool = False
    ) -> None:
        """Open the four items with what was typed; it goes to the card once at most, however often `press` arrives.

        `CardPinOnlyAtTheBox`, `CardNotAsked`, `Invalid`, which costs no try, and the errors of
        `CardReader.four_items`.
        """
        self.check_place(secret, place)
        with self._one_reading:
            if (sign_in, press) in self._presses:
                self._answer_again(sign_in, press)
                return
            held = self.held(sign_in)
            if held is None:
                raise CardNotAsked
            if held.items is None:
                key = ItemsKey(secret, digits)
                self._remember(held, press, None)
                self._open(held, key, press, last_try=last_try)

    @property
    def seconds_left(self) -> int:
        """For how long anything is still held for anybody."""
        with self._lock:
            self._let_go()
            return 0 if self._held is None else self._held.seconds_left(self._clock.now())

    def erase(self) -> None:
        """Everything is gone, whoever asked for it."""
        with self._lock:
            self._forget()

    def look(self) -> None:
        """Let go of what has to go by now."""
        with self._lock:
            self._let_go()

    # ------------------------------------------------------------------------------------------------- the card

    def _readable(self) -> CardVisit:
        state = self._settled()
        if not self.is_on:
            raise CardsSwitchedOff
        if state.reader is not ReaderStatus.READY:
            raise ReaderUnusable
        if state.card is None:
            raise CardGone
        if state.card.kind not in (CardKind.MY_NUMBER, None):
            raise CardNotFit
        if state.card.phase is not CardPhase.CHECKED:
            raise _NOT_YET.get(state.card.phase, CardUnreadable)
        return state.card

    def _settled(self) -> CardState:
        """How things are once a check that goes on is through."""
        sight = self._cards.sight
        while sight.state.card is not None and sight.state.card.phase is CardPhase.CHECKING:
            newer = self._cards.newer_than(sight.version, timeout=SETTLE_SECONDS)
            if newer is None:
                break
            sight = newer
        return sight.state

    def _open(self, held: HeldItems, key: ItemsKey, press: str, *, last_try: bool) -> None:
        try:
            _agree(held.left.get(key.secret), last_try=last_try)
            items = self._cards.four_items(held.visit, key, last_try=last_try)
        except MadoguchiError as error:
            self._refused(held, key.secret, press, error)
            raise
        if not self._put(held, replace(held, items=items, until_ms=self._end())):
            raise CardGone

    def _refused(self, held: HeldItems, secret: ItemsSecret, press: str, error: MadoguchiError) -> None:
        again = partial(CardPinWrong, left=error.left) if isinstance(error, CardPinWrong) else type(error)
        self._remember(held, press, again)
        left = _left_after(error)
        if left is not None:
            self._put(held, replace(held, left={**held.left, secret: left}))
        if isinstance(error, CardPinOutcomeUnknown | CardGone):
            self._end_visit(held)

    # ------------------------------------------------------------------------------------------------- the presses

    def _remember(self, held: HeldItems, press: str, refusal: Callable[[], MadoguchiError] | None) -> None:
        self._presses[held.sign_in, press] = refusal
        while len(self._presses) > _PRESSES_KEPT:
            self._presses.popitem(last=False)

    def _answer_again(self, sign_in: str, press: str) -> None:
        """The same as the first time, and nothing goes to a card."""
        refusal = self._presses[sign_in, press]
        if refusal is not None:
            raise refusal()

    # ------------------------------------------------------------------------------------------------- what is held

    def _put(self, before: HeldItems, after: HeldItems) -> bool:
        """Take `after` in the place of `before`, unless that has gone in the meantime."""
        with self._lock:
            self._let_go()
            if self._held is not before:
                return False
            self._held = after
            return True

    def _end_visit(self, held: HeldItems) -> None:
        with self._lock:
            if self._held is not None and self._held.visit == held.visit:
                self._held = None

    def _let_go(self) -> None:
        if self._held is not None and self._is_over(self._held, self._cards.sight.state):
            self._forget()

    def _forget(self) -> None:
        self._held = None

    def _is_over(self, held: HeldItems, state: CardState) -> bool:
        is_gone = state.card is None or state.card.number != held.visit or self._cards.is_closed
        return is_gone or held.seconds_left(self._clock.now()) == 0 or not self._is_here(held.sign_in)

    def _card_changed(self, state: CardState) -> None:
        with self._lock:
            if self._held is not None and self._is_over(self._held, state):
                self._forget()

    def _end(self) -> int:
        return self._clock.now().mono_ms + KEPT // _MS

    # ------------------------------------------------------------------------------------------------- the watch

    def _watch(self) -> None:
        """As long as anything is held, a thread looks after it; for the rest of the time there is none."""
        if not self._is_watched:
            self._is_watched = True
            threading.Thread(target=self._keep_looking, name="card items", daemon=True).start()

    def _keep_looking(self) -> None:
        pause = threading.Event()
        while self._is_still_held():
            pause.wait(LOOK_SECONDS)

    def _is_still_held(self) -> bool:
        with self._lock:
            self._let_go()
            self._is_watched = self._held is not None
            return self._is_watched


def _agree(left: int | None, *, last_try: bool) -> None:
    """Whether a try may be used, as far as the desk knows; the reader asks the card itself once more."""
    if left == 0:
        raise CardPinLocked
    if left == 1 and not last_try:
        raise CardLastTry


def _left_after(error: MadoguchiError) -> int | None:
    """How many tries an error says are left."""
    match error:
        case CardPinWrong():
            return error.left
        case CardLastTry():
            return 1
        case CardPinLocked():
            return 0
    return None
