"""The voice of a box: which sentences it needs, where their sound lies, who plays it and who hears of a failure."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from appliance.assembly.notices import CONTENT, DeskPacks, NoticeFolder
from appliance.calendar_pack import load_calendar
from appliance.config import Config
from appliance.content import BUILT_IN
from appliance.desk.desk import Desk
from appliance.desk.errors import DeviceError, MadoguchiError, PackError
from appliance.desk.facts.calendar import Calendar, spoken
from appliance.desk.facts.catalogue import Catalogue
from appliance.desk.ports import Clock
from drivers.voice.aplay import Aplay
from drivers.voice.browser import BrowserVoice
from drivers.voice.clips import Clips
from drivers.voice.player import Manner, Player, Sound, State, Utterance
from drivers.voice.quiet import QuietHours
from drivers.voice.rendering import render

log = logging.getLogger(__name__)

AHEAD = timedelta(days=120)
"""So far ahead the next opening is rendered before anybody asks for it."""
NUMBERED = "ticket_called"


def clips_of(config: Config, catalogue: Catalogue) -> Clips:
    """Where this box keeps its sound files; the hall is read as the municipality says."""
    words = catalogue.words
    return Clips(config.state.directory / "voice", speed=config.voice.speed, heard_as={words.hall: words.hall_reading})


def unmade(config: Config, now: datetime) -> int:
    """How many sentences of this box have no sound yet, by what lies on its disk. `PackError`."""
    content = config.desk.content or BUILT_IN
    catalogue = DeskPacks.peek(content, config.state.directory)
    texts = texts_of(catalogue, load_calendar(content), now, numbers=config.voice.numbers)
    return len(clips_of(config, catalogue).missing(texts))


def texts_of(catalogue: Catalogue, calendar: Calendar, now: datetime, *, numbers: int = 0) -> list[str]:
    """What this box may have to say soon; with `numbers` also the tickets up to that one."""
    fixed = [text for phrase, text in catalogue.phrases.items() if phrase != NUMBERED]
    openings = [f"{spoken(opening)}。" for opening in _openings(calendar, now)]
    template = catalogue.phrases.get(NUMBERED, "")
    return [*fixed, *openings, *(template.replace("{number}", str(one)) for one in range(1, numbers + 1) if template)]


def _openings(calendar: Calendar, now: datetime) -> Iterator[datetime]:
    at = calendar.next_opening(now)
    while at is not None and at < now + AHEAD:
        yield at
        at = calendar.next_opening(at)


def sound_of(clips: Clips) -> Sound:
    """Gives a sentence's sound, and has it made where it is missing or damaged."""

    def sound(sentence: str, stop: Callable[[], bool]) -> bytes:
        if (samples := clips.samples(sentence)) is None:
            render(clips, clips.unheard(sentence), stop=stop)
            samples = clips.samples(sentence)
        if samples is None:
            raise DeviceError("there is nothing to say in this sentence")
        return samples

    return sound


def open_browser_voice(config: Config, desk: Desk) -> BrowserVoice:
    """A voice whose sounds the page of the virtual hardware plays."""
    clips = clips_of(config, desk.catalogue)
    return BrowserVoice(desk.clock, clips, lambda sentences, stop: render(clips, sentences, stop=stop))


def open_voice(config: Config, desk: Desk, *, on_end: Callable[[Utterance], None] = lambda _utterance: None) -> Player:
    """The voice of a box with a loudspeaker; it begins with nothing to say. `on_end` is told what becomes of all."""
    clips = clips_of(config, desk.catalogue)
    quiet = QuietHours(config.voice.quiet)
    return Player(
        sound=sound_of(clips),
        speaker=Aplay(device=config.voice.sound_card),
        manner=Manner(volume=config.volume, times=config.voice.times, is_quiet=partial(_is_quiet, quiet, desk.clock)),
        on_end=partial(_heard, desk, on_end),
    )


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
            missing = clips.missing(texts_of(catalogue, calendar, now, numbers=numbers))
            if missing:
                render(clips, missing, stop=lambda: self._desk.board.is_closed)

    def _failed(self, error: MadoguchiError) -> None:
        if not self._desk.board.is_closed:
            log.warning("the voice's sentences are not all made: %s", error)
            self._desk.board.show(voice_failed=True)
