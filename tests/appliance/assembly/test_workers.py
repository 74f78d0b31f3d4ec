"""The threads of the server: the newest sleeper works next, nobody is woken for nothing, nobody sleeps for ever."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import requests

from appliance.assembly.serving import PageServer
from appliance.assembly.workers import NewestFirst


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.005)
    return holds()


class Dormitory:
    """Threads that fall asleep one by one and say when they wake."""

    def __init__(self, sleepers: int) -> None:
        self.lock = threading.Lock()
        self.condition = NewestFirst(self.lock)
        self.woken: list[int] = []
        self.asleep = 0
        for number in range(sleepers):
            threading.Thread(target=self._sleep, args=(number,), daemon=True).start()
            assert eventually(lambda number=number: self.asleep > number)  # type: ignore[misc]

    def _sleep(self, number: int) -> None:
        with self.lock:
            self.asleep += 1
            self.condition.wait()
            self.woken.append(number)


def test_who_fell_asleep_last_is_woken_first() -> None:
    dormitory = Dormitory(3)
    for expected in ([2], [2, 1], [2, 1, 0]):
        with dormitory.lock:
            dormitory.condition.notify()
        assert eventually(lambda expected=expected: dormitory.woken == expected)  # type: ignore[misc]
    with dormitory.lock:
        dormitory.condition.notify()


def test_everybody_can_be_woken_at_once() -> None:
    dormitory = Dormitory(4)
    with dormitory.lock:
        dormitory.condition.notify_all()
        assert dormitory.woken == []
    assert eventually(lambda: sorted(dormitory.woken) == [0, 1, 2, 3])


@pytest.mark.parametrize("at_once", [1, 6])
def test_one_thread_answers_what_comes_one_by_one_and_many_what_comes_at_once(at_once: int) -> None:
    answering: set[str] = set()
    together = threading.Barrier(at_once)

    def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answering.add(threading.current_thread().name)
        together.wait(5)
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    server = PageServer(application, host="127.0.0.1", port=0, threads=8)
    server.start()
    try:
        for _ in range(3):
            askers = [threading.Thread(target=requests.get, args=(server.address,)) for _ in range(at_once)]
            for asker in askers:
                asker.start()
            for asker in askers:
                asker.join(10)
    finally:
        server.stop()
    assert at_once <= len(answering) <= 2 * at_once
