"""「箱の ようす」: how every part of the box is, since when, and what to do; ICT support tries voice and lamps here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.errors import DeviceError
from appliance.desk.facts.moment import Moment, elapsed
from appliance.desk.facts.staff import Permission
from appliance.desk.parts import Condition, Part, Wellbeing
from ui.desk.access import Access
from ui.desk.view import status_view
from ui.desk.wording import duration, say

LOOK_AGAIN_SECONDS = 2
"""So often a browser looks while the voice speaks, with scripts or without."""

_SEE_OTHER = 303
_MOST_COUNTED_WITH_TSU = 9
_WORDS: Mapping[Condition, tuple[str, str]] = {
    Condition.CHIP_THERE: ("box.chip", "box.chip_there"),
    Condition.CHIP_MISSING: ("box.chip", "box.chip_missing"),
    Condition.BUTTONS_ABSENT: ("box.buttons", "box.buttons_absent"),
    Condition.BUTTON_WELL: ("box.button", "box.button_well"),
    Condition.BUTTON_HELD_AT_START: ("box.button", "box.button_held_at_start"),
    Condition.BUTTON_STUCK: ("box.button", "box.button_stuck"),
    Condition.BUTTON_RESTLESS: ("box.button", "box.button_restless"),
    Condition.BUTTON_GONE: ("box.button", "box.button_gone"),
    Condition.LAMPS_ABSENT: ("box.lamps", "box.lamps_absent"),
    Condition.LAMP_WELL: ("box.lamp", "box.lamp_well"),
    Condition.LAMP_BROKEN: ("box.lamp", "box.lamp_broken"),
    Condition.SOUND_CARD_THERE: ("box.sound_card", "box.sound_card_there"),
    Condition.SOUND_CARD_MISSING: ("box.sound_card", "box.sound_card_missing"),
    Condition.PLAYER_MISSING: ("box.sound_card", "box.player_missing"),
    Condition.VOICE_ABSENT: ("box.voice", "box.voice_absent"),
    Condition.VOICE_UNHEARD: ("box.voice", "box.voice_unheard"),
    Condition.VOICE_QUEUED: ("box.voice", "box.voice_queued"),
    Condition.VOICE_PLAYING: ("box.voice", "box.voice_playing"),
    Condition.VOICE_SAID: ("box.voice", "box.voice_said"),
    Condition.VOICE_HELD_BACK: ("box.voice", "box.voice_held_back"),
    Condition.VOICE_FAILED: ("box.voice", "box.voice_failed"),
    Condition.SENTENCES_MADE: ("box.sentences", "box.sentences_made"),
    Condition.SENTENCES_UNMADE: ("box.sentences", "box.sentences_unmade"),
    Condition.READER_ABSENT: ("box.reader", "box.reader_absent"),
    Condition.READER_SIMULATED: ("box.reader", "box.reader_simulated"),
    Condition.READER_STARTING: ("box.reader", "box.reader_starting"),
    Condition.READER_WELL: ("box.reader", "box.reader_well"),
    Condition.READERS_SEVERAL: ("box.reader", "box.readers_several"),
    Condition.READER_MISSING: ("box.reader", "box.reader_missing"),
    Condition.READER_TAKEN: ("box.reader", "box.reader_taken"),
    Condition.READER_SERVICE_MISSING: ("box.reader", "box.reader_service_missing"),
    Condition.READER_LIBRARY_MISSING: ("box.reader", "box.reader_library_missing"),
}
"""What the part is called, and how it is."""
_REMEDIES: Mapping[Condition, str] = {
    Condition.CHIP_MISSING: "box.chip_missing.do",
    Condition.BUTTON_HELD_AT_START: "box.button_stuck.do",
    Condition.BUTTON_STUCK: "box.button_stuck.do",
    Condition.BUTTON_RESTLESS: "box.button_restless.do",
    Condition.BUTTON_GONE: "box.button_gone.do",
    Condition.LAMP_BROKEN: "box.lamp_broken.do",
    Condition.SOUND_CARD_MISSING: "box.sound_card_missing.do",
    Condition.PLAYER_MISSING: "box.player_missing.do",
    Condition.VOICE_UNHEARD: "box.voice_unheard.do",
    Condition.VOICE_HELD_BACK: "box.voice_held_back.do",
    Condition.VOICE_FAILED: "box.voice_failed.do",
    Condition.SENTENCES_UNMADE: "box.sentences_unmade.do",
    Condition.LAMP_WELL: "box.lamp_well.do",
    Condition.READERS_SEVERAL: "box.readers_several.do",
    Condition.READER_MISSING: "box.reader_missing.do",
    Condition.READER_TAKEN: "box.reader_taken.do",
    Condition.READER_SERVICE_MISSING: "box.reader_service_missing.do",
    Condition.READER_LIBRARY_MISSING: "box.reader_library_missing.do",
}
_NOTES = frozenset(
    {
        *(Condition.BUTTONS_ABSENT, Condition.LAMPS_ABSENT, Condition.VOICE_ABSENT, Condition.VOICE_UNHEARD),
        *(Condition.VOICE_HELD_BACK, Condition.VOICE_QUEUED, Condition.VOICE_PLAYING, Condition.LAMP_WELL),
        *(Condition.SENTENCES_UNMADE, Condition.READER_ABSENT, Condition.READER_SIMULATED),
        *(Condition.READER_STARTING, Condition.READERS_SEVERAL),
    }
)
"""Neither well nor a fault: nothing is known for certain, or nothing is wanted."""
_SPEAKING = frozenset({Condition.VOICE_QUEUED, Condition.VOICE_PLAYING})
_HELD_BACK = {"quiet": "box.why.quiet", "too late": "box.why.late"}


@dataclass(frozen=True, kw_only=True, slots=True)
class PartCard:
    """One part in words."""

    name: str
    state: str
    """well, note or fault."""
    words: str
    facts: Sequence[str]
    remedy: str

    @classmethod
    def of(cls, part: Part, now: Moment) -> "PartCard":
        """That part at this moment."""
        name, words = _WORDS[part.condition]
        remedy = _REMEDIES.get(part.condition, "")
        is_fault = bool(remedy) and part.condition not in _NOTES
        return cls(
            name=say(name, number=part.number),
            state="fault" if is_fault else "note" if part.condition in _NOTES else "well",
            words=say(words, count=part.number),
            facts=[*_facts(part), _since(part, now)],
            remedy=say(remedy) if remedy else "",
        )


def _since(part: Part, now: Moment) -> str:
    time = duration(elapsed(part.since, now).seconds)
    return say("box.since", time=time) if time else say("box.since_now")


def _facts(part: Part) -> Sequence[str]:
    if part.condition is Condition.BUTTON_GONE:
        return [_pressed(part.pressed_ms_ago)]
    if part.is_button:
        return [
            say("box.is_down" if part.is_down else "box.is_up"),
            say("box.was_down" if part.down_at_start else "box.was_up"),
            _pressed(part.pressed_ms_ago),
        ]
    if part.condition is Condition.VOICE_HELD_BACK:
        return [say(_HELD_BACK.get(part.why, "box.why.other"))]
    return [part.why] if part.why else []


def _pressed(ms_ago: int | None) -> str:
    if ms_ago is None:
        return say("box.never_pressed")
    time = duration(ms_ago // 1_000)
    return say("box.pressed", time=time) if time else say("box.pressed_now")


def spoken_check(parts: Sequence[Part]) -> str:
    """What the voice says when it is tried: nothing that is not so. Whoever hears it knows that the sound works."""
    buttons = [part for part in parts if part.is_button]
    broken = [part for part in buttons if part.condition is not Condition.BUTTON_WELL]
    if broken:
        return say("box.spoken.broken", buttons="と".join(say("box.button", number=one.number) for one in broken))
    if not buttons:
        return say("box.spoken.sound")
    counter = "つ" if len(buttons) <= _MOST_COUNTED_WITH_TSU else "個"
    return say("box.spoken.all", count=f"{len(buttons)}{counter}")


class BoxPage:
    """The views; each may count on ICT support."""

    def __init__(self, desk: Desk, wellbeing: Wellbeing) -> None:
        self._desk = desk
        self._wellbeing = wellbeing

    def show(self) -> ResponseReturnValue:
        """Every part."""
        return self._page(said="box.lamps_tried" if request.args.get("tried") == "lamps" else "")

    def sound(self) -> ResponseReturnValue:
        """Let the voice be heard."""
        try:
            self._wellbeing.try_voice(spoken_check(self._wellbeing.parts()))
        except DeviceError:
            return self._page(said="box.no_voice_yet")
        return redirect("/box", _SEE_OTHER)

    def lamps(self) -> ResponseReturnValue:
        """Let the lamps be seen."""
        self._wellbeing.try_lamps()
        return redirect("/box?tried=lamps", _SEE_OTHER)

    def _page(self, *, said: str) -> ResponseReturnValue:
        now, parts = self._desk.clock.now(), self._wellbeing.parts()
        cards = sorted((PartCard.of(part, now) for part in parts), key=lambda card: card.state != "fault")
        return render_template(
            "box.html",
            desk=self._desk,
            status=status_view(self._desk, self._desk.board.snapshot, now),
            cards=cards,
            faults=sum(card.state == "fault" for card in cards),
            can_speak=not any(part.condition is Condition.VOICE_ABSENT for part in parts),
            has_lamps=not any(part.condition is Condition.LAMPS_ABSENT for part in parts),
            said=say(said) if said else "",
            look_again=LOOK_AGAIN_SECONDS if any(part.condition in _SPEAKING for part in parts) else 0,
        )


def add_box_page(app: Flask, *, desk: Desk, access: Access, wellbeing: Wellbeing) -> None:
    """Serve /box."""
    page = BoxPage(desk, wellbeing)
    blueprint = Blueprint("box", __name__, url_prefix="/box")
    blueprint.before_request(access.check_csrf)
    support = access.allowed(Permission.ICT_SUPPORT)
    blueprint.add_url_rule("", "show", support(page.show), methods=["GET"])
    blueprint.add_url_rule("/sound", "sound", support(page.sound), methods=["POST"])
    blueprint.add_url_rule("/lamps", "lamps", support(page.lamps), methods=["POST"])
    app.register_blueprint(blueprint)
