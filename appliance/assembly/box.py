"""One desk, built from its configuration and running: first its pages, a moment later its hands."""

import logging
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from appliance.assembly.clock import MachineClock
from appliance.assembly.hands import Hands, SealerInTime, VirtualHands
from appliance.assembly.serving import PageServer
from appliance.config import Config
from appliance.content import BUILT_IN, load_catalogue
from appliance.desk.board import Board
from appliance.desk.desk import Desk
from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.call import CallSource
from appliance.desk.ledger import Ledger
from appliance.desk.ports import StaffDoor, Tokens
from appliance.desk.presence import Presence
from appliance.desk.reception.calls import CallDesk
from appliance.desk.reception.consultations import ConsultationDesk
from appliance.desk.room import Room
from appliance.store.store import Store
from sync.files import write_new
from ui.desk.app import create_desk_app

log = logging.getLogger(__name__)

HOUSEKEEPING_SECONDS = 15.0
SECRET_LENGTH = 32


@dataclass(kw_only=True)
class Box:
    """A desk and everything that has to be stopped with it."""

    config: Config
    desk: Desk
    store: Store
    pages: PageServer
    sealer: SealerInTime
    virtual: VirtualHands
    stopping: threading.Event
    hands: Hands | None = None

    def start(self) -> None:
        """Answer pages, then take keys, devices and door in hand; a record waits the moment this takes.

        `ConfigError` where the municipality's keys cannot be used: without them nothing is sealed, so nothing runs.
        """
        self.pages.start()
        self.hands = Hands.take(
            self.config,
            municipality=self.desk.catalogue.words.code,
            store=self.store,
            clock=self.desk.clock,
            board=self.desk.board,
        )
        self.sealer.is_here(self.hands.sealer)
        self.virtual.devices = self.hands.devices
        self.desk.room.start(lamps=self.hands.devices.lamps, voice=self.hands.devices.voice)
        self.hands.devices.buttons.watch(self._pressed)
        self.hands.door.start()
        threading.Thread(target=self._keep_house, name="housekeeping", daemon=True).start()

    def stop(self) -> None:
        """End streams and pages, then devices, then the database."""
        self.stopping.set()
        self.desk.board.close()
        self.pages.stop()
        if self.hands is not None:
            self.hands.devices.buttons.close()
            self.hands.door.stop()
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
    """Build the desk that `config` describes, with its address taken; `start` makes it live. `ConfigError`."""
    catalogue = load_catalogue(config.desk.content or BUILT_IN)
    store = Store(config.state.directory / "desk.db")
    clock = MachineClock(store.run, said=said)
    board = Board(store.unsent)
    sealer = SealerInTime()
    ledger = Ledger(storage=store, sealer=sealer, clock=clock, board=board)
    room = Room(board=board, phrases=catalogue.phrases)
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
    stopping, virtual = threading.Event(), VirtualHands()
    pages = create_desk_app(
        desk,
        staff=staff,
        tokens=tokens,
        secret_key=_page_secret(config.state.directory / "pages.key"),
        hardware=virtual if config.devices.are_virtual else None,
        stopping=stopping,
    )
    return Box(
        config=config,
        desk=desk,
        store=store,
        pages=PageServer(pages, host=config.server.host, port=config.server.port),
        sealer=sealer,
        virtual=virtual,
        stopping=stopping,
    )


def _page_secret(path: Path) -> bytes:
    """The secret under which page sessions are signed; it opens no record."""
    if not path.exists():
        write_new(path, secrets.token_bytes(SECRET_LENGTH))
    return path.read_bytes()
