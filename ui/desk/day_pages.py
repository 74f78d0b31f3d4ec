"""The pages of the day: opening with a look at the clock, closing, the sheet to print, tallies from paper."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from flask import Blueprint, Flask, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from appliance.desk.desk import Desk
from appliance.desk.errors import Invalid, MadoguchiError, OpenItems, SameKeyOtherBody
from appliance.desk.facts.sheet import day_of
from appliance.desk.facts.visit import JAPAN
from appliance.desk.ports import Once
from appliance.desk.reception.tallies import MAX_COUNT, MAX_DAYS_AGO, TallyEntry
from ui.desk.access import Access
from ui.desk.day_view import LeftView, Question, SheetView, closed_sentence, day_in, number_in, time_in
from ui.desk.once import OnceKeys
from ui.desk.statuses import STATUSES
from ui.desk.view import status_view
from ui.desk.wording import say
from ui.problems import Refusal, refusal_of

FRESH = timedelta(minutes=5)
"""So old a page may be whose time somebody says yes to."""

_SEE_OTHER = 303
_TOPIC, _AGE_BAND = "topic.", "age_band."
_WRONG = {
    "day": "tally.wrong.day",
    "visits": "tally.wrong.visits",
    "people": "tally.wrong.people",
    "topics": "tally.wrong.topics",
    "age_bands": "tally.wrong.age_bands",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TallyForm:
    """The form as it was sent, so that it can be shown again."""

    day: str
    visits: str = ""
    people: str = ""
    counts: Mapping[str, str] = field(default_factory=dict)
    """What was typed beside each topic and age band, by the name of its field."""

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "TallyForm":
        """The form of this request."""
        counts = {name: text for name, text in form.items() if name.startswith((_TOPIC, _AGE_BAND)) and text.strip()}
        return cls(day=form.get("day", ""), visits=form.get("visits", ""), people=form.get("people", ""), counts=counts)

    def entry(self) -> TallyEntry:
        """The entry this form means; `Invalid`."""
        try:
            day = day_in(self.day)
        except Invalid:
            raise Invalid("day", "must be a day") from None
        return TallyEntry(
            day=day,
            visits=number_in(self.visits),
            people=number_in(self.people),
            topics=self._counted(_TOPIC),
            age_bands=self._counted(_AGE_BAND),
        )

    def _counted(self, prefix: str) -> dict[str, int]:
        named = {name.removeprefix(prefix): text for name, text in self.counts.items() if name.startswith(prefix)}
        return {word: number_in(text) for word, text in named.items()}


class DayPages:
    """The views."""

    def __init__(self, desk: Desk, access: Access, once: OnceKeys) -> None:
        self._desk = desk
        self._access = access
        self._once = once
        self._last_closing: tuple[Once, str] | None = None

    def ask_time(self) -> ResponseReturnValue:
        """Is this the time?"""
        return self._opening_page()

    def open(self) -> ResponseReturnValue:
        """It is."""
        if not self._is_fresh(request.form.get("shown", "")):
            return self._opening_page(wrong=say("opening.old")), 409
        self._desk.opening.open(by=self._access.role, once=self._this_press())
        return redirect("/", _SEE_OTHER)

    def open_at(self) -> ResponseReturnValue:
        """It is not, but what was typed."""
        try:
            self._desk.opening.open(by=self._access.role, said=_typed(), once=self._this_press())
        except Invalid:
            return self._opening_page(wrong=say("opening.wrong"), typed=True), 422
        return redirect("/", _SEE_OTHER)

    def ask_closing(self) -> ResponseReturnValue:
        """What is left to end, or the one button."""
        return self._closing_page()

    def close(self) -> ResponseReturnValue:
        """きょうはおしまい; a second tap of whoever it has signed out meanwhile gets the same answer."""
        press = self._this_press()
        if self._last_closing is not None and self._last_closing[0] == press:
            return self._to_closed(self._last_closing[1])
        self._access.check_signed_in()
        try:
            closed = self._desk.opening.close(once=press)
        except OpenItems:
            return self._closing_page(), 409
        sentence = closed_sentence(self._desk, closed)
        self._last_closing = press, sentence
        return self._to_closed(sentence)

    def cancel_call(self, call: UUID) -> ResponseReturnValue:
        """Nobody is there any more."""
        self._desk.calls.cancel(call, by=self._access.role, once=self._this_press())
        return redirect("/closing", _SEE_OTHER)

    def end_visit(self, visit: UUID) -> ResponseReturnValue:
        """記録しないで おわる."""
        self._desk.opening.end_unwritten(visit, once=self._this_press())
        return redirect("/closing", _SEE_OTHER)

    def say_closed(self) -> ResponseReturnValue:
        """What the day came to, for the browser that closed it, signed out or not."""
        sentence = session.get("closed")
        return self._page("closed.html", sentence=str(sentence)) if sentence else redirect("/", _SEE_OTHER)

    def sheet(self) -> ResponseReturnValue:
        """The sheet of a day."""
        now = self._desk.clock.now()
        try:
            day = day_in(request.args["date"]) if "date" in request.args else day_of(now.wall)
        except Invalid:
            raise Refusal(422, "invalid", say("day.refused"), field="date") from None
        return self._page("day.html", sheet=SheetView.of(self._desk, self._desk.opening.sheet(day), now))

    def ask_tally(self) -> ResponseReturnValue:
        """The empty form."""
        return self._tally_page(TallyForm(day=day_of(self._desk.clock.now().wall).isoformat()))

    def enter_tally(self) -> ResponseReturnValue:
        """A sheet of paper was read off."""
        form = TallyForm.of(request.form)
        try:
            tally = self._desk.tallies.enter(form.entry(), by=self._access.role, once=self._this_press())
        except MadoguchiError as error:
            return self._tally_page(form, error), refusal_of(error, STATUSES).status
        return redirect(f"/day?date={tally.day}", _SEE_OTHER)

    def withdraw_tally(self, tally: UUID) -> ResponseReturnValue:
        """It was wrong."""
        taken = self._desk.tallies.withdraw(tally, once=self._this_press())
        return redirect(f"/day?date={taken.day}", _SEE_OTHER)

    def _opening_page(self, *, wrong: str | None = None, typed: bool = False) -> str:
        question = Question.of(self._desk.clock.now(), self._desk.opening.today)
        date, time = question.shown.split("T")
        if typed:
            date, time = request.form.get("date", ""), request.form.get("time", "")
        return self._page("opening.html", question=question, wrong=wrong, typed=typed, date=date, time=time)

    def _closing_page(self) -> str:
        left = self._desk.opening.closing_list()
        sheet = self._desk.opening.sheet(day_of(self._desk.clock.now().wall))
        return self._page("closing.html", left=LeftView.of(left), is_done=left.is_done, sheet=sheet)

    def _tally_page(self, form: TallyForm, error: MadoguchiError | None = None) -> str:
        return self._page(
            "tally.html",
            form=form,
            wrong_field=error.field if isinstance(error, Invalid) else None,
            wrong=_wrong(error) if error else None,
            days=MAX_DAYS_AGO,
        )

    def _to_closed(self, sentence: str) -> ResponseReturnValue:
        session["closed"] = sentence
        return redirect("/closed", _SEE_OTHER)

    def _is_fresh(self, shown: str) -> bool:
        """Whether somebody said yes to about the time it is."""
        try:
            seen = datetime.fromisoformat(shown).replace(tzinfo=JAPAN)
        except (ValueError, OverflowError):
            return False
        return abs(self._desk.clock.now().wall - seen) < FRESH

    def _this_press(self) -> Once:
        return self._once.of_form(self._access.sign_in_name)

    def _page(self, template: str, **values: object) -> str:
        status = status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        return render_template(template, desk=self._desk, status=status, once=secrets.token_urlsafe(16), **values)


def add_day_pages(app: Flask, *, desk: Desk, access: Access, once: OnceKeys) -> None:
    """Serve the pages; every POST needs the token of its session."""
    pages = DayPages(desk, access, once)
    blueprint = Blueprint("day", __name__)
    blueprint.before_request(access.check_csrf)
    for method, path, view in (
        ("GET", "/opening", pages.ask_time),
        ("POST", "/opening", pages.open),
        ("POST", "/opening/time", pages.open_at),
        ("GET", "/closing", pages.ask_closing),
        ("POST", "/closing/calls/<uuid:call>/cancel", pages.cancel_call),
        ("POST", "/closing/visits/<uuid:visit>/end", pages.end_visit),
        ("GET", "/day", pages.sheet),
        ("GET", "/tallies", pages.ask_tally),
        ("POST", "/tallies", pages.enter_tally),
        ("POST", "/tallies/<uuid:tally>/withdraw", pages.withdraw_tally),
    ):
        blueprint.add_url_rule(path, view.__name__, access.staff_only(view), methods=[method])
    blueprint.add_url_rule("/closing", "close", pages.close, methods=["POST"])
    blueprint.add_url_rule("/closed", "say_closed", pages.say_closed)
    app.register_blueprint(blueprint)


def _typed() -> datetime:
    """The date and time in this request's form; `Invalid`."""
    return datetime.combine(day_in(request.form.get("date", "")), time_in(request.form.get("time", "")), JAPAN)


def _wrong(error: MadoguchiError) -> str:
    """What to tell somebody whose tally was not saved."""
    if isinstance(error, SameKeyOtherBody):
        return say("log.saved_before")
    if isinstance(error, Invalid) and error.field in _WRONG:
        return say(_WRONG[error.field], days=MAX_DAYS_AGO, most=MAX_COUNT)
    return error.ja
