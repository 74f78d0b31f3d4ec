"""What travels, as deterministic CBOR (RFC 8949 section 4.2): arrays, integers, bytes, text, booleans and null only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn, TypeVar

import cbor2

from sync.errors import MalformedMessage, UnsupportedVersion

Read = TypeVar("Read")

VERSION = 1

MAX_DEPTH = 8
MAX_BATCH_RECORDS = 200
MAX_BATCH_BYTES = 1024 * 1024
MAX_RECORD_BYTES = 64 * 1024
MAX_EPOCH_BYTES = 16 * 1024
MAX_PULL_BYTES = 4 * 1024 * 1024
MAX_NOTICE_BYTES = 256 * 1024
MAX_KINDS = 32
"""Kinds of notices that a batch may name."""

MAX_INTEGER = 2**63 - 1
"""Integers fit a signed 64-bit column wherever they arrive."""

WITH_NOTICES = 2
"""The version of a batch that says which notices the desk has, and of the reply to it."""

BATCH_CONTEXT = b"madoguchi/v1/batch"
"""What a device signs a batch as."""


class _NoTags(dict[int, Callable[..., object]]):
    """Refuses every CBOR tag before its content is made into anything."""

    def __missing__(self, _tag: int) -> Callable[..., object]:
        return _refuse_tag


def _refuse_tag(*_: object) -> NoReturn:
    raise MalformedMessage("a tag")


_NO_TAGS = _NoTags()


def encode(value: object) -> bytes:
    """The one byte string that stands for `value`; `MalformedMessage` if it holds anything that does not travel."""
    _check(value, MAX_DEPTH)
    try:
        return cbor2.dumps(value)
    except UnicodeEncodeError:
        raise MalformedMessage("text that is not Unicode") from None


def decode(data: bytes, *, limit: int = MAX_BATCH_BYTES) -> object:
    """The value that `data` stands for; `MalformedMessage` unless encoding it again gives the same bytes."""
    if len(data) > limit:
        raise MalformedMessage(f"longer than {limit} bytes")
    try:
        value: object = cbor2.loads(data, max_depth=MAX_DEPTH, allow_indefinite=False, semantic_decoders=_NO_TAGS)
    except cbor2.CBORDecodeError:
        raise MalformedMessage("not deterministic CBOR") from None
    if encode(value) != data:
        raise MalformedMessage("not in its one deterministic form")
    return value


_AS_THEY_ARE = frozenset({bytes, str, bool, type(None)})


def _check(value: object, depth: int) -> None:
    kind = type(value)
    if kind is list or kind is tuple:
        if depth == 0:
            raise MalformedMessage("nested too deep")
        for item in value:  # type: ignore[attr-defined] # a list or a tuple, by its exact type
            if type(item) not in _AS_THEY_ARE:
                _check(item, depth - 1)
    elif kind is int:
        as_int(value)
    elif kind not in _AS_THEY_ARE:
        raise MalformedMessage(f"a {kind.__name__} does not travel")


# ------------------------------------------------------------------------------------------------------- typed readers


def fields(value: object, count: int) -> list[object]:
    """The `count` values of an array of exactly that length."""
    if type(value) is not list or len(value) != count:
        raise MalformedMessage(f"not an array of {count}")
    return value


def versioned(data: bytes, count: int, *, limit: int = MAX_BATCH_BYTES) -> list[object]:
    """The values after the version of a message that is an array beginning with it; `UnsupportedVersion`."""
    return of_version(data, {VERSION: count}, limit=limit)[1]


def of_version(data: bytes, counts: Mapping[int, int], *, limit: int = MAX_BATCH_BYTES) -> tuple[int, list[object]]:
    """The version of a message and the values after it, as many as `counts` says; `UnsupportedVersion`."""
    value = decode(data, limit=limit)
    if type(value) is not list or not value:
        raise MalformedMessage("not an array that begins with its version")
    version = as_int(value[0], lowest=0)
    if version not in counts:
        raise UnsupportedVersion(f"version {version}")
    return version, fields(value, counts[version] + 1)[1:]


def as_items(value: object, read: Callable[[object], Read], *, most: int) -> tuple[Read, ...]:
    """An array of up to `most` values, each read by `read`."""
    if type(value) is not list or len(value) > most:
        raise MalformedMessage(f"not an array of at most {most}")
    return tuple([read(item) for item in value])


def as_int(value: object, *, lowest: int = -MAX_INTEGER, highest: int = MAX_INTEGER) -> int:
    """An integer within bounds."""
    if type(value) is not int or not lowest <= value <= highest:
        raise MalformedMessage(f"not an integer from {lowest} to {highest}")
    return value


def as_bytes(value: object, length: int) -> bytes:
    """A byte string of exactly that length."""
    if type(value) is not bytes or len(value) != length:
        raise MalformedMessage(f"not {length} bytes")
    return value


def as_blob(value: object, *, most: int) -> bytes:
    """A byte string that is not empty and of at most `most` bytes."""
    if type(value) is not bytes or not 1 <= len(value) <= most:
        raise MalformedMessage(f"not 1 to {most} bytes")
    return value


def as_text(value: object, *, most: int) -> str:
    """A text that is not empty and of at most `most` characters."""
    if type(value) is not str or not 1 <= len(value) <= most:
        raise MalformedMessage(f"not a text of 1 to {most} characters")
    return value


def as_bool(value: object) -> bool:
    """True or False."""
    if type(value) is not bool:
        raise MalformedMessage("not a boolean")
    return value


def as_municipality(value: object) -> str:
    """A municipality code (全国地方公共団体コード: six digits)."""
    if not (type(value) is str and len(value) == 6 and value.isascii() and value.isdigit()):  # noqa: PLR2004
        raise MalformedMessage("not a municipality code of six digits")
    return value


def as_device(value: object) -> bytes:
    """A device id, or another id of eight bytes."""
    return as_bytes(value, 8)


def as_id(value: object) -> bytes:
    """A record id, or another id of sixteen bytes."""
    return as_bytes(value, 16)


def as_hash(value: object) -> bytes:
    """A SHA-256."""
    return as_bytes(value, 32)


def as_signature(value: object) -> bytes:
    """An Ed25519 signature."""
    return as_bytes(value, 64)


def as_kind(value: object) -> str:
    """The kind of a notice."""
    return as_text(value, most=40)


def as_notice(value: object) -> bytes:
    """A notice as the office has signed it, unread."""
    return as_blob(value, most=MAX_NOTICE_BYTES)


def as_epoch(value: object) -> bytes:
    """The body of an epoch, unopened."""
    return as_blob(value, most=MAX_EPOCH_BYTES)


def as_record(value: object) -> bytes:
    """The body of a record, unopened."""
    return as_blob(value, most=MAX_RECORD_BYTES)


# ------------------------------------------------------------------------------------------------------------ messages


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """A payload and the signature over it; who signed it, and as what, the payload and the reader know."""

    payload: bytes
    signature: bytes

    def to_bytes(self) -> bytes:
        """The wire form."""
        return encode([self.payload, self.signature])

    @classmethod
    def from_bytes(cls, data: bytes, *, limit: int = MAX_BATCH_BYTES) -> "Signed":
        """Read the wire form; says nothing about the signature."""
        payload, signature = fields(decode(data, limit=limit), 2)
        return cls(payload=as_blob(payload, most=limit), signature=as_signature(signature))


Held = tuple[str, int]
"""A kind of notices, and the number of the newest one that a desk has."""


def as_held(value: object) -> Held:
    """A kind and a number."""
    kind, number = fields(value, 2)
    return as_kind(kind), as_int(number, lowest=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What a desk offers in one run: the payload that its device signs under `BATCH_CONTEXT`."""

    municipality: str
    device: bytes
    run_nonce: bytes
    """16 random bytes of this run; the reply repeats them."""
    inbox_after: int
    """The number of the last message the desk has from its inbox."""
    epochs: tuple[bytes, ...]
    records: tuple[bytes, ...]
    notices: tuple[Held, ...] | None = None
    """The newest notice of each kind that the desk has; None in a batch of version 1, which wants none."""

    def to_bytes(self) -> bytes:
        """The payload to be signed."""
        parts = [self.municipality, self.device, self.run_nonce, self.inbox_after, self.epochs, self.records]
        return encode([VERSION, *parts] if self.notices is None else [WITH_NOTICES, *parts, self.notices])

    @classmethod
    def from_bytes(cls, payload: bytes) -> "Batch":
        """Read a payload."""
        version, parts = of_version(payload, {VERSION: 6, WITH_NOTICES: 7})
        municipality, device, run_nonce, inbox_after, epochs, records = parts[:6]
        return cls(
            municipality=as_municipality(municipality),
            device=as_device(device),
            run_nonce=as_id(run_nonce),
            inbox_after=as_int(inbox_after, lowest=0),
            epochs=as_items(epochs, as_epoch, most=MAX_BATCH_RECORDS),
            records=as_items(records, as_record, most=MAX_BATCH_RECORDS),
            notices=as_items(parts[6], as_held, most=MAX_KINDS) if version == WITH_NOTICES else None,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulled:
    """What the office fetches at the receiver: bodies as the desks made them, each with its own device's signature."""

    municipality: str
    epochs: tuple[bytes, ...]
    """The epochs of these records."""
    records: tuple[bytes, ...]
    last: int
    """Ask for what comes after this number next time."""
    waiting: int
    """How many more there are."""

    def to_bytes(self) -> bytes:
        """The wire form."""
        return encode([VERSION, self.municipality, self.epochs, self.records, self.last, self.waiting])

    @classmethod
    def from_bytes(cls, data: bytes) -> "Pulled":
        """Read the wire form."""
        municipality, epochs, records, last, waiting = versioned(data, 5, limit=MAX_PULL_BYTES)
        return cls(
            municipality=as_municipality(municipality),
            epochs=as_items(epochs, as_epoch, most=MAX_PULL_BYTES),
            records=as_items(records, as_record, most=MAX_PULL_BYTES),
            last=as_int(last, lowest=0),
            waiting=as_int(waiting, lowest=0),
        )
