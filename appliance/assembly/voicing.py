"""The voice of a box: which sentences it needs, where their sound lies, who plays it and who hears of a failure."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from appliance.config import Config
from appliance.desk.desk import Desk
from appliance.desk.errors import DeviceError
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


def open_voice(config: Config, desk: Desk, calendar: Callable[[], Calendar]) -> Player:
    """The voice of a box with a loudspeaker; it begins with nothing to say."""
    clips = clips_of(config, desk.catalogue)
    quiet = QuietHours(config.voice.quiet)
    voice = Player(
        sound=sound_of(clips),
        speaker=Aplay(device=config.voice.sound_card),
        manner=Manner(volume=config.volume, times=config.voice.times, is_quiet=partial(_is_quiet, quiet, desk.clock)),
        on_end=partial(_heard, desk),
    )
    filling = partial(_fill, clips, desk, calendar)
    threading.Thread(target=filling, name="voice-filling", daemon=True).start()
    return voice


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
        missing = clips.missing(texts_of(desk.catalogue, calendar(), desk.clock.now().wall))
        if missing:
            render(clips, missing)
    except DeviceError as error:
        log.warning("the voice's sentences are not all made: %s", error)
        desk.board.show(voice_failed=True)
    except Exception:
        log.exception("the voice's sentences are not all made")
