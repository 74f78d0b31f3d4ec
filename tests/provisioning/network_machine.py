"""A machine that writes down what it is asked to do, with files of its own below one folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

from provisioning.network_machine import Machine, Ran

RADIO: dict[tuple[str, ...], str] = {
    ("nmcli", "-t", "-f", "RUNNING", "general"): "running",
    ("nmcli", "-t", "-f", "DEVICE,TYPE", "device"): "eth0:ethernet\nwlan0:wifi\np2p-dev-wlan0:wifi-p2p\nlo:loopback",
    ("nmcli", "-g", "WIFI-PROPERTIES.AP", "device", "show", "wlan0"): "yes",
}
"""What NetworkManager answers where there is one wireless device."""
UP = ("nmcli", "--wait", "30", "connection", "up", "madoguchi-hall")
DOWN = ("nmcli", "connection", "down", "madoguchi-hall")
ACTIVE = ("nmcli", "-t", "-f", "NAME", "connection", "show", "--active")


@dataclass
class RecordingMachine:
    """`asked`: every command in its order; `fails`: commands that fail, and what they complain of."""

    root: Path
    asked: list[tuple[str, ...]] = field(default_factory=list)
    answers: dict[tuple[str, ...], str] = field(default_factory=lambda: dict(RADIO))
    fails: dict[tuple[str, ...], str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    addresses: list[IPv4Address] = field(default_factory=lambda: [IPv4Address("192.168.50.9")])
    is_on: bool = False

    @property
    def machine(self) -> Machine:
        has: Callable[[str], bool] = lambda program: program not in self.missing  # noqa: E731 # a part of a machine
        return Machine(root=self.root, run=self._run, has=has, addresses=lambda: self.addresses)

    def _run(self, words: Sequence[str]) -> Ran:
        command = tuple(words)
        self.asked.append(command)
        if command in self.fails:
            return Ran(status=4, complained=self.fails[command])
        if command in (UP, DOWN):
            self.is_on = command == UP
        if command == ACTIVE:
            return Ran(status=0, said="Wired connection 1\nmadoguchi-hall" if self.is_on else "Wired connection 1")
        return Ran(status=0, said=self.answers.get(command, ""))

    def was_asked(self, *words: str) -> bool:
        return words in self.asked

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file
