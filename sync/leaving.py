"""The boxes that have left: retired ones, and stolen ones; a signed, numbered list by wire and stick.

A record of such a box counts only up to where its chain was known to end.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sync.envelope import Place
from sync.errors import OlderList
from sync.files import write_over
from sync.keys import SigningKey, device_id, verify
from sync.wire import (
    VERSION,
    Signed,
    as_bytes,
    as_device,
    as_hash,
    as_int,
    as_items,
    as_municipality,
    as_text,
    encode,
    fields,
    versioned,
)

LEAVING_CONTEXT = b"madoguchi/v1/leaving"
FAREWELL_CONTEXT = b"madoguchi/v1/farewell"

MOST_DEVICES = 5000
MOST_HEADS = 100

Stamp = tuple[int, int, int]


class Leave(StrEnum):
    """How a box left."""

    RETIRED = "retired"
    """What it had written by then is still accepted, whenever it comes."""
    STOLEN = "stolen"
    """What the town had by then counts, and what its chain proves to have been there; nothing more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """Where a chain ended."""

    chain: bytes
    sequence: int
    hash: bytes


Known = Callable[[bytes, int], Place | None]
"""The record that whoever is asked has in that place of a chain."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Departure:
    """One box that has left."""

    device: bytes
    how: Leave
    heads: tuple[Head, ...]

    def covers(self, chain: bytes, sequence: int) -> bool:
        """Whether a record in that place was written before the box left."""
        return any(head.chain == chain and sequence <= head.sequence for head in self.heads)

    def counts(self, record: Place, known: Known) -> bool:
        """Whether a record was written before the box left, as far as anybody can tell.

        The key of a stolen box is in other hands. Of its records only those count that are known already, and those
        whose hash the list or the record behind them names: nobody can make another record with that hash.
        """
        if not self.covers(record.chain, record.sequence) or self.how is Leave.RETIRED:
            return self.covers(record.chain, record.sequence)
        stands = known(record.chain, record.sequence)
        if stands is not None:
            return stands.hash == record.hash and (stands.is_hollow or not record.is_hollow)
        return not record.is_hollow and record.hash in self._named(record, known)

    def _named(self, record: Place, known: Known) -> set[bytes]:
        """The hashes that a record in that place may have."""
        behind = known(record.chain, record.sequence + 1)
        heads = {head.hash for head in self.heads if (head.chain, head.sequence) == (record.chain, record.sequence)}
        return heads | ({behind.previous} if behind else set())


@dataclass(frozen=True, kw_only=True, slots=True)
class LeavingList:
    """All boxes of a town that have left."""

    municipality: str
    number: int
    """Rises with every list; a lower one is not believed any more."""
    departures: tuple[Departure, ...]

    def with_departure(self, departure: Departure) -> "LeavingList":
        """The next list: this one with that box, once."""
        others = tuple(one for one in self.departures if one.device != departure.device)
        return LeavingList(municipality=self.municipality, number=self.number + 1, departures=(*others, departure))

    def to_bytes(self, office: SigningKey) -> bytes:
        """The wire form, signed by the office."""
        written = [
            [one.device, one.how.value, [[head.chain, head.sequence, head.hash] for head in one.heads]]
            for one in self.departures
        ]
        payload = encode([VERSION, self.municipality, self.number, written])
        return Signed(payload=payload, signature=office.sign(LEAVING_CONTEXT, payload)).to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes, *, office: bytes) -> "LeavingList":
        """Read a list signed by the key `office`; `MalformedMessage`, `BadSignature`."""
        signed = Signed.from_bytes(data)
        verify(office, LEAVING_CONTEXT, signed.payload, signed.signature)
        municipality, number, departures = versioned(signed.payload, 3)
        return cls(
            municipality=as_municipality(municipality),
            number=as_int(number, lowest=1),
            departures=as_items(departures, _departure, most=MOST_DEVICES),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Farewell:
    """What a box says when it retires: where its chain ends, signed by itself."""

    municipality: str
    device: bytes
    head: Head

    def to_bytes(self, key: SigningKey) -> bytes:
        """The wire form, signed by the box."""
        head = self.head
        payload = encode([VERSION, self.municipality, self.device, head.chain, head.sequence, head.hash])
        return Signed(payload=payload, signature=key.sign(FAREWELL_CONTEXT, payload)).to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes, *, public: bytes) -> "Farewell":
        """Read a farewell signed by the device with that key; `MalformedMessage`, `BadSignature`."""
        signed = Signed.from_bytes(data)
        verify(public, FAREWELL_CONTEXT, signed.payload, signed.signature)
        municipality, device, *head = versioned(signed.payload, 5)
        return cls(
            municipality=as_municipality(municipality),
            device=as_bytes(device, len(device_id(public))),
            head=_head(head),
        )


def furthest(heads: Iterable[Head]) -> tuple[Head, ...]:
    """Of every chain the head that lies furthest."""
    found: dict[bytes, Head] = {}
    for head in heads:
        known = found.get(head.chain)
        if known is None or known.sequence < head.sequence:
            found[head.chain] = head
    return tuple(found[chain] for chain in sorted(found))


class LeavingBook:
    """The newest list, in a file; a changed file counts from the next question on."""

    def __init__(self, path: Path, *, municipality: str, office: bytes) -> None:
        """`office` is the public key that signs lists."""
        self._path = path
        self._municipality = municipality
        self._office = office
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._list = self._empty()
        self._departures: Mapping[bytes, Departure] = {}

    def newest(self) -> LeavingList:
        """The list as it is known now; number 0 and empty before the first. `MalformedMessage`, `BadSignature`."""
        with self._lock:
            return self._known()

    def signed(self) -> tuple[int, bytes]:
        """The number of the newest list, and the list as the office signed it; empty before the first.

        `MalformedMessage`, `BadSignature`.
        """
        with self._lock:
            number = self._known().number
            return number, self._path.read_bytes() if number else b""

    def departure(self, device: bytes) -> Departure | None:
        """How that device left, if it did; `MalformedMessage`, `BadSignature`."""
        with self._lock:
            self._known()
            return self._departures.get(device)

    def take(self, data: bytes) -> LeavingList:
        """Believe this list from now on, durably; `OlderList`, `MalformedMessage`, `BadSignature`."""
        brought = LeavingList.from_bytes(data, office=self._office)
        with self._lock:
            known = self._known()
            if brought.municipality != self._municipality or brought.number < known.number:
                raise OlderList(f"number {brought.number}, known is {known.number}")
            if brought.number > known.number:
                write_over(self._path, data)
            elif brought != known:
                raise OlderList(f"another list has number {known.number}")
        return brought

    def _known(self) -> LeavingList:
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            data = self._path.read_bytes() if stamp else None
            self._list = LeavingList.from_bytes(data, office=self._office) if data is not None else self._empty()
            self._departures = {one.device: one for one in self._list.departures}
            self._stamp = stamp
        return self._list

    def _empty(self) -> LeavingList:
        return LeavingList(municipality=self._municipality, number=0, departures=())


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _departure(value: object) -> Departure:
    device, how, heads = fields(value, 3)
    word = as_text(how, most=20)
    return Departure(
        device=as_device(device),
        # A word of a newer office: nothing more of that box is accepted, which is the safer of the two.
        how=Leave(word) if word in list(Leave) else Leave.STOLEN,
        heads=as_items(heads, lambda head: _head(fields(head, 3)), most=MOST_HEADS),
    )


def _head(value: list[object]) -> Head:
    chain, sequence, digest = fields(value, 3)
    return Head(chain=as_device(chain), sequence=as_int(sequence, lowest=0), hash=as_hash(digest))
