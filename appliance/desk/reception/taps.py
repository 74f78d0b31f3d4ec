"""Which stay of a card on the reader is a tap: one that has just begun, once."""

import threading
from datetime import timedelta

from appliance.desk.facts.card import CardState, ReaderStatus
from appliance.desk.facts.moment import Moment, elapsed

TAP_LASTS = timedelta(seconds=60)
"""A card that has been lying there for longer was left there."""
COMES_WITH_READER = timedelta(seconds=2)
"""A reader that has just come to life finds a card that lies there within so long."""


class Taps:
    """Remembers the number of one stay and when it began; of the card it knows nothing. Numbers of stays rise."""

    def __init__(self, now: Moment) -> None:
        self._lock = threading.Lock()
        self._ready: Moment | None = None
        """Since when the reader has been ready without a break."""
        self._seen, self._since = 0, now
        self._used = 0

    def look(self, state: CardState, now: Moment) -> None:
        """Reader and card are now so."""
        with self._lock:
            self._ready = None if state.reader is not ReaderStatus.READY else self._ready or now
        if state.card is not None:
            self.meet(state.card.number, now)

    def meet(self, number: int, now: Moment) -> None:
        """The stay of that number goes on; where it comes with the reader itself, the card was left lying."""
        with self._lock:
            if number > self._seen:
                self._seen, self._since = number, now
                if self._ready is None or elapsed(self._ready, now).time < COMES_WITH_READER:
                    self._used = number

    def use(self, number: int) -> None:
        """From now on the stay of that number is no tap."""
        with self._lock:
            self._used = max(number, self._used)

    def is_tap(self, number: int, now: Moment) -> bool:
        """Whether the stay of that number has just begun, and was not used; a screen may ask before `look` is told."""
        self.meet(number, now)
        with self._lock:
            is_new = number == self._seen and number > self._used
            return is_new and elapsed(self._since, now).time < TAP_LASTS
