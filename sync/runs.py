"""What one run of a courier comes to, by wire or on foot, and what it says when the desk does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from sync.door import BrokenFrame, DoorClosed, DoorRefused
from sync.errors import MalformedMessage, SyncError


@dataclass(frozen=True, kw_only=True, slots=True)
class RunResult:
    """What one run carried; bytes are those of HTTP with its request and status lines, or of files on a stick."""

    sent: int = 0
    receipted: int = 0
    waiting: int = 0
    quarantined: int = 0
    bytes_out: int = 0
    bytes_in: int = 0


class NotReached(SyncError):
    """The run could not be finished; nothing is lost and the next one goes on."""

    code = "not_reached"
    exit_code: ClassVar[int] = 75
    result: RunResult = RunResult()
    """What the run carried before it ended."""


class DeskNotReached(NotReached):
    """The desk does not answer at its courier door, or does not let this user in."""

    code = "desk_not_reached"
    ja = "窓口の機器に つながりません。動いているか 確かめてください。記録は 失われていません。"
    en = "The desk does not answer at its courier door; no record is lost."


@contextmanager
def desk_words() -> Iterator[None]:
    """Say in the courier's words that the desk is not there; `DeskNotReached`."""
    try:
        yield
    except (DoorClosed, DoorRefused, BrokenFrame, MalformedMessage) as error:
        raise DeskNotReached(str(error)) from None
