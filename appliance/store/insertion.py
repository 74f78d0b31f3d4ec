"""Inserting with SQL that peewee composes once, not at every row: composing costs more than storing."""

from uuid import UUID

from peewee import BinaryUUIDField, Model, SqliteDatabase


class Insertion:
    """The INSERT of a whole row into the table of `model`."""

    def __init__(self, model: type[Model]) -> None:
        fields = model._meta.sorted_fields  # noqa: SLF001 (peewee's documented way to a model's fields)
        self._columns = [(field.name, isinstance(field, BinaryUUIDField)) for field in fields]
        self._sql, _ = model.insert(dict.fromkeys(fields)).sql()

    def into(self, database: SqliteDatabase, **row: object) -> None:
        """Insert `row`; a column it does not name stays empty."""
        values = [_bytes_of(row.get(name)) if is_id else row.get(name) for name, is_id in self._columns]
        database.connection().execute(self._sql, values)  # type: ignore[no-untyped-call]


def _bytes_of(value: object) -> bytes | None:
    """An id as its column keeps it; what other columns keep SQLite takes as it is."""
    return value.bytes if isinstance(value, UUID) else None
