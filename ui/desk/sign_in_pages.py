"""Coming and going: the first set-up, the sign-in, and the code that only the box's own screen shows."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.errors import (
    AlreadySetUp,
    Conflict,
    DeviceError,
    Invalid,
    MadoguchiError,
    PresenceNeeded,
    SignInRefused,
    UnknownStaff,
)
from appliance.desk.facts.staff import Permission, StaffMember
from appliance.desk.tap_errors import PinNeeded
from ui.desk.access import Access
from ui.desk.people_words import PERMISSIONS, name_of, refused_words
from ui.desk.statuses import STATUSES
from ui.desk.tap_view import tap_view, taps_are_asked
from ui.desk.view import status_view
from ui.desk.wording import JA, say
from ui.problems import Refusal, refusal_of

_SEE_OTHER = 303


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """One person to tap."""

    number: int
    name: str
    note: str
    is_chosen: bool


class SignInPages:
    """The views; nobody need be signed in."""

    def __init__(self, desk: Desk, access: Access) -> None:
        self._desk = desk
        self._access = access

    def ask_pin(self) -> ResponseReturnValue:
        """Who is it, and the PIN."""
        if self._desk.roster.is_empty:
            return redirect("/set-up", _SEE_OTHER)
        return self._sign_in_page(self._meant(None))

    def sign_in(self) -> ResponseReturnValue:
        """Somebody typed a PIN."""
        browser, meant = self._access.browser(), None
        try:
            meant = self._desk.staff.meant(_number(), last=browser.last)
            member = self._desk.staff.sign_in(request.form.get("pin", ""), browser=browser, number=meant.number)
        except (SignInRefused, UnknownStaff, Invalid) as error:
            return self._sign_in_page(meant, error), refusal_of(error, STATUSES).status
        self._access.let_in(member, browser)
        return redirect("/", _SEE_OTHER)

    def tap(self) -> ResponseReturnValue:
        """Somebody laid a card down."""
        browser = self._access.browser()
        try:
            member = self._desk.staff_cards.tap(browser=browser)
        except PinNeeded as needed:
            return self._sign_in_page(needed.member, is_tapped=True)
        except (SignInRefused, Conflict, DeviceError) as error:
            return self._sign_in_page(self._meant(None), tap_error=error), refusal_of(error, STATUSES).status
        self._access.let_in(member, browser)
        return redirect("/", _SEE_OTHER)

    def sign_out(self) -> ResponseReturnValue:
        """Somebody goes home."""
        self._access.sign_out()
        return redirect("/sign-in", _SEE_OTHER)

    def ask_set_up(self) -> ResponseReturnValue:
        """Who will look after this box?"""
        return self._set_up_page() if self._desk.roster.is_empty else redirect("/sign-in", _SEE_OTHER)

    def set_up(self) -> ResponseReturnValue:
        """The first account."""
        browser = self._access.browser()
        try:
            member = self._desk.staff.set_up(request.form.get("name", ""), pin=pin_typed_twice(), browser=browser)
        except AlreadySetUp:
            return redirect("/sign-in", _SEE_OTHER)
        except (Invalid, SignInRefused) as error:
            return self._set_up_page(error), refusal_of(error, STATUSES).status
        self._access.let_in(member, browser)
        return redirect("/", _SEE_OTHER)

    def show_code(self) -> ResponseReturnValue:
        """The code of this moment, for whoever stands at the box."""
        if self._access.place != "screen":
            raise Refusal(403, "own_screen_only", say("presence.only_here"))
        return self._page("presence_code.html", shown=self._desk.staff.presence_code.shown(self._desk.clock.now()))

    def _meant(self, number: int | None) -> StaffMember | None:
        try:
            return self._desk.staff.meant(number, last=self._access.last)
        except UnknownStaff:
            return None

    def _sign_in_page(
        self,
        meant: StaffMember | None,
        error: MadoguchiError | None = None,
        *,
        tap_error: MadoguchiError | None = None,
        is_tapped: bool = False,
    ) -> str:
        return self._page(
            "sign_in.html",
            tap=tap_view(self._desk) if taps_are_asked(self._desk, self._access) else None,
            tap_wrong=tap_error.ja if tap_error else None,
            tapped=_tapped(meant) if meant and is_tapped else None,
            tiles=self._tiles(meant),
            wrong=refused_words(error, self._desk.roster.helper_of(meant) if meant else None) if error else None,
            wrong_field="code" if isinstance(error, PresenceNeeded) else "pin",
            asks_code=self._access.place != "screen",
        )

    def _tiles(self, meant: StaffMember | None) -> Sequence[Tile]:
        return [
            Tile(
                number=member.number,
                name=name_of(member),
                note="" if member.permission is Permission.VOLUNTEER else say(PERMISSIONS[member.permission]),
                is_chosen=meant is not None and member.id == meant.id,
            )
            for member in self._desk.roster.members()
            if member.active
        ]

    def _set_up_page(self, error: MadoguchiError | None = None) -> str:
        field = error.field if isinstance(error, Invalid) else "code"
        wrong = None if error is None else JA.get(f"wrong.{field}", error.ja) if field != "code" else error.ja
        return self._page(
            "set_up.html",
            name=request.form.get("name", ""),
            wrong=wrong,
            wrong_field="pin" if field == "weak_pin" else field,
            asks_code=self._access.place != "screen",
        )

    def _page(self, template: str, **values: object) -> str:
        status = status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        return render_template(template, desk=self._desk, status=status, once=secrets.token_urlsafe(16), **values)


def add_sign_in_pages(app: Flask, *, desk: Desk, access: Access) -> None:
    """Serve the pages; every POST needs the token of its session."""
    pages = SignInPages(desk, access)
    blueprint = Blueprint("coming", __name__)
    blueprint.before_request(access.check_csrf)
    for method, path, view in (
        ("GET", "/sign-in", pages.ask_pin),
        ("POST", "/sign-in", pages.sign_in),
        ("POST", "/sign-in/card", pages.tap),
        ("POST", "/sign-out", pages.sign_out),
        ("GET", "/set-up", pages.ask_set_up),
        ("POST", "/set-up", pages.set_up),
        ("GET", "/presence-code", pages.show_code),
    ):
        blueprint.add_url_rule(path, view.__name__, view, methods=[method])
    app.register_blueprint(blueprint)


def pin_typed_twice() -> str:
    """The PIN somebody chose; `Invalid` if the second is another one."""
    pin = request.form.get("pin", "")
    if pin != request.form.get("again", ""):
        raise Invalid("again", "differs from the first")
    return pin


def _tapped(member: StaffMember) -> Tile:
    is_volunteer = member.permission is Permission.VOLUNTEER
    note = say("tap.first" if is_volunteer else "tap.always")
    name = member.display_name
    who = say("tap.named", name=name) if name else say("tap.numbered", number=member.number)
    return Tile(number=member.number, name=who, note=note, is_chosen=True)


def _number() -> int | None:
    """The number of the tile that was tapped, if any; `UnknownStaff`."""
    typed = request.form.get("person", "")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 4):  # noqa: PLR2004 (three digits are enough people)
        raise UnknownStaff
    return int(typed)
