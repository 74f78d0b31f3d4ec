"""The roster in RAM, always as it stands on the disk, read by whoever has the desk key."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID, uuid4

from appliance.desk.desk_key import DeskKey
from appliance.desk.errors import Invalid, UnknownStaff
from appliance.desk.facts.roster import PersonEntry, RosterEntry, is_weak
from appliance.desk.facts.staff import StaffMember
from appliance.desk.ledger import Ledger, Page
from appliance.desk.ports import PinLock

MAX_PEOPLE = 99


class RosterBook:
    """Everybody's row; asked at each sign-in, so it is not read from the disk again."""

    def __init__(self, *, ledger: Ledger, pins: PinLock, desk_key: DeskKey) -> None:
        self._ledger = ledger
        self._pins = pins
        self._desk_key = desk_key
        self._rows: tuple[RosterEntry, ...] = ()
        self._is_known = False

    @property
    def rows(self) -> Sequence[RosterEntry]:
        """Every row, by number; read again where a failed commit left its outcome in doubt.

        While there is none too: `madoguchi enrol` may put the kit's people there beside a desk that waits for its keys.
        """
        if not self._is_known or not self._rows:
            with self.writing():
                pass
        return self._rows

    def row(self, person: UUID) -> RosterEntry:
        """The row of that person; `UnknownStaff`."""
        for row in self.rows:
            if row.id == person:
                return row
        raise UnknownStaff

    def named(self, row: RosterEntry) -> StaffMember:
        """The person, with a display name while the desk key is in RAM."""
        return replace(row.member, display_name=self._desk_key.name(row.sealed_name, of=row.id))

    @contextmanager
    def writing(self) -> Iterator[Page]:
        """A page of the ledger; `rows` is what stands on the disk while it is written and afterwards."""
        try:
            with self._ledger.page() as page:
                self._take(page)
                yield page
                rows = tuple(page.staff.all())
        except BaseException:
            self._is_known = False
            raise
        self._rows = rows

    def _take(self, page: Page) -> None:
        self._rows, self._is_known = tuple(page.staff.all()), True

    def new_row(self, entry: PersonEntry, pin: str) -> RosterEntry:
        """A row for somebody new under that PIN, still without a number; slow. `NamesLocked`."""
        person = uuid4()
        salt, wrapped = self._pins.wrap(self._desk_key.key, pin, person.bytes)
        return RosterEntry(
            member=member_of(entry, person, number=0),
            sealed_name=self._desk_key.seal_name(entry.name, of=person),
            salt=salt,
            wrapped_key=wrapped,
        )

    def put_new(self, page: Page, row: RosterEntry) -> RosterEntry:
        """Store a new row under the lowest number that is free; `Invalid` where there is none."""
        taken = {other.member.number for other in page.staff.all()}
        number = next((number for number in range(1, MAX_PEOPLE + 1) if number not in taken), None)
        if number is None:
            raise Invalid("number", f"at most {MAX_PEOPLE} people")
        row = replace(row, member=replace(row.member, number=number))
        page.staff.put(row)
        return row


def member_of(entry: PersonEntry, person: UUID, *, number: int) -> StaffMember:
    """The person as entered; the name is kept apart."""
    return StaffMember(
        id=person,
        number=number,
        display_name=None,
        permission=entry.permission,
        appointments=entry.appointments,
        employment=entry.employment,
        appointed_on=entry.appointed_on,
        pledged_on=entry.pledged_on,
        until=entry.until,
        active=entry.active,
    )


def new_pin() -> str:
    """Six digits that nobody would try first."""
    while is_weak(pin := f"{secrets.randbelow(10**6):06}"):
        pass
    return pin
