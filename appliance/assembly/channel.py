"""Waitress made stricter: half a request has a deadline, and what is no request is refused in words."""

import json
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, WSGITask

from ui.design.headers import NOT_KEPT, SECURITY_HEADERS

_WORDS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        400: ("bad_request", "送られた内容を 読みとれませんでした。"),
        413: ("too_large", "内容が 大きすぎます。短くしてから もう一度 どうぞ。"),
        431: ("headers_too_large", "アドレスか 見出しが 長すぎます。"),
        500: ("unexpected", "うまく いきませんでした。少し待って、もう一度 ためしてください。"),
        501: ("not_implemented", "その送りかたには 対応していません。"),
    }
)
MOST_UNREAD = 1024 * 1024
"""Bytes of events for one browser; far below the mark from which waitress makes a writer wait."""

_HEADERS = (*SECURITY_HEADERS, NOT_KEPT, ("Content-Type", "application/problem+json"))


class StrictParser(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    """Reads a request; whatever cannot be read is an answer of 400, never an exception in the server's loop."""

    def parse_header(self, header_plus: bytes) -> None:
        """See waitress."""
        try:
            super().parse_header(header_plus)
        except ValueError:  # a length of five thousand digits, an address with half a bracket
            raise ParsingError("cannot be read") from None
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("has two lengths")
        self.path: str = self.path or "/"  # an absolute address may have no path (RFC 9112, section 3.2.2)


class WordedErrorTask(ErrorTask):  # type: ignore[misc]
    """Answers what never reached an application, as the applications answer."""

    def execute(self) -> None:
        """See waitress."""
        error = self.request.error
        code, title = _WORDS.get(error.code, _WORDS[400])
        members = {"type": f"urn:madoguchi:problem:{code}", "title": title, "status": error.code, "code": code}
        body = json.dumps(members, ensure_ascii=False).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend(_HEADERS)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class WholeTask(WSGITask):  # type: ignore[misc]
    """Sends head and first piece of an answer in one go; apart they would be two packets, and twice wait for a turn."""

    def write(self, data: bytes) -> None:
        """See waitress."""
        if self.wrote_header:
            super().write(data)
            return
        pieces: list[bytes] = []
        channel: HTTPChannel = self.channel  # type: ignore[has-type]
        self.channel = _Collecting(channel, pieces)
        try:
            super().write(data)
        finally:
            self.channel = channel
        channel.write_soon(b"".join(pieces))


class _Collecting:
    """Stands in for the channel while the beginning of an answer is put together."""

    def __init__(self, channel: HTTPChannel, pieces: list[bytes]) -> None:
        self.server = channel.server
        self.write_soon = pieces.append


class StrictChannel(HTTPChannel):  # type: ignore[misc]
    """A connection; a request that has begun must be whole within the server's `channel_timeout`.

    Waitress counts that time from the last byte, so that a byte now and then would hold a connection for ever. And it
    closes at once behind a refusal, so that whoever is still sending is cut off before the answer is read; this one
    lets them finish, unread, until the same deadline.
    """

    parser_class = StrictParser
    error_task_class = WordedErrorTask
    task_class = WholeTask

    _is_sending = False
    _half_since: float | None = None
    _is_refused = False
    _lingers = False

    def write_soon(self, data: bytes) -> int:
        """See waitress; while a thread sends, the server's loop keeps its hands off (`writable`)."""
        self._is_sending = True
        try:
            return int(super().write_soon(data))
        finally:
            self._is_sending = False
            if self.total_outbufs_len:
                self.server.pull_trigger()

    def writable(self) -> bool:
        """See waitress; but not while a thread is sending.

        The loop would find the line ready and its lock taken, again and again, and that thread would not come back to
        its turn: of fifty screens a few heard of a press 20 ms late.
        """
        return not self._is_sending and bool(super().writable())

    def check_client_disconnected(self) -> bool:
        """See waitress; a reader who leaves that much unread counts as gone, so that nobody waits for it."""
        return not self.connected or self.total_outbufs_len > MOST_UNREAD

    def handle_read(self) -> None:
        """See waitress."""
        super().handle_read()
        if self.request is None and not self._lingers:
            self._half_since = None
        elif self._half_since is None:
            self._half_since = time.time()
        if self._half_since is not None:
            self.last_activity = self._half_since

    def received(self, data: bytes) -> bool:
        """See waitress."""
        if self._lingers:
            return False
        taken = bool(super().received(data))
        self._is_refused = self._is_refused or any(request.error for request in self.requests)
        return taken

    def handle_close(self) -> None:
        """See waitress."""
        if self._is_refused and not self._lingers and self.connected:
            self._lingers, self.will_close = True, False
            self._half_since = self.last_activity = time.time()
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
        else:
            super().handle_close()
