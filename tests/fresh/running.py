"""`make run` in a fresh Debian: prepared, answering, ended by Ctrl-C, and quick the second time."""

import json
import re
import socket
import time
import urllib.error
import urllib.request

from tests.fresh.root import Fresh, fresh, nobody_is_left
from tests.fresh.terminal import Terminal
from tests.house.machine import wait_until

PORTS = (8080, 8090)
FIRST_SECONDS = 900.0
SECOND_SECONDS = 5.0
_ADDRESSES = re.compile(r'^\{"desk": .*\}$', re.MULTILINE)


def run(suite: str) -> dict[str, object]:
    """Seconds of both starts; asserts what the README promises."""
    taken = [port for port in PORTS if _answers(port)]
    assert not taken, f"port {taken} is taken on this computer"
    with fresh(suite) as root:
        versions = root.versions()
        first = _started_and_ended(root)
        second = _started_and_ended(root)
    assert second <= SECOND_SECONDS, f"the second start took {second:.1f} s"
    return {**versions, "first_start_seconds": round(first, 1), "second_start_seconds": round(second, 1)}


def _answers(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


def _started_and_ended(root: Fresh) -> float:
    """Seconds from the command to the first answer."""
    with Terminal(root.words("make run")) as terminal:
        wait_until(lambda: _healthy(PORTS[0]) or not terminal.runs, seconds=FIRST_SECONDS, what="/healthz")
        seconds = time.monotonic() - terminal.began
        terminal.wait_for('"office_token"', seconds=30)
        _look_at(terminal.said)
        terminal.press_ctrl_c()
        terminal.wait(seconds=30)
    assert nobody_is_left(terminal.said), terminal.said[-2000:]
    assert not any(_answers(port) for port in PORTS)
    return seconds


def _look_at(said: str) -> None:
    """The addresses are the README's, and all of them answer."""
    line = _ADDRESSES.search(said)
    assert line is not None, said[-2000:]
    addresses = json.loads(line.group())
    assert [addresses["desk"], addresses["town"]] == [f"http://127.0.0.1:{port}" for port in PORTS]
    for page in (f"{addresses['desk']}/", f"{addresses['desk']}/hardware", f"{addresses['town']}/office"):
        with urllib.request.urlopen(page, timeout=10) as answer:  # noqa: S310 (its own pages)
            assert answer.status == 200, page


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
