"""What a box would take with it if it went now, read from outside while no desk uses its database."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from peewee import SqliteDatabase

from appliance.store.faults import disk_words
from appliance.store.models import RecordRow
from appliance.store.proof import read_only


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsettled:
    """The records of a database that the town does not have, or may not have."""

    unsent: Sequence[int]
    """Their places in the chain: no receiver has receipted them."""
    unopened: int
    """How many the office has not said to have opened, the unsent ones among them."""


def unsettled_in(path: Path) -> Unsettled:
    """What is unsettled in the database at `path`; nothing where there is none. `StorageFailed`."""
    if not path.exists():
        return Unsettled(unsent=(), unopened=0)
    with disk_words():
        reader = SqliteDatabase(read_only(path), uri=True, timeout=5, thread_safe=False)
        with reader.connection_context():
            rows = RecordRow.select(RecordRow.sequence).where(RecordRow.receipted_by.is_null())
            kept = RecordRow.opened_in.is_null() & RecordRow.ciphertext.is_null(is_null=False)
            return Unsettled(
                unsent=[row.sequence for row in rows.order_by(RecordRow.sequence).bind(reader)],
                unopened=int(RecordRow.select().where(kept | RecordRow.receipted_by.is_null()).count(reader)),
            )
