"""The tables of the box, as peewee sees them; migrations.py is what makes them."""

from collections.abc import Callable

from peewee import (
    BigIntegerField,
    BinaryUUIDField,
    BlobField,
    BooleanField,
    CompositeKey,
    Field,
    IntegerField,
    Model,
    TextField,
)


class Row(Model):
    """What all tables share; no database, each query is handed the connection it runs on."""


class MomentColumns:
    """The five columns of a moment; `raised = MomentColumns("raised_")` gives the table raised_wall_ms and the rest."""

    def __init__(self, prefix: str = "", *, null: bool = False) -> None:
        """`null`: they are all empty until it has happened."""
        self._prefix = prefix
        self.wall_ms = _column(BigIntegerField, null=null)
        self.mono_ms = _column(BigIntegerField, null=null)
        self.start = _column(IntegerField, null=null)
        self.boot = _column(IntegerField, null=null)
        self.quality = _column(TextField, null=null)

    def __set_name__(self, table: type[Row], _name: str) -> None:
        """Python says this while it makes the class; peewee looks for its fields right afterwards."""
        for column in ("wall_ms", "mono_ms", "start", "boot", "quality"):
            setattr(table, self._prefix + column, getattr(self, column))


def _column(kind: Callable[..., Field], *, null: bool) -> Field:
    return kind(null=null)


class MetaRow(Row):
    """One value the database keeps about itself."""

    key = TextField(primary_key=True)
    value = BlobField()

    class Meta:
        """Table meta."""

        table_name = "meta"
        without_rowid = True


class EpochRow(Row):
    """The signed header of an epoch; its data key was never here."""

    number = IntegerField(primary_key=True)
    body = BlobField()

    class Meta:
        """Table epoch."""

        table_name = "epoch"


class RecordRow(Row):
    """A sealed record and how far it has come."""

    sequence = IntegerField(primary_key=True)
    uid = BinaryUUIDField(unique=True)
    epoch = IntegerField()
    header = BlobField()
    ciphertext = BlobField(null=True)
    hash = BlobField()
    start = IntegerField()
    mono_ms = BigIntegerField()
    wall_ms = BigIntegerField()
    receipted_by = BlobField(null=True)
    opened_in = IntegerField(null=True)

    class Meta:
        """Table record."""

        table_name = "record"


class CallRow(Row):
    """A call, under the sequence of the record sealed at the press."""

    sequence = IntegerField(primary_key=True)
    uid = BinaryUUIDField()
    button = IntegerField()
    source = TextField()
    attended = BooleanField()
    state = TextField()
    raised = MomentColumns("raised_")
    closed = MomentColumns("closed_", null=True)

    class Meta:
        """Table call."""

        table_name = "call"


class VisitRow(Row):
    """A visit; open as long as `ended` is empty."""

    uid = BinaryUUIDField(primary_key=True)
    call_uid = BinaryUUIDField(null=True)
    channel = TextField()
    people = IntegerField()
    language = TextField()
    waiting_seconds = IntegerField(null=True)
    timed = BooleanField()
    withdrawn = BooleanField()
    began = MomentColumns("began_")
    ended = MomentColumns("ended_", null=True)

    class Meta:
        """Table visit."""

        table_name = "visit"
        without_rowid = True


class ConsultationRow(Row):
    """A consultation without its memo, under the sequence of its record."""

    sequence = IntegerField(primary_key=True)
    uid = BinaryUUIDField()
    visit_uid = BinaryUUIDField()
    topics = TextField()
    age_band = TextField()
    outcome = TextField()
    referred_to = TextField(null=True)
    minutes = IntegerField(null=True)
    honest = BooleanField()
    withdrawn = BooleanField()
    at = MomentColumns()
    superseded_by = BinaryUUIDField(null=True)

    class Meta:
        """Table consultation."""

        table_name = "consultation"


class RequestRow(Row):
    """A request that was carried out, so that its repetition is not."""

    key = BlobField(primary_key=True)
    fingerprint = BlobField()
    process = BlobField()
    made = BinaryUUIDField()
    wall_ms = BigIntegerField()

    class Meta:
        """Table request."""

        table_name = "request"
        without_rowid = True


class StaffRow(Row):
    """A person of the roster; the name is sealed under the desk key, the desk key wrapped under the person's PIN."""

    uid = BinaryUUIDField(primary_key=True)
    number = IntegerField(unique=True)
    sealed_name = BlobField()
    permission = TextField()
    appointments = TextField()
    employment = TextField()
    appointed_on = TextField(null=True)
    pledged_on = TextField(null=True)
    until_on = TextField(null=True)
    active = BooleanField()
    salt = BlobField()
    wrapped_key = BlobField()
    wrong = IntegerField()
    locked = BooleanField()
    card = TextField(null=True)

    class Meta:
        """Table staff."""

        table_name = "staff"
        without_rowid = True


class StayRow(Row):
    """Somebody who has come and not left, as far as the disk knows; gone once the shift is sealed."""

    staff_uid = BinaryUUIDField()
    place = TextField()
    began = MomentColumns("began_")
    seen = MomentColumns("seen_")

    class Meta:
        """Table stay."""

        table_name = "stay"
        primary_key = CompositeKey("staff_uid", "began_start", "began_mono_ms")
        without_rowid = True


class TokenRow(Row):
    """A bearer token, by its SHA-256 only."""

    uid = BinaryUUIDField(primary_key=True)
    name = TextField()
    digest = BlobField(unique=True)
    scope = TextField()
    issued_wall_ms = BigIntegerField()
    expires_wall_ms = BigIntegerField(null=True)
    revoked = BooleanField()

    class Meta:
        """Table token."""

        table_name = "token"
        without_rowid = True


class OpeningRow(Row):
    """A day on which the desk was opened, and when it was closed."""

    day = TextField(primary_key=True)
    opened = MomentColumns("opened_")
    closed = MomentColumns("closed_", null=True)

    class Meta:
        """Table opening."""

        table_name = "opening"
        without_rowid = True


class TallyRow(Row):
    """A day's counts from paper; topics and age bands are words and counts, `phone:3 password:1`."""

    uid = BinaryUUIDField(primary_key=True)
    day = TextField()
    visits = IntegerField()
    people = IntegerField()
    topics = TextField()
    age_bands = TextField()
    made_by = TextField()
    withdrawn = BooleanField()
    at = MomentColumns()

    class Meta:
        """Table tally."""

        table_name = "tally"
        without_rowid = True
