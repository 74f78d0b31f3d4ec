"""A web application on waitress: one process, many threads, ended quickly."""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from waitress.server import create_server

from appliance.desk.errors import ConfigError

THREADS = 128
"""Enough for 96 event streams and pages beside them."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class PageServer:
    """Serves one application on one address until stopped."""

    def __init__(self, application: Application, *, host: str, port: int, threads: int = THREADS) -> None:
        """Take the address at once; `ConfigError` if somebody else has it. Port 0 takes any free one."""
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        try:
            self._server = create_server(
                application,
                host=host,
                port=port,
                threads=threads,
                connection_limit=1000,
                channel_timeout=10,
                channel_request_lookahead=1,
                clear_untrusted_proxy_headers=True,
                ident="madoguchi",
            )
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
        self._server.trigger.pull_trigger(self._server.close)  # in its own thread: nobody closes a socket it is waiting on
        self._thread.join(timeout=1)
