"""What the office tells its desks: which records it holds, and the notices for all; laid out on every road there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import peewee

from sync.keys import SigningKey
from sync.notices import Notice as SignedNotice
from sync.office.tables import OPENED, WITHDRAWN, LaidOut, Notice, Opened, Record
from sync.receipt import OpenedList

MAX_ENTRIES = 500
OPENED_LISTS = "opened"
LEAVING = "leaving"
ADMISSION = "admission"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signing:
    """In whose name something is signed, and when."""

    municipality: str
    key: SigningKey
    at_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A list or notice to be laid out."""

    kind: str
    number: int
    body: bytes


# -------------------------------------------------------------------------------------------------------------- signing


def list_opened(signing: Signing) -> None:
    """Sign lists of all records that no list names yet, inside a transaction.

    Numbers rise, and follow the clock, so that an office restored from a backup does not use a number twice.
    """
    last = Opened.select(peewee.fn.MAX(Opened.number)).scalar() or 0
    for number, rows in enumerate(_unlisted(), start=max(last + 1, signing.at_ms)):
        _sign(rows, number=number, signing=signing)


def sign_notice(signing: Signing, kind: str, body: bytes) -> int:
    """Sign a notice, inside a transaction; its number, that of the last one where it says the same. `NoticeTooLong`."""
    last = Notice.get_or_none(Notice.kind == kind)
    if last is not None and _says(signing, last) == body:
        return int(last.number)
    number = max(last.number + 1 if last else 1, signing.at_ms)
    notice = SignedNotice(municipality=signing.municipality, kind=kind, number=number, body=body)
    columns = {"number": number, "body": notice.to_bytes(signing.key)}
    Notice.insert(kind=kind, **columns).on_conflict(conflict_target=[Notice.kind], update=columns).execute()
    return number


def _says(signing: Signing, last: Notice) -> bytes:
    return SignedNotice.from_bytes(bytes(last.body), office=signing.key.public).body


def has_said(kind: str) -> bool:
    """Whether there is a notice of that kind."""
    return Notice.select().where(Notice.kind == kind).exists()


def _unlisted() -> Iterator[list[Record]]:
    """The records to be listed, by device and chain, in portions."""
    done = Record.state.in_((OPENED, WITHDRAWN)) & Record.listed.is_null()
    rows = Record.select().where(done).order_by(Record.device, Record.chain, Record.sequence)
    for _, group in groupby(list(rows), key=lambda row: (row.device, row.chain)):
        chain = list(group)
        yield from (chain[begin : begin + MAX_ENTRIES] for begin in range(0, len(chain), MAX_ENTRIES))


def _sign(rows: list[Record], *, number: int, signing: Signing) -> None:
    device, chain = rows[0].device, rows[0].chain
    body = OpenedList(
        municipality=signing.municipality,
        number=number,
        device=bytes.fromhex(device),
        chain=bytes.fromhex(chain),
        entries=tuple((bytes.fromhex(row.id), bytes.fromhex(row.hash)) for row in rows),
    ).to_bytes(signing.key)
    Opened.create(number=number, device=device, body=body)
    Record.update(listed=number).where(Record.id.in_([row.id for row in rows])).execute()


# ----------------------------------------------------------------------------------------------------------- laying out


def lists_for(road: str) -> list[Message]:
    """The opened lists that are not laid out on that road, lowest number first."""
    rows = Opened.select().where(Opened.number.not_in(_numbers(road, OPENED_LISTS))).order_by(Opened.number)
    return [Message(kind=OPENED_LISTS, number=row.number, body=bytes(row.body)) for row in rows]


def notices_for(road: str) -> list[Message]:
    """The newest notice of each kind, where it is not laid out on that road."""
    rows = [row for row in Notice.select().order_by(Notice.kind) if not is_laid_out(road, row.kind, row.number)]
    return [Message(kind=row.kind, number=row.number, body=bytes(row.body)) for row in rows]


def is_laid_out(road: str, kind: str, number: int) -> bool:
    """Whether that source has taken it."""
    return LaidOut.get_or_none(road=road, kind=kind, number=number) is not None


def laid_out(road: str, message: Message) -> None:
    """Note that a source has taken it, inside a transaction."""
    LaidOut.insert(road=road, kind=message.kind, number=message.number).on_conflict_ignore().execute()


def nothing_laid_out(road: str) -> None:
    """That source has forgotten what it was told, inside a transaction."""
    LaidOut.delete().where(LaidOut.road == road).execute()


def _numbers(road: str, kind: str) -> object:
    return LaidOut.select(LaidOut.number).where((LaidOut.road == road) & (LaidOut.kind == kind))
