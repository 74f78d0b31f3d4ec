"""A box leaves: the office signs until where its records count, and everybody who takes records in is told."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from provisioning.certify import enrolled
from provisioning.errors import FarewellMissing
from sync.errors import SyncError
from sync.keys import SigningKey
from sync.leaving import Departure, Farewell, Head, Leave, LeavingBook, furthest
from sync.registry import Device, DeviceRegistry


class Departures:
    """Signs who has left, in the name of one office."""

    def __init__(self, *, municipality: str, registry: DeviceRegistry, book: LeavingBook, office: SigningKey) -> None:
        self._municipality = municipality
        self._registry = registry
        self._book = book
        self._office = office

    def retire(self, box: int, known: Sequence[Head], *, farewell: bytes | None, is_dead: bool = False) -> int:
        """Sign the next list, with a box that is used no more: what it had written counts, also what is on its way.

        How many records are. `known`: where its chains end in the town. `UnknownBox`, `FarewellMissing` unless the box
        `is_dead`.
        """
        device = enrolled(self._registry, box)
        said = self._farewell(device, farewell)
        if said is None and not is_dead:
            raise FarewellMissing(f"box {box}")
        self._leave(device, Leave.RETIRED, (*known, *((said.head,) if said else ())))
        return _missing(said.head, known) if said else 0

    def steal(self, box: int, known: Iterable[Head]) -> bytes:
        """The new list, with a box that somebody else may hold now: only what the town had counts. `UnknownBox`."""
        return self._leave(enrolled(self._registry, box), Leave.STOLEN, known)

    def _farewell(self, device: Device, data: bytes | None) -> Farewell | None:
        try:
            said = Farewell.from_bytes(data, public=device.public_key) if data is not None else None
        except SyncError as error:
            raise FarewellMissing(f"box {device.box}: {error.code}") from None
        if said is not None and (said.municipality, said.device) != (self._municipality, device.id):
            raise FarewellMissing(f"box {device.box}: of another box")
        return said

    def _leave(self, device: Device, how: Leave, heads: Iterable[Head]) -> bytes:
        """List first, registry second: the list is what counts, the file is for people."""
        departure = Departure(device=device.id, how=how, heads=furthest(heads))
        data = self._book.newest().with_departure(departure).to_bytes(self._office)
        self._book.take(data)
        self._registry.change(replace(device, left=how))
        return data


def _missing(last: Head, known: Iterable[Head]) -> int:
    arrived = max((head.sequence for head in known if head.chain == last.chain), default=0)
    return max(0, last.sequence - arrived)
