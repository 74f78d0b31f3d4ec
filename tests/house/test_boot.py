"""The product on a machine of its own: systemd starts it, watches it, restarts it, and a power cut costs nothing."""

import json
import re
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from appliance.assembly.town import TownFolder, make_town
from appliance.desk.facts.card import ReaderStatus
from drivers.voice.wav import read_wav
from sync.keys import load_or_create_device_key
from sync.registry import DeviceRegistry
from tests.configured import FACILITY, FACILITY_NAME, MUNICIPALITY, write_people
from tests.drivers.card.record import wrong_ones
from tests.drivers.card.virtual import DRIVER, described
from tests.house.machine import (
    HOUSE,
    PYTHON,
    Machine,
    built_bundle,
    inside,
    install_product,
    only_one_machine,
    unpack_root,
    wait_until,
    why_not,
)

WHY_NOT = why_not() or ("" if DRIVER.exists() else "no virtual card reader is installed (make setup-tests)")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(360),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT),
]

TOKEN = "token-of-the-test"
PAGES = "http://127.0.0.1:8080"
DOOR = "/run/madoguchi-courier/door.sock"
DATABASE = "/var/lib/madoguchi/desk.db"
ENABLED = (
    *("madoguchi.service", "madoguchi-courier.socket", "madoguchi-sync.timer"),
    *("madoguchi-tls.service", "madoguchi-receiver.service", "madoguchi-office.service", "madoguchi-kiosk.service"),
)
UP = tuple(unit for unit in ENABLED if unit != "madoguchi-kiosk.service")
"""The screen stays away where there is none."""
NOTED = {"enrolled_by_hand", "clock_unconfirmed", "address_missing", "sound_card_missing", "voice_unknown"}
NOTED |= {"card_readers_several"}  # the virtual one has two slots
CARD_PORT = 0x8C7B
POLKIT_RULE = "usr/share/polkit-1/rules.d/50-madoguchi.rules"
READY_SECONDS = 6.0
HANG_SECONDS = 45.0

_CONFIG = f"""
[desk]
facility = "{FACILITY}"
facility_name = "{FACILITY_NAME}"
[server]
behind_tls = true
names = ["madoguchi.local"]
[state]
directory = "/var/lib/madoguchi"
[devices]
buttons = "simulated"
lamps = "simulated"
voice = "open_jtalk"
card = "pcsc"
[town]
keys = "town-keys.toml"
receiver = "http://127.0.0.1:8090"
[courier]
hold_seconds = 0
socket = "{DOOR}"
user = "madoguchi-sync"
"""

_PEOPLE = f"""
[Service]
ExecStart=
ExecStart=/opt/madoguchi/current/bin/madoguchi serve --config /etc/madoguchi/madoguchi.toml \
    --roster-seed /etc/madoguchi/people.toml --demo-token {TOKEN}
"""

_KNOCK = f"""
import socket
socket.socket(socket.AF_UNIX).connect("{DOOR}")
"""


def furnish(root: Path, town: Path) -> None:
    """What an installation and a kit would have left: configuration, keys, people, a certificate, units enabled."""
    folder = TownFolder(town)
    make_town(folder, MUNICIPALITY, "合言葉は ながい")
    etc = root / "etc/madoguchi"
    shutil.copy(folder.public_keys, etc)
    (etc / "madoguchi.toml").write_text(_CONFIG, encoding="utf-8")
    write_people(etc)
    drop_in = root / "etc/systemd/system/madoguchi.service.d/people.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(_PEOPLE, encoding="utf-8")
    receiver = root / "var/lib/madoguchi-receiver"
    receiver.mkdir(mode=0o700)
    for kept in (folder.public_keys, folder.private("receiver")):
        shutil.copy(kept, receiver)
    shutil.copytree(town, root / "var/lib/madoguchi-office")
    for part in ("receiver", "office"):
        inside(root, "chown", "--recursive", f"madoguchi-{part}:", f"/var/lib/madoguchi-{part}")
    certificate = ["-subj", "/CN=madoguchi.local", "-keyout", "key.pem", "-out", "certificate.pem", "-days", "365"]
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-addext", "subjectAltName=DNS:madoguchi.local"]
    inside(root, "env", "-C", "/etc/madoguchi/tls", *new, *certificate, *names)
    template = (root / "opt/madoguchi/current/share/systemd/nginx/madoguchi-tls.conf.in").read_text()
    (etc / "tls.conf").write_text(template.replace("@NAMES@", "madoguchi.local 127.0.0.1").replace("@PORT@", "8080"))
    inside(root, "systemctl", "enable", *ENABLED)
    give_a_reader(root)


def give_a_reader(root: Path) -> None:
    """The driver of this machine: it needs nothing but the C library."""
    driver = root / DRIVER.relative_to("/")
    driver.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(DRIVER, driver)
    (root / "etc/reader.conf.d/vpcd").write_text(described(CARD_PORT))


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("machine")
    with only_one_machine():
        root = unpack_root(folder)
        install_product(root, built_bundle(folder), "--role", "both")
        furnish(root, folder / "town")
        machine = Machine(root=root, console=folder / "console.log")
        try:
            machine.boot()
            yield machine
        finally:
            machine.cut_power()
            shutil.rmtree(folder)


def wait_for_pages(machine: Machine, *, seconds: float) -> float:
    """Seconds from the switch to the first answer."""
    try:
        wait_until(lambda: machine.ask(f"{PAGES}/healthz")[0] == 200, seconds=seconds, what="the pages")
    except TimeoutError:
        pytest.fail(machine.journal("madoguchi.service"))
    return time.monotonic() - machine.switched_on


def press(machine: Machine) -> str:
    """The id of the call that a press has raised."""
    words = ["-H", f"Authorization: Bearer {TOKEN}", "-H", "Content-Type: application/json", "-d", '{"button": 1}']
    status, body = machine.ask(f"{PAGES}/api/v1/calls", *words)
    assert status in {200, 201}, body
    return str(json.loads(body)["id"])


def waiting_calls(machine: Machine) -> list[str]:
    status, body = machine.ask(f"{PAGES}/api/v1/board", "-H", f"Authorization: Bearer {TOKEN}")
    assert status == 200, body
    return [call["id"] for call in json.loads(body)["calls"]]


def settled(machine: Machine) -> str:
    """What systemd says once nothing is starting any more."""
    return machine.run("systemctl", "is-system-running", "--wait", check=False).strip()


def test_the_pages_answer_within_six_seconds_of_the_switch(machine: Machine) -> None:
    assert wait_for_pages(machine, seconds=30) <= READY_SECONDS, machine.console.read_text(errors="replace")


def test_every_unit_is_up_and_nothing_has_failed(machine: Machine) -> None:
    assert settled(machine) == "running", machine.run("systemctl", "--failed", "--no-pager")
    states = {unit: machine.show(unit, "ActiveState") for unit in UP}
    assert set(states.values()) == {"active"}, states
    assert machine.show("madoguchi-kiosk.service", "ConditionResult") == "no"
    assert machine.run("systemctl", "--failed", "--quiet", "--no-legend") == ""
    assert machine.run("/opt/madoguchi/current/bin/python", "--version").startswith(f"Python {PYTHON}")


def test_the_desk_says_how_it_is(machine: Machine) -> None:
    assert "窓口は http://127.0.0.1:8080 で 開いています" in machine.show("madoguchi.service", "StatusText")


def test_the_voice_is_made_inside_the_units_own_walls_after_the_desk_has_opened(machine: Machine) -> None:
    """The engine's process under every restriction of the desk's unit, with the memory that both share."""
    folder = machine.root / "var/lib/madoguchi/voice"
    try:
        wait_until(lambda: "sentences_made" in examined(machine), seconds=60, what="every sentence of the voice")
    except TimeoutError:
        pytest.fail(machine.journal("madoguchi.service"))
    made = list(folder.glob("*.wav"))
    assert len(made) >= 5
    assert all(read_wav(clip) for clip in made)
    assert {clip.stat().st_uid for clip in made} == {folder.stat().st_uid}
    assert machine.show("madoguchi.service", "NRestarts") == "0"


def test_the_doctor_finds_nothing_that_a_person_left_undone(machine: Machine) -> None:
    """In here no kit was used, the desk was not opened yet, and there is no network that tablets could come by."""
    found = examined(machine)
    assert {name for name, state in found.items() if state != "well"} == NOTED, found


def examined(machine: Machine) -> dict[str, str]:
    """What the doctor finds, each with how serious it is."""
    doctor = ["/opt/madoguchi/current/bin/madoguchi", "doctor", "--config", "/etc/madoguchi/madoguchi.toml", "--json"]
    return {one["finding"]: one["state"] for one in json.loads(machine.run(*doctor, check=False))["checks"]}


def test_systemd_of_this_machine_has_nothing_to_say_about_the_units(machine: Machine) -> None:
    verify = (
        "cd /usr/lib/systemd/system && systemd-analyze verify --man=no ./madoguchi*.service ./madoguchi*.socket 2>&1"
    )
    said = machine.run("/bin/sh", "-c", f"{verify} || true")
    assert [line for line in said.splitlines() if "/usr/bin/cage is not executable" not in line] == []
    machine.run(
        "udevadm", "verify", *(f"/usr/lib/udev/rules.d/{one.name}" for one in (HOUSE / "systemd/udev").iterdir())
    )
    for unit, tenths in (("madoguchi.service", 13), ("madoguchi-sync.service", 11)):
        machine.run("systemd-analyze", "security", "--no-pager", f"--threshold={tenths}", unit)


def test_the_courier_cannot_open_the_database_but_its_door_lets_only_the_courier_in(machine: Machine) -> None:
    assert machine.succeeds("test", "-s", DATABASE)
    for user in ("madoguchi-sync", "nobody", "madoguchi-receiver"):
        become = ["setpriv", f"--reuid={user}", f"--regid={user if user != 'nobody' else 'nogroup'}", "--init-groups"]
        assert not machine.succeeds(*become, "cat", DATABASE)
        assert not machine.succeeds(*become, "ls", "/var/lib/madoguchi")
        assert machine.succeeds(*become, "python3", "-c", _KNOCK) is (user == "madoguchi-sync")


_ASK_FOR_READERS = """
import ctypes, sys
context = ctypes.c_long()
sys.exit(ctypes.CDLL("libpcsclite.so.1").SCardEstablishContext(2, None, None, ctypes.byref(context)) != 0)
"""


def test_the_desk_writes_to_the_offices_stick_whenever_it_is_put_in_and_nowhere_else(machine: Machine) -> None:
    """A file system of our own stands for the stick: no machine in here has a USB port."""
    stick = "/media/madoguchi"
    assert not as_desk(machine, "touch", f"{stick}/site.kit"), "without a stick the folder is root's"
    for is_restarted in (False, True):
        machine.run("mount", "-t", "tmpfs", "-o", "uid=madoguchi,gid=madoguchi,mode=0700", "tmpfs", stick)
        if is_restarted:
            machine.run("systemctl", "restart", "madoguchi.service")
        assert as_desk(machine, "touch", f"{stick}/site.kit"), f"restarted: {is_restarted}"
        assert machine.succeeds("test", "-f", f"{stick}/site.kit")
        machine.run("umount", stick)
        assert not as_desk(machine, "test", "-e", f"{stick}/site.kit")
    for path in ("/etc/madoguchi/x", "/media/x", "/opt/madoguchi/x", "/home/x"):
        assert not as_desk(machine, "touch", path), path
    wait_for_pages(machine, seconds=30)


def as_desk(machine: Machine, *words: str) -> bool:
    """Whether the desk itself could do that: in its view of the disk, under its user."""
    enter = ("nsenter", "--target", machine.show("madoguchi.service", "MainPID"), "--mount", "--")
    user = ("setpriv", "--reuid", "madoguchi", "--regid", "madoguchi", "--clear-groups")
    return machine.succeeds(*enter, *user, *words)


def test_the_desk_alone_may_use_the_card_reader(machine: Machine) -> None:
    """There is no reader here; pcscd and polkit are real, and so is the namespace in which the desk asks."""
    look = ["python3", "-c", _ASK_FOR_READERS]
    sandbox = ["--property=PrivateUsers=yes", "--property=ProtectProc=invisible", "--property=NoNewPrivileges=yes"]
    for user in ("madoguchi", "madoguchi-sync"):
        ask = ["systemd-run", "--quiet", "--wait", f"--property=User={user}", *sandbox, "--collect", *look]
        assert machine.succeeds(*ask) is (user == "madoguchi"), user


def test_a_card_is_read_inside_the_units_own_walls(machine: Machine) -> None:
    """pyscard from the bundle, in a process of the desk's own unit, by pcscd as Debian starts it."""
    wait_for_reader(machine, ReaderStatus.READY)
    heard = machine.beside(sys.executable, "-m", "tests.drivers.card.lay", str(CARD_PORT), "soon").split()
    assert len(heard) >= 8
    assert wrong_ones(heard) == []
    processes = machine.run("systemctl", "show", "--value", "--property=ControlGroup", "madoguchi.service").strip()
    pids = machine.run("cat", f"/sys/fs/cgroup{processes}/cgroup.procs").split()
    names = {pid: machine.run("cat", f"/proc/{pid}/cmdline").split("\0") for pid in pids}
    (reader,) = (pid for pid, words in names.items() if "drivers.card.worker" in words)
    for pid in pids:
        assert re.search(r"^Max core file size +1 +1 ", machine.run("cat", f"/proc/{pid}/limits"), re.M), names[pid]
    status = machine.run("cat", f"/proc/{reader}/status")
    assert re.search(r"^NoNewPrivs:\t1\n(?:.*\n)*Seccomp:\t2$", status, re.M), status
    assert re.search(r"^CapEff:\t0+$", status, re.M), status
    assert re.search(r" /opt/madoguchi/\S+/smartcard/scard/\S+\.so$", machine.run("cat", f"/proc/{reader}/maps"), re.M)


def wait_for_reader(machine: Machine, status: ReaderStatus) -> None:
    """Until the desk has written down that its reader is so."""
    told = machine.root / "var/lib/madoguchi/card.json"
    try:
        wait_until(lambda: told.exists() and f'"{status}"' in told.read_text(), seconds=20, what=f"reader {status}")
    except TimeoutError:
        pytest.fail(machine.journal("madoguchi.service"))


def test_where_pcscd_lets_the_desk_not_in_it_is_told_from_one_that_is_dead(machine: Machine) -> None:
    rule = machine.root / POLKIT_RULE
    aside = rule.with_suffix(".aside")
    rule.rename(aside)
    machine.run("systemctl", "restart", "polkit.service", "pcscd.service")
    wait_for_reader(machine, ReaderStatus.NO_SERVICE)
    found = examined(machine)
    assert "card_desk_refused" in found, found
    assert "card_readers_several" in found, "whoever looks as root sees nothing wrong"
    aside.rename(rule)
    machine.run("systemctl", "restart", "polkit.service")
    wait_for_reader(machine, ReaderStatus.READY)


def test_without_pcscd_the_desk_works_and_says_so(machine: Machine) -> None:
    both = ("pcscd.socket", "pcscd.service")
    machine.run("systemctl", "mask", "--runtime", "--now", *both)
    wait_for_reader(machine, ReaderStatus.NO_SERVICE)
    found = examined(machine)
    assert "card_desk_without" in found, found
    assert {"card_service_missing", "card_service_silent"} & set(found), found
    assert found["pages_answer"] == "well"
    assert press(machine) in waiting_calls(machine)
    machine.run("systemctl", "restart", "madoguchi.service")
    wait_for_pages(machine, seconds=30)
    machine.run("systemctl", "unmask", "--runtime", *both)
    machine.run("systemctl", "start", "pcscd.socket")
    wait_for_reader(machine, ReaderStatus.READY)


def test_the_courier_carries_what_was_pressed_to_the_town(machine: Machine) -> None:
    press(machine)
    admit(machine)
    machine.run("systemctl", "start", "madoguchi-sync.service")
    said = machine.journal("madoguchi-sync.service")
    assert machine.show("madoguchi-sync.service", "Result") == "success", said
    assert "未送信 0件、保留 0件" in said, said


def admit(machine: Machine) -> None:
    """Let the receiver know this box."""
    devices = machine.root / "var/lib/madoguchi-receiver/devices.toml"
    public = load_or_create_device_key(machine.root / "var/lib/madoguchi/device.key").public
    DeviceRegistry(devices).admit(
        public, facility=FACILITY, facility_name=FACILITY_NAME, at=datetime.now().astimezone()
    )
    machine.run("chown", "madoguchi-receiver:", "/var/lib/madoguchi-receiver/devices.toml")


def test_the_office_waits_for_its_passphrase(machine: Machine) -> None:
    wait_until(lambda: machine.ask("http://127.0.0.1:8091/office/", "-L")[0] == 200, seconds=10, what="the office")
    assert "madoguchi-office" not in machine.run("systemctl", "--failed", "--no-legend")


def test_a_tablet_is_served_over_tls(machine: Machine) -> None:
    assert machine.ask("https://127.0.0.1/healthz")[0] == 200
    assert machine.ask("http://127.0.0.1/healthz")[0] == 308


def test_the_desk_reaches_nothing_outside_the_hall(machine: Machine) -> None:
    """Documentation address 203.0.113.9 stands for the internet: loopback carries it, the desk's filter must not."""
    machine.run("ip", "address", "replace", "203.0.113.9/32", "dev", "lo")
    machine.run("systemd-run", "--quiet", "--unit=stranger", "python3", "-m", "http.server", "9999")
    wait_until(lambda: reaches(machine, "203.0.113.9", cgroup="init.scope"), seconds=10, what="a stranger's machine")
    assert reaches(machine, "127.0.0.1", cgroup="system.slice/madoguchi.service")
    if reaches(machine, "203.0.113.9", cgroup="system.slice/madoguchi.service"):
        assert not machine.succeeds("grep", "-q", "cgroup_skb", "/proc/kallsyms")
        pytest.skip("the kernel here attaches no cgroup BPF program, so IPAddressDeny= cannot be seen at work")


def reaches(machine: Machine, address: str, *, cgroup: str) -> bool:
    """Whether a process in that control group comes to that address."""
    knock = f"echo $$ >/sys/fs/cgroup/{cgroup}/cgroup.procs && exec timeout 3 bash -c 'exec 3<>/dev/tcp/{address}/9999'"
    return machine.succeeds("bash", "-c", knock)


def test_a_desk_that_hangs_is_restarted_and_keeps_its_calls(machine: Machine) -> None:
    call = press(machine)
    assert machine.show("madoguchi.service", "NRestarts") == "0", machine.journal("madoguchi.service")
    machine.run("systemctl", "kill", "--signal=STOP", "madoguchi.service")
    began = time.monotonic()
    wait_until(lambda: machine.show("madoguchi.service", "NRestarts") == "1", seconds=90, what="a restart")
    wait_until(lambda: machine.ask(f"{PAGES}/healthz")[0] == 200, seconds=30, what="the pages after a hang")
    assert time.monotonic() - began <= HANG_SECONDS
    assert "M3" in (machine.root / "var/lib/madoguchi-fault/madoguchi.txt").read_text(encoding="utf-8")
    assert call in waiting_calls(machine)
    machine.run("systemctl", "start", "madoguchi-sync.service")
    assert machine.show("madoguchi-sync.service", "ExecMainStatus") == "0", "the door is lost after a restart"


def test_a_unit_that_keeps_failing_leaves_a_code_to_read_out(machine: Machine) -> None:
    key = machine.root / "var/lib/madoguchi-receiver/town-keys.toml"
    aside = key.with_name("aside")
    key.rename(aside)
    note = machine.root / "var/lib/madoguchi-fault/madoguchi-receiver.txt"
    machine.run("systemctl", "restart", "madoguchi-receiver.service", check=False)
    again = "madoguchi-receiver-again.timer"
    wait_until(lambda: machine.show(again, "ActiveState") == "active", seconds=90, what="that it is tried again later")
    aside.rename(key)
    assert "fault code: R1" in note.read_text(encoding="utf-8")
    assert machine.show("madoguchi-receiver.service", "ActiveState") == "failed"
    machine.run("systemctl", "stop", again)
    machine.run("systemctl", "reset-failed", "madoguchi-receiver.service")
    machine.run("systemctl", "start", "madoguchi-receiver.service")


def test_a_machine_cut_from_the_power_comes_back_with_every_call(machine: Machine) -> None:
    calls, before = {press(machine) for _ in range(3)} | set(waiting_calls(machine)), boots(machine)
    machine.cut_power()
    machine.boot()
    assert wait_for_pages(machine, seconds=30) <= READY_SECONDS
    assert calls <= set(waiting_calls(machine))
    assert settled(machine) == "running", machine.run("systemctl", "--failed", "--no-pager")
    assert boots(machine) == before + 1


def test_installing_over_a_desk_that_runs_keeps_every_call(machine: Machine) -> None:
    calls = {press(machine)} | set(waiting_calls(machine))
    before = machine.show("madoguchi.service", "MainPID")
    said = machine.run("sh", "-c", "sh /root/madoguchi-*/install.sh --role both")
    assert "[6/6]" in said
    assert "enrol" not in said
    assert machine.show("madoguchi.service", "MainPID") != before
    wait_until(lambda: machine.ask(f"{PAGES}/healthz")[0] == 200, seconds=30, what="the pages after an installation")
    assert calls <= set(waiting_calls(machine))
    assert settled(machine) == "running", machine.run("systemctl", "--failed", "--no-pager")


_BOOTS = """
import sqlite3, sys
database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
(value,) = database.execute("SELECT value FROM meta WHERE key = 'boot'").fetchone()
print(int.from_bytes(value))
"""


def boots(machine: Machine) -> int:
    """How many boots the database has counted."""
    return int(machine.run("python3", "-c", _BOOTS, DATABASE))


def test_taking_the_product_away_ends_every_unit_and_leaves_the_records(machine: Machine) -> None:
    machine.run("sh", "/opt/madoguchi/uninstall.sh")
    assert machine.run("systemctl", "list-units", "--plain", "--no-legend", "--state=active,failed", "madoguchi*") == ""
    assert machine.succeeds("test", "-s", DATABASE)
    assert not machine.succeeds("test", "-e", "/opt/madoguchi")
