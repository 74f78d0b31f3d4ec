"""A box that leaves, and one that is emptied to come back: nothing is forgotten unless somebody says so."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from appliance.cli import main
from appliance.config import load_config
from appliance.store.head import stored_head
from appliance.store.unsettled import unsettled_in
from provisioning.enrol import device_key
from provisioning.stick import EnrolStick
from sync.bundle import Bundle, Piece
from sync.enrolment import Request
from sync.keys import device_id
from tests.house.thirty import run
from tests.provisioning.boxes import KeptBox, files_of
from tests.provisioning.site import kit_bytes


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeptBox:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    box = KeptBox(tmp_path / "box")
    box.certify()
    return box


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def leave(box: KeptBox, stick: Path, *more: str) -> list[str]:
    return ["leave", "--config", str(box.place.config), "--stick", str(stick), *more]


def wipe(box: KeptBox, *more: str) -> list[str]:
    return ["provision", "wipe", "--config", str(box.place.config), *more]


def settle(box: KeptBox, *, is_opened: bool, last: int = 3) -> None:
    """As if receipts had come, and the office's word on them."""
    with closing(sqlite3.connect(box.database)) as database, database:
        database.execute("UPDATE record SET receipted_by = x'01' WHERE sequence <= ?", (last,))
        database.execute("UPDATE record SET opened_in = ? WHERE sequence <= ?", (1 if is_opened else None, last))


def test_a_box_with_records_that_nobody_has_says_no_farewell(
    box: KeptBox, stick: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(leave(box, stick)) == 1
    said = capsys.readouterr().err
    assert "まだ 町へ 渡していない 記録" in said
    assert "3" in said
    assert EnrolStick(stick).farewell(7) is None


def test_it_does_so_when_somebody_means_it_or_the_town_has_everything(box: KeptBox, stick: Path) -> None:
    assert "記録 3件まで" in run(*leave(box, stick, "--with-unsent"))
    EnrolStick(stick).put(7, "farewell", b"")
    settle(box, is_opened=False)
    assert "記録 3件まで" in run(*leave(box, stick))
    assert EnrolStick(stick).farewell(7)


@pytest.mark.parametrize(("last", "status"), [(3, 0), (2, 1)])
def test_records_on_that_very_stick_are_on_their_way(box: KeptBox, stick: Path, last: int, status: int) -> None:
    settle(box, is_opened=False, last=1)
    device, chain = device_id(device_key(box.place).public), stored_head(box.database).chain
    bundle = Bundle(stick)
    bundle.put_batch(Piece(device=device, chain=chain, after=1, last=last), b"batch")
    bundle.put_batch(Piece(device=device, chain=b"another!", after=0, last=9), b"batch")
    assert main(leave(box, stick)) == status


@pytest.mark.parametrize("receipted", [0, 3])
def test_a_box_that_alone_may_have_some_records_is_not_emptied(
    box: KeptBox, capsys: pytest.CaptureFixture[str], receipted: int
) -> None:
    settle(box, is_opened=False, last=receipted)
    before = list(files_of(box.folder))
    assert main(wipe(box)) == 1
    assert "何も 消していません" in capsys.readouterr().err
    assert list(files_of(box.folder)) == before


def test_an_emptied_box_has_nothing_left_of_what_it_was(box: KeptBox, capsys: pytest.CaptureFixture[str]) -> None:
    key = box.place.device_key.read_bytes()
    (box.place.state / "practice").mkdir()
    (box.place.state / "practice" / "desk.db").write_bytes(b"x")
    text = box.place.config.read_text(encoding="utf-8")
    box.place.config.write_text(text + "\n[server]\nport = 8123\n\n[limits]\npages_per_second = 70\n", encoding="utf-8")
    settle(box, is_opened=True)
    assert main(wipe(box)) == 0
    told = capsys.readouterr()
    assert "はじめの姿" in told.out
    assert "番号 7 は もう 使いません" in told.err
    assert list(box.place.state.iterdir()) == []
    config = load_config(box.place.config)
    assert (config.desk.facility, config.town.keys.exists(), config.town.receiver) == ("not-enrolled", False, "")
    assert (config.server.port, config.limits.pages_per_second) == (8123, 70)
    assert config.state.directory == box.place.state
    assert not [
        name for name, content in files_of(box.place.config.parent) if key in content or "中央".encode() in content
    ]
    assert main(wipe(box)) == 0, "a second time does no harm"


def test_an_emptied_box_comes_back_with_new_keys_and_a_new_number(box: KeptBox, stick: Path, tmp_path: Path) -> None:
    before = device_key(box.place).public
    run(*wipe(box, "--lose-records"))
    (stick / "site.kit").write_bytes(kit_bytes(tmp_path / "site"))
    EnrolStick(stick).put(7, "request", b"of the box before")
    run("enrol", "--config", box.place.config, "--stick", stick, "--facility", "kominkan-chuo")
    request = Request.from_bytes(EnrolStick(stick).request(8) or b"")
    assert request.public_key != before
    assert request.box == 8


def test_a_withdrawn_record_that_the_town_has_hollowed_holds_nobody_back(box: KeptBox) -> None:
    settle(box, is_opened=True)
    with closing(sqlite3.connect(box.database)) as database, database:
        database.execute("UPDATE record SET ciphertext = NULL, opened_in = NULL WHERE sequence = 2")
    assert unsettled_in(box.database).unopened == 0
    with closing(sqlite3.connect(box.database)) as database, database:
        database.execute("UPDATE record SET receipted_by = NULL WHERE sequence = 2")
    assert (unsettled_in(box.database).unsent, unsettled_in(box.database).unopened) == ([2], 1)
