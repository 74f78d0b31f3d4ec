"""A pcscd of the tests' own, with vsmartcard's virtual reader, and a hand that lays cards in memory on it."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from drivers.card.failures import Lifted
from drivers.card.memory import MemoryCard

DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"
_OFF, _ON, _RESET, _ATR = 0, 1, 2, 4
_NAMESPACE = ("unshare", "--mount", "--propagation", "unchanged")
_OWN_RUN = "{ mount --make-rprivate / 2>/dev/null || :; } && mount -t tmpfs none /run"
"""The first fails where the root is no mount of its own, and is of no use there."""
_AS_ROOT = () if os.geteuid() == 0 else ("--user", "--map-root-user")


def missing() -> str:
    """What this machine lacks for a pcscd of its own; empty if nothing."""
    if not shutil.which("pcscd") or not DRIVER.exists():
        return "pcscd and vsmartcard-vpcd are not installed (provisioning/setup.sh tests)"
    tried = subprocess.run([*_NAMESPACE, *_AS_ROOT, "sh", "-c", _OWN_RUN], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "this machine lets nobody mount anything for himself"


class VirtualReader:
    """The hand at the virtual reader: whoever is connected to its driver is the card."""

    def __init__(self, port: int = 0) -> None:
        self.port = port or _free_port()
        self._talking: socket.socket | None = None
        self._card: MemoryCard | None = None

    def lay_down(self, card: MemoryCard) -> None:
        self.lift()
        card.lay_down()
        card.on_pulled = self.lift
        self._card = card
        self._talking = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        self._talking.settimeout(None)
        threading.Thread(target=_serve, args=(self._talking, card), daemon=True).start()

    def lift(self) -> None:
        card, self._card = self._card, None
        talking, self._talking = self._talking, None
        if card is not None:
            card.lift()
        if talking is not None:
            with suppress(OSError):
                talking.shutdown(socket.SHUT_RDWR)


def _serve(talking: socket.socket, card: MemoryCard) -> None:
    talking.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with talking, suppress(OSError, Lifted):
        _answer_all(talking, card)


def _answer_all(talking: socket.socket, card: MemoryCard) -> None:
    while True:
        _acknowledge(talking)
        command = _received(talking, int.from_bytes(_received(talking, 2), "big"))
        if len(command) > 1:
            data, status = card.transmit(command)
            _send(talking, data + status.to_bytes(2, "big"))
        elif command[0] == _ATR:
            _send(talking, card.atr)
        else:
            card.reset()


def _acknowledge(talking: socket.socket) -> None:
    """At once: the driver writes length and body apart, and waits 40 ms for this between them."""
    talking.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _received(talking: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = talking.recv(size - len(data))
        if not more:
            raise OSError("the driver has gone")
        data += more
        _acknowledge(talking)
    return data


def _send(talking: socket.socket, data: bytes) -> None:
    talking.sendall(len(data).to_bytes(2, "big") + data)


def described(port: int) -> str:
    """The reader as a file tells pcscd of it; its driver listens at that port."""
    return f'FRIENDLYNAME "Virtual PICC"\nDEVICENAME /dev/null:{port:#x}\nLIBPATH {DRIVER}\nCHANNELID {port:#x}\n'


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Pcscd:
    """pcscd with one virtual reader, in a namespace where /run/pcscd is a folder of ours."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        (folder / "run").mkdir()
        (folder / "readers").mkdir()
        (folder / "readers" / "vpcd").write_text(described(port))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self._folder / "run" / "pcscd.comm"

    def start(self) -> None:
        script = f"{_OWN_RUN} && mkdir /run/pcscd && mount --bind $1 /run/pcscd && shift && exec pcscd $@"
        arguments = [str(self._folder / "run"), "-f", "-c", str(self._folder / "readers"), *_without_polkit()]
        self._process = subprocess.Popen(
            [*_NAMESPACE, *_AS_ROOT, "sh", "-c", script, "sh", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 10
        while not self.listens():
            assert time.monotonic() < until, "pcscd does not start"
            time.sleep(0.02)

    def listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
        for left in ("pcscd.comm", "pcscd.pid"):
            (self._folder / "run" / left).unlink(missing_ok=True)


def _without_polkit() -> list[str]:
    """Newer ones ask a service that the tests do not bring who may come in."""
    offered = subprocess.run(["pcscd", "--help"], capture_output=True, text=True, check=False)
    return ["--disable-polkit"] if "--disable-polkit" in offered.stdout + offered.stderr else []


@contextmanager
def pcscd(reader: VirtualReader) -> Iterator[Pcscd]:
    """One that runs meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="pcscd-"))  # short: the path of a socket has 107 characters at most
    daemon = Pcscd(folder, reader.port)
    try:
        daemon.start()
        yield daemon
    finally:
        reader.lift()
        daemon.stop()
        shutil.rmtree(folder)
