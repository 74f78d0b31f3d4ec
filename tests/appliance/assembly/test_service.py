"""What systemd hears of a desk, over a real datagram socket, and what it hands one."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.assembly.service import Health, Supervisor, Watch, handed_listener

WELL = Health(is_alive=True, words="ひらいています")
ILL = Health(is_alive=False, words="とまっています")


class Systemd:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)

    def hears(self, *, within: float = 5.0) -> list[str]:
        """The lines of the next message; none if nothing comes."""
        self._socket.settimeout(within)
        try:
            return self._socket.recv(4096).decode().splitlines()
        except TimeoutError:
            return []

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["file", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Systemd]:
    address = str(tmp_path / "notify") if request.param == "file" else f"@madoguchi-test-{os.getpid()}"
    systemd = Systemd(address)
    yield systemd
    systemd.close()


def watched(systemd: Systemd, watch_seconds: float = 0.3) -> Supervisor:
    return Supervisor(systemd.address, watchdog_seconds=watch_seconds)


def test_ready_is_said_once_and_then_the_watchdog_is_fed(systemd: Systemd) -> None:
    watch = Watch(watched(systemd), lambda: WELL)
    watch.start()
    assert systemd.hears() == ["READY=1", "WATCHDOG=1", "STATUS=ひらいています"]
    assert systemd.hears() == ["WATCHDOG=1", "STATUS=ひらいています"]
    watch.stop()
    heard = [systemd.hears(), systemd.hears(within=0.5)]
    assert ["STOPPING=1"] in heard
    assert systemd.hears(within=0.5) == []


def test_a_desk_that_does_not_work_yet_is_not_ready(systemd: Systemd) -> None:
    looks = iter([ILL, ILL])
    watch = Watch(watched(systemd), lambda: next(looks, WELL))
    watch.start()
    assert [systemd.hears(), systemd.hears()] == [["STATUS=とまっています"]] * 2
    assert systemd.hears()[0] == "READY=1"
    watch.stop()


def test_a_look_that_finds_the_desk_dead_or_fails_feeds_nobody(systemd: Systemd) -> None:
    looks = iter([WELL, ILL])

    def look() -> Health:
        return next(looks)

    watch = Watch(watched(systemd), look)
    watch.start()
    assert "WATCHDOG=1" in systemd.hears()
    assert systemd.hears() == ["STATUS=とまっています"]
    assert systemd.hears() == ["STATUS=?"]
    watch.stop()


def test_a_look_that_never_comes_back_stops_the_feeding(systemd: Systemd) -> None:
    stuck = threading.Event()
    looks = iter([WELL])

    def look() -> Health:
        for health in looks:
            return health
        stuck.wait(20)
        return WELL

    watch = Watch(watched(systemd), look)
    watch.start()
    assert "WATCHDOG=1" in systemd.hears()
    assert systemd.hears(within=1.5) == []
    watch.stop()
    stuck.set()


def test_whoever_was_started_by_hand_tells_nobody() -> None:
    looked = threading.Event()

    def look() -> Health:
        looked.set()
        return WELL

    supervisor = Supervisor.of({})
    watch = Watch(supervisor, look)
    watch.start()
    assert not supervisor.listens
    assert not looked.wait(0.5)
    watch.stop()


def test_a_systemd_that_has_gone_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Supervisor(str(tmp_path / "nobody")).tell("READY=1")
    assert "systemd was not told" in caplog.text


def test_what_the_environment_says_is_meant_for_no_child(systemd: Systemd) -> None:
    environment = {
        "NOTIFY_SOCKET": systemd.address,
        "WATCHDOG_USEC": "30000000",
        "WATCHDOG_PID": str(os.getpid()),
        "LANG": "C",
    }
    supervisor = Supervisor.of(environment)
    assert environment == {"LANG": "C"}
    assert supervisor.watchdog_seconds == 30
    supervisor.tell("STATUS=?")
    assert systemd.hears() == ["STATUS=?"]


def test_the_watchdog_of_another_process_is_not_ours() -> None:
    environment = {"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}
    assert Supervisor.of(environment).watchdog_seconds is None


def test_no_listener_is_handed_to_a_process_that_was_started_by_hand() -> None:
    assert handed_listener("courier", {}) is None
    assert handed_listener("courier", {"LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "courier"}) is None


HANDED = """
import os, sys
from appliance.assembly.service import handed_listener
os.dup2(0, 3), os.dup2(int(sys.argv[1]), 4)  # as systemd hands them
environment = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "2", "LISTEN_FDNAMES": "another:courier", "LANG": "C"}
listener = handed_listener("courier", environment)
assert environment == {"LANG": "C"}, environment
assert not os.get_inheritable(3) and not os.get_inheritable(4)
listener.accept()[0].sendall(b"come in")
"""


def test_a_handed_listener_is_found_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "door.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        words = [sys.executable, "-c", HANDED, str(listener.fileno())]
        desk = subprocess.Popen(words, pass_fds=[listener.fileno()])
    with socket.socket(socket.AF_UNIX) as courier:
        courier.settimeout(20)
        courier.connect(str(path))
        assert courier.recv(100) == b"come in"
    assert desk.wait(timeout=20) == 0
