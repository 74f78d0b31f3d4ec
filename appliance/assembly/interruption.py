"""Ctrl-C and SIGTERM, waited for so that none is missed."""

import os
import select
import signal
import time

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """The end of a verb that runs until somebody ends it.

    An `Event` set by a handler misses the signal that comes while the main thread lies down, or that the kernel hands
    to another thread: neither wakes a lock. Python writes every signal into a pipe at once, and a pipe wakes.
    """

    def __init__(self) -> None:
        """From now on both signals end `wait` instead of the process; in the main thread."""
        self._has_come = False
        self._heard, told = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(self._heard, True)
        signal.set_wakeup_fd(told)
        for number in SIGNALS:
            signal.signal(number, lambda *_: None)

    def comes_within(self, seconds: float) -> bool:
        """Sleep until one of them has come, for so long at most; whether it has. `wait` returns at once then."""
        until = time.monotonic() + seconds
        while not self._has_come and select.select([self._heard], [], [], max(0.0, until - time.monotonic()))[0]:
            self._has_come = os.read(self._heard, 1)[0] in SIGNALS
        return self._has_come

    def wait(self) -> None:
        """Sleep until one of them has come; those that come later change nothing."""
        while not self._has_come:
            self._has_come = os.read(self._heard, 1)[0] in SIGNALS
        os.close(signal.set_wakeup_fd(-1))
        os.close(self._heard)
