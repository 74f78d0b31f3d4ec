"""A desk put together from its outside parts: the real one, the one for practice, and those of the tests."""

from dataclasses import dataclass
from datetime import timedelta

from appliance.desk.board import Board
from appliance.desk.desk import Desk
from appliance.desk.desk_key import DeskKey
from appliance.desk.facts.calendar import Calendar
from appliance.desk.facts.catalogue import Catalogue
from appliance.desk.ledger import Ledger
from appliance.desk.ports import ClockSetter, NameSeal, PinLock, Sealer, Storage
from appliance.desk.presence import AWAY_AFTER, Presence
from appliance.desk.reception.announcements import AnnouncementDesk
from appliance.desk.reception.attendance import Attendance
from appliance.desk.reception.calls import CallDesk
from appliance.desk.reception.card_items import CardItemsDesk
from appliance.desk.reception.cards import CardDesk
from appliance.desk.reception.consultations import ConsultationDesk
from appliance.desk.reception.opening import OpeningDesk
from appliance.desk.reception.roster import RosterDesk
from appliance.desk.reception.roster_book import RosterBook
from appliance.desk.reception.staff_cards import StaffCards
from appliance.desk.reception.staffing import StaffDesk
from appliance.desk.reception.tallies import TallyDesk
from appliance.desk.reception.tokens import TokenDesk
from appliance.desk.room import Room


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long a desk waits before it takes something for over."""

    call: timedelta = timedelta(minutes=60)
    """A call that was raised while somebody was there."""
    unattended: timedelta = timedelta(minutes=3)
    """One that nobody was there to hear."""
    away: timedelta = AWAY_AFTER
    """That a person is here none of whose screens gives a sign of life."""


USUAL = Patience()


def furnish(  # noqa: PLR0913 (everything that is outside of the desk, each handed in by name)
    *,
    facility_name: str,
    catalogue: Catalogue,
    calendar: Calendar,
    clock: ClockSetter,
    storage: Storage,
    sealer: Sealer,
    pins: PinLock,
    names: NameSeal,
    patience: Patience = USUAL,
    card_check: bool = True,
    patrons_have_cards: bool = False,
) -> Desk:
    """The desk over these parts; lamps and voice follow once its room is started, the card reader once connected.

    `patrons_have_cards`: nobody signs in by a card, because it might be a patron's.
    """
    board = Board(storage.unsent)
    ledger = Ledger(storage=storage, sealer=sealer, clock=clock, board=board)
    room = Room(board=board, clock=clock, phrases=catalogue.phrases, translations=catalogue.translations)
    attendance = Attendance(board=board, calendar=calendar, clock=clock, phrases=catalogue.phrases)
    presence, desk_key = Presence(board, away_after=patience.away), DeskKey(names)
    book = RosterBook(ledger=ledger, pins=pins, desk_key=desk_key)
    staff = StaffDesk(ledger=ledger, book=book, presence=presence, clock=clock, pins=pins, desk_key=desk_key)
    cards = CardDesk(clock=clock, checks=card_check)
    desk = Desk(
        facility_name=facility_name,
        catalogue=catalogue,
        clock=clock,
        board=board,
        presence=presence,
        calls=CallDesk(
            ledger=ledger,
            board=board,
            room=room,
            attendance=attendance,
            patience=patience.call,
            unattended_for=patience.unattended,
        ),
        consultations=ConsultationDesk(ledger=ledger, catalogue=catalogue),
        room=room,
        storage=storage,
        attendance=attendance,
        opening=OpeningDesk(ledger=ledger, storage=storage, board=board, clock=clock),
        tallies=TallyDesk(ledger=ledger, catalogue=catalogue),
        staff=staff,
        staff_cards=StaffCards(
            book=book,
            staff=staff,
            presence=presence,
            cards=cards,
            clock=clock,
            patrons_have_cards=patrons_have_cards,
        ),
        roster=RosterDesk(book=book, presence=presence, pins=pins, desk_key=desk_key),
        tokens=TokenDesk(ledger=ledger, clock=clock),
        announcements=AnnouncementDesk(room=room, phrases=catalogue.phrases),
        cards=cards,
        card_items=CardItemsDesk(cards=cards, clock=clock, is_here=lambda sign_in: staff.watching(sign_in) is not None),
    )
    desk.opening.at_closing += [desk.card_items.erase, staff.everybody_leaves]
    return desk
