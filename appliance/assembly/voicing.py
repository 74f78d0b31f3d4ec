"""The voice of a box: which sentences it needs, where their sound lies, who plays it and who hears of a failure."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from appliance.assembly.notices import CONTENT, DeskPacks, NoticeFolder
from appliance.calendar_pack import load_calendar
from appliance.config import Config
from appliance.content import BLANKS, BUILT_IN
from appliance.desk.desk import Desk
from appliance.desk.errors import DeviceError, MadoguchiError, PackError, UnspokenLanguage
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


def unmade(config: Config, now: datetime) -> int:
    """How many sentences of this box have no sound yet, by what lies on its disk. `PackError`."""
    content = config.desk.content or BUILT_IN
    catalogue = DeskPacks.peek(content, config.state.directory)
    texts = texts_of(catalogue, load_calendar(content), now, numbers=config.voice.numbers)
    clips = clips_of(config, catalogue)
    return len({*clips.missing(texts), *clips.slower().missing(texts)})


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


def open_voice(config: Config, desk: Desk, *, on_end: Callable[[Utterance], None] = lambda _utterance: None) -> Player:
    """The voice of a box with a loudspeaker; it begins with nothing to say. `on_end` is told what becomes of all."""
    clips = clips_of(config, desk.catalogue)
    return Player(
        sound=sound_of(clips),
        speaker=Aplay(device=config.voice.sound_card),
        manner=_manner(config, desk),
        reading=reading_of(clips),
        on_end=partial(_heard, desk, on_end),
    )


def _manner(config: Config, desk: Desk) -> Manner:
    quiet = QuietHours(config.voice.quiet)
    return Manner(volume=config.volume, times=config.voice.spoken_times, is_quiet=partial(_is_quiet, quiet, desk.clock))


def _is_quiet(quiet: QuietHours, clock: Clock) -> bool:
    """A clock that nobody vouches for silences nobody."""
    now = clock.now()
    return now.quality.is_trusted and quiet.hold(now.wall)


def _heard(desk: Desk, on_end: Callable[[Utterance], None], utterance: Utterance) -> None:
    """Whoever is at the desk sees that nothing was heard, until something is."""
    if utterance.state is State.FAILED:
        desk.board.show(voice_failed=True)
        desk.room.voice_failed()
    elif utterance.state is State.SAID:
        desk.board.show(voice_failed=False)
    on_end(utterance)


class Filling:
    """Makes what has no sound yet, while the desk is open already: at the start, and again when that may be new."""

    def __init__(self, config: Config, desk: Desk) -> None:
        self._config = config
        self._desk = desk
        self._content = config.desk.content or BUILT_IN
        self._seen: tuple[object, ...] = ()
        self._working = threading.Lock()

    def look(self) -> None:
        """Begin to make what is missing, where a day or packs of the town hall have come since; returns at once."""
        now = self._desk.clock.now().wall
        seen = (now.date(), NoticeFolder(self._config.state.directory).read(CONTENT))
        if seen != self._seen and self._working.acquire(blocking=False):
            self._seen = seen
            threading.Thread(target=self._work, args=(now,), name="voice-filling", daemon=True).start()

    def _work(self, now: datetime) -> None:
        try:
            self._fill(now)
        except (DeviceError, PackError) as error:
            self._failed(error)
        except Exception:
            log.exception("the voice's sentences are not all made")
        finally:
            self._working.release()

    def _fill(self, now: datetime) -> None:
        """The words in use first, then those that the next start will bring."""
        calendar, numbers = load_calendar(self._content), self._config.voice.numbers
        for catalogue in (self._desk.catalogue, DeskPacks.peek(self._content, self._config.state.directory)):
            clips = clips_of(self._config, catalogue)
            texts = texts_of(catalogue, calendar, now, numbers=numbers)
            for at_speed in (clips, clips.slower()):
                if missing := at_speed.missing(texts):
                    render(at_speed, missing, stop=lambda: self._desk.board.is_closed)

    def _failed(self, error: MadoguchiError) -> None:
        if not self._desk.board.is_closed:
            log.warning("the voice's sentences are not all made: %s", error)
            self._desk.board.show(voice_failed=True)
