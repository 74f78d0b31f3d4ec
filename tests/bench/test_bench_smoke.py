"""The benchmark itself, with a handful of samples: that it measures, and that it refuses to measure in memory."""

from pathlib import Path
from statistics import median

import pytest

from tests.bench import room
from tests.bench.__main__ import REFUSED, main
from tests.bench.measure import Bench, Goal, Line, NotOnDisk, refuse_memory
from tests.bench.press import run

MEMORY = Path("/dev/shm")  # noqa: S108 # where Linux keeps a tmpfs


def _is_memory(folder: Path) -> bool:
    try:
        refuse_memory(folder)
    except NotOnDisk:
        return True
    return False


def test_ratios_come_from_samples_of_both_sides(tmp_path: Path) -> None:
    lines = run(Bench(folder=tmp_path, quick=True, seed=1), rounds=2, samples=3)
    assert [line.name for line in lines] == ["POST calls, p50", "POST calls, p99"]
    for line in lines:
        assert len(line.ours) == len(line.yardstick) == 2
        assert all(value > 0 for value in (*line.ours, *line.yardstick))
        assert line.ratio == median(line.ours) / median(line.yardstick)


def test_a_goal_is_a_limit_on_the_median_of_the_rounds() -> None:
    line = Line(name="any", unit="ms", ours=[9, 3, 2], yardstick=[2, 2, 2], goal=Goal(times=1, plus=1))
    assert (line.our_median, line.ratio, line.met) == (3, 1.5, True)
    assert line.ratios == [4.5, 1.5, 1.0]


def test_what_is_not_measured_meets_and_misses_nothing_and_says_why() -> None:
    line = Line(name="any", unit="ms", ours=[], goal=Goal(plus=1), why_not="no chip here")
    assert (line.our_median, line.ratio, line.met) == (None, None, None)
    assert line.as_json()["not measured"] == "no chip here"


def test_a_press_is_seen_at_the_lamp_and_heard_at_the_player(tmp_path: Path) -> None:
    lamp, player, memory, rest = room.run(Bench(folder=tmp_path, quick=True, seed=1), rounds=1, presses=3, memories=0)
    assert 0 < lamp.ours[0] < player.ours[0] < room.PATIENCE_SECONDS * 1000
    assert memory.our_median is None
    assert rest.why_not


@pytest.mark.skipif(not (MEMORY.is_dir() and _is_memory(MEMORY)), reason="no tmpfs at /dev/shm")
def test_a_folder_in_memory_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    last = tmp_path / "last.json"
    assert main(["--data", str(MEMORY), "press"], last=last) == REFUSED
    assert "on tmpfs" in capsys.readouterr().err
    assert not last.exists()
