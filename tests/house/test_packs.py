"""Packs, revoked sticks and lists from the office to the boxes: by stick, by wire, and by both in turn."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from appliance.assembly.notices import NoticeFolder
from appliance.assembly.town import TownFolder, leaving_of, open_office, open_receiver, town_keys_of
from sync.bundle import Bundle
from sync.carrying import bring_home, export
from sync.courier import Route, run
from sync.keys import SigningKey, load_private
from sync.leaving import Departure, Leave
from sync.notices import CONTENT
from sync.office.errors import SourceAway
from sync.packs import content_body
from sync.receiver.app import create_receiver_app
from sync.roads import StickRoad, WireRoad
from tests.configured import free_port
from tests.house.running import PASSPHRASE, Process, ask, wait_for
from tests.house.test_stick import EACH, Town, content_of, door_of, madoguchi, told
from tests.sync.receiver.road import OFFICE_TOKEN, OFFICE_TOKENS, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

TOPICS = '[[topic]]\nid = "phone"\nname = "スマホ"\n\n[[topic]]\nid = "bus"\nname = "デマンド交通"\n'
ACROSS = '[[age_band]]\nid = "60to69"\nname = "60代"\nlower = 60\nupper = 69\n'


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.close()


def pack(town: Town, *, code: int = 0, **files: str) -> str:
    folder = town.folder / "packs"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    where: list[str | Path] = ["--folder", town.office.path, "--passphrase-file", town.passphrase]
    return madoguchi("town", "pack", *where, "--from", folder, code=code)


def topics(address: str) -> list[str]:
    return [topic["id"] for topic in ask(address, "GET", "/api/v1/catalogue/topics").json]


def test_packs_go_on_a_stick_to_every_box_and_are_used_from_its_next_start(town: Town) -> None:
    town.open_desks()
    town.register_stick()
    before = topics(town.desks[0].address)
    assert "across 65" in pack(town, age_bands=ACROSS, code=1)
    assert "Signed the content packs" in pack(town, topics=TOPICS, calendar="[hours]\nmonday = []\n")
    town.desks[0].serve_visitors()
    for desk in town.desks:
        madoguchi("export", "--config", desk.config, "--stick", town.stick)
    town.pull()
    town.push()
    for desk in town.desks:
        assert told("status", "--config", desk.config)["content_next"] is None
        madoguchi("import", "--config", desk.config, "--stick", town.stick)
        status = told("status", "--config", desk.config)
        assert (status["content"], status["content_next"] is None) == (None, False)
        assert topics(desk.address) == before, "nobody's work is disturbed"
        desk.process.end()
        desk.open()
        assert topics(desk.address) == ["phone", "bus"]
        status = told("status", "--config", desk.config)
        assert (status["content"] is None, status["content_next"]) == (False, None)
    result = (town.stick / "RESULT.txt").read_bytes().decode("utf-8-sig")
    assert result.count("■ ") == 4
    assert "媒体管理簿に 書くこと: " in result
    assert "役場から窓口へ" in result


def test_packs_and_revoked_sticks_reach_a_box_by_wire(town: Town) -> None:
    port = free_port()
    town.open_desks()
    town.register_stick()
    desk = town.desks[0]
    desk.process.end()
    text = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(
        text.replace("[town]\n", f'[town]\nreceiver = "http://127.0.0.1:{port}"\n'), encoding="utf-8"
    )
    desk.open()
    receiver = Process(["town", "receiver", "--folder", str(town.office.path), "--port", str(port)], town.folder / "r")
    receiver.start()
    try:
        wait_for(f"http://127.0.0.1:{port}", "/v1/healthz")
        madoguchi("town", "stick", "revoke", "--folder", town.office.path, "--number", "1")
        assert told("export", "--config", desk.config, "--stick", town.stick)["sent"] >= 0, "it has not heard"
        pack(town, topics=TOPICS)
        town_pull_any(town)
        told("sync", "--config", desk.config)
        assert told("status", "--config", desk.config)["content_next"] is not None
        for words in (["export"], ["import"], ["export", "--any"]):
            refused = madoguchi(*words, "--config", desk.config, "--stick", town.stick, code=1)
            assert "has revoked this stick" in refused
    finally:
        receiver.end()


def town_pull_any(town: Town) -> None:
    """The office looks, with another stick that nobody has registered."""
    other = town.folder / "other"
    other.mkdir()
    where: list[str | Path] = ["--folder", town.office.path, "--passphrase-file", town.passphrase]
    madoguchi("town", "pull", *where, "--stick", other, "--any")


# ---------------------------------------------------------------------------------------- by wire and by stick in turn


def elsewhere(folder: Path) -> TownFolder:
    """A second machine of the town, on the internet side, which holds what a receiver needs and nothing else."""
    away = TownFolder(folder / "elsewhere")
    away.path.mkdir()
    for name in ("town-keys.toml", "devices.toml", "receiver.key"):
        shutil.copy(folder / "office" / name, away.path)
    return away


class BreakingWire(WireRoad):
    """A wire that fails when everything has been fetched and nothing is laid out."""

    def __init__(self, url: str, *, breaks: bool) -> None:
        super().__init__(url, token=OFFICE_TOKEN)
        self.road = "https://elsewhere"  # the port is another each time
        self.breaks = breaks

    def announce(self, notice: bytes) -> None:
        if self.breaks:
            raise SourceAway
        super().announce(notice)


def wires(town: Town, folder: Path, *, sticks_between: bool) -> None:
    """Two runs by wire to a receiver elsewhere, and a way on foot between them; the office speaks on each road."""
    office, away = TownFolder(folder / "office"), elsewhere(folder)
    stick = Bundle(folder / "stick")
    with serving(create_receiver_app(open_receiver(away), office_tokens=OFFICE_TOKENS)) as url:
        wire = BreakingWire(url, breaks=sticks_between)
        for desk in town.desks:
            with door_of(desk, folder, url) as door:
                run(Route(door=door))
        opened = open_office(office, PASSPHRASE, wire)
        opened.announce(CONTENT, content_body({"topics.toml": TOPICS}))
        if sticks_between:
            with pytest.raises(SourceAway):
                opened.pull()
            on_foot(town, folder, office, stick)
            wire.breaks = False
            open_office(office, PASSPHRASE, wire).publish()
        else:
            opened.pull()
        for desk in town.desks:
            with door_of(desk, folder, url) as door:
                run(Route(door=door))
        assert leaving_of(away, town_keys_of(away)).departure(GONE), "the receiver elsewhere has heard who has left"


def on_foot(town: Town, folder: Path, office: TownFolder, stick: Bundle) -> None:
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
        assert is_served(folder / desk.folder.name), "what went by wire is opened by stick"


def is_served(folder: Path) -> bool:
    """Whether that desk knows that all its records were opened, and has the packs."""
    unopened = "SELECT COUNT(*) FROM record WHERE opened_in IS NULL"
    with closing(sqlite3.connect(folder / "desk" / "desk.db")) as database:
        (left,) = database.execute(unopened).fetchone()
    kept = NoticeFolder(folder / "desk").read(CONTENT)
    return left == 0 and kept is not None and kept.says == {"topics.toml": TOPICS}


GONE = b"gone!!!!"


def test_a_box_that_changes_from_wire_to_stick_and_back_is_as_one_that_kept_to_the_wire(
    town: Town, tmp_path: Path
) -> None:
    town.open_desks()
    town.register_stick()
    for desk in town.desks:
        desk.serve_visitors()
    town.close()
    lists = SigningKey.from_bytes(load_private(town.office.private("lists"), PASSPHRASE))
    book = leaving_of(town.office, town_keys_of(town.office))
    departure = Departure(device=GONE, how=Leave.STOLEN, heads=())
    book.take(book.newest().with_departure(departure).to_bytes(lists))
    for way in ("mixed", "wire"):
        for part in (town.office.path, town.stick, *(desk.folder for desk in town.desks)):
            shutil.copytree(part, tmp_path / way / part.name, ignore=shutil.ignore_patterns("*.sock"))
    wires(town, tmp_path / "mixed", sticks_between=True)
    wires(town, tmp_path / "wire", sticks_between=False)
    for name in ("north/desk/desk.db", "south/desk/desk.db", "office/office.db", "elsewhere/receiver.db"):
        mixed, wire = content_of(tmp_path / "mixed" / name), content_of(tmp_path / "wire" / name)
        assert mixed == wire, name
        assert sum(len(table) for table in mixed.values()) > EACH
    for way in ("mixed", "wire"):
        assert all(is_served(tmp_path / way / desk.folder.name) for desk in town.desks)
