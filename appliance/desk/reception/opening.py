"""Opening and closing: what time it is, what is still open, and what the day came to."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from appliance.desk.board import Board
from appliance.desk.errors import Conflict, Invalid, OpenItems
from appliance.desk.facts.call import Call
from appliance.desk.facts.day import ClockAnchor, DayClosed
from appliance.desk.facts.moment import ClockQuality, Moment
from appliance.desk.facts.sheet import DaySheet, Opening, day_of
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.visit import Visit
from appliance.desk.ledger import Ledger, Page
from appliance.desk.ports import ClockSetter, Once, Storage

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
"""Nobody's watch shows anything outside these."""

_LONGEST_DAY = timedelta(hours=18)
"""An opening that lies longer ago was never closed; it is not what somebody closes now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosingList:
    """What has to end before the day can be closed, oldest first."""

    calls: tuple[Call, ...]
    visits: tuple[Visit, ...]

    @classmethod
    def of(cls, calls: tuple[Call, ...], visits: tuple[Visit, ...]) -> "ClosingList":
        """A call that was raised while nobody was there leaves by itself and holds nobody up."""
        return cls(calls=tuple(call for call in calls if call.attended), visits=visits)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left."""
        return not self.calls and not self.visits


class OpeningDesk:
    """Opens the desk, closes it, and says what a day came to."""

    def __init__(self, *, ledger: Ledger, storage: Storage, board: Board, clock: ClockSetter) -> None:
        self._ledger = ledger
        self._storage = storage
        self._board = board
        self._clock = clock
        self._newest = storage.newest_opening()
        self.at_closing: list[Callable[[], None]] = []
        """Called in turn once a day is closed: whoever is signed in leaves, keys are forgotten."""

    @property
    def today(self) -> Opening | None:
        """Today's opening, closed again or not."""
        opening = self._newest
        return opening if opening is not None and opening.day == day_of(self._clock.now().wall) else None

    def open(self, *, by: StaffRole, said: datetime | None = None, once: Once | None = None) -> Opening:
        """Open the desk; from now on its clock is right, because somebody looked at a watch.

        `said` is what the watch showed; None vouches for what the desk shows itself. Opening a day a second time takes
        its closing back. `Invalid`.
        """
        if said is not None and not EARLIEST <= said < LATEST:
            raise Invalid("said", "is no time of these years")
        with self._ledger.page() as page:
            if page.made_before(once) is not None and self._newest is not None:
                return self._newest
            shown = page.now
            page.now = _believed(shown, said)
            anchor = ClockAnchor.of(page.now.wall, shown=shown.wall, by=by, now=page.now)
            page.seal(anchor)
            opening = _opened(page, self._newest)
            page.openings.put(opening)
            if page.now.quality is ClockQuality.STAFF:
                page.openings.remember_time(anchor)
            page.remember(once, anchor.id)
        if page.now.quality is ClockQuality.STAFF:
            self._clock.set_to(anchor.said, at=anchor.at)
        self._newest = opening
        return opening

    def closing_list(self) -> ClosingList:
        """What is still open."""
        floor = self._board.snapshot.floor
        return ClosingList.of(floor.calls, floor.visits)

    def end_unwritten(self, visit: UUID, *, once: Once | None = None) -> Visit:
        """記録しないで おわる: the visit counts, its time does not, and nothing is written about it.

        `UnknownVisit`, `Conflict` if it has ended.
        """
        with self._ledger.page() as page:
            if page.made_before(once) is not None:
                return page.visits.get(visit)
            page.record_named(visit)
            served = page.visits.get(visit)
            if served.ended is not None:
                raise Conflict("the visit has ended")
            ended = replace(served.end(channel=served.channel, people=served.people, now=page.now), timed=False)
            page.seal(ended)
            page.visits.end(ended)
            page.show_visit(ended)
            page.remember(once, visit)
        return ended

    def close(self, *, once: Once | None = None) -> DayClosed:
        """きょうはおしまい. From the return on everything is stored and the box may be switched off.

        `OpenItems` while anything on `closing_list` is left. A desk that was not opened can be closed too.
        """
        with self._ledger.page() as page:
            if (made := page.made_before(once)) is None:
                page.record_unrecorded()
                if not ClosingList.of(page.waiting(), page.floor.visits).is_done:
                    raise OpenItems
            opening = self._to_close(page.now)
            closed = self._closed(opening, page.now)
            if made is None:
                page.seal(closed)
                if opening is not None:
                    opening = replace(opening, closed=page.now)
                    page.openings.put(opening)
                page.remember(once, closed.id)
        self._newest = opening or self._newest
        for leave in self.at_closing:
            leave()
        return replace(closed, unsent=self._storage.unsent())

    def sheet(self, day: date) -> DaySheet:
        """What that day came to, so far."""
        return DaySheet.of(self._storage.day_rows(day))

    def _to_close(self, now: Moment) -> Opening | None:
        """Today's opening, or the one before midnight that is still going on."""
        opening = self._newest
        if opening is None or opening.day == day_of(now.wall):
            return opening
        goes_on = opening.closed is None and opening.opened.boot == now.boot
        return opening if goes_on and _since(opening, now) < _LONGEST_DAY else None

    def _closed(self, opening: Opening | None, now: Moment) -> DayClosed:
        sheet = self.sheet(opening.day if opening else day_of(now.wall))
        return DayClosed.of(
            sheet.day,
            opened=opening.opened if opening else None,
            visits=sheet.visits,
            people=sheet.people,
            calls_unattended=sheet.calls_unattended,
            unsent=self._storage.unsent(),
            now=now,
        )


def _believed(shown: Moment, said: datetime | None) -> Moment:
    """The moment as somebody vouches for it; a clock that a network keeps right needs no one to say yes."""
    if said is None and shown.quality is ClockQuality.SYNCHRONISED:
        return shown
    return replace(shown, wall=said or shown.wall, quality=ClockQuality.STAFF)


def _opened(page: Page, newest: Opening | None) -> Opening:
    """The opening of the day it now is; opened again, it began when it began, by the newest word on what time it is."""
    day = day_of(page.now.wall)
    before = page.openings.get(day)
    if before is None and newest is not None and _was_a_slip(newest, page.now):
        page.openings.forget(newest.day)
        before = newest
    if before is None:
        return Opening(day=day, opened=page.now)
    if before.opened.boot != page.now.boot:
        return replace(before, closed=None)
    began = replace(before.opened, wall=page.now.wall - _since(before, page.now))
    return Opening(day=day, opened=began)


def _was_a_slip(newest: Opening, now: Moment) -> bool:
    """Whether the desk was opened earlier this very day, under a wrong date."""
    same_run = newest.closed is None and newest.opened.boot == now.boot
    return same_run and day_of(now.wall - _since(newest, now)) == day_of(now.wall)


def _since(opening: Opening, now: Moment) -> timedelta:
    """How long ago that was, within one boot."""
    return timedelta(milliseconds=now.mono_ms - opening.opened.mono_ms)
