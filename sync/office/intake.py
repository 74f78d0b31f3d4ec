"""Intake: a page of bodies is believed, opened and filed in one transaction; one bad record never stops the others."""

from collections.abc import Callable, Iterable
from datetime import date

from sync.envelope import parse_epoch
from sync.errors import SyncError
from sync.office.errors import EpochMissing, UnknownDevice
from sync.office.filing import epochs_of, file, keep_epoch, no_longer_aside, place_for, set_aside
from sync.office.opening import Opening
from sync.office.store import Storage
from sync.office.tables import Aside

MAY_HAVE_COME = (EpochMissing.code, UnknownDevice.code)
"""Reasons that pass by themselves, once the epoch or the admission arrives."""


class Intake:
    """Files what arrives, and what was put aside before."""

    def __init__(self, *, storage: Storage, opening: Opening, today: Callable[[], date]) -> None:
        self._storage = storage
        self._opening = opening
        self._today = today

    def take(self, epochs: Iterable[bytes], records: Iterable[bytes]) -> int:
        """File a page, inside a transaction; how many records were new."""
        for body in epochs:
            self._take_epoch(body)
        return sum([self._take_record(body) for body in records])

    def try_again(self, *, everything: bool) -> int:
        """Open what lies aside, inside a transaction: everything, or what only had to wait for something to arrive."""
        waiting = Aside.select().order_by(Aside.digest)
        if not everything:
            waiting = waiting.where(Aside.reason.in_(MAY_HAVE_COME))
        bodies = [(aside.is_epoch, bytes(aside.body)) for aside in waiting]
        epochs = [body for is_epoch, body in bodies if is_epoch]
        return self.take(epochs, [body for is_epoch, body in bodies if not is_epoch])

    def _take_epoch(self, body: bytes) -> None:
        try:
            keep_epoch(parse_epoch(body))
        except SyncError as error:
            set_aside(body, error, is_epoch=True)
        else:
            no_longer_aside(body)

    def _take_record(self, body: bytes) -> bool:
        try:
            reading = place_for(self._opening.record(body, epochs_of))
        except SyncError as error:
            set_aside(body, error)
            return False
        try:
            with self._storage.part():
                changed = file(reading, today=self._today())
        except SyncError as error:
            set_aside(body, error, record=reading.record)
            return False
        if reading.trouble is not None:
            set_aside(body, reading.trouble, record=reading.record)
        else:
            no_longer_aside(body)
        return changed
