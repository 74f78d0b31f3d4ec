import json
import zlib
from hashlib import sha256
from pathlib import Path

import pytest

from sync.enrolment import Certificate, Request, code_of
from sync.envelope import EpochHeader, open_record, parse_epoch, parse_record
from sync.keys import verify
from sync.leaving import Farewell, LeavingList
from sync.notices import CONTENT, STICKS, Notice
from sync.packs import files_in, sticks_in
from sync.receipt import OpenedList, Reply
from sync.wire import BATCH_CONTEXT, VERSION, Batch, Signed
from tests.sync.golden.make import HERE, KINDS, made_from, said, with_notices, write
from tests.sync.parts import DATA_KEY, DEVICE_KEY, OFFICE_KEY, RECEIVER_KEY, RECIPIENT, RECOVERY

V1, V2 = HERE / "v1", HERE / "v2"


def golden(name: str) -> bytes:
    return (V1 / f"{name}.bin").read_bytes()


@pytest.fixture
def epoch() -> EpochHeader:
    return parse_epoch(golden("epoch"))


def test_both_keys_still_open_the_epoch(epoch: EpochHeader) -> None:
    epoch.verify(DEVICE_KEY.public)
    assert epoch.unwrap(RECIPIENT) == epoch.unwrap(RECOVERY) == DATA_KEY


@pytest.mark.parametrize("kind", KINDS)
def test_every_record_still_opens_and_says_what_it_said(epoch: EpochHeader, kind: str) -> None:
    record = parse_record(golden(kind))
    record.verify(DEVICE_KEY.public)
    expected = json.loads((V1 / "expected.json").read_text("utf-8"))[kind]
    assert json.loads(json.dumps(said(open_record(record, epoch.unwrap(RECIPIENT))))) == expected


def test_the_hollow_record_still_stands_in_the_chain() -> None:
    hollow, whole, next_one = (parse_record(golden(name)) for name in ("hollow", "consultation", "withdrawal"))
    hollow.verify(DEVICE_KEY.public)
    assert hollow.is_hollow
    assert hollow.hash == whole.hash == next_one.previous_hash


def test_the_messages_are_still_understood() -> None:
    signed = Signed.from_bytes(golden("batch"))
    verify(DEVICE_KEY.public, BATCH_CONTEXT, signed.payload, signed.signature)
    batch = Batch.from_bytes(signed.payload)
    reply = Reply.from_bytes(golden("reply"), receiver=RECEIVER_KEY.public)
    opened = OpenedList.from_bytes(golden("opened"), office=OFFICE_KEY.public)
    reply.must_answer(municipality=batch.municipality, device=batch.device, run_nonce=batch.run_nonce)
    stored = tuple((record.id, record.hash) for record in map(parse_record, batch.records))
    assert reply.receipt.entries == opened.entries == stored
    assert reply.inbox == ((1, golden("opened")),)


def test_what_a_box_and_its_office_wrote_is_still_understood() -> None:
    request = Request.from_bytes(golden("request"))
    certificate = Certificate.from_bytes(golden("certificate"), office=OFFICE_KEY.public)
    farewell = Farewell.from_bytes(golden("farewell"), public=DEVICE_KEY.public)
    (departure,) = LeavingList.from_bytes(golden("leaving"), office=OFFICE_KEY.public).departures
    assert (request.box, request.facility) == (certificate.box, certificate.facility) == (7, "kominkan-chuo")
    assert certificate.request == sha256(golden("request")).digest()
    assert certificate.device == request.device == farewell.device == departure.device
    assert departure.heads == (farewell.head,)
    assert code_of(golden("request")) == "7UHX-P33U"


def test_a_batch_and_a_reply_with_notices_are_still_understood() -> None:
    files = {path.stem: path.read_bytes() for path in V2.iterdir()}
    signed = Signed.from_bytes(files["batch"])
    verify(DEVICE_KEY.public, BATCH_CONTEXT, signed.payload, signed.signature)
    batch = Batch.from_bytes(signed.payload)
    reply = Reply.from_bytes(files["reply"], receiver=RECEIVER_KEY.public)
    content, sticks = (Notice.from_bytes(one, office=OFFICE_KEY.public) for one in reply.notices or ())
    assert batch.notices == ((CONTENT, 0), (STICKS, 7))
    assert reply.notices == (files["notice_content"], files["notice_sticks"])
    assert (content.kind, list(files_in(content.body))) == (CONTENT, ["topics.toml"])
    assert (sticks.kind, sticks_in(sticks.body)) == (STICKS, frozenset({b"s" * 16}))
    assert with_notices({name: golden(name) for name in ("batch", "reply")}) == files


@pytest.mark.skipif("zlib-ng" in zlib.ZLIB_RUNTIME_VERSION, reason="zlib-ng compresses as well, into other bytes")
def test_the_same_facts_keys_and_chance_still_make_the_same_bytes() -> None:
    again = made_from(golden("epoch"))
    assert VERSION == 1
    assert {name: golden(name) for name in again.files} == again.files


def test_golden_files_are_never_written_over(tmp_path: Path) -> None:
    write(tmp_path / "v9")
    before = {path.name: path.read_bytes() for path in (tmp_path / "v9").iterdir()}
    assert sorted(before) == sorted(path.name for path in V1.iterdir())
    with pytest.raises(FileExistsError):
        write(tmp_path / "v9")
    assert {path.name: path.read_bytes() for path in (tmp_path / "v9").iterdir()} == before
