"""A box that nobody has given the municipality's keys: it is set up and practised on, and records once they come."""

import json
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from appliance.assembly.town import TownFolder, make_town
from tests.configured import MUNICIPALITY, free_port, write_config
from tests.house.running import PASSPHRASE, TOKEN, Answer, Person, Process, ask, wait_for
from tests.house.thirty import run

PIN = "937481"
TYPED = {
    "municipality.kind": "町",
    "municipality.code": MUNICIPALITY,
    "municipality.name": "見本町",
    "municipality.hall": "町役場",
    "municipality.hall_reading": "チョウヤクバ",
    "municipality.head": "町長",
    "municipality.section": "企画情報課",
    "municipality.telephone": "000-000-0000",
    "facility.1.id": "toshokan",
    "facility.1.name": "町立図書館",
    "facility.1.type": "図書館",
    "facility.1.authority": "head",
    "facility.1.section": "生涯学習課",
    "person.1.name": "すぎ",
    "person.1.permission": "ict_support",
    "person.2.name": "かえで",
    "person.2.permission": "facility_staff",
}


class NewBox:
    """One box as it comes out of its parcel."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.config = write_config(folder, port=self.port, receiver_port=free_port())
        self.address = f"http://127.0.0.1:{self.port}"
        self.desk = Process(["serve", "--config", str(self.config), "--demo-token", TOKEN], folder / "desk.log")

    def open(self) -> None:
        self.desk.start()
        wait_for(self.address, "/api/v1/healthz")

    def set_up(self) -> None:
        with requests.Session() as browser:
            page = browser.get(self.address + "/set-up", timeout=20).text
            csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
            entries = {"csrf": csrf, "name": "すぎ", "pin": PIN, "again": PIN}
            assert browser.post(self.address + "/set-up", data=entries, timeout=20).status_code == 200

    def bring_keys(self) -> None:
        make_town(TownFolder(self.folder / "elsewhere"), MUNICIPALITY, PASSPHRASE)
        (self.folder / "town").mkdir()
        shutil.copy(self.folder / "elsewhere" / "town-keys.toml", self.folder / "town" / "town-keys.toml")

    def press(self) -> Answer:
        return ask(self.address, "POST", "/api/v1/calls", {"button": 1})

    def rows(self, table: str) -> int:
        with closing(sqlite3.connect(self.folder / "desk" / "desk.db")) as database:
            return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 (our own names)

    def log(self) -> str:
        return self.desk.log.read_text(encoding="utf-8")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[NewBox]:
    built = NewBox(tmp_path)
    built.open()
    yield built
    built.desk.end()


def test_set_up_and_practice_run_everything_else_is_refused_in_words_and_nothing_is_stored(box: NewBox) -> None:
    box.set_up()
    support = Person(box.address, number=1, pin=PIN)
    support.look("/")
    assert "自治体の鍵が まだ ありません" in support.page
    for path in ("/visits", "/opening/time", "/closing"):
        support.look("/")
        support.press(path, date="2026-11-21", time="10:00")
        assert "no_town_keys" in support.page, path
    said = {"topics": ["phone"], "age_band": "75to84", "outcome": "resolved", "memo": "ひみつのこと"}
    for answer in (box.press(), ask(box.address, "POST", "/api/v1/consultations", said)):
        assert (answer.status, answer.json["code"]) == (503, "no_town_keys")
        assert "練習" in answer.json["title"]
    support.look("/")
    support.press("/practice")
    assert "練習中" in support.page
    support.leave()
    assert box.rows("record") == 0
    assert {table: box.rows(table) for table in ("call", "visit", "consultation")} == dict.fromkeys(
        ("call", "visit", "consultation"), 0
    )
    assert not (box.folder / "desk" / "device.key").exists()
    found = [path for path in (box.folder / "desk").iterdir() if "ひみつ".encode() in path.read_bytes()]
    assert found == []


def test_with_the_keys_it_begins_to_record_without_being_started_again(box: NewBox) -> None:
    box.set_up()
    support = Person(box.address, number=1, pin=PIN)
    process = box.desk.process
    box.bring_keys()
    assert until_it_records(box) == 201
    assert box.desk.process is process
    assert process is not None
    assert process.poll() is None
    assert box.rows("record") >= 3, "the call, and what was held back: the set-up and a sign-in"
    again = Person(box.address, number=1, pin=PIN)
    again.look("/")
    assert "自治体の鍵が まだ ありません" not in again.page
    for one in (support, again):
        one.leave()


def test_the_kit_is_made_on_the_box_and_with_it_the_box_is_another(box: NewBox) -> None:
    """From the parcel to the first record: set-up, 「はじめの1台」, `enrol`; the desk begins again by its new name.

    The kit's people join whoever did the set-up, who is on the kit too.
    """
    box.set_up()
    town = TownFolder(box.folder / "desk" / "first-box")
    make_town(town, MUNICIPALITY, PASSPHRASE)
    support = Person(box.address, number=1, pin=PIN)
    support.look("/first-box")
    support.press("/first-box", **{**TYPED, "passphrase": PASSPHRASE})
    assert "キットを 作りました" in support.page
    (box.folder / "pin").write_text(f"1 {PIN}\n", encoding="utf-8")
    words = ("--stick", town.path, "--facility", "toshokan", "--pin-file", box.folder / "pin")
    said = run("enrol", "--config", box.config, *words)
    assert "すぎ" not in said
    found = re.search(r"2.* かえで +([0-9]{3}) ([0-9]{3})", said)
    assert found, said
    assert until_it_records(box) == 201
    support.look("/")
    assert "町立図書館" in support.page
    assert "どなたですか" in support.page, "whoever was signed in types her PIN again"
    assert box.rows("record") >= 5, "the call, the set-up, two sign-ins, and かえで"
    joined = Person(box.address, number=2, pin=found[1] + found[2])
    joined.look("/people")
    assert [joined.page.count(name) > 0 for name in ("すぎ", "かえで")] == [True, True]
    assert box.rows("staff") == 2
    assert PASSPHRASE not in box.log()
    for person in (support, joined):
        person.leave()


def test_keys_of_another_municipality_are_told_of_and_not_used(box: NewBox) -> None:
    make_town(TownFolder(box.folder / "town"), "131016", PASSPHRASE)
    deadline = time.monotonic() + 15
    while "131016" not in box.log() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert "131016" in box.log()
    assert box.press().status == 503


def until_it_records(box: NewBox) -> int:
    """The status of the first press that was taken, or of the last."""
    deadline, status = time.monotonic() + 30, 0
    while status != 201 and time.monotonic() < deadline:
        try:
            status = box.press().status
        except (OSError, json.JSONDecodeError):
            status = 0
        time.sleep(0.2)
    return status
