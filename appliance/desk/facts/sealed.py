"""A fact after sealing: bytes that the box itself cannot read again."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainHead:
    """The last committed link of this database's chain; the next record stands on it."""

    chain: bytes
    """8 random bytes, new for every created or restored database."""
    sequence: int
    """The last sequence number given out; 0 in an empty chain."""
    hash: bytes
    """The hash of that record, 32 bytes; zeros in an empty chain."""
    epoch: int
    """The highest epoch number ever stored; 0 in an empty chain."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedEpoch:
    """The header of an epoch: who can unwrap its data key, signed by the device."""

    number: int
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedRecord:
    """One sealed fact, as it is stored and carried."""

    id: UUID
    sequence: int
    epoch: SealedEpoch
    header: bytes
    """Deterministic CBOR; the associated data of the seal."""
    ciphertext: bytes
    hash: bytes
    """SHA-256 over header and ciphertext; the next record's `previous hash`."""
