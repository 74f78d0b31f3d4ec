"""A desk's configuration and roster as files, for tests and measurements that start the product's own command."""

import socket
from pathlib import Path

MUNICIPALITY = "999997"
FACILITY, FACILITY_NAME = "kominkan-chuo", "中央公民館"
VOLUNTEER_PIN, FACILITY_STAFF_PIN, ICT_SUPPORT_PIN = "482913", "615204", "937481"

_CONFIG = """
[desk]
facility = "{facility}"
facility_name = "{facility_name}"
[server]
port = {port}
[state]
directory = "desk"
[devices]
buttons = "gpio"
lamps = "gpio"
voice = "simulated"
simulated_gpio = true
button_lines = {{"1" = 17}}
lamp_lines = {{"1" = 27}}
[town]
keys = "town/town-keys.toml"
receiver = "http://127.0.0.1:{receiver_port}"
[courier]
hold_seconds = {hold}
"""

_PERSON = """
[[person]]
name = "{name}"
permission = "{permission}"
pin = "{pin}"
"""
_PEOPLE = {
    "volunteer": ("さくら", VOLUNTEER_PIN),
    "facility_staff": ("かえで", FACILITY_STAFF_PIN),
    "ict_support": ("すぎ", ICT_SUPPORT_PIN),
}


def write_config(folder: Path, *, port: int, receiver_port: int, hold: int = 0, door: Path | None = None) -> Path:
    """The configuration of a desk whose state, town and keys lie in `folder`; where it was written."""
    text = _CONFIG.format(
        facility=FACILITY, facility_name=FACILITY_NAME, port=port, receiver_port=receiver_port, hold=hold
    )
    path = folder / "madoguchi.toml"
    path.write_text(text + (f'socket = "{door}"\n' if door else ""), encoding="utf-8")
    return path


def write_people(folder: Path, *more: str) -> Path:
    """The roster of a new desk: a volunteer, then one of each further permission, numbered in that order."""
    path = folder / "people.toml"
    people = [(permission, *_PEOPLE[permission]) for permission in ("volunteer", *more)]
    text = "".join(_PERSON.format(permission=permission, name=name, pin=pin) for permission, name, pin in people)
    path.write_text(text, encoding="utf-8")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
