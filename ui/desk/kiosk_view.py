"""What the screen for visitors shows, in the words of one language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from appliance.desk.desk import Desk
from appliance.desk.facts.catalogue import Catalogue
from appliance.desk.welcome import Welcome, WelcomeState
from ui.desk.kiosk_words import WORDS, Language, minutes, opening, people, without_furigana
from ui.desk.view import clock_time

STEP_MINUTES = 5
_TITLES = {
    WelcomeState.THERE: "there",
    WelcomeState.CALLED: "call_raised",
    WelcomeState.COMING: "call_answered",
    WelcomeState.AWAY: "away",
    WelcomeState.ABSENT: "call_unattended",
    WelcomeState.CLOSED: "closed",
    WelcomeState.IMPOSSIBLE: "call_impossible",
}

_BUTTONLESS = frozenset({WelcomeState.COMING, WelcomeState.IMPOSSIBLE})


@dataclass(frozen=True, kw_only=True, slots=True)
class KioskView:
    """The card of the screen, and what can be pressed."""

    time: str
    state: WelcomeState
    title: Markup
    lines: Sequence[Markup]
    may_call: bool
    """Whether the big button is there: neither while the screen's call waits or is being answered, nor where none can
    be raised.
    """

    @classmethod
    def of(cls, desk: Desk, welcome: Welcome, language: Language) -> "KioskView":
        """The screen now."""
        words = _Words(desk.catalogue, language)
        title = words.tell(_TITLES[welcome.state])
        return cls(
            time=clock_time(desk.clock.now()),
            state=welcome.state,
            title=title or Markup(),
            lines=tuple(line for line in _lines(welcome, words) if line and line != title),
            may_call=not welcome.has_called and welcome.state not in _BUTTONLESS,
        )


class _Words:
    """The words of a language; a sentence of the municipality's own pack goes before ours."""

    def __init__(self, catalogue: Catalogue, language: Language) -> None:
        self._catalogue = catalogue
        self.language = language

    def tell(self, key: str, /, **values: object) -> Markup | None:
        """The words for `key`; None where the municipality has left the sentence out."""
        spoken = self._catalogue.phrases.get(key)
        ours = key in self._catalogue.phrases or key not in _SPARE
        if not ours:
            return None
        if self.language.code == "ja" and spoken is not None and spoken != without_furigana(WORDS[key]["ja"]):
            return Markup("{}").format(spoken)
        translated = self._catalogue.translations.get(self.language.tag, {}).get(key)
        if translated is not None and not self.language.is_japanese:
            return Markup("{}").format(translated)
        return self.language.tell(key, **values)


_SPARE = frozenset({"call_unattended_hurry"})
"""Sentences that a pack may leave out."""


def _lines(welcome: Welcome, words: _Words) -> Iterator[Markup | None]:
    if welcome.state.somebody_comes:
        yield from _wait(welcome, words)
    elif welcome.state is not WelcomeState.IMPOSSIBLE:
        if welcome.has_called:
            yield words.tell("recorded")
        yield words.tell("call_unattended")
        if welcome.opening is not None:
            yield opening(words.language, welcome.opening)
        yield words.tell("call_unattended_hurry")


def _wait(welcome: Welcome, words: _Words) -> Iterator[Markup | None]:
    if welcome.state is WelcomeState.COMING:
        return
    if welcome.at_once:
        if welcome.state is WelcomeState.THERE:
            yield words.tell("at_once")
        return
    if welcome.ahead:
        yield words.language.tell("call_ahead", count=welcome.ahead, people=people(welcome.ahead))
    yield _how_long(welcome.minutes, words)


def _how_long(high: int | None, words: _Words) -> Markup | None:
    if high is None:
        return words.tell("wait_unknown")
    key = "wait_range" if high > STEP_MINUTES else "wait_short"
    return words.tell(key, low=high - STEP_MINUTES, high=high, minutes=minutes(high))
