"""Row cards: from a card that is laid on a virtual reader to what the desk knows, beside pcscd's own word of it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from appliance.desk.facts.card import CardState
from appliance.desk.reception.cards import CardDesk
from drivers.card.process import ReaderProcess
from tests.bench.measure import Bench, Goal, Line, busy_seconds, percentile, pss_mib
from tests.drivers.card.stands import Stand, hanako, pcscd_stand
from tests.drivers.card.virtual import SOCKET_VARIABLE, VirtualReader, missing, pcscd
from tests.fakes import FakeClock

SETTLING_SECONDS = 3.0
"""After its start, before it is idle."""
COMMAND_SECONDS = 0.040
"""What a card without contacts takes for one command."""
_BARE = """
import time
from smartcard import scard
_, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
name = scard.SCardListReaders(context, [])[1][0]
known = 0
while True:
    _, states = scard.SCardGetStatusChange(context, 60000, [(name, known)])
    known = states[0][1] & ~scard.SCARD_STATE_CHANGED
    if known & scard.SCARD_STATE_PRESENT:
        print(time.monotonic(), flush=True)
"""


def run(bench: Bench) -> list[Line]:
    """Nothing where there is no virtual reader."""
    if why := missing():
        print(f"  cards: {why}")
        return []
    hand = VirtualReader()
    with pcscd(hand) as daemon:
        os.environ[SOCKET_VARIABLE] = str(daemon.socket)
        try:
            with _bare_watcher() as bare, pcscd_stand(hand) as stand:
                return _lines(bench, stand, bare)
        finally:
            del os.environ[SOCKET_VARIABLE]


def _lines(bench: Bench, stand: Stand, bare: "subprocess.Popen[str]") -> list[Line]:
    idle = _idle_percent(stand, seconds=bench.pick(20.0, 60.0))
    rounds = [_insertions(stand, bare, bench.pick(5, 20)) for _ in range(bench.pick(1, 3))]
    ours, events = zip(*rounds, strict=True)
    stand.heard.clear()
    checks = [_check(stand) for _ in range(bench.pick(1, 5))]
    commands = len(stand.heard) / len(checks)
    return [
        Line(
            name="card laid down to its kind, p95", unit="ms", ours=ours, yardstick=events, goal=Goal(times=1, plus=150)
        ),
        Line(name="card check, 40 ms a command", unit="ms", ours=checks, goal=Goal(plus=650)),
        Line(name="commands of a card check", unit="", ours=[commands], goal=Goal(plus=15)),
        Line(name="reader's process (PSS)", unit="MiB", ours=[pss_mib(_pid(stand))], goal=Goal(plus=15)),
        Line(name="reader's process, idle", unit="%", ours=[idle], goal=Goal(plus=0.1)),
    ]


@contextmanager
def _bare_watcher() -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen([sys.executable, "-c", _BARE], stdout=subprocess.PIPE, text=True) as bare:
        yield bare
        bare.kill()


def _insertions(stand: Stand, bare: "subprocess.Popen[str]", count: int) -> tuple[float, float]:
    """The p95 of both, in ms."""
    both = [_insertion(stand, bare) for _ in range(count)]
    return percentile([ours for ours, _ in both], 0.95), percentile([event for _, event in both], 0.95)


def _insertion(stand: Stand, bare: "subprocess.Popen[str]") -> tuple[float, float]:
    told: list[float] = []
    _at_the_desk(stand, lambda state: told.append(time.monotonic()) if _knows_kind(state) else None)
    began = time.monotonic()
    stand.lay_down(hanako())
    stand.visit()
    assert bare.stdout is not None
    event = float(bare.stdout.readline())
    stand.lift_and_see()
    return 1000 * (told[0] - began), 1000 * (event - began)


def _at_the_desk(stand: Stand, tell: Callable[[CardState], None]) -> None:
    """Let the desk follow the reader, as it does when it is wired, and tell of each change when screens are woken."""
    desk = CardDesk(clock=FakeClock())
    desk.at_change.append(tell)
    desk.connect(stand.reader)


def _knows_kind(state: CardState) -> bool:
    return state.card is not None and state.card.kind is not None


def _check(stand: Stand) -> float:
    """From the event to the end of the check, in ms."""
    phases: list[float] = []
    _at_the_desk(stand, lambda state: phases.append(time.monotonic()) if state.card is not None else None)
    stand.lay_down(hanako(delay=COMMAND_SECONDS))
    stand.visit()
    stand.lift_and_see()
    return 1000 * (phases[-1] - phases[0])


def _idle_percent(stand: Stand, *, seconds: float) -> float:
    stand.until(lambda state: bool(state.readers))
    time.sleep(SETTLING_SECONDS)
    before, began = busy_seconds(_pid(stand)), time.monotonic()
    time.sleep(seconds)
    return 100 * (busy_seconds(_pid(stand)) - before) / (time.monotonic() - began)


def _pid(stand: Stand) -> int:
    child = stand.reader._child  # noqa: SLF001 (measured from outside)
    assert isinstance(child, ReaderProcess)
    return child.pid
