"""Trying a PIN: one at a time, counted on the disk when it is wrong, not tried at all while somebody is locked out."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from appliance.desk.errors import (
    LockedOut,
    LockedOutAlone,
    LockedOutOfOffice,
    MadoguchiError,
    SignInBusy,
    SignInRefused,
    WrongPin,
)
from appliance.desk.facts.roster import RosterEntry, helper_of
from appliance.desk.facts.security import Place, SecurityEvent, SecurityMatter
from appliance.desk.facts.staff import Permission
from appliance.desk.ledger import Ledger
from appliance.desk.ports import Clock, PinLock
from appliance.desk.reception.lockout import TRIES, Lockout, Ration
from appliance.desk.reception.roster_book import RosterBook

log = logging.getLogger(__name__)

MAX_WAITING = 8
"""So many wait for their turn; the threads of the desk are there for those who press."""

_LOCKED_OUT = {Permission.FACILITY_STAFF: LockedOut, Permission.ICT_SUPPORT: LockedOutOfOffice, None: LockedOutAlone}
"""By who can help."""


class PinCheck:
    """Knows whether a PIN is right, and what to answer where it is not."""

    def __init__(self, *, ledger: Ledger, book: RosterBook, clock: Clock, pins: PinLock) -> None:
        self._ledger = ledger
        self._book = book
        self._clock = clock
        self._pins = pins
        self._lockout = Lockout(clock.now())
        self._ration = Ration()
        self._turn = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MAX_WAITING)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One at a time, so that a burst tries no more PINs than are counted; `SignInBusy` instead of a long queue."""
        if not self._waiting.acquire(blocking=False):
            raise SignInBusy
        try:
            with self._turn:
                yield
        finally:
            self._waiting.release()

    @contextmanager
    def own_turn(self) -> Iterator[None]:
        """The same for what tries no PIN and is never sent away."""
        with self._turn:
            yield

    def holds(self, row: RosterEntry) -> bool:
        """Whether no PIN of that person is tried at this moment."""
        return self._lockout.holds(row, self._clock.now())

    def key_of(self, row: RosterEntry, pin: str, *, place: Place) -> bytes:
        """What that PIN opens; `LockedOut`, `WrongPin`, which is counted on the disk before it is answered."""
        self.check_not_held(row, place=place)
        key = self._pins.unwrap(row.salt, row.wrapped_key, pin, row.id.bytes)
        if key is None:
            raise self._wrong(row, place)
        return key

    def check_not_held(self, row: RosterEntry, *, place: Place) -> None:
        """Return unless that person is locked out; `LockedOut`."""
        if self.holds(row):
            raise self.refused(self._locked_out(row), row, place)

    def refused(self, error: SignInRefused, row: RosterEntry, place: Place) -> SignInRefused:
        """That refusal, put on record."""
        self.mention(SecurityMatter.SIGN_IN_REFUSED, place, by=None, about=row.id)
        return error

    def mention(self, matter: SecurityMatter, place: Place, *, by: UUID | None, about: UUID | None) -> None:
        """Seal an event that changes nothing, as far as its ration and the disk allow."""
        if not self._ration.allows(matter, self._clock.now()):
            return
        try:
            with self._ledger.page() as page:
                page.seal(SecurityEvent.of(matter, now=page.now, place=place, by=by, about=about))
        except MadoguchiError as error:
            log.warning("a refused command was not recorded: %s", error)

    def _wrong(self, row: RosterEntry, place: Place) -> SignInRefused:
        with self._book.writing() as page:
            counted = self._lockout.after_wrong(self._book.row(row.id), page.now)
            page.staff.put(counted)
            matter = SecurityMatter.LOCKED_OUT if counted.locked else SecurityMatter.SIGN_IN_REFUSED
            if self._ration.allows(matter, page.now):
                page.seal(SecurityEvent.of(matter, now=page.now, place=place, about=row.id))
        return self._locked_out(counted) if counted.locked else WrongPin(left=TRIES - counted.wrong)

    def _locked_out(self, row: RosterEntry) -> LockedOut:
        return _LOCKED_OUT[helper_of(row.member, [other.member for other in self._book.rows])]()
