"""Power cuts and crowds: what was acknowledged is there, once."""

import random
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from http.client import HTTPException
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from sync.envelope import parse_record, record_body
from tests.house.running import SmallTown, ask

CUTS = 60
CROWD = 50
SEED = 20261121
MEMO = "ないしょのメモ デコイ-7f3a91"
ENTRY = {
    "topics": ["phone"],
    "age_band": "75to84",
    "channel": "in_person",
    "outcome": "resolved",
    "memo": MEMO,
}
ALL_DAYS = (date(1970, 1, 1), date(2099, 12, 31))


class Acknowledged:
    """What the desk has promised to keep."""

    def __init__(self) -> None:
        self.calls: set[str] = set()
        self.consultations: set[str] = set()
        self.errors: list[str] = []


def visitor(address: str, stop: threading.Event, kept: Acknowledged) -> None:
    """Presses and has consultations logged until the power goes."""
    while not stop.is_set():
        try:
            call = ask(address, "POST", "/api/v1/calls", {"button": 1}, key=str(uuid4()))
            if call.status != 201:
                kept.errors.append(f"{call.status} {call.body!r}")
                continue
            kept.calls.add(call.json["id"])
            entry = {**ENTRY, "call": call.json["id"]}
            made = ask(address, "POST", "/api/v1/consultations", entry, key=str(uuid4()))
            if made.status == 201:
                kept.consultations.add(made.json["id"])
            else:
                kept.errors.append(f"{made.status} {made.body!r}")
        except (OSError, HTTPException, ValueError):
            return  # the power went, perhaps in mid-answer


def stored(database: Path, table: str) -> list[str]:
    with sqlite3.connect(database) as connection:
        return [str(UUID(bytes=uid)) for (uid,) in connection.execute(f"SELECT uid FROM {table}")]  # noqa: S608


def assert_sound_chain(database: Path) -> None:
    """Sequences without gaps, each hash standing on the one before, no nonce twice in an epoch."""
    with sqlite3.connect(database) as connection:
        rows = list(
            connection.execute("SELECT sequence, epoch, header, ciphertext, hash FROM record ORDER BY sequence")
        )
    unsigned = bytes(64)  # a record is signed when it leaves
    records = [parse_record(record_body(header=row[2], ciphertext=row[3], signature=unsigned)) for row in rows]
    assert [record.sequence for record in records] == list(range(1, len(rows) + 1))
    before = bytes(32)
    for record in records:
        assert record.previous_hash == before
        before = record.hash
    nonces = [(record.epoch, record.nonce) for record in records]
    assert len(set(nonces)) == len(nonces)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_sixty_power_cuts_under_load_lose_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    town, kept = SmallTown(tmp_path), Acknowledged()
    for _ in range(CUTS):
        town.open_desk()
        stop = threading.Event()
        visitors = [threading.Thread(target=visitor, args=(town.address, stop, kept)) for _ in range(4)]
        for one in visitors:
            one.start()
        stop.wait(chance.uniform(0.02, 0.35))
        town.desk.kill()
        stop.set()
        for one in visitors:
            one.join()
    assert kept.errors == []
    assert len(kept.consultations) > CUTS
    town.open_desk()
    database = tmp_path / "desk" / "desk.db"
    for table, acknowledged in (("call", kept.calls), ("consultation", kept.consultations)):
        rows = stored(database, table)
        assert len(rows) == len(set(rows))
        assert acknowledged <= set(rows)
    assert_sound_chain(database)
    calls, consultations = len(stored(database, "call")), len(stored(database, "consultation"))
    town.open_receiver()
    for _ in range(3):
        assert town.sync()[0] == 0
    office = town.office()
    office.pull()
    numbers = office.statistics(*ALL_DAYS)
    assert (numbers.calls, numbers.consultations, numbers.visits) == (calls, consultations, consultations)
    town.close()
    assert_nowhere(tmp_path, MEMO, but=tmp_path / "town" / "office.db")


def assert_nowhere(folder: Path, decoy: str, *, but: Path) -> None:
    """The decoy is in no file of the run, in no encoding a careless program would use."""
    forms = [decoy.encode(), decoy.encode("utf-16-le"), json_form(decoy), decoy.rsplit("-", maxsplit=1)[-1].encode()]
    searched = 0
    for path in folder.rglob("*"):
        if path.is_file() and not path.name.startswith(but.name):
            content = path.read_bytes()
            searched += len(content)
            for form in forms:
                assert form not in content, path
    assert searched > 100_000


def json_form(words: str) -> bytes:
    return "".join(letter if letter.isascii() else f"\\u{ord(letter):04x}" for letter in words).encode()


def test_fifty_at_once_are_all_served_once(tmp_path: Path) -> None:
    town = SmallTown(tmp_path)
    town.open_desk()

    def one_visit(number: int) -> tuple[str, str]:
        call = ask(town.address, "POST", "/api/v1/calls", {"button": 1 + number % 9}, key=f"call-{number}")
        assert call.status == 201
        again = ask(town.address, "POST", "/api/v1/calls", {"button": 1 + number % 9}, key=f"call-{number}")
        assert again.json["id"] == call.json["id"]
        assert ask(town.address, "POST", f"/api/v1/calls/{call.json['id']}/answer").status == 200
        made = ask(town.address, "POST", "/api/v1/consultations", {**ENTRY, "call": call.json["id"]})
        assert made.status == 201
        return call.json["id"], made.json["id"]

    with ThreadPoolExecutor(CROWD) as crowd:
        made = list(crowd.map(one_visit, range(CROWD)))
    town.close()
    database = tmp_path / "desk" / "desk.db"
    assert sorted(stored(database, "call")) == sorted(call for call, _ in made)
    assert sorted(stored(database, "consultation")) == sorted(consultation for _, consultation in made)
    assert_sound_chain(database)
