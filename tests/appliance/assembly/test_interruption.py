import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from appliance.assembly.interruption import SIGNALS, Interruption


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield Interruption()
    for number, handler in before.items():
        signal.signal(number, handler)


def later(act: Callable[[], None]) -> None:
    threading.Timer(0.05, act).start()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_waiting(interruption: Interruption, number: signal.Signals) -> None:
    later(lambda: os.kill(os.getpid(), number))
    interruption.wait()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_came_before_anybody_waited_is_not_missed(
    interruption: Interruption, number: signal.Signals
) -> None:
    os.kill(os.getpid(), number)
    interruption.wait()


def test_a_signal_that_the_kernel_hands_to_another_thread_is_not_missed(interruption: Interruption) -> None:
    later(lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM))
    interruption.wait()


def test_another_signal_ends_nothing(interruption: Interruption) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: heard.append(number))
    os.kill(os.getpid(), signal.SIGUSR1)
    later(lambda: os.kill(os.getpid(), signal.SIGTERM))
    interruption.wait()
    signal.signal(signal.SIGUSR1, before)
    assert heard == [signal.SIGUSR1]
