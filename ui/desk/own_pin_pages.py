"""The page on which everybody changes the PIN they know."""

import secrets

from flask import Blueprint, Flask, render_template, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.errors import Invalid, MadoguchiError, SignInRefused
from ui.desk.access import Access
from ui.desk.once import OnceKeys
from ui.desk.people_words import refused_words
from ui.desk.sign_in_pages import pin_typed_twice
from ui.desk.statuses import STATUSES
from ui.desk.view import status_view
from ui.desk.wording import say
from ui.problems import refusal_of

_OF_THE_NEW_ONE = frozenset({"pin", "weak_pin", "same_pin"})


class OwnPinPages:
    """The views; each may count on somebody signed in."""

    def __init__(self, desk: Desk, access: Access, once: OnceKeys) -> None:
        self._desk = desk
        self._access = access
        self._once = once

    def ask_own_pin(self) -> ResponseReturnValue:
        """The old one, and the new one twice."""
        return self._form_page(None)

    def change_own_pin(self) -> ResponseReturnValue:
        """They were typed."""
        try:
            self._desk.staff.change_pin(
                self._access.sign_in_name,
                old=request.form.get("old", ""),
                new=pin_typed_twice(),
                place=self._access.place,
                once=self._once.of_form(self._access.sign_in_name),
            )
        except (Invalid, SignInRefused) as error:
            return self._form_page(error), refusal_of(error, STATUSES).status
        return self._page("own_pin_changed.html")

    def _form_page(self, error: MadoguchiError | None) -> str:
        return self._page("own_pin.html", wrong=self._words(error) if error else None, wrong_field=_field(error))

    def _words(self, error: MadoguchiError) -> str:
        if isinstance(error, Invalid):
            return say("wrong.pin" if error.field == "old" else f"wrong.{error.field}")
        return refused_words(error, self._desk.roster.helper_of(self._access.me))

    def _page(self, template: str, **values: object) -> str:
        status = status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        return render_template(template, desk=self._desk, status=status, once=secrets.token_urlsafe(16), **values)


def add_own_pin_pages(app: Flask, *, desk: Desk, access: Access, once: OnceKeys) -> None:
    """Serve the page; its POST needs the token of its session."""
    pages = OwnPinPages(desk, access, once)
    blueprint = Blueprint("own_pin", __name__)
    blueprint.before_request(access.check_csrf)
    for method, view in (("GET", pages.ask_own_pin), ("POST", pages.change_own_pin)):
        blueprint.add_url_rule("/own-pin", view.__name__, access.staff_only(view), methods=[method])
    app.register_blueprint(blueprint)


def _field(error: MadoguchiError | None) -> str:
    if not isinstance(error, Invalid):
        return "old"
    return "pin" if error.field in _OF_THE_NEW_ONE else error.field
