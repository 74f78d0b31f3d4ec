"""Filing: every record becomes rows at most once, and a withdrawn one leaves none, in whatever order they arrive."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sync.envelope import EpochHeader
from sync.envelope import Record as SealedRecord
from sync.errors import SyncError, UnknownKind
from sync.office.errors import Conflicting
from sync.office.opening import Reading
from sync.office.tables import (
    FACTS,
    OPENED,
    SET_ASIDE,
    WITHDRAWN,
    Aside,
    Call,
    CallClosed,
    Consultation,
    ConsultationTopic,
    Epoch,
    Fact,
    Memo,
    Record,
    Visit,
    Withdrawal,
)
from sync.schema import Opened

JAPAN = ZoneInfo("Asia/Tokyo")
_1970 = datetime(1970, 1, 1, tzinfo=UTC)

_AT_ONCE = 500

_TABLES: Mapping[str, type[Fact]] = {"call": Call, "call_closed": CallClosed, "visit": Visit}
"""The kinds whose fields are exactly the columns of their table."""

KNOWN = frozenset({("call", 1), ("call_closed", 1), ("visit", 1), ("consultation", 1), ("withdrawal", 1)})
"""The kinds and schemas that have a place in these tables."""


def milliseconds(at: datetime) -> int:
    """A wall time as it is stored: whole milliseconds since 1970."""
    return (at - _1970) // timedelta(milliseconds=1)


def day_of(wall_ms: int) -> date | None:
    """The day in Japan at that wall time; None where no calendar reaches."""
    try:
        return (_1970 + timedelta(milliseconds=wall_ms)).astimezone(JAPAN).date()
    except OverflowError:
        return None


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
    if reading.says is None or (reading.says.kind, reading.says.schema) in KNOWN:
        return reading
    return Reading(record=reading.record, trouble=UnknownKind(reading.says.kind))


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
        "mono_ms": moment.mono_ms,
        "wall_ms": moment.wall_ms,
        "clock_quality": moment.quality,
        "day": day_of(moment.wall_ms),
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
    withdrawn = (Withdrawal.of == row.id) & (Withdrawal.device == row.device)
    if Withdrawal.select().where(withdrawn).exists():
        _withdraw(row)
    elif says is not None:
        _store_fact(row, says)


def _store_fact(row: Record, says: Opened) -> None:
    values = {name: value.hex() if isinstance(value, bytes) else value for name, value in says.values.items()}
    if says.kind == "withdrawal":
        _store_withdrawal(row, str(values["of"]))
    elif says.kind == "consultation":
        _store_consultation(row, values)
    else:
        _TABLES[says.kind].create(record=row.id, **values)


def _store_withdrawal(row: Record, of: str) -> None:
    Withdrawal.create(record=row.id, device=row.device, of=of)
    withdrawn = Record.get_or_none((Record.id == of) & (Record.device == row.device))
    if withdrawn is not None:
        _withdraw(withdrawn)


def _store_consultation(row: Record, values: dict[str, object]) -> None:
    topics, memo = values.pop("topics"), values.pop("memo")
    Consultation.create(record=row.id, **values)
    for topic in dict.fromkeys(_texts(topics)):
        ConsultationTopic.create(record=row.id, topic=topic)
    if memo is not None:
        Memo.create(record=row.id, words=memo)


def _texts(topics: object) -> list[str]:
    return [str(topic) for topic in topics] if isinstance(topics, tuple) else []


def _withdraw(row: Record) -> None:
    """Take everything a record said out of the tables; its id, place and hash stay."""
    Record.update(state=WITHDRAWN, reason=None).where(Record.id == row.id).execute()
    same_record = (Aside.record == row.id) & (Aside.device == row.device)
    Aside.delete().where(same_record & (Aside.reason != Conflicting.code)).execute()
    for table in FACTS:
        table.delete().where(table.record == row.id).execute()
