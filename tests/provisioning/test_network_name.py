"""What a hall calls a box: a name of the machine, told by avahi."""

from pathlib import Path

import pytest

from appliance.desk.errors import ConfigError
from provisioning.errors import NamerMissing
from provisioning.network_name import checked_name, take_name
from tests.provisioning.network_machine import RecordingMachine
from ui.hosts import NEARBY

SET = ("hostnamectl", "set-hostname", "madoguchi-07")
TELL = ("systemctl", "enable", "--now", "avahi-daemon.service")
ANEW = ("systemctl", "restart", "avahi-daemon.service")


@pytest.fixture
def recording(tmp_path: Path) -> RecordingMachine:
    return RecordingMachine(root=tmp_path)


@pytest.mark.parametrize("word", ["madoguchi-07", "Madoguchi-07.local", "m", "a" * 32])
def test_a_name_is_taken_with_or_without_its_end_and_the_pages_know_it(word: str) -> None:
    name = checked_name(word)
    assert name == word.lower().removesuffix(".local")
    assert NEARBY.know(f"{name}.local")


@pytest.mark.parametrize("word", ["", "-a", "a-", "a.b", "窓口", "a b", "a" * 33, "a;reboot"])
def test_what_is_no_name_is_refused(word: str) -> None:
    with pytest.raises(ConfigError, match="is not a name"):
        checked_name(word)


def test_the_machine_takes_the_name_and_tells_it(recording: RecordingMachine) -> None:
    hosts = recording.write("etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\traspberrypi pi\n10.0.0.9\tprinter\n")
    take_name("madoguchi-07", recording.machine)
    assert recording.asked[-3:] == [SET, TELL, ANEW], "avahi reads the name when it starts"
    assert hosts.read_text() == "127.0.0.1\tlocalhost\n127.0.1.1\tmadoguchi-07\n10.0.0.9\tprinter\n"


def test_again_it_is_not_called_anew(recording: RecordingMachine) -> None:
    recording.answers["hostnamectl", "--static"] = "madoguchi-07"
    take_name("madoguchi-07", recording.machine)
    before = (recording.root / "etc/hosts").read_text()
    take_name("madoguchi-07", recording.machine)
    assert not {SET, ANEW} & set(recording.asked)
    assert (recording.root / "etc/hosts").read_text() == before
    assert before.endswith("127.0.1.1\tmadoguchi-07\n")
    assert before.startswith("127.0.0.1\tlocalhost\n")


def test_without_avahi_it_says_so_and_the_machine_has_its_name(recording: RecordingMachine) -> None:
    recording.fails[TELL] = "Unit avahi-daemon.service does not exist."
    with pytest.raises(NamerMissing):
        take_name("madoguchi-07", recording.machine)
    assert SET in recording.asked
