"""Which hardware the kernel shows on this machine, and whether this process may use it."""

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

PLAYER = "aplay"
_CARD = re.compile(r"^\s*\d+ \[\S+\s*\]: (.+)$", re.MULTILINE)


def gpio_is_usable(devices: Path = Path("/dev")) -> bool:
    """Whether there are lines, and this user may use them."""
    return any(os.access(chip, os.R_OK | os.W_OK) for chip in devices.glob("gpiochip*"))


def sound_cards(listed: Path = Path("/proc/asound/cards")) -> Sequence[str]:
    """Every sound card, as the kernel names it; none where it has none, or knows no sound at all."""
    try:
        return _CARD.findall(listed.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ()


def has_player() -> bool:
    """Whether the program is there that sends sound to a card."""
    return shutil.which(PLAYER) is not None
