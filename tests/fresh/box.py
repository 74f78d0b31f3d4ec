"""A box of that Debian, installed from its bundle, not enrolled yet and with a screen of its own: switched on twice."""

import json
import shutil
import tempfile
import time
from pathlib import Path

from provisioning.bundle import SUITES
from tests.fresh.root import CACHE, lying_here
from tests.house.machine import (
    Machine,
    built_bundle,
    inside,
    install_product,
    only_one_machine,
    unpack_root,
    wait_until,
)

PYTHONS = {suite: python for python, suite in SUITES.items()}
SCREEN = ("cage", "xwayland", "seatd", "chromium", "grim", "fonts-ipafont-gothic")
"""What a box with a screen needs beside the bundle, and what takes a picture of it. Debian 12's cage wants Xwayland."""
WATCHED = ("madoguchi.service", "madoguchi-kiosk.service")
READY_SECONDS = 6.0
SHOWN_SECONDS = 60.0
_SCORES = {"madoguchi.service": 13, "madoguchi-sync.service": 11}
_WITHOUT_KEYS = {"town_keys_missing", "device_key_missing", "door_silent"}
_HEADER = bytes.fromhex("000060")
"""The colour of the band on top of each of our pages."""
_LEAST_COLOURS = 16
_PICTURED = ("trixie",)
"""Where a screen that is not there can be photographed; wlroots of Debian 12 refuses it."""
_NO_SCREEN_HERE = """
[Unit]
ConditionPathExists=
[Service]
Environment=WLR_BACKENDS=headless WLR_RENDERER=pixman
"""
_PICTURE = "root/screen.ppm"
_SAID_LAST = 6000


def run(suite: str) -> dict[str, object]:
    """Seconds of installation, boot and picture; asserts that nothing fails and nothing restarts, twice."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with only_one_machine(), tempfile.TemporaryDirectory(dir=CACHE, prefix=f"{suite}-box-") as scratch:
        folder = Path(scratch)
        root = unpack_root(folder, suite=suite, beside=SCREEN)
        bundle = built_bundle(folder, python=PYTHONS[suite])
        began = time.monotonic()
        print(install_product(root, bundle, "--role", "desk"))
        installed = time.monotonic() - began
        _give_it_a_screen(root)
        machine = Machine(root=root, console=folder / "console.log")
        try:
            found = [_switched_on(machine, suite) for _ in range(2)]
        finally:
            machine.cut_power()
        version = (root / "etc/debian_version").read_text().strip()
    return {
        "commit": lying_here(),
        "debian": version,
        "python": PYTHONS[suite],
        "install_seconds": round(installed, 1),
        "boot_seconds": [round(seconds, 1) for seconds, _ in found],
        "screen": "seen" if suite in _PICTURED else "its browser has come to the desk",
        "screen_seconds": [round(seconds, 1) for _, seconds in found],
    }


def _give_it_a_screen(root: Path) -> None:
    drop_in = root / "etc/systemd/system/madoguchi-kiosk.service.d/headless.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(_NO_SCREEN_HERE)
    inside(root, "systemctl", "enable", "madoguchi-kiosk.service")


def _switched_on(machine: Machine, suite: str) -> tuple[float, float]:
    """Seconds from the switch to the first answer and to the page on the screen; then the power is cut."""
    machine.boot()
    try:
        wait_until(lambda: _is_healthy(machine), seconds=READY_SECONDS, what="the pages")
        answered = time.monotonic() - machine.switched_on
        looks = _shows_our_page if suite in _PICTURED else _has_come_to_us
        wait_until(lambda: looks(machine), seconds=SHOWN_SECONDS, what="our page on the screen")
    except TimeoutError as error:
        said = machine.console.read_text(errors="replace") + "".join(map(machine.journal, WATCHED))
        raise AssertionError(f"{error}: {said[-_SAID_LAST:]}") from error
    shown = time.monotonic() - machine.switched_on
    if suite in _PICTURED:
        shutil.copy(machine.root / _PICTURE, CACHE / f"{suite}.ppm")
    _look_at(machine)
    machine.cut_power()
    return answered, shown


def _is_healthy(machine: Machine) -> bool:
    return machine.ask("http://127.0.0.1:8080/healthz")[0] == 200


def _shows_our_page(machine: Machine) -> bool:
    """Whether the screen begins with our band and has something on it."""
    looking = ["env", "XDG_RUNTIME_DIR=/run/madoguchi-kiosk", "WAYLAND_DISPLAY=wayland-0"]
    if not machine.succeeds(*looking, "grim", "-t", "ppm", f"/{_PICTURE}"):
        return False
    *_, pixels = (machine.root / _PICTURE).read_bytes().split(b"\n", 3)
    colours = {pixels[place : place + 3] for place in range(0, len(pixels), 3)}
    return pixels.startswith(_HEADER) and len(colours) >= _LEAST_COLOURS


def _has_come_to_us(machine: Machine) -> bool:
    """Whether the browser has a connection to the desk."""
    user = machine.run("id", "--user", "madoguchi-kiosk").strip()
    return f"uid:{user} " in machine.run("ss", "-Htne", "state", "established", "dport = :8080")


def _look_at(machine: Machine) -> None:
    """Nothing has failed, nothing begins again and again, and the units are as closed as in the tests."""
    machine.run("systemctl", "start", "madoguchi-sync.service")
    assert machine.show("madoguchi-sync.service", "ConditionResult") == "no", "the courier waits for the keys"
    state = machine.run("systemctl", "is-system-running", "--wait", check=False).strip()
    assert state == "running", machine.run("systemctl", "--failed", "--no-pager")
    assert {unit: machine.show(unit, "NRestarts") for unit in WATCHED} == dict.fromkeys(WATCHED, "0")
    browsers = machine.run("pgrep", "--uid", "madoguchi-kiosk", "chromium").split()
    groups = {machine.run("cat", f"/proc/{number}/cgroup").strip().rpartition("/")[2] for number in browsers}
    assert groups == {"madoguchi-kiosk.service"}, "what bounds the unit bounds the browser"
    for unit, tenths in _SCORES.items():
        machine.run("systemd-analyze", "security", "--no-pager", f"--threshold={tenths}", unit)
    doctor = ["/opt/madoguchi/current/bin/madoguchi", "doctor", "--config", "/etc/madoguchi/madoguchi.toml", "--json"]
    checks = json.loads(machine.run(*doctor, check=False))["checks"]
    assert {one["finding"] for one in checks if one["state"] == "ill"} == _WITHOUT_KEYS
