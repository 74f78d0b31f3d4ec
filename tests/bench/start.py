"""Row start: from exec to the first 200 of /healthz, and to the first page, beside the bare application."""

import time
from http import HTTPStatus

from tests.bench.house import House, Program, house, running, start_bare
from tests.bench.measure import Bench, Goal, Line
from tests.bench.press import press_seconds


def run(bench: Bench) -> list[Line]:
    with house(bench, "start") as here:
        _use(here)
        rounds = [
            (*_seconds(start_bare(), "/call"), *_seconds(here.start_desk(), "/sign-in"))
            for _ in range(bench.pick(7, 15))
        ]
    bare, bare_page, ours, our_page = zip(*rounds, strict=True)
    return [
        Line(name="start to first answer", unit="s", ours=ours, yardstick=bare, goal=Goal(times=1.3)),
        Line(name="start to first page", unit="s", ours=our_page, yardstick=bare_page),
    ]


def _use(here: House) -> None:
    """Leave a database behind, and every module compiled, the bare application's too."""
    start_bare().stop()
    with here.desk() as desk, desk.client() as client:
        for _ in range(100):
            press_seconds(client)


def _seconds(program: Program, page: str) -> tuple[float, float]:
    """To the first answer, and until that page has come, too."""
    with running(program), program.client() as client:
        if client.ask("GET", page)[0] != HTTPStatus.OK:
            raise RuntimeError(f"{page} was refused")
        return program.seconds_to_answer, time.perf_counter() - program.began
