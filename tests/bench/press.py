"""Row press: how long a program waits for POST /api/v1/calls, beside a bare GET and then a raw commit."""

import json
import time

from tests.bench.house import Program, house, running, start_bare
from tests.bench.measure import Bench, Client, Goal, Line, percentile
from tests.bench.yardstick import RawCommits

GOALS = {"p50": (0.50, Goal(times=1.4)), "p99": (0.99, Goal(times=1.6))}
WARM_UP = 20


def run(bench: Bench, *, rounds: int = 0, samples: int = 0) -> list[Line]:
    rounds, samples = rounds or bench.pick(5, 9), samples or bench.pick(200, 300)
    raw = RawCommits(bench.folder / "press.db", bench.random("press"))
    with house(bench, "press") as here, here.desk() as desk, running(start_bare()) as bare, raw:
        measured = _measure(desk, bare, raw, rounds, samples)
    ours, yardstick = zip(*measured, strict=True)
    return [
        Line(
            name=f"POST calls, {name}",
            unit="ms",
            ours=[percentile(one, share) * 1000 for one in ours],
            yardstick=[percentile(one, share) * 1000 for one in yardstick],
            goal=goal,
        )
        for name, (share, goal) in GOALS.items()
    ]


def _measure(
    desk: Program, bare: Program, raw: RawCommits, rounds: int, samples: int
) -> list[tuple[list[float], list[float]]]:
    with desk.client() as client, bare.client() as other:
        for _ in range(WARM_UP):
            press_seconds(client), _pair_seconds(other, raw)
        return [_round(client, other, raw, samples) for _ in range(rounds)]


def _round(client: Client, other: Client, raw: RawCommits, samples: int) -> tuple[list[float], list[float]]:
    """A press and a pair in turn, so that whatever else the machine does meets both."""
    turns = [(press_seconds(client), _pair_seconds(other, raw)) for _ in range(samples)]
    return [ours for ours, _ in turns], [pair for _, pair in turns]


def press_seconds(client: Client) -> float:
    """How long one press took; its call is cancelled outside the measured time, so that the board stays empty."""
    began = time.perf_counter()
    status, answer = client.ask("POST", "/api/v1/calls", {"button": 1})
    took = time.perf_counter() - began
    if status != 201:
        raise RuntimeError(f"a call was answered with {status}: {answer!r}")
    client.ask("POST", f"/api/v1/calls/{json.loads(answer)['id']}/cancel")
    return took


def _pair_seconds(other: Client, raw: RawCommits) -> float:
    """One GET and one commit, added up before any percentile is taken."""
    began = time.perf_counter()
    other.ask("GET", "/call")
    return time.perf_counter() - began + raw.seconds()
