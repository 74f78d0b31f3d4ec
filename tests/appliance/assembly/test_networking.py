"""`madoguchi provision network`, wholly, on a machine that writes down what it is asked to do."""

import json
import re
import shutil
import stat
import subprocess
from argparse import Namespace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from appliance.assembly.clock import Machine as Clocks
from appliance.assembly.front import hosts_of
from appliance.assembly.networking import provision_network, time_of
from appliance.cli import _parser
from appliance.config import load_config
from appliance.desk.errors import ConfigError
from appliance.store.checkup import Checkup
from appliance.store.day_rows import Seen
from provisioning.certificates import LONG_AGO
from provisioning.errors import NoAddress, NoWireless
from provisioning.label import FONTS
from provisioning.network_tls import TlsPlace
from provisioning.network_wifi import AccessPoint, Wifi
from tests.provisioning.boxes import KeptBox
from tests.provisioning.network_machine import UP, RecordingMachine

NAME = "madoguchi-07.local"
RESTARTED = ("systemctl", "try-restart", "madoguchi.service")
TERMINATED = ("systemctl", "enable", "--now", "madoguchi-tls.service", "madoguchi-network.timer")
PASSPHRASE = re.compile(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}")
needs_font = pytest.mark.skipif(not any(font.is_file() for font in FONTS), reason="no Japanese font is installed")


class NetworkedBox:
    """A prepared box number 7 on a recording machine; `in_terminal`: whether somebody looks."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setenv("LANG", "C.UTF-8")
        self.kept = KeptBox(folder / "box")
        self.config = self.kept.place.config
        self.recording = RecordingMachine(root=folder / "root")
        self.point = AccessPoint(self.recording.machine, self.config.parent)
        self.tls = TlsPlace(folder=self.config.parent)
        self._capsys = capsys

    def network(self, *words: str) -> str:
        """Runs the command; returns what it said on standard output."""
        arguments: Namespace = _parser().parse_args(
            ["provision", "network", "--config", str(self.config), *map(str, words)]
        )
        self.recording.asked.clear()
        assert provision_network(arguments, machine=self.recording.machine) == 0
        said = self._capsys.readouterr()
        self.complained = said.err
        return said.out

    def state(self) -> dict[str, object]:
        found = json.loads(self.network("--show", "--json"))
        assert isinstance(found, dict)
        return found

    def is_city(self) -> None:
        self.kept.edit('preset = "town"', 'preset = "city"')

    def secrets(self) -> set[str]:
        hall = self.point.hall()
        keys = [file.read_text() for file in (self.tls.authority, self.tls.key) if file.exists()]
        lines = {line for key in keys for line in key.partition("-----END")[0].splitlines()[1:]}
        return lines | ({hall.passphrase} if hall else set())


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> NetworkedBox:
    return NetworkedBox(tmp_path, monkeypatch, capsys)


# -------------------------------------------------------------------------------------------------- what a preset means


def test_a_town_gets_a_name_and_nothing_else(box: NetworkedBox) -> None:
    before = box.config.read_text(encoding="utf-8")
    said = box.network()
    assert ("hostnamectl", "set-hostname", "madoguchi-07") in box.recording.asked
    assert NAME in said
    assert box.config.read_text(encoding="utf-8") == before
    assert not box.tls.is_used
    assert not box.tls.authority.exists()
    assert not box.point.is_wanted


def test_a_city_gets_tls_under_its_name_and_address(box: NetworkedBox) -> None:
    box.is_city()
    box.network()
    server = load_config(box.config).server
    assert (server.host, server.names, server.behind_tls) == ("127.0.0.1", (NAME,), True)
    reach = box.tls.seen().reach
    assert (reach.names, reach.addresses) == ((NAME,), (IPv4Address("192.168.50.9"),))
    asked = box.recording.asked
    assert asked.index(RESTARTED) < asked.index(TERMINATED), "before, every tablet would be the box's own screen"


def test_the_pages_take_what_the_certificate_says(box: NetworkedBox) -> None:
    box.network("--tls", "--name", "mado-a.local")
    hosts = hosts_of(load_config(box.config).server)
    assert all(map(hosts.know, box.tls.seen().reach.names))
    assert hosts.know("mado-a.local")


def test_again_it_changes_nothing(box: NetworkedBox) -> None:
    box.is_city()
    box.network("--access-point")
    files = {file: file.read_bytes() for file in box.config.parent.rglob("*") if file.is_file()}
    box.network("--access-point")
    assert {file: file.read_bytes() for file in files} == files
    assert RESTARTED not in box.recording.asked
    assert UP not in box.recording.asked


def test_a_chosen_name_stays(box: NetworkedBox) -> None:
    box.network("--tls", "--name", "mado-a")
    box.network()
    assert box.state()["name"] == "mado-a.local"


def test_names_that_people_gave_are_kept_and_vouched_for(box: NetworkedBox) -> None:
    text = box.config.read_text(encoding="utf-8")
    box.config.write_text(text + '\n[server]\nnames = ["madoguchi.example.jp"]\n', encoding="utf-8")
    box.network("--tls")
    assert box.tls.seen().reach.names == (NAME, "madoguchi.example.jp")
    assert load_config(box.config).server.names == (NAME, "madoguchi.example.jp")


def test_without_avahi_everything_else_is_done_and_it_says_so(box: NetworkedBox) -> None:
    box.recording.fails["systemctl", "enable", "--now", "avahi-daemon.service"] = "no such unit"
    box.network("--tls")
    assert "avahi" in box.complained
    assert box.tls.is_used


def test_tls_ends_and_the_pages_are_closed_to_the_hall_again(box: NetworkedBox) -> None:
    box.network("--tls")
    assert "Ended TLS" in box.network("--no-tls")
    assert box.recording.asked[0][1] == "disable", "nobody stands before pages that do not know of it"
    assert not load_config(box.config).server.behind_tls
    assert load_config(box.config).server.host == "127.0.0.1"
    assert "no TLS" in box.network("--no-tls")


# --------------------------------------------------------------------------------------------------- a hall without LAN


def test_the_box_becomes_its_own_wifi_and_never_without_tls(box: NetworkedBox) -> None:
    said = box.network("--access-point")
    hall = box.point.hall()
    assert hall is not None
    assert (hall.ssid, hall.wifi, str(hall.address)) == ("madoguchi-07", Wifi.BOTH, "10.55.0.1/24")
    assert "https://10.55.0.1/" in said
    assert IPv4Address("10.55.0.1") in box.tls.seen().reach.addresses
    assert f"address=/{NAME}/10.55.0.1" in box.point.leases.read_text()


def test_the_passphrase_is_on_the_box_and_in_its_profile_alone(box: NetworkedBox, tmp_path: Path) -> None:
    said = [
        box.network("--access-point"),
        box.network("--show"),
        box.network("--show", "--json"),
        box.network("--renew"),
    ]
    secrets = box.secrets()
    assert len(secrets) > 3
    words = "\n".join([*said, box.complained, *(" ".join(command) for command in box.recording.asked)])
    assert not any(secret in words for secret in secrets)
    closed = {box.point.profile, box.tls.authority, box.tls.key}
    holding = {
        file
        for file in tmp_path.rglob("*")
        if file.is_file() and any(secret.encode() in file.read_bytes() for secret in secrets)
    }
    assert holding == closed
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in closed)


def test_a_person_at_a_terminal_sees_the_passphrase(box: NetworkedBox, monkeypatch: pytest.MonkeyPatch) -> None:
    box.network("--access-point")
    hall = box.point.hall()
    assert hall is not None
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    said = box.network("--show")
    assert hall.passphrase in said
    assert "█" in said
    assert PASSPHRASE.findall(said) == [hall.passphrase]


def test_another_passphrase_is_made_only_where_it_is_asked_for(box: NetworkedBox) -> None:
    def passphrase() -> str:
        hall = box.point.hall()
        assert hall is not None
        return hall.passphrase

    box.network("--access-point", "--wifi", "wpa2", "--address", "10.56.0.1")
    first = passphrase()
    box.network("--access-point")
    assert passphrase() == first
    box.network("--new-passphrase")
    assert passphrase() != first
    assert UP in box.recording.asked
    hall = box.point.hall()
    assert hall is not None
    assert (hall.wifi, str(hall.address)) == (Wifi.WPA2, "10.56.0.1/24"), "everything else stays"


def test_it_is_switched_off_and_on_again_with_the_same_passphrase(box: NetworkedBox) -> None:
    box.network("--access-point")
    before = box.point.hall()
    assert "Ended" in box.network("--off")
    assert box.state()["access_point"] == {
        "wanted": False,
        "on": False,
        "ssid": "madoguchi-07",
        "address": "10.55.0.1",
        "security": "both",
    }
    box.network("--access-point")
    assert box.point.hall() == before
    box.network("--off")
    assert "not its own" in box.network("--off")


def test_a_box_without_wireless_is_not_touched(box: NetworkedBox) -> None:
    before = {file: file.read_bytes() for file in box.config.parent.rglob("*") if file.is_file()}
    box.recording.answers = {("nmcli", "-t", "-f", "RUNNING", "general"): "running"}
    with pytest.raises(NoWireless):
        box.network("--access-point", "--tls")
    assert {file: file.read_bytes() for file in box.config.parent.rglob("*") if file.is_file()} == before
    assert all(command[0] == "nmcli" for command in box.recording.asked)


@pytest.mark.parametrize("word", ["8.8.8.1", "10.55.0.2", "10.55.0.0/16", "fd00::1", "x"])
def test_an_address_that_cannot_be_a_halls_is_refused(box: NetworkedBox, word: str) -> None:
    with pytest.raises(SystemExit):
        box.network("--access-point", "--address", word)


# ------------------------------------------------------------------------------------------------------ for the tablets


def test_what_tablets_install_is_handed_out_and_no_secret(box: NetworkedBox, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    box.network("--tls", "--authority", str(stick))
    data = (stick / "madoguchi-root.crt").read_text()
    assert data.startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE" not in data
    held = box.tls.held()
    assert held is not None
    assert held.root_file.decode() == data
    root = box.state()["tls"]
    assert isinstance(root, dict)
    assert root["root"] == held.fingerprint


def test_a_box_without_an_authority_hands_out_none(box: NetworkedBox, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="authority"):
        box.network("--show", "--authority", str(tmp_path))


@needs_font
def test_the_sheet_bears_the_passphrase_and_only_its_owner_reads_it(box: NetworkedBox, tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    said = box.network("--access-point", "--page", str(path))
    assert str(path) in said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if shutil.which("pdftotext"):
        hall = box.point.hall()
        assert hall is not None
        assert (
            hall.passphrase
            in subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
        )


@needs_font
def test_there_is_no_sheet_for_a_box_that_no_tablet_reaches(box: NetworkedBox, tmp_path: Path) -> None:
    with pytest.raises(NoAddress):
        box.network("--page", str(tmp_path / "sheet.pdf"))
    assert not (tmp_path / "sheet.pdf").exists()


def test_programs_are_told_everything_but_secrets(box: NetworkedBox) -> None:
    assert box.state() == {
        "name": NAME,
        "addresses": ["192.168.50.9"],
        "url": "",
        "access_point": {"wanted": False, "on": False},
        "tls": {"used": False, "names": [], "until": None, "root": None},
    }
    box.kept.edit("[desk]", '[server]\nhost = "0.0.0.0"\n[desk]')
    assert box.state()["url"] == "http://192.168.50.9:8080/"
    box.recording.addresses = []
    assert box.state()["url"] == ""


# ------------------------------------------------------------------------------------------------------------ the timer


def test_the_timer_renews_when_the_network_gave_another_address(box: NetworkedBox) -> None:
    box.network("--tls")
    assert box.network("--renew") == ""
    box.recording.addresses = [IPv4Address("192.168.50.77")]
    assert "Renewed" in box.network("--renew")
    assert box.tls.seen().reach.addresses == (IPv4Address("192.168.50.77"),)
    assert ("systemctl", "try-restart", "madoguchi-tls.service") in box.recording.asked
    assert box.network("--renew") == ""


def test_a_clock_that_nobody_has_confirmed_is_named(box: NetworkedBox) -> None:
    box.network("--tls")
    assert "Nobody has confirmed the clock" in box.complained


# ------------------------------------------------------------------------------------------------------------- the time

WALL = datetime(2027, 1, 2, tzinfo=UTC)


def clocks(*, wall: datetime = WALL, is_synchronised: bool = False) -> Clocks:
    return Clocks(wall=lambda: wall, uptime_ms=lambda: 90_000, is_synchronised=lambda: is_synchronised)


def signs(*, said: Seen | None = None, newest: datetime | None = None) -> Checkup:
    return Checkup(unsent=0, oldest_unsent=None, newest=newest, heard=None, opening=None, said=said)


def test_a_network_knows_the_time() -> None:
    time = time_of(signs(said=Seen(wall=LONG_AGO, uptime_ms=0)), clocks(is_synchronised=True))
    assert (time.now, time.is_sure) == (WALL, True)


def test_what_somebody_said_is_carried_on() -> None:
    time = time_of(signs(said=Seen(wall=WALL + timedelta(days=9), uptime_ms=30_000)), clocks())
    assert (time.now, time.is_sure) == (WALL + timedelta(days=9, minutes=1), True)


@pytest.mark.parametrize(
    ("wall", "newest", "now"),
    [
        (WALL, None, WALL),
        (WALL, WALL + timedelta(days=3), WALL + timedelta(days=3)),
        (datetime(1970, 1, 1, tzinfo=UTC), None, LONG_AGO),
    ],
)
def test_without_either_it_is_the_latest_that_can_be_known(
    wall: datetime, newest: datetime | None, now: datetime
) -> None:
    time = time_of(signs(newest=newest), clocks(wall=wall))
    assert (time.now, time.is_sure) == (now, False)
    assert time_of(None, clocks(wall=wall)).is_sure is False
