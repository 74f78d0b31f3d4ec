"""The chime sounds once more for whoever serves, where nobody has answered a call yet."""

from datetime import timedelta
from uuid import UUID

from appliance.desk.board import Board
from appliance.desk.facts.call import Call
from appliance.desk.ports import Clock

AGAIN_AFTER = timedelta(seconds=8)
TOO_LATE_AFTER = timedelta(seconds=15)
"""A chime for a call that is older than that would seem to be for another one."""


class Bell:
    """Knows which calls the chime has sounded for again; used by one thread."""

    def __init__(self, *, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._rung: frozenset[UUID] = frozenset()

    def seconds_left(self) -> float | None:
        """Until the chime has to sound; None where no call asks for it."""
        left = [(AGAIN_AFTER - waited).total_seconds() for _, waited in self._unheard()]
        return max(0.0, min(left)) if left else None

    def is_due(self) -> bool:
        """Whether the chime has to sound now; it is asked once for each call."""
        due = {call.id for call, waited in self._unheard() if waited >= AGAIN_AFTER}
        self._rung = (self._rung | due) & {call.id for call in self._board.snapshot.floor.calls}
        return bool(due)

    def _unheard(self) -> list[tuple[Call, timedelta]]:
        """The fresh calls that somebody could hear, with their age."""
        snapshot, now = self._board.snapshot, self._clock.now()
        calls = [call for call in snapshot.floor.calls if call.attended and snapshot.attended]
        aged = [(call, call.waiting_time(now).time) for call in calls if call.id not in self._rung]
        return [(call, waited) for call, waited in aged if waited < TOO_LATE_AFTER]
