"""A disk that is full, broken or read-only: what was acknowledged is kept, no call is lost, the rest is words."""

import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from appliance.store.store import Store
from sync.keys import RecipientKey, SigningKey, TownKeys
from sync.sealing import RecordSealer
from tests.failing_disk import FailingDisk
from tests.fakes import FakeProver, FakeTokens, build_world
from tests.house.running import Answer, SmallTown, ask
from tests.house.test_power import ALL_DAYS, ENTRY, assert_sound_chain, stored
from ui.desk.app import create_desk_app

CLIENTS = 20
PATIENCE = 5.0
"""Within so many seconds of room coming back, every call must be stored."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
with_ext4 = pytest.mark.skipif(
    not (shutil.which("mkfs.ext4") and shutil.which("e2fsck") and Path("/dev/loop-control").exists()),
    reason="needs mkfs.ext4, e2fsck and loop devices",
)
with_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace to have system calls fail")


def run(*words: str | Path) -> None:
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The folder of the desk's state as a disk of a few megabytes."""
    folder = tmp_path / "desk"
    folder.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs", folder)
    yield folder
    run("umount", "--lazy", folder)


@pytest.fixture
def town(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SmallTown]:
    for disk in {"small_disk", "card"} & set(request.fixturenames):
        request.getfixturevalue(disk)
    town = SmallTown(tmp_path)
    yield town
    town.close()


def fill(folder: Path) -> int:
    """Take every byte that is left; how many there were."""
    taken = 0
    with (folder / "filler").open("ab", buffering=0) as filler:
        size = 1 << 16
        while size:
            try:
                taken += filler.write(bytes(size))
            except OSError:
                size //= 2
    return taken


@dataclass
class Kept:
    """What the desk has promised, and what it has said else."""

    calls: dict[str, str] = field(default_factory=dict)
    """Id by Idempotency-Key."""
    unrecorded: set[str] = field(default_factory=set)
    consultations: set[str] = field(default_factory=set)
    refusals: list[Answer] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def refused(self, answer: Answer, statuses: set[int]) -> None:
        """A refusal has to be one of these, in words."""
        self.refusals.append(answer)
        if answer.status not in statuses or answer.headers["Content-Type"] != "application/problem+json":
            self.wrong.append(f"{answer.status} {answer.body!r}")
        elif not any("ぁ" <= letter <= "ん" for letter in answer.json["title"]):
            self.wrong.append(f"not Japanese: {answer.json['title']}")


def visitor(address: str, name: str, stop: threading.Event, kept: Kept) -> None:
    """Presses and has consultations logged, each request under a key of its own, until told to stop."""
    number = 0
    while not stop.wait(0.25):
        number += 1
        key = f"{name}-{number}"
        call = ask(address, "POST", "/api/v1/calls", {"button": 1}, key=key)
        if call.status != 201:
            kept.wrong.append(f"a call: {call.status} {call.body!r}")
            continue
        kept.calls[key] = call.json["id"]
        if call.json["state"] == "unrecorded":
            kept.unrecorded.add(call.json["id"])
        again = ask(address, "POST", "/api/v1/calls", {"button": 1}, key=key)
        if again.json["id"] != call.json["id"]:
            kept.wrong.append("one request, two calls")
        made = ask(address, "POST", "/api/v1/consultations", {**ENTRY, "call": call.json["id"]}, key=f"c-{key}")
        if made.status == 201:
            kept.consultations.add(made.json["id"])
        else:
            kept.refused(made, {507})


@contextmanager
def visitors(town: SmallTown, kept: Kept) -> Iterator[None]:
    stop = threading.Event()
    crowd = [
        threading.Thread(target=visitor, args=(town.address, f"v{number}", stop, kept)) for number in range(CLIENTS)
    ]
    for one in crowd:
        one.start()
    yield
    stop.set()
    for one in crowd:
        one.join()


def press(town: SmallTown, button: int = 1) -> None:
    """A finger on a button, through the page that stands in for the hardware."""
    with requests.Session() as browser:
        csrf = re.search(r'name="csrf" value="(\w+)"', browser.get(f"{town.address}/hardware", timeout=20).text)
        assert csrf
        pressed = f"{town.address}/hardware/press/{button}"
        answer = browser.post(pressed, data={"csrf": csrf[1]}, allow_redirects=False, timeout=20)
    assert answer.status_code == 303


def call_for(town: SmallTown, kept: Kept, key: str) -> None:
    """A program's press, which no disk may refuse."""
    call = ask(town.address, "POST", "/api/v1/calls", {"button": 2}, key=key)
    assert call.status == 201, call.body
    kept.calls[key] = call.json["id"]
    if call.json["state"] == "unrecorded":
        kept.unrecorded.add(call.json["id"])


def assert_shown(town: SmallTown, kept: Kept) -> None:
    """Every call is on the board, and the strip says how many stand in RAM."""
    now = board(town)
    assert sorted(call["id"] for call in now["calls"]) == sorted(kept.calls.values())
    assert {call["id"] for call in now["calls"] if call["state"] == "unrecorded"} == kept.unrecorded
    assert now["unrecorded"] == len(kept.unrecorded)
    page = ask(town.address, "GET", "/hardware", token=None)
    assert page.status == 200
    assert ('data-state="unrecorded"' in page.body.decode()) == bool(kept.unrecorded)


def board(town: SmallTown) -> Any:
    answer = ask(town.address, "GET", "/api/v1/board")
    assert answer.status == 200
    return answer.json


def eventually(happens: Any, *, seconds: float, every: float = 0.02) -> float:
    """Wait for it; how long it took."""
    began = time.monotonic()
    while not happens():
        assert time.monotonic() - began < seconds
        time.sleep(every)
    return time.monotonic() - began


def log_of(town: SmallTown) -> str:
    return (town.folder / "desk.log").read_text(encoding="utf-8")


def assert_kept(town: SmallTown, kept: Kept) -> None:
    """Everything acknowledged is in the database once, the chain is sound, nobody saw an unexpected fault."""
    database = town.folder / "desk" / "desk.db"
    calls, consultations = stored(database, "call"), stored(database, "consultation")
    assert sorted(calls) == sorted(kept.calls.values())
    assert len(consultations) == len(set(consultations))
    assert kept.consultations <= set(consultations)
    assert_sound_chain(database)
    assert "Traceback" not in log_of(town)
    assert kept.wrong == []


@as_root
def test_a_disk_filled_to_the_last_byte_loses_no_call_and_no_record(small_disk: Path, town: SmallTown) -> None:
    kept = Kept()
    town.open_desk()
    eventually((small_disk / "reserve").exists, seconds=5)
    stored_call = ask(town.address, "POST", "/api/v1/calls", {"button": 1}, key="stays").json["id"]
    kept.calls["stays"] = stored_call
    with visitors(town, kept):
        eventually(lambda: len(kept.consultations) > CLIENTS, seconds=20)
        assert not kept.refusals
        fill(small_disk)
        eventually(lambda: not (small_disk / "reserve").exists(), seconds=10)
        before = len(kept.calls)
        eventually(lambda: len(kept.calls) > before, seconds=10)
        eventually(lambda: fill(small_disk) >= 0 and len(kept.unrecorded) > 2 * CLIENTS, seconds=20)
    assert kept.wrong == []
    assert len(kept.refusals) >= len(kept.unrecorded)
    assert {answer.json["code"] for answer in kept.refusals} == {"storage_full"}

    held, cancelled, *_ = sorted(kept.unrecorded)
    assert ask(town.address, "POST", f"/api/v1/calls/{held}/answer", key="a").json["state"] == "answered"
    assert ask(town.address, "POST", f"/api/v1/calls/{cancelled}/cancel", key="b").json["state"] == "cancelled"
    now = board(town)
    assert now["unrecorded"] == len(kept.unrecorded)
    assert kept.unrecorded - {held, cancelled} == {call["id"] for call in now["calls"] if call["state"] == "unrecorded"}
    strip = ask(town.address, "GET", "/hardware", token=None)
    assert strip.status == 200
    assert 'data-state="unrecorded"' in strip.body.decode()
    kept.refused(ask(town.address, "POST", f"/api/v1/calls/{stored_call}/answer"), {507})

    (small_disk / "filler").unlink()
    took = eventually(lambda: board(town)["unrecorded"] == 0, seconds=PATIENCE)
    print(f"{len(kept.unrecorded)} unrecorded calls stored {took:.2f} s after room came back")
    for key, call in kept.calls.items():
        assert ask(town.address, "POST", "/api/v1/calls", {"button": 1}, key=key).json["id"] == call
    assert ask(town.address, "POST", f"/api/v1/calls/{held}/answer", key="a").json["state"] == "answered"
    assert ask(town.address, "POST", f"/api/v1/calls/{stored_call}/answer").status == 200
    eventually((small_disk / "reserve").exists, seconds=20, every=0.1)
    assert 'data-state="unsent"' in ask(town.address, "GET", "/hardware", token=None).body.decode()
    town.open_receiver()
    for _ in range(9):
        assert town.sync()[0] == 0
    office = town.office()
    office.pull()
    numbers = office.statistics(*ALL_DAYS)
    assert (numbers.calls, numbers.consultations) == (len(kept.calls), len(kept.consultations))
    town.close()
    assert_kept(town, kept)


@as_root
def test_a_desk_opens_on_a_full_disk_at_the_price_of_its_reserve(small_disk: Path, town: SmallTown) -> None:
    town.open_desk()
    eventually((small_disk / "reserve").exists, seconds=5)
    first = ask(town.address, "POST", "/api/v1/calls", {"button": 1})
    town.desk.end()
    fill(small_disk)
    town.open_desk()
    assert not (small_disk / "reserve").exists()
    second = ask(town.address, "POST", "/api/v1/calls", {"button": 1})
    assert [call["id"] for call in board(town)["calls"]] == [first.json["id"], second.json["id"]]
    assert second.json["state"] == "raised"
    assert "Traceback" not in log_of(town)


@contextmanager
def failing_calls(town: SmallTown, *names: str, error: str) -> Iterator[None]:
    """Have these system calls of the running desk fail wherever they touch the database."""
    assert town.desk.process is not None
    database = town.folder / "desk" / "desk.db"
    paths = [word for path in (database, f"{database}-wal") for word in ("-P", str(path))]
    calls = ",".join(names)
    words = ["strace", "-f", "-o", "/dev/null", "-p", str(town.desk.process.pid), *paths]
    words += ["-e", f"trace={calls}", "-e", f"inject={calls}:error={error}"]
    with subprocess.Popen(words, stderr=subprocess.PIPE) as strace:
        assert strace.stderr is not None
        assert b"attached" in strace.stderr.readline()
        try:
            time.sleep(0.5)
            yield
        finally:
            strace.terminate()


@as_root
@with_strace
@pytest.mark.parametrize(
    ("names", "error"),
    [
        (("pwrite64", "ftruncate", "fallocate"), "EROFS"),
        (("pwrite64",), "EIO"),
        (("fdatasync",), "EIO"),
    ],
    ids=["read-only", "no-write", "no-sync"],
)
def test_a_disk_that_refuses_is_answered_in_words_and_used_again_without_a_restart(
    town: SmallTown, names: tuple[str, ...], error: str
) -> None:
    """A running desk holds its database open for writing, so no kernel will remount its disk read-only (EBUSY)."""
    kept = Kept()
    town.open_desk()
    first = ask(town.address, "POST", "/api/v1/calls", {"button": 1}, key="first")
    assert first.status == 201
    kept.calls["first"] = first.json["id"]
    with failing_calls(town, *names, error=error):
        press(town)
        (pressed,) = [call for call in board(town)["calls"] if call["id"] != first.json["id"]]
        assert (pressed["button"], pressed["state"]) == (1, "unrecorded")
        kept.calls["pressed"] = pressed["id"]
        kept.unrecorded.add(pressed["id"])
        for number in range(3):
            call_for(town, kept, f"call-{number}")
            kept.refused(ask(town.address, "POST", "/api/v1/consultations", ENTRY, key=f"entry-{number}"), {503})
            assert_shown(town, kept)
        press(town)
        assert_shown(town, kept)
        assert len(kept.unrecorded) == 4
    took = eventually(lambda: board(town)["unrecorded"] == 0, seconds=PATIENCE)
    print(f"{len(kept.unrecorded)} unrecorded calls stored {took:.2f} s after the disk worked again")
    kept.unrecorded.clear()
    for number in range(3):
        before = kept.calls[f"call-{number}"]
        call_for(town, kept, f"call-{number}")
        assert kept.calls[f"call-{number}"] == before
        made = ask(town.address, "POST", "/api/v1/consultations", ENTRY, key=f"entry-{number}")
        assert made.status == 201
        kept.consultations.add(made.json["id"])
    assert_shown(town, kept)
    town.close()
    assert_kept(town, kept)
    assert len(stored(town.folder / "desk" / "desk.db", "consultation")) == 3


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    """The folder of the desk's state on an ext4 file system of its own."""
    image, folder = tmp_path / "card.img", tmp_path / "desk"
    with image.open("wb") as file:
        file.truncate(32 << 20)
    folder.mkdir()
    run("mkfs.ext4", "-q", image)
    run("mount", "-o", "loop,errors=remount-ro", image, folder)
    yield folder
    with suppress(subprocess.CalledProcessError):
        run("umount", "--lazy", folder)


@as_root
@with_ext4
def test_a_card_that_the_kernel_makes_read_only_still_shows_everything(
    card: Path, town: SmallTown, tmp_path: Path
) -> None:
    """From this state the kernel lets no file system come back: a check and a restart must find all that was on it."""
    kept = Kept()
    town.open_desk()
    for number in range(5):
        call = ask(town.address, "POST", "/api/v1/calls", {"button": 1}, key=f"{number}")
        kept.calls[f"{number}"] = call.json["id"]
    source = subprocess.run(["findmnt", "-no", "SOURCE", str(card)], check=True, capture_output=True, text=True)
    Path("/sys/fs/ext4", Path(source.stdout.strip()).name, "trigger_fs_error").write_text("1", encoding="ascii")
    on_the_card = set(kept.calls.values())
    for number in range(3):
        call_for(town, kept, f"held-{number}")
        kept.refused(ask(town.address, "POST", "/api/v1/consultations", ENTRY), {503})
        assert_shown(town, kept)
    press(town)
    assert board(town)["unrecorded"] == 4
    town.close()
    run("umount", card)
    assert subprocess.run(["e2fsck", "-fy", tmp_path / "card.img"], check=False, capture_output=True).returncode <= 1
    run("mount", "-o", "loop", tmp_path / "card.img", card)
    town.open_desk()
    assert {call["id"] for call in board(town)["calls"]} == on_the_card
    assert ask(town.address, "POST", "/api/v1/calls", {"button": 2}, key="held-0").status == 201
    town.close()
    assert kept.wrong == []
    assert "Traceback" not in log_of(town)


@pytest.mark.parametrize("after", [False, True], ids=["refused", "in-doubt"])
@pytest.mark.parametrize("failures", [1, 4])
def test_an_input_output_error_at_any_statement_is_words_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, after: bool, failures: int
) -> None:
    disk = FailingDisk(monkeypatch)
    store = Store(tmp_path / "desk.db")
    keys = TownKeys(
        municipality="999997",
        recipient=RecipientKey.generate().public,
        recovery=RecipientKey.generate().public,
        receiver=SigningKey.generate().public,
        office=SigningKey.generate().public,
    )
    world = build_world(storage=store, sealer=RecordSealer(keys, SigningKey.generate(), start=store.run.start))
    app = create_desk_app(
        world.desk,
        practice=world.practice,
        prover=FakeProver(),
        tokens=FakeTokens(),
        secret_key=b"secret key of a test",
    )
    client = app.test_client()
    disk.after, disk.failures = after, failures
    statuses: list[int] = []

    def post(path: str, body: dict[str, object], key: str) -> str:
        """Again and again under one key, as a program that means it."""
        for _ in range(8):
            headers = {"Authorization": "Bearer fake-token", "Idempotency-Key": key}
            answer = client.post(f"/api/v1/{path}", json=body, headers=headers)
            statuses.append(answer.status_code)
            assert client.get("/api/v1/board", headers=headers).status_code == 200
            if answer.status_code == 201:
                assert answer.json is not None
                return str(answer.json["id"])
            assert answer.content_type == "application/problem+json"
        raise AssertionError(statuses)

    calls, consultations = [], []
    for statement in range(30):
        disk.left = statement
        calls.append(post("calls", {"button": 1}, f"call-{statement}"))
        consultations.append(post("consultations", {**ENTRY, "call": calls[-1]}, f"entry-{statement}"))
        disk.left = None
    store.close()
    assert set(statuses) == {201, 503}
    assert stored(tmp_path / "desk.db", "call") == calls
    assert stored(tmp_path / "desk.db", "consultation") == consultations
    assert_sound_chain(tmp_path / "desk.db")
    assert "Traceback" not in caplog.text
    assert world.desk.board.snapshot.floor.calls == ()
