"""The page where one browser is set: for which hand, how large, with or without a sound."""

from datetime import timedelta

from flask import Blueprint, Flask, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.facts.catalogue import Choice
from ui.desk.access import Access
from ui.desk.bell import bell
from ui.desk.look import COOKIE, HANDS, KEPT_DAYS, SIZES, SOUNDS, Look
from ui.desk.view import status_view
from ui.desk.wording import say

_SEE_OTHER = 303
_DAY = "private, max-age=86400"
_CHOICES = {
    name: [Choice(id=one, name=say(f"look.{name}.{one}")) for one in known]
    for name, known in (("hand", HANDS), ("size", SIZES), ("sound", SOUNDS))
}


class LookPages:
    """The views."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._bell = bell()

    def settings(self) -> ResponseReturnValue:
        """What this browser is set to."""
        status = status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        return render_template("look.html", desk=self._desk, status=status, choices=_CHOICES, chosen=look_here())

    def set(self) -> ResponseReturnValue:
        """Keep it in the browser; the box keeps nothing."""
        response = redirect("/settings", _SEE_OTHER)
        response.set_cookie(
            COOKIE,
            Look.of(request.form).cookie,
            max_age=timedelta(days=KEPT_DAYS),
            httponly=True,
            samesite="Strict",
            secure=request.is_secure,
        )
        return response

    def sound(self) -> ResponseReturnValue:
        """What a call sounds like."""
        response = Response(self._bell, mimetype="audio/wav")
        response.headers["Cache-Control"] = _DAY
        return response


def add_look(app: Flask, *, desk: Desk, access: Access) -> None:
    """Serve the settings; every page of the desk follows them."""
    app.jinja_env.globals["look"] = look_here
    pages, blueprint = LookPages(desk), Blueprint("look", __name__)
    blueprint.before_request(access.check_csrf)
    blueprint.add_url_rule("/settings", "settings", access.staff_only(pages.settings), methods=["GET"])
    blueprint.add_url_rule("/settings", "set", access.staff_only(pages.set), methods=["POST"])
    blueprint.add_url_rule("/call.wav", "sound", access.staff_only(pages.sound), methods=["GET"])
    app.register_blueprint(blueprint)


def look_here() -> Look:
    """What the browser that asks now is set to."""
    return Look.of_cookie(request.cookies.get(COOKIE, ""))
