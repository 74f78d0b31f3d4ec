"""How the database came to be what it is; a step that was released is never edited, only followed."""

import peewee

from sync.office.tables import Migration

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE cursor (
            source VARCHAR(255) NOT NULL PRIMARY KEY, after INTEGER NOT NULL, mark VARCHAR(64) NOT NULL,
            asked_ms INTEGER NOT NULL)""",
        """CREATE TABLE epoch (
            digest VARCHAR(64) NOT NULL PRIMARY KEY, device VARCHAR(16) NOT NULL, chain VARCHAR(16) NOT NULL,
            number INTEGER NOT NULL, body BLOB NOT NULL)""",
        "CREATE INDEX epoch_device_chain_number ON epoch (device, chain, number)",
        """CREATE TABLE record (
            id VARCHAR(32) NOT NULL PRIMARY KEY, municipality VARCHAR(255) NOT NULL, device VARCHAR(16) NOT NULL,
            chain VARCHAR(16) NOT NULL, sequence INTEGER NOT NULL, hash VARCHAR(64) NOT NULL,
            previous VARCHAR(64) NOT NULL, state VARCHAR(16) NOT NULL, reason VARCHAR(255), kind VARCHAR(255),
            schema INTEGER, start INTEGER, mono_ms INTEGER, wall_ms INTEGER, clock_quality VARCHAR(255),
            day DATE NOT NULL, listed INTEGER)""",
        "CREATE INDEX record_day ON record (day)",
        "CREATE INDEX record_listed ON record (listed)",
        "CREATE UNIQUE INDEX record_device_chain_sequence ON record (device, chain, sequence)",
        """CREATE TABLE withdrawal (
            record VARCHAR(32) NOT NULL PRIMARY KEY, device VARCHAR(16) NOT NULL, of VARCHAR(32) NOT NULL)""",
        "CREATE INDEX withdrawal_device_of ON withdrawal (device, of)",
        """CREATE TABLE call (
            record VARCHAR(32) NOT NULL PRIMARY KEY, button INTEGER NOT NULL, source VARCHAR(255) NOT NULL,
            attended INTEGER NOT NULL)""",
        """CREATE TABLE call_closed (
            record VARCHAR(32) NOT NULL PRIMARY KEY, call VARCHAR(32) NOT NULL, state VARCHAR(255) NOT NULL,
            waiting_seconds INTEGER NOT NULL, honest INTEGER NOT NULL, attended INTEGER NOT NULL,
            "by" VARCHAR(255))""",
        "CREATE INDEX call_closed_call ON call_closed (call)",
        """CREATE TABLE visit (
            record VARCHAR(32) NOT NULL PRIMARY KEY, call VARCHAR(32), channel VARCHAR(255) NOT NULL,
            people INTEGER NOT NULL, language VARCHAR(255) NOT NULL, waiting_seconds INTEGER,
            service_seconds INTEGER NOT NULL, honest INTEGER NOT NULL, timed INTEGER NOT NULL,
            began_wall_ms INTEGER NOT NULL)""",
        "CREATE INDEX visit_call ON visit (call)",
        """CREATE TABLE consultation (
            record VARCHAR(32) NOT NULL PRIMARY KEY, visit VARCHAR(32) NOT NULL, age_band VARCHAR(255) NOT NULL,
            outcome VARCHAR(255) NOT NULL, referred_to VARCHAR(255), minutes INTEGER, honest INTEGER NOT NULL)""",
        "CREATE INDEX consultation_visit ON consultation (visit)",
        """CREATE TABLE consultation_topic (
            record VARCHAR(32) NOT NULL, topic VARCHAR(255) NOT NULL, PRIMARY KEY (record, topic))""",
        "CREATE INDEX consultation_topic_topic ON consultation_topic (topic)",
        "CREATE TABLE memo (record VARCHAR(32) NOT NULL PRIMARY KEY, words TEXT NOT NULL)",
        """CREATE TABLE aside (
            digest VARCHAR(64) NOT NULL PRIMARY KEY, is_epoch INTEGER NOT NULL, body BLOB NOT NULL,
            reason VARCHAR(255) NOT NULL, device VARCHAR(16), record VARCHAR(32))""",
        "CREATE INDEX aside_reason ON aside (reason)",
        "CREATE INDEX aside_record ON aside (record)",
        """CREATE TABLE opened (
            number INTEGER NOT NULL PRIMARY KEY, device VARCHAR(16) NOT NULL, body BLOB NOT NULL,
            published INTEGER NOT NULL)""",
        "CREATE INDEX opened_published ON opened (published)",
    ),
    (
        "ALTER TABLE record ADD COLUMN boot INTEGER",
        "ALTER TABLE record ADD COLUMN at_ms INTEGER",
        "ALTER TABLE record ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0",
        "UPDATE record SET at_ms = wall_ms, unsure = COALESCE(clock_quality = 'unknown', 0)",
        "CREATE INDEX record_device_chain_boot ON record (device, chain, boot)",
        "ALTER TABLE consultation ADD COLUMN dated_by VARCHAR(32) NOT NULL DEFAULT ''",
        "ALTER TABLE consultation ADD COLUMN superseded_by VARCHAR(32)",
        "UPDATE consultation SET dated_by = record",
        "CREATE INDEX consultation_dated_by ON consultation (dated_by)",
        """CREATE TABLE replacement (
            record VARCHAR(32) NOT NULL PRIMARY KEY, device VARCHAR(16) NOT NULL, replaces VARCHAR(32) NOT NULL)""",
        "CREATE INDEX replacement_device_replaces ON replacement (device, replaces)",
        """CREATE TABLE tally (
            record VARCHAR(32) NOT NULL PRIMARY KEY, day DATE NOT NULL, visits INTEGER NOT NULL,
            people INTEGER NOT NULL, "by" VARCHAR(255) NOT NULL)""",
        "CREATE INDEX tally_day ON tally (day)",
        """CREATE TABLE tally_topic (
            record VARCHAR(32) NOT NULL, topic VARCHAR(255) NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY (record, topic))""",
        """CREATE TABLE tally_age_band (
            record VARCHAR(32) NOT NULL, age_band VARCHAR(255) NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY (record, age_band))""",
        """CREATE TABLE shift (
            record VARCHAR(32) NOT NULL PRIMARY KEY, staff VARCHAR(32) NOT NULL, role VARCHAR(255) NOT NULL,
            began_wall_ms INTEGER NOT NULL, minutes INTEGER NOT NULL, honest INTEGER NOT NULL)""",
        """CREATE TABLE shift_appointment (
            record VARCHAR(32) NOT NULL, appointment VARCHAR(255) NOT NULL, PRIMARY KEY (record, appointment))""",
        """CREATE TABLE clock_anchor (
            record VARCHAR(32) NOT NULL PRIMARY KEY, device VARCHAR(16) NOT NULL, chain VARCHAR(16) NOT NULL,
            boot INTEGER NOT NULL, sequence INTEGER NOT NULL, mono_ms INTEGER NOT NULL, said_ms INTEGER NOT NULL,
            shown_ms INTEGER NOT NULL, "by" VARCHAR(255) NOT NULL)""",
        "CREATE INDEX clock_anchor_device_chain_boot ON clock_anchor (device, chain, boot)",
        """CREATE TABLE security_event (
            record VARCHAR(32) NOT NULL PRIMARY KEY, matter VARCHAR(255) NOT NULL, "by" VARCHAR(32),
            about VARCHAR(32), place VARCHAR(255) NOT NULL)""",
        """CREATE TABLE day_closed (
            record VARCHAR(32) NOT NULL PRIMARY KEY, day DATE NOT NULL, opened_wall_ms INTEGER,
            visits INTEGER NOT NULL, people INTEGER NOT NULL, calls_unattended INTEGER NOT NULL,
            unsent INTEGER NOT NULL)""",
    ),
    (
        """CREATE TABLE notice (
            kind VARCHAR(255) NOT NULL PRIMARY KEY, number INTEGER NOT NULL, body BLOB NOT NULL)""",
        """CREATE TABLE laid_out (
            road VARCHAR(255) NOT NULL, kind VARCHAR(255) NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY (road, kind, number))""",
        # On which road a list was laid out nobody had kept; a second time is harmless.
        "DROP INDEX opened_published",
        "ALTER TABLE opened DROP COLUMN published",
    ),
)


def migrate(database: peewee.Database) -> None:
    """Bring the tables to the newest step, inside a transaction."""
    database.create_tables([Migration], safe=True)
    done = Migration.select().count()
    for number, step in enumerate(STEPS[done:], start=done + 1):
        for statement in step:
            database.execute_sql(statement)  # type: ignore[no-untyped-call]
        Migration.create(number=number)
