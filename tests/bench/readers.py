"""Fifty readers of server-sent events in one cheap process: prints, for each version of the board, when each had it."""

import json
import re
import selectors
import socket
import sys
import time
from collections import defaultdict
from collections.abc import Iterator

_EVENT = re.compile(rb"id: \d+\.(\d+)\n.*?\n\n", re.DOTALL)


class Stream:
    """One open stream, read as far as it goes."""

    def __init__(self, port: int, cookie: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        request = f"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n"
        self.socket.sendall(request.encode())
        self._read = b""
        self._version = -1

    def new_versions(self) -> Iterator[int]:
        """The versions it has now and had not before, those that were skipped included."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the desk closed a stream")
        self._read += piece
        end = 0
        for event in _EVENT.finditer(self._read):
            end, newest = event.end(), int(event[1])
            first = self._version + 1 if self._version >= 0 else newest
            yield from range(first, newest + 1)
            self._version = max(self._version, newest)
        self._read = self._read[end:]


def main(port: int, cookies: list[str]) -> None:
    waiting = selectors.DefaultSelector()
    for cookie in cookies:
        stream = Stream(port, cookie)
        waiting.register(stream.socket, selectors.EVENT_READ, stream)
    arrivals: defaultdict[int, list[float]] = defaultdict(list)
    while True:
        for key, _ in waiting.select():
            now = time.monotonic()
            for version in key.data.new_versions():
                arrivals[version].append(now)
                if len(arrivals[version]) == len(cookies):
                    print(json.dumps(arrivals.pop(version)), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
