"""The receiver's tables; every key begins with the municipality, so that they can be divided by it."""

from peewee import BigIntegerField, BlobField, CompositeKey, Model, TextField


class Row(Model):
    """What all tables share; no database, each query is handed the connection it runs on."""


class MetaRow(Row):
    """One value the database keeps about itself."""

    key = TextField(primary_key=True)
    value = BlobField()

    class Meta:
        """Table meta."""

        table_name = "meta"


class CounterRow(Row):
    """The last number given to a record of a municipality; whoever writes it writes alone."""

    municipality = TextField(primary_key=True)
    last = BigIntegerField()

    class Meta:
        """Table counter."""

        table_name = "counter"


class EpochRow(Row):
    """An epoch as its device signed it."""

    municipality = TextField()
    device = BlobField()
    chain = BlobField()
    number = BigIntegerField()
    body = BlobField()

    class Meta:
        """Table epoch."""

        table_name = "epoch"
        primary_key = CompositeKey("municipality", "device", "chain", "number")


class RecordRow(Row):
    """A sealed record; `ciphertext` is gone once it was withdrawn."""

    municipality = TextField()
    record = BlobField()
    number = BigIntegerField()
    device = BlobField()
    chain = BlobField()
    epoch = BigIntegerField()
    sequence = BigIntegerField()
    header = BlobField()
    ciphertext = BlobField(null=True)
    signature = BlobField()
    hash = BlobField()
    received_ms = BigIntegerField()

    class Meta:
        """Table record."""

        table_name = "record"
        primary_key = CompositeKey("municipality", "record")
        indexes = (
            (("municipality", "device", "chain", "sequence"), True),
            (("municipality", "number"), True),
        )


class QuarantineRow(Row):
    """A record that was refused and is kept for people to look at."""

    municipality = TextField()
    device = BlobField()
    digest = BlobField()
    """SHA-256 over the whole body: what was refused twice is kept once."""
    code = TextField()
    body = BlobField()
    received_ms = BigIntegerField()

    class Meta:
        """Table quarantine."""

        table_name = "quarantine"
        primary_key = CompositeKey("municipality", "device", "digest")


class OpenedRow(Row):
    """A list of opened records that the office has signed for one desk."""

    municipality = TextField()
    device = BlobField()
    number = BigIntegerField()
    body = BlobField()

    class Meta:
        """Table opened."""

        table_name = "opened"
        primary_key = CompositeKey("municipality", "device", "number")


class NoticeRow(Row):
    """The newest notice of a kind that the office has signed for all its desks."""

    municipality = TextField()
    kind = TextField()
    number = BigIntegerField()
    body = BlobField()

    class Meta:
        """Table notice."""

        table_name = "notice"
        primary_key = CompositeKey("municipality", "kind")


TABLES = (MetaRow, CounterRow, EpochRow, RecordRow, QuarantineRow, OpenedRow, NoticeRow)
