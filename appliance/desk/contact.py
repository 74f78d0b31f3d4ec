"""What the closing and opening of one button's contact means; pure, every time comes from outside.

Times are milliseconds of any clock that never goes back. A contact that is looked at late says the same as one that was
looked at all the time: each rule is applied at the moment at which it fell due.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

STABLE_MS = 40
"""So long a line has to stay as it is before it is believed: bounce and spikes are shorter, a finger is not."""
LOCKOUT_MS = 2_000
"""After a press so long no other is one: a trembling finger is one wish."""
AGAIN_MS = 5_000
"""A press that follows within so long of the last one wants to take it back; a later one is impatience."""
LONG_MS = 3_000
"""Held so long, a press wants to be taken back."""
STUCK_MS = 10_000
"""Nobody holds a button so long: it is stuck."""
MOST_PRESSES = 6
RATE_MS = 60_000
"""More than `MOST_PRESSES` in so long is play."""


class Signal(StrEnum):
    """What somebody, or nobody, wants."""

    PRESSED = "pressed"
    PRESSED_AGAIN = "pressed_again"
    """So soon after another press that it may be meant to take that back."""
    HELD_LONG = "held_long"
    """A press has ended that was held so long that it may be meant to take itself back."""
    FAULT = "fault"
    """`Contact.fault` has changed."""


class ContactFault(StrEnum):
    """Why a contact is not believed."""

    HELD_AT_START = "held_at_start"
    STUCK = "stuck"
    RESTLESS = "restless"
    """Pressed more often than anybody needs; nothing is heard until that has been over for a while."""
    GONE = "gone"
    """What it is wired to cannot be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactHealth:
    """How one button is, for the page of whoever looks after it."""

    fault: ContactFault | None
    down_at_start: bool
    """Whether it was down when it was first looked at, or again after it had been gone."""
    pressed_ms_ago: int | None
    """How long ago it was really pressed; None: not since the start."""
    is_down: bool = False
    """Whether it is down now, as far as it can be read."""


class Contact:
    """One button's contact. `look` first, then `change` at each edge and `pass_time` when `due` has come."""

    def __init__(self) -> None:
        self._is_down = False
        """As the line is; `_was_down` as it is believed to be."""
        self._was_down = False
        self._since = 0
        self._down_since: int | None = None
        self._refused = False
        self._accepted: deque[int] = deque(maxlen=MOST_PRESSES)
        self._stuck: ContactFault | None = None
        self._quiet_until: int | None = None
        self._gone = True
        self._down_at_start = False

    @property
    def fault(self) -> ContactFault | None:
        """Why it is not believed now."""
        if self._gone:
            return ContactFault.GONE
        return self._stuck or (ContactFault.RESTLESS if self._quiet_until is not None else None)

    def health(self, now: int) -> ContactHealth:
        """How it is."""
        ago = now - self._accepted[-1] if self._accepted else None
        return ContactHealth(
            fault=self.fault,
            down_at_start=self._down_at_start,
            pressed_ms_ago=ago,
            is_down=self._is_down and not self._gone,
        )

    @property
    def due(self) -> int | None:
        """When to call `pass_time` if no edge comes before; None: only an edge can change anything."""
        if self._gone:
            return None
        times = [self._quiet_until]
        if self._is_down != self._was_down:
            times.append(self._since + STABLE_MS)
        if self._is_down and self._down_since is not None and self._stuck is None:
            times.append(self._down_since + STUCK_MS)
        return min((time for time in times if time is not None), default=None)

    def look(self, now: int, *, is_down: bool) -> list[Signal]:
        """The line as it is found at the start, or once it is there again: what is down already is nobody's press."""
        before = self.fault
        self._gone = False
        self._is_down = self._was_down = self._down_at_start = is_down
        self._since, self._down_since = now, None
        self._stuck = ContactFault.HELD_AT_START if is_down else None
        return self._told(before)

    def lose(self) -> list[Signal]:
        """The line cannot be read any more."""
        before = self.fault
        self._gone = True
        return self._told(before)

    def change(self, now: int, *, is_down: bool) -> list[Signal]:
        """An edge; nothing is heard of a line that has not been looked at."""
        if self._gone:
            return []
        signals = self.pass_time(now)
        if is_down != self._is_down:
            self._is_down, self._since = is_down, now
        return signals

    def pass_time(self, now: int) -> list[Signal]:
        """What has fallen due until now, in its order."""
        signals: list[Signal] = []
        while (due := self.due) is not None and due <= now:
            signals += self._fall_due(due)
        return signals

    def _fall_due(self, at: int) -> list[Signal]:
        """Exactly one rule is applied: the line has settled, the button is stuck, or the play is over."""
        before = self.fault
        signals: list[Signal] = []
        if self._is_down != self._was_down and at >= self._since + STABLE_MS:
            signals = self._settle(at)
        elif self._quiet_until is not None and at >= self._quiet_until:
            self._quiet_until = None
        else:
            self._stuck = ContactFault.STUCK
        return signals + self._told(before)

    def _settle(self, at: int) -> list[Signal]:
        self._was_down = self._is_down
        if self._was_down:
            self._down_since = self._since
            return self._press(at)
        held = self._since - (self._since if self._down_since is None else self._down_since)
        was_believed = self._stuck is None and not self._refused
        self._down_since, self._stuck = None, None
        return [Signal.HELD_LONG] if was_believed and held >= LONG_MS else []

    def _press(self, at: int) -> list[Signal]:
        last = self._accepted[-1] if self._accepted else None
        self._refused = True
        if last is not None and at - last < LOCKOUT_MS:
            return []
        if self._is_play(at):
            self._quiet_until = at + RATE_MS
            return []
        self._refused = False
        self._accepted.append(at)
        return [Signal.PRESSED_AGAIN if last is not None and at - last <= AGAIN_MS else Signal.PRESSED]

    def _is_play(self, at: int) -> bool:
        """Whether this is one press too many; who goes on playing goes on being unheard."""
        is_full = len(self._accepted) == MOST_PRESSES and at - self._accepted[0] < RATE_MS
        return self._quiet_until is not None or is_full

    def _told(self, before: ContactFault | None) -> list[Signal]:
        return [Signal.FAULT] if self.fault is not before else []
