import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance import courier_door
from appliance.courier_door import HOLD, CourierDoor, Doorkeeper
from appliance.desk.errors import ConfigError, MadoguchiError, PackError, StorageFailed, StorageFull
from sync import door as frames
from sync.bundle import digest_of
from sync.door import MAX_FRAME_BYTES, BrokenFrame, Door, DoorClosed, DoorRefused, read_frame, write_frame
from sync.errors import SyncError
from sync.keys import SigningKey, verify
from sync.packs import sticks_body
from sync.receipt import Entry, Receipt, Reply
from sync.sticks import StickId
from sync.wire import BATCH_CONTEXT, MAX_BATCH_BYTES, Batch, Signed, decode, encode
from tests.sync.receiver.road import (
    MUNICIPALITY,
    OFFICE_KEY,
    RECEIVER_KEY,
    STRANGER_KEY,
    Counted,
    Desk,
    FakeOutbox,
    FakeTray,
    doorkeeper,
    entry,
    flipped,
    notice,
    open_door,
    opened_list,
)

EPOCH, OTHER_EPOCH = b"e" * 16, b"f" * 16


class Room:
    """A desk, its outbox and its open door."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.desk = Desk()
        self.outbox = FakeOutbox()
        self.tray = FakeTray()
        self.changes = Counted()
        self.keeper = doorkeeper(
            self.desk, self.outbox, url="https://town.example", on_change=self.changes, notices=self.tray
        )

    def ask(self, verb: str, *arguments: object) -> list[object]:
        with Door(self.path) as door:
            return door.ask(verb, *arguments)

    def put(self, count: int, *, age: timedelta = timedelta(hours=1)) -> list[bytes]:
        records = self.desk.records(count)
        self.outbox.add(self.desk, records, age=age)
        return records

    def batch(self, after: int = 0, most: int = 200) -> Batch:
        body = self.ask("batch", after, most)[0]
        assert isinstance(body, bytes)
        signed = Signed.from_bytes(body)
        verify(self.desk.key.public, BATCH_CONTEXT, signed.payload, signed.signature)
        return Batch.from_bytes(signed.payload)

    def reply(
        self,
        nonce: bytes,
        entries: tuple[Entry, ...] = (),
        *,
        key: SigningKey = RECEIVER_KEY,
        device: bytes | None = None,
        municipality: str = MUNICIPALITY,
        epoch: bytes = EPOCH,
        inbox: tuple[tuple[int, bytes], ...] = (),
        refused: tuple[tuple[bytes, str], ...] = (),
    ) -> bytes:
        receipt = Receipt(
            municipality=municipality,
            device=device or self.desk.id,
            receiver_epoch=epoch,
            run_nonce=nonce,
            entries=entries,
        )
        return Reply(receipt=receipt, inbox=inbox, refused=refused).to_bytes(key)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path / "door")
    with open_door(room.path, room.keeper):
        yield room


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(DoorRefused) as refused:
        call()
    return refused.value.reason


# ----------------------------------------------------------------------------------------------------- what it answers


def test_hello_says_which_desk_this_is_and_where_its_town(room: Room) -> None:
    assert room.ask("hello") == [MUNICIPALITY, room.desk.id, room.desk.chain, "https://town.example"]


def test_a_batch_is_signed_by_the_device_and_holds_what_waits(room: Room) -> None:
    records = room.put(3)
    batch = room.batch()
    assert (batch.municipality, batch.device, batch.inbox_after) == (MUNICIPALITY, room.desk.id, 0)
    assert (batch.records, batch.epochs) == (tuple(records), tuple(room.desk.epoch_bodies))
    assert room.ask("batch", 1, 1)[1:] == [2, 1, 3, True]
    assert room.ask("batch", 2, 200)[1:] == [3, 1, 3, False]


def test_every_batch_has_a_nonce_of_its_own(room: Room) -> None:
    assert room.batch().run_nonce != room.batch().run_nonce


def test_a_young_record_stays(room: Room) -> None:
    room.put(1, age=HOLD - timedelta(milliseconds=1))
    assert room.batch().records == ()
    assert room.ask("batch", 0, 200)[1:] == [0, 0, 1, False]
    room.put(1, age=HOLD)
    assert len(room.batch().records) == 1


def test_a_batch_is_cut_to_what_one_message_holds(room: Room) -> None:
    records = [room.desk.seal(os.urandom(60_000)) for _ in range(30)]
    room.outbox.add(room.desk, records)
    carried: list[bytes] = []
    after, more = 0, True
    while more:
        body, last, count, _, going_on = room.ask("batch", after, 200)
        assert isinstance(body, bytes)
        assert isinstance(last, int)
        assert len(body) <= MAX_BATCH_BYTES
        carried += Batch.from_bytes(Signed.from_bytes(body).payload).records
        after, more = last, bool(going_on)
        assert count
    assert carried == records


def test_a_damaged_row_does_not_stop_the_ones_behind_it(room: Room) -> None:
    room.outbox.add_garbage(b"x" * 2_000_000, sequence=1)
    room.desk.sequence = 1
    records = room.put(3)
    assert room.batch().records == tuple(records)
    assert room.ask("batch", 0, 1)[1:] == [1, 0, 4, True]


def test_receipts_mark_what_the_town_has(room: Room) -> None:
    first, second = room.put(2)
    reply = room.reply(room.batch().run_nonce, (entry(first),), refused=((entry(second)[0], "bad_signature"),))
    assert room.ask("receipts", reply) == [1, 1, 0, 1, 0]
    assert room.batch().records == (second,)
    assert room.changes.times == 1


def test_a_receipt_over_another_hash_marks_nothing(room: Room) -> None:
    (record,) = room.put(1)
    reply = room.reply(room.batch().run_nonce, ((entry(record)[0], b"h" * 32),))
    assert room.ask("receipts", reply)[:2] == [0, 1]
    assert room.changes.times == 0


def test_a_forged_receipt_marks_nothing(room: Room) -> None:
    (record,) = room.put(1)
    nonce = room.batch().run_nonce
    forged = room.reply(nonce, (entry(record),), key=STRANGER_KEY)
    assert refusal(lambda: room.ask("receipts", forged)) == "bad_signature"
    assert room.outbox.waiting() == 1
    assert room.ask("receipts", room.reply(nonce, (entry(record),)))[0] == 1


def test_a_reply_counts_once_and_only_for_its_own_run(room: Room) -> None:
    (record,) = room.put(1)
    nonce = room.batch().run_nonce
    reply = room.reply(nonce, (entry(record),))
    assert room.ask("receipts", reply)[0] == 1
    assert refusal(lambda: room.ask("receipts", reply)) == "not_our_reply"
    assert refusal(lambda: room.ask("receipts", room.reply(b"?" * 16, (entry(record),)))) == "not_our_reply"


def test_a_reply_of_the_time_before_a_restart_marks_nothing(room: Room, tmp_path: Path) -> None:
    (record,) = room.put(1)
    reply = room.reply(room.batch().run_nonce, (entry(record),))
    restarted = tmp_path / "restarted"
    with open_door(restarted, doorkeeper(room.desk, room.outbox)), Door(restarted) as door:
        assert refusal(lambda: door.ask("receipts", reply)) == "not_our_reply"
    assert room.outbox.waiting() == 1


def test_a_reply_for_another_desk_or_municipality_marks_nothing(room: Room) -> None:
    (record,) = room.put(1)
    for device, municipality in ((b"d" * 8, MUNICIPALITY), (room.desk.id, "131024")):
        reply = room.reply(room.batch().run_nonce, (entry(record),), device=device, municipality=municipality)
        assert refusal(lambda reply=reply: room.ask("receipts", reply)) == "not_our_reply"  # type: ignore[misc]
    assert room.outbox.waiting() == 1


def test_only_so_many_runs_may_be_under_way(room: Room) -> None:
    oldest = room.batch().run_nonce
    for _ in range(16):
        newest = room.batch().run_nonce
    assert refusal(lambda: room.ask("receipts", room.reply(oldest))) == "not_our_reply"
    assert room.ask("receipts", room.reply(newest))[0] == 0


def test_another_receiver_is_offered_everything_not_opened_again(room: Room) -> None:
    records = room.put(3)
    entries = tuple(entry(body) for body in records)
    room.ask("receipts", room.reply(room.batch().run_nonce, entries))
    room.ask("opened", opened_list(room.desk, 1, records[:1]))
    reply = room.reply(room.batch().run_nonce, epoch=OTHER_EPOCH)
    assert room.ask("receipts", reply) == [0, 2, 2, 0, 0]
    assert room.batch().records == tuple(records[1:])


def test_an_opened_list_is_taken_once_and_numbers_only_rise(room: Room) -> None:
    records = room.put(3)
    assert room.ask("opened", opened_list(room.desk, 5, records[:2])) == [2]
    assert room.ask("opened", opened_list(room.desk, 5, records)) == [0]
    assert room.ask("opened", opened_list(room.desk, 4, records)) == [0]
    assert room.ask("opened", opened_list(room.desk, 6, records)) == [1]
    assert room.batch().inbox_after == 6
    assert room.changes.times == 2


def test_an_opened_list_of_somebody_else_is_refused(room: Room) -> None:
    records = room.put(1)
    forged = opened_list(room.desk, 1, records, signed_by=STRANGER_KEY)
    assert refusal(lambda: room.ask("opened", forged)) == "bad_signature"
    assert refusal(lambda: room.ask("opened", opened_list(Desk(), 1, records))) == "not_for_this_desk"
    elsewhere = Desk(municipality="131024", key=room.desk.key)
    assert refusal(lambda: room.ask("opened", opened_list(elsewhere, 1, records))) == "not_for_this_desk"
    assert room.outbox.last_opened() == 0


def test_a_reply_brings_the_inbox_and_a_bad_message_does_not_cost_the_receipts(room: Room) -> None:
    records = room.put(2)
    inbox = ((7, opened_list(room.desk, 7, records[:1])), (8, opened_list(Desk(), 8, records)), (9, b"?"))
    reply = room.reply(room.batch().run_nonce, (entry(records[0]), entry(records[1])), inbox=inbox)
    assert room.ask("receipts", reply) == [2, 0, 0, 0, 1]
    assert room.outbox.last_opened() == 7


def told(room: Room, *notices: bytes) -> object:
    """How many messages were new in a reply with these notices."""
    receipt = Reply.from_bytes(room.reply(room.batch().run_nonce), receiver=RECEIVER_KEY.public)
    return room.ask("receipts", replace(receipt, notices=notices).to_bytes(RECEIVER_KEY))[4]


def test_what_the_office_says_to_all_is_kept_and_only_newer_things_take_its_place(room: Room) -> None:
    assert room.batch().notices == ()
    assert told(room, notice(number=5), notice("other", 2)) == 2
    assert room.batch().notices == (("content", 5), ("other", 2))
    before = room.changes.times
    assert told(room, notice(number=5, body=b"same number"), notice(number=4, body=b"older")) == 0
    assert (room.tray.kept["content"].body, room.changes.times) == (b"says", before)
    assert told(room, notice(number=6, body=b"newer")) == 1
    assert room.tray.kept["content"].body == b"newer"


@pytest.mark.parametrize(
    "wrong",
    [
        notice(signed_by=STRANGER_KEY),
        notice(signed_by=RECEIVER_KEY),
        notice(municipality="131024"),
        notice()[:-1],
        flipped(notice(), -1),
        flipped(notice(), 20),
        b"?",
    ],
    ids=["stranger", "receiver", "other town", "cut off", "signature", "content", "nothing"],
)
def test_a_notice_that_the_office_did_not_make_for_this_town_costs_only_itself(room: Room, wrong: bytes) -> None:
    records = room.put(1)
    receipt = Reply.from_bytes(room.reply(room.batch().run_nonce, (entry(records[0]),)), receiver=RECEIVER_KEY.public)
    reply = replace(receipt, notices=(wrong, notice("other"))).to_bytes(RECEIVER_KEY)
    assert room.ask("receipts", reply) == [1, 0, 0, 0, 1]
    assert list(room.tray.kept) == ["other"]


@pytest.mark.parametrize("error", [PackError("topics.toml: phone"), StorageFull(), SyncError()])
def test_a_notice_that_cannot_be_used_leaves_the_one_before_and_the_receipts(
    room: Room, error: SyncError | MadoguchiError
) -> None:
    told(room, notice(number=5))
    room.tray.refuses = error
    assert told(room, notice(number=6)) == 0
    assert room.tray.kept["content"].number == 5


def test_a_revoked_stick_is_refused(room: Room) -> None:
    stick = StickId(municipality=MUNICIPALITY, number=3, id=b"s" * 16).to_bytes(OFFICE_KEY)
    assert room.ask("stick", stick) == [3]
    told(room, notice("sticks", body=sticks_body([b"s" * 16])))
    assert refusal(lambda: room.ask("stick", stick)) == "stick_revoked"
    other = StickId(municipality=MUNICIPALITY, number=4, id=b"t" * 16).to_bytes(OFFICE_KEY)
    assert room.ask("stick", other) == [4]


def test_a_report_is_kept_for_the_status_strip(room: Room) -> None:
    assert room.ask("report", "town_not_reached") == []
    assert (room.keeper.last_report, room.changes.times) == ("town_not_reached", 1)


def test_a_board_that_fails_does_not_cost_the_receipts(tmp_path: Path) -> None:
    def broken() -> None:
        raise RuntimeError

    room = Room(tmp_path / "door")
    (record,) = room.put(1)
    room.keeper = doorkeeper(room.desk, room.outbox, on_change=broken)
    with open_door(room.path, room.keeper):
        assert room.ask("receipts", room.reply(room.batch().run_nonce, (entry(record),)))[0] == 1


def test_questions_that_are_none_are_refused_and_the_talk_goes_on(room: Room) -> None:
    with Door(room.path) as door:
        assert refusal(lambda: door.ask("open the records")) == "unknown_verb"
        assert refusal(lambda: door.ask("hello", 1)) == "malformed_message"
        assert refusal(lambda: door.ask("batch", -1, 5)) == "malformed_message"
        assert refusal(lambda: door.ask("batch", 0, 0)) == "malformed_message"
        assert refusal(lambda: door.ask("receipts", b"?")) == "malformed_message"
        assert refusal(lambda: door.ask("report", "x" * 65)) == "malformed_message"
        assert door.ask("hello")[0] == MUNICIPALITY


class FailingOutbox(FakeOutbox):
    """An outbox on a disk that refuses, or with a fault nobody thought of."""

    error: Exception = StorageFailed()

    def last_opened(self) -> int:
        raise self.error


def test_a_failing_store_is_told_in_its_own_words(tmp_path: Path) -> None:
    desk, outbox = Desk(), FailingOutbox()
    with open_door(tmp_path / "door", doorkeeper(desk, outbox)) as path, Door(path) as door:
        assert refusal(lambda: door.ask("batch", 0, 200)) == "storage_failed"
        outbox.error = ZeroDivisionError("a visitor's words")
        with pytest.raises(DoorRefused, match="internal") as refused:
            door.ask("batch", 0, 200)
        assert "visitor" not in str(refused.value)
        assert door.ask("hello")


# -------------------------------------------------------------------------------------------------------------- on foot


def carried(room: Room) -> Batch:
    body = room.ask("carry", 0, 200, None)[0]
    assert isinstance(body, bytes)
    return Batch.from_bytes(Signed.from_bytes(body).payload)


def test_an_answer_to_a_batch_on_foot_counts_after_a_restart_and_once(room: Room) -> None:
    records = room.put(2)
    nonce = carried(room).run_nonce
    room.keeper = doorkeeper(room.desk, room.outbox)
    receipts = room.reply(nonce, tuple(map(entry, records)))
    assert decode(room.keeper.answer(encode(["receipts", receipts]))) == ["ok", 2, 0, 0, 0, 0]
    refused = decode(room.keeper.answer(encode(["receipts", receipts])))
    assert isinstance(refused, list)
    assert refused[:2] == ["refused", "not_our_reply"]


def test_what_lies_on_the_stick_already_is_not_signed_again(room: Room) -> None:
    room.put(2)
    batch = carried(room)
    runs = list(room.outbox.runs)
    assert room.ask("carry", 0, 200, digest_of(batch.epochs, batch.records)) == [None, 2, 2, 2, False]
    assert room.outbox.runs == runs
    room.put(1)
    assert room.ask("carry", 0, 200, digest_of(batch.epochs, batch.records))[0] is not None


def test_a_full_disk_lets_its_records_be_carried_away(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_nonce: bytes) -> None:
        raise StorageFull

    records = room.put(2)
    monkeypatch.setattr(room.outbox, "remember_run", full)
    nonce = carried(room).run_nonce
    assert room.ask("receipts", room.reply(nonce, tuple(map(entry, records))))[0] == 2


def test_receipts_that_could_not_be_stored_are_taken_when_they_come_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_entries: object, _epoch: object) -> int:
        raise StorageFull

    records = room.put(2)
    receipts = room.reply(carried(room).run_nonce, tuple(map(entry, records)))
    with monkeypatch.context() as patch:
        patch.setattr(room.outbox, "receipted", failing)
        assert refusal(lambda: room.ask("receipts", receipts)) == "storage_full"
    assert room.ask("receipts", receipts)[0] == 2


# ----------------------------------------------------------------------------------------------------------- the socket


def test_the_socket_is_for_owner_and_group(room: Room) -> None:
    assert stat.S_IMODE(room.path.stat().st_mode) == 0o660


def test_the_socket_is_gone_when_the_door_is_closed(tmp_path: Path) -> None:
    room = Room(tmp_path / "door")
    with open_door(room.path, room.keeper), Door(room.path) as door:
        assert door.ask("hello")
    assert not room.path.exists()
    with pytest.raises(DoorClosed):
        Door(room.path)


def test_closing_the_door_hangs_up_on_whoever_is_talking(tmp_path: Path) -> None:
    room = Room(tmp_path / "door")
    with open_door(room.path, room.keeper):
        door = Door(room.path)
        door.ask("hello")
        began = time.monotonic()
    assert time.monotonic() - began < 2
    with door, pytest.raises(DoorClosed):
        door.ask("hello")


def test_a_socket_left_by_a_dead_desk_is_replaced(tmp_path: Path) -> None:
    room = Room(tmp_path / "door")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(room.path))
    with open_door(room.path, room.keeper):
        assert room.ask("hello")


def test_a_living_desks_socket_or_a_file_is_never_removed(room: Room, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="another desk"):
        CourierDoor(path=room.path, keeper=room.keeper).start()
    file = tmp_path / "notes"
    file.write_text("do not lose")
    with pytest.raises(ConfigError, match="not a socket"):
        CourierDoor(path=file, keeper=room.keeper).start()
    assert file.read_text() == "do not lose"


def test_a_door_that_cannot_be_made_is_a_setting_to_correct(room: Room, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        CourierDoor(path=tmp_path / "missing" / "door", keeper=room.keeper).start()


_ASK_AS_NOBODY = """
import os, pathlib, sys
from sync.door import Door, DoorRefused
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    with Door(pathlib.Path(sys.argv[1])) as door:
        print(door.ask('hello'))
except DoorRefused as refused:
    print(refused.reason)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user to knock as")
@pytest.mark.parametrize(("allowed", "answer"), [((), "not_allowed"), ((65534,), MUNICIPALITY)])
def test_only_the_users_that_may_are_let_in(tmp_path: Path, allowed: tuple[int, ...], answer: str) -> None:
    folder = Path("/tmp") / f"madoguchi-door-{os.getpid()}"  # noqa: S108 # nobody may not enter tmp_path
    folder.mkdir(mode=0o755)
    door = CourierDoor(path=folder / "door", keeper=doorkeeper(Desk(), FakeOutbox()), allowed=allowed)
    door.start()
    (folder / "door").chmod(0o666)
    try:
        command = [sys.executable, "-c", _ASK_AS_NOBODY, str(folder / "door")]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    finally:
        door.stop()
        folder.rmdir()
    assert answer in said


def test_four_couriers_at_once_and_no_more(room: Room) -> None:
    doors = [Door(room.path) for _ in range(4)]
    for door in doors:
        assert door.ask("hello")
    with Door(room.path) as fifth:
        assert refusal(lambda: fifth.ask("hello")) == "busy"
    for door in doors:
        with door:
            assert door.ask("hello")
    wait_until(lambda: bool(talks_again(room)))


def talks_again(room: Room) -> bool:
    try:
        return room.ask("hello")[0] == MUNICIPALITY
    except (DoorRefused, DoorClosed):
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_fault_at_the_door_does_not_close_it(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(_: socket.socket) -> int:
        monkeypatch.undo()
        raise OSError

    monkeypatch.setattr(courier_door, "_uid_of", faulty)
    with Door(room.path) as door, pytest.raises(DoorClosed):
        door.ask("hello")
    assert room.ask("hello")


def raw(room: Room) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(room.path))
    return connection


def test_an_oversized_frame_is_refused_before_it_is_read(room: Room) -> None:
    for length in (MAX_FRAME_BYTES + 1, 2**32 - 1, 0):
        with raw(room) as connection:
            connection.sendall(length.to_bytes(4))
            answer = read_frame(connection, idle=5)
            assert answer is not None
            assert decode(answer) == [
                "refused",
                "broken_frame",
                f"a frame of {length} bytes; 1 to {MAX_FRAME_BYTES} are allowed",
            ]
            assert connection.recv(1) == b""
    assert room.ask("hello")


def test_half_a_frame_ends_the_talk(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "FRAME_SECONDS", 0.2)
    for piece in (b"\0", b"\0\0\0\x09", b"\0\0\0\x09half"):
        with raw(room) as connection:
            connection.sendall(piece)
            answer = read_frame(connection, idle=5)
            assert answer is not None
            assert decode(answer) == ["refused", "broken_frame", "half a frame, then silence"]
        with raw(room) as connection:
            connection.sendall(piece)
    assert room.ask("hello")


def test_a_courier_that_drips_does_not_hold_the_door(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "FRAME_SECONDS", 0.3)
    with raw(room) as connection:
        began = time.monotonic()
        connection.sendall(b"\0\0\1\0")
        with pytest.raises(OSError):  # noqa: PT011 # whatever the system calls the end of it
            while time.monotonic() < began + 5:
                connection.sendall(b"x")
                time.sleep(0.05)
        assert time.monotonic() < began + 2


def test_a_courier_that_takes_nothing_does_not_hold_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "FRAME_SECONDS", 0.2)
    here, there = socket.socketpair()
    with here, there, pytest.raises(BrokenFrame, match="nobody took"):
        write_frame(here, bytes(MAX_FRAME_BYTES))


def test_a_frame_too_large_to_send_is_not_sent() -> None:
    here, there = socket.socketpair()
    with here, there, pytest.raises(BrokenFrame):
        write_frame(here, bytes(MAX_FRAME_BYTES + 1))


def test_answers_that_are_none_are_noticed() -> None:
    for answer in (encode(7), encode([]), b"\xff", encode(["refused"]), encode(["refused", 1, 2])):
        with pytest.raises(SyncError):
            frames._answer(answer)  # noqa: SLF001


def test_two_couriers_at_once_carry_everything_once(room: Room) -> None:
    records = room.put(300)
    newly: list[int] = []

    def carry() -> None:
        with Door(room.path) as door:
            after = 0
            for _ in range(4):
                body, last, *_ = door.ask("batch", after, 100)
                assert isinstance(body, bytes)
                assert isinstance(last, int)
                batch = Batch.from_bytes(Signed.from_bytes(body).payload)
                entries = tuple(entry(record) for record in batch.records)
                answer = door.ask("receipts", room.reply(batch.run_nonce, entries))
                assert isinstance(answer[0], int)
                newly.append(answer[0])
                after = last

    couriers = [threading.Thread(target=carry) for _ in range(2)]
    for courier in couriers:
        courier.start()
    for courier in couriers:
        courier.join()
    assert sum(newly) == len(records)
    assert room.outbox.waiting() == 0


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frame=st.binary(min_size=1, max_size=300))
def test_no_bytes_kill_the_talk(room: Room, frame: bytes) -> None:
    with raw(room) as connection:
        write_frame(connection, frame)
        answer = read_frame(connection, idle=5)
        assert answer is not None
        assert decode(answer)[0] == "refused"  # type: ignore[index]
        write_frame(connection, encode(["hello"]))
        assert read_frame(connection, idle=5) is not None


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.binary(max_size=40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=10,
)
_VERBS = st.sampled_from(["hello", "batch", "carry", "stick", "receipts", "opened", "report"]) | st.text(max_size=8)


@settings(max_examples=300, deadline=None)
@given(verb=_VERBS, arguments=st.lists(_VALUES, max_size=3))
def test_no_question_is_answered_by_a_fault(verb: str, arguments: list[object]) -> None:
    keeper: Doorkeeper = doorkeeper(Desk(key=STRANGER_KEY), FakeOutbox())
    answer = decode(keeper.answer(encode([verb, *arguments])))
    assert isinstance(answer, list)
    assert answer[0] in {"ok", "refused"}
    assert answer[1:2] != ["internal"]
