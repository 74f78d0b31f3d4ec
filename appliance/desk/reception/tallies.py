"""紙の記録を あとから入れる: a day's counts from paper, checked, sealed, and taken back if they were wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from appliance.desk.errors import AlreadyWithdrawn, Invalid
from appliance.desk.facts.catalogue import Catalogue, Choice
from appliance.desk.facts.day import Tally
from appliance.desk.facts.sheet import day_of
from appliance.desk.facts.staff import StaffRole
from appliance.desk.ledger import Ledger
from appliance.desk.ports import Once

MAX_DAYS_AGO = 92
MAX_COUNT = 500
"""More visits or people than this, no desk has seen in a day."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TallyEntry:
    """What somebody read off a sheet of paper."""

    day: date
    visits: int
    people: int
    topics: Mapping[str, int] = field(default_factory=dict)
    age_bands: Mapping[str, int] = field(default_factory=dict)


class TallyDesk:
    """Saves tallies and withdraws them."""

    def __init__(self, *, ledger: Ledger, catalogue: Catalogue) -> None:
        self._ledger = ledger
        self._catalogue = catalogue

    def enter(self, entry: TallyEntry, *, by: StaffRole, once: Once | None = None) -> Tally:
        """Save a tally; several of one day add up. `Invalid`."""
        self._check(entry)
        with self._ledger.page() as page:
            if (made := page.made_before(once)) is not None:
                return page.tallies.get(made)
            _check_day(entry.day, today=day_of(page.now.wall))
            tally = Tally.of(
                entry.day,
                visits=entry.visits,
                people=entry.people,
                topics=_counted(entry.topics),
                age_bands=_counted(entry.age_bands),
                by=by,
                now=page.now,
            )
            page.seal(tally)
            page.tallies.add(tally)
            page.remember(once, tally.id)
        return tally

    def withdraw(self, tally: UUID, *, once: Once | None = None) -> Tally:
        """Take a tally back. `UnknownTally`, `AlreadyWithdrawn`."""
        with self._ledger.page() as page:
            taken = page.tallies.get(tally)
            if page.made_before(once) is not None:
                return taken
            if taken.withdrawn:
                raise AlreadyWithdrawn
            page.withdraw(tally)
            page.tallies.withdraw(tally)
            page.remember(once, tally)
            return page.tallies.get(tally)

    def _check(self, entry: TallyEntry) -> None:
        if not 1 <= entry.visits <= MAX_COUNT:
            raise Invalid("visits", f"must be 1 to {MAX_COUNT}")
        if not entry.visits <= entry.people <= MAX_COUNT:
            raise Invalid("people", f"must be at least the visits and at most {MAX_COUNT}")
        _check_counts("topics", entry.topics, self._catalogue.topics, most=entry.people)
        _check_counts("age_bands", entry.age_bands, self._catalogue.age_bands, most=entry.people)
        if sum(entry.age_bands.values()) > entry.people:
            raise Invalid("age_bands", "come to more than the people")


def _check_counts(name: str, counts: Mapping[str, int], choices: Sequence[Choice], *, most: int) -> None:
    known = {choice.id for choice in choices}
    for word, count in counts.items():
        if word not in known:
            raise Invalid(name, "not in the catalogue")
        if not 0 <= count <= most:
            raise Invalid(name, "must be 0 to the number of people")


def _check_day(day: date, *, today: date) -> None:
    if not today - timedelta(days=MAX_DAYS_AGO) <= day <= today:
        raise Invalid("day", f"must be today or one of the {MAX_DAYS_AGO} days before")


def _counted(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Without the zeros, which say nothing."""
    return tuple((word, count) for word, count in counts.items() if count)
