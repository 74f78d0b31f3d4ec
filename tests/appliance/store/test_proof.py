import json
import os
import random
import socket
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from appliance.desk.errors import StorageFailed
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.staff import StaffRole
from appliance.store.proof import BLOCK, Finding, FolderProver, Kind, Proof, search
from appliance.store.store import Store
from sync.keys import load_or_create_device_key
from sync.sealing import RecordSealer
from tests.fakes import FakeWorld, build_world
from tests.sync.parts import TOWN_KEYS

NUMBER = "123456789018"
"""A number nobody has been given, with a right check digit."""
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
KANJI = str.maketrans("0123456789", "〇一二三四五六七八九")
DECOY = "ないしょのメモ デコイ-7391"


def kinds(proof: Proof) -> set[Kind]:
    return {finding.kind for finding in proof.found}


def open_world(folder: Path) -> FakeWorld:
    """A desk that really seals and really stores."""
    store = Store(folder / "desk.db")
    key = load_or_create_device_key(folder / "device.key")
    return build_world(storage=store, sealer=RecordSealer(TOWN_KEYS, key, start=store.run.start))


def log(world: FakeWorld, memo: str) -> None:
    entry = ConsultationEntry(topics=("phone", "password"), age_band="75to84", outcome="resolved", memo=memo)
    world.desk.consultations.log(entry, by=StaffRole.PROMOTION_VOLUNTEER)


@pytest.mark.parametrize(
    "content",
    [
        NUMBER.encode(),
        b"memo=" + NUMBER.encode() + b"\n",
        b"1234-5678-9018",
        b"\0\1\2" + NUMBER.encode() + b"\xff\xfe",
        NUMBER.translate(WIDE).encode(),
        "１２３４ー５６７８ー９０１８".encode(),
        NUMBER.translate(KANJI).encode(),
        NUMBER.encode("utf-16-le"),
        NUMBER.encode("utf-16-be"),
        b"\0" + NUMBER.encode("utf-16-le"),
        NUMBER.translate(WIDE).encode("utf-16-le"),
        json.dumps({"memo": NUMBER.translate(WIDE)}).encode(),
        json.dumps({"memo": NUMBER.translate(KANJI)}).encode(),
        "個人番号 123456789012".encode(),
        b"x" * (BLOCK - 7) + b" " + NUMBER.encode() + b" more",
        b"1 " * (BLOCK // 2 - 9) + b", " + NUMBER.encode(),
        ("あ" * (BLOCK // 3 - 2)).encode() + NUMBER.encode(),
        random.Random(1).randbytes(2 * BLOCK - 5) + b"\n" + NUMBER.encode() + b"\n" + random.Random(2).randbytes(BLOCK),
    ],
)
def test_a_number_is_found_however_it_is_written_and_wherever_it_stands(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "desk.log").write_bytes(content)
    proof = search(tmp_path)
    assert proof.found == (Finding("log/desk.log", Kind.MY_NUMBER),)
    assert (proof.files, proof.bytes, proof.unread) == (1, len(content), ())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"2026-11-21 10:30:00,123 INFO 127.0.0.1:8080",
        b'{"at": 1795226400123, "mono": 3723123}',
        b"03-1234-5678 090-1234-5678",
        b"12345678-1234-1234-1234-" + NUMBER.encode(),
        b"ab" + NUMBER.encode() + b"cdef",
        b"".join(b"%d\n" % at for at in range(1_795_226_400_000, 1_795_226_600_000)),
    ],
)
def test_times_addresses_and_identifiers_are_not_numbers(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "desk.log").write_bytes(content)
    assert search(tmp_path).found == ()


def test_a_log_full_of_identifiers_is_clean(tmp_path: Path) -> None:
    chance = random.Random(3)
    lines = (f"{UUID(int=chance.getrandbits(128))} {chance.randbytes(32).hex()}\n" for _ in range(30_000))
    (tmp_path / "desk.log").write_text("".join(lines))
    assert search(tmp_path).found == ()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_fifty_megabytes_of_chance_hold_nothing(tmp_path: Path) -> None:
    chance = random.Random(4)
    with (tmp_path / "ciphertext").open("wb") as file:
        for _ in range(50):
            file.write(chance.randbytes(BLOCK))
    proof = search(tmp_path, decoys=[DECOY])
    assert (proof.bytes, proof.found, proof.unread) == (50 * BLOCK, (), ())


@pytest.mark.parametrize(
    "content",
    [
        DECOY.encode(),
        DECOY.encode("utf-16-le"),
        DECOY.encode("utf-16-be"),
        json.dumps(DECOY).encode(),
        json.dumps(DECOY).upper().replace("\\U", "\\u").encode(),
        DECOY.translate(KANJI).encode(),
        DECOY.translate(WIDE).encode(),
        b"x" * (BLOCK - 3) + DECOY.encode(),
    ],
)  # fmt: skip
def test_a_decoy_is_found_in_every_form(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(b"before" + content + b"after")
    assert kinds(search(tmp_path, decoys=["something else", DECOY])) == {Kind.DECOY}
    assert kinds(search(tmp_path, decoys=["something else"])) == set()


def test_a_decoy_longer_than_the_overlap_is_found_across_blocks(tmp_path: Path) -> None:
    decoy = "長い話" * 600
    (tmp_path / "file").write_bytes(b"x" * (BLOCK - 6000) + json.dumps(decoy).encode())
    assert kinds(search(tmp_path, decoys=[decoy])) == {Kind.DECOY}


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
def test_a_private_key_is_found(tmp_path: Path, kind: str) -> None:
    (tmp_path / "copied.pem").write_text(f"-----BEGIN {kind}PRIVATE KEY-----\nAAAA\n-----END {kind}PRIVATE KEY-----\n")
    (tmp_path / "town.pem").write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    assert search(tmp_path).found == (Finding("copied.pem", Kind.PRIVATE_KEY),)


@pytest.mark.parametrize("cell", [NUMBER, NUMBER.encode(), int(NUMBER), f"{'長い話' * 5000}{NUMBER}"])
def test_a_cell_is_found_though_its_neighbours_touch_it(tmp_path: Path, cell: object) -> None:
    with sqlite3.connect(tmp_path / "desk.db") as database:
        database.execute('CREATE TABLE "no""te" (before TEXT, cell, after TEXT)')
        database.execute('INSERT INTO "no""te" VALUES (?, ?, ?)', ("75to84", cell, "2026"))
    database.close()
    assert search(tmp_path).found == (Finding("desk.db", Kind.MY_NUMBER),)


def test_a_time_in_milliseconds_is_no_number(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "desk.db") as database:
        database.execute("CREATE TABLE call (wall_ms INTEGER)")
        database.execute("INSERT INTO call VALUES (?)", (int(NUMBER),))
    database.close()
    assert search(tmp_path).found == ()
    assert [path.name for path in tmp_path.iterdir()] == ["desk.db"]


def test_a_row_that_was_deleted_or_stands_only_in_the_write_ahead_log_is_found(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "desk.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = wal")
    database.execute("CREATE TABLE note (text TEXT)")
    database.execute("INSERT INTO note VALUES (?)", (f"番号 {NUMBER} です",))
    database.execute("DELETE FROM note")
    proof = FolderProver(tmp_path).prove()
    database.close()
    assert proof.found == (Finding("desk.db-wal", Kind.MY_NUMBER),)


@pytest.mark.timeout(300)
def test_a_database_of_two_thousand_records_is_clean(tmp_path: Path) -> None:
    world = open_world(tmp_path)
    for number in range(1000):
        world.desk.calls.pressed(1 + number % 9, source=CallSource.BUTTON)
        log(world, f"{DECOY} {number}")
    proof = FolderProver(tmp_path, decoys=[DECOY]).prove()
    assert isinstance(world.storage, Store)
    assert world.storage.unsent() >= 2000
    world.storage.close()
    assert (proof.found, proof.unread) == ((), ())
    assert proof.files == 4
    assert proof.bytes > 1_000_000
    assert search(tmp_path, decoys=[DECOY]).found == ()


def test_searching_beside_an_open_transaction_leaves_its_locks_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "desk.db")
    steal = f"import sqlite3; sqlite3.connect({str(tmp_path / 'desk.db')!r}, timeout=0).execute('BEGIN IMMEDIATE')"
    with store.writing():
        assert FolderProver(tmp_path).prove().unread == ()
        thief = subprocess.run([sys.executable, "-c", steal], capture_output=True, check=False)
    store.close()
    assert b"database is locked" in thief.stderr


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"SQLite format 3\0" + bytes(100))
    proof = search(tmp_path)
    assert proof.unread == ("broken.db",)
    assert proof.files == 0
    assert search(tmp_path / "nowhere").unread == (".",)


def test_links_and_sockets_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()
    (tmp_path / "elsewhere").write_text(NUMBER)
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(os.path.relpath(folder / "courier.sock"))
        proof = search(folder)
    assert (proof.files, proof.found, proof.unread) == (0, (), ())


def test_the_search_needs_little_memory(tmp_path: Path) -> None:
    (tmp_path / "one-line").write_bytes(b"words and 12 34 " * (BLOCK // 2))
    (tmp_path / "noise").write_bytes(random.Random(5).randbytes(4 * BLOCK))
    tracemalloc.start()
    search(tmp_path, decoys=[DECOY])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 16 * BLOCK


def test_the_prover_says_the_same_as_the_search(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(NUMBER)
    (tmp_path / "b.log").write_text(DECOY)
    assert FolderProver(tmp_path, decoys=[DECOY]).prove() == search(tmp_path, decoys=[DECOY])


@pytest.mark.parametrize("trouble", [OSError("no memory"), subprocess.TimeoutExpired("search", 1)])
def test_a_search_that_does_not_end_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def broken(*_words: object, **_options: object) -> Callable[[], None]:
        raise trouble

    monkeypatch.setattr(subprocess, "run", broken)
    with pytest.raises(StorageFailed):
        FolderProver(tmp_path).prove()


def test_a_log_and_what_was_put_away_of_it_are_searched_beside_the_folder(tmp_path: Path) -> None:
    state, logs = tmp_path / "desk", tmp_path / "log"
    for folder in (state, logs):
        folder.mkdir()
    (state / "desk.db").write_bytes(b"nothing")
    (logs / "desk[1].log").write_text("a calm day")
    (logs / "desk[1].log.1").write_text(f"memo {NUMBER}")
    (logs / "another.log").write_text(NUMBER)
    (logs / "desk[1].log.link").symlink_to(logs / "another.log")
    log = logs / "desk[1].log"
    for proof in (search(state, log=log), FolderProver(state, log=log).prove()):
        assert (proof.files, proof.unread) == (3, ())
        assert proof.found == (Finding("desk[1].log.1", Kind.MY_NUMBER),)


def test_a_log_inside_the_folder_is_searched_once(tmp_path: Path) -> None:
    (tmp_path / "desk.log").write_text(NUMBER)
    proof = search(tmp_path, log=tmp_path / "desk.log")
    assert (proof.files, proof.found) == (1, (Finding("desk.log", Kind.MY_NUMBER),))


def test_a_log_that_is_not_there_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    assert search(tmp_path / "desk", log=tmp_path / "desk.log") == Proof(files=0, bytes=0, found=(), unread=())
