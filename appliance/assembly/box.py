"""One desk, built from its configuration and running: first its pages, a moment later its hands."""

import gc
import logging
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from appliance.assembly.access import EitherTokens, PinsOnDemand
from appliance.assembly.clock import MachineClock
from appliance.assembly.hands import Hands, SealerInTime, VirtualHands
from appliance.assembly.serving import Gate, PageServer
from appliance.calendar_pack import load_calendar
from appliance.config import Config
from appliance.content import BUILT_IN, load_catalogue
from appliance.desk.board import Board
from appliance.desk.desk import Desk
from appliance.desk.desk_key import DeskKey
from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.call import CallSource
from appliance.desk.ledger import Ledger
from appliance.desk.ports import Tokens
from appliance.desk.presence import Presence
from appliance.desk.reception.attendance import Attendance
from appliance.desk.reception.calls import CallDesk
from appliance.desk.reception.consultations import ConsultationDesk
from appliance.desk.reception.opening import OpeningDesk
from appliance.desk.reception.roster import RosterDesk, Seed
from appliance.desk.reception.roster_book import RosterBook
from appliance.desk.reception.staffing import StaffDesk
from appliance.desk.reception.tallies import TallyDesk
from appliance.desk.reception.tokens import TokenDesk
from appliance.desk.room import Room
from appliance.store.store import Store
from sync.files import write_new

log = logging.getLogger(__name__)

HOUSEKEEPING_SECONDS = 15.0
RECORDING_SECONDS = 2.0
"""How long a call that stands in RAM waits for the next attempt to store it."""

SECRET_LENGTH = 32


@dataclass(kw_only=True)
class Box:
    """A desk and everything that has to be stopped with it."""

    config: Config
    desk: Desk
    store: Store
    pages: PageServer
    gate: Gate
    tokens: Tokens
    sealer: SealerInTime
    virtual: VirtualHands
    stopping: threading.Event
    hands: Hands | None = None
    told_unrecorded: int = 0

    def start(self) -> None:
        """Take requests, load the pages, then take keys, devices and door in hand; who comes meanwhile waits.

        `ConfigError` where the municipality's keys cannot be used: without them nothing is sealed, so nothing runs.
        """
        self.pages.start()
        self._load_pages()
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
        self.desk.attendance.absence(self.desk.clock.now())  # loads the holidays, which no press shall wait for
        self.hands.devices.buttons.watch(self._pressed)
        self.hands.door.start()
        gc.freeze()  # what is loaded by now stays; to look through it now and then would keep a visitor waiting
        threading.Thread(target=self._keep_house, name="housekeeping", daemon=True).start()
        threading.Thread(target=self._record_unrecorded, name="recording", daemon=True).start()

    def _load_pages(self) -> None:
        from appliance.assembly.front import hosts_of, limits_of
        from ui.desk.app import create_desk_app

        self.gate.open(
            create_desk_app(
                self.desk,
                tokens=self.tokens,
                secret_key=_page_secret(self.config.state.directory / "pages.key"),
                hardware=self.virtual if self.config.devices.are_virtual else None,
                stopping=self.stopping,
                hosts=hosts_of(self.config.server),
                limits=limits_of(self.config.limits),
            )
        )

    def stop(self) -> None:
        """End streams and pages, then devices, then the database."""
        self.stopping.set()
        self.desk.board.close()
        self.pages.stop()
        if self.hands is not None:
            self.hands.devices.buttons.close()
            self._stop_door(self.hands)
        self.desk.room.stop()
        self.desk.staff.everybody_leaves()
        self._try_to_record()
        self.store.close()

    def _stop_door(self, hands: Hands) -> None:
        try:
            hands.door.stop()
        except OSError as error:
            log.warning("the courier door stays behind on a disk that lets nothing be deleted: %s", error.strerror)

    def _pressed(self, button: int) -> None:
        try:
            self.desk.calls.pressed(button, source=CallSource.BUTTON)
        except MadoguchiError as error:
            log.error("a press of button %d could not be stored: %s", button, error)  # noqa: TRY400 (words, no trace)

    def _record_unrecorded(self) -> None:
        while not self.stopping.wait(RECORDING_SECONDS):
            self._try_to_record()

    def _try_to_record(self) -> None:
        try:
            self.desk.calls.record_unrecorded()
        except MadoguchiError as error:
            self._tell_of_unrecorded(error)
        except Exception:
            log.exception("recording goes on after an unexpected fault")

    def _tell_of_unrecorded(self, error: MadoguchiError) -> None:
        """Say it where their number has changed; a log on the same full disk is not written every two seconds."""
        count = self.desk.board.snapshot.unrecorded
        if count != self.told_unrecorded:
            log.warning("%d calls stand in RAM until they can be stored: %s", count, error)
        self.told_unrecorded = count

    def _keep_house(self) -> None:
        self.store.keep_reserve()
        while not self.stopping.wait(HOUSEKEEPING_SECONDS):
            try:
                self.desk.calls.expire_old()
                self.store.forget_old_requests(self.desk.clock.now())
                self.store.keep_reserve()
            except MadoguchiError as error:
                log.warning("housekeeping is put off: %s", error)
            except Exception:
                log.exception("housekeeping goes on after an unexpected fault")


def open_box(config: Config, *, tokens: Tokens, said: datetime | None = None, seed: Sequence[Seed] = ()) -> Box:
    """Build the desk that `config` describes, with its address taken; `start` makes it live. `ConfigError`.

    `seed`: the people of an empty roster; without any the first set-up is done on the screen.
    """
    catalogue = load_catalogue(config.desk.content or BUILT_IN)
    store = Store(config.state.directory / "desk.db")
    clock = MachineClock(store.run, said=said, seen=store.seen, said_before=store.said)
    board = Board(store.unsent)
    sealer = SealerInTime()
    ledger = Ledger(storage=store, sealer=sealer, clock=clock, board=board)
    room = Room(board=board, phrases=catalogue.phrases)
    attendance = Attendance(
        board=board, calendar=load_calendar(config.desk.content or BUILT_IN), phrases=catalogue.phrases
    )
    presence, pins = Presence(board), PinsOnDemand()
    desk_key = DeskKey(pins)
    book = RosterBook(ledger=ledger, pins=pins, desk_key=desk_key)
    desk = Desk(
        facility_name=config.desk.facility_name,
        catalogue=catalogue,
        clock=clock,
        board=board,
        presence=presence,
        calls=CallDesk(
            ledger=ledger,
            board=board,
            room=room,
            attendance=attendance,
            patience=timedelta(minutes=config.desk.call_patience_minutes),
            unattended_for=timedelta(minutes=config.desk.unattended_minutes),
        ),
        consultations=ConsultationDesk(ledger=ledger, catalogue=catalogue),
        room=room,
        storage=store,
        attendance=attendance,
        opening=OpeningDesk(ledger=ledger, storage=store, board=board, clock=clock),
        tallies=TallyDesk(ledger=ledger, catalogue=catalogue),
        staff=StaffDesk(ledger=ledger, book=book, presence=presence, clock=clock, pins=pins, desk_key=desk_key),
        roster=RosterDesk(book=book, presence=presence, pins=pins, desk_key=desk_key),
        tokens=TokenDesk(ledger=ledger, clock=clock),
    )
    desk.opening.at_closing.append(desk.staff.everybody_leaves)
    if seed:
        desk.roster.seed(seed)
    gate = Gate()
    return Box(
        config=config,
        desk=desk,
        store=store,
        pages=PageServer(gate, host=config.server.host, port=config.server.port, behind_tls=config.server.behind_tls),
        gate=gate,
        tokens=EitherTokens(desk.tokens, tokens),
        sealer=sealer,
        virtual=VirtualHands(),
        stopping=threading.Event(),
    )


def _page_secret(path: Path) -> bytes:
    """The secret under which page sessions are signed; it opens no record."""
    if not path.exists():
        write_new(path, secrets.token_bytes(SECRET_LENGTH))
    return path.read_bytes()
