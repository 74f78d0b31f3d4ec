"""What the command on the box leaves in the state folder, and how the desk takes it."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.assembly.given_pin import give_pin, is_taken, roster_of, take_given_pin
from appliance.config import Config, load_config
from appliance.desk.errors import ConfigError, NotServing, StorageFailed, StorageFull, UnknownStaff, WrongPin
from appliance.desk.facts.roster import is_weak
from appliance.desk.facts.security import SecurityEvent, SecurityMatter
from appliance.desk.reception.staffing import Browser
from appliance.store.store import Store
from sync.pins import Argon2Pins
from tests.configured import write_config
from tests.fakes import ICT_SUPPORT_PIN, PIN, STAFF, FakeSealer, FakeStorage, FakeWorld, build_world

HERE = Browser(sign_in="here", place="screen")
TABLET = Browser(sign_in="tablet", place="lan")
FILE = "given-pin.json"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load_config(write_config(tmp_path, port=1, receiver_port=2))


@pytest.fixture
def world(config: Config) -> Iterator[FakeWorld]:
    """A desk with a real database and real PINs in the folder of that configuration."""
    store = Store(config.state.directory / "desk.db")
    yield build_world(storage=store, pins=Argon2Pins())
    store.close()


def take(world: FakeWorld, config: Config) -> None:
    take_given_pin(config.state.directory, world.desk.roster)


def names(world: FakeWorld) -> list[str | None]:
    return [member.display_name for member in world.desk.roster.members()]


def test_the_desk_takes_the_pin_once_and_the_file_is_gone(world: FakeWorld, config: Config) -> None:
    pin = give_pin(config, 3, forget_names=False)
    assert len(pin) == 6
    assert not is_weak(pin)
    with pytest.raises(WrongPin):
        world.desk.staff.sign_in(pin, browser=HERE, number=3)
    take(world, config)
    assert list(config.state.directory.glob(f"*{FILE}*")) == []
    assert world.desk.staff.sign_in(pin, browser=HERE, number=3).number == 3
    with pytest.raises(WrongPin):
        world.desk.staff.sign_in(ICT_SUPPORT_PIN, browser=HERE, number=3)
    assert names(world) == [None, None, None]
    world.desk.staff.sign_in(PIN, browser=TABLET, number=1)
    assert world.desk.staff.sign_in(pin, browser=HERE, number=3).display_name == "すぎ"


def test_nothing_in_the_file_tells_the_pin_and_nobody_else_reads_it(world: FakeWorld, config: Config) -> None:
    pin = give_pin(config, 1, forget_names=True)
    path = config.state.directory / FILE
    assert pin not in path.read_text(encoding="ascii")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_uid == config.state.directory.stat().st_uid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_root_leaves_it_to_the_user_of_the_desk(world: FakeWorld, config: Config) -> None:
    os.chown(config.state.directory, 12345, 12346)
    give_pin(config, 1, forget_names=False)
    left = (config.state.directory / FILE).stat()
    assert (left.st_uid, left.st_gid) == (12345, 12346)


def test_with_the_names_given_up_everybody_is_a_number(world: FakeWorld, config: Config) -> None:
    pin = give_pin(config, 3, forget_names=True)
    take(world, config)
    world.desk.staff.sign_in(pin, browser=HERE, number=3)
    assert names(world) == ["1", "2", "3"]
    with pytest.raises(WrongPin):
        world.desk.staff.sign_in(PIN, browser=TABLET, number=1)


def test_a_second_pin_takes_the_place_of_the_first(world: FakeWorld, config: Config) -> None:
    first, second = (give_pin(config, 1, forget_names=False) for _ in range(2))
    take(world, config)
    with pytest.raises(WrongPin):
        world.desk.staff.sign_in(first, browser=HERE, number=1)
    assert world.desk.staff.sign_in(second, browser=HERE, number=1).number == 1


def test_without_a_file_nothing_happens(world: FakeWorld, config: Config) -> None:
    before = world.storage.unsent()
    take(world, config)
    assert world.storage.unsent() == before


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"id": 3}', '{"id": "x", "person": "y", "salt": "", "wrapped_key": "", "names": {}}'],
)
def test_a_file_that_says_nothing_is_thrown_away(
    world: FakeWorld, config: Config, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    path = config.state.directory / FILE
    path.write_text(content, encoding="ascii")
    take(world, config)
    assert not path.exists()
    assert "makes another" in caplog.text
    assert world.desk.staff.sign_in(PIN, browser=HERE, number=1).number == 1


def test_a_pin_for_somebody_of_another_database_is_thrown_away(
    config: Config, world: FakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    give_pin(config, 1, forget_names=False)
    other = build_world()
    take(other, config)
    assert other.desk.staff.sign_in(PIN, browser=HERE, number=1).number == 1
    assert "makes another" in caplog.text


def test_a_full_disk_leaves_the_file_for_later(world: FakeWorld, config: Config) -> None:
    storage = FakeStorage()
    full = build_world(storage=storage, roster=())
    full.desk.roster.seed(STAFF)
    give_pin(config, 3, forget_names=False)
    path = config.state.directory / FILE
    content = json.loads(path.read_text(encoding="ascii"))
    content["person"] = full.desk.roster.members()[2].id.hex
    path.write_text(json.dumps(content), encoding="ascii")
    storage.full = True
    with pytest.raises(StorageFull):
        take(full, config)
    assert path.exists()
    storage.full = False
    take(full, config)
    assert isinstance(full.sealer, FakeSealer)
    told = [fact for fact in full.sealer.sealed if isinstance(fact, SecurityEvent)]
    assert [(event.matter, event.place) for event in told][-1] == (SecurityMatter.PIN_RESET, "console")
    assert not path.exists()


def test_who_is_not_there_or_rests_is_given_none(world: FakeWorld, config: Config) -> None:
    by = world.desk.staff.sign_in(ICT_SUPPORT_PIN, browser=HERE, number=3)
    with pytest.raises(UnknownStaff):
        give_pin(config, 7, forget_names=False)
    volunteer = world.desk.roster.members()[0]
    resting = replace(STAFF[0].entry, active=False)
    world.desk.roster.change(volunteer.id, resting, by=by, place="screen")
    with pytest.raises(NotServing):
        give_pin(config, 1, forget_names=False)
    assert [row.member.active for row in roster_of(config)] == [False, True, True]
    assert [row.member.display_name for row in roster_of(config)] == [None, None, None]


def test_before_a_desk_has_run_there_is_no_roster(config: Config) -> None:
    with pytest.raises(ConfigError, match="start the desk once"):
        roster_of(config)


def test_what_is_no_database_is_told_in_words(config: Config) -> None:
    config.state.directory.mkdir()
    (config.state.directory / "desk.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StorageFailed):
        roster_of(config)


def test_a_desk_that_does_not_run_is_not_waited_for(world: FakeWorld, config: Config) -> None:
    give_pin(config, 1, forget_names=False)
    assert not is_taken(config)
    take(world, config)
    assert is_taken(config)
