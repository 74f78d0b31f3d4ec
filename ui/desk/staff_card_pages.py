"""The pages on which staff are given cards to sign in by, and lose them; no page knows which card it is."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.errors import Conflict, DeviceError, Invalid, MadoguchiError, NotAllowed, SignInRefused
from appliance.desk.facts.staff import Permission
from ui.desk.access import Access
from ui.desk.people_words import PERMISSIONS, name_of, refused_words
from ui.desk.statuses import STATUSES
from ui.desk.view import status_view
from ui.desk.wording import say
from ui.problems import Refusal, refusal_of

_SEE_OTHER = 303


class StaffCardPages:
    """The views; each may count on somebody signed in."""

    def __init__(self, desk: Desk, access: Access) -> None:
        self._desk = desk
        self._access = access

    @property
    def of_others(self) -> list[tuple[str, str, Callable[..., ResponseReturnValue]]]:
        """Method, address and view of the pages for whoever keeps the roster."""
        return [
            ("GET", "/people/<uuid:person>/card", self.ask_card),
            ("POST", "/people/<uuid:person>/card", self.give_card),
            ("POST", "/people/<uuid:person>/card/revoke", self.revoke_card),
        ]

    @property
    def of_oneself(self) -> list[tuple[str, str, Callable[..., ResponseReturnValue]]]:
        """The same for everybody."""
        return [
            ("GET", "/own-card", self.ask_own_card),
            ("POST", "/own-card", self.give_own_card),
            ("POST", "/own-card/revoke", self.revoke_own_card),
        ]

    def ask_card(self, person: UUID) -> ResponseReturnValue:
        """Lay it down first."""
        member = self._desk.roster.member(person)
        if not self._desk.staff_cards.may_change(self._access.me, member):
            raise _not_allowed()
        return self._card_page(person)

    def give_card(self, person: UUID) -> ResponseReturnValue:
        """It lies there."""
        try:
            self._desk.staff_cards.enrol(person, by=self._access.me, place=self._access.place)
        except NotAllowed:
            raise _not_allowed() from None
        except (Conflict, DeviceError) as error:
            return self._card_page(person, error), refusal_of(error, STATUSES).status
        return redirect("/people", _SEE_OTHER)

    def revoke_card(self, person: UUID) -> ResponseReturnValue:
        """It was lost."""
        self._desk.staff_cards.revoke(person, by=self._access.me, place=self._access.place)
        return redirect("/people", _SEE_OTHER)

    def ask_own_card(self) -> ResponseReturnValue:
        """One's own, and the PIN."""
        return self._own_page()

    def give_own_card(self) -> ResponseReturnValue:
        """It lies there, and the PIN was typed."""
        try:
            self._desk.staff_cards.enrol_own(
                self._access.sign_in_name, request.form.get("pin", ""), place=self._access.place
            )
        except (Invalid, SignInRefused) as error:
            return self._own_page(wrong=self._words(error), wrong_field="pin"), refusal_of(error, STATUSES).status
        except (Conflict, DeviceError) as error:
            return self._own_page(wrong=error.ja, wrong_field="card"), refusal_of(error, STATUSES).status
        return self._own_page(done=say("own_card.done"))

    def revoke_own_card(self) -> ResponseReturnValue:
        """One's own was lost."""
        self._desk.staff_cards.revoke(self._access.me.id, by=self._access.me, place=self._access.place)
        return self._own_page(done=say("own_card.revoked"))

    def _card_page(self, person: UUID, error: MadoguchiError | None = None) -> str:
        return self._page(
            "staff_card.html",
            person=person,
            name=name_of(self._desk.roster.member(person)),
            has_card=self._desk.staff_cards.has_card(person),
            wrong=error.ja if error else None,
        )

    def _own_page(self, *, wrong: str | None = None, wrong_field: str = "", done: str = "") -> str:
        why_not = self._desk.staff_cards.why_not(self._access.place)
        return self._page(
            "own_card.html",
            why_not=why_not.ja if why_not else None,
            has_card=self._desk.staff_cards.has_card(self._access.me.id),
            wrong=wrong,
            wrong_field=wrong_field,
            done=done,
        )

    def _words(self, error: MadoguchiError) -> str:
        return refused_words(error, self._desk.roster.helper_of(self._access.me))

    def _page(self, template: str, **values: object) -> str:
        status = status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        return render_template(template, desk=self._desk, status=status, **values)


def add_staff_card_pages(app: Flask, *, desk: Desk, access: Access) -> None:
    """Serve the pages; every POST needs the token of its session."""
    pages = StaffCardPages(desk, access)
    blueprint = Blueprint("staff_cards", __name__)
    blueprint.before_request(access.check_csrf)
    helpers = access.allowed(Permission.FACILITY_STAFF, Permission.ICT_SUPPORT)
    for routes, guard in ((pages.of_others, helpers), (pages.of_oneself, access.staff_only)):
        for method, path, view in routes:
            blueprint.add_url_rule(path, view.__name__, guard(view), methods=[method])
    app.register_blueprint(blueprint)


def _not_allowed() -> Refusal:
    return Refusal(403, "not_allowed", say("not_allowed", who=say(PERMISSIONS[Permission.ICT_SUPPORT])))
