"""Buttons and lamps on a real /dev/gpiochip: kernel, lgpio, gpiozero and our own thread; only the chip is simulated.

Runs where the kernel has gpio-sim, and in the guest that `make gpio-sim` boots.
"""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.desk.contact import LOCKOUT_MS, STABLE_MS, ContactFault, Signal
from appliance.desk.errors import DeviceError
from appliance.desk.ports import LampPattern
from drivers.contacts import WatchedContacts
from drivers.gpio import GpioChip, GpioContacts, GpioLamp, Wiring, real_chip
from tests.gpio_sim.chip import PI_4B, SimulatedChip, why_not

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())

BUTTONS = {1: 17, 2: 22, 3: 23, 4: 24}
LAMP = 27
OUTSIDE = Wiring(pull_up=None, closed_high=False)
"""A resistor outside pulls up, the contact closes to ground: what is simulated beforehand stays as it is."""
IDLE_SECONDS = 10.0
PRESSES, SPIKES = 1_000, 30


def found(**what: float | str) -> None:
    """Keep a figure, in a file if one is named; what is promised is asserted beside it."""
    print(what)
    if path := os.environ.get("GPIO_SIM_FOUND"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(what) + "\n")


@pytest.fixture(autouse=True)
def _as_on_a_pi(monkeypatch: pytest.MonkeyPatch) -> None:
    lgpio = pytest.importorskip("gpiozero.pins.lgpio", reason="lgpio is not installed here", exc_type=ImportError)
    monkeypatch.setattr(lgpio.LGPIOFactory, "_get_revision", lambda _factory: PI_4B)


@pytest.fixture
def sim() -> Iterator[SimulatedChip]:
    chip = SimulatedChip()
    yield chip
    chip.close()


class Desk:
    """The buttons of a desk on that chip, and everything they signalled."""

    def __init__(self, sim: SimulatedChip, chip: GpioChip, wiring: Wiring) -> None:
        self.sim = sim
        self.chip = chip
        self.signals: list[tuple[int, Signal]] = []
        self.at: list[float] = []
        self.also: Callable[[], None] = lambda: None
        contacts = GpioContacts(BUTTONS, chip=chip, wiring=wiring)
        self.buttons = WatchedContacts({contacts: list(BUTTONS)}, look_ms=1_000)
        self.buttons.watch(self._take)

    def _take(self, button: int, signal: Signal) -> None:
        self.at.append(time.monotonic())
        self.signals.append((button, signal))
        self.also()

    def forget(self) -> None:
        self.signals.clear()
        self.at.clear()

    def press(self, button: int = 1, *, seconds: float = 0.2) -> None:
        self.sim.drive(BUTTONS[button], high=False)
        time.sleep(seconds)
        self.sim.drive(BUTTONS[button], high=True)

    def timed_press(self, *, seconds: float, then: float = 0.0) -> float:
        """How long it was in truth, before a rest: an emulated machine stands still now and then."""
        began = time.monotonic()
        self.press(seconds=seconds)
        took = time.monotonic() - began
        time.sleep(then)
        return took

    def bounce(self, button: int, *, ends_down: bool, times: int = 6) -> None:
        for _ in range(times):
            self.sim.drive(BUTTONS[button], high=not ends_down)
            self.sim.drive(BUTTONS[button], high=ends_down)
        self.sim.drive(BUTTONS[button], high=not ends_down)

    def says(self, *signals: tuple[int, Signal], within: float = 3.0) -> bool:
        """Whether exactly that is signalled, and nothing more in a moment after it."""
        eventually(lambda: len(self.signals) >= len(signals), seconds=within)
        time.sleep(4 * STABLE_MS / 1_000)
        return self.signals == list(signals)

    def fault(self, button: int = 1) -> ContactFault | None:
        return self.buttons.health()[button].fault

    @property
    def is_alive(self) -> bool:
        return any(thread.name == "buttons" for thread in threading.enumerate())


@contextmanager
def desk_on(sim: SimulatedChip, wiring: Wiring = OUTSIDE) -> Iterator[Desk]:
    chip = real_chip()
    desk = Desk(sim, chip, wiring)
    faults = [signal for _, signal in desk.signals]
    assert faults == [Signal.FAULT] * len(BUTTONS), "every line was found"
    desk.forget()
    try:
        yield desk
    finally:
        assert desk.is_alive
        desk.buttons.close()
        chip.lose()


@pytest.fixture
def desk(sim: SimulatedChip) -> Iterator[Desk]:
    with desk_on(sim) as desk:
        yield desk


def eventually(holds: Callable[[], bool], *, seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


def processor_share(seconds: float) -> float:
    """How much of one core this process takes while this thread sleeps."""
    began, used = time.monotonic(), time.process_time()
    time.sleep(seconds)
    return (time.process_time() - used) / (time.monotonic() - began)


def stretched(presses: list[float]) -> int:
    """How many of these were so long that they could be believed, because the machine stood still."""
    return sum(one > STABLE_MS / 2_000 for one in presses)


@pytest.mark.parametrize("wiring", [OUTSIDE, Wiring()], ids=["resistor outside", "the chip pulls up"])
def test_a_clean_press_is_one(sim: SimulatedChip, wiring: Wiring) -> None:
    with desk_on(sim, wiring) as desk:
        began = time.monotonic()
        desk.press(2)
        assert desk.says((2, Signal.PRESSED))
        found(press_to_signal_ms=round((desk.at[0] - began) * 1_000, 1))


def test_a_press_of_sixty_milliseconds_is_one(desk: Desk) -> None:
    desk.press(seconds=0.06)
    assert desk.says((1, Signal.PRESSED))


def test_six_fold_bounce_at_both_edges_is_one_press(desk: Desk) -> None:
    desk.bounce(1, ends_down=True)
    time.sleep(0.2)
    desk.bounce(1, ends_down=False)
    assert desk.says((1, Signal.PRESSED))


def test_spikes_of_ten_milliseconds_are_nothing(desk: Desk) -> None:
    spikes = [desk.timed_press(seconds=0.01, then=0.05) for _ in range(SPIKES)]
    found(longest_spike_ms=round(max(spikes) * 1_000, 1))
    desk.says()
    assert len(desk.signals) <= stretched(spikes)


def test_a_thousand_presses_as_fast_as_they_go_are_too_short_to_be_any_and_then_one_is_heard(desk: Desk) -> None:
    began = time.monotonic()
    presses = [desk.timed_press(seconds=0.0) for _ in range(PRESSES)]
    found(
        thousand_presses_seconds=round(time.monotonic() - began, 1), longest_of_them_ms=round(max(presses) * 1_000, 1)
    )
    desk.says()
    assert len(desk.signals) <= stretched(presses)
    time.sleep(LOCKOUT_MS / 1_000)
    desk.forget()
    desk.press(1)
    assert desk.says((1, Signal.PRESSED)) or stretched(presses)


def test_a_button_held_when_the_desk_starts_calls_nobody(sim: SimulatedChip) -> None:
    sim.drive(BUTTONS[1], high=False)
    with desk_on(sim) as desk:
        assert desk.fault() is ContactFault.HELD_AT_START
        desk.forget()
        sim.drive(BUTTONS[1], high=True)
        assert desk.says((1, Signal.FAULT))
        assert desk.fault() is None
        desk.press(1)
        assert desk.says((1, Signal.FAULT), (1, Signal.PRESSED))


def test_a_listener_that_raises_ends_nothing(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    def raises() -> None:
        raise RuntimeError("a fault of whoever listens")

    desk.also = raises
    with caplog.at_level(logging.CRITICAL):
        desk.press(1)
        desk.press(2)
        assert desk.says((1, Signal.PRESSED), (2, Signal.PRESSED))


def test_a_chip_that_vanishes_is_a_fault_and_comes_back(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    lamp = GpioLamp(LAMP, chip=desk.chip)
    lamp.show(LampPattern.ANSWERED)
    assert desk.sim.is_high(LAMP)
    desk.sim.vanish()
    gone = time.monotonic()
    assert eventually(lambda: desk.fault(4) is ContactFault.GONE)
    found(chip_gone_known_after_seconds=round(time.monotonic() - gone, 2))
    complaints = capfd.readouterr().err.count("\n")
    share = processor_share(3.0)
    found(lgpio_complaints_until_closed=complaints, processor_share_while_gone=round(share, 3))
    assert "read error" not in capfd.readouterr().err
    with pytest.raises(DeviceError):
        lamp.show(LampPattern.OFF)
    desk.sim.appear()
    assert eventually(lambda: desk.fault(4) is None)
    desk.forget()
    desk.press(3)
    assert desk.says((3, Signal.PRESSED))
    lamp.show(LampPattern.CALLING)
    assert desk.sim.is_high(LAMP)
    lamp.close()


def test_where_lgpio_may_write_nothing_there_is_no_chip_and_no_pretended_one(sim: SimulatedChip) -> None:
    """It leaves a pipe where it stands, and gpiozero would go on with mock pins or none."""
    asks = "from drivers.gpio import real_chip\nreal_chip().pins()"
    nowhere = {key: value for key, value in os.environ.items() if key != "LG_WD"}
    words = [sys.executable, "-c", asks]
    asked = subprocess.run(words, cwd="/proc", env=nowhere, capture_output=True, text=True, check=False)
    assert asked.stderr.rstrip().endswith("DeviceError: the GPIO chip cannot be opened: FileNotFoundError")


def test_a_lamp_is_on_at_once_blinks_and_goes_out(sim: SimulatedChip) -> None:
    chip = real_chip()
    lamp = GpioLamp(LAMP, chip=chip)
    lamp.show(LampPattern.CALLING)
    assert sim.is_high(LAMP)
    assert eventually(lambda: not sim.is_high(LAMP))
    assert eventually(lambda: sim.is_high(LAMP))
    lamp.show(LampPattern.ANSWERED)
    assert sim.is_high(LAMP)
    lamp.show(LampPattern.OFF)
    time.sleep(0.6)
    assert not sim.is_high(LAMP)
    lamp.close()
    chip.lose()


def test_what_four_lines_at_rest_cost(desk: Desk) -> None:
    found(idle_share_of_a_core=round(processor_share(IDLE_SECONDS), 4))
    assert desk.says()
