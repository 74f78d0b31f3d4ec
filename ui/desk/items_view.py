"""What the pages of 「四つの項目」 say, in words."""

from dataclasses import dataclass

from appliance.desk.facts.card import FourItems, ItemsSecret
from appliance.desk.reception.card_items import HeldItems
from ui.desk.wording import say

_ERAS = (("20190501", "令和"), ("19890108", "平成"), ("19261225", "昭和"), ("19120730", "大正"), ("18680125", "明治"))
_SEXES = {"1": "items.sex_male", "2": "items.sex_female", "9": "items.sex_other"}
_STEP = 10
"""Seconds by which the time that is left is told; a number that jumps each second disturbs whoever reads."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TriesView:
    """How things stand with one secret of the card."""

    left: int | None
    """None where the card has not said so."""

    @classmethod
    def of(cls, held: HeldItems, secret: ItemsSecret) -> "TriesView":
        """For that secret."""
        return cls(left=held.left.get(secret))

    @property
    def is_locked(self) -> bool:
        """Whether nothing is typed any more."""
        return self.left == 0

    @property
    def is_last(self) -> bool:
        """Whether somebody has to say that the last one may be used."""
        return self.left == 1


def rows_of(items: FourItems) -> list[tuple[str, str]]:
    """The four items as they are read out."""
    return [
        (say("items.name"), items.name),
        (say("items.address"), items.address),
        (say("items.birth"), birth_words(items.born)),
        (say("items.sex"), say(_SEXES.get(items.sex, "items.sex_unknown"))),
    ]


def birth_words(born: str) -> str:
    """1948年（昭和23年）2月15日, as far as the card knows it; what is no date is shown as it is."""
    if len(born) != len("19480215") or not (born.isascii() and born.isdigit()):
        return born
    year, month, day = int(born[:4]), int(born[4:6]), int(born[6:])
    if not (month and day):
        return say("items.year", year=year) + say("items.day_unknown")
    return _year_words(year, born) + say("items.day", month=month, day=day)


def _year_words(year: int, born: str) -> str:
    for began, era in _ERAS:
        if born >= began:
            number = year - int(began[:4]) + 1
            return say(
                "items.year_of_era", year=year, era=era, number=say("items.first_year") if number == 1 else number
            )
    return say("items.year", year=year)


def time_left(seconds: int) -> str:
    """In how many minutes and seconds it goes."""
    told = -(-seconds // _STEP) * _STEP
    return say("items.goes_in", minutes=told // 60, seconds=told % 60)
