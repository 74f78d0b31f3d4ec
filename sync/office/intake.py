"""Intake: a page of bodies is believed, opened and filed in one transaction; one bad record never stops the others."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from sync.envelope import Record, parse_epoch, parse_record
from sync.errors import DeviceLeft, SyncError
from sync.office.errors import EpochMissing, UnknownDevice
from sync.office.filing import epochs_of, file, is_aside, keep_epoch, known_of, no_longer_aside, place_for, set_aside
from sync.office.opening import Opening
from sync.office.store import Storage
from sync.office.tables import Aside

MAY_HAVE_COME = (EpochMissing.code, UnknownDevice.code, DeviceLeft.code)
"""Reasons that pass by themselves, once the epoch, the admission or the record behind it arrives."""


class Intake:
    """Files what arrives, and what was put aside before."""

    def __init__(self, *, storage: Storage, opening: Opening, today: Callable[[], date]) -> None:
        self._storage = storage
        self._opening = opening
        self._today = today
        self._epochs: dict[tuple[bytes, bytes, int], Sequence[bytes]] = {}
        self._left: list[Record] = []
        """Records of this page that a box which has left may have made afterwards."""

    def take(self, epochs: Iterable[bytes], records: Iterable[bytes]) -> int:
        """File a page, inside a transaction; how many records were filed that had not been."""
        taken = [body for body in epochs if self._take_epoch(body)]
        self._epochs.clear()
        new = self._take_records(records, taken)
        # Of a stolen box a record is believed by the one behind it: the last one first.
        left, self._left = sorted(self._left, key=lambda record: (record.chain, record.sequence), reverse=True), []
        new += self._take_records([record.body for record in left], taken)
        self._left.clear()
        no_longer_aside(taken)
        return new

    def _take_records(self, records: Iterable[bytes], taken: list[bytes]) -> int:
        new = 0
        for body in records:
            changed = self._take_record(body)
            if changed is not None:
                taken.append(body)
                new += changed
        return new

    def try_again(self, *, everything: bool) -> int:
        """Open what lies aside, inside a transaction: everything, or what only had to wait for something to arrive."""
        waiting = Aside.select().order_by(Aside.digest)
        if not everything:
            waiting = waiting.where(Aside.reason.in_(MAY_HAVE_COME))
        bodies = [(aside.is_epoch, bytes(aside.body)) for aside in waiting]
        epochs = [body for is_epoch, body in bodies if is_epoch]
        return self.take(epochs, [body for is_epoch, body in bodies if not is_epoch])

    def _take_epoch(self, body: bytes) -> bool:
        """Keep an epoch; False if it lies aside now."""
        try:
            keep_epoch(parse_epoch(body))
        except SyncError as error:
            set_aside(body, error, is_epoch=True)
            return False
        return True

    def _take_record(self, body: bytes) -> bool | None:
        """File a record: whether that changed anything, or None if it lies aside now."""
        try:
            reading = place_for(self._opening.record(body, self._epochs_of, known_of))
        except SyncError as error:
            if isinstance(error, DeviceLeft):
                self._left.append(parse_record(body))
            set_aside(body, error)
            return None
        try:
            with self._storage.part():
                changed = file(reading, today=self._today())
        except SyncError as error:
            set_aside(body, error, record=reading.record)
            return None
        if reading.trouble is not None and is_aside(reading.record):
            set_aside(body, reading.trouble, record=reading.record)
            return None
        return changed

    def _epochs_of(self, record: Record) -> Sequence[bytes]:
        """The epochs of a record; a page asks for each of them once."""
        place = (record.device, record.chain, record.epoch)
        if place not in self._epochs:
            self._epochs[place] = epochs_of(record)
        return self._epochs[place]
