"""What a card may ever hear, written down once more, apart from the product; and a record of what left the gate."""

import re
import threading
from collections.abc import Iterable

from drivers.card.gate import Gate, Transmit

IDENTIFIER = "ffca000000"
MAY_LEAVE = re.compile(
    "|".join(
        (
            IDENTIFIER,
            "00a4040c0ad392f000260100000001",
            "00a4040c0ad3921000310001010408",
            "00a4020c02(0006|000a|0018|001b|0002|0011|0015)",
            "00b0[0-7].{5}",
            "00200080",
            "0020008004(3[0-9]){4}",
            "002000800e(3[0-9]){14}",
        )
    )
)
_FILES = {"d392f000260100000001": "0006 000a 0018 001b", "d3921000310001010408": "0002 0011 0015"}


class Follower:
    """Knows by rules of its own what a card may hear next in one connection."""

    def __init__(self) -> None:
        self.verified = 0
        self._application = self._file = ""

    def fits(self, text: str) -> bool:
        """Whether that may follow, in lower hex."""
        return MAY_LEAVE.fullmatch(text) is not None and self._fits(text)

    def _fits(self, text: str) -> bool:
        if text.startswith("00a404"):
            self._application, self._file = text[10:], ""
            return True
        if text.startswith("00a402"):
            self._file = text[10:]
            return self._file in _FILES.get(self._application, "").split()
        if text.startswith("00b0"):
            return self._file in ("0006", "000a", "0002")
        if text == "00200080":
            return self._file in ("0018", "001b", "0011", "0015")
        self.verified += 1
        return self.verified == 1 and {"0011": 18, "0015": 38}.get(self._file) == len(text)


def wrong_ones(heard: Iterable[str]) -> list[str]:
    """What of this no card may hear; whatever begins with an application counts as another connection."""
    wrong, follower = [], Follower()
    for text in heard:
        if text.startswith("00a404"):
            follower = Follower()
        if text != IDENTIFIER and not follower.fits(text):
            wrong.append(text)
    return wrong


class GateRecord:
    """Every command that left a gate of this process, judged when it leaves."""

    def __init__(self) -> None:
        self.count = 0
        self.wrong: list[str] = []
        self._lock = threading.Lock()

    def __enter__(self) -> "GateRecord":
        """Stand behind every gate from now on."""
        self._made = Gate.__init__
        record = self

        def made(gate: Gate, transmit: Transmit, *, atr: bytes) -> None:
            record._made(gate, record.noting(transmit), atr=atr)

        Gate.__init__ = made  # type: ignore[method-assign, assignment]
        return self

    def __exit__(self, *_: object) -> None:
        """Stand aside."""
        Gate.__init__ = self._made  # type: ignore[method-assign]

    def noting(self, transmit: Transmit) -> Transmit:
        follower = Follower()

        def noted(command: bytes) -> tuple[bytes, int]:
            text = command.hex()
            with self._lock:
                self.count += 1
                if text != IDENTIFIER and not follower.fits(text):
                    self.wrong.append(text)
            return transmit(command)

        return noted
