"""Cards by which staff sign in: enrolled, known again by a keyed hash, revoked. In a library no card is asked."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from appliance.desk.card_errors import CardBusy, CardNotFit, CardUnreadable, ReaderUnusable
from appliance.desk.errors import NotAllowed, NotServing
from appliance.desk.facts.card import CardKind, CardPhase, CardState, CardVisit, ReaderStatus
from appliance.desk.facts.roster import RosterEntry, may_reset
from appliance.desk.facts.security import Place, SecurityEvent, SecurityMatter
from appliance.desk.facts.staff import Permission, StaffMember
from appliance.desk.ports import Clock
from appliance.desk.presence import Presence
from appliance.desk.reception.cards import CardDesk
from appliance.desk.reception.roster_book import RosterBook
from appliance.desk.reception.staffing import Browser, StaffDesk
from appliance.desk.reception.stays import seal_sign_outs
from appliance.desk.reception.taps import Taps
from appliance.desk.tap_errors import (
    CardLiesThere,
    CardNotForStaff,
    CardTaken,
    NoCardThere,
    OwnScreenOnly,
    PatronsHaveCards,
    TapsOff,
    UnknownCard,
)

_UNFINISHED = frozenset({CardPhase.CHECKING, CardPhase.BUSY})


class StaffCards:
    """Knows whose card lies there; of the card itself it keeps nothing."""

    def __init__(
        self,
        *,
        book: RosterBook,
        staff: StaffDesk,
        presence: Presence,
        cards: CardDesk,
        clock: Clock,
        patrons_have_cards: bool = False,
    ) -> None:
        """`patrons_have_cards`: the desk stands where a card of staff cannot be told from one of a patron."""
        self._book = book
        self._staff = staff
        self._presence = presence
        self._cards = cards
        self._clock = clock
        self._patrons_have_cards = patrons_have_cards
        self._keys: Mapping[str, bytes] = {}
        self._turn = threading.Lock()
        self._taps = Taps(clock.now())
        cards.at_change.append(self._look)
        staff.at_coming_or_going.append(self.pass_over)

    def take_keys(self, keys: Mapping[str, bytes]) -> None:
        """The keys by their versions, newest first, none before the box has its own.

        Cards known under a version that is gone are forgotten, in a library all. The error of the disk, after which
        those cards still sign nobody in.
        """
        self._keys = keys
        known = () if self._patrons_have_cards else tuple(keys)
        if known or self._patrons_have_cards:
            self._forget([row for row in self._book.rows if row.card and row.card.partition(":")[0] not in known])

    @property
    def is_on(self) -> bool:
        """Whether a card can sign anybody in at this box at all."""
        return self.why_not("screen") is None

    def why_not(self, place: Place) -> TapsOff | None:
        """Why no card is asked for whoever is at that screen; None where it is."""
        if self._patrons_have_cards:
            return PatronsHaveCards()
        if self._cards.sight.state.reader is ReaderStatus.ABSENT or not self._keys:
            return TapsOff()
        return None if place == "screen" else OwnScreenOnly()

    @property
    def fresh(self) -> int:
        """The number of the visit of a card that was just laid down and read; 0 where none was."""
        card = self._lying
        is_tap = card is not None and card.phase is CardPhase.CHECKED and self._is_tap(card)
        return card.number if card is not None and is_tap else 0

    @property
    def lying(self) -> CardPhase | None:
        """How far the reader has come with what lies there; None where nothing does or no card is asked."""
        card = self._lying
        return None if card is None else card.phase

    @property
    def has_reader(self) -> bool:
        """Whether the reader works now."""
        return self._cards.sight.state.reader is ReaderStatus.READY

    def has_card(self, person: UUID) -> bool:
        """Whether that person may sign in by a card; `UnknownStaff`."""
        return self._book.row(person).card is not None

    def may_change(self, by: StaffMember, member: StaffMember) -> bool:
        """Whether `by` may give `member` a card, or take it away."""
        return may_reset(by, member, [row.member for row in self._book.rows])

    def may_revoke(self, by: StaffMember, member: StaffMember) -> bool:
        """Whether `by` may take the card of `member` away: a card that was lost must not wait for ICT support."""
        return by.id == member.id or by.permission is not Permission.VOLUNTEER

    def pass_over(self) -> None:
        """Whatever lies there now is no tap: somebody has signed in or left with it lying there."""
        card = self._lying
        if card is not None:
            self._taps.use(card.number)

    def tap(self, *, browser: Browser) -> StaffMember:
        """Let in whose card was laid down; each stay of a card counts once.

        Only at the box's own screen: who taps there signs nobody in elsewhere. What `sign_in_by_card` raises;
        `UnknownCard`, `NoCardThere`, `CardLiesThere`, `TapsOff`, the errors of the card.
        """
        with self._turn:
            if not self._is_tap(self._card_there(browser.place)):
                raise CardLiesThere
            tokens = self._tokens(browser.place)
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
        self._card_there(place)
        member = self._staff.proved(sign_in, pin, place=place)
        self._enrol(member, by=member, place=place)

    def revoke(self, person: UUID, *, by: StaffMember, place: Place) -> None:
        """From now on no card signs that person in, and whoever the lost one let in is asked for the PIN.

        `NotAllowed`, `UnknownStaff`.
        """
        member = self._book.row(person).member
        if not self.may_revoke(by, member):
            raise NotAllowed
        with self._book.writing() as page:
            row = self._book.row(person)
            if row.card is None:
                return
            page.staff.put(replace(row, card=None))
            page.seal(SecurityEvent.of(SecurityMatter.CARD_REVOKED, now=page.now, place=place, by=by.id, about=person))
            if by.id != person:
                seal_sign_outs(page, person, self._presence.places_of(person).values(), by=by.id)
        if by.id != person:
            self._presence.lock(person)

    def _enrol(self, member: StaffMember, *, by: StaffMember, place: Place) -> None:
        if not member.active:
            raise NotServing
        with self._turn:
            tokens = self._tokens(place)
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
                    page.seal(
                        SecurityEvent.of(SecurityMatter.CARD_REVOKED, now=page.now, place="console", about=row.id)
                    )

    def _tokens(self, place: Place) -> Sequence[str]:
        """What stands for the card that lies there, newest first; from now on it was a tap."""
        card = self._card_there(place)
        self._taps.use(card.number)
        if card.kind is not CardKind.OTHER:
            raise CardNotForStaff
        try:
            return self._cards.card_tokens(card.number, self._keys)
        except CardNotFit:
            raise CardNotForStaff from None

    def _card_there(self, place: Place) -> CardVisit:
        """The card that lies there and was read; `NoCardThere`, `CardUnreadable`, `CardBusy`, `TapsOff`."""
        why_not = self.why_not(place)
        if why_not is not None:
            raise why_not
        state = self._cards.sight.state
        if state.reader is not ReaderStatus.READY:
            raise ReaderUnusable
        if state.card is None:
            raise NoCardThere
        if state.card.phase is not CardPhase.CHECKED:
            raise CardBusy if state.card.phase in _UNFINISHED else CardUnreadable
        return state.card

    def _look(self, state: CardState) -> None:
        self._taps.look(state, self._clock.now())

    def _is_tap(self, card: CardVisit) -> bool:
        return self._taps.is_tap(card.number, self._clock.now())

    @property
    def _lying(self) -> CardVisit | None:
        return self._cards.sight.state.card if self.is_on else None
