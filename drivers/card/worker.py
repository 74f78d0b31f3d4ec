"""The process that owns every byte of a card: requests come in as lines of JSON, what lies there goes out.

The first line says how to begin: `{"reader": part of its name, "leave_alone": whether a card that lies there is not to
be touched}`. Nothing of a card goes to standard error.
"""

import json
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from drivers.card.attendant import Attendant, Tell
from drivers.card.cores import leave_no_core
from drivers.card.failures import Lifted
from drivers.card.gate import Gate
from drivers.card.slot import NoLibrary, Slot, SlotState

try:
    from drivers.card.reader import PcscSlot
except ImportError:  # no pyscard, or not the library under it
    PcscSlot = None  # type: ignore[assignment,misc]


class _NoSlot:
    """Where no reader can be spoken to."""

    def wait(self, seen: SlotState | None) -> SlotState:  # noqa: ARG002 (see `Slot`)
        raise NoLibrary

    def open(self, state: SlotState) -> AbstractContextManager[Gate]:  # noqa: ARG002 (see `Slot`)
        raise Lifted


def main() -> None:
    """Serve standard input until it ends, which is when whoever started us has."""
    sys.excepthook = lambda kind, _error, _trace: _end(kind)
    threading.excepthook = lambda told: _end(told.exc_type)
    leave_no_core()
    first = json.loads(sys.stdin.readline() or "{}")
    attendant = Attendant(_slot(first.get("reader", "")), _teller(), leave_alone=first.get("leave_alone", False))
    for run in (attendant.watch, attendant.work):
        threading.Thread(target=run, name=run.__name__, daemon=True).start()
    for line in sys.stdin:
        attendant.ask(json.loads(line))
    os._exit(0)  # a thread that waits for a silent card would never end, and pyscard may crash at an orderly end


def _teller() -> Tell:
    def tell(line: Mapping[str, Any]) -> None:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    return tell


def _slot(wanted: str) -> Slot:
    return _NoSlot() if PcscSlot is None else PcscSlot(wanted)


def _end(kind: type[BaseException] | None) -> None:
    """With its name alone: words and values of an error might be somebody's."""
    sys.stderr.write(f"the card's process ends: {(kind or Exception).__name__}\n")
    sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    main()
