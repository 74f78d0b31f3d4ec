"""A GPIO chip that the kernel simulates (gpio-sim): made, driven and taken away through configfs and sysfs."""

import os
from contextlib import suppress
from pathlib import Path

CHIPS = Path("/sys/kernel/config/gpio-sim")
LINES = 32
PI_4B = 0xA03111
"""A revision code: gpiozero asks on which Raspberry Pi it is, and a simulated chip is on none."""


def why_not() -> str:
    """Why no chip can be simulated here; empty where one can."""
    if not CHIPS.is_dir():
        return f"this kernel has no gpio-sim, or configfs is not mounted ({CHIPS})"
    return "" if os.access(CHIPS, os.W_OK) else "simulating a GPIO chip needs root"


class SimulatedChip:
    """One chip with `LINES` lines, each of which a test pulls up or down from outside."""

    def __init__(self, name: str = "madoguchi") -> None:
        self._folder = CHIPS / name
        self._bank = self._folder / "bank0"
        self._bank.mkdir(parents=True)
        (self._bank / "num_lines").write_text(str(LINES))
        (self._bank / "label").write_text("pinctrl-bcm2711")
        self.appear()

    @property
    def number(self) -> int:
        """The N of /dev/gpiochipN."""
        return int((self._bank / "chip_name").read_text().strip().removeprefix("gpiochip"))

    def appear(self) -> None:
        """Let it be there, with every line up, as if by a resistor."""
        self._live(is_there=True)
        device = (self._folder / "dev_name").read_text().strip()
        self._lines = Path("/sys/devices/platform", device, f"gpiochip{self.number}")
        for line in range(LINES):
            self.drive(line, high=True)

    def vanish(self) -> None:
        """Take it away, whoever holds a line."""
        self._live(is_there=False)

    def drive(self, line: int, *, high: bool) -> None:
        """Pull a line from outside, as a contact does."""
        Path(self._lines, f"sim_gpio{line}", "pull").write_text("pull-up" if high else "pull-down")

    def is_high(self, line: int) -> bool:
        """How the line is, whoever drives it."""
        return Path(self._lines, f"sim_gpio{line}", "value").read_text().strip() == "1"

    def close(self) -> None:
        """Leave nothing behind."""
        self.vanish()
        with suppress(OSError):
            self._bank.rmdir()
            self._folder.rmdir()

    def _live(self, *, is_there: bool) -> None:
        (self._folder / "live").write_text("1" if is_there else "0")
