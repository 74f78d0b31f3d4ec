"""A kit's people beside those whom a set-up before the kit has put on the roster."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from appliance.assembly.given_people import give_people, take_given_people
from appliance.config import Config, load_config
from appliance.desk.errors import Invalid
from appliance.desk.facts.roster import PersonEntry
from appliance.desk.facts.staff import Employment, Permission, StaffRole
from appliance.desk.reception.staffing import Browser
from appliance.store.store import Store
from provisioning.errors import NotOnRoster
from sync.pins import Argon2Pins
from tests.configured import write_config
from tests.fakes import ICT_SUPPORT_PIN, PIN, FakeWorld, build_world

HERE = Browser(sign_in="here", place="screen")
FILE = "given-people.json"
HINATA = PersonEntry(
    name="ひなた",
    permission=Permission.FACILITY_STAFF,
    appointments=frozenset({StaffRole.INSTRUCTOR}),
    employment=Employment.NPO,
    appointed_on=date(2026, 4, 1),
)
SAKURA = replace(HINATA, name="さくら")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load_config(write_config(tmp_path, port=1, receiver_port=2))


@pytest.fixture
def world(config: Config) -> Iterator[FakeWorld]:
    """A desk with さくら, かえで and すぎ, a real database and real PINs."""
    store = Store(config.state.directory / "desk.db")
    yield build_world(storage=store, pins=Argon2Pins())
    store.close()


def take(world: FakeWorld, config: Config) -> None:
    take_given_people(config.state.directory, world.desk.roster)


def test_who_is_new_joins_and_who_is_there_stays(world: FakeWorld, config: Config) -> None:
    before = [member.id for member in world.desk.roster.members()]
    ((number, name, pin),) = give_people(config, [SAKURA, HINATA], number=3, pin=ICT_SUPPORT_PIN)
    assert (number, name) == (4, "ひなた")
    take(world, config)
    assert list(config.state.directory.glob(f"*{FILE}*")) == []
    world.desk.staff.sign_in(PIN, browser=HERE, number=1)
    assert [member.display_name for member in world.desk.roster.members()] == ["さくら", "かえで", "すぎ", "ひなた"]
    assert [member.id for member in world.desk.roster.members()][:3] == before
    joined = world.desk.staff.sign_in(pin, browser=HERE, number=4)
    assert (joined.permission, joined.appointments, joined.employment, joined.appointed_on) == (
        HINATA.permission,
        HINATA.appointments,
        HINATA.employment,
        HINATA.appointed_on,
    )
    assert give_people(config, [SAKURA, HINATA], number=4, pin=pin) == []


def test_the_file_is_taken_once(world: FakeWorld, config: Config) -> None:
    give_people(config, [HINATA], number=1, pin=PIN)
    path = config.state.directory / FILE
    content = path.read_bytes()
    for _ in range(2):
        path.write_bytes(content)
        take(world, config)
    assert len(world.desk.roster.members()) == 4


def test_no_name_and_no_pin_is_in_the_file(world: FakeWorld, config: Config) -> None:
    ((_, name, pin),) = give_people(config, [HINATA], number=1, pin=PIN)
    path = config.state.directory / FILE
    for secret in (name, json.dumps(name), pin, PIN):
        assert secret not in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("number", "pin"), [(1, ICT_SUPPORT_PIN), (9, PIN), (0, ""), (1, "")])
def test_nobody_joins_by_a_wrong_number_or_pin(world: FakeWorld, config: Config, number: int, pin: str) -> None:
    with pytest.raises(NotOnRoster):
        give_people(config, [HINATA], number=number, pin=pin)
    assert not (config.state.directory / FILE).exists()


def test_a_full_roster_takes_nobody(world: FakeWorld, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.assembly.given_people.MAX_PEOPLE", 3)
    with pytest.raises(Invalid):
        give_people(config, [HINATA], number=1, pin=PIN)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"id": "x"}', b'{"id": "00000000000000000000000000000000"}'])
def test_a_damaged_file_is_thrown_away(world: FakeWorld, config: Config, content: bytes) -> None:
    path = config.state.directory / FILE
    path.write_bytes(content)
    take(world, config)
    assert not path.exists()
    assert len(world.desk.roster.members()) == 3
