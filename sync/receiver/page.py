"""What the office fetches in one answer: records in the order of their arrival, and the epochs that open them."""

from collections.abc import Iterator

from peewee import Database, Expression

from sync.envelope import hollow_body, record_body
from sync.receiver.models import EpochRow, RecordRow
from sync.wire import MAX_PULL_BYTES, Pulled

_ROOM = MAX_PULL_BYTES - 1024
_ROWS_AT_ONCE = 100


class Page:
    """One answer to the office being put together, no larger than a message may be."""

    def __init__(self, database: Database, municipality: str) -> None:
        self._database = database
        self._municipality = municipality
        self._epochs: dict[tuple[bytes, bytes, int], bytes] = {}
        self._records: list[bytes] = []
        self._room = _ROOM

    def turn(self, after: int, limit: int) -> Pulled:
        """Up to `limit` records after number `after`; nothing may have been put on the page before."""
        last = after
        for row in self._rows(after, limit):
            if not self._holds(row):
                break
            last = row.number
        return Pulled(
            municipality=self._municipality,
            epochs=tuple(self._epochs.values()),
            records=tuple(self._records),
            last=last,
            waiting=RecordRow.select().where(self._after(last)).count(self._database),
        )

    def _rows(self, after: int, limit: int) -> Iterator[RecordRow]:
        while limit > 0:
            query = (
                RecordRow.select().where(self._after(after)).order_by(RecordRow.number).limit(min(limit, _ROWS_AT_ONCE))
            )
            rows: list[RecordRow] = list(query.bind(self._database))
            yield from rows
            if len(rows) < _ROWS_AT_ONCE:
                return
            after = rows[-1].number
            limit -= len(rows)

    def _after(self, number: int) -> Expression:
        return (RecordRow.municipality == self._municipality) & (RecordRow.number > number)

    def _holds(self, row: RecordRow) -> bool:
        """Put the record on the page, and its epoch before it, if both still fit."""
        key = (bytes(row.device), bytes(row.chain), row.epoch)
        epoch = b"" if key in self._epochs else self._epoch(key)
        body = _body(row)
        self._room -= len(body) + len(epoch) + 10
        if self._room < 0:
            return False
        if epoch:
            self._epochs[key] = epoch
        self._records.append(body)
        return True

    def _epoch(self, key: tuple[bytes, bytes, int]) -> bytes:
        device, chain, number = key
        query = EpochRow.select(EpochRow.body).filter(
            municipality=self._municipality, device=device, chain=chain, number=number
        )
        return bytes(query.scalar(self._database))


def _body(row: RecordRow) -> bytes:
    """The record as its desk would send it now."""
    header, signature = bytes(row.header), bytes(row.signature)
    if row.ciphertext is None:
        return hollow_body(header=header, signature=signature, hash=bytes(row.hash))
    return record_body(header=header, ciphertext=bytes(row.ciphertext), signature=signature)
