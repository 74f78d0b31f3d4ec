"""Epochs and records: sealed here, checked by anybody, opened only with the municipality's key."""

import hashlib
import hmac
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.compression import CURRENT_DICTIONARY, squeeze, unsqueeze
from sync.errors import BadSignature, CommitmentMismatch, MalformedMessage, NotOpenable, UnsupportedVersion
from sync.keys import SECRET_LENGTH, WRAP_LENGTH, RecipientKey, RecipientPublic, SigningKey, device_id, verify
from sync.wire import (
    MAX_EPOCH_BYTES,
    MAX_RECORD_BYTES,
    VERSION,
    as_blob,
    as_bytes,
    as_device,
    as_hash,
    as_id,
    as_int,
    as_items,
    as_municipality,
    as_signature,
    decode,
    encode,
    fields,
    versioned,
)

SUITE = 1
"""X-Wing, HKDF-SHA256, ChaCha20-Poly1305, Ed25519."""

EPOCH_CONTEXT = b"madoguchi/v1/epoch"
RECORD_CONTEXT = b"madoguchi/v1/record"
WRAP_CONTEXT = b"madoguchi/v1/wrap"
COMMIT_CONTEXT = b"madoguchi/v1/commit"

MAX_WRAPS = 8
NONCE_LENGTH = 12

Random = Callable[[int], bytes]


# -------------------------------------------------------------------------------------------------------------- sealing


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealed:
    """The parts of one sealed record, as a desk stores them; it is signed when it leaves (`signature_of`)."""

    header: bytes
    ciphertext: bytes
    hash: bytes


class OpenEpoch:
    """An epoch while its data key lives: only in here, only in memory, and no nonce is ever used twice."""

    __slots__ = ("_cipher", "_device", "_nonces", "body", "chain", "municipality", "number", "sealed_count")

    def __init__(
        self, *, municipality: str, device: bytes, chain: bytes, number: int, body: bytes, data: bytes
    ) -> None:
        self.municipality = municipality
        self.chain = chain
        self.number = number
        self.body = body
        self._device = device
        self._cipher = ChaCha20Poly1305(data)
        self._nonces = count(1)  # one step of an iterator cannot be shared by two threads
        self.sealed_count = 0
        """How many times this epoch was asked to seal, failures included."""

    @classmethod
    def begin(
        cls,
        *,
        municipality: str,
        device: bytes,
        chain: bytes,
        start: int,
        number: int,
        recipients: Sequence[RecipientPublic],
        signing_key: SigningKey,
        random: Random = os.urandom,
    ) -> "OpenEpoch":
        """A new epoch, its data key wrapped to every recipient and the whole signed by the device."""
        data = random(SECRET_LENGTH)
        place = _Place(device=device, chain=chain, start=start, number=number)
        wraps = [[to.key_id, to.wrap(data, place.wrap_info(to.key_id))] for to in recipients]
        stated = [VERSION, SUITE, municipality, device, chain, start, number, wraps, _commitment(data)]
        signature = signing_key.sign(EPOCH_CONTEXT, encode(stated))
        body = encode([*stated, signature])
        return cls(
            municipality=municipality,
            device=device,
            chain=chain,
            number=number,
            body=body,
            data=data,
        )

    def seal(self, plaintext: bytes, *, sequence: int, record_id: bytes, previous_hash: bytes) -> Sealed:
        """Seal one payload; whatever happens, this call's nonce is spent."""
        self.sealed_count = spent = next(self._nonces)
        nonce = spent.to_bytes(NONCE_LENGTH, "big")
        header = encode(
            [
                VERSION,
                self.municipality,
                self._device,
                self.chain,
                self.number,
                as_int(sequence, lowest=1),
                nonce,
                as_id(record_id),
                CURRENT_DICTIONARY,
                as_hash(previous_hash),
            ]
        )
        ciphertext = self._cipher.encrypt(nonce, squeeze(plaintext), header)
        digest = hashlib.sha256(header + ciphertext).digest()
        return Sealed(header=header, ciphertext=ciphertext, hash=digest)

    def __reduce__(self) -> NoReturn:
        """No copy: it would use the same nonces again."""
        raise TypeError("an open epoch is never copied")

    def __repr__(self) -> str:
        return f"OpenEpoch(number={self.number}, sealed_count={self.sealed_count})"


class _Place(NamedTuple):
    """Where an epoch stands; a wrap opens nowhere else."""

    device: bytes
    chain: bytes
    start: int
    number: int

    def wrap_info(self, key_id: bytes) -> bytes:
        stand = self.start.to_bytes(8, "big") + self.number.to_bytes(8, "big")
        return WRAP_CONTEXT + key_id + self.device + self.chain + stand


def _commitment(data: bytes) -> bytes:
    """What the epoch says in the open about its data key: nobody can show two readers two different keys."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=COMMIT_CONTEXT).derive(data)


def signature_of(*, header: bytes, hash: bytes, key: SigningKey) -> bytes:  # noqa: A002 # the name it has in a record
    """What the device says of a record when it leaves, whole or hollow; Ed25519, so it is the same each time."""
    return key.sign(RECORD_CONTEXT, hash + header)


def record_body(*, header: bytes, ciphertext: bytes, signature: bytes) -> bytes:
    """A record as it travels."""
    return encode([header, ciphertext, signature])


def hollow_body(*, header: bytes, signature: bytes, hash: bytes) -> bytes:  # noqa: A002 # the name it has in a record
    """A withdrawn record as it travels: its ciphertext is gone, its place in the chain stays."""
    return encode([header, None, signature, hash])


# ------------------------------------------------------------------------------------------------------------- checking


@dataclass(frozen=True, kw_only=True, slots=True)
class EpochHeader:
    """An epoch as it travels."""

    municipality: str
    device: bytes
    chain: bytes
    start: int
    number: int
    wraps: tuple[tuple[bytes, bytes], ...]
    """The id of each key that can open it, and the data key wrapped to that key."""
    commitment: bytes
    signature: bytes
    body: bytes = field(repr=False)
    stated: bytes = field(repr=False)
    """What the signature covers."""

    def verify(self, public: bytes) -> None:
        """Return if the device with that key made it; `BadSignature`."""
        _verify(public, self.device, EPOCH_CONTEXT, self.stated, self.signature)

    def unwrap(self, key: RecipientKey) -> bytes:
        """The data key; `NotOpenable` with a key it is not wrapped to, `CommitmentMismatch`."""
        key_id = key.public.key_id
        wrapped = dict(self.wraps).get(key_id)
        if wrapped is None:
            raise NotOpenable(f"not wrapped to key {key_id.hex()}")
        place = _Place(device=self.device, chain=self.chain, start=self.start, number=self.number)
        data = key.unwrap(wrapped, place.wrap_info(key_id))
        if not hmac.compare_digest(_commitment(data), self.commitment):
            raise CommitmentMismatch
        return data


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A record as its chain sees it."""

    chain: bytes
    sequence: int
    hash: bytes
    previous: bytes
    """The hash of the record before it, as it says itself."""
    is_hollow: bool
    """Whether its ciphertext is gone; then nothing but the signature ties what it says to its hash."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A record as it travels; what it says is in the ciphertext."""

    municipality: str
    device: bytes
    chain: bytes
    epoch: int
    sequence: int
    nonce: bytes
    id: bytes
    dictionary: int
    previous_hash: bytes
    header: bytes = field(repr=False)
    ciphertext: bytes | None = field(repr=False)
    """None once it was withdrawn."""
    signature: bytes
    hash: bytes
    body: bytes = field(repr=False)

    @property
    def is_hollow(self) -> bool:
        """Whether it was withdrawn before it left the desk."""
        return self.ciphertext is None

    @property
    def place(self) -> Place:
        """What its chain sees of it."""
        return Place(
            chain=self.chain,
            sequence=self.sequence,
            hash=self.hash,
            previous=self.previous_hash,
            is_hollow=self.is_hollow,
        )

    def verify(self, public: bytes) -> None:
        """Return if the device with that key made it; `BadSignature`."""
        _verify(public, self.device, RECORD_CONTEXT, self.hash + self.header, self.signature)


def parse_epoch(body: bytes) -> EpochHeader:
    """Read an epoch; `MalformedMessage`. Says nothing about its signature yet."""
    suite, municipality, device, chain, start, number, wraps, commitment, signature = versioned(
        body, 9, limit=MAX_EPOCH_BYTES
    )
    if suite != SUITE:
        raise UnsupportedVersion("another suite")
    return EpochHeader(
        municipality=as_municipality(municipality),
        device=as_device(device),
        chain=as_device(chain),
        start=as_int(start, lowest=0),
        number=as_int(number, lowest=1),
        wraps=as_items(wraps, _wrap, most=MAX_WRAPS),
        commitment=as_hash(commitment),
        signature=as_signature(signature),
        body=body,
        stated=encode([VERSION, suite, municipality, device, chain, start, number, wraps, commitment]),
    )


def parse_record(body: bytes) -> Record:
    """Read a record, whole or hollow; `MalformedMessage`. Says nothing about its signature yet."""
    value = decode(body, limit=MAX_RECORD_BYTES)
    header, ciphertext, signature, digest = _parts(value)
    municipality, device, chain, epoch, sequence, nonce, record_id, dictionary, previous_hash = versioned(header, 9)
    return Record(
        municipality=as_municipality(municipality),
        device=as_device(device),
        chain=as_device(chain),
        epoch=as_int(epoch, lowest=1),
        sequence=as_int(sequence, lowest=1),
        nonce=as_bytes(nonce, NONCE_LENGTH),
        id=as_id(record_id),
        dictionary=as_int(dictionary, lowest=1),
        previous_hash=as_hash(previous_hash),
        header=header,
        ciphertext=ciphertext,
        signature=signature,
        hash=digest,
        body=body,
    )


def _parts(value: object) -> tuple[bytes, bytes | None, bytes, bytes]:
    """Header, ciphertext, signature and hash of either form."""
    if type(value) is list and len(value) == 4:  # noqa: PLR2004 # the hollow form
        header, nothing, signature, digest = value
        if nothing is not None:
            raise MalformedMessage("a record with a ciphertext states no hash")
        return as_blob(header, most=MAX_RECORD_BYTES), None, as_signature(signature), as_hash(digest)
    parts = fields(value, 3)
    header, ciphertext = as_blob(parts[0], most=MAX_RECORD_BYTES), as_blob(parts[1], most=MAX_RECORD_BYTES)
    return header, ciphertext, as_signature(parts[2]), hashlib.sha256(header + ciphertext).digest()


def _wrap(value: object) -> tuple[bytes, bytes]:
    key_id, wrapped = fields(value, 2)
    return as_device(key_id), as_bytes(wrapped, WRAP_LENGTH)


def _verify(public: bytes, device: bytes, context: bytes, message: bytes, signature: bytes) -> None:
    if device_id(public) != device:
        raise BadSignature("made in the name of another device")
    verify(public, context, message, signature)


# -------------------------------------------------------------------------------------------------------------- opening


def open_record(record: Record, data_key: bytes) -> bytes:
    """The payload; `NotOpenable` if the record is hollow, of another epoch, or was changed."""
    if record.ciphertext is None:
        raise NotOpenable("withdrawn before it left the desk")
    try:
        padded = ChaCha20Poly1305(data_key).decrypt(record.nonce, record.ciphertext, record.header)
    except InvalidTag:
        raise NotOpenable("the key does not fit, or it was changed") from None
    return unsqueeze(padded, dictionary=record.dictionary)
