"""What comes back: the receiver's signed receipt for a batch, and the office's signed list of opened records."""

from dataclasses import dataclass

from sync.errors import NotOurReply
from sync.keys import SigningKey, verify
from sync.wire import (
    MAX_BATCH_BYTES,
    MAX_BATCH_RECORDS,
    MAX_KINDS,
    VERSION,
    WITH_NOTICES,
    Signed,
    as_blob,
    as_device,
    as_hash,
    as_id,
    as_int,
    as_items,
    as_municipality,
    as_notice,
    as_text,
    encode,
    fields,
    of_version,
    versioned,
)

RECEIPT_CONTEXT = b"madoguchi/v1/receipt"
OPENED_CONTEXT = b"madoguchi/v1/opened"

MAX_INBOX = 100
MAX_OPENED = 5000
"""Entries of one opened list; a longer one is cut into several."""

Entry = tuple[bytes, bytes]
"""A record's id (16 bytes) and its hash (32 bytes), as stored by whoever signs."""

Refusal = tuple[bytes, str]
"""A record's id (16 bytes) and the code of the reason."""

Message = tuple[int, bytes]
"""A number that rises within an inbox, and a body that its own author signed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What the receiver vouches for: these records are committed, in this life of its database, in this run."""

    municipality: str
    device: bytes
    receiver_epoch: bytes
    """16 random bytes, new whenever the receiver's database is created or restored."""
    run_nonce: bytes
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """The whole answer to a batch, one signed object: nothing in it can be forged, left out or played again."""

    receipt: Receipt
    refused: tuple[Refusal, ...] = ()
    inbox: tuple[Message, ...] = ()
    notices: tuple[bytes, ...] | None = None
    """What the office says to all desks and this one has not heard; None in the answer to a batch of version 1."""

    def to_bytes(self, receiver: SigningKey) -> bytes:
        """The wire form, signed by the receiver."""
        receipt = self.receipt
        parts = [
            receipt.municipality,
            receipt.device,
            receipt.receiver_epoch,
            receipt.run_nonce,
            receipt.entries,
            self.refused,
            self.inbox,
        ]
        payload = encode([VERSION, *parts] if self.notices is None else [WITH_NOTICES, *parts, self.notices])
        return Signed(payload=payload, signature=receiver.sign(RECEIPT_CONTEXT, payload)).to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes, *, receiver: bytes) -> "Reply":
        """Read a reply signed by the key `receiver`; `MalformedMessage`, `BadSignature`."""
        signed = Signed.from_bytes(data)
        verify(receiver, RECEIPT_CONTEXT, signed.payload, signed.signature)
        version, parts = of_version(signed.payload, {VERSION: 7, WITH_NOTICES: 8})
        municipality, device, receiver_epoch, run_nonce, entries, refused, inbox = parts[:7]
        return cls(
            receipt=Receipt(
                municipality=as_municipality(municipality),
                device=as_device(device),
                receiver_epoch=as_id(receiver_epoch),
                run_nonce=as_id(run_nonce),
                entries=as_items(entries, _entry, most=MAX_BATCH_RECORDS),
            ),
            refused=as_items(refused, _refusal, most=MAX_BATCH_RECORDS),
            inbox=as_items(inbox, _message, most=MAX_INBOX),
            notices=as_items(parts[7], as_notice, most=MAX_KINDS) if version == WITH_NOTICES else None,
        )

    def must_answer(self, *, municipality: str, device: bytes, run_nonce: bytes) -> None:
        """Return if this is the answer to that run of that device; `NotOurReply` otherwise."""
        receipt = self.receipt
        if (receipt.municipality, receipt.device, receipt.run_nonce) != (municipality, device, run_nonce):
            raise NotOurReply


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedList:
    """The office has opened and stored these records: they may be pruned at the desk when they are old enough."""

    municipality: str
    number: int
    """Rises with every list of the office."""
    device: bytes
    chain: bytes
    entries: tuple[Entry, ...]

    def to_bytes(self, office: SigningKey) -> bytes:
        """The wire form, signed by the office."""
        payload = encode([VERSION, self.municipality, self.number, self.device, self.chain, self.entries])
        return Signed(payload=payload, signature=office.sign(OPENED_CONTEXT, payload)).to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes, *, office: bytes) -> "OpenedList":
        """Read a list signed by the key `office`; `MalformedMessage`, `BadSignature`."""
        signed = Signed.from_bytes(data)
        verify(office, OPENED_CONTEXT, signed.payload, signed.signature)
        municipality, number, device, chain, entries = versioned(signed.payload, 5)
        return cls(
            municipality=as_municipality(municipality),
            number=as_int(number, lowest=1),
            device=as_device(device),
            chain=as_device(chain),
            entries=as_items(entries, _entry, most=MAX_OPENED),
        )


def _entry(value: object) -> Entry:
    record, digest = fields(value, 2)
    return as_id(record), as_hash(digest)


def _refusal(value: object) -> Refusal:
    record, code = fields(value, 2)
    return as_id(record), as_text(code, most=64)


def _message(value: object) -> Message:
    number, body = fields(value, 2)
    return as_int(number, lowest=1), as_blob(body, most=MAX_BATCH_BYTES)
