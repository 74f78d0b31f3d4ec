"""「禁止データ 0件」 on a desk that runs: what was typed is nowhere, and what was planted is found."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.configured import FACILITY_STAFF_PIN, write_people
from tests.house.running import MADOGUCHI, Person, SmallTown, ask
from tests.house.test_power import ENTRY

NUMBER = "123456789018"
"""A number nobody has been given, with a right check digit."""
DECOYS = ("目が見えにくい デコイ-5c1e77", "むすこの でんわ デコイ-9d02b4")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[SmallTown]:
    town = SmallTown(tmp_path)
    write_people(tmp_path, "facility_staff")
    town.open_desk()
    yield town
    town.close()


def let_the_box_be_searched(kaede: Person) -> None:
    """Press the button, and wait for the verdict as the page says one should."""
    kaede.look("/proof")
    kaede.press("/proof")
    deadline = time.monotonic() + 60
    while "いま 調べています" in kaede.page:
        assert time.monotonic() < deadline
        time.sleep(0.2)
        kaede.look("/proof")


def prove(town: SmallTown, decoys: Path) -> tuple[int, dict[str, object]]:
    """The same by the command, which knows the decoys: exit status and what it printed."""
    words = [*MADOGUCHI, "proof", "--config", str(town.config), "--log", str(town.desk.log), "--json"]
    done = subprocess.run([*words, "--decoys", str(decoys)], capture_output=True, timeout=120, check=False)
    return done.returncode, json.loads(done.stdout)


def test_what_was_typed_is_nowhere_and_what_was_planted_is_found(town: SmallTown, tmp_path: Path) -> None:
    decoys = tmp_path / "decoys"
    decoys.write_text("\n".join(DECOYS), encoding="utf-8")
    for number in range(20):
        memo = DECOYS[number % 2]
        assert ask(town.address, "POST", "/api/v1/calls", {"button": 1}).status == 201
        assert ask(town.address, "POST", "/api/v1/consultations", {**ENTRY, "memo": memo}).status == 201
    refused = ask(town.address, "POST", "/api/v1/consultations", {**ENTRY, "memo": f"番号は {NUMBER}"})
    assert (refused.status, refused.json["code"]) == (422, "forbidden_text")
    kaede = Person(town.address, number=2, pin=FACILITY_STAFF_PIN)
    let_the_box_be_searched(kaede)
    assert "禁止データ 0件" in kaede.page
    status, found = prove(town, decoys)
    assert (status, found["found"], found["unread"]) == (0, [], [])
    assert isinstance(found["files"], int)
    assert found["files"] >= 5, "database, its log, keys and the desk's own log"

    (tmp_path / "desk" / "note.txt").write_text(f"来た人の番号 {NUMBER}", encoding="utf-8")
    with town.desk.log.open("a", encoding="utf-8") as log:
        log.write(f"WARNING somebody printed {NUMBER}\n")
    let_the_box_be_searched(kaede)
    assert "禁止データ 2件" in kaede.page
    assert re.search(r"desk\.log.*note\.txt", kaede.page, re.DOTALL)
    assert NUMBER not in kaede.page
    status, found = prove(town, decoys)
    assert status == 1
    assert found["found"] == [
        {"path": "desk.log", "kind": "my_number"},
        {"path": "note.txt", "kind": "my_number"},
    ]
    assert ask(town.address, "POST", "/api/v1/calls", {"button": 1}).json["state"] == "raised"
    kaede.leave()
