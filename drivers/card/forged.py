"""A certificate that looks like a card's and is signed by nobody, for cards in memory."""

from datetime import datetime
from hashlib import shake_256

_KEY_BYTES = 256
_LONG = 0x80
_INTEGER, _BITS, _OCTETS, _NULL, _OBJECT, _TEXT, _UTC_TIME, _SEQUENCE, _SET = 2, 3, 4, 5, 6, 12, 23, 48, 49
_RSA, _RSA_SHA256 = "2A864886F70D010101", "2A864886F70D01010B"
_AUTHORITY_KEY, _SUBJECT_KEY = "551D23", "551D0E"
_COUNTRY, _ORGANISATION, _UNIT, _NAME = "550406", "55040A", "55040B", "550403"


def certificate(*, serial: int, subject: str, not_before: datetime, not_after: datetime, authority_key: bytes) -> bytes:
    """The DER of it, about as long as a real one; both times aware, in UTC."""
    algorithm = _sequence(_object(_RSA_SHA256), _element(_NULL, b""))
    issuer = _names((_COUNTRY, "JP"), (_ORGANISATION, "JPKI"), (_UNIT, "JPKI for user authentication"))
    extensions = _sequence(
        _sequence(_object(_SUBJECT_KEY), _element(_OCTETS, _element(_OCTETS, _filler(subject, 20)))),
        _sequence(_object(_AUTHORITY_KEY), _element(_OCTETS, _sequence(_element(0x80, authority_key)))),
    )
    body = _sequence(
        _element(0xA0, _element(_INTEGER, b"\x02")),
        _element(_INTEGER, serial.to_bytes(serial.bit_length() // 8 + 1, "big")),
        algorithm,
        issuer,
        _sequence(_time(not_before), _time(not_after)),
        _names((_COUNTRY, "JP"), (_NAME, subject)),
        _public_key(subject),
        _element(0xA3, extensions),
    )
    return _sequence(body, algorithm, _element(_BITS, b"\0" + _filler(subject + "signature", _KEY_BYTES)))


def _public_key(subject: str) -> bytes:
    modulus = b"\0" + bytes([0x80 | _filler(subject, 1)[0]]) + _filler(subject + "key", _KEY_BYTES - 2) + b"\x01"
    key = _sequence(_element(_INTEGER, modulus), _element(_INTEGER, b"\x01\x00\x01"))
    return _sequence(_sequence(_object(_RSA), _element(_NULL, b"")), _element(_BITS, b"\0" + key))


def _filler(seed: str, length: int) -> bytes:
    return shake_256(seed.encode()).digest(length)


def _names(*parts: tuple[str, str]) -> bytes:
    return _sequence(
        *(_element(_SET, _sequence(_object(name), _element(_TEXT, text.encode()))) for name, text in parts)
    )


def _time(moment: datetime) -> bytes:
    return _element(_UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())


def _object(name: str) -> bytes:
    return _element(_OBJECT, bytes.fromhex(name))


def _sequence(*parts: bytes) -> bytes:
    return _element(_SEQUENCE, b"".join(parts))


def _element(tag: int, value: bytes) -> bytes:
    return bytes([tag]) + length(len(value)) + value


def length(size: int) -> bytes:
    """A length as DER and the cards' own files write it."""
    if size < _LONG:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([_LONG | len(octets)]) + octets
