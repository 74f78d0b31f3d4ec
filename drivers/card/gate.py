"""The gate: what is not on the list never reaches a card."""

from collections.abc import Callable
from typing import NamedTuple

from drivers.card import apdu
from drivers.card.apdu import ALLOWED, Application, Deed, File, Status

Transmit = Callable[[bytes], tuple[bytes, int]]
"""Sends one command and gives data and status word."""
_READ_BYTES = 5
_FILES: dict[tuple[Application | None, bytes], File] = {
    (file.application, apdu.select_file(file)): file for file in File
}
_APPLICATIONS = {apdu.select_application(application): application for application in Application}


class Refused(Exception):
    """A command that must never leave; the words hold nothing of it."""

    def __init__(self) -> None:
        super().__init__("a command that is not on the list was refused")


class Answer(NamedTuple):
    """What a card said."""

    data: bytes
    status: int

    def __repr__(self) -> str:
        """Without what it said."""
        return f"Answer(status={self.status:04X})"


class Gate:
    """The only way to one connection of a card; knows where in the card it is.

    What it cannot follow (a command that failed, a lost answer) counts as nowhere, and from there only an application
    can be entered.
    """

    def __init__(self, transmit: Transmit, *, atr: bytes) -> None:
        self._transmit = transmit
        self._storage = apdu.storage(atr)
        self._application: Application | None = None
        self._file: File | None = None
        self._has_verified = False

    def send(self, command: bytes) -> Answer:
        """Send it if it is on the list; `Refused` if it is not, and whatever the connection raises."""
        command = bytes(command)
        if command in _APPLICATIONS and self._storage is None:
            return self._enter(command)
        if (file := _FILES.get((self._application, command))) is not None:
            return self._turn(command, file)
        if not self._is_allowed(command):
            raise Refused
        return Answer(*self._transmit(command))

    def _enter(self, command: bytes) -> Answer:
        self._application = self._file = None
        answer = Answer(*self._transmit(command))
        if answer.status == Status.DONE:
            self._application = _APPLICATIONS[command]
        return answer

    def _turn(self, command: bytes, file: File) -> Answer:
        self._file = None
        answer = Answer(*self._transmit(command))
        if answer.status == Status.DONE:
            self._file = file
        return answer

    def _is_allowed(self, command: bytes) -> bool:
        if command == apdu.IDENTIFIER:
            return self._storage is not None
        if self._file is None:
            return False
        deeds = ALLOWED[self._file]
        if command == apdu.ASK:
            return Deed.ASK in deeds
        if _is_read(command):
            return Deed.READ in deeds
        return Deed.VERIFY in deeds and self._may_verify(command, deeds[Deed.VERIFY])

    def _may_verify(self, command: bytes, length: int) -> bool:
        """Once in a connection, and only what has its form."""
        digits = command[len(apdu.ASK) + 1 :]
        if self._has_verified or len(digits) != length or not digits.isdigit() or command != apdu.verify(digits):
            return False
        self._has_verified = True
        return True


def _is_read(command: bytes) -> bool:
    """READ BINARY of the file turned to; with the top bit of the offset set it would name another file."""
    return len(command) == _READ_BYTES and command[:2] == b"\x00\xb0" and command[2] < apdu.READ_END >> 8
