"""Writes the golden files of the current wire version: `python -m tests.sync.golden.make`.

They are made once for each version and never again, because old boxes and old sticks go on holding such bytes: an
existing folder is never touched. For a new version raise `sync.wire.VERSION`, run this, and keep the old folders.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from sync.enrolment import Certificate, Request
from sync.envelope import EpochHeader, OpenEpoch, hollow_body, parse_epoch, record_body
from sync.leaving import Departure, Farewell, Head, Leave, LeavingList
from sync.notices import CONTENT, STICKS, Notice
from sync.packs import content_body, sticks_body
from sync.receipt import OpenedList, Receipt, Reply
from sync.schema import unpack
from sync.sealing import payload_of
from sync.wire import BATCH_CONTEXT, VERSION, WITH_NOTICES, Batch, Signed, encode
from tests.sync.parts import (
    CHAIN,
    DATA_KEY,
    DEVICE,
    DEVICE_KEY,
    FACTS,
    MUNICIPALITY,
    OFFICE_KEY,
    RECEIVER_KEY,
    begin,
    signature,
)

HERE = Path(__file__).parent
KINDS = ("call", "call_closed", "visit", "consultation", "withdrawal")


@dataclass(frozen=True, kw_only=True)
class Golden:
    """The files of one version, by name."""

    files: dict[str, bytes]
    expected: dict[str, dict[str, object]]
    """What the records say, with bytes as hexadecimal digits."""


def made_from(epoch_body: bytes) -> Golden:
    """Everything that follows from an epoch whose data key is the fixed one; chance is only in its wraps."""
    epoch = OpenEpoch(municipality=MUNICIPALITY, device=DEVICE, chain=CHAIN, number=1, body=epoch_body, data=DATA_KEY)
    files = {"epoch": signed_again(parse_epoch(epoch_body))}
    expected: dict[str, dict[str, object]] = {}
    entries: list[tuple[bytes, bytes]] = []
    previous = bytes(32)
    for sequence, (kind, fact) in enumerate(zip(KINDS, FACTS, strict=True), start=1):
        payload = payload_of(fact)
        sealed = epoch.seal(payload, sequence=sequence, record_id=fact.id.bytes, previous_hash=previous)
        files[kind] = record_body(header=sealed.header, ciphertext=sealed.ciphertext, signature=signature(sealed))
        if kind == "consultation":
            files["hollow"] = hollow_body(header=sealed.header, signature=signature(sealed), hash=sealed.hash)
        expected[kind] = said(payload)
        entries.append((fact.id.bytes, sealed.hash))
        previous = sealed.hash
    files |= messages(files, tuple(entries)) | papers(Head(chain=CHAIN, sequence=len(KINDS), hash=previous))
    return Golden(files=files, expected=expected)


def messages(files: dict[str, bytes], entries: tuple[tuple[bytes, bytes], ...]) -> dict[str, bytes]:
    """A batch of these records, the reply to it, and the list of the office."""
    receipt = Receipt(
        municipality=MUNICIPALITY, device=DEVICE, receiver_epoch=b"e" * 16, run_nonce=b"n" * 16, entries=entries
    )
    opened = OpenedList(municipality=MUNICIPALITY, number=1, device=DEVICE, chain=CHAIN, entries=entries)
    opened_body = opened.to_bytes(OFFICE_KEY)
    batch = Batch(
        municipality=MUNICIPALITY,
        device=DEVICE,
        run_nonce=b"n" * 16,
        inbox_after=0,
        epochs=(files["epoch"],),
        records=tuple(files[kind] for kind in KINDS),
    ).to_bytes()
    reply = Reply(receipt=receipt, refused=((b"r" * 16, "bad_signature"),), inbox=((1, opened_body),))
    return {
        "batch": Signed(payload=batch, signature=DEVICE_KEY.sign(BATCH_CONTEXT, batch)).to_bytes(),
        "reply": reply.to_bytes(RECEIVER_KEY),
        "opened": opened_body,
    }


def papers(head: Head) -> dict[str, bytes]:
    """What a box and its office write when it comes and when it goes."""
    request = Request(
        municipality=MUNICIPALITY,
        kit=b"k" * 32,
        box=7,
        facility="kominkan-chuo",
        desk=1,
        public_key=DEVICE_KEY.public,
        serial="10000000a1b2c3d4",
        version="0.1.0",
        checks=("disk", "room", "key", "seal"),
    )
    asked = request.to_bytes(DEVICE_KEY)
    certificate = Certificate(
        municipality=MUNICIPALITY,
        number=1795223820000,
        device=DEVICE,
        box=7,
        facility="kominkan-chuo",
        facility_name="中央公民館",
        desk=1,
        request=sha256(asked).digest(),
    )
    departure = Departure(device=DEVICE, how=Leave.RETIRED, heads=(head,))
    return {
        "request": asked,
        "certificate": certificate.to_bytes(OFFICE_KEY),
        "farewell": Farewell(municipality=MUNICIPALITY, device=DEVICE, head=head).to_bytes(DEVICE_KEY),
        "leaving": LeavingList(municipality=MUNICIPALITY, number=1, departures=(departure,)).to_bytes(OFFICE_KEY),
    }


def with_notices(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Batch and reply of version 2, around the notices in them; records and everything else stay at version 1."""
    packs = content_body({"topics.toml": '[[topic]]\nid = "phone"\nname = "スマホ"\n'})
    told = [
        Notice(municipality=MUNICIPALITY, kind=CONTENT, number=1795223820000, body=packs),
        Notice(municipality=MUNICIPALITY, kind=STICKS, number=1795223820001, body=sticks_body([b"s" * 16])),
    ]
    notices = tuple(notice.to_bytes(OFFICE_KEY) for notice in told)
    first = Batch.from_bytes(Signed.from_bytes(files["batch"]).payload)
    reply = Reply.from_bytes(files["reply"], receiver=RECEIVER_KEY.public)
    batch = replace(first, notices=((CONTENT, 0), (STICKS, 7))).to_bytes()
    return {
        "batch": Signed(payload=batch, signature=DEVICE_KEY.sign(BATCH_CONTEXT, batch)).to_bytes(),
        "reply": replace(reply, notices=notices).to_bytes(RECEIVER_KEY),
        "notice_content": notices[0],
        "notice_sticks": notices[1],
    }


def signed_again(epoch: EpochHeader) -> bytes:
    """The same epoch from its parts: what today's code writes around these wraps."""
    wraps = [list(wrap) for wrap in epoch.wraps]
    stated = [VERSION, 1, epoch.municipality, epoch.device, epoch.chain, epoch.start, epoch.number, wraps]
    stated.append(epoch.commitment)
    return encode([*stated, DEVICE_KEY.sign(b"madoguchi/v1/epoch", encode(stated))])


def said(payload: bytes) -> dict[str, object]:
    """A payload as JSON can hold it."""
    opened = unpack(payload)
    values = {name: value.hex() if isinstance(value, bytes) else value for name, value in opened.values.items()}
    return {"kind": opened.kind, "schema": opened.schema, "moment": list(opened.moment), "values": values}


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a version's files; `FileExistsError` if there are any already."""
    folder.mkdir()
    for name, content in files.items():
        (folder / f"{name}.bin").write_bytes(content)


def write(folder: Path) -> None:
    """Write the files of version 1; `FileExistsError` if there are any already."""
    golden = made_from(begin().body)
    write_files(folder, golden.files)
    text = json.dumps(golden.expected, ensure_ascii=False, indent=1)
    (folder / "expected.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    if not (HERE / f"v{VERSION}").exists():
        write(HERE / f"v{VERSION}")
    first = {path.stem: path.read_bytes() for path in (HERE / f"v{VERSION}").glob("*.bin")}
    write_files(HERE / f"v{WITH_NOTICES}", with_notices(first))
