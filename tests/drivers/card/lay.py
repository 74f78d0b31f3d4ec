"""Lays a simulated card on a virtual reader until it is asked nothing more, and prints every command that it heard.

`python -m tests.drivers.card.lay PORT SAMPLE`: a program, so that it can be started inside another network.
"""

import sys
import time
from datetime import UTC, datetime

from drivers.card.samples import SAMPLES
from tests.drivers.card.virtual import VirtualReader

LEAST, MOST = 1.0, 15.0
"""Seconds of silence after a command; and until the first one."""


def main(port: str, sample: str) -> None:
    hand, card = VirtualReader(int(port)), SAMPLES[sample](datetime.now(UTC))
    quiet_from = time.monotonic() + MOST - LEAST

    def hear(command: bytes) -> None:
        nonlocal quiet_from
        quiet_from = time.monotonic()
        print(command.hex(), flush=True)

    card.heard = hear
    hand.lay_down(card)
    while time.monotonic() < quiet_from + LEAST:
        time.sleep(0.05)
    hand.lift()


if __name__ == "__main__":
    main(*sys.argv[1:])
