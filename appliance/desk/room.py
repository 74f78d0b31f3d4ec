"""Lamps and voice: told after the record is safe, by one thread, each guarded against its own faults."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from appliance.desk.bell import Bell
from appliance.desk.board import Board
from appliance.desk.errands import Errands, Work, guarded
from appliance.desk.errors import DeviceError
from appliance.desk.lamps import Lamps
from appliance.desk.ports import AS_USUAL, Clock, Delivery, Lamp, Silence, Urgency, Voice

NO_TRANSLATIONS: Mapping[str, Mapping[str, str]] = MappingProxyType({})
STALE_MS = 120_000
"""What was said longer ago is not said again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Said:
    """What can be said once more."""

    sentence: Callable[[], str]
    """What is true by then; empty where nothing is."""
    urgency: Urgency
    delivery: Delivery
    at_ms: int


class Room:
    """What a visitor sees and hears; a broken lamp or voice is logged and never stops a call."""

    def __init__(
        self,
        *,
        board: Board,
        clock: Clock,
        phrases: Mapping[str, str],
        translations: Mapping[str, Mapping[str, str]] = NO_TRANSLATIONS,
    ) -> None:
        self._lamps = Lamps(board=board, clock=clock)
        self._bell = Bell(board=board, clock=clock)
        self._clock = clock
        self._phrases = phrases
        self._translations = translations
        self._voice: Voice | None = None
        self._flashes = False
        self._said: _Said | None = None
        self._errands = Errands(
            light=self._follow,
            dues=(self._lamps.seconds_left, self._bell.seconds_left),
            at_the_end=self._last_errands,
        )

    def start(self, *, lamps: Mapping[int, Lamp], voice: Voice, flashes: bool = False) -> None:
        """Begin to serve what was queued since the desk opened; lamps take the state the board has now.

        `flashes`: every lamp shows when the voice says something.
        """
        self._lamps.are(lamps)
        self._voice, self._flashes = voice, flashes
        self._errands.start()
        self.look()

    def stop(self) -> None:
        """Finish what is queued, then let go of lamps and voice."""
        self._errands.stop()

    def is_stuck(self, *, after: float) -> bool:
        """Whether nothing goes on here: the thread has ended, or one piece of work takes more than `after` seconds."""
        return self._errands.is_stuck(after=after)

    def look(self) -> None:
        """Let the lamps follow the board."""
        self._errands.look()

    def say(self, phrase: str, *, language: str = "ja") -> None:
        """Have the voice say the phrase with that id, before whatever is only asked for.

        Where the packs do not have it in that language it is said in Japanese.
        """
        translated = self._translations.get(language, {}).get(phrase)
        if translated is None:
            self.announce(lambda: self._phrases[phrase], urgency=Urgency.ANSWER)
        else:
            self.announce(lambda: translated, urgency=Urgency.ANSWER, delivery=Delivery(language=language))

    def announce(self, sentence: Callable[[], str], *, urgency: Urgency, delivery: Delivery = AS_USUAL) -> None:
        """Have the voice say a sentence that is put together when its turn comes."""
        self._remember(sentence, urgency, delivery)
        self._errands.then(lambda: self._speak(sentence(), urgency, delivery))

    def say_again(self) -> bool:
        """Have the voice say what it said last once more, slower and louder; whether there is such a thing.

        What is true no more, or was said too long ago, is not said again.
        """
        said = self._said
        if said is None or self._clock.now().mono_ms - said.at_ms > STALE_MS:
            return False
        clearly = replace(said.delivery, clearly=True)
        self._errands.then(lambda: self._speak(said.sentence(), said.urgency, clearly))
        return True

    def hush(self) -> None:
        """Have the voice fall silent, and forget what it was to say."""
        self._said = None
        self._errands.then(self._fall_silent)

    def reading(self, text: str) -> str:
        """How the voice would say `text`, in katakana; it may take seconds. `DeviceError`, `UnspokenLanguage`."""
        return self._the_voice.reading(text)

    def voice_failed(self) -> None:
        """Let every lamp show for a moment that something is out of order, then follow the board again."""
        self._lamps.out_of_order()
        self.look()

    def look_and_speak(self, sentence: Callable[[], str], *, again: Callable[[], str] | None = None) -> None:
        """Let the lamps follow the board, then the voice say a sentence that is put together when its turn comes.

        `again` puts together what is true later, for whoever asks.
        """
        self._remember(again or sentence, Urgency.CALL, AS_USUAL)
        self._errands.then(lambda: self._speak(sentence(), Urgency.CALL, AS_USUAL))

    def answered(self, button: int) -> None:
        """Let the lamp at `button` show for a moment that somebody is coming."""
        self._lamps.answered(button)
        self.look()

    def faulty_are(self, buttons: Collection[int]) -> None:
        """Let the lamps show which buttons call nobody."""
        self._lamps.faulty_are(buttons)
        self.look()

    def silence(self) -> Silence | None:
        """Why the voice would not be heard now, where that is on purpose."""
        return self._voice.silence() if self._voice is not None else None

    @property
    def _the_voice(self) -> Voice:
        if self._voice is None:
            raise DeviceError("the voice is not there yet")
        return self._voice

    def _remember(self, sentence: Callable[[], str], urgency: Urgency, delivery: Delivery) -> None:
        self._said = _Said(sentence=sentence, urgency=urgency, delivery=delivery, at_ms=self._clock.now().mono_ms)

    def _speak(self, sentence: str, urgency: Urgency, delivery: Delivery) -> None:
        if not sentence:
            return
        if self._flashes:
            self._lamps.speaking()
            guarded(self._lamps.follow)
        self._the_voice.say(sentence, urgency=urgency, delivery=delivery)

    def _fall_silent(self) -> None:
        self._the_voice.hush()

    def _follow(self) -> None:
        """What may be new without a word: lamps, and the chime for whoever serves."""
        guarded(self._lamps.follow)
        if self._bell.is_due():
            self._the_voice.ring()

    def _last_errands(self) -> Sequence[Work]:
        return [*(lamp.close for lamp in self._lamps.all()), self._the_voice.close]
