"""How the database came to be what it is; a step that was released is never edited, only followed."""

from peewee import SqliteDatabase

from appliance.desk.errors import StorageFailed

STEPS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
        "CREATE TABLE epoch (number INTEGER PRIMARY KEY, body BLOB NOT NULL)",
        """CREATE TABLE record (
            sequence INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, epoch INTEGER NOT NULL REFERENCES epoch (number),
            header BLOB NOT NULL, ciphertext BLOB, signature BLOB NOT NULL, hash BLOB NOT NULL,
            start INTEGER NOT NULL, mono_ms INTEGER NOT NULL, wall_ms INTEGER NOT NULL,
            receipted_by BLOB, opened_in INTEGER)""",
        "CREATE INDEX record_waiting ON record (sequence) WHERE receipted_by IS NULL",
        """CREATE TABLE call (
            sequence INTEGER PRIMARY KEY, uid BLOB NOT NULL, button INTEGER NOT NULL, source TEXT NOT NULL,
            attended INTEGER NOT NULL, state TEXT NOT NULL,
            raised_wall_ms INTEGER NOT NULL, raised_mono_ms INTEGER NOT NULL, raised_start INTEGER NOT NULL,
            raised_boot INTEGER NOT NULL, raised_quality TEXT NOT NULL,
            closed_wall_ms INTEGER, closed_mono_ms INTEGER, closed_start INTEGER, closed_boot INTEGER,
            closed_quality TEXT)""",
        """CREATE TABLE visit (
            uid BLOB PRIMARY KEY, call_uid BLOB, channel TEXT NOT NULL, people INTEGER NOT NULL,
            language TEXT NOT NULL, waiting_seconds INTEGER, timed INTEGER NOT NULL, withdrawn INTEGER NOT NULL,
            began_wall_ms INTEGER NOT NULL, began_mono_ms INTEGER NOT NULL, began_start INTEGER NOT NULL,
            began_boot INTEGER NOT NULL, began_quality TEXT NOT NULL,
            ended_wall_ms INTEGER, ended_mono_ms INTEGER, ended_start INTEGER, ended_boot INTEGER,
            ended_quality TEXT) WITHOUT ROWID""",
        """CREATE TABLE consultation (
            sequence INTEGER PRIMARY KEY, uid BLOB NOT NULL, visit_uid BLOB NOT NULL, topics TEXT NOT NULL,
            age_band TEXT NOT NULL, outcome TEXT NOT NULL, referred_to TEXT, minutes INTEGER, honest INTEGER NOT NULL,
            withdrawn INTEGER NOT NULL, wall_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL, start INTEGER NOT NULL,
            boot INTEGER NOT NULL, quality TEXT NOT NULL)""",
        """CREATE TABLE request (
            key BLOB PRIMARY KEY, fingerprint BLOB NOT NULL, process BLOB NOT NULL, made BLOB NOT NULL,
            wall_ms INTEGER NOT NULL) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE staff (
            uid BLOB PRIMARY KEY, number INTEGER NOT NULL UNIQUE, sealed_name BLOB NOT NULL, permission TEXT NOT NULL,
            appointments TEXT NOT NULL, employment TEXT NOT NULL, appointed_on TEXT, pledged_on TEXT, until_on TEXT,
            active INTEGER NOT NULL, salt BLOB NOT NULL, wrapped_key BLOB NOT NULL, wrong INTEGER NOT NULL,
            locked INTEGER NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE token (
            uid BLOB PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, scope TEXT NOT NULL,
            issued_wall_ms INTEGER NOT NULL, expires_wall_ms INTEGER, revoked INTEGER NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE opening (
            day TEXT PRIMARY KEY,
            opened_wall_ms INTEGER NOT NULL, opened_mono_ms INTEGER NOT NULL, opened_start INTEGER NOT NULL,
            opened_boot INTEGER NOT NULL, opened_quality TEXT NOT NULL,
            closed_wall_ms INTEGER, closed_mono_ms INTEGER, closed_start INTEGER, closed_boot INTEGER,
            closed_quality TEXT) WITHOUT ROWID""",
        """CREATE TABLE tally (
            uid BLOB PRIMARY KEY, day TEXT NOT NULL, visits INTEGER NOT NULL, people INTEGER NOT NULL,
            topics TEXT NOT NULL, age_bands TEXT NOT NULL, made_by TEXT NOT NULL, withdrawn INTEGER NOT NULL,
            wall_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL, start INTEGER NOT NULL, boot INTEGER NOT NULL,
            quality TEXT NOT NULL) WITHOUT ROWID""",
        "ALTER TABLE consultation ADD COLUMN superseded_by BLOB",
    ),
    (
        """CREATE TABLE stay (
            staff_uid BLOB NOT NULL REFERENCES staff (uid), place TEXT NOT NULL,
            began_wall_ms INTEGER NOT NULL, began_mono_ms INTEGER NOT NULL, began_start INTEGER NOT NULL,
            began_boot INTEGER NOT NULL, began_quality TEXT NOT NULL,
            seen_wall_ms INTEGER NOT NULL, seen_mono_ms INTEGER NOT NULL, seen_start INTEGER NOT NULL,
            seen_boot INTEGER NOT NULL, seen_quality TEXT NOT NULL,
            PRIMARY KEY (staff_uid, began_start, began_mono_ms)) WITHOUT ROWID""",
    ),
    ("ALTER TABLE record DROP COLUMN signature",),
    (
        "ALTER TABLE staff ADD COLUMN card TEXT",
        "CREATE UNIQUE INDEX staff_card ON staff (card) WHERE card IS NOT NULL",
    ),
)


def migrate(database: SqliteDatabase) -> None:
    """Bring the database to the newest step; a database from a newer version is refused."""
    version = int(database.pragma("user_version"))
    if version > len(STEPS):
        raise StorageFailed(
            f"the database is at step {version}, this version knows {len(STEPS)}; install the newer one"
        )
    for number, step in enumerate(STEPS[version:], start=version + 1):
        with database.atomic("IMMEDIATE"):
            for statement in step:
                database.execute_sql(statement)  # type: ignore[no-untyped-call]
            database.pragma("user_version", number)
