"""What follows from how a municipality works: one table for everybody who asks what is usual there."""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.config import Preset
from provisioning.ceremony import Recovery


@dataclass(frozen=True, kw_only=True, slots=True)
class Usual:
    """What is usual under one preset; what people set on a box afterwards wins."""

    lan_tls: bool
    """Tablets in the hall come over TLS, so `madoguchi provision network` makes a site CA and a certificate."""
    by_wire: bool
    """Records go to a receiver; the site must name it, or say in so many words that only sticks travel."""
    away_minutes: int
    """`desk.away_minutes`: a tablet sleeps during a visit, a box's own screen does not."""
    recovery: Recovery
    """How the recovery key is kept unless `town keys --recovery` says otherwise."""


USUAL: Mapping[Preset, Usual] = {
    Preset.TOWN: Usual(lan_tls=False, by_wire=False, away_minutes=5, recovery=Recovery.ENVELOPES),
    Preset.CITY: Usual(lan_tls=True, by_wire=True, away_minutes=15, recovery=Recovery.TWO_OF_THREE),
}
