"""Row events: from a press to fifty open screens, beside a raw commit."""

import json
import re
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.house import PIN, ROOT, Program, helper, house
from tests.bench.measure import Bench, Client, Goal, Line, percentile
from tests.bench.yardstick import RawCommits

STREAMS = 50
STREAMS_OF_BROWSER = 4
"""As many as the desk allows one browser."""
PATIENCE_SECONDS = 20.0
GOAL = Goal(times=1, plus=15)
Press = tuple[list[float], float]
"""How long each stream took to have the event, and a raw commit."""


def run(bench: Bench) -> list[Line]:
    rounds, presses = bench.pick((3, 60), (5, 100))
    raw = RawCommits(bench.folder / "events.db", bench.random("events"))
    with house(bench, "events") as here, here.desk() as desk, _readers(desk) as readers, raw, desk.client() as client:
        _press(client, readers, raw)
        measured = [[_press(client, readers, raw) for _ in range(presses)] for _ in range(rounds)]
    commits = [_p99_ms([commit for _, commit in one]) for one in measured]
    return [
        Line(
            name="press to event, slowest of 50, p99",
            unit="ms",
            ours=[_p99_ms([max(took) for took, _ in one]) for one in measured],
            yardstick=commits,
            goal=GOAL,
        ),
        Line(
            name="press to event, all of 50, p99",
            unit="ms",
            ours=[_p99_ms([each for took, _ in one for each in took]) for one in measured],
            yardstick=commits,
            goal=GOAL,
        ),
        Line(
            name="press to event, all of 50, p50",
            unit="ms",
            ours=[percentile([each for took, _ in one for each in took], 0.5) * 1000 for one in measured],
        ),
    ]


def _p99_ms(seconds: list[float]) -> float:
    return percentile(seconds, 0.99) * 1000


def _press(client: Client, readers: "Readers", raw: RawCommits) -> Press:
    """Press, wait until all have it, tidy up, wait again, commit."""
    began = time.monotonic()
    _, answer = client.ask("POST", "/api/v1/calls", {"button": 1})
    took = [arrived - began for arrived in readers.next_arrivals()]
    client.ask("POST", f"/api/v1/calls/{json.loads(answer)['id']}/cancel")
    readers.next_arrivals()
    return took, raw.seconds()


class Readers:
    """The other end of fifty streams, in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def next_arrivals(self) -> list[float]:
        """When (CLOCK_MONOTONIC) each stream had the next version of the board; returns once all have it."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], PATIENCE_SECONDS)[0]:
            raise TimeoutError("a stream did not get the event")
        arrivals: list[float] = json.loads(self._process.stdout.readline())
        return arrivals


@contextmanager
def _readers(desk: Program) -> Iterator[Readers]:
    cookies = [_sign_in(desk) for _ in range(-(-STREAMS // STREAMS_OF_BROWSER))]
    seats = [cookies[number // STREAMS_OF_BROWSER] for number in range(STREAMS)]
    command = helper("readers", desk.port, *seats)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            readers = Readers(process)
            readers.next_arrivals()
            yield readers
        finally:
            process.terminate()


def _sign_in(desk: Program) -> str:
    """The cookie of a browser that has typed the PIN."""
    with desk.client() as browser:
        _, head, page = browser.exchange("GET", "/sign-in", b"", kind="")
        csrf = re.search(rb'name="csrf" value="([0-9a-f]+)"', page)
        assert csrf is not None
        form = f"csrf={csrf[1].decode()}&pin={PIN}".encode()
        cookie = f"Cookie: {_cookie(head)}\r\n"
        kind = "application/x-www-form-urlencoded"
        status, head, _ = browser.exchange("POST", "/sign-in", form, kind=kind, headers=cookie)
        if status != 303:
            raise RuntimeError(f"the PIN was answered with {status}")
        return _cookie(head)


def _cookie(head: str) -> str:
    found = re.search(r"(?im)^set-cookie: (madoguchi=[^;]+)", head)
    assert found is not None
    return found[1]
