"""Where a card is put: what the reader's process needs of PC/SC, and of the cards in memory that stand in for it."""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import ClassVar, NamedTuple, Protocol

from drivers.card.gate import Gate

_NO_WORD = re.compile(r"\W+")


class SlotState(NamedTuple):
    """What lies in the slot."""

    counter: int
    """Moves with every card that comes or goes."""
    has_card: bool
    atr: bytes = b""
    readers: tuple[str, ...] = ()
    """All readers that are plugged in; the first is this one. Empty where there is none."""


class SlotDown(Exception):
    """There is no slot at present; `status` says why."""

    status: ClassVar[str] = "no_service"


class NoLibrary(SlotDown):
    """What speaks to readers is not installed; waiting will not help."""

    status = "no_library"


class Slot(Protocol):
    """One place for one card."""

    def wait(self, seen: SlotState | None) -> SlotState:
        """What lies there as soon as it differs from `seen`, or after a few seconds; `SlotDown`."""
        ...

    def open(self, state: SlotState) -> AbstractContextManager[Gate]:
        """A connection to the very card of that state, for us alone, which forgets what was opened in it at the end.

        `Gone` where another lies there now, `Busy` where somebody else holds it, `Lifted` from every command.
        """
        ...


def ranked(readers: Sequence[str], wanted: str) -> tuple[str, ...]:
    """The best first: the one that is wanted, or a contactless one; never the slot for the reader's own key card."""
    if wanted:
        return tuple(name for name in readers if wanted in name)
    usable = [name for name in readers if "SAM" not in _NO_WORD.split(name.upper())]
    return tuple(sorted(usable, key=lambda name: not any(word in name.upper() for word in ("PICC", "CONTACTLESS"))))
