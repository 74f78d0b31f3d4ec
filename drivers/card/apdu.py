"""The words of a card: applications, files, commands, status words. Pure, and the only place that knows the numbers.

The next make of cards will have other applications and files: they change here and nowhere else.
"""

from collections.abc import Iterator, Mapping
from enum import Enum, IntEnum, StrEnum

# ---------------------------------------------------------------------------------------------------- what may be said


class Application(Enum):
    """The applications we speak to; the others of a card have no name here."""

    JPKI = bytes.fromhex("D392F000260100000001")
    """Certificates. Whoever has it is of the My Number family."""
    INPUT_SUPPORT = bytes.fromhex("D3921000310001010408")
    """券面事項入力補助: the four items."""


class File(Enum):
    """The files we use, by application and number: the same number means another file in another application."""

    TOKEN = (Application.JPKI, 0x0006)
    CERTIFICATE = (Application.JPKI, 0x000A)
    """For user authentication."""
    AUTHENTICATION_PIN = (Application.JPKI, 0x0018)
    SIGNATURE_PIN = (Application.JPKI, 0x001B)
    FOUR_ITEMS = (Application.INPUT_SUPPORT, 0x0002)
    ITEMS_PIN = (Application.INPUT_SUPPORT, 0x0011)
    NUMBER_B = (Application.INPUT_SUPPORT, 0x0015)

    @property
    def application(self) -> Application:
        """Where it lies."""
        return self.value[0]

    @property
    def number(self) -> int:
        """Its number there."""
        return self.value[1]


class Deed(StrEnum):
    """What can be done with a file."""

    READ = "read"
    ASK = "ask"
    """How many tries are left: costs none."""
    VERIFY = "verify"


ALLOWED: Mapping[File, Mapping[Deed, int]] = {
    File.TOKEN: {Deed.READ: 0},
    File.CERTIFICATE: {Deed.READ: 0},
    File.AUTHENTICATION_PIN: {Deed.ASK: 0},
    File.SIGNATURE_PIN: {Deed.ASK: 0},
    File.FOUR_ITEMS: {Deed.READ: 0},
    File.ITEMS_PIN: {Deed.ASK: 0, Deed.VERIFY: 4},
    File.NUMBER_B: {Deed.ASK: 0, Deed.VERIFY: 14},
}
"""Everything that may be done, and with how many digits."""

CARD_CLASSES = {
    "JPKIAPICCTOKEN2": "my_number",
    "JPKIAPGPSETOKEN": "phone",
    "JPKIAPIOSTOKEN": "phone",
}
"""What the token file calls the card."""

# ------------------------------------------------------------------------------------------------------------ commands

READ_MOST = 256
READ_END = 0x8000
"""Beyond this offset the command would mean another file."""
IDENTIFIER = bytes.fromhex("FFCA000000")
"""Asks the reader, not the card: what a storage card calls itself."""
ASK = bytes.fromhex("00200080")
_VERIFY = ASK
_SELECT_APPLICATION = bytes.fromhex("00A4040C")
_SELECT_FILE = bytes.fromhex("00A4020C02")


def select_application(application: Application) -> bytes:
    """Enter an application."""
    return _SELECT_APPLICATION + bytes([len(application.value)]) + application.value


def select_file(file: File) -> bytes:
    """Turn to a file of the entered application."""
    return _SELECT_FILE + file.number.to_bytes(2, "big")


def read_binary(offset: int, length: int = READ_MOST) -> bytes:
    """Read from the file turned to."""
    return b"\x00\xb0" + offset.to_bytes(2, "big") + bytes([length % READ_MOST])


def verify(digits: bytes) -> bytes:
    """Open what the file turned to closes."""
    return _VERIFY + bytes([len(digits)]) + digits


# -------------------------------------------------------------------------------------------------------- status words


class Status(IntEnum):
    """What a card says of a command."""

    DONE = 0x9000
    PAST_END = 0x6B00
    SHORT = 0x6282
    UNLIMITED = 0x6300
    NOT_VERIFIED = 0x6982
    BLOCKED = 0x6983
    LOCKED = 0x6984
    NOTHING_SELECTED = 0x6986
    ABSENT = 0x6A82


LENGTH_IS = 0x6C00
"""6Cxx: ask again for xx bytes."""
_LEFT = 0x63C0


def tries_left(status: int) -> int | None:
    """How many tries a status word leaves; None where it does not say."""
    if status & 0xFFF0 == _LEFT:
        return status & 0x000F
    return 0 if status in (Status.BLOCKED, Status.LOCKED) else None


# ------------------------------------------------------------------------------------------------------ tag and length

ITEMS_TAG = 0xFF20
NAME_TAG, ADDRESS_TAG, BORN_TAG, SEX_TAG = 0xDF22, 0xDF23, 0xDF24, 0xDF25
_MORE_TAG = 0x1F
_LONG = 0x80


class Truncated(ValueError):
    """The bytes end before what they announce, or announce something that no card says."""


def header(data: bytes, at: int = 0) -> tuple[int, int, int]:
    """Tag, begin and end of the value at `at`; the end may lie beyond what was read so far. `Truncated`."""
    try:
        tag, at = data[at], at + 1
        if tag & _MORE_TAG == _MORE_TAG:
            tag, at = tag << 8 | data[at], at + 1
        length, at = data[at], at + 1
    except IndexError:
        raise Truncated from None
    if length >= _LONG:
        size = length - _LONG
        if size not in (1, 2) or len(data) < at + size:
            raise Truncated
        length, at = int.from_bytes(data[at : at + size], "big"), at + size
    return tag, at, at + length


def values(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each tag and value in turn. `Truncated`."""
    at = 0
    while at < len(data):
        tag, begin, end = header(data, at)
        if end > len(data):
            raise Truncated
        yield tag, data[begin:end]
        at = end


# -------------------------------------------------------------------------------------------------- answer to a reset

_STORAGE = bytes.fromhex("804F0CA000000306")
_STORAGE_AT = 4
_FELICA, _TYPE_A = 0x11, 0x03


class Storage(Enum):
    """What a card without a processor is, as its reader says (PC/SC part 3)."""

    FELICA = "felica"
    TYPE_A = "type_a"
    """MIFARE and its like."""
    OTHER = "other"


def storage(atr: bytes) -> Storage | None:
    """What sort of storage card the answer to a reset tells of; None for a card that can be spoken to."""
    rest = atr[_STORAGE_AT:]
    if not rest.startswith(_STORAGE):
        return None
    standard = rest[len(_STORAGE)] if len(rest) > len(_STORAGE) else 0
    return {_FELICA: Storage.FELICA, _TYPE_A: Storage.TYPE_A}.get(standard, Storage.OTHER)
