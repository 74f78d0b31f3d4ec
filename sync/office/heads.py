"""Where the chains of a device end, as far as the office has opened or filed them."""

from sync.leaving import Head, furthest
from sync.office.tables import Record


def heads_of(device: bytes) -> tuple[Head, ...]:
    """The last record of every chain of that device; call it while reading."""
    rows = Record.select(Record.chain, Record.sequence, Record.hash).where(Record.device == device.hex())
    return furthest(
        Head(chain=bytes.fromhex(row.chain), sequence=row.sequence, hash=bytes.fromhex(row.hash)) for row in rows
    )
