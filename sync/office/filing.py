"""Filing: every record becomes rows at most once, and a withdrawn one leaves none, in whatever order they arrive."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date

from sync.envelope import EpochHeader, Place
from sync.envelope import Record as SealedRecord
from sync.errors import SyncError
from sync.leaving import Known
from sync.office.dating import when
from sync.office.errors import Conflicting
from sync.office.facts import store_fact, take_out, tie_before, trouble_with, withdrawn_by
from sync.office.opening import Reading
from sync.office.tables import OPENED, SET_ASIDE, WITHDRAWN, Aside, Epoch, Record, Withdrawal
from sync.schema import Opened

_AT_ONCE = 500


# --------------------------------------------------------------------------------------------------------------- epochs


def keep_epoch(epoch: EpochHeader) -> None:
    """Store an epoch; a second time changes nothing. It is believed when a record is opened with it, not before."""
    place = {"device": epoch.device.hex(), "chain": epoch.chain.hex(), "number": epoch.number}
    Epoch.insert(digest=_digest(epoch.body), body=epoch.body, **place).on_conflict_ignore().execute()


def epochs_of(record: SealedRecord) -> list[bytes]:
    """The kept epochs that a record may belong to."""
    same_chain = (Epoch.device == record.device.hex()) & (Epoch.chain == record.chain.hex())
    return [bytes(epoch.body) for epoch in Epoch.select().where(same_chain & (Epoch.number == record.epoch))]


# ---------------------------------------------------------------------------------------------------------------- aside


def set_aside(body: bytes, reason: SyncError, *, record: SealedRecord | None = None, is_epoch: bool = False) -> None:
    """Keep a record or an epoch as it came, with the reason why it does not count."""
    named = {"device": record.device.hex(), "record": record.id.hex()} if record else {}
    kept = Aside.insert(digest=_digest(body), body=body, is_epoch=is_epoch, reason=reason.code, **named)
    kept.on_conflict(conflict_target=[Aside.digest], update={Aside.reason: reason.code, **named}).execute()


def no_longer_aside(bodies: Iterable[bytes]) -> None:
    """Forget that these records or epochs were put aside."""
    digests = [_digest(body) for body in bodies]
    for begin in range(0, len(digests), _AT_ONCE):
        Aside.delete().where(Aside.digest.in_(digests[begin : begin + _AT_ONCE])).execute()


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


# --------------------------------------------------------------------------------------------------------------- filing


def place_for(reading: Reading) -> Reading:
    """The same reading, or with its trouble if these tables have no place for what it says."""
    trouble = None if reading.says is None else trouble_with(reading.says)
    return reading if trouble is None else Reading(record=reading.record, trouble=trouble)


def file(reading: Reading, *, today: date) -> bool:
    """Store what a record says; whether anything changed. `Conflicting` if its id or its place belongs to another.

    Call it inside a transaction. `today` dates a record that tells no date and has no neighbours.
    """
    known = _known(reading.record)
    if known is None:
        _add(reading, today)
        return True
    if known.hash != reading.record.hash.hex():
        raise Conflicting(known.id)
    if known.state != SET_ASIDE or reading.trouble is not None:
        return False
    _complete(known, reading)
    return True


def known_of(device: bytes) -> Known:
    """The filed records of a device, by their places."""

    def known(chain: bytes, sequence: int) -> Place | None:
        same = (Record.device == device.hex()) & (Record.chain == chain.hex()) & (Record.sequence == sequence)
        row = Record.select(Record.hash, Record.previous, Record.state).where(same).first()
        return row and Place(
            chain=chain,
            sequence=sequence,
            hash=bytes.fromhex(row.hash),
            previous=bytes.fromhex(row.previous),
            is_hollow=row.state == WITHDRAWN,
        )

    return known


def is_aside(record: SealedRecord) -> bool:
    """Whether a filed record still waits for somebody who can read it."""
    known = _known(record)
    return known is not None and known.state == SET_ASIDE


def _known(record: SealedRecord) -> Record | None:
    """The row with its id, or else the one in its place in the chain."""
    place = (Record.device == record.device.hex()) & (Record.chain == record.chain.hex())
    same = (Record.id == record.id.hex()) | (place & (Record.sequence == record.sequence))
    rows = Record.select(Record.id, Record.device, Record.hash, Record.state).where(same)
    found = {row.id: row for row in rows}
    return found.get(record.id.hex()) or next(iter(found.values()), None)


def _add(reading: Reading, today: date) -> None:
    record = reading.record
    columns = _columns(reading)
    row = Record.create(
        id=record.id.hex(),
        municipality=record.municipality,
        device=record.device.hex(),
        chain=record.chain.hex(),
        sequence=record.sequence,
        hash=record.hash.hex(),
        previous=record.previous_hash.hex(),
        **{**columns, "day": columns.get("day") or _neighbouring_day(record) or today},
    )
    _expand(row, reading.says)


def _complete(row: Record, reading: Reading) -> None:
    """Fill in what could not be read when the record came."""
    columns = {name: value for name, value in _columns(reading).items() if value is not None or name == "reason"}
    Record.update(**columns).where(Record.id == row.id).execute()
    row = Record.get_by_id(row.id)
    if reading.record.is_hollow:
        _withdraw(row)
    _expand(row, reading.says)


def _columns(reading: Reading) -> dict[str, object]:
    """What the row of a record says beyond its header."""
    if reading.trouble is not None:
        return {"state": SET_ASIDE, "reason": reading.trouble.code}
    if reading.says is None:
        return {"state": WITHDRAWN, "reason": None}
    says, moment = reading.says, reading.says.moment
    return {
        "state": OPENED,
        "reason": None,
        "kind": says.kind,
        "schema": says.schema,
        "start": moment.start,
        "boot": moment.boot,
        "mono_ms": moment.mono_ms,
        "wall_ms": moment.wall_ms,
        "clock_quality": moment.quality,
        **asdict(when(moment, device=reading.record.device.hex(), chain=reading.record.chain.hex())),
    }


def _neighbouring_day(record: SealedRecord) -> date | None:
    """The day of the record before it in the chain, or of the one after it."""
    chain = Record.select().where((Record.device == record.device.hex()) & (Record.chain == record.chain.hex()))
    before = chain.where(Record.sequence < record.sequence).order_by(Record.sequence.desc()).first()
    neighbour = before or chain.where(Record.sequence > record.sequence).order_by(Record.sequence).first()
    return neighbour.day if neighbour else None


# ---------------------------------------------------------------------------------------------------------------- facts


def _expand(row: Record, says: Opened | None) -> None:
    """Store the fact of an opened record, unless it was withdrawn before it came."""
    if says is not None:
        tie_before(row, says)
    withdrawn = (Withdrawal.of == row.id) & (Withdrawal.device == row.device)
    if Withdrawal.select().where(withdrawn).exists():
        _withdraw(row)
    elif says is not None and says.kind == "withdrawal":
        _store_withdrawal(row, says)
    elif says is not None:
        store_fact(row, says)


def _store_withdrawal(row: Record, says: Opened) -> None:
    of = withdrawn_by(says)
    Withdrawal.create(record=row.id, device=row.device, of=of)
    withdrawn = Record.get_or_none((Record.id == of) & (Record.device == row.device))
    if withdrawn is not None:
        _withdraw(withdrawn)


def _withdraw(row: Record) -> None:
    """Take everything a record said out of the tables; its id, place and hash stay."""
    Record.update(state=WITHDRAWN, reason=None).where(Record.id == row.id).execute()
    same_record = (Aside.record == row.id) & (Aside.device == row.device)
    Aside.delete().where(same_record & (Aside.reason != Conflicting.code)).execute()
    take_out(row)
