"""The pages of 「四つの項目」: notice, yes or no, the numbers of the card or its PIN, what was read, and its end."""

import secrets
from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask import Blueprint, Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from appliance.desk.card_errors import (
    CardGone,
    CardLastTry,
    CardNotAsked,
    CardPinLocked,
    CardPinOutcomeUnknown,
    CardPinWrong,
    CardsSwitchedOff,
    ReaderUnusable,
)
from appliance.desk.desk import Desk
from appliance.desk.errors import Conflict, Invalid, MadoguchiError
from appliance.desk.facts.card import ItemsSecret
from appliance.desk.reception.card_items import KEPT, HeldItems
from ui.desk.access import Access
from ui.desk.events import Source, Streams, as_long_as_here, page_event, time_event
from ui.desk.items_form import typed_card_pin, typed_number_b
from ui.desk.items_view import TriesView, rows_of, time_left
from ui.desk.statuses import STATUSES
from ui.desk.view import status_view
from ui.desk.wording import say
from ui.guards import guarded_by
from ui.problems import Refusal, refusal_of

LOOK_SECONDS = 0.3
"""How often a stream looks whether the four items are still there."""

_HOME = "/card/items"
_SEE_OTHER = 303
_TYPED: Mapping[ItemsSecret, Callable[[MultiDict[str, str]], str]] = MappingProxyType(
    {ItemsSecret.NUMBER_B: typed_number_b, ItemsSecret.PIN: typed_card_pin}
)
_ADDRESSES = {ItemsSecret.NUMBER_B: f"{_HOME}/number-b", ItemsSecret.PIN: f"{_HOME}/pin"}
_OVER = (CardGone, CardNotAsked, CardPinOutcomeUnknown, ReaderUnusable)
"""After these it begins with another yes."""
_FORGETS_AFTER = 60
"""After so many seconds in which nobody types, what stands in a form is gone."""
_MINUTES = int(KEPT.total_seconds() // 60)


class ItemsPages:
    """The views; each may count on somebody signed in."""

    def __init__(self, desk: Desk, access: Access) -> None:
        self._desk = desk
        self._items = desk.card_items
        self._access = access

    def ask(self) -> ResponseReturnValue:
        """What is read, why, and when it goes; may it be read?"""
        held = self._held()
        return redirect(f"{_HOME}/read", _SEE_OTHER) if held and held.items else self._notice()

    def agree(self) -> ResponseReturnValue:
        """The resident has said yes."""
        try:
            self._items.ask(self._access.sign_in_name)
        except MadoguchiError as error:
            wrong = say("items.no_card") if isinstance(error, CardGone) else error.ja
            return self._notice(wrong=wrong), refusal_of(error, STATUSES).status
        return redirect(_ADDRESSES[ItemsSecret.NUMBER_B], _SEE_OTHER)

    def ask_number_b(self) -> ResponseReturnValue:
        """The three fields."""
        return self._ask_secret(ItemsSecret.NUMBER_B)

    def read_by_number_b(self) -> ResponseReturnValue:
        """They were typed."""
        return self._read_by(ItemsSecret.NUMBER_B)

    def ask_pin(self) -> ResponseReturnValue:
        """The one field; only on the box's own screen."""
        return self._ask_secret(ItemsSecret.PIN)

    def read_by_pin(self) -> ResponseReturnValue:
        """It was typed."""
        return self._read_by(ItemsSecret.PIN)

    def show(self) -> ResponseReturnValue:
        """What was read, as long as it is there."""
        held = self._held()
        if held is None or held.items is None:
            return redirect(f"{_HOME}/gone", _SEE_OTHER)
        seconds = held.seconds_left(self._desk.clock.now())
        return self._page("items_read.html", rows=rows_of(held.items), left=time_left(seconds), seconds=seconds)

    def erase(self) -> ResponseReturnValue:
        """The button 消す, and やめる."""
        if self._held() is not None:
            self._items.erase()
        return redirect(f"{_HOME}/gone", _SEE_OTHER)

    def gone(self) -> ResponseReturnValue:
        """Nothing is there any more."""
        return self._page("items_gone.html")

    def _held(self) -> HeldItems | None:
        return self._items.held(self._access.sign_in_name)

    def _ask_secret(self, secret: ItemsSecret) -> ResponseReturnValue:
        held = self._held()
        if held is None:
            return self._ended(CardNotAsked()), STATUSES[Conflict]
        return redirect(f"{_HOME}/read", _SEE_OTHER) if held.items else self._open_page(secret, held)

    def _read_by(self, secret: ItemsSecret) -> ResponseReturnValue:
        """Whatever goes wrong, no digit comes back."""
        try:
            self._items.check_place(secret, self._access.place)
            self._items.read(
                self._access.sign_in_name,
                secret,
                _TYPED[secret](request.form),
                place=self._access.place,
                press=request.form.get("once", ""),
                last_try="last_try" in request.form,
            )
        except MadoguchiError as error:
            return self._refused(secret, error), refusal_of(error, STATUSES).status
        return redirect(f"{_HOME}/read", _SEE_OTHER)

    def _refused(self, secret: ItemsSecret, error: MadoguchiError) -> str:
        held = self._held()
        if held is None or isinstance(error, _OVER):
            return self._ended(error if isinstance(error, _OVER) else CardNotAsked())
        return self._open_page(secret, held, error)

    def _ended(self, error: MadoguchiError) -> str:
        return self._page("items_ended.html", wrong=error.ja)

    def _open_page(self, secret: ItemsSecret, held: HeldItems, error: MadoguchiError | None = None) -> str:
        return self._page(
            "items_open.html",
            is_pin=secret is ItemsSecret.PIN,
            action=_ADDRESSES[secret],
            may_type_pin=self._access.place == "screen",
            tries=TriesView.of(held, secret),
            wrong=None if error is None else self._words(error),
            wrong_field=error.field if isinstance(error, Invalid) else None,
            forgets_after=_FORGETS_AFTER,
        )

    def _words(self, error: MadoguchiError) -> str:
        hall = self._desk.catalogue.words.hall
        match error:
            case Invalid():
                return say(f"wrong.items.{error.field}")
            case CardPinWrong() if error.left:
                return say("items.not_right", left=error.left, hall=hall)
            case CardPinWrong() | CardPinLocked():
                return say("items.locked", hall=hall)
            case CardLastTry():
                return say("items.last_unsure")
        return error.ja

    def _notice(self, wrong: str | None = None) -> str:
        return self._page("items_notice.html", wrong=wrong, minutes=_MINUTES)

    def _page(self, template: str, **values: object) -> str:
        status = status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        return render_template(template, desk=self._desk, status=status, once=secrets.token_urlsafe(16), **values)


def add_items_pages(
    app: Flask, *, desk: Desk, access: Access, streams: Streams, is_elsewhere: Callable[[str], bool]
) -> None:
    """Serve the pages; every POST needs the token of its session. A box that reads no cards has none of them."""
    pages = ItemsPages(desk, access)
    blueprint = Blueprint("items", __name__, url_prefix=_HOME)
    blueprint.before_request(access.check_csrf)

    @blueprint.before_request
    def check_on() -> None:
        if not desk.card_items.is_on:
            raise CardsSwitchedOff

    for method, path, view in (
        ("GET", "", pages.ask),
        ("POST", "", pages.agree),
        ("GET", "/number-b", pages.ask_number_b),
        ("POST", "/number-b", pages.read_by_number_b),
        ("GET", "/pin", pages.ask_pin),
        ("POST", "/pin", pages.read_by_pin),
        ("GET", "/read", pages.show),
        ("POST", "/erase", pages.erase),
        ("GET", "/gone", pages.gone),
    ):
        blueprint.add_url_rule(path, view.__name__, access.staff_only(view), methods=[method])
    events = _events(app, desk, access, streams, is_elsewhere)
    blueprint.add_url_rule("/events", "events", guarded_by("staff", events))
    app.register_blueprint(blueprint)


def _events(
    app: Flask, desk: Desk, access: Access, streams: Streams, is_elsewhere: Callable[[str], bool]
) -> Callable[[], ResponseReturnValue]:
    """The stream of the pages that ask and show: the time that is left, never what was typed or read.

    It ends with what the page is about; the browser comes back, is refused, and loads anew what is left of it.
    """
    teller = streams.teller(_what_is_left(app, desk))

    def events() -> ResponseReturnValue:
        access.check_watching()
        sign_in, is_here = access.sign_in_name, as_long_as_here(access, is_elsewhere)
        about = _about(desk, sign_in)
        if about is None:
            raise Refusal(409, "items_gone", say("items.gone"))
        return streams.open(teller, device=access.device, goes_on=lambda: _about(desk, sign_in) == about and is_here())

    return events


def _about(desk: Desk, sign_in: str) -> tuple[int, bool] | None:
    """Which stay of a card the page of that browser is about, and whether it has been read."""
    held = desk.card_items.held(sign_in)
    return None if held is None else (held.visit, held.items is not None)


def _what_is_left(app: Flask, desk: Desk) -> Source:
    template = app.jinja_env.get_template("items_live.html")

    def current() -> tuple[object, Callable[[], str]]:
        now, snapshot = desk.clock.now(), desk.board.snapshot
        left, status = time_left(desk.card_items.seconds_left), status_view(desk, snapshot, now)

        def event() -> str:
            return page_event(desk, template.render(left=left, status=status), number=snapshot.version)

        return (left, status), event

    return Source(board=desk.board, current=current, heartbeat=lambda: time_event(desk), wake=LOOK_SECONDS)
