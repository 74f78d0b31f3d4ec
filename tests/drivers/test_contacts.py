import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from gpiozero.pins import Factory

from appliance.desk.contact import ContactFault, Signal
from appliance.desk.errors import DeviceError
from drivers.contacts import Contacts, WatchedContacts
from drivers.gpio import GpioChip, GpioContacts, MockFinger, Wiring, mock_pins


class Wires:
    """`Contacts` whose lines a test drives, and whose chip it may take away."""

    def __init__(self) -> None:
        self.down = {1: False, 2: False}
        self.is_there = True
        self.connected = 0
        self.on_edge: Callable[[int, bool], None] = lambda _button, _down: None

    def connect(self, on_edge: Callable[[int, bool], None]) -> None:
        if not self.is_there:
            raise DeviceError("no chip")
        self.connected += 1
        self.on_edge = on_edge

    def levels(self) -> Mapping[int, bool]:
        if not self.is_there:
            raise DeviceError("the chip is gone")
        return dict(self.down)

    def disconnect(self) -> None:
        self.on_edge = lambda _button, _down: None

    def drive(self, button: int, *, down: bool) -> None:
        self.down[button] = down
        self.on_edge(button, down)


class Watched:
    """A watch over wires, and everything that was signalled."""

    def __init__(self, wires: Contacts, take: Callable[[int, Signal], None] | None) -> None:
        self.signals: list[tuple[int, Signal]] = []
        self.also = take
        self.buttons = WatchedContacts({wires: [1, 2]}, look_ms=20)

    def take(self, button: int, signal: Signal) -> None:
        self.signals.append((button, signal))
        if self.also:
            self.also(button, signal)

    def hears(self, *signals: tuple[int, Signal]) -> bool:
        """Whether exactly that is signalled within a moment."""
        return eventually(lambda: self.signals == list(signals))

    def fault(self, button: int) -> ContactFault | None:
        return self.buttons.health()[button].fault


@contextmanager
def watching(wires: Contacts, *, take: Callable[[int, Signal], None] | None = None) -> Iterator[Watched]:
    watched = Watched(wires, take)
    watched.buttons.watch(watched.take)
    watched.signals.clear()  # that the lines are there
    yield watched
    watched.buttons.close()


def eventually(holds: Callable[[], bool], *, seconds: float = 3.0) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)
    return holds()


def press(wires: Wires, button: int = 1, *, seconds: float = 0.06) -> None:
    wires.drive(button, down=True)
    time.sleep(seconds)
    wires.drive(button, down=False)


def test_a_press_of_sixty_milliseconds_is_heard_and_a_bounce_and_a_spike_are_not() -> None:
    wires = Wires()
    with watching(wires) as watched:
        for _ in range(20):
            press(wires, 2, seconds=0.0)
        for _ in range(6):
            press(wires, 1, seconds=0.001)
        press(wires, 1)
        assert watched.hears((1, Signal.PRESSED))


def test_each_button_is_heard_by_itself() -> None:
    wires = Wires()
    with watching(wires) as watched:
        wires.drive(1, down=True)
        press(wires, 2)
        assert eventually(lambda: sorted(watched.signals) == [(1, Signal.PRESSED), (2, Signal.PRESSED)])


def test_a_button_held_at_the_start_calls_nobody() -> None:
    wires = Wires()
    wires.down[1] = True
    with watching(wires) as watched:
        assert watched.fault(1) is ContactFault.HELD_AT_START
        assert watched.buttons.health()[1].down_at_start
        wires.drive(1, down=False)
        assert watched.hears((1, Signal.FAULT))
        assert watched.fault(1) is None


def test_a_callback_that_raises_ends_nothing() -> None:
    def broken(_button: int, _signal: Signal) -> None:
        raise RuntimeError("a fault of whoever listens")

    wires = Wires()
    with watching(wires, take=broken) as watched:
        press(wires, 1)
        assert watched.hears((1, Signal.PRESSED))
        press(wires, 2)
        assert watched.hears((1, Signal.PRESSED), (2, Signal.PRESSED))


def test_a_chip_that_vanishes_is_a_fault_and_is_taken_up_again() -> None:
    wires = Wires()
    with watching(wires) as watched:
        wires.is_there = False
        assert watched.hears((1, Signal.FAULT), (2, Signal.FAULT))
        assert watched.fault(1) is ContactFault.GONE
        wires.is_there = True
        assert eventually(lambda: watched.fault(1) is None and watched.fault(2) is None)
        watched.signals.clear()
        press(wires, 2)
        assert watched.hears((2, Signal.PRESSED))
        assert wires.connected == 2


def test_a_chip_that_comes_late_is_taken_up() -> None:
    wires = Wires()
    wires.is_there = False
    with watching(wires) as watched:
        assert watched.fault(1) is ContactFault.GONE
        wires.is_there = True
        assert eventually(lambda: watched.fault(1) is None)
        watched.signals.clear()
        press(wires)
        assert watched.hears((1, Signal.PRESSED))


def test_an_edge_that_got_lost_is_made_up_for() -> None:
    wires = Wires()
    with watching(wires) as watched:
        wires.down[1] = True
        assert watched.hears((1, Signal.PRESSED))


def test_contacts_that_raise_what_nobody_expects_do_not_end_the_thread() -> None:
    class Odd(Wires):
        odd = False

        def levels(self) -> Mapping[int, bool]:
            if self.odd:
                raise ZeroDivisionError
            return super().levels()

    wires = Odd()
    with watching(wires) as watched:
        wires.odd = True
        time.sleep(0.05)
        wires.odd = False
        press(wires, seconds=0.3)
        assert watched.hears((1, Signal.PRESSED))


def test_many_threads_of_edges_are_one_order() -> None:
    wires = Wires()
    with watching(wires) as watched:
        fingers = [threading.Thread(target=press, args=(wires, 1), kwargs={"seconds": 0.1}) for _ in range(8)]
        for finger in fingers:
            finger.start()
        for finger in fingers:
            finger.join()
        assert watched.hears((1, Signal.PRESSED))


@pytest.mark.parametrize("wiring", [Wiring(), Wiring(pull_up=None)])
def test_a_finger_on_mock_pins_goes_all_the_way(wiring: Wiring) -> None:
    pins, lines = mock_pins(), {1: 17, 2: 22}
    for line in lines.values():
        pins.pin(line).drive_high()
    contacts = GpioContacts(lines, chip=GpioChip(lambda: pins), wiring=wiring)
    finger = MockFinger(pins, lines)
    with watching(contacts) as watched:
        fingers = [threading.Thread(target=finger.press, args=(2,)) for _ in range(100)]
        for one in fingers:
            one.start()
        for one in fingers:
            one.join()
        assert watched.hears((2, Signal.PRESSED))


def test_a_chip_without_its_library_is_gone_and_nothing_breaks() -> None:
    def broken() -> Factory:
        raise ImportError("lgpio")

    with watching(GpioContacts({1: 17, 2: 22}, chip=GpioChip(broken))) as watched:
        assert watched.fault(2) is ContactFault.GONE
