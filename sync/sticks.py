"""The town's sticks (USBメモリー): what the office writes on one to know it again, and its book `sticks.toml`."""

import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sync.errors import MalformedMessage, SyncError
from sync.files import write_over
from sync.keys import SigningKey, verify
from sync.wire import VERSION, Signed, as_id, as_int, as_municipality, encode, versioned

STICK_CONTEXT = b"madoguchi/v1/stick"
MOST_NUMBER = 9999


class StickUnregistered(SyncError):
    """Nobody has registered this stick with the town."""

    code = "stick_unregistered"
    ja = (
        "登録されていない USBメモリーです。何も していません。"
        "`madoguchi town stick register` で 登録するか、--any を 付けます。"
    )
    en = "The stick is not registered; nothing was done. Use `madoguchi town stick register`, or say --any."


class StickRevoked(SyncError):
    """The stick was registered, and is not any more."""

    code = "stick_revoked"
    ja = (
        "使うのを やめた（または なくした）はずの USBメモリーです。何も していません。"
        "だれが 持っていたか 確かめてください。"
    )
    en = "The stick was revoked; nothing was done. Find out who had it."


class StickRegistered(SyncError):
    """The stick has a number already."""

    code = "stick_registered"
    ja = "この USBメモリーは もう 登録されています。"
    en = "This stick is registered already."


class UnknownStick(SyncError):
    """No stick has that number."""

    code = "unknown_stick"
    ja = "その番号の USBメモリーは ありません。"
    en = "No stick has that number."


class StickBookBroken(SyncError):
    """The book of sticks cannot be read."""

    code = "stick_book_broken"
    ja = "USBメモリーの一覧 (sticks.toml) に 直すところが あります。"
    en = "The list of sticks needs a correction."


@dataclass(frozen=True, kw_only=True, slots=True)
class StickId:
    """What a registered stick says of itself; it can be copied, so it says which stick was meant, not which it is."""

    municipality: str
    number: int
    """On its label."""
    id: bytes

    def to_bytes(self, office: SigningKey) -> bytes:
        """The file, signed by the office."""
        payload = encode([VERSION, self.municipality, self.number, self.id])
        return Signed(payload=payload, signature=office.sign(STICK_CONTEXT, payload)).to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes, *, office: bytes) -> "StickId":
        """Read a file signed by the key `office`; `MalformedMessage`, `BadSignature`."""
        signed = Signed.from_bytes(data)
        verify(office, STICK_CONTEXT, signed.payload, signed.signature)
        municipality, number, stick = versioned(signed.payload, 3)
        return cls(
            municipality=as_municipality(municipality),
            number=as_int(number, lowest=1, highest=MOST_NUMBER),
            id=as_id(stick),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Stick:
    """One line of the book."""

    number: int
    id: bytes
    registered_on: date
    revoked_on: date | None = None


class StickBook:
    """The sticks of a town, in a file that people may read."""

    def __init__(
        self, path: Path, *, municipality: str, office: bytes, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        """`office` is the public key that signs the sticks' names."""
        self._path = path
        self._municipality = municipality
        self._office = office
        self._random = random

    def all(self) -> tuple[Stick, ...]:
        """Every stick there is or was, in the order of numbers; `StickBookBroken`."""
        try:
            entries = tomllib.loads(self._path.read_text("utf-8")).get("stick", [])
            return tuple(sorted(map(_stick, entries), key=lambda stick: stick.number))
        except FileNotFoundError:
            return ()
        except (ValueError, KeyError, TypeError, AttributeError, MalformedMessage) as error:
            raise StickBookBroken(f"{self._path.name}: {error}") from None

    def number_of(self, data: bytes | None) -> int:
        """The number of the stick with that file on it; `StickUnregistered`, `StickRevoked`, `StickBookBroken`."""
        stick = self._find(data)
        if stick is None:
            raise StickUnregistered
        if stick.revoked_on is not None:
            raise StickRevoked(f"number {stick.number}, revoked on {stick.revoked_on}")
        return stick.number

    def revoked(self) -> frozenset[bytes]:
        """The ids of the sticks of which nothing is taken any more; `StickBookBroken`."""
        return frozenset(stick.id for stick in self.all() if stick.revoked_on is not None)

    def register(self, data: bytes | None, *, office: SigningKey, on: date) -> tuple[int, bytes]:
        """Give a stick, which has `data` on it by now, the next number, and the file that says so; `StickRegistered`.

        A number is never given twice.
        """
        known, before = self.all(), self._find(data)
        if before is not None and before.revoked_on is None:
            raise StickRegistered(f"number {before.number}")
        number = max((stick.number for stick in known), default=0) + 1
        stick = Stick(number=number, id=self._random(16), registered_on=on)
        self._write((*known, stick))
        return number, StickId(municipality=self._municipality, number=number, id=stick.id).to_bytes(office)

    def revoke(self, number: int, *, on: date) -> None:
        """Take no more from that stick; `UnknownStick`."""
        known = {stick.number: stick for stick in self.all()}
        if number not in known:
            raise UnknownStick(f"number {number}")
        if known[number].revoked_on is None:
            known[number] = replace(known[number], revoked_on=on)
        self._write(tuple(known.values()))

    def _find(self, data: bytes | None) -> Stick | None:
        try:
            named = StickId.from_bytes(data, office=self._office) if data else None
        except SyncError:
            return None
        return next(
            (stick for stick in self.all() if named and (stick.number, stick.id) == (named.number, named.id)), None
        )

    def _write(self, sticks: tuple[Stick, ...]) -> None:
        write_over(self._path, "\n".join(_lines(stick) for stick in sticks).encode())


def _stick(entry: dict[str, object]) -> Stick:
    registered_on, revoked_on = entry["registered_on"], entry.get("revoked_on")
    if not isinstance(registered_on, date) or not isinstance(revoked_on, date | None):
        raise TypeError("registered_on and revoked_on are days such as 2026-11-21")
    number = as_int(entry["number"], lowest=1, highest=MOST_NUMBER)
    return Stick(
        number=number, id=as_id(bytes.fromhex(str(entry["id"]))), registered_on=registered_on, revoked_on=revoked_on
    )


def _lines(stick: Stick) -> str:
    revoked = f"revoked_on = {stick.revoked_on}\n" if stick.revoked_on else ""
    return (
        f'[[stick]]\nnumber = {stick.number}\nid = "{stick.id.hex()}"\nregistered_on = {stick.registered_on}\n{revoked}'
    )
