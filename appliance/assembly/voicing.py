"""The voice of a box: which sentences it needs, where their sound lies, who plays it and who hears of a failure."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from appliance.config import Config
from appliance.content import BLANKS
from appliance.desk.desk import Desk
from appliance.desk.errors import DeviceError, UnspokenLanguage
from appliance.desk.facts.calendar import Calendar, spoken
from appliance.desk.facts.catalogue import Catalogue
from appliance.desk.place_in_line import MOST_AHEAD, MOST_MINUTES, STEP_MINUTES
from appliance.desk.ports import Clock, Delivery
from drivers.voice.aplay import Aplay
from drivers.voice.browser import BrowserVoice
from drivers.voice.clips import Clips
from drivers.voice.language import is_spoken
from drivers.voice.manner import Manner
from drivers.voice.player import Player, Reading, Sound, State, Utterance
from drivers.voice.quiet import QuietHours
from drivers.voice.rendering import readings, render, synthesise

log = logging.getLogger(__name__)

AHEAD = timedelta(days=120)
"""So far ahead the next opening is rendered before anybody asks for it."""
READING_SECONDS = 20.0
"""So long somebody waits for a reading, on the slowest board."""


def clips_of(config: Config, catalogue: Catalogue) -> Clips:
    """Where this box keeps its sound files; the hall is read as the municipality says."""
    words, voice = catalogue.words, config.voice
    heard_as = {words.hall: words.hall_reading}
    return Clips(config.state.directory / "voice", speed=voice.spoken_speed, pitch=voice.pitch, heard_as=heard_as)


def texts_of(catalogue: Catalogue, calendar: Calendar, now: datetime, *, numbers: int = 0) -> list[str]:
    """What this box may have to say soon; with `numbers` also the tickets up to that one."""
    filled = {
        "call_ahead": range(1, MOST_AHEAD + 1),
        "call_wait": range(STEP_MINUTES, MOST_MINUTES + 1, STEP_MINUTES),
        "ticket_called": range(1, numbers + 1),
    }
    texts = [
        text.replace(BLANKS.get(phrase, ""), str(one)) if phrase in filled else text
        for phrase, text in catalogue.phrases.items()
        for one in filled.get(phrase, (0,))
    ]
    openings = [f"{spoken(opening)}。" for opening in _openings(calendar, now)]
    return [text for text in (*texts, *openings) if is_spoken(text)]


def _openings(calendar: Calendar, now: datetime) -> Iterator[datetime]:
    at = calendar.next_opening(now)
    while at is not None and at < now + AHEAD:
        yield at
        at = calendar.next_opening(at)


def sound_of(clips: Clips) -> Sound:
    """Gives a sentence's sound, and has it made where it is missing or damaged; what was typed stays in memory."""

    def sound(sentence: str, delivery: Delivery, stop: Callable[[], bool]) -> bytes:
        at_speed = clips.slower() if delivery.clearly else clips
        if delivery.is_typed:
            return synthesise(at_speed, sentence, stop=stop)
        if (samples := at_speed.samples(sentence)) is None:
            render(at_speed, at_speed.unheard(sentence), stop=stop)
            samples = at_speed.samples(sentence)
        if samples is None:
            raise DeviceError("there is nothing to say in this sentence")
        return samples

    return sound


def reading_of(clips: Clips) -> Reading:
    """Tells how a text would be read, by a process that ends with it."""

    def reading(text: str) -> str:
        if not is_spoken(text):
            raise UnspokenLanguage
        return readings([clips.words(text)], patience=READING_SECONDS)[0]

    return reading


def open_browser_voice(config: Config, desk: Desk) -> BrowserVoice:
    """A voice whose sounds the page of the virtual hardware plays."""
    clips = clips_of(config, desk.catalogue)
    return BrowserVoice(desk.clock, sound=sound_of(clips), manner=_manner(config, desk), reading=reading_of(clips))


def open_voice(config: Config, desk: Desk, calendar: Callable[[], Calendar]) -> Player:
    """The voice of a box with a loudspeaker; it begins with nothing to say."""
    clips = clips_of(config, desk.catalogue)
    voice = Player(
        sound=sound_of(clips),
        speaker=Aplay(device=config.voice.sound_card),
        manner=_manner(config, desk),
        reading=reading_of(clips),
        on_end=partial(_heard, desk),
    )
    filling = partial(_fill, clips, desk, calendar)
    threading.Thread(target=filling, name="voice-filling", daemon=True).start()
    return voice


def _manner(config: Config, desk: Desk) -> Manner:
    quiet = QuietHours(config.voice.quiet)
    return Manner(volume=config.volume, times=config.voice.spoken_times, is_quiet=partial(_is_quiet, quiet, desk.clock))


def _is_quiet(quiet: QuietHours, clock: Clock) -> bool:
    """A clock that nobody vouches for silences nobody."""
    now = clock.now()
    return now.quality.is_trusted and quiet.hold(now.wall)


def _heard(desk: Desk, utterance: Utterance) -> None:
    """Whoever is at the desk sees that nothing was heard, until something is."""
    if utterance.state is State.FAILED:
        desk.board.show(voice_failed=True)
        desk.room.voice_failed()
    elif utterance.state is State.SAID:
        desk.board.show(voice_failed=False)


def _fill(clips: Clips, desk: Desk, calendar: Callable[[], Calendar]) -> None:
    """Make what is missing since the packs, the speed or the program changed; a press does not wait for this."""
    try:
        texts = texts_of(desk.catalogue, calendar(), desk.clock.now().wall)
        for at_speed in (clips, clips.slower()):
            if missing := at_speed.missing(texts):
                render(at_speed, missing)
    except DeviceError as error:
        log.warning("the voice's sentences are not all made: %s", error)
        desk.board.show(voice_failed=True)
    except Exception:
        log.exception("the voice's sentences are not all made")
