"""Which hardware the kernel shows on this machine, and whether this process may use it."""

import os
import re
import socket
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

PLAYER = "aplay"
CARD_SERVICE_VARIABLE = "PCSCLITE_CSOCK_NAME"
"""Where pcsc-lite itself looks for another place of its socket."""
_CARD_SERVICE = "/run/pcscd/pcscd.comm"
_CARD_SERVICE_PATIENCE = 2.0
_TAKE_READERS = ("pn533_usb", "pn533", "port100")
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
    from shutil import which  # noqa: PLC0415 (a desk that starts has no use for archives)

    return which(PLAYER) is not None


class CardService(StrEnum):
    """What stands at the socket of pcscd."""

    THERE = "there"
    """Somebody takes connections; whether he then lets us in is another thing."""
    MISSING = "missing"
    """There is no socket."""
    SILENT = "silent"
    """There is one, but nobody behind it takes a connection."""


def card_service() -> CardService:
    """Whether pcscd can be reached at all; systemd starts it for this, if it is to."""
    place = os.environ.get(CARD_SERVICE_VARIABLE, _CARD_SERVICE)
    with socket.socket(socket.AF_UNIX) as knocking:
        knocking.settimeout(_CARD_SERVICE_PATIENCE)
        try:
            knocking.connect(place)
        except FileNotFoundError:
            return CardService.MISSING
        except OSError:
            return CardService.SILENT
    return CardService.THERE


def modules_that_take_readers(modules: Path = Path("/sys/module")) -> Sequence[str]:
    """The kernel's own NFC drivers that are loaded: a PN53x that one of them has taken is not there for pcscd."""
    return [name for name in _TAKE_READERS if (modules / name).is_dir()]
