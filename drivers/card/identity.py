"""Whether a card calls itself the same each time, and a keyed hash in the place of that name."""

import base64
import hmac
from collections.abc import Mapping

_FELICA_BYTES = 8
_TYPE_A_BYTES = (4, 7, 10)
_TELEPHONE = b"\x02\xfe"
"""A telephone that plays a FeliCa card, and calls itself what it likes."""
_RANDOM = 0x08
_SHORT = 4
_SYSTEM = 0x0F
"""The upper half of the first byte depends on who asks."""
_LETTERS = 26


def stable_name(storage: str, name: bytes) -> bytes | None:
    """The same bytes for the same card whoever asks; None for a card that is not the same tomorrow."""
    if storage == "felica":
        steady = len(name) == _FELICA_BYTES and _normal(name)[:2] != _TELEPHONE and any(name)
        return b"felica\0" + _normal(name) if steady else None
    if storage == "type_a" and len(name) in _TYPE_A_BYTES:
        is_random = len(name) == _SHORT and name[0] == _RANDOM
        return None if is_random or not any(name) else b"type_a\0" + name
    return None


def tokens(name: bytes, keys: Mapping[str, bytes]) -> tuple[str, ...]:
    """`version:letters` for each version of the key, in the order given."""
    return tuple(f"{version}:{_token(name, key)}" for version, key in keys.items())


def _token(name: bytes, key: bytes) -> str:
    return base64.b32encode(hmac.digest(key, name, "sha256")).decode()[:_LETTERS].lower()


def _normal(name: bytes) -> bytes:
    return bytes([name[0] & _SYSTEM]) + name[1:]
