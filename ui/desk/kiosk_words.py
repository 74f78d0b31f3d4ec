"""The words of the screen for visitors in six languages; furigana is written by hand, 漢字《かんじ》."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from markupsafe import Markup, escape

from appliance.desk.facts.visit import JAPAN

WORDS: Mapping[str, Mapping[str, str]] = tomllib.loads(
    Path(__file__).with_name("kiosk_words.toml").read_text(encoding="utf-8")
)
"""Name -> language -> text."""

_RUBY = re.compile(r"(?:｜([^《》｜]+)|([一-鿿々]+))《([^《》]+)》")
_TEN = 10
_IRREGULAR_DAYS = {
    1: "ついたち",
    2: "ふつか",
    3: "みっか",
    4: "よっか",
    5: "いつか",
    6: "むいか",
    7: "なのか",
    8: "ようか",
    9: "ここのか",
    10: "とおか",
    14: "じゅうよっか",
    20: "はつか",
    24: "にじゅうよっか",
}
_IRREGULAR_PEOPLE = {1: "ひとり", 2: "ふたり"}
_FUN = frozenset({2, 5, 7, 9})
"""Minutes that end so are read ふん, all others ぷん."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """A language that a visitor can choose."""

    code: str
    """What the addresses call it."""
    tag: str
    """BCP 47."""

    @property
    def name(self) -> Markup:
        """What it calls itself."""
        return self.tell("name")

    @property
    def is_japanese(self) -> bool:
        """Whether it is one of the two kinds of Japanese."""
        return self.tag == "ja"

    def tell(self, key: str, /, **values: object) -> Markup:
        """The words for `key`, filled in, with furigana; a key nobody wrote is a `KeyError`."""
        return with_furigana(WORDS[key][self.code].format(**values))

    def plain(self, key: str) -> str:
        """The words for `key` without furigana, where no markup can stand."""
        return without_furigana(WORDS[key][self.code])

    @property
    def query(self) -> str:
        """What an address ends with to keep this language."""
        return "" if self.code == "ja" else f"?lang={self.code}"


JAPANESE = Language(code="ja", tag="ja")
LANGUAGES = (
    JAPANESE,
    Language(code="easy", tag="ja"),
    Language(code="en", tag="en"),
    Language(code="zh", tag="zh-Hans"),
    Language(code="vi", tag="vi"),
    Language(code="pt", tag="pt"),
)


def language_of(code: str) -> Language:
    """The language of that code; Japanese for one that nobody offers."""
    return next((language for language in LANGUAGES if language.code == code), JAPANESE)


def foreign(tag: str) -> Language | None:
    """The language with that tag, if it is another than Japanese."""
    return next((language for language in LANGUAGES if language.tag == tag and not language.is_japanese), None)


def with_furigana(text: str) -> Markup:
    """The text as HTML: 漢字《かんじ》 becomes ruby, everything else is escaped."""
    parts, end = [], 0
    for found in _RUBY.finditer(text):
        base, reading = found[1] or found[2], found[3]
        parts += [escape(text[end : found.start()]), _ruby(base, reading)]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def without_furigana(text: str) -> str:
    """The text as it is said."""
    return _RUBY.sub(lambda found: found[1] or found[2], text)


def people(count: int) -> str:
    """So many people, in Japanese, with furigana."""
    return f"｜{count}人《{_IRREGULAR_PEOPLE[count]}》" if count in _IRREGULAR_PEOPLE else f"{count}人《にん》"


def minutes(count: int) -> str:
    """The word after so many minutes, in Japanese, with furigana."""
    return "分《ふん》" if count % _TEN in _FUN else "分《ぷん》"


def opening(language: Language, begin: datetime) -> Markup:
    """When the desk next opens; in Japanese in the words of the voice."""
    local = begin.astimezone(JAPAN)
    return language.tell(
        "opening",
        month=local.month,
        month_name=_one_of("months", language, local.month - 1),
        date=local.day,
        day=_day(local.day),
        weekday=_one_of("weekdays", language, local.weekday()),
        hour=local.hour,
        minute=f"{local.minute}{minutes(local.minute)}" if local.minute else "",
        clock=f"{local:%H:%M}",
    )


def _one_of(key: str, language: Language, which: int) -> str:
    return WORDS[key][language.code].split(",")[which]


def _day(day: int) -> str:
    return f"｜{day}日《{_IRREGULAR_DAYS[day]}》" if day in _IRREGULAR_DAYS else f"{day}日《にち》"


def _ruby(base: str, reading: str) -> Markup:
    return Markup("<ruby>{}<rp>（</rp><rt>{}</rt><rp>）</rp></ruby>").format(base, reading)
