"""What the desk may know of a card that lies on the reader. Nothing of it is ever stored."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NoReturn

from appliance.desk.errors import Invalid

_PIN = re.compile(r"[0-9]{4}")
_NUMBER_B = re.compile(r"[0-9]{14}")


class CardKind(StrEnum):
    """What sort of card it is."""

    MY_NUMBER = "my_number"
    PHONE = "phone"
    """A telephone that answers as a My Number card: it is told apart and asked nothing more."""
    OTHER = "other"
    UNKNOWN = "unknown"
    """Of the My Number family, but not of a make that is known here: it is asked nothing more."""


class CardPhase(StrEnum):
    """How far the reader has come with a card."""

    CHECKING = "checking"
    CHECKED = "checked"
    UNREADABLE = "unreadable"
    """It was moved, or it answered nonsense; putting it down again may help."""
    SILENT = "silent"
    """It stopped answering; it is left alone until it is lifted."""
    BUSY = "busy"
    """Another program holds the reader; it is tried again by itself."""
    TOGETHER = "together"
    """Two cards seem to lie there at once, in one case; neither is answered for."""


class ReaderStatus(StrEnum):
    """Whether cards can be read at all, and what is missing if not."""

    STARTING = "starting"
    READY = "ready"
    NO_READER = "no_reader"
    NO_SERVICE = "no_service"
    """pcscd does not run, or does not let us in."""
    NO_LIBRARY = "no_library"
    """pyscard or the library under it is not installed."""
    ABSENT = "absent"
    """This box is not meant to have one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TriesLeft:
    """How often each PIN may still be tried; 0 is locked, None is not known."""

    authentication: int | None = None
    signature: int | None = None
    input_support: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CardCheck:
    """What a My Number card says without any PIN."""

    valid_until: datetime | None
    """The last second (aware, UTC) of its certificate for user authentication; None where it has none."""
    authority_key: str | None
    """Which key of the authority signed that certificate, in hex; belongs to the authority, not to a person."""
    tries_left: TriesLeft


@dataclass(frozen=True, kw_only=True, slots=True)
class CardVisit:
    """One stay of one card on the reader, from laying down to lifting."""

    number: int
    """Never used for another stay: what is asked of this one is never answered by a later one."""
    phase: CardPhase
    kind: CardKind | None = None
    """Known before the check is through."""
    check: CardCheck | None = None
    """Only of a My Number card, in phase `CHECKED`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardState:
    """Reader and card as they are now."""

    reader: ReaderStatus = ReaderStatus.STARTING
    readers: Sequence[str] = ()
    """The names of all readers that are plugged in; the first is the one that is used."""
    card: CardVisit | None = None


class ItemsSecret(StrEnum):
    """What opens the four items."""

    NUMBER_B = "number_b"
    PIN = "pin"


class _Unwritten:
    """Something that is shown to nobody and goes into no file."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("this is for RAM only")


@dataclass(frozen=True, slots=True, repr=False)
class ItemsKey(_Unwritten):
    """What a resident typed to open the four items of her card; it shows itself to nobody."""

    secret: ItemsSecret
    digits: str

    def __post_init__(self) -> None:
        """`Invalid` unless it has the form of its kind, in ASCII digits; found out here, it costs no try."""
        form = _PIN if self.secret is ItemsSecret.PIN else _NUMBER_B
        if form.fullmatch(self.digits) is None:
            raise Invalid(str(self.secret), "four digits" if form is _PIN else "six, four and four digits")

    @classmethod
    def number_b(cls, *, born: str, expires: str, code: str) -> "ItemsKey":
        """照合番号B: birth date YYMMDD, year of expiry YYYY and the security code, all from the card's face."""
        if (len(born), len(expires), len(code)) != (6, 4, 4):
            raise Invalid("number_b", "six, four and four digits")
        return cls(ItemsSecret.NUMBER_B, born + expires + code)

    @classmethod
    def pin(cls, digits: str) -> "ItemsKey":
        """The PIN of the input support application, four digits."""
        return cls(ItemsSecret.PIN, digits)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class FourItems(_Unwritten):
    """Name, address, birth date and sex as the card gives them, for RAM only; they show themselves to nobody."""

    name: str
    address: str
    born: str
    """YYYYMMDD, as on the card: a day or month that nobody knows need not be a date."""
    sex: str
    """"1" male, "2" female, "9" other."""
