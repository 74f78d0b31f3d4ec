"""A program's way in: issued by a person, for one scope, until a day, shown once and kept as a digest only."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from appliance.desk.facts.moment import Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A bearer token as the desk remembers it."""

    id: UUID
    name: str
    """What the issuer calls the program; never a person's name."""
    digest: bytes
    """SHA-256 of the token itself."""
    scope: str
    issued: datetime
    expires: datetime | None
    revoked: bool = False

    def opens(self, scope: str, now: Moment) -> bool:
        """Whether it is good for `scope` now; an expiry is not believed to have come by a clock nobody vouches for."""
        return self.scope == scope and not self.revoked and not self.has_expired(now)

    def has_expired(self, now: Moment) -> bool:
        """Whether its last day is over, as far as the clock can be trusted."""
        return self.expires is not None and now.quality.is_trusted and now.wall >= self.expires


def digest_of(token: str) -> bytes:
    """How a token is remembered; it is long and random, so a plain hash cannot be searched."""
    return sha256(token.encode()).digest()
