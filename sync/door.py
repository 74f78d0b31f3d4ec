"""How the courier asks the desk: one question and one answer at a time, as frames of CBOR on a Unix stream socket."""

import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from sync.errors import SyncError
from sync.wire import MAX_BATCH_BYTES, as_text, decode, encode, fields

MAX_FRAME_BYTES = 2 * MAX_BATCH_BYTES
LENGTH_BYTES = 4

FRAME_SECONDS = 10.0
"""A frame that has begun is complete within this time."""
ANSWER_SECONDS = 60.0
"""How long the courier waits for the desk's answer."""

OK = "ok"
REFUSED = "refused"
MAX_DETAIL = 500


class BrokenFrame(SyncError):
    """The other side sent half a frame, one that is too large, or nothing in time."""

    code = "broken_frame"
    ja = "窓口の機器との やりとりが 途中で 切れました。記録は 失われていません。"
    en = "The talk at the courier door broke off; no record is lost."


class DoorClosed(SyncError):
    """Nobody answers at the courier door."""

    code = "door_closed"
    ja = "窓口の機器が 応答しません。電源と 動作を 確かめてください。記録は 失われていません。"
    en = "The desk does not answer at its courier door; no record is lost."


class DoorRefused(SyncError):
    """The desk understood the question and said no; `reason` is the code it gave."""

    code: ClassVar[str] = "door_refused"
    ja = "窓口の機器が 受けつけませんでした。記録は 失われていません。"
    en = "The desk refused; no record is lost."

    def __init__(self, reason: str, detail: str) -> None:
        """`reason` is a stable code, `detail` says what exactly."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


def read_frame(connection: socket.socket, *, idle: float) -> bytes | None:
    """The next frame, or None if the other side left or said nothing for `idle` seconds; `BrokenFrame`."""
    connection.settimeout(idle)
    try:
        first = connection.recv(1)
    except TimeoutError:
        return None
    if not first:
        return None
    deadline = time.monotonic() + FRAME_SECONDS
    length = int.from_bytes(first + _receive(connection, LENGTH_BYTES - 1, deadline))
    if not 1 <= length <= MAX_FRAME_BYTES:
        raise BrokenFrame(f"a frame of {length} bytes; 1 to {MAX_FRAME_BYTES} are allowed")
    return bytes(_receive(connection, length, deadline))


def write_frame(connection: socket.socket, body: bytes) -> None:
    """Send one frame; `BrokenFrame` if the other side does not take it in time."""
    if not 1 <= len(body) <= MAX_FRAME_BYTES:
        raise BrokenFrame(f"a frame of {len(body)} bytes; 1 to {MAX_FRAME_BYTES} are allowed")
    connection.settimeout(FRAME_SECONDS)
    try:
        connection.sendall(len(body).to_bytes(LENGTH_BYTES) + body)
    except TimeoutError:
        raise BrokenFrame("nobody took the frame") from None


def _receive(connection: socket.socket, count: int, deadline: float) -> bytearray:
    received = bytearray()
    while len(received) < count:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            piece = connection.recv(min(count - len(received), 256 * 1024))
        except TimeoutError:
            raise BrokenFrame("half a frame, then silence") from None
        if not piece:
            raise BrokenFrame("half a frame, then the end")
        received += piece
    return received


class Door:
    """The courier's side of the door, for one run."""

    def __init__(self, path: Path) -> None:
        """Knock at the socket `path`; `DoorClosed`."""
        self._connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._connection.settimeout(FRAME_SECONDS)
        try:
            self._connection.connect(str(path))
        except OSError as error:
            self._connection.close()
            raise DoorClosed(f"{path}: {error.strerror or error}") from None

    def ask(self, verb: str, *arguments: object) -> list[object]:
        """The desk's answer; `DoorRefused`, `DoorClosed`, `BrokenFrame`, `MalformedMessage`."""
        question = encode([verb, *arguments])
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # sent away; why is said in the frame to be read
                write_frame(self._connection, question)
            frame = read_frame(self._connection, idle=ANSWER_SECONDS)
        except OSError as error:
            raise DoorClosed(error.strerror or str(error)) from None
        if frame is None:
            raise DoorClosed("the desk hung up")
        return _answer(frame)

    def __enter__(self) -> "Door":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _answer(frame: bytes) -> list[object]:
    answer = decode(frame, limit=MAX_FRAME_BYTES)
    if type(answer) is not list or not answer:
        raise BrokenFrame("an answer that is none")
    if answer[0] != OK:
        _, reason, detail = fields(answer, 3)
        raise DoorRefused(as_text(reason, most=64), as_text(detail, most=MAX_DETAIL))
    return answer[1:]
