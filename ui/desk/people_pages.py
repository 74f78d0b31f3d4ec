"""The pages of the roster: who is on it, a new PIN for whoever has forgotten the old one, and every change."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.errors import Invalid, LastSupport, MadoguchiError
from appliance.desk.facts.catalogue import Choice
from appliance.desk.facts.sheet import day_of
from appliance.desk.facts.staff import Permission, StaffMember
from appliance.desk.ports import Once
from appliance.desk.tap_errors import PatronsHaveCards
from ui.desk.access import Access
from ui.desk.once import OnceKeys
from ui.desk.own_pin_pages import add_own_pin_pages
from ui.desk.people_words import EMPLOYMENTS, PERMISSIONS, ROLES, choices, name_of
from ui.desk.person_form import PersonForm
from ui.desk.sign_in_pages import add_sign_in_pages
from ui.desk.staff_card_pages import add_staff_card_pages
from ui.desk.statuses import STATUSES
from ui.desk.tap_view import taps_are_asked
from ui.desk.view import status_view
from ui.desk.wording import JA, say
from ui.problems import Refusal, refusal_of

_SEE_OTHER = 303
_WHETHER = (Choice(id="yes", name=say("roster.serves")), Choice(id="no", name=say("roster.rests")))


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonRow:
    """One line of the roster."""

    id: UUID
    number: int
    name: str
    what: str
    trouble: str
    may_reset: bool
    has_card: bool
    may_have_card: bool
    """Whether whoever looks may give that person one, here and now."""
    may_lose_card: bool


class PeoplePages:
    """The views."""

    def __init__(self, desk: Desk, access: Access, once: OnceKeys) -> None:
        self._desk = desk
        self._access = access
        self._once = once

    def show_people(self) -> ResponseReturnValue:
        """Everybody."""
        rows = [self._row(member) for member in self._desk.roster.members()]
        may_change = self._access.me.permission is Permission.ICT_SUPPORT
        why_no_cards = self._desk.staff_cards.why_not(self._access.place)
        return self._page(
            "people.html",
            rows=rows,
            may_change=may_change,
            library=why_no_cards.ja if isinstance(why_no_cards, PatronsHaveCards) else "",
        )

    def ask_new_pin(self, person: UUID) -> ResponseReturnValue:
        """Is it the right person?"""
        member = self._desk.roster.member(person)
        self._check_reset(member)
        return self._page("new_pin.html", person=member, name=name_of(member))

    def make_new_pin(self, person: UUID) -> ResponseReturnValue:
        """A new PIN, on this page and nowhere else."""
        member = self._desk.roster.member(person)
        self._check_reset(member)
        pin = self._desk.roster.reset_pin(person, by=self._access.me, place=self._access.place, once=self._this_press())
        return self._page("pin_shown.html", name=name_of(member), pin=pin)

    def ask_person(self) -> ResponseReturnValue:
        """The empty form."""
        return self._form_page(PersonForm(), None)

    def add_person(self) -> ResponseReturnValue:
        """Somebody new; the PIN stands on this page and nowhere else."""
        form = PersonForm.of(request.form)
        try:
            member, pin = self._desk.roster.add(
                form.entry(), by=self._access.me, place=self._access.place, once=self._this_press()
            )
        except Invalid as error:
            return self._form_page(form, None, error), refusal_of(error, STATUSES).status
        return self._page("pin_shown.html", name=name_of(member), pin=pin)

    def show_person(self, person: UUID) -> ResponseReturnValue:
        """The form of somebody on the roster."""
        member = self._desk.roster.member(person)
        return self._form_page(PersonForm.saying(member), member)

    def change_person(self, person: UUID) -> ResponseReturnValue:
        """Something else is right."""
        member, form = self._desk.roster.member(person), PersonForm.of(request.form)
        try:
            self._desk.roster.change(person, form.entry(), by=self._access.me, place=self._access.place)
        except (Invalid, LastSupport) as error:
            return self._form_page(form, member, error), refusal_of(error, STATUSES).status
        return redirect("/people", _SEE_OTHER)

    def _row(self, member: StaffMember) -> PersonRow:
        cards = self._desk.staff_cards
        has_card = cards.has_card(member.id)
        appointments = [say(ROLES[role]) for role in ROLES if role in member.appointments]
        return PersonRow(
            id=member.id,
            number=member.number,
            name=name_of(member),
            what="・".join(dict.fromkeys([say(PERMISSIONS[member.permission]), *appointments])),
            trouble=self._trouble(member),
            may_reset=member.active and self._desk.roster.may_reset(self._access.me, member),
            has_card=has_card,
            may_have_card=member.active
            and taps_are_asked(self._desk, self._access)
            and cards.may_change(self._access.me, member),
            may_lose_card=has_card and cards.may_revoke(self._access.me, member),
        )

    def _trouble(self, member: StaffMember) -> str:
        now = self._desk.clock.now()
        if not member.active:
            return say("roster.rests")
        if now.quality.is_trusted and not member.may_serve_on(day_of(now.wall)):
            return say("roster.ended")
        return say("roster.locked") if self._desk.staff.is_locked(member.id) else ""

    def _check_reset(self, member: StaffMember) -> None:
        if not self._desk.roster.may_reset(self._access.me, member):
            raise Refusal(403, "not_allowed", say("not_allowed", who=say(PERMISSIONS[Permission.ICT_SUPPORT])))

    def _form_page(self, form: PersonForm, member: StaffMember | None, error: MadoguchiError | None = None) -> str:
        field = error.field if isinstance(error, Invalid) else ""
        return self._page(
            "person.html",
            form=form,
            person=member,
            wrong=None if error is None else JA.get(f"wrong.{field}", say("wrong.field")) if field else error.ja,
            wrong_field=field,
            permissions=choices(PERMISSIONS),
            roles=choices(ROLES),
            employments=choices(EMPLOYMENTS),
            whether=_WHETHER,
        )

    def _this_press(self) -> Once:
        return self._once.of_form(self._access.sign_in_name)

    def _page(self, template: str, **values: object) -> str:
        status = status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        return render_template(template, desk=self._desk, status=status, once=secrets.token_urlsafe(16), **values)


def add_people_pages(app: Flask, *, desk: Desk, access: Access, once: OnceKeys) -> None:
    """Serve the roster, the pages where everybody begins, own PINs and cards; a POST needs its session's token."""
    add_sign_in_pages(app, desk=desk, access=access)
    add_own_pin_pages(app, desk=desk, access=access, once=once)
    add_staff_card_pages(app, desk=desk, access=access)
    pages = PeoplePages(desk, access, once)
    blueprint = Blueprint("people", __name__, url_prefix="/people")
    blueprint.before_request(access.check_csrf)
    helpers = access.allowed(Permission.FACILITY_STAFF, Permission.ICT_SUPPORT)
    support = access.allowed(Permission.ICT_SUPPORT)
    for method, path, view, guard in (
        ("GET", "", pages.show_people, helpers),
        ("GET", "/<uuid:person>/pin", pages.ask_new_pin, helpers),
        ("POST", "/<uuid:person>/pin", pages.make_new_pin, helpers),
        ("GET", "/new", pages.ask_person, support),
        ("POST", "/new", pages.add_person, support),
        ("GET", "/<uuid:person>", pages.show_person, support),
        ("POST", "/<uuid:person>", pages.change_person, support),
    ):
        blueprint.add_url_rule(path, view.__name__, guard(view), methods=[method])
    app.register_blueprint(blueprint)
