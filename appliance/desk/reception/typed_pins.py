"""Who has typed a PIN today, in RAM only: a card alone signs nobody in who has not."""

from datetime import timedelta
from uuid import UUID

from appliance.desk.facts.moment import Moment
from appliance.desk.facts.roster import RosterEntry
from appliance.desk.facts.sheet import day_of


class TypedPins:
    """Forgotten when the desk is closed or stops; a new PIN is one that nobody has typed."""

    def __init__(self) -> None:
        self._typed: dict[UUID, tuple[bytes, Moment]] = {}

    def typed(self, row: RosterEntry, now: Moment) -> None:
        """The PIN of that row was right."""
        self._typed[row.id] = (row.salt, now)

    def stands(self, row: RosterEntry, now: Moment) -> bool:
        """Whether that very PIN was typed on the day of `now`; a clock that was set meanwhile makes it no other day."""
        if row.id not in self._typed:
            return False
        salt, at = self._typed[row.id]
        since = timedelta(milliseconds=now.mono_ms - at.mono_ms)
        return salt == row.salt and day_of(now.wall - since) == day_of(now.wall)

    def forget(self) -> None:
        """From now on everybody types the PIN."""
        self._typed.clear()
