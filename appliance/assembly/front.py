"""What the configuration says about who may call the desk's pages, and how often."""

from appliance.assembly.addresses import is_own_address
from appliance.config import LimitsSection, ServerSection
from ui.desk.limits import Limits, Rate
from ui.hosts import KnownHosts


def hosts_of(server: ServerSection) -> KnownHosts:
    """The names of this machine."""
    return KnownHosts(names=(server.host, *server.names), is_own_address=is_own_address)


def limits_of(limits: LimitsSection) -> Limits:
    """The rates; at once, each may have what a few seconds would bring."""
    return Limits(
        sign_ins=Rate(at_once=limits.sign_ins_per_minute, per_second=limits.sign_ins_per_minute / 60),
        writes=Rate(at_once=max(1, limits.writes_per_second * 10 // 3), per_second=limits.writes_per_second),
        pages=Rate(at_once=limits.pages_per_second * 4, per_second=limits.pages_per_second),
    )
