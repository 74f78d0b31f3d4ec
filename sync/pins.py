"""The desk key under each person's PIN, and display names under the desk key.

A PIN is right exactly when it unwraps the desk key; nothing else that could be compared is kept. Six digits do not
resist somebody who takes the database home and searches: a stolen box gives its display names up after some hours.
"""

import os
import threading

from sync.errors import NotOpenable
from sync.keys import open_under, seal_under, stretched

SALT_LENGTH = 16
NAME_ROOM = 64
"""Every name is padded to so many bytes, so that its length tells nothing."""

_KEY_CONTEXT = b"madoguchi/v1/desk-key\0"
_NAME_CONTEXT = b"madoguchi/v1/display-name\0"


class Argon2Pins:
    """Port `PinLock`: Argon2id with 19 MiB, one derivation at a time, so that a burst of sign-ins eats no memory."""

    def __init__(self) -> None:
        self._alone = threading.Lock()

    def wrap(self, key: bytes, pin: str, owner: bytes) -> tuple[bytes, bytes]:
        """See the port."""
        salt = os.urandom(SALT_LENGTH)
        return salt, seal_under(self._stretched(pin, salt), key, bound_to=_KEY_CONTEXT + owner)

    def unwrap(self, salt: bytes, wrapped: bytes, pin: str, owner: bytes) -> bytes | None:
        """See the port."""
        try:
            return open_under(self._stretched(pin, salt), wrapped, bound_to=_KEY_CONTEXT + owner)
        except NotOpenable:
            return None

    def _stretched(self, pin: str, salt: bytes) -> bytes:
        with self._alone:
            return stretched(pin, salt)


class NameCipher:
    """Port `NameSeal`: ChaCha20-Poly1305, each name bound to whose it is."""

    def seal(self, name: str, key: bytes, owner: bytes) -> bytes:
        """See the port."""
        return seal_under(key, name.encode().ljust(NAME_ROOM, b"\0"), bound_to=_NAME_CONTEXT + owner)

    def open(self, sealed: bytes, key: bytes, owner: bytes) -> str | None:
        """See the port."""
        try:
            return open_under(key, sealed, bound_to=_NAME_CONTEXT + owner).rstrip(b"\0").decode()
        except NotOpenable:
            return None
