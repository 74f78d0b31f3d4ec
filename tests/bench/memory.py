"""Row memory: what the desk takes five seconds after it has started, beside the bare application on the same server."""

import time

from tests.bench.house import Program, house, running, start_bare
from tests.bench.measure import Bench, Goal, Line, pss_mib

IDLE_SECONDS = 5.0


def run(bench: Bench) -> list[Line]:
    """One at a time: two that ran at once would share pages and both look smaller."""
    with house(bench, "memory") as here:
        rounds = [(_idle(start_bare()), _idle(here.start_desk())) for _ in range(bench.pick(1, 3))]
    bare, ours = zip(*rounds, strict=True)
    return [Line(name="memory when idle (PSS)", unit="MiB", ours=ours, yardstick=bare, goal=Goal(times=1, plus=25))]


def _idle(program: Program) -> float:
    with running(program):
        time.sleep(IDLE_SECONDS)
        return pss_mib(program.pid)
