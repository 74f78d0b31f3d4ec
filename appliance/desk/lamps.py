"""What every lamp of the desk shows, decided in one place from the board, the clock and the faults of the buttons."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from appliance.desk.board import Board, Snapshot
from appliance.desk.errors import DeviceError
from appliance.desk.facts.moment import Moment
from appliance.desk.ports import Clock, Lamp, LampPattern

ANSWERED_FOR_MS = 5_000
OUT_OF_ORDER_FOR_MS = 3_000
SPEAKING_FOR_MS = 3_000
LONG = timedelta(seconds=60)
"""A call that waits so long is shown more urgently,"""
VERY_LONG = timedelta(seconds=180)
"""and so long more urgently still."""


class Lamps:
    """The lamps beside the buttons; used by one thread; `answered`, `faulty_are`, `speaking`, `out_of_order` by any."""

    def __init__(self, *, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._lamps: Mapping[int, Lamp] = {}
        self._shown: dict[int, LampPattern] = {}
        self._answered_until: dict[int, int] = {}
        self._faulty: frozenset[int] = frozenset()
        self._out_of_order_until: int | None = None
        self._speaking_until: int | None = None

    def are(self, lamps: Mapping[int, Lamp]) -> None:
        """These are the lamps, by the number of their button."""
        self._lamps = lamps

    def all(self) -> Collection[Lamp]:
        """Every lamp."""
        return self._lamps.values()

    def answered(self, button: int) -> None:
        """For a moment the lamp at `button` is to show that somebody comes."""
        self._answered_until[button] = self._clock.now().mono_ms + ANSWERED_FOR_MS

    def out_of_order(self) -> None:
        """For a moment every lamp is to show that something in the room does not work."""
        self._out_of_order_until = self._clock.now().mono_ms + OUT_OF_ORDER_FOR_MS

    def speaking(self) -> None:
        """For a moment every lamp is to show that the voice says something."""
        self._speaking_until = self._clock.now().mono_ms + SPEAKING_FOR_MS

    def faulty_are(self, buttons: Collection[int]) -> None:
        """These buttons call nobody; what the lamps show may have been lost with them, so all are told again."""
        self._faulty = frozenset(buttons)
        self._shown = {}

    def follow(self) -> None:
        """Show what is so now; `DeviceError` if any lamp does not, after all the others have been told."""
        snapshot, now = self._board.snapshot, self._clock.now()
        if self._out_of_order_until is not None and self._out_of_order_until <= now.mono_ms:
            self._out_of_order_until = None
        if self._speaking_until is not None and self._speaking_until <= now.mono_ms:
            self._speaking_until = None
        broken: DeviceError | None = None
        for button, lamp in self._lamps.items():
            try:
                self._show(button, lamp, self._pattern(snapshot, button, now))
            except DeviceError as error:
                broken = error
        if broken is not None:
            raise broken

    def seconds_left(self) -> float | None:
        """Until some lamp has to show something else although nothing happens; None: not before something happens."""
        now = self._clock.now()
        ends = [
            *self._answered_until.values(),
            *(until for until in (self._out_of_order_until, self._speaking_until) if until is not None),
        ]
        passing = [(until - now.mono_ms) / 1_000 for until in ends]
        waited = [call.waiting_time(now).time for call in self._board.snapshot.floor.calls]
        grown = [(stage - time).total_seconds() for time in waited for stage in (LONG, VERY_LONG) if time < stage]
        return max(0.0, min(passing + grown)) if passing or grown else None

    def _pattern(self, snapshot: Snapshot, button: int, now: Moment) -> LampPattern:
        if self._out_of_order_until is not None:
            return LampPattern.FAULT
        if self._speaking_until is not None:
            return LampPattern.SPEAKING
        until = self._answered_until.get(button)
        if until is not None and now.mono_ms < until:
            return LampPattern.ANSWERED
        self._answered_until.pop(button, None)
        pattern = lamp_pattern(snapshot, button, now)
        return LampPattern.FAULT if pattern is LampPattern.OFF and button in self._faulty else pattern

    def _show(self, button: int, lamp: Lamp, pattern: LampPattern) -> None:
        if self._shown.get(button) is not pattern:
            lamp.show(pattern)
            self._shown[button] = pattern


def lamp_pattern(snapshot: Snapshot, button: int, now: Moment) -> LampPattern:
    """What the lamp at `button` has to show for this snapshot at this moment."""
    waiting = [call for call in snapshot.floor.calls if call.button == button]
    if not waiting:
        return LampPattern.OFF
    heard = [call for call in waiting if call.attended]
    if not (snapshot.attended and heard):
        return LampPattern.UNATTENDED
    waited = max(call.waiting_time(now).time for call in heard)
    if waited >= VERY_LONG:
        return LampPattern.CALLING_VERY_LONG
    return LampPattern.CALLING_LONG if waited >= LONG else LampPattern.CALLING
