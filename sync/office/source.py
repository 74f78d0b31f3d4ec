"""Where the office's records come from and its lists go to."""

from typing import Protocol

from sync.wire import Pulled


class Source(Protocol):
    """A receiver, near or far; every method raises `SourceAway` when it does not answer."""

    @property
    def road(self) -> str:
        """By what the office knows it again: each has a bookmark of its own, and is told everything."""
        ...

    def records(self, after: int, limit: int) -> Pulled:
        """Up to `limit` records that were stored after the number `after`, oldest first, with their epochs."""
        ...

    def publish(self, opened: bytes) -> None:
        """Lay a signed opened list out for its device; a second time is harmless."""
        ...

    def announce(self, notice: bytes) -> None:
        """Lay a signed notice out for all devices; a second time is harmless."""
        ...

    def admit(self, admission: bytes) -> None:
        """Make a box known by its request and its certificate; a second time is harmless."""
        ...

    def take_leaving(self, leaving: bytes) -> None:
        """Bring the signed list of boxes that have left; a second time is harmless."""
        ...
