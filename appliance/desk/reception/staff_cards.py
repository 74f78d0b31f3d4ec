"""Cards by which staff sign in: enrolled, known again by a keyed hash, revoked. In a library no card is asked."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from appliance.desk.card_errors import CardBusy, CardNotFit, CardUnreadable, ReaderUnusable
from appliance.desk.errors import NotAllowed, NotServing
from appliance.desk.facts.card import CardKind, CardPhase, CardState, CardVisit, ReaderStatus
from appliance.desk.facts.moment import Moment, elapsed
from appliance.desk.facts.roster import RosterEntry, may_reset
from appliance.desk.facts.security import Place, SecurityEvent, SecurityMatter
from appliance.desk.facts.staff import StaffMember
from appliance.desk.ports import Clock
from appliance.desk.reception.cards import CardDesk
from appliance.desk.reception.roster_book import RosterBook
from appliance.desk.reception.staffing import Browser, StaffDesk
from appliance.desk.tap_errors import CardLiesThere, CardTaken, NoCardThere, PatronsHaveCards, TapsOff, UnknownCard

COMES_WITH_READER = timedelta(seconds=2)
"""A reader that has just come to life finds a card that lies there within so long."""

_UNFINISHED = frozenset({CardPhase.CHECKING, CardPhase.BUSY})


class StaffCards:
    """Knows whose card lies there; of the card itself it keeps nothing."""

    def __init__(
        self, *, book: RosterBook, staff: StaffDesk, cards: CardDesk, clock: Clock, patrons_have_cards: bool = False
    ) -> None:
        """`patrons_have_cards`: the desk stands where a card of staff cannot be told from one of a patron."""
        self._book = book
        self._staff = staff
        self._cards = cards
        self._clock = clock
        self._patrons_have_cards = patrons_have_cards
        self._keys: Mapping[str, bytes] = {}
        self._turn = threading.Lock()
        self._ready: Moment | None = None
        """Since when the reader has been ready without a break."""
        self._seen = 0
        self._passed = 0
        """The visit of the last card that was a tap, or was no tap."""
        cards.at_change.append(self._look)

    def take_keys(self, keys: Mapping[str, bytes]) -> None:
        """The keys by their versions, newest first, none before the box has its own.

        Cards known under a version that is gone are forgotten, in a library all. The error of the disk.
        """
        self._keys = keys
        known = () if self._patrons_have_cards else tuple(keys)
        if known or self._patrons_have_cards:
            self._forget([row for row in self._book.rows if row.card and row.card.partition(":")[0] not in known])

    @property
    def is_on(self) -> bool:
        """Whether a card can sign anybody in at this box at all."""
        return self._why_off is None

    @property
    def fresh(self) -> int:
        """The number of the visit of a card that was just laid down; 0 where none was."""
        card = self._lying
        return 0 if card is None or card.phase is not CardPhase.CHECKED or card.number == self._passed else card.number

    def has_card(self, person: UUID) -> bool:
        """Whether that person may sign in by a card; `UnknownStaff`."""
        return self._book.row(person).card is not None

    def may_change(self, by: StaffMember, member: StaffMember) -> bool:
        """Whether `by` may give `member` a card, or take it away."""
        return may_reset(by, member, [row.member for row in self._book.rows])

    def pass_over(self) -> None:
        """Whatever lies there now is no tap: somebody has signed in or left with it lying there."""
        card = self._lying
        if card is not None:
            self._passed = card.number

    def tap(self, *, browser: Browser) -> StaffMember:
        """Let in whose card was laid down; each stay of a card counts once.

        What `sign_in_by_card` raises; `UnknownCard`, `NoCardThere`, `CardLiesThere`, `TapsOff`, the errors of the card.
        """
        with self._turn:
            if self._card_there().number == self._passed:
                raise CardLiesThere
            tokens = self._tokens()
        row = next((row for row in self._book.rows if row.card in tokens), None)
        if row is None:
            self._staff.card_refused(by=None, place=browser.place)
            raise UnknownCard
        self._renew(row, tokens[0])
        return self._staff.sign_in_by_card(row.id, browser=browser)

    def enrol(self, person: UUID, *, by: StaffMember, place: Place) -> None:
        """Let that person sign in by the card that lies there, and by no other any more.

        `NotAllowed`, `UnknownStaff`, `NotServing`, `CardTaken`, `NoCardThere`, `TapsOff`, the errors of the card.
        """
        member = self._book.row(person).member
        if not self.may_change(by, member):
            raise NotAllowed
        self._enrol(member, by=by, place=place)

    def enrol_own(self, sign_in: str, pin: str, *, place: Place) -> None:
        """The same for whoever is signed in there and types her PIN; a wrong one counts as at the sign-in."""
        self._card_there()
        member = self._staff.proved(sign_in, pin, place=place)
        self._enrol(member, by=member, place=place)

    def revoke(self, person: UUID, *, by: StaffMember, place: Place) -> None:
        """From now on no card signs that person in; `NotAllowed`, `UnknownStaff`."""
        member = self._book.row(person).member
        if by.id != person and not self.may_change(by, member):
            raise NotAllowed
        with self._book.writing() as page:
            row = self._book.row(person)
            if row.card is not None:
                page.staff.put(replace(row, card=None))
                page.seal(
                    SecurityEvent.of(SecurityMatter.CARD_REVOKED, now=page.now, place=place, by=by.id, about=person)
                )

    def _enrol(self, member: StaffMember, *, by: StaffMember, place: Place) -> None:
        if not member.active:
            raise NotServing
        with self._turn:
            tokens = self._tokens()
        try:
            self._give(member.id, tokens, by=by, place=place)
        except CardTaken:
            self._staff.card_refused(by=by, place=place)
            raise

    def _give(self, person: UUID, tokens: Sequence[str], *, by: StaffMember, place: Place) -> None:
        with self._book.writing() as page:
            row = self._book.row(person)
            if any(other.card in tokens for other in self._book.rows if other.id != person):
                raise CardTaken
            if row.card not in tokens:
                page.seal(
                    SecurityEvent.of(SecurityMatter.CARD_ENROLLED, now=page.now, place=place, by=by.id, about=person)
                )
            page.staff.put(replace(row, card=tokens[0]))

    def _renew(self, row: RosterEntry, token: str) -> None:
        """A card that was known under an older version of the key is known under the newest from now on."""
        if row.card != token:
            with self._book.writing() as page:
                page.staff.put(replace(self._book.row(row.id), card=token))

    def _forget(self, rows: Sequence[RosterEntry]) -> None:
        if rows:
            with self._book.writing() as page:
                for row in rows:
                    page.staff.put(replace(self._book.row(row.id), card=None))

    def _tokens(self) -> Sequence[str]:
        """What stands for the card that lies there, newest first; from now on it was a tap."""
        card = self._card_there()
        self._passed = card.number
        if card.kind is not CardKind.OTHER:
            raise CardNotFit
        return self._cards.card_tokens(card.number, self._keys)

    def _card_there(self) -> CardVisit:
        """The card that lies there and was read; `NoCardThere`, `CardUnreadable`, `CardBusy`, `TapsOff`."""
        if self._why_off is not None:
            raise self._why_off
        state = self._cards.sight.state
        if state.reader is not ReaderStatus.READY:
            raise ReaderUnusable
        if state.card is None:
            raise NoCardThere
        if state.card.phase is not CardPhase.CHECKED:
            raise CardBusy if state.card.phase in _UNFINISHED else CardUnreadable
        return state.card

    def _look(self, state: CardState) -> None:
        """Called at each change of the reader; a card that comes with the reader itself was left lying."""
        now, card = self._clock.now(), state.card
        self._ready = None if state.reader is not ReaderStatus.READY else self._ready or now
        if card is not None and card.number != self._seen:
            self._seen = card.number
            if self._ready is None or elapsed(self._ready, now).time < COMES_WITH_READER:
                self._passed = card.number

    @property
    def _why_off(self) -> TapsOff | None:
        if self._patrons_have_cards:
            return PatronsHaveCards()
        is_absent = self._cards.sight.state.reader is ReaderStatus.ABSENT
        return TapsOff() if is_absent or not self._keys else None

    @property
    def _lying(self) -> CardVisit | None:
        return None if self._why_off is not None else self._cards.sight.state.card
