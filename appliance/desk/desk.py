"""The desk as one object: what screens, buttons and doors are handed."""

from dataclasses import dataclass
from datetime import datetime

from appliance.desk.board import Board
from appliance.desk.facts.catalogue import Catalogue
from appliance.desk.facts.consultation import Consultation
from appliance.desk.facts.visit import JAPAN
from appliance.desk.ports import Clock, Storage
from appliance.desk.presence import Presence
from appliance.desk.reception.announcements import AnnouncementDesk
from appliance.desk.reception.attendance import Attendance
from appliance.desk.reception.calls import CallDesk
from appliance.desk.reception.card_items import CardItemsDesk
from appliance.desk.reception.cards import CardDesk
from appliance.desk.reception.consultations import ConsultationDesk
from appliance.desk.reception.opening import OpeningDesk
from appliance.desk.reception.roster import RosterDesk
from appliance.desk.reception.staff_cards import StaffCards
from appliance.desk.reception.staffing import StaffDesk
from appliance.desk.reception.tallies import TallyDesk
from appliance.desk.reception.tokens import TokenDesk
from appliance.desk.room import Room


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Everything that can happen at one desk."""

    facility_name: str
    catalogue: Catalogue
    clock: Clock
    board: Board
    presence: Presence
    calls: CallDesk
    consultations: ConsultationDesk
    room: Room
    storage: Storage
    attendance: Attendance
    opening: OpeningDesk
    tallies: TallyDesk
    staff: StaffDesk
    staff_cards: StaffCards
    roster: RosterDesk
    tokens: TokenDesk
    announcements: AnnouncementDesk
    cards: CardDesk
    card_items: CardItemsDesk

    def logged_today(self) -> list[Consultation]:
        """Today's consultations that still count, newest first."""
        now = self.clock.now().wall.astimezone(JAPAN)
        midnight = datetime(now.year, now.month, now.day, tzinfo=JAPAN)
        return list(self.storage.logged_since(midnight))
