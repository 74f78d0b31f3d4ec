"""The threads that answer requests: whoever worked last works next, because its memory is still at hand."""

import threading

from waitress.task import ThreadedTaskDispatcher


class NewestFirst:
    """What of a condition waitress uses, but that it wakes who fell asleep last; `threading.Condition` wakes the first.

    With 128 threads in turn each request would find a thread whose stack has left the processor's caches long ago.
    """

    def __init__(self, lock: threading.Lock) -> None:
        """`lock` is held by whoever calls a method."""
        self._lock = lock
        self._asleep: list[threading.Lock] = []

    def wait(self) -> None:
        """Sleep until woken."""
        bed = threading.Lock()
        bed.acquire()
        self._asleep.append(bed)
        self._lock.release()
        try:
            bed.acquire()
        finally:
            self._lock.acquire()

    def notify(self) -> None:
        """Wake one, if anybody sleeps."""
        if self._asleep:
            self._asleep.pop().release()

    def notify_all(self) -> None:
        """Wake everybody."""
        while self._asleep:
            self.notify()


class Workers(ThreadedTaskDispatcher):  # type: ignore[misc] # waitress has no types
    """See waitress."""

    def __init__(self) -> None:
        super().__init__()
        self.queue_cv = NewestFirst(self.lock)
