"""What a doctor asks the machine; tests answer in its place."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from ipaddress import IPv4Address
from pathlib import Path

from appliance.config import Config
from appliance.desk.facts.card import CardState
from provisioning.network_machine import Machine, own_addresses
from provisioning.network_wifi import AccessPoint
from provisioning.units import ROLES

FAULTS = Path("/var/lib/madoguchi-fault")
_ASKED = ("Id", "LoadState", "ActiveState", "SubState", "NRestarts")
_PATIENCE = 10
_OPTIONAL = (
    *("madoguchi-tls.service", "madoguchi-kiosk.service", "madoguchi-receiver.service", "madoguchi-sync.service"),
    *("madoguchi-hall.service", "madoguchi-network.service"),
)
UNITS = tuple(sorted({unit for units in ROLES.values() for unit in units} | set(_OPTIONAL)))

UnitStates = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Package:
    """An installed Python package."""

    version: str
    is_own: bool
    """Whether it was installed with this program and not by the system."""


def installed(name: str) -> Package | None:
    """That package, as this program would import it."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return None
    return Package(version=found.version, is_own=Path(str(found.locate_file(""))).is_relative_to(sys.prefix))


def can_import(module: str) -> bool:
    """Whether there is such a module; it is not loaded."""
    return find_spec(module) is not None


def unit_states() -> UnitStates:
    """What systemd says of each unit of ours that it knows; nothing where systemd is not there."""
    systemctl = shutil.which("systemctl")
    if systemctl is None:
        return {}
    words = [systemctl, "show", f"--property={','.join(_ASKED)}", *UNITS]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_PATIENCE, check=False)  # noqa: S603 # fixed
    except (OSError, subprocess.SubprocessError):
        return {}
    blocks = [
        dict(line.partition("=")[::2] for line in block.splitlines()) for block in done.stdout.strip().split("\n\n")
    ]
    return {one["Id"]: one for one in blocks if one.get("LoadState") == "loaded"}


def fault_of(unit: str, folder: Path = FAULTS) -> str:
    """The first line that madoguchi-fault wrote about a unit: its code; empty where there is none."""
    try:
        return (folder / f"{unit.removesuffix('.service')}.txt").read_text("utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError):
        return ""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The machine around a box."""

    answers: Callable[[str, int], bool]
    """Whether pages answer at that host and port."""
    is_synchronised: Callable[[], bool]
    """Whether a network keeps the clock right."""
    gpio_is_usable: Callable[[], bool]
    """Whether there are GPIO lines, and this user may use them."""
    sound_cards: Callable[[], Sequence[str]]
    has_player: Callable[[], bool]
    """Whether the program is there that sends sound to a card."""
    unmade_sentences: Callable[[Config], int]
    """How many sentences the voice has no sound for yet."""
    card_readers: Callable[[], CardState]
    """Which card readers whoever asks can use; no card is touched."""
    card_service: Callable[[], str]
    """What stands at the socket of pcscd: there, missing or silent."""
    modules_that_take_readers: Callable[[], Sequence[str]]
    """The kernel's own drivers that keep a reader from pcscd, where they are loaded."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    units: Callable[[], UnitStates] = unit_states
    fault_of: Callable[[str], str] = fault_of
    can_import: Callable[[str], bool] = can_import
    installed: Callable[[str], Package | None] = installed
    addresses: Callable[[], Sequence[IPv4Address]] = own_addresses
    forwards: Callable[[], bool] = lambda: Machine().forwards()
    """Whether the kernel passes on what is not meant for this machine."""
    access_point_is_on: Callable[[], bool] = lambda: AccessPoint(Machine(), Path()).is_on()
