"""How a box is enrolled without a network: its request, the code that people compare, the office's certificate."""

import base64
import hashlib
from dataclasses import dataclass

from sync.errors import MalformedMessage
from sync.keys import PUBLIC_LENGTH, SigningKey, device_id, stretched, verify
from sync.wire import (
    VERSION,
    Signed,
    as_blob,
    as_bytes,
    as_device,
    as_hash,
    as_int,
    as_items,
    as_municipality,
    as_text,
    decode,
    encode,
    fields,
    versioned,
)

REQUEST_CONTEXT = b"madoguchi/v1/enrolment-request"
CERTIFICATE_CONTEXT = b"madoguchi/v1/certificate"

MAX_BYTES = 4096
MOST_BOX = 9999
MOST_DESK = 99
MOST_CHECKS = 20

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Thirty-two that nobody confuses: no I, O, 0 and 1."""
CODE_LENGTH = 8

_CODE_KIBIBYTES = 64 * 1024
_CODE_PASSES = 3
_CODE_SALT = hashlib.sha256(b"madoguchi/v1/enrolment-code").digest()[:16]
_REQUEST_MARK = "MADOGUCHI-REQUEST:"
_CERTIFICATE_MARK = "MADOGUCHI-CERTIFICATE:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What a box says of itself, signed with the key that was born on it."""

    municipality: str
    kit: bytes
    """The digest of the kit it was prepared with."""
    box: int
    """The number on its label."""
    facility: str
    desk: int
    """Which desk of the facility."""
    public_key: bytes
    serial: str
    """What the board says it is."""
    version: str
    """Of the program."""
    checks: tuple[str, ...]
    """What its self-test found in order."""

    @property
    def device(self) -> bytes:
        """The id under which its records travel."""
        return device_id(self.public_key)

    def to_bytes(self, key: SigningKey) -> bytes:
        """The wire form, signed by the box."""
        payload = encode(
            [
                VERSION,
                self.municipality,
                self.kit,
                self.box,
                self.facility,
                self.desk,
                self.public_key,
                self.serial,
                self.version,
                self.checks,
            ]
        )
        return Signed(payload=payload, signature=key.sign(REQUEST_CONTEXT, payload)).to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Request":
        """Read a request, signed by the key that it names; `MalformedMessage`, `BadSignature`."""
        signed = Signed.from_bytes(data, limit=MAX_BYTES)
        municipality, kit, box, facility, desk, public_key, serial, version, checks = versioned(signed.payload, 9)
        verify(as_bytes(public_key, PUBLIC_LENGTH), REQUEST_CONTEXT, signed.payload, signed.signature)
        return cls(
            municipality=as_municipality(municipality),
            kit=as_hash(kit),
            box=as_int(box, lowest=1, highest=MOST_BOX),
            facility=_line(facility),
            desk=as_int(desk, lowest=1, highest=MOST_DESK),
            public_key=as_bytes(public_key, PUBLIC_LENGTH),
            serial=_line(serial),
            version=_line(version),
            checks=as_items(checks, _line, most=MOST_CHECKS),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """The office's word that this device is box N of that facility; the highest number counts."""

    municipality: str
    number: int
    """Rises with every certificate of the town."""
    device: bytes
    box: int
    facility: str
    facility_name: str
    desk: int
    request: bytes
    """SHA-256 of the request it answers."""

    def to_bytes(self, office: SigningKey) -> bytes:
        """The wire form, signed by the office."""
        payload = encode(
            [
                VERSION,
                self.municipality,
                self.number,
                self.device,
                self.box,
                self.facility,
                self.facility_name,
                self.desk,
                self.request,
            ]
        )
        return Signed(payload=payload, signature=office.sign(CERTIFICATE_CONTEXT, payload)).to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes, *, office: bytes) -> "Certificate":
        """Read a certificate signed by the key `office`; `MalformedMessage`, `BadSignature`."""
        signed = Signed.from_bytes(data, limit=MAX_BYTES)
        verify(office, CERTIFICATE_CONTEXT, signed.payload, signed.signature)
        municipality, number, device, box, facility, name, desk, request = versioned(signed.payload, 8)
        return cls(
            municipality=as_municipality(municipality),
            number=as_int(number, lowest=1),
            device=as_device(device),
            box=as_int(box, lowest=1, highest=MOST_BOX),
            facility=_line(facility),
            facility_name=_line(name),
            desk=as_int(desk, lowest=1, highest=MOST_DESK),
            request=as_hash(request),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """A request and the office's answer to it: whoever takes records in needs nothing else to know the device."""

    request: Request
    certificate: Certificate

    @classmethod
    def from_bytes(cls, data: bytes, *, office: bytes) -> "Admission":
        """Read `admission_bytes`; `MalformedMessage` where they do not belong together, `BadSignature`."""
        asked, answered = fields(decode(data, limit=3 * MAX_BYTES), 2)
        asked, answered = as_blob(asked, most=MAX_BYTES), as_blob(answered, most=MAX_BYTES)
        request, certificate = Request.from_bytes(asked), Certificate.from_bytes(answered, office=office)
        if certificate.request != hashlib.sha256(asked).digest() or certificate.device != request.device:
            raise MalformedMessage("the certificate answers another request")
        return cls(request=request, certificate=certificate)


def admission_bytes(request: bytes, certificate: bytes) -> bytes:
    """A request and its certificate as one message."""
    return encode([request, certificate])


def code_of(request: bytes) -> str:
    """The eight characters that a box shows for its request and the office compares, such as K4TQ-9XWM.

    They come out of a slow hash, so that nobody makes another request that shows the same ones.
    """
    slow = stretched(hashlib.sha256(request).hexdigest(), _CODE_SALT, kibibytes=_CODE_KIBIBYTES, passes=_CODE_PASSES)
    bits = int.from_bytes(slow[:5])
    letters = "".join(CODE_LETTERS[bits >> 5 * place & 31] for place in reversed(range(CODE_LENGTH)))
    return f"{letters[:4]}-{letters[4:]}"


def same_code(typed: str, code: str) -> bool:
    """Whether that code was meant: case, spaces and the hyphen are no mistake."""
    return _letters(typed) == _letters(code)


def _letters(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())


def request_text(request: bytes) -> str:
    """The request as letters that fit a small QR code."""
    return _REQUEST_MARK + _as_text(request)


def request_bytes(text: str) -> bytes:
    """What `request_text` was given; `MalformedMessage`."""
    return _from_text(text, _REQUEST_MARK)


def certificate_text(certificate: bytes) -> str:
    """The certificate as letters that fit a small QR code."""
    return _CERTIFICATE_MARK + _as_text(certificate)


def certificate_bytes(text: str) -> bytes:
    """What `certificate_text` was given; `MalformedMessage`."""
    return _from_text(text, _CERTIFICATE_MARK)


def _as_text(data: bytes) -> str:
    """Base 32 without its padding: QR codes and keyboards of scanners know all its letters."""
    return base64.b32encode(data).decode().rstrip("=")


def _from_text(text: str, mark: str) -> bytes:
    letters = "".join(text.split()).upper()
    if not letters.startswith(mark) or len(letters) > 2 * MAX_BYTES:
        raise MalformedMessage(f"does not begin with {mark}")
    coded = letters.removeprefix(mark)
    try:
        data = base64.b32decode(coded + "=" * (-len(coded) % 8))
    except ValueError:
        raise MalformedMessage("letters are missing or wrong") from None
    return data


def _line(value: object) -> str:
    text = as_text(value, most=200)
    if not text.isprintable():
        raise MalformedMessage("not one line of text")
    return text
