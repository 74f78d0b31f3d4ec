"""A web application on waitress: one process, many threads, ended quickly."""

import logging
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from appliance.assembly.channel import StrictChannel
from appliance.assembly.workers import Workers
from appliance.desk.errors import ConfigError
from ui.design.headers import NOT_KEPT, SECURITY_HEADERS

THREADS = 128
"""Enough for 96 event streams and pages beside them."""

LONGEST_BODY = 128 * 1024
"""A larger body is refused before it is read; the applications allow less."""
LONGEST_HEADERS = 16 * 1024
PATIENCE = 10
CLEANUP_SECONDS = 2
UNREACHABLE_AFTER = 30
"""A browser that has acknowledged nothing for so many seconds is gone, as a tablet that was carried out of the house.

The kernel itself would wait for a quarter of an hour, and a stream to nobody would keep somebody at the desk.
"""

_UNTIL_UNREACHABLE = (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREACHABLE_AFTER * 1000)

_BEHIND_TLS = {
    "trusted_proxy": "127.0.0.1",
    "trusted_proxy_count": 1,
    "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-for"},
}

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


HEALTHY = b'{"status":"ok"}'
LONGEST_WAIT = 30.0
"""How long a request waits for the pages of a desk that is opening, on the slowest board."""


class Gate:
    """Stands before an application that is still being loaded: a browser that comes early waits instead of failing.

    `/healthz` is answered at once, because the gate opens only after the database has: records can be stored.
    """

    def __init__(self) -> None:
        self._open = threading.Event()
        self._application: Application | None = None

    def open(self, application: Application) -> None:
        """Let everybody through, those who wait included."""
        self._application = application
        self._open.set()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The answer of the application, as soon as it is there."""
        if self._application is None and environ["PATH_INFO"] == "/healthz":
            return _say(start_response, "200 OK", HEALTHY)
        self._open.wait(LONGEST_WAIT)
        if self._application is None:
            return _say(start_response, "503 Service Unavailable", b"{}", ("Retry-After", "5"))
        return self._application(environ, start_response)


def _say(start_response: Callable[..., Any], status: str, body: bytes, *headers: tuple[str, str]) -> Iterable[bytes]:
    length = ("Content-Length", str(len(body)))
    start_response(status, [("Content-Type", "application/json"), *SECURITY_HEADERS, NOT_KEPT, length, *headers])
    return [body]


class PageServer:
    """Serves one application on one address until stopped."""

    def __init__(
        self,
        application: Application,
        *,
        host: str,
        port: int,
        threads: int = THREADS,
        longest_body: int = LONGEST_BODY,
        patience: int = PATIENCE,
        behind_tls: bool = False,
    ) -> None:
        """Take the address at once; `ConfigError` if somebody else has it. Port 0 takes any free one.

        A request must be whole after `patience` seconds. With `behind_tls` a program on loopback speaks TLS to
        browsers: what it says of their address and of TLS is believed, and of nobody else.
        """
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        workers = Workers()
        workers.set_thread_count(threads)
        try:
            self._server = create_server(
                application,
                _dispatcher=workers,
                host=host,
                port=port,
                threads=threads,
                connection_limit=1000,
                channel_timeout=patience,
                cleanup_interval=CLEANUP_SECONDS,
                channel_request_lookahead=1,
                max_request_header_size=LONGEST_HEADERS,
                max_request_body_size=longest_body + 1,
                inbuf_overflow=2 * longest_body,  # never reached: what a visitor said is in no temporary file
                clear_untrusted_proxy_headers=True,
                ident="madoguchi",
                **(_BEHIND_TLS if behind_tls else {}),
            )
            self._server.channel_class = StrictChannel
            self._server.adj.socket_options = [*self._server.adj.socket_options, _UNTIL_UNREACHABLE]
        except OSError as error:
            raise ConfigError("server.port", f"{host}:{port} cannot be used: {error.strerror}") from None
        self.port = int(self._server.effective_port)
        self.address = f"http://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.run, name=f"pages-{self.port}", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests and let the running ones finish for up to a second."""
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=1)
        # Only the listening socket, and in its own thread; a late answer may still need the trigger beside it.
        self._server.trigger.pull_trigger(lambda: wasyncore.dispatcher.close(self._server))

    def hang_up(self) -> None:
        """After `stop`: close the lines that browsers keep open, so that they ask whoever serves the address next."""
        self._server.trigger.pull_trigger(self._close_channels)

    def _close_channels(self) -> None:
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()
