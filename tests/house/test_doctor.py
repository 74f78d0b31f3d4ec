"""The doctor at a desk that runs, one that is stopped, and one whose disk has suffered."""

import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.configured import FACILITY_STAFF_PIN, VOLUNTEER_PIN, write_people
from tests.house.running import MADOGUCHI, PASSPHRASE, TOKEN, SmallTown, ask
from tests.house.test_power import ENTRY

MEMO = "むすこの でんわ デコイ-61af"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[SmallTown]:
    town = SmallTown(tmp_path)
    write_people(tmp_path, "facility_staff")
    town.open_desk()
    yield town
    town.close()


def examined(town: SmallTown, *words: str) -> tuple[int, dict[str, Any]]:
    """What the command finds, by the check, and its exit status."""
    done = subprocess.run(
        [*MADOGUCHI, "doctor", "--config", str(town.config), "--json", *words],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == b""
    answer = json.loads(done.stdout)
    assert answer["well"] is (done.returncode == 0)
    return done.returncode, {one["check"]: one["finding"] for one in answer["checks"]}


def status(town: SmallTown) -> dict[str, Any]:
    done = subprocess.run(
        [*MADOGUCHI, "status", "--config", str(town.config), "--json"], capture_output=True, timeout=60, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def serve_somebody(town: SmallTown) -> None:
    assert ask(town.address, "POST", "/api/v1/calls", {"button": 1}).status == 201
    assert ask(town.address, "POST", "/api/v1/consultations", {**ENTRY, "memo": MEMO}).status == 201


def test_a_desk_is_examined_running_stopped_and_broken(town: SmallTown, tmp_path: Path) -> None:
    serve_somebody(town)
    code, found = examined(town)
    assert (code, found["pages"], found["door"]) == (0, "pages_answer", "door_answers")
    assert (found["database"], found["chain"], found["reserve"]) == ("database_whole", "chain_sound", "reserve_there")
    before = status(town)
    assert (before["runs"], before["town_answered_at"]) == (True, None)
    assert before["unsent"] > 0

    town.open_receiver()
    assert town.sync()[0] == 0
    after = status(town)
    assert after["unsent"] == 0
    assert after["town_answered_at"] is not None
    serve_somebody(town)
    assert examined(town)[0] == 0, "and the desk has kept its locks: it goes on writing"

    assert town.desk.end() == 0
    code, found = examined(town)
    assert (code, found["pages"], "door" in found) == (1, "pages_silent", False)
    assert (found["database"], found["chain"]) == ("database_whole", "chain_sound")
    assert status(town)["runs"] is False

    state = tmp_path / "desk"
    (state / "reserve").unlink()
    database = bytearray((state / "desk.db").read_bytes())
    database[8192:] = os.urandom(len(database) - 8192)
    (state / "desk.db").write_bytes(database)
    code, found = examined(town)
    assert (code, found["reserve"], found["database"]) == (1, "reserve_missing", "database_broken")
    assert "chain_broken" not in found.values()


def test_a_desk_that_was_cut_off_is_examined_as_it_lies(town: SmallTown) -> None:
    serve_somebody(town)
    town.desk.kill()
    assert examined(town)[1]["chain"] == "chain_sound"
    town.open_desk()
    assert examined(town)[0] == 0


def test_the_parcel_of_a_desk_at_work_holds_nobody(town: SmallTown, tmp_path: Path) -> None:
    serve_somebody(town)
    parcel = tmp_path / "parcel.tar.gz"
    assert examined(town, "--bundle", str(parcel))[0] == 0
    with tarfile.open(parcel) as packed:
        contents = b"".join(content.read() for entry in packed if (content := packed.extractfile(entry)))
    key = (tmp_path / "desk" / "device.key").read_bytes()
    decoys = (MEMO, VOLUNTEER_PIN, FACILITY_STAFF_PIN, "さくら", "かえで", TOKEN, PASSPHRASE)
    for decoy in (
        key,
        key.hex().encode(),
        *(form for one in decoys for form in (one.encode(), json.dumps(one).encode())),
    ):
        assert decoy not in contents
