"""What the box shows on its own screen while it is enrolled: its number, the code to compare, the same as a QR code."""

from dataclasses import dataclass
from typing import Protocol

from flask import Blueprint, Flask, Response, abort, render_template
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from ui.desk.access import Access
from ui.desk.view import status_view
from ui.desk.wording import say
from ui.problems import Refusal


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """How far the enrolment of this box has come."""

    box: int
    code: str
    """What the office compares."""
    is_enrolled: bool


class Enrolment(Protocol):
    """The enrolment of this box."""

    def waits(self) -> bool:
        """Whether the office has yet to answer; False where the box was prepared without a kit."""
        ...

    def shown(self) -> Shown | None:
        """How far it has come; None where the box was prepared without a kit."""
        ...

    def picture(self) -> bytes:
        """The request as a QR code (SVG); only while there is something to show."""
        ...


class NoEnrolment:
    """Port `Enrolment` of a box that was prepared without a kit."""

    def waits(self) -> bool:
        """See the port."""
        return False

    def shown(self) -> Shown | None:
        """See the port."""
        return None

    def picture(self) -> bytes:
        """See the port."""
        return b""


class EnrolmentPages:
    """The views."""

    def __init__(self, desk: Desk, enrolment: Enrolment, access: Access) -> None:
        self._desk = desk
        self._enrolment = enrolment
        self._access = access

    def show(self) -> ResponseReturnValue:
        """Number, code and picture."""
        shown = self._here()
        status = status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        return render_template("enrolment.html", desk=self._desk, status=status, shown=shown)

    def picture(self) -> ResponseReturnValue:
        """The QR code."""
        self._here()
        return Response(self._enrolment.picture(), content_type="image/svg+xml")

    def _here(self) -> Shown:
        if self._access.place != "screen":
            raise Refusal(403, "own_screen_only", say("enrolment.only_here"))
        return self._enrolment.shown() or abort(404)


def add_enrolment(app: Flask, *, desk: Desk, enrolment: Enrolment, access: Access) -> None:
    """Serve /enrolment."""
    app.jinja_env.globals["waits_for_enrolment"] = enrolment.waits
    pages = EnrolmentPages(desk, enrolment, access)
    blueprint = Blueprint("enrolment", __name__, url_prefix="/enrolment")
    blueprint.add_url_rule("", "show", pages.show)
    blueprint.add_url_rule("/code.svg", "picture", pages.picture)
    app.register_blueprint(blueprint)
