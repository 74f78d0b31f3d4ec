"""What a hall calls the box: the machine's own name, told by avahi as NAME.local."""

import re
import socket
from pathlib import Path

from appliance.desk.errors import ConfigError
from provisioning.errors import NamerMissing
from provisioning.network_machine import Machine, put

SUFFIX = ".local"
NAMER = "avahi-daemon.service"
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", re.ASCII)
"""At most 32 letters, for it is the name of the Wi-Fi as well."""
_OWN_LINE = "127.0.1.1"


def checked_name(word: str) -> str:
    """A name such as madoguchi-07, with or without .local; `ConfigError`."""
    name = word.lower().removesuffix(SUFFIX)
    if not _NAME.fullmatch(name):
        raise ConfigError("name", f"{word!r} is not a name: a to z, digits and hyphens, 32 at most")
    return name


def machine_name() -> str:
    """What the machine is called now, without a domain."""
    return socket.gethostname().partition(".")[0]


def take_name(name: str, machine: Machine) -> None:
    """Call the machine so, and have avahi tell it; `NamerMissing`, `NeedsRoot`, `CannotWrite`, `ProgramFailed`."""
    hosts = machine.root / "etc/hosts"
    put(hosts, _with_own_line(hosts, name))  # before the name changes: sudo looks it up
    is_new = machine.do("hostnamectl", "--static") != name
    if is_new:
        machine.do("hostnamectl", "set-hostname", name)
    told = machine.run(("systemctl", "enable", "--now", NAMER))
    if is_new and not told.status:
        told = machine.run(("systemctl", "restart", NAMER))  # it reads the name when it starts
    if told.status:
        raise NamerMissing


def _with_own_line(hosts: Path, name: str) -> str:
    try:
        lines = hosts.read_text("utf-8").splitlines()
    except FileNotFoundError:
        lines = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback"]
    own = f"{_OWN_LINE}\t{name}"
    kept = [own if line.split()[:1] == [_OWN_LINE] else line for line in lines]
    return "\n".join(dict.fromkeys(kept) if own in kept else [*kept, own]) + "\n"
