"""「はじめの1台」: the site kit made in the browser, for people whose own computer allows nothing.

Only ICT support, only on the box's own screen, only while the box has no kit. The town's keys are not made here: the
office brings them on its stick.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import Blueprint, Flask, abort, render_template, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.errors import Invalid, MadoguchiError
from appliance.desk.facts.catalogue import Choice
from appliance.desk.facts.staff import Permission
from ui.desk.access import Access
from ui.desk.first_box_choices import OFFERED, wrong_words
from ui.desk.first_box_form import FIRST, MOST_TEXT, NAMES, Description, described, opened
from ui.desk.view import status_view
from ui.desk.wording import say
from ui.problems import Refusal


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeKit:
    """A kit that lies on the stick now."""

    digest: str
    """By which the office knows it."""
    place: str
    """The folder where it lies."""
    facilities: Sequence[Choice]


class FirstBox(Protocol):
    """Where a kit can be made."""

    def is_needed(self) -> bool:
        """Whether this box has no kit yet."""
        ...

    def municipality(self) -> str:
        """団体コード of the keys on the office's stick; empty where no such stick is in."""
        ...

    def make(self, site: Description, passphrase: str) -> MadeKit:
        """Make the kit of that site and lay it on the stick, signed with the key that the passphrase opens.

        `Invalid` with the dotted name of the entry, `MadoguchiError`.
        """
        ...


class NoFirstBox:
    """Port `FirstBox` of a box that has its kit."""

    def is_needed(self) -> bool:
        """See the port."""
        return False

    def municipality(self) -> str:
        """See the port."""
        return ""

    def make(self, site: Description, passphrase: str) -> MadeKit:  # noqa: ARG002 # the port asks so
        """See the port."""
        raise MadoguchiError("this box has its kit")


class FirstBoxPages:
    """The views."""

    def __init__(self, desk: Desk, first_box: FirstBox, access: Access) -> None:
        self._desk = desk
        self._first_box = first_box
        self._access = access

    def offered(self) -> bool:
        """Whether whoever looks may make a kit here."""
        member = self._access.member
        is_support = member is not None and member.permission is Permission.ICT_SUPPORT
        return is_support and self._access.place == "screen" and self._first_box.is_needed()

    def ask(self) -> ResponseReturnValue:
        """The empty form."""
        self._must_be_here()
        return self._form_page(None)

    def make(self) -> ResponseReturnValue:
        """A kit on the stick."""
        self._must_be_here()
        try:
            made = self._first_box.make(described(request.form), request.form.get("passphrase", ""))
        except Invalid as error:
            return self._form_page(wrong_words(error), error.field), 422
        except MadoguchiError as error:
            return self._form_page(error.ja), 422
        return self._page("first_box_made.html", made=made)

    def _must_be_here(self) -> None:
        if self._access.place != "screen":
            raise Refusal(403, "own_screen_only", say("first_box.only_here"))
        if not self._first_box.is_needed():
            abort(404)

    def _form_page(self, wrong: str | None, field: str = "") -> str:
        typed = {name: request.form.get(name, FIRST.get(name, ""))[:MOST_TEXT] for name in NAMES}
        return self._page(
            "first_box.html",
            stick=self._first_box.municipality(),
            typed=typed,
            wrong=wrong,
            wrong_field=field if field in (*NAMES, "passphrase") else "",
            opened=opened(typed),
            **OFFERED,
        )

    def _page(self, template: str, **values: object) -> str:
        status = status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        return render_template(template, desk=self._desk, status=status, **values)


def add_first_box(app: Flask, *, desk: Desk, first_box: FirstBox, access: Access) -> None:
    """Serve /first-box."""
    pages = FirstBoxPages(desk, first_box, access)
    app.jinja_env.globals["offers_first_box"] = pages.offered
    blueprint = Blueprint("first_box", __name__, url_prefix="/first-box")
    blueprint.before_request(access.check_csrf)
    support = access.allowed(Permission.ICT_SUPPORT)
    blueprint.add_url_rule("", "ask", support(pages.ask))
    blueprint.add_url_rule("", "make", support(pages.make), methods=["POST"])
    app.register_blueprint(blueprint)
