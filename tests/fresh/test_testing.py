"""What is taken from the words of `make test` in a fresh Debian."""

from tests.fresh.root import nobody_is_left
from tests.fresh.testing import counts, reasons

SAID = """
tests/a.py F.s                                                           [100%]
SKIPPED [2] tests/a.py:1: needs root
SKIPPED [1] tests/b.py:7: needs root
SKIPPED [1] tests/b.py:9: needs: a colon
====== 2 passed in 60.01s (0:01:00) =======
====== 3 failed, 3051 passed, 4 skipped, 1 error in 694.76s (0:11:34) =======
make: *** [Makefile:37: test] Error 1
"""


def test_the_last_lines_are_added_up() -> None:
    assert counts(SAID) == {"passed": 3053, "failed": 3, "skipped": 4, "error": 1}


def test_a_run_that_never_came_to_its_last_line_counts_nothing() -> None:
    assert set(counts("collecting ...\nKilled\n").values()) == {0}


def test_skipped_tests_are_added_up_by_their_reason() -> None:
    assert reasons(SAID) == {"needs root": 3, "needs: a colon": 1}


def test_whoever_is_left_behind_is_noticed() -> None:
    assert nobody_is_left(SAID + "processes left behind: 0\n")
    assert not nobody_is_left(SAID + "processes left behind: 2\n")
    assert not nobody_is_left(SAID)
