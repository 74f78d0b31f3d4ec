"""Somebody at a terminal: starts a command, reads what it says, and presses Ctrl-C."""

import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from tests.house.machine import wait_until

_CTRL_C = b"\x03"


def _sit_down_at(terminal: int) -> None:
    """Whoever was started in the background does not hear Ctrl-C otherwise."""
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A command on a terminal of its own, shown here as it goes along."""

    def __init__(self, words: Sequence[str]) -> None:
        self._ours, theirs = pty.openpty()
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            words,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: _sit_down_at(theirs),  # noqa: PLW1509 (no threads yet)
        )
        os.close(theirs)
        self._said = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while chunk := self._chunk():
            self._said += chunk
            sys.stdout.write(chunk.decode(errors="replace").replace("\r\n", "\n"))
            sys.stdout.flush()

    def _chunk(self) -> bytes:
        try:
            return os.read(self._ours, 4096)
        except OSError:  # the last one has hung up
            return b""

    @property
    def said(self) -> str:
        """All of it so far."""
        return self._said.decode(errors="replace").replace("\r\n", "\n")

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait(self, *, seconds: float) -> int:
        """Its exit status."""
        status = self._process.wait(seconds)
        self._reader.join(timeout=5)
        return status

    def press_ctrl_c(self) -> None:
        """As a key."""
        os.write(self._ours, _CTRL_C)

    def wait_for(self, words: str, *, seconds: float) -> None:
        """Until it has said so; `TimeoutError`."""
        wait_until(lambda: words in self.said or not self.runs, seconds=seconds, what=words)
        assert words in self.said, self.said[-2000:]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self.runs:
            self._process.kill()
        self.wait(seconds=30)
        os.close(self._ours)
