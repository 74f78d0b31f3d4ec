"""The box as its own Wi-Fi: the profile as NetworkManager reads it, addresses by a real dnsmasq, and nothing beyond."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from provisioning.errors import (
    AccessPointFailed,
    AddressTaken,
    LeaserMissing,
    MachineForwards,
    NetworkManagerMissing,
    NoWireless,
)
from provisioning.network_wifi import ADDRESS, AccessPoint, Hall, Wifi, new_passphrase
from tests.provisioning import hall_of_its_own
from tests.provisioning.network_machine import DOWN, RADIO, UP, RecordingMachine

NAME = "madoguchi-07.local"
HALL = Hall(ssid="madoguchi-07", passphrase="abcd-efgh-jkmn-2345", wifi=Wifi.BOTH, address=ADDRESS, device="wlan0")
SCRIPT = Path(hall_of_its_own.__file__)


@pytest.fixture
def recording(tmp_path: Path) -> RecordingMachine:
    return RecordingMachine(root=tmp_path)


@pytest.fixture
def point(recording: RecordingMachine) -> AccessPoint:
    return AccessPoint(recording.machine, recording.root / "etc/madoguchi")


# ---------------------------------------------------------------------------------------------------------- the profile


def test_a_passphrase_is_fresh_long_and_made_to_be_typed() -> None:
    made = {new_passphrase() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}", one) for one in made)


def test_a_hall_does_not_show_its_passphrase_by_accident() -> None:
    assert HALL.passphrase not in repr(HALL)


@pytest.mark.parametrize(
    ("wifi", "lines"),
    [
        (Wifi.WPA3, ["key-mgmt=sae", "pmf=3"]),
        (Wifi.BOTH, ["key-mgmt=wpa-psk", "pmf=2"]),
        (Wifi.WPA2, ["key-mgmt=wpa-psk", "pmf=1"]),
    ],
)
def test_a_profile_closes_the_network_as_asked(wifi: Wifi, lines: list[str]) -> None:
    profile = replace(HALL, wifi=wifi).profile().splitlines()
    assert set(lines) < set(profile)
    assert {"mode=ap", "proto=rsn;", "pairwise=ccmp;", "wps-method=1", "ap-isolation=1"} < set(profile)


def test_a_profile_shares_no_other_network() -> None:
    """NetworkManager's method=shared would switch on forwarding and address translation."""
    profile = HALL.profile()
    assert "method=manual\naddress1=10.55.0.1/24\nnever-default=true" in profile
    assert "shared" not in profile
    assert "[ipv6]\nmethod=disabled" in profile


def test_what_a_camera_reads() -> None:
    """As section 7.1 of the WPA3 specification has it."""
    assert HALL.uri == "WIFI:T:WPA;S:madoguchi-07;P:abcd-efgh-jkmn-2345;;"
    assert replace(HALL, wifi=Wifi.WPA3).uri == "WIFI:T:WPA;R:1;S:madoguchi-07;P:abcd-efgh-jkmn-2345;;"


@pytest.mark.skipif(
    shutil.which("nmcli") is None, reason="nmcli is not installed (it would take this machine's network)"
)
@pytest.mark.parametrize("wifi", Wifi)
def test_network_manager_understands_the_profile(wifi: Wifi) -> None:
    words = ["nmcli", "--offline", "connection", "modify", "connection.autoconnect", "yes"]
    profile = replace(HALL, wifi=wifi).profile()
    done = subprocess.run(words, input=profile, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    said = {line for line in profile.splitlines() if "=" in line and not line.startswith("#")}
    assert said - set(done.stdout.splitlines()) == {"autoconnect=true"}, (
        "what is usual is left out, nothing else is lost"
    )


# ------------------------------------------------------------------------------------------------- addresses, no router


needs_network = pytest.mark.skipif(
    os.geteuid() != 0 or not all(map(shutil.which, ("dnsmasq", "ip", "unshare", "setpriv"))),
    reason="needs root, and dnsmasq, ip, unshare and setpriv (make setup-tests)",
)


@needs_network
def test_a_tablet_gets_an_address_the_box_by_name_and_no_way_further() -> None:
    with TemporaryDirectory() as name:  # pytest's own folders are closed to the unit's user
        folder = Path(name)
        folder.chmod(0o777)
        text = HALL.leases(NAME).replace("/run/madoguchi-hall", str(folder))
        (folder / "hall.conf").write_text(text, encoding="utf-8")
        words = ["unshare", "--net", sys.executable, str(SCRIPT), str(folder / "hall.conf"), str(folder / "log")]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        log = (folder / "log").read_text()
    found = json.loads(done.stdout)
    assert IPv4Address(found["offer"].pop("address")) in ADDRESS.network
    assert found["offer"] == {"router": False, "asks": "10.55.0.1", "seconds": 7200}
    assert found["box"] == [0, "10.55.0.1"]
    refused = 5
    assert found["else"] == [refused, None]
    assert found["forwards"] == "0"
    assert "02:4d:41:44:4f:07" not in log, "who came stands in no log"


# ----------------------------------------------------------------------------------------------------------- on and off


def test_it_comes_up_and_the_passphrase_is_in_its_own_file_alone(
    recording: RecordingMachine, point: AccessPoint
) -> None:
    point.switch_on(HALL, NAME)
    assert recording.was_asked("nmcli", "connection", "load", str(point.profile))
    assert recording.was_asked(*UP)
    assert recording.was_asked("systemctl", "start", "madoguchi-hall.service")
    assert stat.S_IMODE(point.profile.stat().st_mode) == 0o600
    holding = [file for file in recording.root.rglob("*") if file.is_file() and HALL.passphrase in file.read_text()]
    assert holding == [point.profile]
    assert not any(HALL.passphrase in word for command in recording.asked for word in command)
    assert (point.is_wanted, point.is_on(), point.hall()) == (True, True, HALL)


def test_again_it_changes_nothing(recording: RecordingMachine, point: AccessPoint) -> None:
    point.switch_on(HALL, NAME)
    before = point.profile.stat().st_mtime_ns
    recording.asked.clear()
    point.switch_on(HALL, NAME)
    assert point.profile.stat().st_mtime_ns == before
    assert not recording.was_asked(*UP), "tablets stay where they are"


def test_off_it_stays_off_and_keeps_its_passphrase(recording: RecordingMachine, point: AccessPoint) -> None:
    point.switch_on(HALL, NAME)
    assert point.switch_off()
    assert recording.was_asked(*DOWN)
    assert recording.was_asked("systemctl", "disable", "--now", "madoguchi-hall.service")
    assert "autoconnect=false" in point.profile.read_text()
    assert (point.is_wanted, point.is_on(), point.hall()) == (False, False, HALL)
    assert not point.switch_off()


def test_where_it_does_not_come_up_the_reason_is_told_and_the_settings_stay(
    recording: RecordingMachine, point: AccessPoint
) -> None:
    recording.fails[UP] = "Error: 802.1X supplicant failed."
    with pytest.raises(AccessPointFailed, match="supplicant failed"):
        point.switch_on(HALL, NAME)
    assert point.is_wanted
    assert not point.is_on()


def test_a_profile_that_is_none_of_ours_is_no_hall(recording: RecordingMachine, point: AccessPoint) -> None:
    assert point.hall() is None
    for text in ("no profile", "[wifi]\nssid=x\n", HALL.profile().replace("pmf=2", "pmf=7")):
        recording.write(str(point.profile.relative_to(recording.root)), text)
        assert point.hall() is None


# ------------------------------------------------------------------------------------------------------ what is missing


def test_the_wireless_device_is_found(point: AccessPoint) -> None:
    assert point.device() == "wlan0"


def test_without_network_manager_it_says_so(recording: RecordingMachine, point: AccessPoint) -> None:
    recording.missing = {"nmcli"}
    with pytest.raises(NetworkManagerMissing):
        point.device()


def test_where_network_manager_does_not_run_it_says_so(recording: RecordingMachine, point: AccessPoint) -> None:
    recording.answers = {}
    with pytest.raises(NetworkManagerMissing):
        point.device()


@pytest.mark.parametrize(("devices", "able"), [("eth0:ethernet\nlo:loopback", "yes"), ("wlan0:wifi", "no")])
def test_without_a_device_that_can_it_says_so(
    recording: RecordingMachine, point: AccessPoint, devices: str, able: str
) -> None:
    running, listed, capable = RADIO
    recording.answers = {running: "running", listed: devices, capable: able}
    with pytest.raises(NoWireless):
        point.device()


def test_nothing_begins_without_whoever_gives_addresses(recording: RecordingMachine, point: AccessPoint) -> None:
    recording.missing = {"dnsmasq"}
    with pytest.raises(LeaserMissing):
        point.must_be_possible(ADDRESS)


def test_a_machine_that_forwards_is_no_access_point(recording: RecordingMachine, point: AccessPoint) -> None:
    recording.write("proc/sys/net/ipv4/ip_forward", "1\n")
    with pytest.raises(MachineForwards):
        point.must_be_possible(ADDRESS)
    recording.write("proc/sys/net/ipv4/ip_forward", "0\n")
    point.must_be_possible(ADDRESS)


def test_addresses_of_another_network_are_not_taken(recording: RecordingMachine, point: AccessPoint) -> None:
    recording.addresses = [IPv4Address("10.55.0.1"), IPv4Address("10.55.0.44")]
    with pytest.raises(AddressTaken, match=r"10\.55\.0\.44"):
        point.must_be_possible(ADDRESS)
    point.must_be_possible(IPv4Interface("10.56.0.1/24"))


def test_the_chip_of_a_raspberry_pi_gets_what_it_can(recording: RecordingMachine, point: AccessPoint) -> None:
    """As reported for AP mode: with SAE nobody comes in, and with protected management frames it sends no beacon."""
    assert point.usual("wlan0") is Wifi.BOTH
    driver = recording.root / "sys/bus/sdio/drivers/brcmfmac"
    driver.mkdir(parents=True)
    device = recording.root / "sys/class/net/wlan0/device"
    device.mkdir(parents=True)
    (device / "driver").symlink_to(driver)
    assert point.usual("wlan0") is Wifi.WPA2
