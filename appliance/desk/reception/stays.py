"""Stays: begun with a sign-in, kept on the disk while they last, sealed as a shift when they end."""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.security import Place, SecurityEvent, SecurityMatter
from appliance.desk.facts.shift import Shift, Stay
from appliance.desk.facts.staff import StaffMember
from appliance.desk.ledger import Ledger, Page
from appliance.desk.presence import Presence

log = logging.getLogger(__name__)

STORED_EVERY = timedelta(minutes=10)
"""How much of a shift a power cut takes at most; a card that is written more often wears out sooner."""


class StayDesk:
    """Begins stays and ends them; one whose end no disk takes is sealed at the next start."""

    def __init__(self, *, ledger: Ledger, presence: Presence) -> None:
        self._ledger = ledger
        self._presence = presence
        self._stored: Moment | None = None
        self._has_looked_back = False

    def begin(self, page: Page, member: StaffMember, place: Place) -> None:
        """Write on the page of a sign-in that a stay begins, unless the person has come already."""
        if self._presence.stay_of(member.id, now=page.now) is None:
            page.stays.begin(Stay.beginning(member, place=place, now=page.now))

    def leave(self, sign_in: str) -> None:
        """Somebody goes; the stay ends with the last browser. Whoever wants to go goes, whatever the disk says."""
        stay = self._presence.whose(sign_in)
        if stay is None:
            return
        person = stay.member.id
        place = self._presence.places_of(person).get(sign_in)
        try:
            with self._ledger.page() as page:
                if self._presence.is_only(sign_in):
                    _seal_shift(page, stay.seen_at(page.now))
                seal_sign_outs(page, person, [place] if place else [], by=person)
        except MadoguchiError as error:
            log.error("the end of a stay is stored at the next start: %s", error)  # noqa: TRY400 (words, no trace)
        finally:
            self._presence.leave(sign_in)

    def everybody_leaves(self, now: Moment) -> None:
        """All stays end, even where no disk takes the shifts."""
        stays = self._presence.everybody(now=now)
        try:
            self._seal_ends(stays)
        except MadoguchiError as error:
            log.error("the ends of %d stays are stored at the next start: %s", len(stays), error)  # noqa: TRY400
        finally:
            self._presence.everybody_leaves()

    def keep(self, now: Moment) -> None:
        """Seal the stays that a power cut or a long silence has ended, and store now and then who was seen when."""
        self._end_those_cut_short()
        gone = self._presence.gone(now)
        self._seal_ends(gone)
        for stay in gone:
            self._presence.leave_everywhere(stay.member.id)
        self._store_seen(now)

    def _end_those_cut_short(self) -> None:
        """Once in the life of a process, and on one page: whatever an earlier one could not end."""
        if self._has_looked_back:
            return
        with self._ledger.page() as page:
            for stay in page.stays.all():
                if stay.began.start < page.now.start:
                    page.stays.end(stay)
                    page.seal(Shift.cut_short(stay))
                    page.seal(_signed_out(stay.member.id, stay.place, by=None, at=stay.seen))
        self._has_looked_back = True

    def _seal_ends(self, stays: Sequence[Stay]) -> None:
        if stays:
            with self._ledger.page() as page:
                for stay in stays:
                    seal_end(page, stay, self._presence.places_of(stay.member.id).values(), by=None)

    def _store_seen(self, now: Moment) -> None:
        """Nothing is written where nobody has given a sign of life since."""
        before = self._stored
        if before is not None and now.mono_ms - before.mono_ms < STORED_EVERY // timedelta(milliseconds=1):
            return
        stays = self._presence.everybody(now=now)
        seen = [stay for stay in stays if before is None or stay.seen.mono_ms > before.mono_ms]
        if seen:
            with self._ledger.page() as page:
                for stay in seen:
                    page.stays.see(stay)
        self._stored = now


def seal_end(page: Page, stay: Stay, places: Iterable[Place], *, by: UUID | None) -> None:
    """Seal that a stay is over and what it came to; `places`: where its browsers are, `by`: who ended it."""
    _seal_shift(page, stay)
    seal_sign_outs(page, stay.member.id, places, by=by)


def seal_sign_outs(page: Page, person: UUID, places: Iterable[Place], *, by: UUID | None) -> None:
    """Seal that browsers at these places are that person's no longer."""
    for place in places:
        page.seal(_signed_out(person, place, by=by, at=page.now))


def _seal_shift(page: Page, stay: Stay) -> None:
    """One shift for each stay, even where it seemed that the disk had refused it."""
    if page.stays.end(stay):
        page.seal(Shift.of(stay))


def _signed_out(person: UUID, place: Place, *, by: UUID | None, at: Moment) -> SecurityEvent:
    return SecurityEvent.of(SecurityMatter.SIGNED_OUT, now=at, place=place, by=by, about=person)
