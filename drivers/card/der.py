"""Two facts of a certificate, read by hand: `cryptography` would cost the reader's process more than all the rest."""

from datetime import UTC, datetime
from typing import NamedTuple

_INTEGER, _OCTETS, _OBJECT, _SEQUENCE = 0x02, 0x04, 0x06, 0x30
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_VERSION, _EXTENSIONS, _KEY_ID = 0xA0, 0xA3, 0x80
_AUTHORITY_KEY = bytes.fromhex("551D23")
_LONG = 0x80
_MOST_LENGTH_BYTES = 3
_CENTURY_TURNS = 50
_UTC_DIGITS, _GENERALIZED_DIGITS = 12, 14


class Malformed(ValueError):
    """These bytes are no certificate; the words hold nothing of them."""

    def __init__(self) -> None:
        super().__init__("no certificate")


class Incomplete(Malformed):
    """What was read so far may be a certificate, but ends too early to say."""


class Element(NamedTuple):
    """One element of DER: its tag, and where its value begins and ends."""

    tag: int
    begin: int
    end: int


class Certificate:
    """The first bytes of a certificate; each fact is there as soon as enough bytes are."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def length(self) -> int:
        """How many bytes it has in all; `Malformed`."""
        return self._element(0, tag=_SEQUENCE).end

    @property
    def not_after(self) -> datetime:
        """Its last second, aware; `Incomplete` or `Malformed`."""
        validity = self._body()[0]
        not_before = self._element(validity.begin)
        return _time(*self._value(self._element(not_before.end)))

    @property
    def authority_key(self) -> str | None:
        """The key that signed it, in hex; None where it does not say. `Incomplete` or `Malformed`."""
        at, end = self._body()[1], self._tbs().end
        while at < end:
            element = self._element(at)
            if element.tag == _EXTENSIONS:
                return self._authority_key(self._element(element.begin, tag=_SEQUENCE))
            at = element.end
        return None

    def _tbs(self) -> Element:
        return self._element(self._element(0, tag=_SEQUENCE).begin, tag=_SEQUENCE)

    def _body(self) -> tuple[Element, int]:
        """The validity, and where what follows the subject's key begins."""
        at = self._tbs().begin
        first = self._element(at)
        if first.tag == _VERSION:
            at = first.end
        serial = self._element(at, tag=_INTEGER)
        algorithm = self._element(serial.end, tag=_SEQUENCE)
        issuer = self._element(algorithm.end, tag=_SEQUENCE)
        validity = self._element(issuer.end, tag=_SEQUENCE)
        return validity, validity.end

    def _authority_key(self, extensions: Element) -> str | None:
        at = extensions.begin
        while at < extensions.end:
            extension = self._element(at, tag=_SEQUENCE)
            name = self._element(extension.begin, tag=_OBJECT)
            if self._value(name)[1] == _AUTHORITY_KEY:
                return self._key_id(name.end, extension.end)
            at = extension.end
        return None

    def _key_id(self, at: int, end: int) -> str | None:
        """Inside the extension's octets, past whether it is critical."""
        element = self._element(at)
        if element.tag != _OCTETS and element.end < end:
            element = self._element(element.end, tag=_OCTETS)
        names = self._element(element.begin, tag=_SEQUENCE)
        if names.begin == names.end:
            return None
        first = self._element(names.begin)
        return self._value(first)[1].hex() if first.tag == _KEY_ID else None

    def _value(self, element: Element) -> tuple[int, bytes]:
        if element.end > len(self._data):
            raise Incomplete
        return element.tag, self._data[element.begin : element.end]

    def _element(self, at: int, *, tag: int | None = None) -> Element:
        if len(self._data) < at + 2:
            raise Incomplete
        found, length, begin = self._data[at], self._data[at + 1], at + 2
        if tag is not None and found != tag:
            raise Malformed
        if length >= _LONG:
            size = length - _LONG
            if not 1 <= size <= _MOST_LENGTH_BYTES:
                raise Malformed
            if len(self._data) < begin + size:
                raise Incomplete
            length, begin = int.from_bytes(self._data[begin : begin + size], "big"), begin + size
        return Element(found, begin, begin + length)


def _time(tag: int, text: bytes) -> datetime:
    """UTCTime or GeneralizedTime as RFC 5280 writes them."""
    digits = text[:-1]
    if text[-1:] != b"Z" or not digits.isdigit():
        raise Malformed
    if tag == _UTC_TIME and len(digits) == _UTC_DIGITS:
        century = b"19" if int(digits[:2]) >= _CENTURY_TURNS else b"20"
        digits = century + digits
    elif tag != _GENERALIZED_TIME or len(digits) != _GENERALIZED_DIGITS:
        raise Malformed
    year, rest = int(digits[:4]), [int(digits[at : at + 2]) for at in range(4, 14, 2)]
    try:
        return datetime(year, rest[0], rest[1], rest[2], rest[3], rest[4], tzinfo=UTC)
    except ValueError:
        raise Malformed from None
