"""The page on which staff have the voice say something; what they type is in no address, no record and no log."""

from collections.abc import Callable

from flask import Blueprint, Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.errors import DeviceError, Invalid, MadoguchiError, UnspokenLanguage
from appliance.desk.guard import ForbiddenText
from appliance.desk.reception.announcements import MAX_TEXT, NoEmergencyPhrase, PinInText, Preview
from ui.desk.access import Access
from ui.desk.statuses import STATUSES
from ui.desk.view import silence_words, status_view
from ui.desk.wording import say
from ui.problems import refusal_of

SURE = "sure"
"""The name of the button that says: the reading is right."""

_TOLD = {
    "said": "announce.told",
    "again": "announce.told_again",
    "nothing": "announce.nothing",
    "stopped": "announce.stopped",
}
_SEE_OTHER = 303


class AnnouncementPages:
    """The views; each may count on somebody signed in."""

    def __init__(self, desk: Desk, access: Access) -> None:
        self._desk = desk
        self._access = access

    @property
    def routes(self) -> list[tuple[str, str, Callable[..., ResponseReturnValue]]]:
        """Method, address and view of each page."""
        return [
            ("GET", "", self.write_announcement),
            ("POST", "", self.announce),
            ("POST", "/again", self.say_again),
            ("POST", "/stop", self.stop_voice),
            ("GET", "/emergency", self.ask_emergency),
            ("POST", "/emergency", self.sound_alarm),
        ]

    def write_announcement(self) -> ResponseReturnValue:
        """An empty line to type into."""
        return self._form_page(told=request.args.get("told", ""))

    def announce(self) -> ResponseReturnValue:
        """First how it will be read; said once that was found right."""
        text = request.form.get("text", "")
        try:
            if SURE not in request.form:
                return self._form_page(text, preview=self._desk.announcements.preview(text))
            self._desk.announcements.say(text)
        except (Invalid, DeviceError) as error:
            return self._form_page(text, error=error), refusal_of(error, STATUSES).status
        return self._back("said")

    def say_again(self) -> ResponseReturnValue:
        """Somebody did not catch it."""
        return self._back("again" if self._desk.room.say_again() else "nothing")

    def stop_voice(self) -> ResponseReturnValue:
        """Not a word more."""
        self._desk.room.hush()
        return self._back("stopped")

    def ask_emergency(self) -> ResponseReturnValue:
        """The first of two taps leads here."""
        if not self._desk.announcements.emergency_phrase:
            raise NoEmergencyPhrase
        return self._page("emergency.html")

    def sound_alarm(self) -> ResponseReturnValue:
        """The second one."""
        self._desk.announcements.sound_alarm()
        return self._back("said")

    def _back(self, told: str) -> ResponseReturnValue:
        return redirect(f"/announce?told={told}", _SEE_OTHER)

    def _form_page(
        self, text: str = "", *, told: str = "", preview: Preview | None = None, error: MadoguchiError | None = None
    ) -> str:
        return self._page(
            "announce.html",
            text=text,
            told=say(_TOLD[told]) if told in _TOLD else None,
            preview=preview,
            wrong=_wrong(error) if error else None,
            most=MAX_TEXT,
            silence=silence_words(self._desk.room.silence()),
        )

    def _page(self, template: str, **values: object) -> str:
        status = status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        return render_template(template, desk=self._desk, status=status, **values)


def add_announcements(app: Flask, *, desk: Desk, access: Access) -> None:
    """Serve /announce; every POST needs the token of its session."""
    blueprint = Blueprint("announcements", __name__, url_prefix="/announce")
    blueprint.before_request(access.check_csrf)
    for method, path, view in AnnouncementPages(desk, access).routes:
        blueprint.add_url_rule(path, view.__name__, access.staff_only(view), methods=[method])
    app.register_blueprint(blueprint)


def _wrong(error: MadoguchiError) -> str:
    """What to tell somebody whose text is not said."""
    if isinstance(error, DeviceError):
        return say("announce.no_voice")
    if isinstance(error, ForbiddenText):
        return say("announce.my_number")
    if isinstance(error, PinInText | UnspokenLanguage):
        return error.ja
    return say("announce.length", most=MAX_TEXT)
