"""Who may come in: PINs that open the desk key, and tokens that live as long as the process."""

from collections.abc import Collection, Mapping
from functools import cached_property
from hashlib import sha256

from appliance.desk.ports import NameSeal, PinLock, Tokens


class PinsOnDemand:
    """Ports `PinLock` and `NameSeal`; loads cryptography with the first PIN, because no start shall wait for it."""

    def wrap(self, key: bytes, pin: str, owner: bytes) -> tuple[bytes, bytes]:
        """See the port."""
        return self._pins.wrap(key, pin, owner)

    def unwrap(self, salt: bytes, wrapped: bytes, pin: str, owner: bytes) -> bytes | None:
        """See the port."""
        return self._pins.unwrap(salt, wrapped, pin, owner)

    def seal(self, name: str, key: bytes, owner: bytes) -> bytes:
        """See the port."""
        return self._names.seal(name, key, owner)

    def open(self, sealed: bytes, key: bytes, owner: bytes) -> str | None:
        """See the port."""
        return self._names.open(sealed, key, owner)

    @cached_property
    def _pins(self) -> PinLock:
        from sync.pins import Argon2Pins

        return Argon2Pins()

    @cached_property
    def _names(self) -> NameSeal:
        from sync.pins import NameCipher

        return NameCipher()


class HashedTokens:
    """Port `Tokens` over SHA-256 digests; the tokens themselves are kept nowhere."""

    def __init__(self, tokens: Mapping[str, Collection[str]]) -> None:
        """`tokens`: token -> scopes."""
        self._scopes = {sha256(token.encode()).digest(): frozenset(scopes) for token, scopes in tokens.items()}

    def allows(self, token: str, scope: str) -> bool:
        """See the port."""
        return scope in self._scopes.get(sha256(token.encode()).digest(), frozenset())


class EitherTokens:
    """Port `Tokens` over several: what one of them allows is allowed."""

    def __init__(self, *tokens: Tokens) -> None:
        self._tokens = tokens

    def allows(self, token: str, scope: str) -> bool:
        """See the port."""
        for one in self._tokens:  # noqa: SIM110 (at every request; `any` over a generator takes three times as long)
            if one.allows(token, scope):
                return True
        return False
