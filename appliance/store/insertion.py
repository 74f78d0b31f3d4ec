"""Inserting with SQL that peewee composes once, not at every row: composing costs more than storing."""

from peewee import Model, SqliteDatabase


class Insertion:
    """The INSERT of a whole row into the table of `model`."""

    def __init__(self, model: type[Model]) -> None:
        fields = model._meta.sorted_fields  # noqa: SLF001 (peewee's documented way to a model's fields)
        self._converters = [(field.name, field.db_value) for field in fields]
        self._sql, _ = model.insert(dict.fromkeys(fields)).sql()

    def into(self, database: SqliteDatabase, **row: object) -> None:
        """Insert `row`; a column it does not name stays empty."""
        values = [convert(row.get(name)) for name, convert in self._converters]
        database.execute_sql(self._sql, values)  # type: ignore[no-untyped-call]
