"""Whether anybody comes when called, and what a visitor is told."""

from collections.abc import Mapping
from datetime import datetime

from appliance.desk.board import Board
from appliance.desk.facts.calendar import Calendar, spoken
from appliance.desk.facts.call import Call
from appliance.desk.facts.moment import Moment
from appliance.desk.place_in_line import MOST_AHEAD, minutes_to_wait, people_ahead
from appliance.desk.ports import Clock


class Attendance:
    """Looks at who is signed in and at the opening hours; a clock nobody vouches for is not held against anybody."""

    def __init__(self, *, board: Board, calendar: Calendar, clock: Clock, phrases: Mapping[str, str]) -> None:
        self._board = board
        self._clock = clock
        self._calendar = calendar
        self._phrases = phrases

    def somebody_comes(self, now: Moment) -> bool:
        """Whether a press now is attended: somebody is signed in, and it is not outside the opening hours."""
        return self._board.snapshot.attended and self.in_hours(now)

    def in_hours(self, now: Moment) -> bool:
        """Whether it is not outside the opening hours."""
        return not now.quality.is_trusted or self._calendar.is_open(now.wall)

    def next_opening(self, now: Moment) -> datetime | None:
        """When the desk next opens; None where the date is not known for sure, or nobody can say."""
        return self._calendar.next_opening(now.wall) if now.quality.is_trusted else None

    def promise(self, call: Call) -> str:
        """What the voice says while somebody comes: where in the line she is now, and how long that may take."""
        snapshot = self._board.snapshot
        ahead = people_ahead(snapshot, call.id)
        minutes = minutes_to_wait(snapshot, ahead, self._clock.now())
        sentences = (
            self._phrases["call_raised"],
            self._phrases.get("call_ahead", "").replace("{count}", str(ahead)) if 0 < ahead <= MOST_AHEAD else "",
            self._phrases.get("call_wait", "").replace("{minutes}", str(minutes)) if minutes else "",
        )
        return "".join(sentences)

    def again(self, call: Call) -> str:
        """What is true of her call now, for whoever did not catch it; nothing once it waits no more."""
        if all(call.id != waiting.id for waiting in self._board.snapshot.floor.calls):
            return ""
        now = self._clock.now()
        return self.promise(call) if self.somebody_comes(now) else self.absence(now)

    def no_call(self) -> str:
        """What the voice says where a press raised no call: nothing about who is there, only where to go."""
        return self._phrases.get("call_impossible") or self._phrases["call_unattended"]

    def absence(self, now: Moment) -> str:
        """What voice and kiosk say while nobody comes; the next opening only where the date is known for sure."""
        opening = self.next_opening(now)
        sentences = (
            self._phrases["call_unattended"],
            f"{spoken(opening)}。" if opening else "",
            self._phrases.get("call_unattended_hurry", ""),
        )
        return "".join(sentences)
