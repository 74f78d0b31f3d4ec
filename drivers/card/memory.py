"""Cards in memory: they answer as real ones are known to, refuse as they do, and can be pulled away or fall silent."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from drivers.card.failures import Lifted
from drivers.card.forged import length

Reply = tuple[bytes, int]
_DONE, _ABSENT, _WRONG, _PAST_END = 0x9000, 0x6A82, 0x6A86, 0x6B00
_NOT_VERIFIED, _LOCKED, _NOTHING_SELECTED, _UNKNOWN = 0x6982, 0x6984, 0x6986, 0x6D00
_LEFT = 0x63C0
_SELECT, _READ, _VERIFY, _DATA = 0xA4, 0xB0, 0x20, 0xCA
_BY_NAME, _BY_NUMBER = 4, 2
_READER_CLASS = 0xFF


@dataclass(kw_only=True)
class Pin:
    """A PIN of a card, and how often it may still be tried; shows its digits to nobody."""

    digits: bytes = field(repr=False)
    most: int
    left: int = -1

    def __post_init__(self) -> None:
        """Every try is there unless it is said how many."""
        self.left = self.most if self.left < 0 else self.left

    def try_digits(self, digits: bytes) -> int:
        """The status word; a wrong one is counted."""
        if self.left == 0:
            return _LOCKED
        if digits != self.digits:
            self.left -= 1
            return _LEFT | self.left if self.left else _LOCKED
        self.left = self.most
        return _DONE


@dataclass(kw_only=True)
class Application:
    """One application of a card: files, PINs, and which PINs open which file; any one of them does."""

    files: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    pins: Mapping[int, Pin] = field(default_factory=dict)
    opened_by: Mapping[int, frozenset[int]] = field(default_factory=dict)


class MemoryCard:
    """One card. `heard` is told every command that reaches it, so that a test can say what never did."""

    def __init__(
        self,
        *,
        atr: bytes,
        applications: Mapping[bytes, Application] | None = None,
        name: bytes = b"",
        delay: float = 0.0,
        silent_at: int | None = None,
        pulled_at: int | None = None,
    ) -> None:
        """`name` is what it calls itself to its reader; at which command (from 1) it falls silent or is pulled away."""
        self.atr = atr
        self.heard: Callable[[bytes], None] = lambda _command: None
        self.on_pulled: Callable[[], None] = lambda: None
        self._applications = applications or {}
        self._name = name
        self._delay = delay
        self._silent_at, self._pulled_at = silent_at, pulled_at
        self._commands = 0
        self._lifted = threading.Event()
        self.reset()

    def reset(self) -> None:
        """As after power on: nothing entered, nothing opened."""
        self._application: Application | None = None
        self._file: int | None = None
        self._opened: set[int] = set()

    def lay_down(self) -> None:
        """It is put on a reader, again or for the first time."""
        self._lifted.clear()
        self._commands = 0
        self.reset()

    def pull_after(self, commands: int) -> None:
        """From now on it is pulled away at that command, counted from 1."""
        self._commands, self._pulled_at = 0, commands

    def lift(self) -> None:
        """It is taken away; whoever waits for its answer is told."""
        self._lifted.set()

    def transmit(self, command: bytes) -> Reply:
        """Answer one command; `Lifted` if it is taken away meanwhile."""
        self.heard(command)
        self._commands += 1
        if self._delay:
            time.sleep(self._delay)
        if self._commands == self._pulled_at:
            self._lifted.set()
            self.on_pulled()
        if self._commands == self._silent_at:
            self._lifted.wait()
        if self._lifted.is_set():
            raise Lifted
        return self._answer(command)

    def _answer(self, command: bytes) -> Reply:
        if command[:2] == bytes([_READER_CLASS, _DATA]):
            return (self._name, _DONE) if self._name else (b"", _ABSENT)
        if len(command) < 4 or command[0] != 0:  # noqa: PLR2004 (class, instruction and two parameters)
            return b"", _UNKNOWN
        answers = {_SELECT: self._select, _READ: self._read, _VERIFY: self._verify}
        answer = answers.get(command[1])
        return answer(command) if answer else (b"", _UNKNOWN)

    def _select(self, command: bytes) -> Reply:
        target = command[5:]
        if command[2] == _BY_NAME:
            self.reset()
            self._application = self._applications.get(target)
            return b"", _DONE if self._application else _ABSENT
        if command[2] != _BY_NUMBER:
            return b"", _WRONG
        if self._application is None:
            return b"", _NOTHING_SELECTED
        self._file = int.from_bytes(target, "big")
        known = self._file in self._application.files or self._file in self._application.pins
        return b"", _DONE if known else _ABSENT

    def _read(self, command: bytes) -> Reply:
        if self._application is None or self._file is None or self._file not in self._application.files:
            return b"", _NOTHING_SELECTED
        if (keys := self._application.opened_by.get(self._file)) is not None and not keys & self._opened:
            return b"", _NOT_VERIFIED
        content, at = self._application.files[self._file], int.from_bytes(command[2:4], "big")
        if at >= len(content):
            return b"", _PAST_END
        return content[at : at + (command[4] or 256)], _DONE

    def _verify(self, command: bytes) -> Reply:
        if self._application is None or self._file is None or (pin := self._application.pins.get(self._file)) is None:
            return b"", _NOTHING_SELECTED
        if len(command) == 4:  # noqa: PLR2004 (the empty form)
            return b"", _DONE if self._file in self._opened else _LEFT | pin.left
        status = pin.try_digits(command[5:])
        (self._opened.add if status == _DONE else self._opened.discard)(self._file)
        return b"", status


def tagged(tag: int, value: bytes) -> bytes:
    """Tag, length and value as the cards' own files hold them."""
    return tag.to_bytes(2, "big") + length(len(value)) + value
