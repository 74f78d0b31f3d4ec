"""Staff: who comes in by PIN or card, who is kept out, who has left, and a PIN changed by whoever knows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from appliance.desk.desk_key import DeskKey
from appliance.desk.errors import AlreadySetUp, AppointmentEnded, Invalid, PresenceNeeded, UnknownStaff
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.roster import PersonEntry, RosterEntry, checked_pin, is_pin, typed_pin
from appliance.desk.facts.security import Place, SecurityEvent, SecurityMatter
from appliance.desk.facts.sheet import day_of
from appliance.desk.facts.staff import Employment, Permission, StaffMember, StaffRole
from appliance.desk.ledger import Ledger
from appliance.desk.ports import Clock, Once, PinLock
from appliance.desk.presence import Presence
from appliance.desk.presence_code import PresenceCode
from appliance.desk.reception.pin_check import PinCheck
from appliance.desk.reception.roster_book import RosterBook
from appliance.desk.reception.stays import StayDesk, seal_sign_outs
from appliance.desk.reception.typed_pins import TypedPins
from appliance.desk.tap_errors import PinNeeded


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
        self._check = PinCheck(ledger=ledger, book=book, clock=clock, pins=pins)
        self._stays = StayDesk(ledger=ledger, presence=presence)
        self._typed = TypedPins()
        self.presence_code = PresenceCode()
        self.at_coming_or_going: list[Callable[[], None]] = []
        """Whoever has to know that somebody has just signed in or out; called after it is so."""

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
        with self._check.turn():
            if self._book.rows:
                raise AlreadySetUp
            self._check_presence(browser, self._clock.now())
            self._desk_key.make()
            row = self._book.new_row(first, pin)
            with self._book.writing() as page:
                row = self._book.put_new(page, row)
                self._stays.begin(page, row.member, browser.place)
                page.seal(_event(SecurityMatter.SET_UP, page.now, browser.place, by=row.id))
            self._arrive(row.member, browser, page.now)
        return self._book.named(row)

    @property
    def held_back(self) -> Sequence[SecurityEvent]:
        """Who was set up and signed in before the municipality's keys came; in RAM until it can be sealed."""
        return self._ledger.held_back

    def seal_held_back(self, events: Sequence[SecurityEvent]) -> None:
        """Seal what the desk before this one held back, the error of the disk."""
        self._ledger.seal_held_back(events)

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
        return self._check.holds(self._book.row(person))

    def sign_in(self, pin: str, *, browser: Browser, number: int | None = None) -> StaffMember:
        """Let somebody in whose PIN is right; everybody else learns from the error who can help.

        A wrong PIN is counted on the disk before it is answered. `UnknownStaff`, `WrongPin`, `LockedOut`,
        `AppointmentEnded`, `PresenceNeeded`, `SignInBusy`, `Invalid`.
        """
        pin = _whole(pin, "pin")
        with self._check.turn():
            row = self._book.row(self.meant(number, last=browser.last).id)
            now = self._clock.now()
            if row.member.permission is Permission.ICT_SUPPORT:
                self._check_presence(browser, now)
            key = self._check.key_of(row, pin, place=browser.place)
            if _has_ended(row.member, now):
                raise self._check.refused(AppointmentEnded(), row, browser.place)
            is_desk_key = self._desk_key.fits(key, row.sealed_name, of=row.id)
            row = row if is_desk_key else self._with_desk_key(row, pin)
            self._let_in(replace(row, wrong=0, locked=False), browser)
            self._typed.typed(row, now)
            if is_desk_key:
                self._desk_key.unlock(key)
        return self._book.named(row)

    def sign_in_by_card(self, person: UUID, *, browser: Browser) -> StaffMember:
        """Let somebody in whose card was laid down; it forgives no wrong PIN.

        A volunteer who has typed her PIN today and here comes in so, while the desk is open. Everybody else is named by
        `PinNeeded`. `UnknownStaff`, `LockedOut`, `AppointmentEnded`, `SignInBusy`.
        """
        with self._check.turn():
            row, now = self._book.row(person), self._clock.now()
            self._check.check_not_held(row, place=browser.place)
            if _has_ended(row.member, now):
                raise self._check.refused(AppointmentEnded(), row, browser.place)
            is_enough = row.member.permission is Permission.VOLUNTEER and self._typed.stands(row, now)
            if row.locked or not self._desk_key.is_here or not is_enough:
                raise PinNeeded(self._book.named(row))
            self._let_in(row, browser, SecurityMatter.CARD_USED)
        return self._book.named(row)

    def proved(self, sign_in: str, pin: str, *, place: Place) -> StaffMember:
        """Who is signed in there, once her PIN was right; a wrong one counts as one at the sign-in does.

        `UnknownStaff`, `WrongPin`, `LockedOut`, `SignInBusy`, `Invalid`.
        """
        pin = _whole(pin, "pin")
        stay = self._presence.whose(sign_in)
        if stay is None:
            raise UnknownStaff
        with self._check.turn():
            row = self._book.row(stay.member.id)
            self._check.key_of(row, pin, place=place)
        return row.member

    def change_pin(self, sign_in: str, *, old: str, new: str, place: Place, once: Once | None = None) -> None:
        """Let whoever is signed in there have another PIN; every other browser of hers asks for it.

        A wrong old PIN counts as one at the sign-in does. `UnknownStaff`, `WrongPin`, `LockedOut`, `SignInBusy`,
        `Invalid`.
        """
        old, new = _whole(old, "old"), checked_pin(new)
        if old == new:
            raise Invalid("same_pin", "is the old one")
        stay = self._presence.whose(sign_in)
        if stay is None:
            raise UnknownStaff
        with self._check.turn():
            if not self._was_carried_out(once):
                row = self._book.row(stay.member.id)
                self._give_pin(row, self._check.key_of(row, old, place=place), new, sign_in, place, once)

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

    def seen(self, sign_in: str) -> None:
        """A screen that only looks gives a sign of life: it keeps nobody signed in, but whoever is, is here."""
        self._presence.seen(sign_in, now=self._clock.now())

    def rest(self, sign_in: str) -> None:
        """That browser is left to visitors: it needs the PIN again, and whoever signed in there is here for an hour."""
        self._presence.rest(sign_in, now=self._clock.now())

    def sign_out(self, sign_in: str) -> None:
        """Somebody goes; the stay is sealed as a shift with the last browser that person leaves."""
        with self._check.own_turn():
            self._stays.leave(sign_in)
        self._tell_of_it()

    def everybody_leaves(self) -> None:
        """The desk is closed or stops: stays are sealed as shifts, everybody is signed out, the desk key is forgotten.

        It ends so even where no disk takes the shifts.
        """
        with self._check.own_turn():
            self._stays.everybody_leaves(self._clock.now())
            self._desk_key.forget()
            self._typed.forget()
        self._tell_of_it()

    def fade(self) -> None:
        """Let everybody be away who gave no sign of life for too long; asks no disk anything."""
        self._presence.fade(self._clock.now())

    def keep_stays(self) -> None:
        """End the stays of those long gone, and write down now and then who is here; the error of the disk."""
        with self._check.own_turn():
            self._stays.keep(self._clock.now())

    def command_refused(self, *, by: StaffMember, place: Place) -> None:
        """Somebody who is signed in tried what is for others."""
        self._check.mention(SecurityMatter.COMMAND_REFUSED, place, by=by.id, about=None)

    def card_refused(self, *, by: StaffMember | None, place: Place) -> None:
        """A card was laid down that is nobody's, or somebody else's; which card it was is not known."""
        self._check.mention(SecurityMatter.CARD_REFUSED, place, by=by.id if by else None, about=None)

    def _check_presence(self, browser: Browser, now: Moment) -> None:
        """From elsewhere than the box's own screen the code decides before any PIN is tried."""
        if browser.place == "screen":
            return
        code = typed_pin(browser.code)
        if code and self.presence_code.accepts(code, now):
            return
        if code:
            self._check.mention(SecurityMatter.SIGN_IN_REFUSED, browser.place, by=None, about=None)
        raise PresenceNeeded

    def _with_desk_key(self, row: RosterEntry, pin: str) -> RosterEntry:
        """A PIN made by the command on the box opens no names; with the desk key in RAM it does from now on."""
        if not self._desk_key.is_here:
            return row
        return row.with_pin(*self._pins.wrap(self._desk_key.key, pin, row.id.bytes))

    def _let_in(self, row: RosterEntry, browser: Browser, *also: SecurityMatter) -> None:
        with self._book.writing() as page:
            if row != self._book.row(row.id):
                page.staff.put(row)
            self._stays.begin(page, row.member, browser.place)
            for matter in (SecurityMatter.SIGNED_IN, *also):
                page.seal(_event(matter, page.now, browser.place, by=row.id))
        self._arrive(row.member, browser, page.now)

    def _arrive(self, member: StaffMember, browser: Browser, now: Moment) -> None:
        before = self._presence.whose(browser.sign_in)
        if before is not None and before.member.id != member.id:
            self._stays.leave(browser.sign_in)
        if browser.place != "screen" and member.permission is Permission.ICT_SUPPORT:
            self.presence_code.used(now)
        self._presence.arrive(browser.sign_in, member, now=now, place=browser.place)
        self._tell_of_it()

    def _tell_of_it(self) -> None:
        for tell in self.at_coming_or_going:
            tell()

    def _was_carried_out(self, once: Once | None) -> bool:
        with self._ledger.page() as page:
            return page.made_before(once) is not None

    def _give_pin(self, row: RosterEntry, key: bytes, pin: str, sign_in: str, place: Place, once: Once | None) -> None:
        key = self._desk_key.key if self._desk_key.is_here else key
        salt, wrapped_key = self._pins.wrap(key, pin, row.id.bytes)
        places = self._presence.places_of(row.id)
        with self._book.writing() as page:
            page.staff.put(self._book.row(row.id).with_pin(salt, wrapped_key))
            page.seal(_event(SecurityMatter.PIN_CHANGED, page.now, place, by=row.id))
            seal_sign_outs(page, row.id, [at for name, at in places.items() if name != sign_in], by=row.id)
            page.remember(once, row.id)
        self._presence.lock(row.id, but=sign_in)


def _whole(typed: str, field: str) -> str:
    """The PIN that was typed, right or not; `Invalid`, and counted against nobody, for what can be none."""
    pin = typed_pin(typed)
    if not is_pin(pin):
        raise Invalid(field, "must be six digits")
    return pin


def _event(matter: SecurityMatter, now: Moment, place: Place, *, by: UUID) -> SecurityEvent:
    """Something somebody did to her own account."""
    return SecurityEvent.of(matter, now=now, place=place, by=by, about=by)


def _has_ended(member: StaffMember, now: Moment) -> bool:
    """Whether the appointment has run out, by a clock somebody vouches for."""
    return now.quality.is_trusted and not member.may_serve_on(day_of(now.wall))
