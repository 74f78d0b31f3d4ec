"""Row room: from a press that is believed to the lamp and to the player, and what voice and buttons cost at rest."""

import json
import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.bench.house import House, Program, helper, house, running
from tests.bench.measure import Bench, Goal, Line, percentile, rss_mib
from tests.bench.press import press_seconds
from tests.bench.yardstick import RawCommits
from tests.gpio_sim.guest import LAST

REST_SECONDS = 0.04
"""Until the lamp is dark again and the player has gone."""
PATIENCE_SECONDS = 10.0
IDLE_SECONDS = 3.0
SECOND_BYTES = 48_000
"""What a sound card takes: 24 kHz, 16 bit."""
_BIT_SECONDS = 0.1
Press = tuple[float, float, float]
"""How long the lamp took, how long the player's first byte, and a raw commit."""


def run(bench: Bench, *, rounds: int = 0, presses: int = 0, memories: int | None = None) -> list[Line]:
    rounds, presses = rounds or bench.pick(3, 5), presses or bench.pick(40, 60)
    memories = bench.pick(1, 2) if memories is None else memories
    raw = RawCommits(bench.folder / "room.db", bench.random("room"))
    with house(bench, "room") as here, Ear(here.folder) as ear:
        here.speak("open_jtalk")
        with raw, _probed(here, ear) as probe:
            probe.press(raw)
            measured = [[probe.press(raw) for _ in range(presses)] for _ in range(rounds)]
        memory = [(_spoken(here, ear), _silent(here, ear)) for _ in range(memories)]
    lamp, player, commits = ([_p99_ms([one[which] for one in each]) for each in measured] for which in range(3))
    return [
        Line(name="press to lamp, p99", unit="ms", ours=lamp, yardstick=commits, goal=Goal(times=1, plus=10)),
        Line(name="press to the player, p99", unit="ms", ours=player, yardstick=commits, goal=Goal(times=1, plus=40)),
        Line(
            name="memory once it has spoken (RSS)",
            unit="MiB",
            ours=[spoken for spoken, _ in memory],
            yardstick=[silent for _, silent in memory],
            goal=Goal(times=1, plus=2),
        ),
        Line(name="four buttons at rest", unit="% of a core", ours=[], goal=Goal(plus=1.5), why_not=_why_not_idle()),
    ]


def _p99_ms(seconds: list[float]) -> float:
    return percentile(seconds, 0.99) * 1000


def _why_not_idle() -> str:
    """It takes a real chip: the emulated one tells that the work is done, not what it costs a machine."""
    words = "no GPIO chip here"
    if LAST.exists():
        share = json.loads(LAST.read_text(encoding="utf-8"))["found"].get("idle_share_of_a_core")
        words += f"; {share:.0%} of an emulated core, many times slower (make gpio-sim)" if share else ""
    return words


class Ear:
    """A stand-in `aplay`, made of sh and dd: its first byte is heard here, and who listens sets the pace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "bin"
        self.folder.mkdir()
        self._pipe = self.folder / "sound"
        os.mkfifo(self._pipe)
        aplay = self.folder / "aplay"
        aplay.write_text(f"#!/bin/sh\nexec dd of={self._pipe} bs=4800 status=none\n", encoding="utf-8")
        aplay.chmod(0o755)
        self._sound = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)

    def first_byte(self) -> float:
        """When it came (CLOCK_MONOTONIC)."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            select.select([self._sound], [], [], PATIENCE_SECONDS)
            if self._read(1):
                return time.monotonic()
            time.sleep(0.0005)  # the last player has gone, the next has not come
        raise TimeoutError("nothing was played")

    def forget(self) -> None:
        """Let what is left of a sound that was broken off go."""
        while self._read(65536):
            pass

    def listen(self) -> None:
        """To the end, as fast as a loudspeaker."""
        self.first_byte()
        while self._read(int(SECOND_BYTES * _BIT_SECONDS)):
            time.sleep(_BIT_SECONDS)

    def _read(self, count: int) -> bytes:
        """What there is; nothing where nobody plays any more."""
        with suppress(BlockingIOError):
            return os.read(self._sound, count)
        return b""

    def __enter__(self) -> "Ear":
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._sound)


class Probe:
    """The other end of `tests.bench.probed_desk`."""

    def __init__(self, line: socket.socket, ear: Ear) -> None:
        self._line = line
        self._told = line.makefile()
        self._ear = ear

    def press(self, raw: RawCommits) -> Press:
        """Press, see the lamp, hear the first byte, tidy up, commit."""
        self._line.sendall(b"press\n")
        pressed = self._when("pressed")
        lit = self._when("lit")
        heard = self._ear.first_byte()
        self._line.sendall(b"over\n")
        self._when("over")
        time.sleep(REST_SECONDS)
        self._ear.forget()
        return lit - pressed, heard - pressed, raw.seconds()

    def _when(self, what: str) -> float:
        """When that was; a lamp that blinks on is passed over."""
        while True:
            word, _, at = self._told.readline().partition(" ")
            if word == what:
                return float(at)
            if not word:
                raise ConnectionError("the desk hung up")


@contextmanager
def _probed(here: House, ear: Ear) -> Iterator[Probe]:
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(here.sockets / "probe.sock"))
        door.listen()
        command = helper("probed_desk", here.sockets / "probe.sock")
        with running(here.start_desk(command=command, path=ear.folder)):
            line, _ = door.accept()
            with line:
                line.settimeout(PATIENCE_SECONDS)
                yield Probe(line, ear)


def _spoken(here: House, ear: Ear) -> float:
    here.speak("open_jtalk")
    with running(here.start_desk(path=ear.folder)) as desk:
        with desk.client() as client:
            press_seconds(client)
        ear.listen()
        return _idle(desk)


def _silent(here: House, ear: Ear) -> float:
    here.speak("absent")
    with running(here.start_desk(path=ear.folder)) as desk:
        with desk.client() as client:
            press_seconds(client)
        return _idle(desk)


def _idle(desk: Program) -> float:
    time.sleep(IDLE_SECONDS)
    return rss_mib(desk.pid)
