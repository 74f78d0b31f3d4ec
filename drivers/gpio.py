"""Buttons and lamps on the pins of a Raspberry Pi, through gpiozero; on a machine without pins, through its mock."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from gpiozero import LED, Button
from gpiozero.pins import Factory
from gpiozero.pins.mock import MockFactory

from appliance.desk.errors import DeviceError
from appliance.desk.ports import LampPattern

_BLINK_SECONDS: Mapping[LampPattern, tuple[float, float]] = {
    LampPattern.CALLING: (0.5, 0.5),
    LampPattern.CALLING_LONG: (0.25, 0.25),
    LampPattern.CALLING_VERY_LONG: (0.5, 0.1),
    LampPattern.UNATTENDED: (0.2, 2.0),
    LampPattern.SPEAKING: (0.2, 0.2),
    LampPattern.FAULT: (0.1, 0.1),
}
"""On and off; a pattern that is not here is steadily on, `OFF` is dark."""


FINGER_SECONDS = 0.12
"""How long a simulated finger stays down."""


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """How contacts and lamps are wired to their lines."""

    pull_up: bool | None = True
    """The chip pulls each button's line up (True), down (False) or not at all (None: a resistor outside does)."""
    closed_high: bool = False
    """What a closed contact makes of a line that the chip does not pull."""
    lamp_lit_high: bool = True


USUAL = Wiring()


class PressablePin(Protocol):
    """What a mock pin lets a finger do."""

    def drive_low(self) -> None:
        """Connect the line to ground, as a closed contact does."""
        ...

    def drive_high(self) -> None:
        """Let the line go."""
        ...


def mock_pins() -> MockFactory:
    """Pins that exist in memory only, for demonstration and tests."""
    return MockFactory()


class GpioChip:
    """The chip, shared by its buttons and lamps; one that was lost is opened anew for whoever asks next."""

    def __init__(self, make: Callable[[], Factory]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._pins: Factory | None = None

    def pins(self) -> Factory:
        """Its lines; `DeviceError` where there is no such chip."""
        with self._lock:
            if self._pins is None:
                self._pins = _tried("the GPIO chip cannot be opened", self._make)
            return self._pins

    def lose(self) -> None:
        """Let go of it; whoever still holds a line holds nothing."""
        with self._lock:
            pins, self._pins = self._pins, None
        if pins is not None:
            _let_go(pins.close)


def real_chip() -> GpioChip:
    """The chip on which the pins of this board are, by lgpio and nothing else."""

    def make() -> Factory:
        from drivers.lgpio_chip import LgpioChip  # noqa: PLC0415 (its library is there on a box only)

        return LgpioChip()

    return GpioChip(make)


class _Lamp(LED):  # type: ignore[misc] # gpiozero has no types
    """A lamp whose chip may go while it blinks."""

    def _blink_device(self, on_time: float, off_time: float, n: int | None) -> None:
        """On its thread, where nobody hears an error; whoever shows the next pattern meets the same one."""
        with suppress(Exception):
            super()._blink_device(on_time, off_time, n)


class GpioLamp:
    """Port `Lamp`: one lamp, or the transistor in front of it, on one line."""

    def __init__(self, line: int, *, chip: GpioChip, wiring: Wiring = USUAL) -> None:
        """`line` in BCM numbering."""
        self._line = line
        self._chip = chip
        self._wiring = wiring
        self._led: LED | None = None
        self._pins: Factory | None = None

    def show(self, pattern: LampPattern) -> None:
        """See the port."""
        pins = self._chip.pins()
        if self._led is None or self._pins is not pins:
            self._led, self._pins = self._connected(pins), pins
        led = self._led
        _tried(f"lamp on line {self._line} did not change", lambda: _show(led, pattern))

    def close(self) -> None:
        """See the port."""
        if self._led is not None:
            _let_go(self._led.close)

    def _connected(self, pins: Factory) -> LED:
        if self._led is not None:
            _let_go(self._led.close)
        high = self._wiring.lamp_lit_high
        return _tried(
            f"lamp on line {self._line} cannot be used", lambda: _Lamp(self._line, active_high=high, pin_factory=pins)
        )


def _show(led: LED, pattern: LampPattern) -> None:
    if pattern is LampPattern.OFF:
        led.off()
        return
    led.on()  # at once: blink() lights from a thread of its own
    if pattern in _BLINK_SECONDS:
        on, off = _BLINK_SECONDS[pattern]
        led.blink(on_time=on, off_time=off, background=True)


class GpioContacts:
    """`Contacts` on lines of a chip, one line a button; debounced by whoever watches, not here."""

    def __init__(self, lines: Mapping[int, int], *, chip: GpioChip, wiring: Wiring = USUAL) -> None:
        """`lines` maps button numbers to BCM lines."""
        self._lines = lines
        self._chip = chip
        self._wiring = wiring
        self._buttons: dict[int, Button] = {}

    def connect(self, on_edge: Callable[[int, bool], None]) -> None:
        """See `Contacts`."""
        pins = self._chip.pins()
        for number, line in self._lines.items():
            button = _tried(f"button {number} on line {line}", partial(self._button, line, pins))
            button.when_pressed = _telling(on_edge, number, is_down=True)
            button.when_released = _telling(on_edge, number, is_down=False)
            self._buttons[number] = button

    def levels(self) -> Mapping[int, bool]:
        """See `Contacts`."""
        return _tried("the buttons cannot be read", lambda: {one: bool(it.value) for one, it in self._buttons.items()})

    def disconnect(self) -> None:
        """See `Contacts`; the chip is opened anew for the next who asks, the lamps too."""
        buttons = list(self._buttons.values())
        self._buttons.clear()
        for button in buttons:
            _let_go(partial(_unhear, button))
        self._chip.lose()
        for button in buttons:
            _let_go(button.close)

    def _button(self, line: int, pins: Factory) -> Button:
        wiring = self._wiring
        active = wiring.closed_high if wiring.pull_up is None else None
        return Button(line, pull_up=wiring.pull_up, active_state=active, pin_factory=pins)


def _unhear(button: Button) -> None:
    """Its line calls nobody from now on: closed only, it is still called at the next edge, and lgpio's thread dies."""
    button.pin.when_changed = None


def _telling(on_edge: Callable[[int, bool], None], number: int, *, is_down: bool) -> Callable[[], None]:
    return lambda: on_edge(number, is_down)


T = TypeVar("T")


def _tried(what: str, work: Callable[[], T]) -> T:
    """Whatever the libraries beneath raise (lgpio has an error that is none of gpiozero's) is one error to the desk."""
    try:
        return work()
    except Exception as error:
        raise DeviceError(f"{what}: {type(error).__name__}") from error


def _let_go(close: Callable[[], None]) -> None:
    with suppress(Exception):  # of hardware that is gone there is nothing to let go of
        close()


class MockFinger:
    """Presses mock pins, so that a demonstration goes through gpiozero like a real press."""

    def __init__(self, pins: MockFactory, lines: Mapping[int, int], *, closed_high: bool = False) -> None:
        self._pins = pins
        self._closed_high = closed_high
        self._lines = lines
        self._lock = threading.Lock()
        self._down: set[int] = set()

    def press(self, button: int) -> None:
        """Push that button down and let it go a moment later; two fingers on one button are one."""
        with self._lock:
            if button in self._down:
                return
            self._down.add(button)
            self._drive(button, high=self._closed_high)
        time.sleep(FINGER_SECONDS)
        with self._lock:
            self._drive(button, high=not self._closed_high)
            self._down.discard(button)

    def _drive(self, button: int, *, high: bool) -> None:
        pin: PressablePin = self._pins.pin(self._lines[button])
        drive = pin.drive_high if high else pin.drive_low
        drive()
