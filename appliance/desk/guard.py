"""Keeps numbers out of free text that nobody may write down: a My Number is refused, a PIN is pointed at.

What counts as twelve digits: digits of any width or script and kanji digits read one by one, with nothing between
them but spaces, hyphens of any kind, the long vowel mark, middle dots and characters without width. Points, commas,
slashes, colons, brackets and line ends never join. Digits that are plainly something else are set aside first: a time,
a date, an amount with commas, a postal code after 〒, a telephone number written with its hyphens, one or two digits
before a counter (「10時」).

Twelve digits stand in whole words: neighbours parted by spaces are tried together as whole pieces, neighbours parted
by hyphens as whole groups, and of more than twelve digits in one go the first twelve. A pair of telephone numbers is
therefore never cut in the middle. One string of twelve digits in ten has a valid check digit by chance, so an order
number or a time written 202611211030 may be refused; with a colon or a slash in it, it is not.

Numbered marks like ② and ❷, and kanji with 十 or 百, are not read; twelve noughts are nobody's number.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from operator import mul
from typing import ClassVar

from appliance.desk.errors import Invalid

HIDDEN = "＊＊＊＊"
"""What stands where a PIN was taken out."""

NEAR = 20
"""How many characters a word may be away from the digits it speaks of, spaces and hyphens not counted."""

_LENGTH = 12
_NOUGHTS = "0" * _LENGTH
_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_NOUGHT = ord("0")
_WEIGHT_OF_NOUGHTS = _NOUGHT * sum(_WEIGHTS)
_PIN_LENGTH = 4


class ForbiddenText(Invalid):
    """Free text seems to hold a My Number; nobody but its owner's authorities may keep one (番号法20条)."""

    code = "forbidden_text"
    ja = "マイナンバーのような 12けたの数字が あります。消してから 保存してください。ほかの入力は そのままです。"
    en = "There seems to be a My Number in the text; take it out. Nothing else was lost."

    def __init__(self, field: str = "memo") -> None:
        """`field` as the API names it; what was typed is not kept."""
        super().__init__(field, "seems to hold a My Number; take it out")


@dataclass(frozen=True, slots=True)
class Caution:
    """Where in a text a PIN seems to stand; whoever typed it decides."""

    ja: ClassVar[str] = "暗証番号のような 4けたの数字が あります。消しておきましょう。"
    en: ClassVar[str] = "There seems to be a PIN in the text; better take it out."

    start: int
    end: int


def check_memo(text: str | None) -> None:
    """Let the text pass, or `ForbiddenText`."""
    if text is not None and holds_my_number(text):
        raise ForbiddenText


def holds_my_number(text: str) -> bool:
    """Whether twelve digits stand in the text that have a My Number's check digit, or the word beside them."""
    plain = text.translate(_FOLD)
    if not _LONG_RUN.search(plain):
        return False
    found = [(digits, place) for digits, place in _twelves(_set_aside(plain)) if digits != _NOUGHTS]
    if any(has_check_digit(digits) for digits, _ in found):
        return True
    words = _Words(plain, _MY_NUMBER_WORD)
    return bool(words) and any(words.are_near(*place) for _, place in found)


def has_check_digit(digits: str) -> bool:
    """Whether twelve ASCII digits end in the check digit of a My Number."""
    letters = digits.encode()
    rest = (sum(map(mul, _WEIGHTS, letters)) - _WEIGHT_OF_NOUGHTS) % 11
    return letters[-1] - _NOUGHT == (0 if rest <= 1 else 11 - rest)


def warnings_in(text: str) -> tuple[Caution, ...]:
    """Where four digits stand near a word for a PIN; a bare year may be one, 「1998年」 is not."""
    plain = text.translate(_FOLD)
    words = _Words(plain, _PIN_WORD)
    if not words:
        return ()
    found = [place for place in _fours(_set_aside(plain)) if words.are_near(*place)]
    origin = [index for index, letter in enumerate(text) for _ in _FOLD[ord(letter)]]
    return tuple(Caution(origin[start], origin[end - 1] + 1) for start, end in found)


def without(text: str) -> str:
    """The text with 「＊＊＊＊」 in every place that `warnings_in` points at."""
    for caution in reversed(warnings_in(text)):
        text = text[: caution.start] + HIDDEN + text[caution.end :]
    return text


# ------------------------------------------------------------------------------------------- reading what was typed

_READ_AS = {"Pd": "-", "Zs": " ", "Zl": "\n", "Zp": "\n", "Cf": "", "Cc": "", "Mn": "", "Me": ""}
"""By category: dashes, spaces, line ends, what has no width of its own."""
_WAVES = "〜〰"
_HIRAGANA = range(0x3041, 0x3097)
_TO_KATAKANA = 0x60


def _alike(letters: str, read: str) -> dict[int, str]:
    return dict.fromkeys(map(ord, letters), read)


_KNOWN = (
    dict(zip(map(ord, "〇零一二三四五六七八九壱弐参肆伍陸漆捌玖壹貳參"), "00123456789123456789123", strict=True))
    | _alike("ー−─━⁃➖˗・·•‧∙⋅", "-")
    | _alike("\n\r\v\f\x85", "\n")
    | _alike("\t", " ")
    | _alike("\u115f\u1160\u2800", "")
)


class _Fold(dict[int, str]):
    """What each character is read as: a digit, "-", " ", a line end, a katakana or small letter, or nothing."""

    room = 8192
    """How many characters are remembered; whoever sends every character there is does not fill the memory."""

    def __missing__(self, code: int) -> str:
        if len(self) >= self.room:
            self.clear()
        read = self[code] = _read(chr(code))
        return read


def _read(letter: str) -> str:
    if unicodedata.decomposition(letter).startswith("<circle>"):
        return letter
    plain = unicodedata.normalize("NFKD", letter).lower()
    return "".join(_KNOWN[ord(part)] if ord(part) in _KNOWN else _read_plain(part) for part in plain)


def _read_plain(letter: str) -> str:
    if (digit := unicodedata.decimal(letter, None)) is not None:
        return str(digit)
    if ord(letter) in _HIRAGANA:
        return chr(ord(letter) + _TO_KATAKANA)
    category = unicodedata.category(letter)
    if category in _READ_AS and letter not in _WAVES:
        return _READ_AS[category]
    return letter


_FOLD = _Fold()


def _word(word: str) -> str:
    """A pattern for a word, also when it is spaced out."""
    return r"[ \n-]*".join(re.escape(letter) for letter in word.translate(_FOLD) if letter not in " -")


_MY_NUMBER_WORD = re.compile(
    "|".join(map(_word, ("マイナンバー", "マイナ番号", "個人番号", "こじん番号", "こじんばんごう", "mynumber")))
)
_PIN_WORD = re.compile(
    "|".join(map(_word, ("暗証", "あんしょう", "パスワード", "パスコード", "password", "passcode")))
    + rf"|(?<![a-z]){_word('pin')}(?![a-z])"
)


class _Words:
    """Where some word stands in a text that was read."""

    def __init__(self, plain: str, word: re.Pattern[str]) -> None:
        found = [match.span() for match in word.finditer(plain)]
        self._ends = [end for _, end in found]
        self._starts = [start for start, _ in found]
        self._steps = list(accumulate((letter not in " -\n" for letter in plain), initial=0)) if found else []

    def __bool__(self) -> bool:
        return bool(self._starts)

    def are_near(self, start: int, end: int) -> bool:
        """Whether the word stands closely before or after that place."""
        before, after = bisect_right(self._ends, start) - 1, bisect_left(self._starts, end)
        if before >= 0 and self._steps[start] - self._steps[self._ends[before]] <= NEAR:
            return True
        return after < len(self._starts) and self._steps[self._starts[after]] - self._steps[end] <= NEAR


# ------------------------------------------------------------------------------------------------ finding the digits

_Place = tuple[int, int]

_COUNTERS = "時分月日年歳才人件回台枚個円万%"
_RUN = re.compile(r"[0-9](?:[ -]*[0-9])*")
_LONG_RUN = re.compile(rf"[0-9](?:[ -]*[0-9]){{{_LENGTH - 1},}}")
_PIECE = re.compile(r"[0-9](?:-*[0-9])*")
_GROUP = re.compile(r"[0-9]+")


@cache  # compiled with the first memo: no start waits for it
def _something_else() -> re.Pattern[str]:
    return re.compile(
        rf"""
      (?<![0-9]) [0-9]{{1,2}}:[0-9]{{2}} (?::[0-9]{{2}})? (?![0-9])              # 10:30
    | (?<![0-9]) [0-9]{{1,4}}/[0-9]{{1,2}} (?:/[0-9]{{1,4}})? (?![0-9])          # 2026/11/21, 11/21
    | (?<![0-9]) [0-9]{{1,3}} (?:,[0-9]{{3}})+ (?![0-9])                         # 1,234
    | (?<![0-9]) (?<![0-9]-) (?: (?:19|20)[0-9]{{2}}-[0-9]{{1,2}}-[0-9]{{1,2}}   # 2026-11-21
        | (?=(?:-?[0-9]){{10,11}}(?![0-9])) 0[0-9]{{1,4}}-[0-9]{{1,4}}-[0-9]{{3,4}} ) (?!-*[0-9])  # 03-1234-5678
    | \+[ -]*81 (?:[ -]*[0-9]){{9,10}} (?![0-9])                                # +81 90-1234-5678
    | 〒[ ]*[0-9]{{3}}-?[0-9]{{4}} (?![0-9])                                     # 〒123-4567
    | (?<=[ ]) [0-9]{{1,2}} (?=[{_COUNTERS}])                                    # 10時
        """,
        re.VERBOSE,
    )


def _set_aside(plain: str) -> str:
    """The text, as long as before, without the digits that are plainly something else."""
    return _something_else().sub(lambda match: "." * len(match[0]), plain)


def _twelves(plain: str) -> Iterator[tuple[str, _Place]]:
    """Twelve digits that may be one number, and where they stand."""
    for run in _LONG_RUN.finditer(plain):
        pieces = [piece.span() for piece in _PIECE.finditer(plain, *run.span())]
        yield from _together(plain, pieces)
        for start, end in pieces:
            if end - start > _LENGTH:
                groups = [group.span() for group in _GROUP.finditer(plain, start, end)]
                yield from _together(plain, groups)
                for first, last in groups:
                    if last - first > _LENGTH:
                        yield plain[first : first + _LENGTH], (first, last)


def _together(plain: str, parts: Sequence[_Place]) -> Iterator[tuple[str, _Place]]:
    """Neighbours, none of them cut, that have twelve digits together."""
    digits = [plain[start:end].replace("-", "") for start, end in parts]
    all_digits = "".join(digits)
    ends = dict(zip(accumulate(map(len, digits)), (end for _, end in parts), strict=True))
    for before, (start, _) in zip(accumulate(map(len, digits), initial=0), parts, strict=False):
        if before + _LENGTH in ends:
            yield all_digits[before : before + _LENGTH], (start, ends[before + _LENGTH])


def _fours(plain: str) -> Iterator[_Place]:
    """Where four digits stand by themselves and are not counted."""
    for run in _RUN.finditer(plain):
        alone = len(_digits(plain, *run.span())) == _PIN_LENGTH
        for part in [run] if alone else _PIECE.finditer(plain, *run.span()):
            start, end = part.span()
            if len(_digits(plain, start, end)) == _PIN_LENGTH and plain[end : end + 1] not in tuple(_COUNTERS):
                yield start, end


def _digits(plain: str, start: int, end: int) -> str:
    return plain[start:end].replace("-", "").replace(" ", "")
