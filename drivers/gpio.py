"""Buttons and lamps on the pins of a Raspberry Pi, through gpiozero; on a machine without pins, through its mock."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from gpiozero import LED, Button, GPIOZeroError
from gpiozero.pins import Factory
from gpiozero.pins.mock import MockFactory

from appliance.desk.errors import DeviceError
from appliance.desk.ports import LampPattern

log = logging.getLogger(__name__)

_BLINK_SECONDS: Mapping[LampPattern, tuple[float, float]] = {
    LampPattern.CALLING: (0.5, 0.5),
    LampPattern.UNATTENDED: (0.2, 2.0),
    LampPattern.FAULT: (0.1, 0.1),
}
"""On and off; a pattern that is not here is steadily on, `OFF` is dark."""


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


class GpioLamp:
    """Port `Lamp`: one lamp, or the transistor in front of it, on one line."""

    def __init__(self, line: int, *, pins: Factory | None = None) -> None:
        """`line` in BCM numbering; `pins` None takes the factory that the environment names. `DeviceError`."""
        self._line = line
        try:
            self._led = LED(line, pin_factory=pins)
        except GPIOZeroError as error:
            raise DeviceError(f"lamp on line {line} cannot be used: {type(error).__name__}") from error

    def show(self, pattern: LampPattern) -> None:
        """See the port."""
        try:
            self._show(pattern)
        except GPIOZeroError as error:
            raise DeviceError(f"lamp on line {self._line} did not change: {type(error).__name__}") from error

    def close(self) -> None:
        """See the port."""
        self._led.close()

    def _show(self, pattern: LampPattern) -> None:
        if pattern is LampPattern.OFF:
            self._led.off()
        elif pattern in _BLINK_SECONDS:
            on, off = _BLINK_SECONDS[pattern]
            self._led.on()  # at once: blink() lights from a thread of its own
            self._led.blink(on_time=on, off_time=off, background=True)
        else:
            self._led.on()


class GpioButtons:
    """Port `CallButtons`: normally open contacts to ground, one line each."""

    def __init__(self, lines: Mapping[int, int], *, pins: Factory | None = None) -> None:
        """`lines` maps button numbers to BCM lines. `DeviceError`."""
        self._buttons: dict[int, Button] = {}
        for button, line in lines.items():
            try:
                self._buttons[button] = Button(line, pull_up=True, pin_factory=pins)
            except GPIOZeroError as error:
                self.close()
                raise DeviceError(f"button {button} on line {line}: {type(error).__name__}") from error

    def watch(self, on_press: Callable[[int], None]) -> None:
        """See the port; the callback comes on gpiozero's thread and returns at once."""
        for number, button in self._buttons.items():
            button.when_pressed = _pressing(on_press, number)

    def close(self) -> None:
        """See the port."""
        for button in self._buttons.values():
            button.close()


def _pressing(on_press: Callable[[int], None], number: int) -> Callable[[], None]:
    return lambda: on_press(number)


class MockFinger:
    """Presses mock pins, so that a demonstration goes through gpiozero like a real press."""

    def __init__(self, pins: MockFactory, lines: Mapping[int, int]) -> None:
        self._pins = pins
        self._lines = lines
        self._lock = threading.Lock()

    def press(self, button: int) -> None:
        """Push that button down and let it go."""
        pin: PressablePin = self._pins.pin(self._lines[button])
        with self._lock:
            pin.drive_low()
            pin.drive_high()
