"""The roster: who is on it, what changes, and a new PIN for whoever has forgotten the old one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from appliance.desk.desk_key import DeskKey
from appliance.desk.errors import LastSupport, NotAllowed, NotServing, PinShownBefore
from appliance.desk.facts.roster import PersonEntry, checked_pin, helper_of, may_reset
from appliance.desk.facts.security import Place, SecurityEvent, SecurityMatter
from appliance.desk.facts.staff import Permission, StaffMember
from appliance.desk.ledger import Page
from appliance.desk.ports import Once, PinLock
from appliance.desk.presence import Presence
from appliance.desk.reception.given_people import GivenPeople
from appliance.desk.reception.given_pin import GivenPin
from appliance.desk.reception.roster_book import RosterBook, member_of, new_pin
from appliance.desk.reception.stays import seal_end, seal_sign_outs


@dataclass(frozen=True, kw_only=True, slots=True)
class Seed:
    """Somebody whom a kit brings along."""

    entry: PersonEntry
    pin: str


class RosterDesk:
    """Keeps the roster."""

    def __init__(self, *, book: RosterBook, presence: Presence, pins: PinLock, desk_key: DeskKey) -> None:
        self._book = book
        self._presence = presence
        self._pins = pins
        self._desk_key = desk_key

    @property
    def is_empty(self) -> bool:
        """Whether the box waits for its first set-up."""
        return not self._book.rows

    @property
    def names_are_open(self) -> bool:
        """Whether the desk key is in RAM; without it nobody is added, renamed or given a PIN."""
        return self._desk_key.is_here

    def members(self) -> list[StaffMember]:
        """Everybody by number; with names while the desk key is in RAM."""
        return [self._book.named(row) for row in self._book.rows]

    def member(self, person: UUID) -> StaffMember:
        """That person; `UnknownStaff`."""
        return self._book.named(self._book.row(person))

    def seed(self, people: Sequence[Seed]) -> None:
        """Take the people of a kit into an empty roster; nothing is sealed, the kit itself says who they are."""
        if not self.is_empty:
            return
        self._desk_key.make()
        rows = [self._book.new_row(seed.entry.checked(), checked_pin(seed.pin)) for seed in people]
        self._desk_key.forget()
        with self._book.writing() as page:
            for row in rows:
                self._book.put_new(page, row)

    def add(
        self, entry: PersonEntry, *, by: StaffMember, place: Place, once: Once | None = None
    ) -> tuple[StaffMember, str]:
        """Take somebody into the roster under a PIN that is shown once.

        `NotAllowed`, `NamesLocked`, `Invalid`, `PinShownBefore`.
        """
        _must_be_support(by)
        pin = new_pin()
        row = self._book.new_row(entry.checked(), pin)
        with self._book.writing() as page:
            _must_be_new(page, once)
            row = self._book.put_new(page, row)
            page.seal(SecurityEvent.of(SecurityMatter.STAFF_ADDED, now=page.now, place=place, by=by.id, about=row.id))
            page.remember(once, row.id)
        return self._book.named(row), pin

    def change(self, person: UUID, entry: PersonEntry, *, by: StaffMember, place: Place) -> StaffMember:
        """Put what is entered in the place of what stands in the roster; who no longer serves is signed out.

        Somebody who serves again needs a new PIN first. `NotAllowed`, `UnknownStaff`, `LastSupport`, `NamesLocked`,
        `Invalid`.
        """
        _must_be_support(by)
        entry = entry.checked()
        sealed_name = self._desk_key.seal_name(entry.name, of=person)
        with self._book.writing() as page:
            row = self._book.row(person)
            member = member_of(entry, person, number=row.member.number)
            self._must_leave_support(row.member, member)
            row = replace(row, member=member, sealed_name=sealed_name)
            row = row if member.active else replace(row, wrapped_key=b"", card=None)
            page.staff.put(row)
            page.seal(SecurityEvent.of(SecurityMatter.STAFF_CHANGED, now=page.now, place=place, by=by.id, about=person))
            stay = None if member.active else self._presence.stay_of(person, now=page.now)
            if stay is not None:
                seal_end(page, stay, self._presence.places_of(person).values(), by=by.id)
        if member.active:
            self._presence.change(member)
        else:
            self._presence.leave_everywhere(person)
        return self._book.named(row)

    def reset_pin(self, person: UUID, *, by: StaffMember, place: Place, once: Once | None = None) -> str:
        """A new PIN, shown once; the old one opens nothing and every wrong try is forgiven.

        Who may do this for whom: see `may_reset`. `NotAllowed`, `UnknownStaff`, `NotServing`, `NamesLocked`,
        `PinShownBefore`.
        """
        member = self._book.row(person).member
        if not self.may_reset(by, member):
            raise NotAllowed
        if not member.active:
            raise NotServing
        pin = new_pin()
        salt, wrapped_key = self._pins.wrap(self._desk_key.key, pin, person.bytes)
        with self._book.writing() as page:
            _must_be_new(page, once)
            page.staff.put(self._book.row(person).with_pin(salt, wrapped_key))
            page.seal(SecurityEvent.of(SecurityMatter.PIN_RESET, now=page.now, place=place, by=by.id, about=person))
            if person != by.id:
                seal_sign_outs(page, person, self._presence.places_of(person).values(), by=by.id)
            page.remember(once, person)
        if person != by.id:
            self._presence.lock(person)
        return pin

    def take(self, given: GivenPin) -> None:
        """From now on that PIN lets somebody in; `UnknownStaff`."""
        given.take(book=self._book, presence=self._presence, desk_key=self._desk_key)

    def take_people(self, given: GivenPeople) -> None:
        """From now on they are on the roster; `Invalid` where it is full."""
        given.take(self._book)

    def may_reset(self, by: StaffMember, member: StaffMember) -> bool:
        """Whether `by` may give `member` a new PIN."""
        return may_reset(by, member, self._people())

    def helper_of(self, member: StaffMember) -> Permission | None:
        """Whom to ask for a new PIN; None where only the command on the box helps."""
        return helper_of(member, self._people())

    def _people(self) -> list[StaffMember]:
        return [row.member for row in self._book.rows]

    def _must_leave_support(self, before: StaffMember, after: StaffMember) -> None:
        others = [row.member for row in self._book.rows if row.id != after.id]
        if _is_support(before) and not any(map(_is_support, [after, *others])):
            raise LastSupport


def _is_support(member: StaffMember) -> bool:
    return member.active and member.permission is Permission.ICT_SUPPORT


def _must_be_support(by: StaffMember) -> None:
    if by.permission is not Permission.ICT_SUPPORT:
        raise NotAllowed


def _must_be_new(page: Page, once: Once | None) -> None:
    if page.made_before(once) is not None:
        raise PinShownBefore
