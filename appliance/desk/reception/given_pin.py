"""A PIN given by the command on the box, where nobody is left who could make one on the screen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from appliance.desk.desk_key import DeskKey
from appliance.desk.facts.roster import RosterEntry
from appliance.desk.facts.security import SecurityEvent, SecurityMatter
from appliance.desk.ledger import Page
from appliance.desk.ports import Once
from appliance.desk.presence import Presence
from appliance.desk.reception.roster_book import RosterBook
from appliance.desk.reception.stays import seal_sign_outs


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenPin:
    """Who may come in by it, and what it opens.

    Without names it opens no desk key: the names stay under theirs, and the PIN takes that key over at a sign-in while
    somebody else's has brought it. With names it opens a new desk key, under which they lie; whatever other PINs open
    is of no use then, so they open nothing.
    """

    id: UUID
    """Of this giving; it happens once."""
    person: UUID
    salt: bytes
    wrapped_key: bytes
    names: Mapping[UUID, bytes]

    def take(self, *, book: RosterBook, presence: Presence, desk_key: DeskKey) -> None:
        """Let it be so; a second time nothing happens. `UnknownStaff`."""
        once = Once(key=f"given:{self.id}", fingerprint=self.id.bytes)
        with book.writing() as page:
            if page.made_before(once) is not None:
                return
            before = book.row(self.person)
            concerned = book.rows if self.names else [before]
            page.seal(self._event(SecurityMatter.PIN_RESET, page, before))
            for row in concerned:
                page.staff.put(self._changed(row))
                if row.id != self.person:
                    page.seal(self._event(SecurityMatter.STAFF_CHANGED, page, row))
                seal_sign_outs(page, row.id, presence.places_of(row.id).values(), by=None)
            page.remember(once, self.person)
        for row in concerned:
            presence.lock(row.id)
        if self.names:
            desk_key.forget()

    def _changed(self, row: RosterEntry) -> RosterEntry:
        mine = row.id == self.person
        taken = row.with_pin(self.salt, self.wrapped_key) if mine else replace(row, wrapped_key=b"")
        return replace(taken, sealed_name=self.names.get(row.id, row.sealed_name))

    def _event(self, matter: SecurityMatter, page: Page, row: RosterEntry) -> SecurityEvent:
        return SecurityEvent.of(matter, now=page.now, place="console", about=row.id)
