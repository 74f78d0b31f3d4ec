"""Opened lists: the office tells each desk which of its records it holds, so that the desk may prune them one day."""

from collections.abc import Iterator
from itertools import groupby

import peewee

from sync.keys import SigningKey
from sync.office.tables import OPENED, WITHDRAWN, Opened, Record
from sync.receipt import OpenedList

MAX_ENTRIES = 500


def list_opened(*, municipality: str, key: SigningKey, at_ms: int) -> None:
    """Sign lists of all records that no list names yet, inside a transaction.

    Numbers rise, and follow the clock, so that an office restored from a backup does not use a number twice.
    """
    last = Opened.select(peewee.fn.MAX(Opened.number)).scalar() or 0
    for number, rows in enumerate(_unlisted(), start=max(last + 1, at_ms)):
        _sign(rows, number=number, municipality=municipality, key=key)


def unpublished() -> list[Opened]:
    """The lists that the source has not taken, lowest number first."""
    return list(Opened.select().where(~Opened.published).order_by(Opened.number))


def published(number: int) -> None:
    """Note that the source has taken a list, inside a transaction."""
    Opened.update(published=True).where(Opened.number == number).execute()


def _unlisted() -> Iterator[list[Record]]:
    """The records to be listed, by device and chain, in portions."""
    done = Record.state.in_((OPENED, WITHDRAWN)) & Record.listed.is_null()
    rows = Record.select().where(done).order_by(Record.device, Record.chain, Record.sequence)
    for _, group in groupby(list(rows), key=lambda row: (row.device, row.chain)):
        chain = list(group)
        yield from (chain[begin : begin + MAX_ENTRIES] for begin in range(0, len(chain), MAX_ENTRIES))


def _sign(rows: list[Record], *, number: int, municipality: str, key: SigningKey) -> None:
    device, chain = rows[0].device, rows[0].chain
    body = OpenedList(
        municipality=municipality,
        number=number,
        device=bytes.fromhex(device),
        chain=bytes.fromhex(chain),
        entries=tuple((bytes.fromhex(row.id), bytes.fromhex(row.hash)) for row in rows),
    ).to_bytes(key)
    Opened.create(number=number, device=device, body=body, published=False)
    Record.update(listed=number).where(Record.id.in_([row.id for row in rows])).execute()
