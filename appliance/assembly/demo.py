"""Desk, virtual hardware, receiver and office in one process, so that everything can be tried with nothing at hand."""

import json
import secrets
import tempfile
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from appliance.assembly.access import HashedTokens
from appliance.assembly.box import Box, open_box
from appliance.assembly.office_pages import OneOfficer, PaperTrial, office_app
from appliance.assembly.serving import Application, PageServer
from appliance.assembly.town import (
    LocalSource,
    TownFolder,
    digests,
    make_town,
    new_token,
    open_office,
    open_receiver,
    town_keys_of,
)
from appliance.config import load_config
from appliance.content import load_catalogue
from appliance.desk.facts.roster import PersonEntry
from appliance.desk.facts.staff import Employment, Permission
from appliance.desk.reception.roster import Seed
from sync.files import write_new, write_over
from sync.receiver.app import create_receiver_app
from sync.registry import DeviceRegistry
from sync.wire import MAX_BATCH_BYTES

STAFF_PIN = "482913"
FACILITY_STAFF_PIN = "615204"
ICT_SUPPORT_PIN = "937481"
OFFICE_USER = "office"
OFFICE_PIN = "731904"
FACILITY = "kominkan-chuo"
FACILITY_NAME = "中央公民館"
LONGEST_SOCKET_PATH = 100
"""A Unix socket's name has room for 107 bytes (unix(7))."""

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Demo:
    """A whole small town, running."""

    box: Box
    town: PageServer
    folder: TownFolder
    config: Path
    desk_token: str
    office_token: str

    def start(self) -> None:
        """Answer."""
        self.town.start()
        self.box.start()
        _admit(self.folder, self.box)

    def stop(self) -> None:
        """End everything."""
        self.box.stop()
        self.town.stop()

    def addresses(self) -> dict[str, str]:
        """Where everything is and how to get in; the keys of this are a promise to programs."""
        return {
            "desk": self.box.pages.address,
            "town": self.town.address,
            "config": str(self.config),
            "staff_pin": STAFF_PIN,
            "office_user": OFFICE_USER,
            "office_pin": OFFICE_PIN,
            "desk_token": self.desk_token,
            "office_token": self.office_token,
        }


def open_demo(
    data: Path,
    *,
    port: int,
    town_port: int,
    said: datetime | None = None,
    voice: str = "simulated",
    card: str = "simulated",
    progress: Progress = lambda _step: None,
) -> Demo:
    """Build the demo in the folder `data`, which keeps everything for the next time.

    `voice` and `card` as in `[devices]`.
    """
    data = data.resolve()
    folder = TownFolder(data / "town")
    passphrase = _town_of_demo(data, folder, progress)
    desk_token, office_token = new_token(), new_token()
    progress("town")
    pages = _town_pages(folder, passphrase, office_token, said)
    town = PageServer(pages, host="127.0.0.1", port=town_port, threads=16, longest_body=MAX_BATCH_BYTES)
    progress("desk")
    path = _write_config(data, port=port, receiver=town.address, voice=voice, card=card)
    config = load_config(path)
    box = open_box(config, tokens=HashedTokens({desk_token: ["desk"]}), said=said, seed=_people())
    return Demo(box=box, town=town, folder=folder, config=path, desk_token=desk_token, office_token=office_token)


def _people() -> list[Seed]:
    """One of each permission."""
    return [
        _person("さくら", STAFF_PIN, Permission.VOLUNTEER, Employment.VOLUNTEER),
        _person("かえで", FACILITY_STAFF_PIN, Permission.FACILITY_STAFF, Employment.MUNICIPAL),
        _person("すぎ", ICT_SUPPORT_PIN, Permission.ICT_SUPPORT, Employment.CONTRACTOR),
    ]


def _person(name: str, pin: str, permission: Permission, employment: Employment) -> Seed:
    appointments = frozenset({permission.role})
    return Seed(
        entry=PersonEntry(name=name, permission=permission, appointments=appointments, employment=employment), pin=pin
    )


def _town_of_demo(data: Path, folder: TownFolder, progress: Progress) -> str:
    """Make the town's keys at the first start; the demo, unlike a town hall, keeps its passphrase beside them."""
    note = data / "town" / "demo-passphrase.txt"
    if not note.exists():
        progress("keys")
        folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for half_made in folder.path.glob("*.key"):
            half_made.unlink()  # without the passphrase a half-made town opens nothing
        passphrase = secrets.token_urlsafe(16)
        make_town(folder, load_catalogue().words.code, passphrase)
        write_new(note, passphrase.encode())
    return note.read_text(encoding="utf-8")


def _town_pages(folder: TownFolder, passphrase: str, office_token: str, said: datetime | None) -> Application:
    offset = said - datetime.now(UTC) if said else None
    receiver = open_receiver(folder)
    office = open_office(
        folder,
        passphrase,
        LocalSource(receiver),
        now=lambda: datetime.now(UTC) + offset if offset else datetime.now(UTC),
    )
    pages = office_app(
        office,
        catalogue=load_catalogue(),
        users=OneOfficer(OFFICE_USER, OFFICE_PIN),
        tokens=HashedTokens({office_token: ["office"]}),
        recovery=PaperTrial(town_keys_of(folder)),
    )
    receiver_pages = create_receiver_app(receiver, office_tokens=digests([office_token]))

    def town(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Two applications on one port, told apart by the first part of the path."""
        part = receiver_pages if environ["PATH_INFO"].startswith("/v1/") else pages
        return part(environ, start_response)

    return town


def _write_config(data: Path, *, port: int, receiver: str, voice: str, card: str) -> Path:
    """The desk's configuration; written anew at each start because the ports may be others."""
    path = data / "madoguchi.toml"
    socket = _socket(data, path)
    lines = [
        "# demo の設定。起動のたびに書きなおされます。 / Written anew at each start of the demo.",
        "[desk]",
        f'facility = "{FACILITY}"',
        f'facility_name = "{FACILITY_NAME}"',
        "[server]",
        f"port = {port}",
        "[state]",
        'directory = "desk"',
        "[devices]",
        'buttons = "gpio"',
        'lamps = "gpio"',
        f'voice = "{voice}"',
        f'card = "{card}"',
        "simulated_gpio = true",
        'button_lines = {"1" = 17}',
        'lamp_lines = {"1" = 27}',
        "[town]",
        'keys = "town/town-keys.toml"',
        f'receiver = "{receiver}"',
        "[courier]",
        f"socket = {json.dumps(socket, ensure_ascii=False)}",
    ]
    write_over(path, ("\n".join(lines) + "\n").encode(), mode=0o600)
    return path


def _socket(data: Path, config: Path) -> str:
    """Beside the state; in a short place of its own where that name would be too long for a socket."""
    beside = data / "desk" / "courier.sock"
    if len(str(beside).encode()) <= LONGEST_SOCKET_PATH:
        return "desk/courier.sock"
    if config.exists():
        before = tomllib.loads(config.read_text(encoding="utf-8"))["courier"]["socket"]
        if Path(before).parent.is_dir() and Path(before).is_absolute():
            return str(before)
    return str(Path(tempfile.mkdtemp(prefix="madoguchi-")) / "courier.sock")


def _admit(folder: TownFolder, box: Box) -> None:
    registry = DeviceRegistry(folder.devices)
    if box.hands and all(device.public_key != box.hands.public_key for device in registry.all()):
        registry.admit(
            box.hands.public_key,
            facility=box.config.desk.facility,
            facility_name=box.config.desk.facility_name,
            at=box.desk.clock.now().wall,
        )
