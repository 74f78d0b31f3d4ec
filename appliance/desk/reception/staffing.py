"""Staff: who comes in by a PIN, who is kept out, and who has left."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from appliance.desk.desk_key import DeskKey
from appliance.desk.errors import (
    AlreadySetUp,
    AppointmentEnded,
    Invalid,
    LockedOut,
    LockedOutOfOffice,
    MadoguchiError,
    PresenceNeeded,
    SignInBusy,
    SignInRefused,
    UnknownStaff,
    WrongPin,
)
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.roster import PersonEntry, RosterEntry, checked_pin, is_pin, typed_pin
from appliance.desk.facts.security import Place, SecurityEvent, SecurityMatter
from appliance.desk.facts.sheet import day_of
from appliance.desk.facts.shift import Shift
from appliance.desk.facts.staff import Employment, Permission, StaffMember, StaffRole
from appliance.desk.ledger import Ledger, Page
from appliance.desk.ports import Clock, PinLock
from appliance.desk.presence import Presence
from appliance.desk.presence_code import PresenceCode
from appliance.desk.reception.lockout import TRIES, Lockout, Ration
from appliance.desk.reception.roster_book import RosterBook

log = logging.getLogger(__name__)

MAX_WAITING = 8
"""So many sign-ins wait for their turn; the threads of the desk are there for those who press."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Browser:
    """Where somebody signs in."""

    sign_in: str
    """A random name; the sign-in goes by it from then on."""
    place: Place
    last: UUID | None = None
    """Who signed in there before."""
    code: str = ""
    """What was typed of the presence code."""


class StaffDesk:
    """Signs people in and out."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        book: RosterBook,
        presence: Presence,
        clock: Clock,
        pins: PinLock,
        desk_key: DeskKey,
    ) -> None:
        self._ledger = ledger
        self._book = book
        self._presence = presence
        self._clock = clock
        self._pins = pins
        self._desk_key = desk_key
        self._lockout = Lockout(clock.now())
        self._ration = Ration()
        self._turn = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MAX_WAITING)
        self.presence_code = PresenceCode()

    def set_up(self, name: str, *, pin: str, browser: Browser) -> StaffMember:
        """Make the first ICT-support account and sign it in; no PIN is there by default.

        From elsewhere than the box's own screen it needs the presence code. `AlreadySetUp`, `PresenceNeeded`,
        `Invalid`.
        """
        first = PersonEntry(
            name=name,
            permission=Permission.ICT_SUPPORT,
            appointments=frozenset({StaffRole.ICT_SUPPORT}),
            employment=Employment.MUNICIPAL,
        ).checked()
        pin = checked_pin(pin)
        with self._my_turn():
            if self._book.rows:
                raise AlreadySetUp
            self._check_presence(browser, self._clock.now())
            self._desk_key.make()
            row = self._book.new_row(first, pin)
            with self._book.writing() as page:
                row = self._book.put_new(page, row)
                _tell(page, SecurityMatter.SET_UP, browser.place, by=row.id, about=row.id)
            self._arrive(row.member, browser, page.now)
        return self._book.named(row)

    def meant(self, number: int | None, *, last: UUID | None) -> StaffMember:
        """Whom somebody means: the number chosen, else who was at that browser last, else the first volunteer.

        `UnknownStaff`.
        """
        serving = [row for row in self._book.rows if row.member.active]
        likeliest = sorted(serving, key=lambda row: (row.id != last, row.member.permission is not Permission.VOLUNTEER))
        for row in likeliest:
            if number is None or row.member.number == number:
                return self._book.named(row)
        raise UnknownStaff

    def is_locked(self, person: UUID) -> bool:
        """Whether no PIN of that person is tried at this moment; `UnknownStaff`."""
        return self._lockout.holds(self._book.row(person), self._clock.now())

    def sign_in(self, pin: str, *, browser: Browser, number: int | None = None) -> StaffMember:
        """Let somebody in whose PIN is right; everybody else learns from the error who can help.

        A wrong PIN is counted on the disk before it is answered. `UnknownStaff`, `WrongPin`, `LockedOut`,
        `AppointmentEnded`, `PresenceNeeded`, `SignInBusy`, `Invalid`.
        """
        pin = typed_pin(pin)
        if not is_pin(pin):
            raise Invalid("pin", "must be six digits")
        with self._my_turn():
            row = self._book.row(self.meant(number, last=browser.last).id)
            now = self._clock.now()
            if row.member.permission is Permission.ICT_SUPPORT:
                self._check_presence(browser, now)
            if self._lockout.holds(row, now):
                raise self._refused(_locked_out(row), row, browser)
            key = self._pins.unwrap(row.salt, row.wrapped_key, pin, row.id.bytes)
            if key is None:
                raise self._wrong(row, browser)
            if _has_ended(row.member, now):
                raise self._refused(AppointmentEnded(), row, browser)
            self._let_in(row, browser)
            self._desk_key.unlock(key)
        return self._book.named(row)

    def working(self, sign_in: str) -> StaffMember | None:
        """Who is signed in there and does something now; nobody after half an hour without a request."""
        now = self._clock.now()
        member = self._presence.use(sign_in, now=now)
        return None if member is None or _has_ended(member, now) else member

    def watching(self, sign_in: str) -> StaffMember | None:
        """The same for a screen that only looks, which keeps nobody signed in."""
        now = self._clock.now()
        member = self._presence.awake(sign_in, now=now)
        return None if member is None or _has_ended(member, now) else member

    def sign_out(self, sign_in: str, *, place: Place) -> None:
        """Somebody goes; the stay is sealed as a shift with the last browser that person leaves."""
        with self._turn:
            self._leave(sign_in, place)

    def everybody_leaves(self) -> None:
        """The desk is closed or stops: stays are sealed as shifts, everybody is signed out, the desk key is forgotten.

        It ends so even where no disk takes the shifts.
        """
        with self._turn:
            stays = self._presence.everybody()
            try:
                if stays:
                    with self._ledger.page() as page:
                        for stay in stays:
                            page.seal(Shift.of(stay.member, began=stay.began, now=page.now))
            except MadoguchiError as error:
                log.error("%d shifts could not be stored: %s", len(stays), error)  # noqa: TRY400 (words, no trace)
            finally:
                self._presence.everybody_leaves()
                self._desk_key.forget()

    def command_refused(self, *, by: StaffMember, place: Place) -> None:
        """Somebody who is signed in tried what is for others."""
        self._mention(SecurityMatter.COMMAND_REFUSED, place, by=by.id, about=None)

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        """One at a time, so that a burst tries no more PINs than are counted; `SignInBusy` instead of a long queue."""
        if not self._waiting.acquire(blocking=False):
            raise SignInBusy
        try:
            with self._turn:
                yield
        finally:
            self._waiting.release()

    def _check_presence(self, browser: Browser, now: Moment) -> None:
        """From elsewhere than the box's own screen the code decides before any PIN is tried."""
        if browser.place == "screen":
            return
        code = typed_pin(browser.code)
        if code and self.presence_code.accepts(code, now):
            return
        if code:
            self._mention(SecurityMatter.SIGN_IN_REFUSED, browser.place, by=None, about=None)
        raise PresenceNeeded

    def _wrong(self, row: RosterEntry, browser: Browser) -> SignInRefused:
        """Count a wrong PIN on the disk; what to answer then."""
        with self._book.writing() as page:
            counted = self._lockout.after_wrong(self._book.row(row.id), page.now)
            page.staff.put(counted)
            matter = SecurityMatter.LOCKED_OUT if counted.locked else SecurityMatter.SIGN_IN_REFUSED
            if self._ration.allows(matter, page.now):
                _tell(page, matter, browser.place, by=None, about=row.id)
        return _locked_out(counted) if counted.locked else WrongPin(left=TRIES - counted.wrong)

    def _refused(self, error: SignInRefused, row: RosterEntry, browser: Browser) -> SignInRefused:
        self._mention(SecurityMatter.SIGN_IN_REFUSED, browser.place, by=None, about=row.id)
        return error

    def _let_in(self, row: RosterEntry, browser: Browser) -> None:
        with self._book.writing() as page:
            if row.wrong or row.locked:
                page.staff.put(replace(self._book.row(row.id), wrong=0, locked=False))
            _tell(page, SecurityMatter.SIGNED_IN, browser.place, by=row.id, about=row.id)
        self._arrive(row.member, browser, page.now)

    def _arrive(self, member: StaffMember, browser: Browser, now: Moment) -> None:
        before = self._presence.whose(browser.sign_in)
        if before is not None and before.member.id != member.id:
            self._leave(browser.sign_in, browser.place)
        if browser.place != "screen" and member.permission is Permission.ICT_SUPPORT:
            self.presence_code.used(now)
        self._presence.arrive(browser.sign_in, member, now=now)

    def _leave(self, sign_in: str, place: Place) -> None:
        """Whoever wants to go goes, even where no disk takes the shift."""
        here = self._presence.whose(sign_in)
        if here is None:
            return
        try:
            with self._ledger.page() as page:
                if self._presence.is_only(sign_in):
                    page.seal(Shift.of(here.member, began=here.began, now=page.now))
                _tell(page, SecurityMatter.SIGNED_OUT, place, by=here.member.id, about=here.member.id)
        except MadoguchiError as error:
            log.error("a shift could not be stored: %s", error)  # noqa: TRY400 (words, no trace)
        finally:
            self._presence.leave(sign_in)

    def _mention(self, matter: SecurityMatter, place: Place, *, by: UUID | None, about: UUID | None) -> None:
        """Seal an event that changes nothing, as far as its ration and the disk allow."""
        if not self._ration.allows(matter, self._clock.now()):
            return
        try:
            with self._ledger.page() as page:
                _tell(page, matter, place, by=by, about=about)
        except MadoguchiError as error:
            log.warning("a refused command was not recorded: %s", error)


def _tell(page: Page, matter: SecurityMatter, place: Place, *, by: UUID | None, about: UUID | None) -> None:
    page.seal(SecurityEvent.of(matter, now=page.now, place=place, by=by, about=about))


def _locked_out(row: RosterEntry) -> LockedOut:
    return LockedOut() if row.member.permission is Permission.VOLUNTEER else LockedOutOfOffice()


def _has_ended(member: StaffMember, now: Moment) -> bool:
    """Whether the appointment has run out, by a clock somebody vouches for."""
    return now.quality.is_trusted and not member.may_serve_on(day_of(now.wall))
