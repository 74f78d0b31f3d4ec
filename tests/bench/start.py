"""Row start: from exec to the first 200 of /healthz on an existing database, beside the bare application."""

from tests.bench.house import House, Program, house, running, start_bare
from tests.bench.measure import Bench, Goal, Line
from tests.bench.press import press_seconds


def run(bench: Bench) -> list[Line]:
    with house(bench, "start") as here:
        _use(here)
        rounds = [(_seconds(start_bare()), _seconds(here.start_desk())) for _ in range(bench.pick(7, 15))]
    bare, ours = zip(*rounds, strict=True)
    return [Line(name="start to first answer", unit="s", ours=ours, yardstick=bare, goal=Goal(times=1.3))]


def _use(here: House) -> None:
    """Leave a database behind, and every module compiled, the bare application's too."""
    start_bare().stop()
    with here.desk() as desk, desk.client() as client:
        for _ in range(100):
            press_seconds(client)


def _seconds(program: Program) -> float:
    with running(program):
        return program.seconds_to_answer
