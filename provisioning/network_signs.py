"""What a doctor looks at in the network of a box: whether tablets reach it, its own Wi-Fi, its LAN certificate."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from appliance.config import Config
from provisioning.certificates import Seen
from provisioning.errors import CertificateBroken
from provisioning.findings import Finding
from provisioning.network_tls import TlsPlace, reach_of
from provisioning.network_wifi import LEASES
from provisioning.presets import USUAL
from provisioning.surroundings import Surroundings

SOON = timedelta(days=30)
"""A certificate is renewed long before; one that is not has nobody who does it."""


def of_network(config: Config, folder: Path, around: Surroundings) -> Iterator[Finding]:
    """Address, access point and certificate of the box whose configuration lies in `folder`."""
    place = TlsPlace(folder=folder)
    is_hall = (folder / LEASES).exists()
    yield _address(config, around, is_alone=not (is_hall or place.is_used))
    yield _access_point(around) if is_hall else Finding(name="access_point_unused")
    yield _certificate(config, place, around)


def _address(config: Config, around: Surroundings, *, is_alone: bool) -> Finding:
    if is_alone and config.server.host in {"localhost", "127.0.0.1", "::1"}:
        return Finding(name="address_not_needed")
    own = around.addresses()
    return Finding(name="address_there", detail=", ".join(map(str, own))) if own else Finding(name="address_missing")


def _access_point(around: Surroundings) -> Finding:
    if around.forwards():
        return Finding(name="access_point_forwards")
    return Finding(name="access_point_on" if around.access_point_is_on() else "access_point_off")


def _certificate(config: Config, place: TlsPlace, around: Surroundings) -> Finding:
    if not place.is_used:
        return Finding(name="tls_missing" if USUAL[config.desk.preset].lan_tls else "tls_unused")
    try:
        seen = place.seen()
    except PermissionError:
        return Finding(name="tls_closed")
    except (OSError, CertificateBroken) as error:
        return Finding(name="tls_broken", detail=getattr(error, "strerror", None) or str(error))
    return _judged(seen, config, around, is_ours=place.authority.exists())


def _judged(seen: Seen, config: Config, around: Surroundings, *, is_ours: bool) -> Finding:
    until = f"{seen.until.astimezone():%Y-%m-%d}"
    if not seen.fits_key:
        return Finding(name="tls_broken", detail="key.pem")
    if not seen.since <= around.now() <= seen.until - SOON:
        return Finding(name="tls_ends", detail=f"{seen.since.astimezone():%Y-%m-%d} - {until}")
    lacking = seen.reach.lacks(reach_of(config.server.names, around.addresses() if is_ours else ()))
    speaks = not lacking if is_ours else any(_speaks_for(seen, name) for name in config.server.names)
    return (
        Finding(name="tls_good", detail=until) if speaks else Finding(name="tls_other_names", detail=", ".join(lacking))
    )


def _speaks_for(seen: Seen, name: str) -> bool:
    """Whether a certificate that the town brought has that name, or a star in its place."""
    return bool({name, f"*.{name.partition('.')[2]}"} & set(seen.reach.names))
