"""The machine whose network is set up: its programs, its own files, its addresses."""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from provisioning.errors import CannotWrite, NeedsRoot, ProgramFailed
from sync.files import write_over

_PATIENCE = 90
_SIOCGIFADDR = 0x8915
_IFREQ = "256s"
_ADDRESS_AT = slice(20, 24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """What came of a command."""

    status: int
    said: str = ""
    """Standard output, without the last line's end."""
    complained: str = ""


def ran(words: Sequence[str]) -> Ran:
    """Run a command of the system; status 127 where it is not there. Everybody sees `words`: no secret among them."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 # fixed commands; what people chose was checked
            words, capture_output=True, text=True, timeout=_PATIENCE, check=False, env=environment
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Ran(status=127, complained=type(error).__name__)
    return Ran(status=done.returncode, said=done.stdout.strip(), complained=done.stderr.strip())


def own_addresses() -> Sequence[IPv4Address]:
    """The IPv4 address of every network this machine is in, loopback left out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        found = [_address_of(asking, name) for _, name in socket.if_nameindex()]
    return sorted({one for one in found if one is not None and not one.is_loopback})


def _address_of(asking: socket.socket, interface: str) -> IPv4Address | None:
    try:
        answer = fcntl.ioctl(asking, _SIOCGIFADDR, struct.pack(_IFREQ, interface.encode()))
    except OSError:
        return None  # has none
    return IPv4Address(answer[_ADDRESS_AT])


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What setting up a network touches."""

    root: Path = Path("/")
    run: Callable[[Sequence[str]], Ran] = ran
    has: Callable[[str], bool] = lambda program: shutil.which(program) is not None
    addresses: Callable[[], Sequence[IPv4Address]] = own_addresses

    def do(self, *words: str) -> str:
        """Run a command that must succeed; `ProgramFailed`, `NeedsRoot`."""
        done = self.run(words)
        if done.status:
            if os.geteuid() != 0:
                raise NeedsRoot(" ".join(words[:2]))
            raise ProgramFailed(f"{' '.join(words[:3])}: {done.complained or done.status}")
        return done.said

    def forwards(self) -> bool:
        """Whether the kernel passes on what is not meant for this machine."""
        try:
            return (self.root / "proc/sys/net/ipv4/ip_forward").read_text("ascii").strip() != "0"
        except OSError:
            return False

    def is_brcmfmac(self, device: str) -> bool:
        """Whether that wireless device is the chip of a Raspberry Pi."""
        driver = self.root / "sys/class/net" / device / "device/driver"
        return driver.resolve().name == "brcmfmac"


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """`NeedsRoot` or `CannotWrite` instead of what the file system says about a file of the machine."""
    try:
        yield
    except PermissionError:
        raise NeedsRoot(str(path)) from None
    except OSError as error:
        raise CannotWrite(f"{path}: {error.strerror}") from None


def put(path: Path, text: str, *, mode: int = 0o644) -> bool:
    """Write a file unless it says that already; whether it was written. `NeedsRoot`, `CannotWrite`."""
    with changing(path):
        if path.exists() and path.read_text("utf-8") == text and path.stat().st_mode & 0o777 == mode:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        write_over(path, text.encode(), mode=mode)
        path.chmod(mode)  # whatever the mask of the caller is: nginx and dnsmasq are other users
    return True


def remove(path: Path) -> bool:
    """Take a file away; whether there was one. `NeedsRoot`, `CannotWrite`."""
    with changing(path):
        if not path.exists():
            return False
        path.unlink()
    return True
