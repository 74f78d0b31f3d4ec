"""The chip of the board through lgpio; imported on a box only, because its library is nowhere else."""

import fcntl
from contextlib import suppress
from pathlib import Path

from gpiozero.pins import lgpio as through

_LABELS = (b"pinctrl-bcm2", b"pinctrl-rp1")
"""How the kernel calls the chip of the pins, on any Raspberry Pi."""
_CHIP_INFO = 0x8044B401
_NAME_BYTES, _INFO_BYTES = 32, 68
"""struct gpiochip_info: name, label, number of lines (linux/gpio.h)."""


class LgpioChip(through.LGPIOFactory):  # type: ignore[misc] # gpiozero has no types
    """gpiozero's factory for this board, which also lets go of a chip that is not there any more."""

    _handle: int | None

    def __init__(self) -> None:
        super().__init__(chip=board_chip())

    def close(self) -> None:
        """Give the chip back whatever its lines answer: lgpio would read a dead one without end, at full speed."""
        handle, self._handle = self._handle, None  # from here on no line asks the hardware for anything
        super().close()
        if handle is not None:
            through.lgpio.gpiochip_close(handle)


def board_chip(devices: Path = Path("/dev")) -> int | None:
    """The N of the board's /dev/gpiochipN, which may come back as another; None where only gpiozero can guess."""
    for device in sorted(devices.glob("gpiochip*")):
        with suppress(OSError):
            if _label(device).startswith(_LABELS):
                return int(device.name.removeprefix("gpiochip"))
    return None


def _label(device: Path) -> bytes:
    with device.open("rb", buffering=0) as chip:
        return fcntl.ioctl(chip, _CHIP_INFO, bytes(_INFO_BYTES))[_NAME_BYTES : 2 * _NAME_BYTES]
