"""Consultations: a visit is served, written down in three taps, and taken back if it was a slip."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from appliance.desk.errors import AlreadyWithdrawn, Invalid, Superseded, VisitIsShared
from appliance.desk.facts.call import Call, CallState
from appliance.desk.facts.catalogue import Catalogue, Choice
from appliance.desk.facts.consultation import Consultation, ConsultationEntry, Correction
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.visit import Visit
from appliance.desk.guard import check_memo
from appliance.desk.ledger import Ledger, Page
from appliance.desk.ports import Once
from appliance.desk.reception.calls import begin_visit_of, close_call

MAX_MEMO = 2000
MAX_TOPICS = 8
MAX_PEOPLE = 200

UNDO = timedelta(seconds=10)
"""How long the screen offers to take a saved consultation back."""


class ConsultationDesk:
    """Begins walk-ins, saves consultations and withdraws them."""

    def __init__(self, *, ledger: Ledger, catalogue: Catalogue) -> None:
        self._ledger = ledger
        self._catalogue = catalogue

    def walk_in(self, *, once: Once | None = None) -> Visit:
        """Somebody came to the desk without pressing anything: start the timer."""
        with self._ledger.page() as page:
            if (made := page.made_before(once)) is not None:
                return page.visits.get(made)
            visit = _begin_walk_in(page, timed=True)
            page.remember(once, visit.id)
        return visit

    def log(
        self,
        entry: ConsultationEntry,
        *,
        by: StaffRole,
        visit: UUID | None = None,
        call: UUID | None = None,
        once: Once | None = None,
    ) -> Consultation:
        """Save a consultation and end its visit.

        The visit is the one named, or the one that answers `call` (which is answered now if nobody had), or a
        walk-in that nobody timed. `Invalid`, `UnknownVisit`, `UnknownCall`, `CallAlreadyClosed`.
        """
        self.check(entry)
        with self._ledger.page() as page:
            if (made := page.made_before(once)) is not None:
                return page.consultations.get(made)
            page.record_named(visit, call)
            served = self._visit(page, visit, call, by)
            consultation = self._save(page, served, entry)
            page.remember(once, consultation.id)
        return consultation

    def withdraw(self, consultation: UUID, *, once: Once | None = None) -> Consultation:
        """Take a consultation back; a visit that only it had ended is open again.

        `UnknownConsultation`, `AlreadyWithdrawn`.
        """
        with self._ledger.page() as page:
            taken = page.consultations.get(consultation)
            if page.made_before(once) is not None:
                return taken
            _must_stand(taken)
            page.withdraw(consultation)
            page.consultations.withdraw(consultation)
            if (corrected := page.consultations.superseded(consultation)) is not None:
                page.consultations.supersede(corrected, by=None)
            if page.consultations.standing(taken.visit) == 0:
                _take_back(page, page.visits.get(taken.visit))
            page.remember(once, consultation)
            return page.consultations.get(consultation)

    def entry_of(self, consultation: UUID) -> ConsultationEntry:
        """What was entered, without the memo, which is sealed and gone.

        `UnknownConsultation`, `AlreadyWithdrawn`, `Superseded`.
        """
        with self._ledger.page() as page:
            saved = page.consultations.get(consultation)
            _must_stand(saved)
            visit = page.visits.get(saved.visit)
        return ConsultationEntry(
            topics=saved.topics,
            age_band=saved.age_band,
            outcome=saved.outcome,
            channel=visit.channel,
            people=visit.people,
            referred_to=saved.referred_to,
        )

    def correct(self, consultation: UUID, entry: ConsultationEntry, *, once: Once | None = None) -> Consultation:
        """Put `entry` in the place of a saved consultation; minutes and moment of the visit stay as measured.

        `UnknownConsultation`, `AlreadyWithdrawn`, `Superseded`, `VisitIsShared`, `Invalid`.
        """
        self.check(entry)
        with self._ledger.page() as page:
            if (made := page.made_before(once)) is not None:
                return page.consultations.get(made)
            before = page.consultations.get(consultation)
            _must_stand(before)
            visit = _with_party_of(page, page.visits.get(before.visit), entry)
            after = Consultation.of(entry, visit=visit.id, minutes=before.minutes, honest=before.honest, now=page.now)
            page.seal(Correction(replaces=before.id, now=after))
            page.consultations.add(after)
            page.consultations.supersede(before.id, by=after.id)
            page.remember(once, after.id)
        return after

    def check(self, entry: ConsultationEntry) -> None:
        """Let an entry pass that could be saved; `Invalid`."""
        if not 1 <= len(entry.topics) <= MAX_TOPICS or len(set(entry.topics)) != len(entry.topics):
            raise Invalid("topics", f"1 to {MAX_TOPICS} different topics")
        for topic in entry.topics:
            _known("topics", topic, self._catalogue.topics)
        _known("age_band", entry.age_band, self._catalogue.age_bands)
        _known("outcome", entry.outcome, self._catalogue.outcomes)
        if entry.referred_to is not None:
            _known("referred_to", entry.referred_to, self._catalogue.referrals)
        if not 1 <= entry.people <= MAX_PEOPLE:
            raise Invalid("people", f"must be 1 to {MAX_PEOPLE}")
        if entry.memo is not None and len(entry.memo) > MAX_MEMO:
            raise Invalid("memo", f"at most {MAX_MEMO} characters")
        check_memo(entry.memo)

    def _visit(self, page: Page, visit: UUID | None, call: UUID | None, by: StaffRole) -> Visit:
        if visit is not None:
            return page.visits.get(visit)
        if call is not None:
            served = next((one for one in page.floor.visits if one.call == call), None)
            return served or page.visits.of_call(call) or _answer_late(page, page.calls.get(call), by)
        return _begin_walk_in(page, timed=False)

    def _save(self, page: Page, visit: Visit, entry: ConsultationEntry) -> Consultation:
        served = visit.service_time(page.now)
        consultation = Consultation.of(
            entry,
            visit=visit.id,
            minutes=served.minutes if visit.timed else None,
            honest=served.honest,
            now=page.now,
        )
        page.seal(consultation)
        page.consultations.add(consultation)
        if visit.ended is None:
            _end(page, visit.end(channel=entry.channel, people=entry.people, now=page.now))
        return consultation


def _known(field: str, value: str, choices: tuple[Choice, ...]) -> None:
    if all(choice.id != value for choice in choices):
        raise Invalid(field, "not in the catalogue")


def _begin_walk_in(page: Page, *, timed: bool) -> Visit:
    visit = Visit.beginning(call=None, waiting_seconds=None, timed=timed, now=page.now)
    page.begin_visit(visit)
    return visit


def _answer_late(page: Page, call: Call, by: StaffRole) -> Visit:
    """The visit of a call that was served before anybody answered it on the screen."""
    if call.state is not CallState.ANSWERED:
        call = close_call(page, call, CallState.ANSWERED, by=by)
    return begin_visit_of(page, call, timed=False)


def _end(page: Page, visit: Visit) -> None:
    page.seal(visit)
    page.visits.end(visit)
    page.show_visit(visit)


def _must_stand(consultation: Consultation) -> None:
    if consultation.withdrawn:
        raise AlreadyWithdrawn
    if consultation.superseded_by is not None:
        raise Superseded


def _with_party_of(page: Page, visit: Visit, entry: ConsultationEntry) -> Visit:
    """The visit with the channel and people of `entry`; where they change, a successor takes its place."""
    if (visit.channel, visit.people) == (entry.channel, entry.people) or visit.ended is None:
        return visit
    if page.consultations.standing(visit.id) > 1:
        raise VisitIsShared
    page.withdraw(visit.id)
    page.visits.withdraw(visit.id)
    successor = replace(visit, id=uuid4(), channel=entry.channel, people=entry.people)
    page.seal(successor)
    page.visits.add(successor)
    page.visits.end(successor)
    return successor


def _take_back(page: Page, visit: Visit) -> None:
    """Withdraw a visit whose only consultation was withdrawn; its timer goes on in a successor."""
    page.withdraw(visit.id)
    page.visits.withdraw(visit.id)
    if visit.timed:
        again = visit.reopen()
        page.visits.add(again)
        page.show_visit(again)
