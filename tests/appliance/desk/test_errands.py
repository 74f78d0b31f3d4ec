"""Light comes first, words a moment later, all of them in their order; no fault ends the thread."""

import time
from collections.abc import Callable, Iterator

import pytest

from appliance.desk.errands import Errands
from appliance.desk.errors import DeviceError


class Done:
    """What was done, in its order; `light` stands for what the lamps did."""

    def __init__(self) -> None:
        self.in_order: list[str] = []
        self.due: float | None = None
        self.errands = Errands(
            light=self.of("light"), dues=(lambda: self.due,), at_the_end=lambda: [self.of("closed"), self.of("let go")]
        )

    def of(self, what: str) -> Callable[[], None]:
        return lambda: self.in_order.append(what)

    def words(self) -> list[str]:
        return [what for what in self.in_order if what != "light"]

    def soon(self, holds: Callable[[], bool]) -> bool:
        until = time.monotonic() + 3
        while not holds() and time.monotonic() < until:
            time.sleep(0.002)
        return holds()


@pytest.fixture
def done() -> Iterator[Done]:
    done = Done()
    done.errands.start()
    yield done
    done.errands.stop()


def test_light_comes_before_words(done: Done) -> None:
    done.errands.then(done.of("a word"))
    assert done.soon(lambda: "a word" in done.in_order)
    assert done.in_order[0] == "light"


def test_of_a_burst_everything_is_done_in_its_order_and_the_light_moves_seldom(done: Done) -> None:
    for number in range(50):
        done.errands.then(done.of(f"{number}"))
        done.errands.look()
    assert done.soon(lambda: len(done.words()) == 50)
    assert done.words() == [f"{number}" for number in range(50)]
    assert done.in_order.count("light") < 10


def test_what_is_left_is_done_at_the_end_and_then_everything_is_let_go(done: Done) -> None:
    done.errands.then(done.of("a word"))
    done.errands.stop()
    assert done.words() == ["a word", "closed", "let go"]
    assert done.errands.is_stuck(after=60)


@pytest.mark.parametrize("fault", [DeviceError("no lamp"), ZeroDivisionError()])
def test_a_fault_ends_nothing(done: Done, fault: Exception) -> None:
    def broken() -> None:
        raise fault

    done.errands.then(broken)
    done.errands.then(done.of("a word"))
    assert done.soon(lambda: done.words() == ["a word"])
    assert not done.errands.is_stuck(after=1.0)


def test_light_is_done_when_it_is_due_although_nobody_asks(done: Done) -> None:
    done.due = 0.01
    done.errands.look()
    assert done.soon(lambda: done.in_order.count("light") > 2)
    done.due = None


def test_an_errand_that_takes_too_long_is_noticed(done: Done) -> None:
    done.errands.then(lambda: time.sleep(0.3))
    assert done.soon(lambda: done.errands.is_stuck(after=0.05))
    assert done.soon(lambda: not done.errands.is_stuck(after=0.05))
