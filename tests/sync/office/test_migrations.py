"""The tables of every step that was ever released are carried forward, with everything in them."""

import sqlite3
from pathlib import Path

import pytest

from sync.office.migrations import STEPS
from sync.office.store import Storage
from sync.office.tables import TABLES, Consultation, Record
from tests.sync.office.town import TODAY, TestDesk, Town

OLD_ROWS = (
    """INSERT INTO record VALUES ('{visit}', '999997', '{device}', '{chain}', 1, '{one}', '{one}', 'opened', NULL,
        'visit', 1, 1, 1000, {wall}, 'staff', '2026-11-21', NULL)""",
    """INSERT INTO record VALUES ('{said}', '999997', '{device}', '{chain}', 2, '{two}', '{one}', 'opened', NULL,
        'consultation', 1, 1, 1000, {wall}, 'unknown', '2026-11-21', NULL)""",
    """INSERT INTO visit VALUES ('{visit}', NULL, 'in_person', 2, 'ja', NULL, 600, 1, 1, 0)""",
    """INSERT INTO consultation VALUES ('{said}', '{visit}', 'to39', 'resolved', NULL, 10, 1)""",
    """INSERT INTO consultation_topic VALUES ('{said}', 'phone')""",
)
VISIT, SAID, WALL_MS = "1a" * 16, "2b" * 16, 1_795_230_000_000


def columns(path: Path) -> dict[str, set[tuple[object, ...]]]:
    with sqlite3.connect(path) as opened:
        names = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'index')")]
        found = {name: set(opened.execute(f"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{name}')"))  # noqa: S608
                 for name in names if not name.startswith("sqlite_")}  # fmt: skip
    opened.close()
    return found


def first_step(path: Path, desk: TestDesk) -> None:
    """A database as the first version left it."""
    with sqlite3.connect(path) as opened:
        opened.execute("CREATE TABLE migration (number INTEGER NOT NULL PRIMARY KEY)")
        opened.execute("INSERT INTO migration VALUES (1)")
        for statement in STEPS[0]:
            opened.execute(statement)
        for statement in OLD_ROWS:
            device, chain = desk.device.hex(), desk.chain.hex()
            words = {"visit": VISIT, "said": SAID, "device": device, "chain": chain, "wall": WALL_MS}
            opened.execute(statement.format(**words, one="aa" * 32, two="bb" * 32))
    opened.close()


@pytest.mark.parametrize("came", ["new", "from the first step"])
def test_the_tables_are_those_that_the_models_describe(town: Town, desk: TestDesk, came: str) -> None:
    path = town.folder / "office.db"
    if came != "new":
        first_step(path, desk)
    town.office()
    described = town.folder / "described.db"
    town.close()
    storage = Storage(town.folder / "described.db")
    storage._database.drop_tables(TABLES)  # noqa: SLF001
    storage._database.create_tables(TABLES)  # noqa: SLF001
    storage.close()
    assert columns(path) == columns(described)


def test_a_database_of_the_first_step_keeps_its_numbers_and_takes_new_kinds(town: Town, desk: TestDesk) -> None:
    first_step(town.folder / "office.db", desk)
    office = town.office()
    before = office.statistics(TODAY, TODAY)
    assert (before.visits, before.people, before.by_topic, before.unsure_clock) == (1, 2, {"phone": 1}, 1)
    assert Record.get_by_id(VISIT).at_ms == WALL_MS
    assert Consultation.get_by_id(SAID).dated_by == SAID
    desk.bodies.extend([b"", b""])  # the two that are there
    desk.correction(bytes.fromhex(SAID), bytes.fromhex(VISIT), topics=("other",))
    desk.tally("2026-11-21", visits=1, people=1)
    office.take(desk.epochs, desk.bodies[2:])
    after = office.statistics(TODAY, TODAY)
    assert (after.visits, after.by_topic, after.from_paper.visits) == (2, {"other": 1}, 1)


def test_what_the_first_version_could_not_read_is_read_after_the_migration(
    town: Town, desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.tally("2026-11-21")
    with monkeypatch.context() as older:
        older.setattr("sync.office.facts.KNOWN", frozenset({("call", 1)}))
        office = town.office()
        office.take(desk.epochs, desk.bodies)
        assert office.statistics(TODAY, TODAY).visits == 0
    assert town.office().statistics(TODAY, TODAY).visits == 5
