"""Which stay of a card on the reader is a tap: one that has just begun, once."""

from datetime import timedelta

from appliance.desk.facts.card import CardState, ReaderStatus
from appliance.desk.facts.moment import Moment, elapsed

TAP_LASTS = timedelta(seconds=60)
"""A card that has been lying there for longer was left there."""
COMES_WITH_READER = timedelta(seconds=2)
"""A reader that has just come to life finds a card that lies there within so long."""


class Taps:
    """Remembers the number of one stay and when it began; of the card it knows nothing."""

    def __init__(self) -> None:
        self._ready: Moment | None = None
        """Since when the reader has been ready without a break."""
        self._seen = 0
        self._since: Moment | None = None
        self._used = 0

    def look(self, state: CardState, now: Moment) -> None:
        """Reader and card are now so; a card that comes with the reader itself was left lying."""
        self._ready = None if state.reader is not ReaderStatus.READY else self._ready or now
        if state.card is not None and state.card.number != self._seen:
            self._seen, self._since = state.card.number, now
            if self._ready is None or elapsed(self._ready, now).time < COMES_WITH_READER:
                self._used = self._seen

    def use(self, number: int) -> None:
        """From now on the stay of that number is no tap."""
        self._used = number

    def is_tap(self, number: int, now: Moment) -> bool:
        """Whether the stay of that number has just begun, and was not used."""
        if number in {0, self._used} or number != self._seen or self._since is None:
            return False
        return elapsed(self._since, now).time < TAP_LASTS
