import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from sync.errors import AlreadyAdmitted, BoxNumberTaken, RegistryBroken
from sync.leaving import Leave
from sync.registry import DeviceRegistry
from tests.sync.parts import DEVICE, DEVICE_KEY, OFFICE_KEY, OTHER_KEY

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=9)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "devices.toml"


def admitted(path: Path) -> DeviceRegistry:
    registry = DeviceRegistry(path)
    registry.admit(DEVICE_KEY.public, facility="f01", facility_name='中央公民館 "本館"\\別館', at=NOON)
    return registry


def test_nobody_is_admitted_before_the_file_exists(path: Path) -> None:
    assert DeviceRegistry(path).get(DEVICE) is None
    assert DeviceRegistry(path).all() == ()


def test_an_admitted_device_is_known_here_and_after_a_restart(path: Path) -> None:
    for registry in (admitted(path), DeviceRegistry(path)):
        device = registry.get(DEVICE)
        assert device is not None
        assert (device.id, device.public_key) == (DEVICE, DEVICE_KEY.public)
        assert (device.facility, device.facility_name) == ("f01", '中央公民館 "本館"\\別館')
        assert device.admitted_at == NOON
        assert device.admitted_at.tzinfo == UTC
        assert registry.all() == (device,)


def test_devices_stay_in_the_order_they_were_admitted(path: Path) -> None:
    registry = admitted(path)
    other = registry.admit(OTHER_KEY.public, facility="f02", facility_name="図書館", at=NOON)
    assert [device.id for device in DeviceRegistry(path).all()] == [DEVICE, other.id]


def test_a_device_is_admitted_once(path: Path) -> None:
    registry = admitted(path)
    before = path.read_bytes()
    with pytest.raises(AlreadyAdmitted):
        registry.admit(DEVICE_KEY.public, facility="f02", facility_name="図書館", at=NOON)
    assert path.read_bytes() == before


def test_a_file_changed_by_others_counts_at_once(path: Path) -> None:
    registry = admitted(path)
    assert registry.get(DEVICE) is not None
    DeviceRegistry(path).admit(OFFICE_KEY.public, facility="f03", facility_name="支所", at=NOON)
    assert len(registry.all()) == 2
    path.unlink()
    assert registry.get(DEVICE) is None


def test_an_unchanged_file_is_read_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = admitted(path)
    assert registry.get(DEVICE) is not None
    monkeypatch.setattr(Path, "read_text", None)
    assert registry.get(DEVICE) is not None
    os.utime(path, ns=(1, 1))
    with pytest.raises(RegistryBroken):
        registry.get(DEVICE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("[[device]]", "[[device]", id="no TOML"),
        pytest.param("[[device]]", "[device]", id="one table"),
        pytest.param("[[device]]", "device = [1]\n[other]", id="a list of something else"),
        pytest.param("[[device]]", "device = 1\n[other]", id="a number"),
        pytest.param('public_key = "', 'public_key = "A', id="no base64"),
        pytest.param('id = "', 'id = "0', id="an id of another key"),
        pytest.param("facility_name", "name", id="no facility name"),
        pytest.param("12:00:00", "25:00:00", id="no time"),
        pytest.param("+00:00", "", id="a time without its zone"),
        pytest.param("中央公民館", "中央\\n公民館", id="two lines"),
    ],
)
def test_a_slip_in_the_file_is_named(path: Path, old: str, new: str) -> None:
    admitted(path)
    text = path.read_text("utf-8").replace("03:00:00", "12:00:00")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(RegistryBroken):
        DeviceRegistry(path).get(DEVICE)


def test_a_short_key_is_not_admitted(path: Path) -> None:
    with pytest.raises(RegistryBroken):
        DeviceRegistry(path).admit(b"\x01" * 31, facility="f01", facility_name="公民館", at=NOON)
    assert not path.exists()


def test_a_number_on_a_label_belongs_to_one_device_for_ever(path: Path) -> None:
    registry = DeviceRegistry(path)
    first = registry.admit(DEVICE_KEY.public, facility="f01", facility_name="公民館", at=NOON, box=7, desk=2)
    registry.change(replace(first, left=Leave.RETIRED, certificate=5))
    with pytest.raises(BoxNumberTaken):
        registry.admit(OTHER_KEY.public, facility="f02", facility_name="図書館", at=NOON, box=7)
    device = DeviceRegistry(path).box(7)
    assert device is not None
    assert (device.id, device.desk, device.certificate, device.left) == (DEVICE, 2, 5, Leave.RETIRED)
    assert DeviceRegistry(path).box(8) is None


@pytest.mark.parametrize("slip", ["box = 0", 'box = "7"', "certificate = -1", 'left = "lost"'])
def test_a_slip_in_what_is_known_of_a_box_is_named(path: Path, slip: str) -> None:
    admitted(path)
    path.write_text(path.read_text("utf-8") + slip + "\n", "utf-8")
    with pytest.raises(RegistryBroken):
        DeviceRegistry(path).get(DEVICE)
