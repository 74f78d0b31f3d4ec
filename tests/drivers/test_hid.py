import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.desk.contact import ContactFault, Signal
from drivers import hid
from drivers.contacts import WatchedContacts
from drivers.hid import HidContact
from tests.drivers.test_contacts import eventually

ENTER, SPACE, SYN, REPEAT = 28, 57, 0, 2


class Cable:
    """A named pipe that speaks like an input device; what a pipe cannot do, the kernel's two questions, is faked."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = path
        self.down: set[int] = set()
        self.grabbed = 0
        monkeypatch.setattr(hid, "grab", self._grab)
        monkeypatch.setattr(hid, "any_key_down", lambda _device: bool(self.down))
        self.plug_in()

    def _grab(self, _device: int) -> None:
        self.grabbed += 1

    def plug_in(self) -> None:
        os.mkfifo(self.path)
        self.end = os.open(self.path, os.O_RDWR)

    def pull_out(self) -> None:
        self.path.unlink()
        os.close(self.end)

    def key(self, code: int, value: int) -> None:
        (self.down.add if value else self.down.discard)(code)
        os.write(self.end, struct.pack("llHHi", 0, 0, 1, code, value) + struct.pack("llHHi", 0, 0, SYN, 0, 0))


@pytest.fixture
def cable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cable:
    return Cable(tmp_path / "pedal", monkeypatch)


@pytest.fixture
def signals() -> list[tuple[int, Signal]]:
    return []


@pytest.fixture
def buttons(cable: Cable, signals: list[tuple[int, Signal]]) -> Iterator[WatchedContacts]:
    buttons = WatchedContacts({HidContact(4, cable.path): [4]}, look_ms=20)
    buttons.watch(lambda button, signal: signals.append((button, signal)))
    signals.clear()
    yield buttons
    buttons.close()


def heard(signals: list[tuple[int, Signal]], *wanted: Signal) -> Callable[[], bool]:
    return lambda: signals == [(4, one) for one in wanted]


def test_any_key_of_the_device_is_the_button_and_its_repeating_is_nothing(
    cable: Cable, buttons: WatchedContacts, signals: list[tuple[int, Signal]]
) -> None:
    cable.key(ENTER, 1)
    assert eventually(heard(signals, Signal.PRESSED))
    cable.key(ENTER, REPEAT)
    cable.key(SPACE, 1)
    cable.key(ENTER, 0)
    cable.key(SPACE, 0)
    assert cable.grabbed == 1
    assert buttons.health()[4].fault is None
    assert signals == [(4, Signal.PRESSED)]


def test_a_button_that_is_pulled_out_is_a_fault_and_comes_back(
    cable: Cable, buttons: WatchedContacts, signals: list[tuple[int, Signal]]
) -> None:
    cable.pull_out()
    assert eventually(lambda: buttons.health()[4].fault is ContactFault.GONE)
    cable.plug_in()
    assert eventually(lambda: buttons.health()[4].fault is None)
    signals.clear()
    cable.key(ENTER, 1)
    assert eventually(heard(signals, Signal.PRESSED))


def test_a_button_that_was_never_there_is_gone(tmp_path: Path) -> None:
    buttons = WatchedContacts({HidContact(4, tmp_path / "nothing"): [4]})
    buttons.watch(lambda _button, _signal: None)
    assert buttons.health()[4].fault is ContactFault.GONE
    buttons.close()
