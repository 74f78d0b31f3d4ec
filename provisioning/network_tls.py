"""LAN TLS on a box: its authority, its certificate and the configuration of nginx, made and renewed in place."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from provisioning.certificates import Authority, Reach, Seen, new_key, seen
from provisioning.errors import CertificateBroken
from provisioning.network_machine import Machine, changing, put, remove
from provisioning.units import SHARE
from sync.files import write_over

TERMINATOR = "madoguchi-tls.service"
RENEWAL = "madoguchi-network.timer"
RENEWED_BEFORE = timedelta(days=120)
"""A box may be away from the hall, or without a clock that anybody vouches for, for as long as that."""
TEMPLATE = Path("nginx/madoguchi-tls.conf.in")
_HOUSES = (Path(sys.prefix) / SHARE, Path(__file__).parents[1] / "systemd")
"""Where the template is: in an installed product, in a checkout."""
_SECRET = 0o600


@dataclass(frozen=True, kw_only=True)
class Time:
    """What the time is, and whether anybody vouches for it."""

    now: datetime
    is_sure: bool


@dataclass(frozen=True, kw_only=True)
class TlsPlace:
    """Where a box keeps what it speaks TLS with."""

    folder: Path
    """The folder of its configuration."""

    @property
    def authority(self) -> Path:
        """Issuer with its key, and the root; missing where the town brought a certificate of its own."""
        return self.folder / "tls" / "issuer.pem"

    @property
    def key(self) -> Path:
        """The key of the certificate."""
        return self.folder / "tls" / "key.pem"

    @property
    def certificate(self) -> Path:
        """The certificate, and the issuer behind it."""
        return self.folder / "tls" / "certificate.pem"

    @property
    def nginx(self) -> Path:
        """The configuration of nginx; its unit starts only where this is."""
        return self.folder / "tls.conf"

    @property
    def is_used(self) -> bool:
        """Whether TLS stands before the pages; anybody may ask."""
        return self.nginx.exists()

    def seen(self) -> Seen:
        """What the certificate says; `CertificateBroken`, `OSError`."""
        return seen(self.certificate.read_bytes(), self.key.read_bytes())

    def held(self) -> Authority | None:
        """The authority of this box; `CertificateBroken`, `NeedsRoot`."""
        with changing(self.authority):
            return Authority.from_pem(self.authority.read_bytes()) if self.authority.exists() else None


class LanTls:
    """Makes and renews it."""

    def __init__(self, place: TlsPlace, machine: Machine, *, template: Path | None = None) -> None:
        self._place = place
        self._machine = machine
        self._template = template or _template()

    def set_up(self, reach: Reach, *, time: Time, port: int, afresh: bool = False) -> None:
        """Have an authority, a certificate that fits and what nginx needs to know; what is in order stays.

        A certificate that the town brought is used as it is. `afresh`: another authority, which tablets have to be
        given again. `OutsideAuthority`, `CertificateBroken`, `NeedsRoot`, `CannotWrite`.
        """
        if not afresh and self._is_brought():
            self._taken_up(self._configure(reach, port))
            return
        authority = (None if afresh else self._place.held()) or self._born(reach, time)
        self._keep_all_fresh(authority, reach, time, port)

    def start(self) -> None:
        """Let nginx stand before pages that know of it, now and at every start; `ProgramFailed`."""
        self._machine.do("systemctl", "enable", "--now", TERMINATOR, RENEWAL)

    def renew(self, reach: Reach, *, time: Time, port: int) -> bool:
        """Do what has become necessary; whether anything has. Where the box has no authority, nothing is."""
        authority = self._place.held()
        if authority is None or not self._place.is_used:
            return False
        lost = authority.outside(reach)
        known = Reach(
            names=tuple(name for name in reach.names if name not in lost),
            addresses=tuple(one for one in reach.addresses if str(one) not in lost),
        )
        return bool(known.names) and self._keep_all_fresh(authority, known, time, port)

    def stop(self) -> bool:
        """Speak no TLS any more; authority and certificate stay for the next time. Whether it did."""
        was_used = remove(self._place.nginx)
        self._machine.run(("systemctl", "disable", "--now", TERMINATOR, RENEWAL))
        return was_used

    def _is_brought(self) -> bool:
        """Whether the town put a certificate of its own there; `CertificateBroken` where it is not for its key."""
        place = self._place
        with changing(place.certificate):
            if place.authority.exists() or not place.certificate.exists():
                return False
            if not place.seen().fits_key:
                raise CertificateBroken("key.pem is not the key of certificate.pem")
        return True

    def _born(self, reach: Reach, time: Time) -> Authority:
        """Never half of it: without the file of the authority, written last, the next call begins again."""
        place = self._place
        with changing(place.certificate):
            authority = Authority.born(reach.names, beside=reach.addresses, at=time.now)
            place.authority.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.certificate.unlink(missing_ok=True)
            write_over(place.key, new_key(), mode=_SECRET)
            write_over(place.authority, authority.to_pem(), mode=_SECRET)
        return authority

    def _keep_all_fresh(self, authority: Authority, reach: Reach, time: Time, port: int) -> bool:
        """Certificate and configuration; whether either is new."""
        is_new = self._keep_fresh(authority, reach, time)
        return self._taken_up(self._configure(self._place.seen().reach, port) or is_new)

    def _taken_up(self, is_new: bool) -> bool:  # noqa: FBT001 # what is asked is its only meaning
        """Let a running nginx read what is new."""
        if is_new:
            self._machine.run(("systemctl", "try-restart", TERMINATOR))
        return is_new

    def _keep_fresh(self, authority: Authority, reach: Reach, time: Time) -> bool:
        """A certificate for that, unless the present one will do; whether there is a new one."""
        place = self._place
        with changing(place.certificate):
            if self._will_do(authority, reach, time):
                return False
            if not place.key.exists():
                write_over(place.key, new_key(), mode=_SECRET)
            write_over(place.certificate, authority.certificate(place.key.read_bytes(), reach, at=time.now))
        return True

    def _will_do(self, authority: Authority, reach: Reach, time: Time) -> bool:
        """A clock that nobody vouches for is no reason to replace a certificate."""
        place = self._place
        if not place.certificate.exists() or not authority.has_issued(place.certificate.read_bytes()):
            return False
        try:
            now = place.seen()
        except (CertificateBroken, FileNotFoundError):
            return False
        is_in_time = now.since <= time.now <= now.until - RENEWED_BEFORE or not time.is_sure
        return now.fits_key and is_in_time and not now.reach.lacks(reach)

    def _configure(self, reach: Reach, port: int) -> bool:
        named = " ".join([*reach.names, *map(str, reach.addresses)])
        text = self._template.read_text("utf-8").replace("@NAMES@", named).replace("@PORT@", str(port))
        return put(self._place.nginx, text)


def _template() -> Path:
    return next(path for path in (house / TEMPLATE for house in _HOUSES) if path.exists())


def reach_of(names: Sequence[str], addresses: Sequence[IPv4Address]) -> Reach:
    """What browsers may call a box: names, and addresses also where they stand among the names."""
    split = [(name, _address(name)) for name in names]
    spoken = dict.fromkeys(name.lower() for name, address in split if address is None)
    numbers = dict.fromkeys([*(address for _, address in split if address is not None), *addresses])
    return Reach(names=tuple(spoken), addresses=tuple(sorted(numbers)))


def _address(name: str) -> IPv4Address | None:
    try:
        return IPv4Address(name)
    except ValueError:
        return None
