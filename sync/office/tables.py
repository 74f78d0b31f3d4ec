"""The tables of the office: one row for each fact, and where it came from."""

import peewee

database = peewee.DatabaseProxy()

OPENED = "opened"
WITHDRAWN = "withdrawn"
SET_ASIDE = "set_aside"


class Row(peewee.Model):
    """What every table shares: the database that the office was started with."""

    class Meta:
        """Of the base."""

        database = database
        legacy_table_names = False


class Fact(Row):
    """What every fact shares: the record it was opened from."""

    record = peewee.CharField(32, primary_key=True)


class Migration(Row):
    """A change of the tables that this database has been through."""

    number = peewee.IntegerField(primary_key=True)


class Cursor(Row):
    """How far a source has been read."""

    source = peewee.CharField(primary_key=True)
    after = peewee.BigIntegerField()
    mark = peewee.CharField(64)
    """Which record had that number; another one there means that the source was restored from a backup."""
    asked_ms = peewee.BigIntegerField()
    """When it last had something new, by the office's clock."""


class Epoch(Row):
    """An epoch whose header is kept, so that a newer office can still open what this one could not."""

    digest = peewee.CharField(64, primary_key=True)
    device = peewee.CharField(16)
    chain = peewee.CharField(16)
    number = peewee.BigIntegerField()
    body = peewee.BlobField()

    class Meta:
        """Looked up by its place; a copied disk may have begun two epochs of one number, and both are kept."""

        indexes = ((("device", "chain", "number"), False),)


class Record(Row):
    """A record whose signature and place in its chain are known, opened or not."""

    id = peewee.CharField(32, primary_key=True)
    municipality = peewee.CharField()
    device = peewee.CharField(16)
    chain = peewee.CharField(16)
    sequence = peewee.BigIntegerField()
    hash = peewee.CharField(64)
    previous = peewee.CharField(64)
    state = peewee.CharField(16)
    reason = peewee.CharField(null=True)
    kind = peewee.CharField(null=True)
    schema = peewee.IntegerField(null=True)
    start = peewee.BigIntegerField(null=True)
    boot = peewee.BigIntegerField(null=True)
    """Unknown for records that were opened before this was kept."""
    mono_ms = peewee.BigIntegerField(null=True)
    wall_ms = peewee.BigIntegerField(null=True)
    """By its own clock, whatever was learnt about that clock later."""
    clock_quality = peewee.CharField(null=True)
    at_ms = peewee.BigIntegerField(null=True)
    """When it was, as well as anybody knows: by its own clock, or by what somebody said the time is in that boot."""
    unsure = peewee.BooleanField(default=False)
    """Whether nobody vouches for that."""
    day = peewee.DateField(index=True)
    """The day in Japan at that time; of a record that cannot be read, that of its neighbour in the chain."""
    listed = peewee.BigIntegerField(null=True, index=True)
    """The number of the opened list that names it."""

    class Meta:
        """One record for each place in a chain; dated again by boots."""

        indexes = ((("device", "chain", "sequence"), True), (("device", "chain", "boot"), False))


class Withdrawal(Row):
    """A record that shall count no more, whether it has arrived or not."""

    record = peewee.CharField(32, primary_key=True)
    device = peewee.CharField(16)
    of = peewee.CharField(32)

    class Meta:
        """Looked up by what it withdraws."""

        indexes = ((("device", "of"), False),)


class Replacement(Row):
    """Which record a correction takes the place of; stays when either is withdrawn, so that chains never break."""

    record = peewee.CharField(32, primary_key=True)
    device = peewee.CharField(16)
    replaces = peewee.CharField(32)

    class Meta:
        """Looked up by what is replaced."""

        indexes = ((("device", "replaces"), False),)


class Call(Fact):
    """A press that counts."""

    button = peewee.IntegerField()
    source = peewee.CharField()
    attended = peewee.BooleanField()


class CallClosed(Fact):
    """The end of a call that counts."""

    call = peewee.CharField(32, index=True)
    state = peewee.CharField()
    waiting_seconds = peewee.BigIntegerField()
    honest = peewee.BooleanField()
    attended = peewee.BooleanField()
    by = peewee.CharField(null=True)


class Visit(Fact):
    """A visit that counts."""

    call = peewee.CharField(32, null=True, index=True)
    channel = peewee.CharField()
    people = peewee.IntegerField()
    language = peewee.CharField()
    waiting_seconds = peewee.BigIntegerField(null=True)
    service_seconds = peewee.BigIntegerField()
    honest = peewee.BooleanField()
    timed = peewee.BooleanField()
    began_wall_ms = peewee.BigIntegerField()


class Consultation(Fact):
    """A consultation or a correction, without its memo; it counts unless another has taken its place."""

    visit = peewee.CharField(32, index=True)
    age_band = peewee.CharField()
    outcome = peewee.CharField()
    referred_to = peewee.CharField(null=True)
    minutes = peewee.IntegerField(null=True)
    honest = peewee.BooleanField()
    dated_by = peewee.CharField(32, index=True)
    """The record whose day it counts on: its own, or the first one that it corrects."""
    superseded_by = peewee.CharField(32, null=True)
    """The record that counts in its place."""


class ConsultationTopic(Fact):
    """One of the topics of a consultation."""

    record = peewee.CharField(32)
    topic = peewee.CharField(index=True)

    class Meta:
        """A topic is said once."""

        primary_key = peewee.CompositeKey("record", "topic")


class Memo(Fact):
    """What was noted in words; read record by record, never searched, never logged."""

    words = peewee.TextField()


class Tally(Fact):
    """A day's counts from paper (紙)."""

    day = peewee.DateField(index=True)
    visits = peewee.BigIntegerField()
    people = peewee.BigIntegerField()
    by = peewee.CharField()


class TallyTopic(Fact):
    """How often a topic was marked on paper."""

    record = peewee.CharField(32)
    topic = peewee.CharField()
    number = peewee.BigIntegerField()

    class Meta:
        """One number for each topic."""

        primary_key = peewee.CompositeKey("record", "topic")


class TallyAgeBand(Fact):
    """How often an age band was marked on paper."""

    record = peewee.CharField(32)
    age_band = peewee.CharField()
    number = peewee.BigIntegerField()

    class Meta:
        """One number for each age band."""

        primary_key = peewee.CompositeKey("record", "age_band")


class Shift(Fact):
    """One stay of one person at a desk; the person is a random id, never a name."""

    staff = peewee.CharField(32)
    role = peewee.CharField()
    began_wall_ms = peewee.BigIntegerField()
    minutes = peewee.BigIntegerField()
    honest = peewee.BooleanField()


class ShiftAppointment(Fact):
    """One of the appointments of whoever served a shift."""

    record = peewee.CharField(32)
    appointment = peewee.CharField()

    class Meta:
        """An appointment is said once."""

        primary_key = peewee.CompositeKey("record", "appointment")


class ClockAnchor(Fact):
    """Somebody looked at a watch: in that boot, at `mono_ms`, it was `said_ms`."""

    device = peewee.CharField(16)
    chain = peewee.CharField(16)
    boot = peewee.BigIntegerField()
    sequence = peewee.BigIntegerField()
    mono_ms = peewee.BigIntegerField()
    said_ms = peewee.BigIntegerField()
    shown_ms = peewee.BigIntegerField()
    by = peewee.CharField()

    class Meta:
        """Looked up by the boot whose records it dates."""

        indexes = ((("device", "chain", "boot"), False),)


class SecurityEvent(Fact):
    """Who came in, who was kept out, what was changed; ids, never names."""

    matter = peewee.CharField()
    by = peewee.CharField(32, null=True)
    about = peewee.CharField(32, null=True)
    place = peewee.CharField()


class DayClosed(Fact):
    """きょうはおしまい: what the desk itself counted when it closed."""

    day = peewee.DateField()
    opened_wall_ms = peewee.BigIntegerField(null=True)
    visits = peewee.BigIntegerField()
    people = peewee.BigIntegerField()
    calls_unattended = peewee.BigIntegerField()
    unsent = peewee.BigIntegerField()


class Aside(Row):
    """A record or epoch that was put aside with its reason, kept as it came."""

    digest = peewee.CharField(64, primary_key=True)
    is_epoch = peewee.BooleanField()
    body = peewee.BlobField()
    reason = peewee.CharField(index=True)
    device = peewee.CharField(16, null=True)
    record = peewee.CharField(32, null=True, index=True)


class Opened(Row):
    """A signed list of opened records, until and after every source has taken it."""

    number = peewee.BigIntegerField(primary_key=True)
    device = peewee.CharField(16)
    body = peewee.BlobField()


class Notice(Row):
    """The newest signed notice of a kind."""

    kind = peewee.CharField(primary_key=True)
    number = peewee.BigIntegerField()
    body = peewee.BlobField()


class LaidOut(Row):
    """A list or notice that a source has taken; what it has not is offered to it again."""

    road = peewee.CharField()
    kind = peewee.CharField()
    number = peewee.BigIntegerField()

    class Meta:
        """Each once on each road."""

        primary_key = peewee.CompositeKey("road", "kind", "number")


FACTS: tuple[type[Fact], ...] = (
    Call, CallClosed, Visit, Consultation, ConsultationTopic, Memo, Tally, TallyTopic, TallyAgeBand, Shift,
    ShiftAppointment, ClockAnchor, SecurityEvent, DayClosed,
)  # fmt: skip
"""What disappears when its record is withdrawn."""

TABLES: tuple[type[Row], ...] = (
    Migration,
    Cursor,
    Epoch,
    Record,
    Withdrawal,
    Replacement,
    *FACTS,
    Aside,
    Opened,
    Notice,
    LaidOut,
)
