"""One desk, built from its configuration and running."""

import logging
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from appliance.assembly.clock import MachineClock
from appliance.assembly.devices import Devices, VirtualDevices, connect_devices
from appliance.assembly.door import open_door
from appliance.assembly.serving import PageServer
from appliance.config import Config
from appliance.content import BUILT_IN, load_catalogue
from appliance.courier_door import CourierDoor
from appliance.desk.board import Board
from appliance.desk.desk import Desk
from appliance.desk.errors import ConfigError, MadoguchiError
from appliance.desk.facts.call import CallSource
from appliance.desk.ledger import Ledger
from appliance.desk.ports import StaffDoor, Tokens
from appliance.desk.presence import Presence
from appliance.desk.reception.calls import CallDesk
from appliance.desk.reception.consultations import ConsultationDesk
from appliance.desk.room import Room
from appliance.store.store import Store
from sync.errors import SyncError
from sync.files import write_new
from sync.keys import SigningKey, TownKeys, load_or_create_device_key
from sync.sealing import RecordSealer
from ui.desk.app import create_desk_app

log = logging.getLogger(__name__)

HOUSEKEEPING_SECONDS = 15.0
SECRET_LENGTH = 32


@dataclass(kw_only=True)
class Box:
    """A running desk and everything that has to be stopped with it."""

    desk: Desk
    store: Store
    devices: Devices
    door: CourierDoor
    pages: PageServer
    stopping: threading.Event
    device_key: SigningKey

    def start(self) -> None:
        """Answer pages first, then the room; a button that is pressed meanwhile is not lost, it is not yet there."""
        self.pages.start()
        self.desk.room.start()
        self.devices.buttons.watch(self._pressed)
        threading.Thread(target=self._keep_house, name="housekeeping", daemon=True).start()

    def stop(self) -> None:
        """End streams and pages, then devices, then the database."""
        self.stopping.set()
        self.desk.board.close()
        self.devices.buttons.close()
        self.pages.stop()
        self.door.stop()
        self.desk.room.stop()
        self.store.close()

    def _pressed(self, button: int) -> None:
        try:
            self.desk.calls.pressed(button, source=CallSource.BUTTON)
        except MadoguchiError as error:
            log.error("a press of button %d could not be stored: %s", button, error)  # noqa: TRY400 (words, no trace)

    def _keep_house(self) -> None:
        while not self.stopping.wait(HOUSEKEEPING_SECONDS):
            try:
                self.desk.calls.expire_old()
                self.store.forget_old_requests(self.desk.clock.now())
            except MadoguchiError as error:
                log.warning("housekeeping is put off: %s", error)
            except Exception:
                log.exception("housekeeping goes on after an unexpected fault")


def open_box(config: Config, *, staff: StaffDoor, tokens: Tokens, said: datetime | None = None) -> Box:
    """Build the desk that `config` describes; without the municipality's keys there is none. `ConfigError`."""
    town = _town_keys(config.town.keys)
    catalogue = load_catalogue(config.desk.content or BUILT_IN)
    if catalogue.words.code != town.municipality:
        raise ConfigError("town.keys", f"are of {town.municipality}, the packs of {catalogue.words.code}")
    store = Store(config.state.directory / "desk.db")
    clock = MachineClock(store.run, said=said)
    device_key = load_or_create_device_key(config.state.directory / "device.key")
    board = Board(store.unsent)
    ledger = Ledger(
        storage=store, sealer=RecordSealer(town, device_key, start=store.run.start), clock=clock, board=board
    )
    devices = connect_devices(config.devices, clock)
    room = Room(board=board, lamps=devices.lamps, voice=devices.voice, phrases=catalogue.phrases)
    patience = timedelta(minutes=config.desk.call_patience_minutes)
    desk = Desk(
        facility_name=config.desk.facility_name,
        catalogue=catalogue,
        clock=clock,
        board=board,
        presence=Presence(board),
        calls=CallDesk(ledger=ledger, board=board, room=room, patience=patience),
        consultations=ConsultationDesk(ledger=ledger, catalogue=catalogue),
        room=room,
        storage=store,
    )
    stopping = threading.Event()
    pages = create_desk_app(
        desk,
        staff=staff,
        tokens=tokens,
        secret_key=_page_secret(config.state.directory / "pages.key"),
        hardware=VirtualDevices(devices, devices.press) if devices.press else None,
        stopping=stopping,
    )
    return Box(
        desk=desk,
        store=store,
        devices=devices,
        door=open_door(config, store=store, clock=clock, board=board, town=town, device_key=device_key),
        pages=PageServer(pages, host=config.server.host, port=config.server.port),
        stopping=stopping,
        device_key=device_key,
    )


def _town_keys(path: Path) -> TownKeys:
    try:
        return TownKeys.load(path)
    except FileNotFoundError:
        raise ConfigError("town.keys", f"{path} is not there; without it nothing can be sealed") from None
    except SyncError as error:
        raise ConfigError("town.keys", str(error)) from None


def _page_secret(path: Path) -> bytes:
    """The secret under which page sessions are signed; it opens no record."""
    if not path.exists():
        write_new(path, secrets.token_bytes(SECRET_LENGTH))
    return path.read_bytes()
