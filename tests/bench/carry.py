"""Row carry: sealed facts to their receipts by the real courier, beside the same facts as plain JSON rows."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.house import Program, house, run_script, running, start_script
from tests.bench.measure import Bench, Goal, Line, cpu_seconds

TEXTS = {"no text": (0, 460), "memo of 100": (100, 740)}
"""Characters of the memo, and the bytes a fact may take one day."""


@dataclass(frozen=True)
class Carried:
    """What one way of carrying came to, for one fact: processor time of everybody on the way, bytes of HTTP."""

    cpu_ms: float
    bytes_out: float
    bytes_in: float


Pair = tuple[Carried, Carried]


def run(bench: Bench) -> list[Line]:
    rounds, facts = bench.pick((2, 500), (3, 5000))
    turns: dict[str, list[Pair]] = {kind: [] for kind in TEXTS}
    for number in range(rounds):
        for kind, (length, _) in TEXTS.items():
            turns[kind].append(_pair(bench, f"carry-{number}-{length}", facts, length))
    cpu = [_line(f"CPU for a fact, {kind}", "ms", turns[kind], lambda way: way.cpu_ms) for kind in TEXTS]
    out = [
        _line(f"bytes out for a fact, {kind}", "B", turns[kind], lambda way: way.bytes_out, Goal(plus=most, later=True))
        for kind, (_, most) in TEXTS.items()
    ]
    back = [_line(f"bytes in for a fact, {kind}", "B", turns[kind], lambda way: way.bytes_in) for kind in TEXTS]
    return [*cpu, *out, *back]


def _line(
    name: str, unit: str, pairs: Sequence[Pair], of: Callable[[Carried], float], goal: Goal | None = None
) -> Line:
    ours, yardstick = [of(sealed) for sealed, _ in pairs], [of(plain) for _, plain in pairs]
    return Line(name=name, unit=unit, ours=ours, yardstick=yardstick, goal=goal)


def _pair(bench: Bench, name: str, facts: int, length: int) -> Pair:
    with house(bench, name) as here:
        run_script("facts", here.config, facts, length, bench.seed)
        with here.desk() as desk, running(here.start_receiver()) as receiver:
            sealed = _carried(facts, [desk, receiver], "courier", here.door)
        with running(start_script("plain_town", here.folder / "plain-town.db")) as town:
            plain = _carried(facts, [town], "plain_courier", here.state / "desk.db", town.port, length, bench.seed)
    return sealed, plain


def _carried(facts: int, servers: Sequence[Program], courier: str, *words: object) -> Carried:
    before = sum(cpu_seconds(server.pid) for server in servers)
    said = json.loads(run_script(courier, *words))
    if said["receipted"] != facts:
        raise RuntimeError(f"{courier} was to carry {facts}: {said}")
    cpu = said["cpu"] + sum(cpu_seconds(server.pid) for server in servers) - before
    return Carried(cpu * 1000 / facts, said["bytes_out"] / facts, said["bytes_in"] / facts)
