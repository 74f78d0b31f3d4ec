"""A box in a hall, with its own systemd, nginx, avahi and dnsmasq: what the network helper makes works there."""

import json
import shutil
from collections.abc import Iterator

import pytest

from appliance.assembly.town import TownFolder, make_town
from provisioning.network_wifi import ADDRESS, Hall, Wifi
from tests.configured import FACILITY, FACILITY_NAME, MUNICIPALITY, write_people
from tests.house.machine import (
    Machine,
    built_bundle,
    install_product,
    only_one_machine,
    unpack_root,
    wait_until,
    why_not,
)
from tests.provisioning import hall_of_its_own

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(360),
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
]

MADOGUCHI = "/opt/madoguchi/current/bin/madoguchi"
CONFIG = "/etc/madoguchi/madoguchi.toml"
NAME = "madoguchi-03.local"
FIRST, SECOND = "192.168.50.9", "192.168.60.9"
ROOT = "/root/madoguchi-root.crt"
HALL = Hall(ssid="madoguchi-03", passphrase="abcd-efgh-jkmn-2345", wifi=Wifi.WPA2, address=ADDRESS, device="wlan0")

_CONFIG = f"""
[desk]
facility = "{FACILITY}"
facility_name = "{FACILITY_NAME}"
number = 3
preset = "city"
[state]
directory = "/var/lib/madoguchi"
[town]
keys = "town-keys.toml"
[courier]
socket = "/run/madoguchi-courier/door.sock"
user = "madoguchi-sync"
"""
_PEOPLE = f"""
[Service]
ExecStart=
ExecStart={MADOGUCHI} serve --config {CONFIG} --roster-seed /etc/madoguchi/people.toml
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("machine")
    with only_one_machine():
        root = unpack_root(folder)
        install_product(root, built_bundle(folder))
        town = TownFolder(folder / "town")
        make_town(town, MUNICIPALITY, "合言葉は ながい")
        etc = root / "etc/madoguchi"
        shutil.copy(town.public_keys, etc)
        (etc / "madoguchi.toml").write_text(_CONFIG, encoding="utf-8")
        write_people(etc)
        drop_in = root / "etc/systemd/system/madoguchi.service.d/people.conf"
        drop_in.parent.mkdir()
        drop_in.write_text(_PEOPLE, encoding="utf-8")
        shutil.copy(hall_of_its_own.__file__, root / "root/hall.py")
        machine = Machine(root=root, console=folder / "console.log")
        try:
            machine.boot()
            wait_until(lambda: machine.ask("http://127.0.0.1:8080/healthz")[0] == 200, seconds=60, what="the pages")
            plug_in(machine, "eth0", FIRST)
            yield machine
        finally:
            machine.cut_power()
            shutil.rmtree(folder)


def plug_in(machine: Machine, cable: str, address: str) -> None:
    machine.run("ip", "link", "add", cable, "type", "veth", "peer", "name", f"{cable}-far")
    machine.run("ip", "address", "add", f"{address}/24", "dev", cable)
    for end in (cable, f"{cable}-far"):
        machine.run("ip", "link", "set", end, "up")


def network(machine: Machine, *words: str) -> str:
    return machine.run(MADOGUCHI, "provision", "network", "--config", CONFIG, *words)


def in_hall(machine: Machine, words: str) -> str:
    """Runs words of `hall_of_its_own` inside."""
    python = "/opt/madoguchi/current/bin/python"
    return machine.run(python, "-c", f"import json, sys; sys.path.insert(0, '/root'); import hall; {words}")


def opens(machine: Machine, host: str) -> bool:
    """Whether a tablet that has installed the root, and nothing else, opens the pages under that name or address."""
    words = ["curl", "-s", "-m", "5", "--cacert", ROOT, "--capath", "/none", "--resolve", f"{NAME}:443:{FIRST}"]
    return machine.succeeds(*words, "--fail", f"https://{host}/healthz")


def test_one_command_and_tablets_open_the_pages(machine: Machine) -> None:
    assert not opens(machine, FIRST)
    said = network(machine, "--authority", "/root")
    assert f"https://{FIRST}/" in said
    wait_until(lambda: opens(machine, FIRST), seconds=30, what="pages over TLS")
    assert opens(machine, NAME)
    assert machine.show("madoguchi.service", "ActiveState") == "active"
    assert not machine.succeeds("curl", "-s", "-m", "5", f"http://{FIRST}:8080/healthz"), "nobody passes TLS by"


def test_the_hall_is_told_the_name(machine: Machine) -> None:
    assert machine.run("hostnamectl", "--static").strip() == "madoguchi-03"
    avahi = ["busctl", "call", "org.freedesktop.Avahi", "/", "org.freedesktop.Avahi.Server", "GetHostNameFqdn"]
    wait_until(lambda: NAME in machine.run(*avahi, check=False), seconds=20, what="the name at avahi")


def test_another_address_is_in_the_certificate_once_the_timer_has_run(machine: Machine) -> None:
    assert machine.show("madoguchi-network.timer", "ActiveState") == "active"
    plug_in(machine, "eth1", SECOND)
    assert not opens(machine, SECOND)
    machine.run("systemctl", "start", "madoguchi-network.service")
    wait_until(lambda: opens(machine, SECOND), seconds=30, what="pages under the other address")
    assert opens(machine, FIRST)


def test_the_doctor_finds_the_network_in_order(machine: Machine) -> None:
    found = json.loads(machine.run(MADOGUCHI, "doctor", "--json", "--config", CONFIG, check=False))["checks"]
    states = {one["code"]: one["state"] for one in found if one["code"] in {"D40", "D41", "D42", "D99"}}
    assert states == {"D40": "well", "D41": "well", "D42": "well"}


def test_without_network_manager_the_machine_says_so(machine: Machine) -> None:
    words = [MADOGUCHI, "provision", "network", "--config", CONFIG, "--access-point"]
    said = machine.run("/bin/sh", "-c", '"$@" 2>&1; echo "ended $?"', "sh", *words)
    assert "NetworkManager is not installed" in said
    assert "ended 1" in said


def test_a_tablet_in_the_boxs_own_network_gets_an_address(machine: Machine) -> None:
    """The unit as it is shut in, with a cable for the air."""
    (machine.root / "etc/madoguchi/hall.conf").write_text(HALL.leases(NAME), encoding="utf-8")
    in_hall(machine, "hall.plug_in()")
    machine.run("systemctl", "start", "madoguchi-hall.service")
    offer, named = json.loads(in_hall(machine, f"print(json.dumps([hall.offered(), hall.named({NAME!r})]))"))
    assert offer["address"].startswith("10.55.0.")
    assert not offer["router"]
    assert named == [0, "10.55.0.1"]


def test_no_part_has_failed_and_no_secret_is_in_the_journal(machine: Machine) -> None:
    assert machine.run("systemctl", "--failed", "--no-legend", "--plain").strip() == ""
    journal = machine.run("journalctl", "--boot", "--no-pager", "--quiet")
    keys = [(machine.root / "etc/madoguchi/tls" / name).read_text() for name in ("issuer.pem", "key.pem")]
    lines = [line for key in keys for line in key.partition("-----END")[0].splitlines()[1:]]
    assert len(lines) > 4
    assert not any(line in journal for line in lines)
    assert "02:4d:41:44:4f:07" not in journal, "who came stands in no log"
