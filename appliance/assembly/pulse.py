"""Signs of life of something that works in a thread of its own."""

import time
from collections.abc import Callable


class Pulse:
    """When something last showed that it goes on; begins with a sign of life."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`monotonic`: seconds of a clock that nobody sets."""
        self._monotonic = monotonic
        self.beat()

    def beat(self) -> None:
        """Show a sign of life."""
        self._last = self._monotonic()

    @property
    def silent_seconds(self) -> float:
        """How long ago the last one was."""
        return self._monotonic() - self._last
