"""Every kind of hostile request, in a stated number, at a desk and an office in this process."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from appliance.desk.reception.roster import Seed
from tests.fakes import STAFF
from tests.ui.besieged import (
    Besieged,
    assert_sound_database,
    attack_desk_api,
    attack_desk_forms,
    attack_office_api,
    attack_office_forms,
    attack_practice,
    attack_set_up,
    besieged_desk,
    besieged_office,
    quiet_log,
    resident_bytes,
)
from tests.ui.judge import Judge
from tests.ui_office.screens import Screens

SHARES = {
    "desk api": 0.4,
    "desk forms": 0.27,
    "practice": 0.06,
    "set-up": 0.02,
    "office api": 0.15,
    "office forms": 0.1,
}
WARM_UP = 0.2
"""The part of all requests after which memory is looked at for the first time."""


@dataclass
class Siege:
    """What was sent, what was answered, and how the memory stood."""

    seed: int
    judges: dict[str, Judge] = field(default_factory=dict)
    warm_bytes: int = 0
    last_bytes: int = 0

    @property
    def sent(self) -> int:
        return sum(judge.sent for judge in self.judges.values())

    @property
    def findings(self) -> list[str]:
        return [f"{name}: {finding}" for name, judge in self.judges.items() for finding in judge.findings]

    @property
    def grown_bytes(self) -> int:
        return self.last_bytes - self.warm_bytes

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.sent} requests, {self.grown_bytes / 2**20:+.1f} MiB after the warm-up"]
        lines += [f"{name:14}{judge.sent:7}  {sorted(judge.statuses.items())}" for name, judge in self.judges.items()]
        return "\n".join(lines)


def besiege(folder: Path, requests: int, *, number: int) -> Siege:
    """Send that many requests or a few more; both databases are sound afterwards."""
    siege = Siege(seed=number)
    with quiet_log(), _desk(folder) as desk, _desk(folder / "new", roster=()) as new, _office(folder) as office:
        for part, share in ((0, WARM_UP), (1, 1 - WARM_UP)):
            for name, attack in _attacks(desk, new, office).items():
                judge = attack(round(requests * SHARES[name] * share), number + part * 1_000_000)
                siege.judges[name] = _together(siege.judges.get(name), judge)
            siege.warm_bytes, siege.last_bytes = siege.last_bytes, resident_bytes()
        desk.assert_sound()
        assert_sound_database(office.town.folder / "office.db")
    return siege


def _attacks(desk: Besieged, new: Besieged, office: Screens) -> dict[str, Callable[[int, int], Judge]]:
    return {
        "desk api": lambda requests, number: attack_desk_api(desk, requests, number),
        "desk forms": lambda requests, number: attack_desk_forms(desk, requests, number)[0],
        "practice": lambda requests, number: attack_practice(desk, requests, number)[0],
        "set-up": lambda requests, number: attack_set_up(new, requests, number)[0],
        "office api": lambda requests, number: attack_office_api(office, requests, number),
        "office forms": lambda requests, number: attack_office_forms(office, requests, number)[0],
    }


def _together(before: Judge | None, now: Judge) -> Judge:
    if before is not None:
        now.sent += before.sent
        now.statuses += before.statuses
        now.findings = before.findings + now.findings
    return now


@contextmanager
def _desk(folder: Path, *, roster: Sequence[Seed] = STAFF) -> Iterator[Besieged]:
    folder.mkdir(exist_ok=True)
    desk = besieged_desk(folder / "desk", roster=roster)
    try:
        yield desk
    finally:
        desk.close()


@contextmanager
def _office(folder: Path) -> Iterator[Screens]:
    office = besieged_office(folder / "office")
    try:
        yield office
    finally:
        office.town.close()
