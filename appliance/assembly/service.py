"""The desk as a service: what systemd hands it, and what systemd is told of it. sd_notify(3), sd_listen_fds(3)."""

import logging
import os
import socket
import threading
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass

log = logging.getLogger(__name__)

FIRST_HANDED = 3
LOOK_SECONDS = 10.0
"""How often the desk is looked at where systemd keeps no watchdog."""
RETRY_SECONDS = 0.5
"""How long until the next look while the desk is not ready yet."""


@dataclass(frozen=True, kw_only=True)
class Health:
    """How the desk is: whether it works, and what to say of it in one line."""

    is_alive: bool
    words: str


class Supervisor:
    """systemd, as far as it wants to hear from this process; whoever was started by hand tells nobody."""

    def __init__(self, address: str = "", *, watchdog_seconds: float | None = None) -> None:
        """`address` as in NOTIFY_SOCKET; after `watchdog_seconds` without food the process is ended."""
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_seconds = watchdog_seconds

    @classmethod
    def of(cls, environment: MutableMapping[str, str]) -> "Supervisor":
        """The one that the environment names; what it says is taken out, for it is meant for no child."""
        address = environment.pop("NOTIFY_SOCKET", "")
        for_whom, microseconds = environment.pop("WATCHDOG_PID", ""), environment.pop("WATCHDOG_USEC", "")
        is_for_us = microseconds and for_whom in {"", str(os.getpid())}
        return cls(address, watchdog_seconds=int(microseconds) / 1_000_000 if is_for_us else None)

    @property
    def listens(self) -> bool:
        """Whether anybody wants to hear."""
        return bool(self._address)

    def tell(self, *lines: str) -> None:
        """Send `KEY=value` lines; that nobody takes them is logged, for the desk goes on."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            log.warning("systemd was not told: %s", error)


class Watch:
    """Looks at the desk again and again; systemd's watchdog is fed only after a look that found it working."""

    def __init__(self, supervisor: Supervisor, look: Callable[[], Health]) -> None:
        """A look that never comes back ends the feeding, as it should."""
        self._supervisor = supervisor
        self._look = look
        self._every = (supervisor.watchdog_seconds or 3 * LOOK_SECONDS) / 3
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Say `READY=1` after the first good look, then go on; nothing at all where nobody wants to hear."""
        if self._supervisor.listens:
            self._thread.start()

    def stop(self) -> None:
        """Tell that the desk is about to end."""
        self._stopping.set()
        self._supervisor.tell("STOPPING=1")

    def _run(self) -> None:
        said = ["READY=1"]
        while not self._stopping.is_set():
            health = self._guarded_look()
            if health.is_alive:
                self._supervisor.tell(*said, "WATCHDOG=1", f"STATUS={health.words}")
                said = []
            else:
                self._supervisor.tell(f"STATUS={health.words}")
            self._stopping.wait(RETRY_SECONDS if said else self._every)

    def _guarded_look(self) -> Health:
        try:
            return self._look()
        except Exception:
            log.exception("looking at the desk failed; the watchdog is not fed")
            return Health(is_alive=False, words="?")


def handed_listener(name: str, environment: MutableMapping[str, str]) -> socket.socket | None:
    """The listening socket that systemd opened under that name for this process, taken once; None if there is none."""
    if environment.get("LISTEN_PID") != str(os.getpid()):
        return None
    names = environment.get("LISTEN_FDNAMES", "").split(":")
    count = int(environment.get("LISTEN_FDS", "0"))
    for key in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        environment.pop(key, None)
    for descriptor, handed in enumerate(names[:count], FIRST_HANDED):
        os.set_inheritable(descriptor, False)  # noqa: FBT003 (the standard library's own)
        if handed == name:
            return socket.socket(fileno=descriptor)
    return None
