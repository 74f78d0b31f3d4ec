"""Which records of a batch are taken: whole, of this device, signed by it, and in nobody's place."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from sync.envelope import EpochHeader, Record, parse_epoch, parse_record
from sync.errors import BadSignature, DeviceLeft, MalformedMessage
from sync.receipt import Entry
from sync.receiver.store import EpochKey, Intake, Refused
from sync.registry import Device
from sync.wire import Batch

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspected:
    """A batch after looking at every piece of it alone."""

    epochs: tuple[EpochHeader, ...]
    records: tuple[Record, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What the receipt says of a batch once it is committed."""

    entries: tuple[Entry, ...]
    refused: tuple[Refused, ...]


def inspect(batch: Batch, device: Device) -> Inspected:
    """Check every epoch and record by itself; one bad piece costs only itself."""
    public = device.public_key
    epochs = [epoch for body in batch.epochs if (epoch := _inspect_epoch(batch, body, public)) is not None]
    pieces = [_written_before_it_left(_inspect_record(batch, body, public), device) for body in batch.records]
    return Inspected(
        epochs=tuple(epochs),
        records=tuple(piece for piece in pieces if isinstance(piece, Record)),
        refused=tuple(piece for piece in pieces if isinstance(piece, Refused)),
    )


def _inspect_epoch(batch: Batch, body: bytes, public: bytes) -> EpochHeader | None:
    """The epoch, or None for a bad one: its records are then refused as without an epoch."""
    try:
        epoch = parse_epoch(body)
        epoch.verify(public)
    except (MalformedMessage, BadSignature) as error:
        log.warning("device %s sent an epoch that was refused: %s", batch.device.hex(), error.code)
        return None
    return epoch if epoch.municipality == batch.municipality else None


def _inspect_record(batch: Batch, body: bytes, public: bytes) -> Record | Refused:
    try:
        record = parse_record(body)
    except MalformedMessage as error:
        return Refused(record=stand_in(body), code=error.code)
    try:
        record.verify(public)
    except BadSignature as error:
        return Refused(record=record.id, code=error.code, body=body)
    if record.municipality != batch.municipality:
        return Refused(record=record.id, code="other_municipality", body=body)
    return record


def _written_before_it_left(piece: Record | Refused, device: Device) -> Record | Refused:
    """The record, unless its box was retired or stolen before it was written."""
    if isinstance(piece, Refused) or device.accepts(piece.chain, piece.sequence):
        return piece
    return Refused(record=piece.id, code=DeviceLeft.code, body=piece.body)


def stand_in(body: bytes) -> bytes:
    """Sixteen bytes that name a record whose own id cannot be read."""
    return sha256(body).digest()[:16]


def take_in(inspected: Inspected, intake: Intake, device: Device) -> Taken:
    """Store what may be stored; the database decides who was first, never a look beforehand."""
    intake.keep_epochs(inspected.epochs)
    with_epoch, refused = _with_epoch(inspected, intake)
    openable, unproven = _proven(with_epoch, intake, device)
    standing = intake.keep_records(openable)
    stored = [record for record in openable if standing.get(record.id) == record.hash]
    displaced = [_displaced(record, standing) for record in openable if standing.get(record.id) != record.hash]
    intake.hollow(record for record in stored if record.is_hollow)
    every = (*inspected.refused, *refused, *unproven, *displaced)
    intake.quarantine(every)
    return Taken(entries=tuple((record.id, record.hash) for record in stored), refused=every)


def _proven(records: list[Record], intake: Intake, device: Device) -> tuple[list[Record], list[Refused]]:
    """The records that count, and of a stolen box those that somebody may have made since.

    Each is believed by the one behind it, hence the last one first.
    """
    if device.departure is None or not records:
        return records, []
    known = intake.places((record.chain, at) for record in records for at in (record.sequence, record.sequence + 1))
    believed = set()
    for record in sorted(records, key=lambda record: (record.chain, record.sequence), reverse=True):
        if device.believes(record.place, lambda chain, at: known.get((chain, at))):
            known.setdefault((record.chain, record.sequence), record.place)
            believed.add(record.body)
    proven = [record for record in records if record.body in believed]
    others = [record for record in records if record.body not in believed]
    return proven, [Refused(record=record.id, code=DeviceLeft.code, body=record.body) for record in others]


def _with_epoch(inspected: Inspected, intake: Intake) -> tuple[list[Record], list[Refused]]:
    """The records whose epoch is stored; without it nobody could ever open them, so they are not receipted."""
    keys = {_key(record) for record in inspected.records} | {(epoch.chain, epoch.number) for epoch in inspected.epochs}
    stored = intake.epochs(keys)
    contested = {(e.chain, e.number) for e in inspected.epochs if stored.get((e.chain, e.number)) != e.body}
    usable = stored.keys() - contested
    openable = [record for record in inspected.records if _key(record) in usable]
    refused = [_without_epoch(record, contested) for record in inspected.records if _key(record) not in usable]
    return openable, refused


def _key(record: Record) -> EpochKey:
    return record.chain, record.epoch


def _without_epoch(record: Record, contested: Collection[EpochKey]) -> Refused:
    return Refused(record=record.id, code="epoch_reused" if _key(record) in contested else "epoch_missing")


def _displaced(record: Record, standing: Collection[bytes]) -> Refused:
    """The id, or else the sequence, belongs to another record."""
    code = "id_reused" if record.id in standing else "sequence_reused"
    return Refused(record=record.id, code=code, body=record.body)
