"""How the parts of this box are: for the page of ICT support, and on the disk for whoever examines it from outside."""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from appliance.assembly.devices import Devices
from appliance.config import LOUD, Config
from appliance.desk.contact import ContactFault, ContactHealth
from appliance.desk.desk import Desk
from appliance.desk.errors import DeviceError, PackError
from appliance.desk.facts.card import CardState, ReaderStatus
from appliance.desk.facts.moment import Moment
from appliance.desk.parts import Condition, Part
from appliance.desk.ports import Urgency, Voice
from drivers.machine import gpio_is_usable, has_player, modules_that_take_readers, sound_cards
from sync.files import write_over

log = logging.getLogger(__name__)

_BUTTON: Mapping[ContactFault | None, Condition] = {
    None: Condition.BUTTON_WELL,
    ContactFault.HELD_AT_START: Condition.BUTTON_HELD_AT_START,
    ContactFault.STUCK: Condition.BUTTON_STUCK,
    ContactFault.RESTLESS: Condition.BUTTON_RESTLESS,
    ContactFault.GONE: Condition.BUTTON_GONE,
}
_VOICE: Mapping[str, Condition] = {
    "said": Condition.VOICE_SAID,
    "dropped": Condition.VOICE_HELD_BACK,
    "failed": Condition.VOICE_FAILED,
}

_READER: Mapping[ReaderStatus, Condition] = {
    ReaderStatus.STARTING: Condition.READER_STARTING,
    ReaderStatus.READY: Condition.READER_WELL,
    ReaderStatus.NO_READER: Condition.READER_MISSING,
    ReaderStatus.NO_SERVICE: Condition.READER_SERVICE_MISSING,
    ReaderStatus.NO_LIBRARY: Condition.READER_LIBRARY_MISSING,
    ReaderStatus.ABSENT: Condition.READER_ABSENT,
}


class Uttered(Protocol):
    """What became of a sentence, without the sentence."""

    @property
    def state(self) -> str:
        """queued, playing, said, dropped or failed."""
        ...

    @property
    def reason(self) -> str:
        """Why it was not said."""
        ...


class Told:
    """A small file of JSON that is written only where it is new, for the card wears."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told = b""
        self._lock = threading.Lock()

    def tell(self, content: Mapping[str, object]) -> None:
        """Let the file say this; that a disk takes nothing is logged, for the desk goes on."""
        text = json.dumps(content).encode()
        with self._lock:
            if text == self._told:
                return
            self._told = text
            try:
                write_over(self._path, text, mode=0o600)
            except OSError as error:
                log.warning("how the box is could not be written into %s: %s", self._path.name, error.strerror)


class BoxParts:
    """Port `Wellbeing` of a box; what stands on the desk and the voice come a moment after the desk."""

    def __init__(self, config: Config, desk: Desk, *, unmade: Callable[[], int]) -> None:
        """`unmade`: how many sentences have no sound yet; `PackError`."""
        self._config = config
        self._desk = desk
        self._unmade = unmade
        self._devices: Devices | None = None
        self._voice: Voice | None = None
        self._present: Callable[[], Sequence[Uttered]] = lambda: ()
        self._ended: tuple[Uttered, Moment] | None = None
        self._lock = threading.Lock()
        self._since: dict[tuple[str, int], tuple[Condition, Moment]] = {}
        self._buttons = Told(config.state.directory / "buttons.json")
        self._voices = Told(config.state.directory / "voice.json")
        self._readers = Told(config.state.directory / "card.json")
        self._reader_told: tuple[ReaderStatus, Sequence[str]] | None = None
        desk.cards.at_change.append(self._reader_is)

    def devices_are(self, devices: Devices) -> None:
        """This is what stands on the desk."""
        self._devices = devices

    def voice_is(self, voice: Voice, present: Callable[[], Sequence[Uttered]] = lambda: ()) -> None:
        """This is the voice; `present`: what it has to say and is saying, the rest of it is not looked at."""
        self._voice, self._present = voice, present

    def heard(self, utterance: Uttered) -> None:
        """That became of a sentence; a fault stands until one sounds."""
        if utterance.state == "dropped" and self._ended and self._ended[0].state == "failed":
            return
        self._ended = utterance, self._desk.clock.now()
        if utterance.state == "failed":
            self.write()

    def broken_buttons(self) -> tuple[int, ...]:
        """The buttons that somebody has to look at; whoever plays with one tires of it."""
        return tuple(one for one, its in self._health().items() if its.fault not in {None, ContactFault.RESTLESS})

    def write(self) -> None:
        """Say on the disk how buttons, voice and card reader are, to the minute; and notice what has changed."""
        with self._lock:
            _ = [*self._chip(), *self._buttons_now(), *self._lamps_now(), *self._card()]
        self._tell_reader(self._desk.cards.sight.state)
        now = self._desk.clock.now().wall
        if health := self._health():
            self._buttons.tell({str(number): _told(its, now) for number, its in health.items()})
        if (ended := self._ended) is not None:
            utterance, at = ended
            self._voices.tell(
                {"state": str(utterance.state), "reason": utterance.reason, "at": f"{at.wall:%Y-%m-%dT%H:%MZ}"}
            )

    def _reader_is(self, state: CardState) -> None:
        """Called by the reader, for every card too, of which nothing is written."""
        if (state.reader, state.readers) != self._reader_told:
            self._reader_told = state.reader, state.readers
            self._tell_reader(state)

    def _tell_reader(self, state: CardState) -> None:
        with self._lock:
            since = self._reader_now(state).since
        if self._config.devices.card == "pcsc":
            self._readers.tell({"reader": str(state.reader), "since": f"{since.wall:%Y-%m-%dT%H:%MZ}"})

    # -------------------------------------------------------------------------------------------------------- the port

    def parts(self) -> Sequence[Part]:
        """See the port."""
        with self._lock:
            return [
                *(*self._chip(), *self._buttons_now(), *self._lamps_now(), *self._sound_now()),
                self._reader_now(self._desk.cards.sight.state),
            ]

    def try_voice(self, sentence: str) -> None:
        """See the port."""
        if self._voice is None:
            raise DeviceError("there is no voice yet")
        self._voice.say(sentence, urgency=Urgency.INFORMATION)

    def try_lamps(self) -> None:
        """See the port."""
        waiting = {call.button for call in self._desk.board.snapshot.floor.calls}
        for button in self._devices.lamps if self._devices else ():
            if button not in waiting:
                self._desk.room.answered(button)

    # ---------------------------------------------------------------------------------------------------- part by part

    def _health(self) -> Mapping[int, ContactHealth]:
        return self._devices.buttons.health() if self._devices else {}

    def _part(self, kind: str, condition: Condition, *, number: int = 0) -> Part:
        """That part, since when it is so."""
        known = self._since.get((kind, number))
        since = known[1] if known and known[0] is condition else self._desk.clock.now()
        self._since[kind, number] = condition, since
        return Part(condition=condition, since=since, number=number)

    def _chip(self) -> Iterator[Part]:
        section = self._config.devices
        if "gpio" in {section.buttons, section.lamps} and not section.simulated_gpio:
            yield self._part("chip", Condition.CHIP_THERE if gpio_is_usable() else Condition.CHIP_MISSING)

    def _buttons_now(self) -> Iterator[Part]:
        health = self._health()
        if not health:
            yield self._part("button", Condition.BUTTONS_ABSENT)
        for number, its in sorted(health.items()):
            part = self._part("button", _BUTTON[its.fault], number=number)
            yield Part(
                condition=part.condition,
                since=part.since,
                number=number,
                is_down=its.is_down,
                down_at_start=its.down_at_start,
                pressed_ms_ago=its.pressed_ms_ago,
            )

    def _lamps_now(self) -> Iterator[Part]:
        lamps = self._devices.lamps if self._devices and self._config.devices.lamps != "absent" else {}
        if not lamps:
            yield self._part("lamp", Condition.LAMPS_ABSENT)
        for number, lamp in sorted(lamps.items()):
            condition = Condition.LAMP_BROKEN if lamp.is_broken else Condition.LAMP_WELL
            yield self._part("lamp", condition, number=number)

    def _sound_now(self) -> Iterator[Part]:
        if self._config.devices.voice != LOUD:
            yield self._part("voice", Condition.VOICE_ABSENT)
            return
        yield from self._card()
        yield self._voice_now()
        yield from self._sentences()

    def _card(self) -> Iterator[Part]:
        if self._config.devices.voice == LOUD:
            cards = sound_cards()
            there = Condition.SOUND_CARD_THERE if has_player() else Condition.PLAYER_MISSING
            part = self._part("sound_card", there if cards else Condition.SOUND_CARD_MISSING)
            yield Part(condition=part.condition, since=part.since, why=", ".join(cards))

    def _reader_now(self, state: CardState) -> Part:
        part = self._part("reader", self._reader_condition(state))
        return Part(condition=part.condition, since=part.since, number=len(state.readers), why=", ".join(state.readers))

    def _reader_condition(self, state: CardState) -> Condition:
        if self._config.devices.card == "simulated":
            return Condition.READER_SIMULATED
        if state.reader is ReaderStatus.READY and len(state.readers) > 1:
            return Condition.READERS_SEVERAL
        if state.reader is ReaderStatus.NO_READER and modules_that_take_readers():
            return Condition.READER_TAKEN
        return _READER[state.reader]

    def _voice_now(self) -> Part:
        present = [one for one in self._present() if one.state in {"queued", "playing"}]
        if present:
            playing = any(one.state == "playing" for one in present)
            return self._part("voice", Condition.VOICE_PLAYING if playing else Condition.VOICE_QUEUED)
        if (ended := self._ended) is None:
            return self._part("voice", Condition.VOICE_UNHEARD)
        utterance, at = ended
        return Part(condition=_VOICE[utterance.state], since=at, why=utterance.reason)

    def _sentences(self) -> Iterator[Part]:
        try:
            unmade = self._unmade()
        except PackError as error:
            log.warning("the sentences of the voice cannot be counted: %s", error)
            return
        part = self._part("sentences", Condition.SENTENCES_UNMADE if unmade else Condition.SENTENCES_MADE)
        yield Part(condition=part.condition, since=part.since, number=unmade)


def _told(its: ContactHealth, now: datetime) -> Mapping[str, object]:
    pressed = None if its.pressed_ms_ago is None else now - timedelta(milliseconds=its.pressed_ms_ago)
    return {
        "fault": its.fault,
        "down_at_start": its.down_at_start,
        "pressed_at": f"{pressed:%Y-%m-%dT%H:%MZ}" if pressed else None,
    }
