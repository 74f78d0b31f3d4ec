"""Who may come in, until the roster of staff is there: one PIN, and tokens that live as long as the process."""

import hmac
from collections.abc import Collection, Mapping
from hashlib import sha256

from appliance.desk.facts.staff import StaffRole


class OnePin:
    """Port `StaffDoor` with a single PIN for volunteers."""

    def __init__(self, pin: str) -> None:
        self._pin = pin

    def role_for(self, pin: str) -> StaffRole | None:
        """See the port."""
        return StaffRole.PROMOTION_VOLUNTEER if hmac.compare_digest(pin.encode(), self._pin.encode()) else None


class HashedTokens:
    """Port `Tokens` over SHA-256 digests; the tokens themselves are kept nowhere."""

    def __init__(self, tokens: Mapping[str, Collection[str]]) -> None:
        """`tokens`: token -> scopes."""
        self._scopes = {sha256(token.encode()).digest(): frozenset(scopes) for token, scopes in tokens.items()}

    def allows(self, token: str, scope: str) -> bool:
        """See the port."""
        return scope in self._scopes.get(sha256(token.encode()).digest(), frozenset())
