"""The key of what is personal on the box: display names, later bookings; in RAM only while the desk is open."""

import secrets
from uuid import UUID

from appliance.desk.errors import NamesLocked
from appliance.desk.ports import NameSeal

DESK_KEY_LENGTH = 32


class DeskKey:
    """Absent until a sign-in brings it, forgotten at closing and at every stop."""

    def __init__(self, names: NameSeal) -> None:
        self._names = names
        self._key: bytes | None = None

    def __repr__(self) -> str:
        return f"DeskKey({'here' if self.is_here else 'away'})"

    @property
    def is_here(self) -> bool:
        """Whether names can be read."""
        return self._key is not None

    @property
    def key(self) -> bytes:
        """The key, to be wrapped under a PIN; `NamesLocked`."""
        if self._key is None:
            raise NamesLocked
        return self._key

    def make(self) -> None:
        """Take a new key; once in the life of a roster."""
        self._key = secrets.token_bytes(DESK_KEY_LENGTH)

    def fits(self, key: bytes, sealed_name: bytes, *, of: UUID) -> bool:
        """Whether that is the key under which this name lies; a PIN made by the command on the box wraps another."""
        return self._names.open(sealed_name, key, of.bytes) is not None

    def unlock(self, key: bytes) -> None:
        """Somebody's PIN has unwrapped it."""
        self._key = key

    def forget(self) -> None:
        """From now on no name can be read until somebody signs in."""
        self._key = None

    def seal_name(self, name: str, *, of: UUID) -> bytes:
        """The name as it may lie on the disk; `NamesLocked`."""
        return self._names.seal(name, self.key, of.bytes)

    def name(self, sealed: bytes, *, of: UUID) -> str | None:
        """The name again; None while the key is away."""
        return None if self._key is None else self._names.open(sealed, self._key, of.bytes)
