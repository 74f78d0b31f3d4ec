"""A USB button, pedal or key as a call button: read from the kernel's input device, which comes and goes."""

import fcntl
import os
import select
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from appliance.desk.errors import DeviceError

_EVENT = struct.Struct("llHHi")
"""struct input_event: two of time, then type, code, value (linux/input.h)."""
_KEY = 0x01
_UP, _DOWN = 0, 1
_BITS = 96
"""Bytes of a bit for each key (KEY_MAX is 0x2ff)."""
_GRAB = 0x40044590
_KEYS_NOW = 0x80000000 | _BITS << 16 | ord("E") << 8 | 0x18
_AWAKE_SECONDS = 0.5


class HidContact:
    """`Contacts` of one button: down while any key of the device is. What it types is kept from every screen."""

    def __init__(self, button: int, path: Path) -> None:
        self._button = button
        self._path = path
        self._device: int | None = None
        self._reader: threading.Thread | None = None

    def connect(self, on_edge: Callable[[int, bool], None]) -> None:
        """See `Contacts`."""
        try:
            self._device = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            grab(self._device)
        except OSError as error:
            self.disconnect()
            raise DeviceError(f"button {self._button} on {self._path.name}: {error.strerror}") from error
        self._reader = threading.Thread(
            target=self._read, args=(self._device, on_edge), name=f"button {self._button}", daemon=True
        )
        self._reader.start()

    def levels(self) -> Mapping[int, bool]:
        """See `Contacts`."""
        if self._device is None or self._reader is None or not self._reader.is_alive():
            raise DeviceError(f"button {self._button} on {self._path.name}: unplugged")
        try:
            return {self._button: any_key_down(self._device)}
        except OSError as error:
            raise DeviceError(f"button {self._button} on {self._path.name}: {error.strerror}") from error

    def disconnect(self) -> None:
        """See `Contacts`."""
        device, self._device = self._device, None
        if self._reader is not None and self._reader is not threading.current_thread():
            self._reader.join(timeout=2)
        self._reader = None
        if device is not None:
            with suppress(OSError):
                os.close(device)

    def _read(self, device: int, on_edge: Callable[[int, bool], None]) -> None:
        """Until the device is unplugged or let go of."""
        down: set[int] = set()
        while self._device == device:
            try:
                if select.select([device], [], [], _AWAKE_SECONDS)[0]:
                    self._take(os.read(device, _EVENT.size * 64), down, on_edge)
            except BlockingIOError:
                continue
            except (OSError, struct.error):
                return

    def _take(self, events: bytes, down: set[int], on_edge: Callable[[int, bool], None]) -> None:
        if not events:
            raise OSError("the device has ended")
        for _seconds, _micros, kind, code, value in _EVENT.iter_unpack(events):
            if kind != _KEY or value not in (_UP, _DOWN):
                continue  # a key that is held repeats itself
            was_down = bool(down)
            (down.add if value == _DOWN else down.discard)(code)
            if bool(down) is not was_down:
                on_edge(self._button, bool(down))


def grab(device: int) -> None:
    """Take the device for this process alone, so that a button types nothing into a screen; OSError."""
    fcntl.ioctl(device, _GRAB, 1)


def any_key_down(device: int) -> bool:
    """What the kernel says of the keys now; OSError."""
    return any(fcntl.ioctl(device, _KEYS_NOW, bytes(_BITS)))
