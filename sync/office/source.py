"""Where the office's records come from and its lists go to."""

from typing import Protocol

from sync.wire import Pulled


class Source(Protocol):
    """A receiver, near or far; every method raises `SourceAway` when it does not answer."""

    def records(self, after: int, limit: int) -> Pulled:
        """Up to `limit` records that were stored after the number `after`, oldest first, with their epochs."""
        ...

    def publish(self, opened: bytes) -> None:
        """Lay a signed opened list out for its device; a second time is harmless."""
        ...
