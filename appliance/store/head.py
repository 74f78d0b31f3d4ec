"""Where the chain in a box's database ends, read from outside while a desk may be using it."""

from pathlib import Path

from peewee import SqliteDatabase

from appliance.desk.errors import StorageFailed
from appliance.desk.facts.sealed import ChainHead
from appliance.store.faults import disk_words
from appliance.store.models import MetaRow, RecordRow


def stored_head(path: Path) -> ChainHead:
    """The last record of the chain in the database at `path`; `StorageFailed`."""
    with disk_words():
        reader = SqliteDatabase(f"file:{path}?mode=ro", uri=True, timeout=5, thread_safe=False)
        with reader.connection_context():
            chain = MetaRow.select().where(MetaRow.key == "chain").first(reader)
            last = RecordRow.select().order_by(RecordRow.sequence.desc()).first(reader)
    if chain is None:
        raise StorageFailed("the database has no chain id")
    sequence, digest = (last.sequence, bytes(last.hash)) if last else (0, bytes(32))
    return ChainHead(chain=bytes(chain.value), sequence=sequence, hash=digest, epoch=last.epoch if last else 0)
