"""The desk as its command starts it, with a finger behind the debouncing and an eye on the pin of the lamp.

Its first word is the socket on which `press` and `over` come and `pressed`, `lit` and `over` go, with their moments.
"""

import socket
import sys
import threading
import time
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin

import drivers.gpio
import drivers.voice.player
from appliance.assembly.box import Box
from appliance.cli import main
from appliance.desk.contact import Signal
from drivers.contacts import OnSignal, WatchedContacts

LAMP = 27
_SAYS = socket.socket(socket.AF_UNIX)
_AS_IT_IS = WatchedContacts.watch


class SeenPin(MockPin):  # type: ignore[misc] # gpiozero has no types
    """A line whose rising is told with its moment."""

    def _change_state(self, value: bool) -> bool:  # noqa: FBT001 (gpiozero's own)
        changed = bool(super()._change_state(value))
        if changed and value and self.info.name == f"GPIO{LAMP}":
            _tell("lit")
        return changed


class HushedPlayer(drivers.voice.player.Player):
    """A voice that can be broken off, as staff do it."""

    heard: "HushedPlayer"

    def __init__(self, **words: Any) -> None:
        super().__init__(**words)
        HushedPlayer.heard = self


def _watch(buttons: WatchedContacts, on_signal: OnSignal) -> None:
    """`WatchedContacts.watch`, beside which presses come from the socket, as if they had just been believed."""
    _AS_IT_IS(buttons, on_signal)
    box = getattr(on_signal, "__self__")  # noqa: B009 (whose method it is, no type tells)
    threading.Thread(target=_serve, args=(box, on_signal), name="probe", daemon=True).start()


def _serve(box: Box, on_signal: OnSignal) -> None:
    """Until the other side hangs up."""
    with _SAYS.makefile() as words:
        for word in words:
            if word.strip() == "press":
                _tell("pressed")
                on_signal(1, Signal.PRESSED)
            else:
                HushedPlayer.heard.hush()
                for call in box.desk.board.snapshot.floor.calls:
                    box.desk.calls.cancel(call.id, by=None)
                _tell("over")


def _tell(what: str) -> None:
    _SAYS.sendall(f"{what} {time.monotonic()}\n".encode())


if __name__ == "__main__":
    _SAYS.connect(sys.argv[1])
    drivers.gpio.mock_pins = lambda: MockFactory(pin_class=SeenPin)
    drivers.voice.player.Player = HushedPlayer  # type: ignore[misc] # a stand-in of the same shape
    WatchedContacts.watch = _watch  # type: ignore[assignment, method-assign] # the same
    sys.argv = ["madoguchi", *sys.argv[2:]]
    sys.exit(main())
