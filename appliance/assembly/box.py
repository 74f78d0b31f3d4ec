"""One desk, built from its configuration and running: first its pages, a moment later its hands."""

import gc
import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from appliance.assembly.access import EitherTokens, PinsOnDemand
from appliance.assembly.clock import MachineClock
from appliance.assembly.furnish import Patience, furnish
from appliance.assembly.given_people import take_given_people
from appliance.assembly.given_pin import take_given_pin
from appliance.assembly.hands import Hands, SealerInTime, VirtualHands
from appliance.assembly.notices import DeskPacks
from appliance.assembly.practice import PracticeRoom
from appliance.assembly.pulse import Pulse
from appliance.assembly.serving import Gate, PageServer
from appliance.assembly.wellbeing import BoxParts
from appliance.calendar_pack import load_calendar
from appliance.config import SPEAKING, Config, FacilityType
from appliance.content import BUILT_IN
from appliance.desk.contact import Signal
from appliance.desk.desk import Desk
from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.security import SecurityEvent
from appliance.desk.ports import Tokens, Voice
from appliance.desk.practice import Practice
from appliance.desk.reception.roster import Seed
from appliance.store.pruning import prune
from appliance.store.store import Store
from sync.files import write_new

log = logging.getLogger(__name__)

HOUSEKEEPING_SECONDS = 15.0
DAY_MS = 24 * 60 * 60 * 1000
RECORDING_SECONDS = 2.0
IDLE_SECONDS = 10.0
WORTH_FOLDING = 20
"""Transactions; each folding rewrites pages on a card that wears."""
"""How long a call that stands in RAM waits for the next attempt to store it."""

SECRET_LENGTH = 32


@dataclass(kw_only=True)
class Box:
    """A desk and everything that has to be stopped with it."""

    config: Config
    desk: Desk
    practice: Practice
    store: Store
    pages: PageServer
    gate: Gate
    tokens: Tokens
    sealer: SealerInTime
    virtual: VirtualHands
    wellbeing: BoxParts
    stopping: threading.Event
    held_back: Sequence[SecurityEvent] = ()
    """What the desk before this one could not seal, because the municipality's keys had not come yet."""
    hands: Hands | None = None
    fill: Callable[[], None] = field(default=lambda: None)
    """Has the sounds made that a voice lacks, where one speaks."""
    told_unrecorded: int = 0
    pruned_at: int | None = None
    pulses: Mapping[str, Pulse] = field(default_factory=lambda: {"housekeeping": Pulse(), "recording": Pulse()})
    """When each of the two threads last went round."""

    def start(self) -> None:
        """Take requests, load the pages, then take keys, devices and door in hand; who comes meanwhile waits.

        Before the municipality's keys have come only set-up and practice run; `ConfigError` for keys that are there and
        cannot be used.
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
        if self.hands.sealer is not None:
            self.sealer.is_here(self.hands.sealer)
            self.desk.board.show(can_seal=True)
            self._seal_held_back()
        self.virtual.devices = self.hands.devices
        self.wellbeing.devices_are(self.hands.devices)
        self.desk.room.start(
            lamps=self.hands.devices.lamps,
            voice=self._voice(self.hands),
            flashes=self.config.voice.hearing_friendly,
        )
        self.desk.attendance.absence(self.desk.clock.now())  # loads the holidays, which no press shall wait for
        self.hands.devices.buttons.watch(self._signalled)
        self._connect_cards()
        self.hands.door.start()
        gc.freeze()  # what is loaded by now stays; to look through it now and then would keep a visitor waiting
        threading.Thread(target=self._keep_house, name="housekeeping", daemon=True).start()
        threading.Thread(target=self._record_unrecorded, name="recording", daemon=True).start()
        threading.Thread(target=self._fold_log, name="folding", daemon=True).start()

    def _voice(self, hands: Hands) -> Voice:
        """The voice that the configuration names; its parts are loaded where it speaks, and only there."""
        if self.config.devices.voice not in SPEAKING:
            self.wellbeing.voice_is(hands.devices.voice)
            return hands.devices.voice
        from appliance.assembly.voicing import Filling, open_browser_voice, open_voice

        if self.config.devices.voice == "browser":
            self.virtual.voice = heard = open_browser_voice(self.config, self.desk)
            self.wellbeing.voice_is(heard)
            return heard
        voice = open_voice(self.config, self.desk, on_end=self.wellbeing.heard)
        self.wellbeing.voice_is(voice, voice.utterances)
        self.fill = Filling(self.config, self.desk).look
        return voice

    def _connect_cards(self) -> None:
        from appliance.assembly.card_reader import connect_card_reader

        self._take_card_keys()
        found = connect_card_reader(self.config.devices, self.desk.clock)
        self.virtual.hand = found.hand
        self.desk.cards.connect(found.reader)

    def _take_card_keys(self) -> None:
        if self.hands is None:
            return
        try:
            self.desk.staff_cards.take_keys(self.hands.card_keys)
        except MadoguchiError as error:
            log.warning("cards of staff that nobody can use any more are still on the roster: %s", error)

    def _load_pages(self) -> None:
        from appliance.assembly.enrolment_state import StoredEnrolment
        from appliance.assembly.first_box import StickFirstBox
        from appliance.assembly.front import hosts_of, limits_of
        from appliance.assembly.proving import own_log
        from appliance.store.proof import FolderProver
        from ui.desk.app import create_desk_app

        self.gate.open(
            create_desk_app(
                self.desk,
                practice=self.practice,
                prover=FolderProver(self.config.state.directory, log=own_log()),
                tokens=self.tokens,
                secret_key=_page_secret(self.config.state.directory / "pages.key"),
                hardware=self.virtual if self.config.devices.are_virtual else None,
                enrolment=StoredEnrolment(config=self.config.town.keys, state=self.config.state.directory),
                wellbeing=self.wellbeing,
                first_box=StickFirstBox(keys=self.config.town.keys, state=self.config.state.directory),
                stopping=self.stopping,
                hosts=hosts_of(self.config.server),
                limits=limits_of(self.config.limits),
            )
        )

    def stop(self) -> None:
        """End streams and pages, then devices, then the database."""
        self.stopping.set()
        self.desk.board.close()
        self.desk.cards.close()
        self.pages.stop()
        if self.hands is not None:
            self.hands.devices.buttons.close()
            self._stop_door(self.hands)
        self.desk.room.stop()
        self.practice.end_all()
        self.desk.staff.everybody_leaves()
        self._try_to_record()
        self._try_to_report()
        self.store.close()

    def _stop_door(self, hands: Hands) -> None:
        try:
            hands.door.stop()
        except OSError as error:
            log.warning("the courier door stays behind on a disk that lets nothing be deleted: %s", error.strerror)

    def _signalled(self, button: int, signal: Signal) -> None:
        try:
            if signal in {Signal.PRESSED_AGAIN, Signal.HELD_LONG}:
                self.desk.calls.wish_to_cancel(button)
            if signal in {Signal.PRESSED, Signal.PRESSED_AGAIN}:
                self.desk.calls.pressed(button, source=CallSource.BUTTON)
            if signal is Signal.FAULT:
                self._show_faults()
        except MadoguchiError as error:
            log.error("a press of button %d could not be stored: %s", button, error)  # noqa: TRY400 (words, no trace)

    def _show_faults(self) -> None:
        if self.hands is not None:
            health = self.hands.devices.buttons.health()
            self.desk.room.faulty_are([one for one, its in health.items() if its.fault is not None])
            self.desk.board.show(broken_buttons=self.wellbeing.broken_buttons())
            self.wellbeing.write()

    def _record_unrecorded(self) -> None:
        while not self.stopping.wait(RECORDING_SECONDS):
            self._try_to_record()
            self.pulses["recording"].beat()

    def _try_to_record(self) -> None:
        try:
            self.desk.calls.record_unrecorded()
        except MadoguchiError as error:
            self._tell_of_unrecorded(error)
        except Exception:
            log.exception("recording goes on after an unexpected fault")

    def _seal_held_back(self) -> None:
        try:
            self.desk.staff.seal_held_back(self.held_back)
        except MadoguchiError as error:
            log.warning("%d events of the set-up could not be stored: %s", len(self.held_back), error)

    def _try_to_report(self) -> None:
        try:
            self.desk.tokens.report()
        except MadoguchiError as error:
            log.warning("which tokens were used could not be stored: %s", error)

    def _tell_of_unrecorded(self, error: MadoguchiError) -> None:
        """Say it where their number has changed; a log on the same full disk is not written every two seconds."""
        count = self.desk.board.snapshot.unrecorded
        if count != self.told_unrecorded:
            log.warning("%d calls stand in RAM until they can be stored: %s", count, error)
        self.told_unrecorded = count

    def _keep_house(self) -> None:
        self.store.keep_reserve()
        self._tidy_up()
        while not self.stopping.wait(HOUSEKEEPING_SECONDS):
            self._tidy_up()
            self.pulses["housekeeping"].beat()

    def _fold_log(self) -> None:
        """When nobody does anything, or after very much: never in the middle of a press, as SQLite would by itself."""
        seen = 0
        while not self.stopping.is_set():
            is_long = self.store.log_is_long.wait(IDLE_SECONDS)
            is_idle = WORTH_FOLDING <= self.store.unfolded == seen
            seen = self.store.unfolded
            if (is_long or is_idle) and not self.stopping.is_set():
                try:
                    self.store.fold_log()
                except MadoguchiError as error:
                    log.warning("the database's log stays long: %s", error)

    def _prune(self) -> None:
        """Once a day, and at every start: boxes are unplugged at night."""
        now = self.desk.clock.now()
        if self.pruned_at is None or now.mono_ms - self.pruned_at >= DAY_MS:
            self.pruned_at = now.mono_ms
            prune(self.store, keep=timedelta(days=self.config.state.keep_days), now=now)

    def _tidy_up(self) -> None:
        """Whoever is away is so whatever the disk says, hence first."""
        try:
            self.desk.staff.fade()
            self.practice.tidy()
            take_given_pin(self.config.state.directory, self.desk.roster)
            take_given_people(self.config.state.directory, self.desk.roster)
            self.desk.calls.expire_old()
            if self.desk.board.snapshot.can_seal:
                self.desk.staff.keep_stays()
            self.desk.tokens.report()
            self.store.forget_old_requests(self.desk.clock.now())
            self.store.keep_reserve()
            self.wellbeing.write()
            self.fill()
            self._prune()
        except MadoguchiError as error:
            log.warning("housekeeping is put off: %s", error)
        except Exception:
            log.exception("housekeeping goes on after an unexpected fault")


def open_box(
    config: Config,
    *,
    tokens: Tokens,
    said: datetime | None = None,
    seed: Sequence[Seed] = (),
    held_back: Sequence[SecurityEvent] = (),
) -> Box:
    """Build the desk that `config` describes, with its address taken; `start` makes it live. `ConfigError`.

    `seed`: the people of an empty roster; without any the first set-up is done on the screen. `held_back`: what the
    desk before this one could not seal.
    """
    content = config.desk.content or BUILT_IN
    packs = DeskPacks.open(content, config.state.directory)
    store = Store(config.state.directory / "desk.db")
    clock = MachineClock(store.run, said=said, seen=store.seen, said_before=store.said)
    sealer, pins = SealerInTime(), PinsOnDemand()
    desk = furnish(
        facility_name=config.desk.place,
        catalogue=packs.catalogue,
        calendar=load_calendar(content),
        clock=clock,
        storage=store,
        sealer=sealer,
        pins=pins,
        names=pins,
        patience=Patience(
            call=timedelta(minutes=config.desk.call_patience_minutes),
            unattended=timedelta(minutes=config.desk.unattended_minutes),
            away=timedelta(minutes=config.desk.away_minutes),
        ),
        card_check=config.desk.card_check,
        patrons_have_cards=config.desk.facility_type is FacilityType.LIBRARY,
    )
    if seed:
        desk.roster.seed(seed)
    if not config.town.keys.exists():
        sealer.is_nowhere()
        desk.board.show(can_seal=False)
    gate = Gate()
    pages = PageServer(gate, host=config.server.host, port=config.server.port, behind_tls=config.server.behind_tls)
    return Box(
        config=config,
        desk=desk,
        practice=_practice(
            config, desk, clock, packs
        ),  # behind the address: whoever has it is the only desk of this state
        store=store,
        pages=pages,
        gate=gate,
        tokens=EitherTokens(desk.tokens, tokens),
        sealer=sealer,
        held_back=held_back,
        virtual=VirtualHands(),
        wellbeing=BoxParts(config, desk, unmade=lambda: _unmade(config, desk)),
        stopping=threading.Event(),
    )


def _practice(config: Config, desk: Desk, clock: MachineClock, packs: DeskPacks) -> Practice:
    """Practice beside that desk: nobody practises yet, and it ends when the desk closes."""
    room = PracticeRoom(
        state=config.state.directory,
        facility_name=desk.facility_name,
        catalogue=desk.catalogue,
        content=config.desk.content or BUILT_IN,
        clock=clock,
        sent=packs.sent,
    )
    room.sweep()
    practice = Practice(open_desk=room.open, clock=clock, is_here=desk.presence.is_here)
    desk.opening.at_closing.append(practice.end_all)
    return practice


def _unmade(config: Config, desk: Desk) -> int:
    from appliance.assembly.voicing import unmade

    return unmade(config, desk.clock.now().wall)


def _page_secret(path: Path) -> bytes:
    """The secret under which page sessions are signed; it opens no record."""
    if not path.exists():
        write_new(path, secrets.token_bytes(SECRET_LENGTH))
    return path.read_bytes()
