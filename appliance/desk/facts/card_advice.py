"""What a card that was checked means for its owner: how long it is good for, and what to do next."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from appliance.desk.facts.card import CardCheck, CardKind, TriesLeft
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.visit import JAPAN

_MONTHS = 12


class Situation(StrEnum):
    """What a pack has advice for."""

    LONG = "long"
    """It will be good for some time, and no PIN is in danger."""
    SOON = "soon"
    """It can be renewed now."""
    EXPIRED = "expired"
    DATE_ONLY = "date_only"
    """Nobody vouches for the clock, so that only the date itself can be told."""
    NO_CERTIFICATE = "no_certificate"
    LAST_TRY = "last_try"
    """At least one PIN has a single try left."""
    AUTHENTICATION_LOCKED = "authentication_locked"
    SIGNATURE_LOCKED = "signature_locked"
    INPUT_SUPPORT_LOCKED = "input_support_locked"
    RESIDENCE = "residence"
    """Asked of everybody, because no card says whether its end is that of a permission to stay."""
    PHONE = "phone"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Advice:
    """What to do next, and where."""

    do: str
    where: str = ""
    ask: str = ""
    """The question it begins with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardPack:
    """What this municipality advises for cards."""

    renewal_months: int
    """So long before its end a card can be renewed."""
    advice: Mapping[Situation, Advice]
    """One for every situation."""

    def __post_init__(self) -> None:
        """Freeze the advice too."""
        object.__setattr__(self, "advice", MappingProxyType(dict(self.advice)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Validity:
    """How long a certificate is good for, as far as the clock of the box can tell; revoked ones look the same."""

    last_day: date
    """In Japan."""
    days_left: int | None
    """0 on the last day, negative after it; None where nobody vouches for the clock."""

    @classmethod
    def of(cls, valid_until: datetime, now: Moment) -> "Validity":
        """The validity at that moment."""
        last_day, today = (at.astimezone(JAPAN).date() for at in (valid_until, now.wall))
        if not now.quality.is_trusted:
            return cls(last_day=last_day, days_left=None)
        days = (last_day - today).days
        return cls(last_day=last_day, days_left=-1 if days == 0 and now.wall > valid_until else days)

    @property
    def has_ended(self) -> bool:
        """Whether it is certain that the last day is over."""
        return self.days_left is not None and self.days_left < 0

    def situation(self, now: Moment, *, renewal_months: int) -> Situation:
        """Which of the first four it is."""
        if self.days_left is None:
            return Situation.DATE_ONLY
        if self.has_ended:
            return Situation.EXPIRED
        begins = _months_before(self.last_day, renewal_months)
        return Situation.SOON if now.wall.astimezone(JAPAN).date() >= begins else Situation.LONG


def _months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last one of a month that has no such day."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 - months, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


_KINDS = {
    CardKind.PHONE: Situation.PHONE,
    CardKind.OTHER: Situation.OTHER,
    CardKind.UNKNOWN: Situation.UNKNOWN,
}


def situations(kind: CardKind, check: CardCheck | None, now: Moment, *, renewal_months: int) -> tuple[Situation, ...]:
    """What there is to say of a card, what matters most first; nothing of a My Number card without its check."""
    if kind is not CardKind.MY_NUMBER:
        return (_KINDS[kind],)
    if check is None:
        return ()
    time, danger, locked = _of_time(check, now, renewal_months), _danger(check.tries_left), _locked(check.tries_left)
    needs_no_word = time is Situation.LONG and (danger or locked)
    return (*danger, *(() if needs_no_word else (time,)), *locked, Situation.RESIDENCE)


def _of_time(check: CardCheck, now: Moment, renewal_months: int) -> Situation:
    if check.valid_until is None:
        return Situation.NO_CERTIFICATE
    return Validity.of(check.valid_until, now).situation(now, renewal_months=renewal_months)


def _danger(tries: TriesLeft) -> tuple[Situation, ...]:
    return (Situation.LAST_TRY,) if 1 in (tries.authentication, tries.signature, tries.input_support) else ()


def _locked(tries: TriesLeft) -> tuple[Situation, ...]:
    counts = {
        Situation.AUTHENTICATION_LOCKED: tries.authentication,
        Situation.SIGNATURE_LOCKED: tries.signature,
        Situation.INPUT_SUPPORT_LOCKED: tries.input_support,
    }
    return tuple(locked for locked, left in counts.items() if left == 0)
