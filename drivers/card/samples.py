"""The simulated cards: invented people, by the name under which a page offers them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from drivers.card.forged import certificate
from drivers.card.memory import Application, MemoryCard, Pin, tagged

TYPE_B = bytes.fromhex("3B8880010000000000E0B381A10079")
FELICA = bytes.fromhex("3B8F8001804F0CA00000030611003B0000000042")
_JPKI = bytes.fromhex("D392F000260100000001")
_INPUT_SUPPORT = bytes.fromhex("D3921000310001010408")
_FILLER = b"\xff" * 64
_FIVE_YEARS = timedelta(days=5 * 365)
_SIGNATURE = b"ABC123"


@dataclass(frozen=True, kw_only=True, repr=False)
class Person:
    """Whom a simulated card belongs to, with every number that must never be seen; all invented."""

    name: str = "番号 花子"
    address: str = "東京都架空区見本町一丁目2番3号"
    born: str = "19480215"
    sex: str = "2"
    my_number: str = "123456789018"
    pin: str = "2468"
    expires: str = "2029"
    code: str = "7391"
    serial: int = 0x5A17C0DE
    subject: str = "20240215101500AAA00000000000000001A"

    @property
    def number_b(self) -> str:
        """照合番号B."""
        return self.born[2:] + self.expires + self.code


def my_number_card(
    person: Person,
    *,
    valid_until: datetime,
    token: bytes = b"JPKIAPICCTOKEN2",
    tries: int = 3,
    delay: float = 0.0,
    silent_at: int | None = None,
    pulled_at: int | None = None,
    gives_items: bool = True,
) -> MemoryCard:
    """A card of the My Number family; `tries` are left of its four-digit PINs, and all of the others."""
    jpki = Application(
        files={
            0x0006: token.ljust(32),
            0x000A: _certificate(person, valid_until) + _FILLER,
            0x0001: _certificate(person, valid_until) + _FILLER,
        },
        pins={
            0x0018: Pin(digits=person.pin.encode(), most=3, left=tries),
            0x001B: Pin(digits=_SIGNATURE, most=5),
        },
        opened_by={0x0001: frozenset({0x001B})},
    )
    return MemoryCard(
        atr=TYPE_B,
        applications={_JPKI: jpki} | ({_INPUT_SUPPORT: _input_support(person, tries)} if gives_items else {}),
        name=b"\x12\x34\x56\x78",
        delay=delay,
        silent_at=silent_at,
        pulled_at=pulled_at,
    )


def _certificate(person: Person, valid_until: datetime) -> bytes:
    return certificate(
        serial=person.serial,
        subject=person.subject,
        not_before=valid_until - _FIVE_YEARS,
        not_after=valid_until,
        authority_key=bytes(range(20)),
    )


def _input_support(person: Person, tries: int) -> Application:
    number = b"\xff\x10\x0c" + person.my_number.encode() + b"\xff\xff"
    return Application(
        files={0x0001: number, 0x0002: _items(person) + _FILLER, 0x0003: b"\xdf\x31\x20" + bytes(32)},
        pins={
            0x0011: Pin(digits=person.pin.encode(), most=3, left=tries),
            0x0014: Pin(digits=person.my_number.encode(), most=10),
            0x0015: Pin(digits=person.number_b.encode(), most=10),
        },
        opened_by={
            0x0001: frozenset({0x0011, 0x0014}),
            0x0002: frozenset({0x0011, 0x0014, 0x0015}),
            0x0003: frozenset({0x0011, 0x0014}),
        },
    )


def _items(person: Person) -> bytes:
    name, address = person.name.encode(), person.address.encode()
    return tagged(
        0xFF20,
        tagged(0xDF21, bytes(8))
        + tagged(0xDF22, name)
        + tagged(0xDF23, address)
        + tagged(0xDF24, person.born.encode())
        + tagged(0xDF25, person.sex.encode()),
    )


def transport_card(name: bytes = bytes.fromhex("0112D4C0DE5A1701")) -> MemoryCard:
    """A FeliCa card as trains and shops use them."""
    return MemoryCard(atr=FELICA, name=name)


def phone(person: Person, *, valid_until: datetime) -> MemoryCard:
    """A telephone with the certificates of a card."""
    return my_number_card(person, valid_until=valid_until, token=b"JPKIAPGPSETOKEN", gives_items=False)


HANAKO = Person()
MARIA = Person(
    name="MARIA DA CONCEICAO FERNANDES DOS SANTOS OLIVEIRA RODRIGUES PEREIRA DE ALMEIDA",
    address="東京都架空区見本町二丁目四番五号 見本ハイツ壱号棟参百四号室" + "（方書きの とても長い 住所の 見本）" * 3,
    born="19910709",
    sex="1",
    my_number="210987654320",
    pin="1357",
    code="5028",
    serial=0x7B22FACE,
    subject="20240709093000BBB00000000000000002B",
)

_LONG, _SOON = timedelta(days=900), timedelta(days=24)

SAMPLES: Mapping[str, Callable[[datetime], MemoryCard]] = MappingProxyType(
    {
        "valid": lambda now: my_number_card(HANAKO, valid_until=now + _LONG),
        "soon": lambda now: my_number_card(HANAKO, valid_until=now + _SOON),
        "expired": lambda now: my_number_card(HANAKO, valid_until=now - timedelta(days=40)),
        "one_try": lambda now: my_number_card(HANAKO, valid_until=now + _LONG, tries=1),
        "locked": lambda now: my_number_card(HANAKO, valid_until=now + _LONG, tries=0),
        "phone": lambda now: phone(HANAKO, valid_until=now + _LONG),
        "transport": lambda _now: transport_card(),
        "unknown_token": lambda now: my_number_card(HANAKO, valid_until=now + _LONG, token=b"JPKIAPICCTOKEN9"),
        "long_name": lambda now: my_number_card(MARIA, valid_until=now + _LONG),
        "silent": lambda now: my_number_card(HANAKO, valid_until=now + _LONG, silent_at=5),
        "pulled": lambda now: my_number_card(HANAKO, valid_until=now + _LONG, pulled_at=6),
    }
)
"""Every simulated card, made at that moment (aware): fresh ones, with all their tries."""
