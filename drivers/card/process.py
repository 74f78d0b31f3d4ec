"""Starts the process of the reader, and carries lines of JSON to it and from it."""

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from appliance.desk.facts.card import CardState, ReaderStatus
from drivers.card.client import Ended, Line, Start

_COMMAND = (sys.executable, "-m", "drivers.card.worker")
_CHUNK = 65536
_REAP_SECONDS = 5.0
_SURVEY_SECONDS = 10.0
"""Until a process has started on the slowest board."""


class ReaderProcess:
    """Port `Child`: a process of its own. What it sends is never logged."""

    def __init__(self, first: Line, *, command: Sequence[str] = _COMMAND) -> None:
        """`first` is the line that says how to begin; `Ended` if it does not start."""
        try:
            self._process = subprocess.Popen(  # noqa: S603 (our own words)
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
        except OSError:
            raise Ended from None
        self._read = b""
        self._writing = threading.Lock()
        try:
            self.tell(first)
        except Ended:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def tell(self, line: Line) -> None:
        """See `Child`."""
        with self._writing:
            pipe = self._process.stdin
            if pipe is None or pipe.closed:
                raise Ended
            try:
                pipe.write(json.dumps(line).encode() + b"\n")
            except OSError:
                raise Ended from None

    def hear(self, seconds: float | None) -> Line | None:
        """See `Child`."""
        until = None if seconds is None else time.monotonic() + seconds
        while b"\n" not in self._read:
            left = None if until is None else max(until - time.monotonic(), 0)
            if not select.select([self._out()], [], [], left)[0]:
                return None
            more = os.read(self._out(), _CHUNK)
            if not more:
                raise Ended
            self._read += more
        line, self._read = self._read.split(b"\n", 1)
        heard: Line = json.loads(line)
        return heard

    def kill(self) -> None:
        """See `Child`; whoever hears finds the end of the pipe."""
        self._process.kill()

    def close(self) -> None:
        """See `Child`."""
        self._process.kill()
        self._process.wait(_REAP_SECONDS)
        with self._writing:
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()

    def _out(self) -> int:
        if self._process.stdout is None or self._process.stdout.closed:
            raise Ended
        return self._process.stdout.fileno()


def survey(wanted: str = "", *, command: Sequence[str] = _COMMAND) -> CardState:
    """What readers there are, for whoever examines a box; a card that lies there is not touched."""
    try:
        child = ReaderProcess({"reader": wanted, "leave_alone": True}, command=command)
    except Ended:
        return CardState(reader=ReaderStatus.NO_LIBRARY)
    try:
        while (line := child.hear(_SURVEY_SECONDS)) is not None:
            if line["is"] == "reader":
                return CardState(reader=ReaderStatus(line["status"]), readers=tuple(line["readers"]))
        return CardState(reader=ReaderStatus.NO_SERVICE)
    except Ended:
        return CardState(reader=ReaderStatus.NO_LIBRARY)
    finally:
        child.close()


def reader_process(wanted: str = "") -> Start:
    """Starts a process for the reader whose name holds `wanted`; empty takes the best."""
    return lambda leave_alone: ReaderProcess({"reader": wanted, "leave_alone": leave_alone})
