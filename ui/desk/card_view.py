"""What the page of the card check says: what lies on the reader, how long it is good for, what to do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from appliance.desk.desk import Desk
from appliance.desk.facts.card import CardCheck, CardKind, CardPhase, CardVisit, ReaderStatus, TriesLeft
from appliance.desk.facts.card_advice import Advice, Validity, situations
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.sheet import day_of
from appliance.desk.reception.cards import CardSight
from ui.desk.wording import say

_REIWA_ZERO = 2018
_READERS: Mapping[ReaderStatus, tuple[str, str]] = MappingProxyType(
    {
        ReaderStatus.STARTING: ("card.reader_starting", "card.reader_starting_more"),
        ReaderStatus.NO_READER: ("card.no_reader", "card.no_reader_more"),
        ReaderStatus.NO_SERVICE: ("card.no_service", "card.no_service_more"),
        ReaderStatus.NO_LIBRARY: ("card.no_library", "card.no_library_more"),
        ReaderStatus.ABSENT: ("card.absent", "card.absent_more"),
    }
)
_PHASES: Mapping[CardPhase, tuple[str, str]] = MappingProxyType(
    {
        CardPhase.CHECKING: ("card.checking", "card.checking_more"),
        CardPhase.UNREADABLE: ("card.unreadable", "card.unreadable_more"),
        CardPhase.SILENT: ("card.silent", "card.silent_more"),
        CardPhase.BUSY: ("card.busy", "card.busy_more"),
        CardPhase.TOGETHER: ("card.together", "card.together_more"),
    }
)
_KINDS: Mapping[CardKind, str] = MappingProxyType(
    {CardKind.PHONE: "card.phone", CardKind.OTHER: "card.other", CardKind.UNKNOWN: "card.unknown"}
)
_QUIET = frozenset({"card.put", "card.checking", "card.reader_starting", "card.my_number", "card.faded"})
"""Headlines that warn of nothing."""
_MOST_OF_FOUR_DIGITS, _MOST_OF_SIGNATURE = 3, 5


@dataclass(frozen=True, kw_only=True, slots=True)
class ValidityView:
    """Until when, and how that looks today."""

    until: str
    left: str
    has_ended: bool

    @classmethod
    def of(cls, check: CardCheck, now: Moment) -> "ValidityView":
        """The same, in words."""
        if check.valid_until is None:
            return cls(until=say("card.no_date"), left="", has_ended=False)
        validity = Validity.of(check.valid_until, now)
        until = say("card.until", date=_date(validity.last_day))
        return cls(until=until, left=_left(validity, now), has_ended=validity.has_ended)


@dataclass(frozen=True, kw_only=True, slots=True)
class TriesRow:
    """One PIN."""

    name: str
    form: str
    words: str
    is_grave: bool
    """Whether one try is left, or none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardView:
    """All that changes by itself on the page."""

    headline: str
    hint: str
    is_quiet: bool
    """Whether the headline warns of nothing."""
    desk_goes_on: bool
    """Whether to say what still works without a reader."""
    validity: ValidityView | None = None
    tries: Sequence[TriesRow] = ()
    advice: Sequence[Advice] = ()

    @classmethod
    def of(cls, desk: Desk, now: Moment) -> "CardView":
        """What lies there at this moment."""
        sight = desk.cards.sight
        card, reader = sight.state.card, sight.state.reader
        if reader is not ReaderStatus.READY and card is None:
            return cls._saying(*_READERS[reader], desk, goes_on=reader is not ReaderStatus.STARTING)
        if card is None:
            return cls._saying(*_prompt(sight), desk)
        if card.phase is not CardPhase.CHECKED or card.kind is None:
            return cls._saying(*_PHASES.get(card.phase, _PHASES[CardPhase.UNREADABLE]), desk)
        return cls._checked(sight, card, card.kind, desk, now)

    @classmethod
    def _saying(cls, headline: str, hint: str, desk: Desk, *, goes_on: bool = False) -> "CardView":
        return cls(
            headline=say(headline),
            hint=say(hint, hall=desk.catalogue.words.hall),
            is_quiet=headline in _QUIET,
            desk_goes_on=goes_on,
        )

    @classmethod
    def _checked(cls, sight: CardSight, card: CardVisit, kind: CardKind, desk: Desk, now: Moment) -> "CardView":
        if sight.has_faded:
            return cls._saying("card.faded", "card.faded_more", desk)
        pack = desk.catalogue.card
        found = situations(kind, card.check, now, renewal_months=pack.renewal_months)
        headline = _KINDS.get(kind, "card.my_number")
        return cls(
            headline=say(headline),
            hint=say("card.asked_nothing") if kind in _KINDS else "",
            is_quiet=headline in _QUIET,
            desk_goes_on=False,
            validity=ValidityView.of(card.check, now) if card.check else None,
            tries=_rows(card.check.tries_left) if card.check else (),
            advice=[pack.advice[one] for one in found],
        )


def _prompt(sight: CardSight) -> tuple[str, str]:
    return ("card.cut_short", "card.cut_short_more") if sight.was_cut_short else ("card.put", "card.put_more")


def _date(day: date) -> str:
    """2027年（令和9年）2月15日; foreign residents count by the western year."""
    reiwa = day.year - _REIWA_ZERO
    key = "card.date_era" if reiwa > 0 else "card.date"
    return say(key, year=day.year, reiwa="元" if reiwa == 1 else reiwa, month=day.month, day=day.day)


def _left(validity: Validity, now: Moment) -> str:
    days = validity.days_left
    if days is None:
        return say("card.unsure")
    if validity.has_ended:
        ago = -(validity.last_day - day_of(now.wall)).days
        return say("card.expired", days=ago) if ago else say("card.expired_today")
    return say("card.days", days=days) if days else say("card.last_day")


def _rows(tries: TriesLeft) -> Sequence[TriesRow]:
    four, most = _MOST_OF_FOUR_DIGITS, _MOST_OF_SIGNATURE
    return [
        _row("card.pin.authentication", "card.pin.four_digits", tries.authentication, four),
        _row("card.pin.signature", "card.pin.letters", tries.signature, most),
        _row("card.pin.input_support", "card.pin.four_digits", tries.input_support, four),
    ]


def _row(name: str, form: str, left: int | None, most: int) -> TriesRow:
    is_grave = left is not None and left <= 1
    return TriesRow(name=say(name), form=say(form), words=_tries(left, most), is_grave=is_grave)


def _tries(left: int | None, most: int) -> str:
    if left is None:
        return say("card.tries.unknown")
    if left <= 1:
        return say("card.tries.last" if left else "card.tries.none")
    return say("card.tries.some" if left < most else "card.tries.all", left=left, most=most)
