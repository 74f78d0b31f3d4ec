"""Facts: what each kind of record puts into the tables, and what goes when it is withdrawn."""

from collections.abc import Callable, Mapping
from datetime import date

from sync.errors import MalformedMessage, SyncError, UnknownKind
from sync.office.dating import date_again
from sync.office.replacing import settle, tie
from sync.office.tables import (
    FACTS,
    Call,
    CallClosed,
    ClockAnchor,
    Consultation,
    ConsultationTopic,
    DayClosed,
    Fact,
    Memo,
    Record,
    SecurityEvent,
    Shift,
    ShiftAppointment,
    Tally,
    TallyAgeBand,
    TallyTopic,
    Visit,
)
from sync.schema import Opened

KNOWN = frozenset(
    {
        ("call", 1),
        ("call_closed", 1),
        ("visit", 1),
        ("consultation", 1),
        ("withdrawal", 1),
        ("correction", 1),
        ("shift", 1),
        ("tally", 1),
        ("clock_anchor", 1),
        ("security_event", 1),
        ("day_closed", 1),
    }
)
"""The kinds and schemas that have a place in these tables."""

Values = dict[str, object]
"""What a record says, by the names of columns: ids as hexadecimal text, days as days."""

_PLAIN: Mapping[str, type[Fact]] = {
    "call": Call,
    "call_closed": CallClosed,
    "visit": Visit,
    "security_event": SecurityEvent,
    "day_closed": DayClosed,
}
"""The kinds whose fields are exactly the columns of their table."""


def trouble_with(says: Opened) -> SyncError | None:
    """Why these tables have no place for what a record says; None if they have."""
    if (says.kind, says.schema) not in KNOWN:
        return UnknownKind(says.kind)
    if "day" in says.values and _day(says.values["day"]) is None:
        return MalformedMessage("not a day")
    return None


def tie_before(row: Record, says: Opened) -> None:
    """Note what a correction replaces, which is true even of one that was withdrawn before it came."""
    if says.kind == "correction":
        tie(row, str(_values(says)["replaces"]))


def withdrawn_by(says: Opened) -> str:
    """The id of the record that a withdrawal takes back."""
    return str(_values(says)["of"])


def store_fact(row: Record, says: Opened) -> None:
    """Store what an opened record says; `trouble_with` has found nothing, and it is no withdrawal."""
    values = _values(says)
    if says.kind in _PLAIN:
        _PLAIN[says.kind].create(record=row.id, **values)
    else:
        _STORES[says.kind](row, values)


def take_out(row: Record) -> None:
    """Remove what a record said, and undo what it changed about others."""
    anchor = ClockAnchor.get_or_none(ClockAnchor.record == row.id)
    for table in FACTS:
        table.delete().where(table.record == row.id).execute()
    settle(row.device, row.id)
    if anchor is not None:
        date_again(anchor.device, anchor.chain, anchor.boot)


# ---------------------------------------------------------------------------------------------------- the compound ones


def _store_consultation(row: Record, values: Values) -> None:
    topics, memo = _texts(values.pop("topics")), values.pop("memo")
    values.pop("replaces", None)  # tied before
    Consultation.create(record=row.id, dated_by=row.id, **values)
    for topic in dict.fromkeys(topics):
        ConsultationTopic.create(record=row.id, topic=topic)
    if memo is not None:
        Memo.create(record=row.id, words=memo)
    settle(row.device, row.id)


def _store_shift(row: Record, values: Values) -> None:
    appointments = _texts(values.pop("appointments"))
    Shift.create(record=row.id, **values)
    for appointment in dict.fromkeys(appointments):
        ShiftAppointment.create(record=row.id, appointment=appointment)


def _store_tally(row: Record, values: Values) -> None:
    topics, age_bands = _counts(values.pop("topics")), _counts(values.pop("age_bands"))
    Tally.create(record=row.id, **values)
    for topic, number in topics.items():
        TallyTopic.create(record=row.id, topic=topic, number=number)
    for age_band, number in age_bands.items():
        TallyAgeBand.create(record=row.id, age_band=age_band, number=number)


def _store_anchor(row: Record, values: Values) -> None:
    place = {"device": row.device, "chain": row.chain, "boot": row.boot, "sequence": row.sequence}
    ClockAnchor.create(record=row.id, mono_ms=row.mono_ms, **place, **values)
    date_again(row.device, row.chain, row.boot or 0)


_STORES: Mapping[str, Callable[[Record, Values], None]] = {
    "consultation": _store_consultation,
    "correction": _store_consultation,
    "shift": _store_shift,
    "tally": _store_tally,
    "clock_anchor": _store_anchor,
}


# -------------------------------------------------------------------------------------------------------------- reading


def _values(says: Opened) -> Values:
    values = {name: value.hex() if isinstance(value, bytes) else value for name, value in says.values.items()}
    return values | {"day": _day(values["day"])} if "day" in values else values


def _day(text: object) -> date | None:
    """The day that is named as YYYY-MM-DD; None if it is not."""
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _texts(words: object) -> list[str]:
    return [str(word) for word in words] if isinstance(words, tuple) else []


def _counts(pairs: object) -> dict[str, int]:
    """Each word with its number; one of zero is left out."""
    return {word: number for word, number in pairs if number} if isinstance(pairs, tuple) else {}
