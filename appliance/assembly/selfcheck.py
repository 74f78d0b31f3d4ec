"""Whether the desk still does what it is there for: store, show, tell the room, keep house."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from os import environ

from appliance.assembly.box import Box
from appliance.assembly.pulse import Pulse
from appliance.assembly.service import Health, Supervisor, Watch
from appliance.desk.errors import MadoguchiError
from appliance.messages import text

log = logging.getLogger(__name__)

LONGEST_SILENCE = 120.0
"""Seconds after which a thread that has shown nothing is taken for dead; a bad card may keep one waiting for long."""
LONGEST_WORK = 60.0
"""Seconds that one lamp or one sentence may take."""
PAGE_SECONDS = 4.0
"""How long the check waits for a page."""
KEPT_EVERY = 600.0
"""Seconds between two checks that leave something on the card; those in between are taken back and cost nothing."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as it should be."""

    code: str
    detail: str
    restart_helps: bool
    """A card that takes nothing is no better after a restart, and calls that stand in RAM would be lost by it."""


class SelfCheck:
    """Looks at a running desk from inside."""

    def __init__(self, box: Box, *, pulse: Callable[[], Pulse] = Pulse) -> None:
        """`pulse` makes the clocks by which silence is measured."""
        self._box = box
        self._pages: Pulse | None = None
        self._kept: Pulse | None = None
        self._pulse = pulse

    def look(self) -> Sequence[Finding]:
        """What is wrong now; hangs where the database's lock is never given back, which is for the watchdog to see."""
        return [*self._storage(), *self._room(), *self._threads(), *self._page_server()]

    def _storage(self) -> Iterator[Finding]:
        try:
            self._box.store.rehearse()
            if self._kept is None or self._kept.silent_seconds > KEPT_EVERY:
                self._box.store.keep_sign_of_life()
                self._kept = self._pulse()
        except MadoguchiError as error:
            yield Finding(code="storage", detail=str(error), restart_helps=False)

    def _room(self) -> Iterator[Finding]:
        if self._box.desk.room.is_stuck(after=LONGEST_WORK):
            yield Finding(code="room", detail="lamps and voice do not go on", restart_helps=True)

    def _threads(self) -> Iterator[Finding]:
        for code, pulse in self._box.pulses.items():
            if pulse.silent_seconds > LONGEST_SILENCE:
                yield Finding(code=code, detail=f"silent for {pulse.silent_seconds:.0f} s", restart_helps=True)

    def _page_server(self) -> Iterator[Finding]:
        """One page that is late means a crowd; only a silence means that nobody is served."""
        if answers(self._box.config.server.host, self._box.pages.port):
            self._pages = self._pulse()
        elif self._pages is None:
            yield Finding(code="pages", detail="no page yet", restart_helps=True)
        else:
            silent = self._pages.silent_seconds
            yield Finding(code="pages", detail=f"no page for {silent:.0f} s", restart_helps=silent > LONGEST_SILENCE)


def answers(host: str, port: int) -> bool:
    """Whether `/healthz` comes from there in time."""
    from http import HTTPStatus
    from http.client import HTTPConnection, HTTPException  # the start of the desk shall not wait for it

    connection = HTTPConnection(reachable(host), port, timeout=PAGE_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def reachable(host: str) -> str:
    """Where a server that listens at `host` is reached from this machine."""
    try:
        is_everywhere = ip_address(host).is_unspecified
    except ValueError:
        return host
    return ("::1" if ":" in host else "127.0.0.1") if is_everywhere else host


def health(box: Box, findings: Sequence[Finding]) -> Health:
    """What systemd is told: in words, and whether the desk is worth keeping."""
    if findings:
        codes = ", ".join(f"{one.code} ({one.detail})" for one in findings)
        words = text("health_ill", what=codes)
    else:
        words = text("health_well", address=box.pages.address, unsent=box.store.unsent())
    return Health(is_alive=not any(one.restart_helps for one in findings), words=words)


@contextmanager
def supervised(look: Callable[[], Health]) -> Iterator[None]:
    """As long as this lasts systemd, where it started the desk, hears how it is."""
    watch = Watch(Supervisor.of(environ), look)
    watch.start()
    try:
        yield
    finally:
        watch.stop()
