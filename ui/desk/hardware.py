"""The page that stands in for buttons, lamps, voice and cards; nobody signs in to press or to lay a card down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.facts.visit import JAPAN
from appliance.desk.ports import LampPattern, VirtualHardware
from ui.desk.access import Access
from ui.desk.events import Source, Streams, page_event, time_event
from ui.desk.view import silence_words, status_view
from ui.desk.wording import JA, say

LOOK_SECONDS = 0.5
"""How often a stream looks at lamps and voice, which change without a new board."""
NEW = timedelta(seconds=20)
"""A page that is opened later does not begin to speak."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidRow:
    """A sentence, or the chime."""

    time: str
    sentence: str
    sound: int
    """Its number, or 0 where it has no sound."""
    silence: str
    """Why it was not heard, where that is on purpose."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RoomView:
    """What can be seen and heard in the room."""

    lamps: tuple[tuple[int, LampPattern], ...]
    said: tuple[SaidRow, ...]
    """Newest first."""
    playing: int = 0
    """The sound that begins by itself: the newest, while it is new."""

    @classmethod
    def of(cls, hardware: VirtualHardware, now: datetime) -> "RoomView":
        """The room now."""
        spoken = hardware.spoken()
        said = tuple(
            SaidRow(
                time=f"{one.at.astimezone(JAPAN):%H:%M:%S}",
                sentence=one.sentence or say("hardware.chime"),
                sound=one.number if hardware.has_sound(one.number) else 0,
                silence=silence_words(one.silence),
            )
            for one in spoken
        )
        is_new = bool(spoken) and now - spoken[0].at < NEW
        return cls(lamps=tuple(hardware.lamps().items()), said=said, playing=said[0].sound if is_new else 0)


class HardwarePages:
    """The views."""

    def __init__(self, app: Flask, desk: Desk, hardware: VirtualHardware, access: Access, streams: Streams) -> None:
        self._app = app
        self._desk = desk
        self._hardware = hardware
        self._access = access
        self._streams = streams
        source = Source(board=desk.board, current=self._current, heartbeat=lambda: time_event(desk), wake=LOOK_SECONDS)
        self._teller = streams.teller(source)

    def show(self) -> ResponseReturnValue:
        """Buttons, lamps, voice."""
        return render_template("hardware.html", desk=self._desk, **self._now())

    def press(self, button: int) -> ResponseReturnValue:
        """A finger; a page that stays is told by its stream what happens."""
        if button not in self._hardware.lamps():
            abort(404)
        self._hardware.press(button)
        return redirect("/hardware", 303)

    def again(self) -> ResponseReturnValue:
        """Somebody did not catch what the voice said."""
        self._desk.room.say_again()
        return redirect("/hardware", 303)

    def lay_down(self) -> ResponseReturnValue:
        """A hand puts a card on the reader."""
        hand, card = self._hardware.hand, request.form.get("card", "")
        if hand is None or card not in hand.cards():
            abort(404)
        hand.lay_down(card)
        return redirect("/hardware", 303)

    def lift(self) -> ResponseReturnValue:
        """It takes the card away."""
        if self._hardware.hand is None:
            abort(404)
        self._hardware.hand.lift()
        return redirect("/hardware", 303)

    def events(self) -> ResponseReturnValue:
        """What changes in the room."""
        return self._streams.open(self._teller, device=self._access.device)

    def sound(self, number: int) -> ResponseReturnValue:
        """What the voice said, as a sound file."""
        sound = self._hardware.sound(number)
        if sound is None:
            abort(404)
        return Response(sound, content_type="audio/wav")

    def _current(self) -> tuple[object, Callable[[], str]]:
        now = self._now()

        def event() -> str:
            html = self._app.jinja_env.get_template("hardware_live.html").render(now)
            return page_event(self._desk, html, number=self._desk.board.snapshot.version)

        return now, event

    def _now(self) -> dict[str, object]:
        now = self._desk.clock.now()
        status = status_view(self._desk, self._desk.board.snapshot, now)
        return {
            "status": status,
            "room": RoomView.of(self._hardware, now.wall),
            "cards": self._cards(),
            "lies": self._desk.cards.sight.state.card is not None,
        }

    def _cards(self) -> tuple[tuple[str, str], ...]:
        """Each card a hand can lay down, and what it is called."""
        hand = self._hardware.hand
        return () if hand is None else tuple((card, say_card(card)) for card in hand.cards())


def say_card(card: str) -> str:
    """What a simulated card is called; its own name where nobody has given it another."""
    return JA.get(f"hardware.card.{card}", card)


def add_hardware(app: Flask, *, desk: Desk, hardware: VirtualHardware, access: Access, streams: Streams) -> None:
    """Serve /hardware."""
    pages = HardwarePages(app, desk, hardware, access, streams)
    blueprint = Blueprint("hardware", __name__, url_prefix="/hardware")
    blueprint.before_request(access.check_csrf)
    blueprint.add_url_rule("", "show", pages.show)
    blueprint.add_url_rule("/press/<int:button>", "press", pages.press, methods=["POST"])
    blueprint.add_url_rule("/again", "again", pages.again, methods=["POST"])
    blueprint.add_url_rule("/card", "lay_down", pages.lay_down, methods=["POST"])
    blueprint.add_url_rule("/card/lift", "lift", pages.lift, methods=["POST"])
    blueprint.add_url_rule("/sound/<int:number>.wav", "sound", pages.sound)
    blueprint.add_url_rule("/events", "events", pages.events)
    app.register_blueprint(blueprint)
