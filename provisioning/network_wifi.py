"""The box as the Wi-Fi of a hall that has none: a profile of NetworkManager, addresses by dnsmasq, a way to nowhere."""

import secrets
from configparser import ConfigParser
from configparser import Error as NoProfile
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Interface
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid5

from provisioning.errors import (
    AccessPointFailed,
    AddressTaken,
    LeaserMissing,
    MachineForwards,
    NetworkManagerMissing,
    NoWireless,
)
from provisioning.network_machine import Machine, put, remove

ADDRESS = IPv4Interface("10.55.0.1/24")
PROFILE = "madoguchi-hall"
LEASES = "hall.conf"
"""Beside the configuration of the box; there while it is to be its own Wi-Fi."""
UNIT = "madoguchi-hall.service"
PASSPHRASE_GROUPS, GROUP_LENGTH = 4, 4

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is taken for another one, read or typed."""
_FIRST_LEASE, _LAST_LEASE = 10, 250


class Wifi(StrEnum):
    """How strictly the network is closed."""

    WPA3 = "wpa3"
    """WPA3 alone: tablets from before 2019 do not come in."""
    BOTH = "both"
    """WPA3 where a tablet can, WPA2 where it cannot."""
    WPA2 = "wpa2"
    """WPA2 alone, as the chip of a Raspberry Pi makes it."""


_SECURITY: dict[Wifi, tuple[str, int]] = {Wifi.WPA3: ("sae", 3), Wifi.BOTH: ("wpa-psk", 2), Wifi.WPA2: ("wpa-psk", 1)}
"""NetworkManager's key-mgmt, and whether management frames are protected: 1 never, 2 where a tablet can, 3 always."""


def new_passphrase() -> str:
    """Sixteen letters and digits in four groups: 79 bits, made to be typed."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(PASSPHRASE_GROUPS))
    return "-".join(groups)


@dataclass(frozen=True, kw_only=True)
class Hall:
    """The network of one box."""

    ssid: str
    """Letters, digits and hyphens."""
    passphrase: str = field(repr=False)
    wifi: Wifi
    address: IPv4Interface
    device: str

    @property
    def uri(self) -> str:
        """What a camera reads to come in, as the WPA3 specification has it (section 7.1). Secret."""
        only_wpa3 = "R:1;" if self.wifi is Wifi.WPA3 else ""
        return f"WIFI:T:WPA;{only_wpa3}S:{self.ssid};P:{self.passphrase};;"

    def profile(self, *, comes_up: bool = True) -> str:
        """The keyfile of NetworkManager; `comes_up`: by itself at every start. Secret."""
        management, protected = _SECURITY[self.wifi]
        return f"""\
# Made by `madoguchi provision network`; the passphrase is nowhere else.
[connection]
id={PROFILE}
uuid={uuid5(NAMESPACE_DNS, f"{PROFILE}.local")}
type=wifi
interface-name={self.device}
autoconnect={str(comes_up).lower()}
autoconnect-priority=100

[wifi]
mode=ap
ssid={self.ssid}
band=bg
channel=6
ap-isolation=1

[wifi-security]
key-mgmt={management}
psk={self.passphrase}
proto=rsn;
pairwise=ccmp;
group=ccmp;
pmf={protected}
wps-method=1

[ipv4]
method=manual
address1={self.address}
never-default=true

[ipv6]
method=disabled
"""

    def leases(self, name: str) -> str:
        """The configuration of dnsmasq: addresses and that one name, no router, no log of who came."""
        network = self.address.network
        first, last = network[_FIRST_LEASE], network[_LAST_LEASE]
        return f"""\
# Addresses for the tablets in the box's own Wi-Fi. Made by `madoguchi provision network`.
interface={self.device}
except-interface=lo
bind-dynamic
no-resolv
no-hosts
address=/{name}/{self.address.ip}
dhcp-authoritative
dhcp-range={first},{last},{network.netmask},2h
dhcp-option=option:router
dhcp-option=option:dns-server,{self.address.ip}
dhcp-leasefile=/run/madoguchi-hall/leases
no-ping
quiet-dhcp
pid-file
log-facility=-
"""


class AccessPoint:
    """Port to the box's own network; `folder` is where the configuration of the box lies."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        self._machine = machine
        self.profile = machine.root / f"etc/NetworkManager/system-connections/{PROFILE}.nmconnection"
        self.leases = folder / LEASES

    @property
    def is_wanted(self) -> bool:
        """Whether it comes up at every start; anybody may ask."""
        return self.leases.exists()

    def is_on(self) -> bool:
        """Whether it is up now."""
        active = self._machine.run(("nmcli", "-t", "-f", "NAME", "connection", "show", "--active"))
        return PROFILE in active.said.splitlines()

    def hall(self) -> Hall | None:
        """The network as its profile has it; None where there is none. For root."""
        try:
            read = ConfigParser(interpolation=None)
            read.read_string(self.profile.read_text("utf-8"))
            security = read["wifi-security"]
            kinds = {told: wifi for wifi, told in _SECURITY.items()}
            return Hall(
                ssid=read["wifi"]["ssid"],
                passphrase=security["psk"],
                wifi=kinds[security["key-mgmt"], int(security["pmf"])],
                address=IPv4Interface(read["ipv4"]["address1"]),
                device=read["connection"]["interface-name"],
            )
        except (OSError, NoProfile, KeyError, ValueError):
            return None

    def device(self) -> str:
        """The wireless device that can be an access point; `NetworkManagerMissing`, `NoWireless`."""
        machine = self._machine
        if not machine.has("nmcli") or machine.run(("nmcli", "-t", "-f", "RUNNING", "general")).said != "running":
            raise NetworkManagerMissing
        rows = (line.split(":") for line in machine.run(("nmcli", "-t", "-f", "DEVICE,TYPE", "device")).said.split())
        wireless = [name for name, *kind in rows if kind == ["wifi"]]
        able = [one for one in wireless if self._can_be_access_point(one)]
        if not able:
            raise NoWireless(", ".join(wireless))
        return able[0]

    def _can_be_access_point(self, device: str) -> bool:
        return self._machine.run(("nmcli", "-g", "WIFI-PROPERTIES.AP", "device", "show", device)).said == "yes"

    def usual(self, device: str) -> Wifi:
        """What that device is known to do: the chip of a Raspberry Pi is an access point with WPA2 alone."""
        return Wifi.WPA2 if self._machine.is_brcmfmac(device) else Wifi.BOTH

    def must_be_possible(self, address: IPv4Interface) -> None:
        """`LeaserMissing`, `MachineForwards`, `AddressTaken`; nothing was changed."""
        if not self._machine.has("dnsmasq"):
            raise LeaserMissing
        if self._machine.forwards():
            raise MachineForwards
        taken = [one for one in self._machine.addresses() if one in address.network and one != address.ip]
        if taken:
            raise AddressTaken(str(taken[0]))

    def switch_on(self, hall: Hall, name: str) -> None:
        """Bring it up, now and at every start; what is up already and unchanged stays as it is.

        `name`: what tablets in it call the box. `AccessPointFailed`, `NeedsRoot`, `CannotWrite`, `ProgramFailed`.
        """
        machine = self._machine
        changed = put(self.profile, hall.profile(), mode=0o600)
        if put(self.leases, hall.leases(name)):
            machine.run(("systemctl", "try-restart", UNIT))
        machine.do("systemctl", "enable", UNIT)
        if changed or not self.is_on():
            machine.do("nmcli", "connection", "load", str(self.profile))
            machine.run(("nmcli", "radio", "wifi", "on"))
            up = machine.run(("nmcli", "--wait", "30", "connection", "up", PROFILE))
            if up.status:
                raise AccessPointFailed(up.complained)
        machine.do("systemctl", "start", UNIT)

    def switch_off(self) -> bool:
        """Take it down and keep it down; the passphrase stays for the next time. Whether there was one.

        `NeedsRoot`, `CannotWrite`, `ProgramFailed`.
        """
        machine, hall = self._machine, self.hall()
        was_wanted = remove(self.leases)
        if hall is not None:
            if put(self.profile, hall.profile(comes_up=False), mode=0o600):
                machine.do("nmcli", "connection", "load", str(self.profile))
            if self.is_on():
                machine.do("nmcli", "connection", "down", PROFILE)
        machine.run(("systemctl", "disable", "--now", UNIT))
        return was_wanted
