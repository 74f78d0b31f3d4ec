"""The people of a kit for a roster that has people already: made by the command on the box, taken by the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from appliance.desk.facts.roster import RosterEntry
from appliance.desk.facts.security import SecurityEvent, SecurityMatter
from appliance.desk.ports import Once
from appliance.desk.reception.roster_book import RosterBook


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenPeople:
    """Rows of the roster under its own desk key, each with a first PIN."""

    id: UUID
    """Of this giving; it happens once."""
    rows: Sequence[RosterEntry]

    def take(self, book: RosterBook) -> None:
        """Add them, each under the lowest number that is free; a second time nothing happens. `Invalid`."""
        once = Once(key=f"given:{self.id}", fingerprint=self.id.bytes)
        with book.writing() as page:
            if page.made_before(once) is not None:
                return
            for row in self.rows:
                book.put_new(page, row)
                added = SecurityEvent.of(SecurityMatter.STAFF_ADDED, now=page.now, place="console", about=row.id)
                page.seal(added)
            page.remember(once, self.id)
