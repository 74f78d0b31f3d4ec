"""Whether anybody comes when called, and what a visitor is told when nobody does."""

from collections.abc import Mapping

from appliance.desk.board import Board
from appliance.desk.facts.calendar import Calendar, spoken
from appliance.desk.facts.moment import Moment


class Attendance:
    """Looks at who is signed in and at the opening hours; a clock nobody vouches for is not held against anybody."""

    def __init__(self, *, board: Board, calendar: Calendar, phrases: Mapping[str, str]) -> None:
        self._board = board
        self._calendar = calendar
        self._phrases = phrases

    def somebody_comes(self, now: Moment) -> bool:
        """Whether a press now is attended: somebody is signed in, and it is not outside the opening hours."""
        in_hours = not now.quality.is_trusted or self._calendar.is_open(now.wall)
        return self._board.snapshot.attended and in_hours

    def promise(self) -> str:
        """What the voice says while somebody comes."""
        return self._phrases["call_raised"]

    def no_call(self) -> str:
        """What the voice says where a press raised no call: nothing about who is there, only where to go."""
        return self._phrases.get("call_impossible") or self._phrases["call_unattended"]

    def absence(self, now: Moment) -> str:
        """What voice and kiosk say while nobody comes; the next opening only where the date is known for sure."""
        opening = self._calendar.next_opening(now.wall) if now.quality.is_trusted else None
        sentences = (
            self._phrases["call_unattended"],
            f"{spoken(opening)}。" if opening else "",
            self._phrases.get("call_unattended_hurry", ""),
        )
        return "".join(sentences)
