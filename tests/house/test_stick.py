"""Box, stick, office box, stick, box: two desks as real processes, one stick, no network; and the same as by wire."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from appliance.assembly.clock import MachineClock
from appliance.assembly.door import StoredOutbox, read_town_keys
from appliance.assembly.notice_tray import StoredNotices
from appliance.assembly.town import LocalSource, TownFolder, make_town, open_office, open_receiver
from appliance.config import load_config
from appliance.content import BUILT_IN
from appliance.courier_door import Doorkeeper
from appliance.store.store import Store
from sync.bundle import Bundle
from sync.carrying import bring_home, export
from sync.courier import Route, run
from sync.keys import load_or_create_device_key
from sync.receiver.app import create_receiver_app
from sync.roads import StickRoad
from tests.configured import FACILITY, FACILITY_NAME, MUNICIPALITY, free_port, write_config, write_people
from tests.house.running import MADOGUCHI, PASSPHRASE, TOKEN, Process, ask, wait_for
from tests.house.test_power import ENTRY, MEMO, assert_nowhere
from tests.sync.receiver.road import open_door, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

EACH = 3
"""Consultations at every desk."""


def madoguchi(*words: str | Path, code: int = 0) -> str:
    """One verb, to its end; what it printed."""
    done = subprocess.run([*MADOGUCHI, *map(str, words)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def told(*words: str | Path, code: int = 0) -> dict[str, Any]:
    said = madoguchi(*words, "--json", code=code)
    return dict(json.loads(said.splitlines()[0]))


@dataclass
class StickDesk:
    """One desk that only a stick reaches."""

    folder: Path
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        (self.folder / "town").mkdir()
        self.config = write_config(self.folder, port=self.port, receiver_port=1)
        text = self.config.read_text(encoding="utf-8")
        self.config.write_text(text.replace('receiver = "http://127.0.0.1:1"\n', ""), encoding="utf-8")
        people = write_people(self.folder)
        words = ["serve", "--config", str(self.config), "--roster-seed", str(people), "--demo-token", TOKEN]
        self.process = Process(words, self.folder / "desk.log")
        self.address = f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        self.process.start()
        wait_for(self.address, "/api/v1/healthz")

    def serve_visitors(self) -> None:
        for _ in range(EACH):
            assert ask(self.address, "POST", "/api/v1/consultations", ENTRY).status == 201

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.folder / 'desk' / 'desk.db'}?mode=ro", uri=True)) as database:
            return list(database.execute(question))


@dataclass
class Town:
    """An office box, a registered stick and two desks."""

    folder: Path

    def __post_init__(self) -> None:
        self.office = TownFolder(self.folder / "office")
        make_town(self.office, MUNICIPALITY, PASSPHRASE)
        self.passphrase = self.folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE, encoding="utf-8")
        self.stick = self.folder / "stick"
        self.stick.mkdir()
        self.desks = [StickDesk(self.folder / name) for name in ("north", "south")]

    def open_desks(self) -> None:
        for desk in self.desks:
            shutil.copy(self.office.public_keys, desk.folder / "town")
            desk.open()
            key = desk.folder / "desk" / "device.key"
            where: list[str | Path] = ["--folder", self.office.path, "--facility", FACILITY, "--name", FACILITY_NAME]
            madoguchi("town", "admit", *where, "--device-key", key)

    def register_stick(self) -> None:
        where: list[str | Path] = ["--folder", self.office.path, "--passphrase-file", self.passphrase]
        assert "1" in madoguchi("town", "stick", "register", *where, "--stick", self.stick)

    def pull(self) -> dict[str, Any]:
        where: list[str | Path] = [
            "--folder",
            self.office.path,
            "--passphrase-file",
            self.passphrase,
            "--stick",
            self.stick,
        ]
        return told("town", "pull", *where, "--by", "総務 花子")

    def push(self) -> dict[str, Any]:
        return told("town", "push", "--folder", self.office.path, "--stick", self.stick, "--by", "総務 花子")

    def close(self) -> None:
        for desk in self.desks:
            desk.process.end()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.close()


def on_stick(stick: Path, kind: str) -> int:
    return len(list((stick / "madoguchi" / "boxes").rglob(f"*.{kind}")))


def test_a_stick_goes_from_two_desks_to_the_office_and_back(town: Town) -> None:
    town.open_desks()
    for desk in town.desks:
        desk.serve_visitors()
    refused = madoguchi("export", "--config", town.desks[0].config, "--stick", town.stick, code=1)
    assert "not registered" in refused
    assert list(town.stick.iterdir()) == []
    town.register_stick()

    made = [desk.rows("SELECT COUNT(*) FROM record")[0][0] for desk in town.desks]
    for desk, count in zip(town.desks, made, strict=True):
        out = told("export", "--config", desk.config, "--stick", town.stick)
        assert (out["sent"], out["receipted"], out["waiting"]) == (count, 0, count)
    assert on_stick(town.stick, "batch") == 2
    (town.stick / "much").write_bytes(bytes(100_001))  # what is searched must be more than a little
    assert_nowhere(town.stick, MEMO, but=Path("nothing"))

    town.desks[1].process.kill()  # weeks pass, boxes are unplugged
    town.desks[1].open()
    assert town.pull() == {"boxes": 2, "records": sum(made), "new": sum(made), "refused": []}
    pushed = town.push()
    assert (pushed["boxes"], pushed["records"]) == (2, sum(made))
    assert (on_stick(town.stick, "batch"), on_stick(town.stick, "reply")) == (0, 2)
    assert_nowhere(town.stick, MEMO, but=Path("nothing"))

    for desk, count in zip(town.desks, made, strict=True):
        home = told("import", "--config", desk.config, "--stick", town.stick)
        assert (home["receipted"], home["waiting"], home["quarantined"]) == (count, 0, 0)
        marks = desk.rows("SELECT COUNT(*), COUNT(receipted_by), COUNT(opened_in), COUNT(ciphertext) FROM record")
        assert marks == [(count, count, count, count)], "everything is marked, and nothing is deleted"
    assert on_stick(town.stick, "reply") == 0
    assert told("import", "--config", town.desks[0].config, "--stick", town.stick)["receipted"] == 0

    register = (town.office.path / "media-register.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(",", 1)[1] for line in register[1:]] == [
        f"1,窓口から役場へ,{sum(made)},総務 花子",
        f"1,役場から窓口へ,{sum(made)},総務 花子",
    ]


@contextmanager
def office_pages(town: Town, *words: str) -> Iterator[str]:
    """The office as a process; where its pages begin."""
    port, log = free_port(), town.folder / "office.log"
    office = Process(["town", "office", "--folder", str(town.office.path), "--port", str(port), *words], log)
    office.start()
    try:
        wait_for(f"http://127.0.0.1:{port}", "/office/healthz")
        yield f"http://127.0.0.1:{port}/office"
    finally:
        office.end()
    assert PASSPHRASE not in log.read_text(encoding="utf-8")


def numbers_behind(address: str, secret: str) -> str:
    """The CSV of this year for an officer who signs in with that."""
    with requests.Session() as browser:
        csrf = browser.get(f"{address}/sign-in", timeout=20).text.split('name="csrf" value="')[1].split('"')[0]
        words = {"csrf": csrf, "user": "office", "pin": secret}
        assert "来所件数" in browser.post(f"{address}/sign-in", data=words, timeout=20).text
        return browser.get(f"{address}/statistics.csv?period=year", timeout=20).content.decode("utf-8-sig")


def test_the_office_box_counts_with_no_network_behind_its_passphrase(town: Town) -> None:
    town.open_desks()
    town.register_stick()
    for desk in town.desks:
        desk.serve_visitors()
        madoguchi("export", "--config", desk.config, "--stick", town.stick)
    town.pull()
    counted = f"来所件数,visits,来所件数,{2 * EACH},件"
    with office_pages(town) as address:
        assert "合言葉" in requests.get(f"{address}/statistics", timeout=20).text
        assert counted in numbers_behind(address, PASSPHRASE)
    with office_pages(town, "--pin", "731904", "--passphrase-file", str(town.passphrase)) as address:
        assert counted in numbers_behind(address, "731904")


def test_by_wire_the_same_two_verbs_fetch_and_answer(town: Town) -> None:
    town.open_desks()
    desk, port = town.desks[0], free_port()
    text = desk.config.read_text(encoding="utf-8")
    desk.process.end()
    desk.config.write_text(
        text.replace("[town]\n", f'[town]\nreceiver = "http://127.0.0.1:{port}"\n'), encoding="utf-8"
    )
    desk.open()
    desk.serve_visitors()
    where = ["--folder", str(town.office.path)]
    receiver = Process(["town", "receiver", *where, "--port", str(port), "--office-token", "t"], town.folder / "r.log")
    receiver.start()
    try:
        wait_for(f"http://127.0.0.1:{port}", "/v1/healthz")
        count = told("sync", "--config", desk.config)["receipted"]
        wire = [*where, "--receiver", f"http://127.0.0.1:{port}", "--office-token", "t"]
        pulled = told("town", "pull", *wire, "--passphrase-file", town.passphrase)
        assert pulled == {"boxes": 0, "records": 0, "new": count, "refused": []}
        assert told("town", "push", *wire)["refused"] == []
        told("sync", "--config", desk.config)
        assert desk.rows("SELECT COUNT(opened_in) FROM record") == [(count,)]
        assert not (town.office.path / "media-register.csv").exists()
    finally:
        receiver.end()
    away = madoguchi("town", "pull", *wire, "--passphrase-file", str(town.passphrase), code=75)
    assert "cannot be reached" in away


def test_a_revoked_stick_and_one_of_nobody_are_refused_in_the_town_hall(town: Town) -> None:
    town.open_desks()
    town.register_stick()
    madoguchi("town", "stick", "revoke", "--folder", town.office.path, "--number", "1")
    assert "revoked" in madoguchi("town", "stick", "list", "--folder", town.office.path)
    where: list[str | Path] = ["--folder", town.office.path, "--stick", town.stick]
    assert "revoked" in madoguchi("town", "push", *where, code=1)
    assert "revoked" in madoguchi("town", "push", *where, "--any", code=1)
    blank = town.folder / "blank"
    blank.mkdir()
    where = ["--folder", town.office.path, "--stick", blank]
    assert "not registered" in madoguchi("town", "push", *where, code=1)
    assert "未登録" in madoguchi("town", "push", *where, "--any")
    desk = town.desks[0]
    desk.process.end()
    assert "no record is lost" in madoguchi("export", "--config", desk.config, "--stick", blank, "--any", code=75)


# -------------------------------------------------------------------------------------------------- the same as by wire


@contextmanager
def door_of(desk: StickDesk, folder: Path, receiver: str = "") -> Iterator[Path]:
    """The door of that desk's database without the desk, so that nothing new is recorded meanwhile."""
    config = load_config(folder / desk.folder.name / "madoguchi.toml")
    key = load_or_create_device_key(config.state.directory / "device.key")
    store = Store(config.state.directory / "desk.db")
    keeper = Doorkeeper(
        outbox=StoredOutbox(store, MachineClock(store.run, seen=store.seen, said_before=store.said), key),
        notices=StoredNotices(config.state.directory, content=BUILT_IN, municipality=MUNICIPALITY),
        town=read_town_keys(config.town.keys, MUNICIPALITY),
        device_key=key,
        chain=store.chain,
        receiver_url=receiver,
        on_change=lambda: None,
        hold=timedelta(0),
    )
    with open_door(folder / "door", keeper) as path:
        yield path
    store.close()


def by_stick(town: Town, folder: Path) -> None:
    office = TownFolder(folder / "office")
    stick = Bundle(folder / "stick")
    for desk in town.desks:
        with door_of(desk, folder) as door:
            export(door, stick)
    road = StickRoad(stick, open_receiver(office))
    road.bring()
    open_office(office, PASSPHRASE, road).pull()
    road.answer()
    for desk in town.desks:
        with door_of(desk, folder) as door:
            bring_home(door, stick)


def by_wire(town: Town, folder: Path) -> None:
    office = TownFolder(folder / "office")
    receiver = open_receiver(office)
    with serving(create_receiver_app(receiver, office_tokens=[])) as url:
        for desk in town.desks:
            with door_of(desk, folder, url) as door:
                run(Route(door=door))
        open_office(office, PASSPHRASE, LocalSource(receiver)).pull()
        for desk in town.desks:
            with door_of(desk, folder, url) as door:
                run(Route(door=door))


RANDOM_OR_TIME = {"receipted_by", "opened_in", "listed", "received_ms"}
"""Columns of which only whether they are filled is the same: they name a life of the receiver, or a moment."""
ARRIVALS = {"receiver.db": {"number"}}
"""Numbers in the order of arrival: which box came first is nobody's business."""
LEFT_OUT = {"opened", "laid_out", "notice", "meta", "cursor", "counter"}
"""Tables made of such columns and signatures over them."""


def content_of(database: Path) -> dict[str, list[tuple[str, ...]]]:
    """Every row of every table, in an order of its own."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        names = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        blurred = RANDOM_OR_TIME | ARRIVALS.get(database.name, set())
        return {
            name: sorted(blur(row, blurred) for row in rows(opened, name)) for name in names if name not in LEFT_OUT
        }


def rows(database: sqlite3.Connection, table: str) -> Iterator[dict[str, object]]:
    asked = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (a name from the schema)
    names = [column[0] for column in asked.description]
    yield from (dict(zip(names, row, strict=True)) for row in asked)


def blur(row: dict[str, object], blurred: set[str]) -> tuple[str, ...]:
    return tuple(repr(value is not None if name in blurred else value) for name, value in row.items())


def test_the_state_after_a_stick_is_the_state_after_the_wire(town: Town, tmp_path: Path) -> None:
    town.open_desks()
    town.register_stick()
    for desk in town.desks:
        desk.serve_visitors()
    town.close()
    for way in ("stick-way", "wire-way"):
        parts = [town.office.path, town.stick, *(desk.folder for desk in town.desks)]
        for part in parts:
            shutil.copytree(part, tmp_path / way / part.name, ignore=shutil.ignore_patterns("*.sock"))
    by_stick(town, tmp_path / "stick-way")
    by_wire(town, tmp_path / "wire-way")
    for name in ("north/desk/desk.db", "south/desk/desk.db", "office/office.db", "office/receiver.db"):
        stick, wire = content_of(tmp_path / "stick-way" / name), content_of(tmp_path / "wire-way" / name)
        assert stick == wire, name
        assert sum(len(table) for table in stick.values()) > EACH
    marks = "SELECT COUNT(*) FROM record WHERE receipted_by IS NULL OR opened_in IS NULL"
    with closing(sqlite3.connect(tmp_path / "stick-way" / "north" / "desk" / "desk.db")) as database:
        assert database.execute(marks).fetchone() == (0,)
