"""The pages of whoever serves at the desk: answer, serve, write down."""

import secrets
from collections.abc import Callable, Sequence
from uuid import UUID

from flask import Blueprint, Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.errors import CallAlreadyClosed, Invalid, MadoguchiError, SameKeyOtherBody, UnknownVisit
from appliance.desk.facts.call import Call, CallState
from appliance.desk.facts.catalogue import Choice
from appliance.desk.facts.consultation import Consultation, ConsultationEntry
from appliance.desk.guard import ForbiddenText
from appliance.desk.ports import Once
from appliance.desk.reception.consultations import MAX_MEMO
from ui.desk.access import Access
from ui.desk.log_form import FRAUD, LogForm, PinInMemo
from ui.desk.once import OnceKeys
from ui.desk.statuses import STATUSES
from ui.desk.view import board_view, status_view, undo_of
from ui.desk.wording import JA, say
from ui.problems import refusal_of

PEOPLE = tuple(Choice(id=count, name=say(f"people.{count}")) for count in ("1", "2", "3"))

_SEE_OTHER = 303
_TOO_LATE = {
    state.value: say("late.answered" if state is CallState.ANSWERED else "late.ended")
    for state in CallState
    if state is not CallState.RAISED
}
"""What is said to whoever taps a call that has ended on another tablet, by how it ended; never who was faster."""

View = Callable[..., ResponseReturnValue]


class Pages:
    """The views; each may count on somebody signed in."""

    def __init__(self, desk: Callable[[], Desk], access: Access, once: OnceKeys, *, under: str = "") -> None:
        """`desk`: whose pages these are, asked anew at each look; `under`: the beginning of their addresses."""
        self._find_desk = desk
        self._access = access
        self._once = once
        self._under = under

    @property
    def routes(self) -> Sequence[tuple[str, str, View]]:
        """Method, address and view of each page."""
        return [
            ("GET", self._under or "/", self.index),
            ("POST", f"{self._under}/calls/<uuid:call>/answer", self.answer),
            ("POST", f"{self._under}/calls/<uuid:call>/cancel", self.cancel),
            ("POST", f"{self._under}/visits", self.walk_in),
            ("GET", f"{self._under}/fraud", self.fraud),
            ("GET", f"{self._under}/telephone", self.telephone),
            ("GET", f"{self._under}/visits/<uuid:visit>/log", self.log),
            ("POST", f"{self._under}/visits/<uuid:visit>/log", self.save),
            ("GET", f"{self._under}/consultations/<uuid:consultation>/correct", self.correct),
            ("POST", f"{self._under}/consultations/<uuid:consultation>/correct", self.save_correction),
            ("POST", f"{self._under}/consultations/<uuid:consultation>/withdraw", self.withdraw),
        ]

    def index(self) -> ResponseReturnValue:
        """Who calls, who is being served, what was written down today."""
        saved = request.args.get("saved")
        board = board_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        undo, too_late = undo_of(self._desk, saved) if saved else None, _TOO_LATE.get(request.args.get("late", ""))
        return self._page("index.html", board=board, undo=undo, too_late=too_late)

    def answer(self, call: UUID) -> ResponseReturnValue:
        """Somebody goes to whoever pressed; on the second tablet it is said that somebody already does."""
        return self._unless_closed(self._desk.calls.answer, call)

    def cancel(self, call: UUID) -> ResponseReturnValue:
        """It was pressed by mistake; a call that ended on another tablet stays as it ended."""
        return self._unless_closed(self._desk.calls.cancel, call)

    def walk_in(self) -> ResponseReturnValue:
        """Somebody came without pressing; whoever says so on the card against fraud writes it down at once."""
        visit = self._desk.consultations.walk_in(once=self._this_press())
        if request.form.get("card") != FRAUD:
            return self._home()
        return redirect(f"{self._under}/visits/{visit.id}/log?card={FRAUD}", _SEE_OTHER)

    def fraud(self) -> ResponseReturnValue:
        """What to say to somebody who is being deceived, and the way to write it down."""
        board = board_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        return self._page("fraud.html", visits=board.visits, card=FRAUD)

    def telephone(self) -> ResponseReturnValue:
        """What to dial and what to say to the hall; nothing of it is kept."""
        sentence = self._desk.catalogue.telephone.say.replace("{facility}", self._desk.facility_name)
        return self._page("telephone.html", sentence=sentence)

    def log(self, visit: UUID) -> ResponseReturnValue:
        """The empty form for a visit that is being served, or what a card has filled in."""
        if all(visit != served.id for served in self._desk.board.snapshot.floor.visits):
            raise UnknownVisit
        return self._log_page(visit, LogForm.from_card(request.args.get("card", "")))

    def save(self, visit: UUID) -> ResponseReturnValue:
        """A cell of the grid was pressed; whatever goes wrong, the page comes back with everything typed."""
        form = LogForm.of(request.form)
        try:
            entry = self._checked(form)
            saved = self._desk.consultations.log(entry, by=self._access.role, visit=visit, once=self._this_press())
        except MadoguchiError as error:
            return self._log_page(visit, form, error), refusal_of(error, STATUSES).status
        return self._with_undo(saved)

    def correct(self, consultation: UUID) -> ResponseReturnValue:
        """The form of a saved consultation, as it was tapped."""
        return self._correct_page(consultation, LogForm.saying(self._desk.consultations.entry_of(consultation)))

    def save_correction(self, consultation: UUID) -> ResponseReturnValue:
        """A cell of the grid was pressed for a saved consultation."""
        form = LogForm.of(request.form)
        try:
            entry = self._checked(form)
            saved = self._desk.consultations.correct(consultation, entry, once=self._this_press())
        except MadoguchiError as error:
            return self._correct_page(consultation, form, error), refusal_of(error, STATUSES).status
        return self._with_undo(saved)

    def withdraw(self, consultation: UUID) -> ResponseReturnValue:
        """It was a slip."""
        self._desk.consultations.withdraw(consultation, once=self._this_press())
        return self._home()

    def _unless_closed(self, close: Callable[..., Call], call: UUID) -> ResponseReturnValue:
        try:
            close(call, by=self._access.role, once=self._this_press())
        except CallAlreadyClosed as error:
            return redirect(f"{self._under or '/'}?late={error.detail}", _SEE_OTHER)
        return self._home()

    def _checked(self, form: LogForm) -> ConsultationEntry:
        """What is to be saved; `Invalid`, and `PinInMemo` where nothing else is wrong with it."""
        entry = form.entry([channel.id for channel in self._desk.catalogue.channels])
        self._desk.consultations.check(entry)
        form.check_pin()
        return entry

    @property
    def _desk(self) -> Desk:
        return self._find_desk()

    def _home(self) -> ResponseReturnValue:
        return redirect(self._under or "/", _SEE_OTHER)

    def _with_undo(self, saved: Consultation) -> ResponseReturnValue:
        return redirect(f"{self._under or '/'}?saved={saved.id}", _SEE_OTHER)

    def _this_press(self) -> Once:
        return self._once.of_form(self._access.sign_in_name)

    def _log_page(self, visit: UUID, form: LogForm, error: MadoguchiError | None = None) -> str:
        return self._form_page(f"{self._under}/visits/{visit}/log", "log", form, error)

    def _correct_page(self, consultation: UUID, form: LogForm, error: MadoguchiError | None = None) -> str:
        return self._form_page(f"{self._under}/consultations/{consultation}/correct", "correct", form, error)

    def _form_page(self, action: str, heading: str, form: LogForm, error: MadoguchiError | None) -> str:
        return self._page(
            "log.html",
            action=action,
            heading=heading,
            form=form,
            wrong_field=error.field if isinstance(error, Invalid) else None,
            wrong=_wrong(error) if error else None,
            asks_pin=isinstance(error, PinInMemo),
            people=PEOPLE,
            max_memo=MAX_MEMO,
        )

    def _page(self, template: str, **values: object) -> str:
        status = status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        once = secrets.token_urlsafe(16)
        return render_template(template, desk=self._desk, status=status, once=once, under=self._under, **values)


def add_pages(app: Flask, *, desk: Desk, access: Access, once: OnceKeys) -> None:
    """Serve the pages; every POST needs the token of its session."""
    blueprint = Blueprint("pages", __name__)
    blueprint.before_request(access.check_csrf)
    for method, path, view in Pages(lambda: desk, access, once).routes:
        blueprint.add_url_rule(path, view.__name__, access.staff_only(view), methods=[method])
    app.register_blueprint(blueprint)


def _wrong(error: MadoguchiError) -> str:
    """What to tell somebody whose entry was not saved."""
    if isinstance(error, SameKeyOtherBody):
        return say("log.saved_before")
    if isinstance(error, Invalid) and not isinstance(error, ForbiddenText | PinInMemo):
        return JA.get(f"wrong.{error.field}", say("wrong.field"))
    return error.ja
