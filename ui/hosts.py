"""By which names a browser may call this machine: a page from elsewhere that leads here under its own name stops."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from flask import Flask, request

from ui.problems import Refusal

_HOST = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::[0-9]{1,5})?", re.ASCII)
_ABSOLUTE = re.compile(r"https?://(?P<host>[^/?#]*)", re.IGNORECASE)
_OLD = "HTTP/1.0"
"""The version in which a request need not say whom it is for; no browser speaks it."""
MOST_FAMILIAR = 64
"""So many names and addresses are remembered as this machine's."""


@dataclass(frozen=True, kw_only=True)
class KnownHosts:
    """This machine's names: loopback, what its network calls it (*.local), its own addresses, and `names`."""

    names: Collection[str] = ()
    is_own_address: Callable[[str], bool] = lambda _address: False

    def know(self, host: str) -> bool:
        """Whether a Host header of that text is meant for this machine."""
        found = _HOST.fullmatch(host.lower())
        if not found:
            return False
        name = found["six"] or found["name"].rstrip(".")
        if name == "localhost" or name.endswith(".local") or name in {one.lower() for one in self.names}:
            return True
        try:
            address = ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self.is_own_address(name)


NEARBY = KnownHosts()
"""Loopback and *.local only."""


def add_known_hosts(app: Flask, known: KnownHosts) -> None:
    """Answer only requests that are meant for this machine; comes before everything else the app does."""
    familiar: set[str] = set()  # what most requests name, so that it is taken apart once

    def is_known(host: str) -> bool:
        if host in familiar:
            return True
        knows = known.know(host)
        if knows and len(familiar) < MOST_FAMILIAR:
            familiar.add(host)
        return knows

    @app.before_request
    def check() -> None:
        environ = request.environ
        if _is_usual(environ) and environ["HTTP_HOST"] in familiar:
            return
        if not all(map(is_known, _named(environ))):
            title = "このアドレスでは ここを 開けません。係の人に 聞いた アドレスで 開いてください。"
            raise Refusal(400, "unknown_host", title, detail="the Host header names another machine")


def _is_usual(environ: Mapping[str, str]) -> bool:
    """Whether it names one host and a path, as every browser does."""
    return "HTTP_HOST" in environ and environ.get("REQUEST_URI", "/").startswith("/")


def _named(environ: Mapping[str, str]) -> Iterator[str]:
    """Every host this request names."""
    host = environ.get("HTTP_HOST")
    if host is not None or environ.get("SERVER_PROTOCOL") != _OLD:
        yield host or ""
    asked = environ.get("REQUEST_URI", "/")
    if not asked.startswith("/"):
        absolute = _ABSOLUTE.match(asked)
        yield absolute["host"] if absolute else ""
