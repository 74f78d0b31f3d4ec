"""What staff have the voice say: a text of their own, and the one phrase for an emergency."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from appliance.desk.errors import Invalid, NotFound
from appliance.desk.guard import ForbiddenText, holds_my_number, warnings_in
from appliance.desk.ports import Delivery, Urgency
from appliance.desk.room import Room

MAX_TEXT = 80
"""Characters; longer than that nobody listens."""


class PinInText(Invalid):
    """A PIN that is said aloud cannot be taken back."""

    code = "pin_in_text"
    ja: ClassVar[str] = (
        "暗証番号のような 4けたの数字が あります。声に出すと 取り消せません。消してから もう一度 どうぞ。"
    )
    en: ClassVar[str] = "There seems to be a PIN in the text; take it out, what is said cannot be taken back."

    def __init__(self) -> None:
        super().__init__("text", "seems to hold a PIN")


class NoEmergencyPhrase(NotFound):
    """The packs of this desk have none."""

    code = "no_emergency_phrase"
    ja = "この窓口の ことばに、ひじょうの よびかけは ありません。"
    en = "The phrases of this desk hold none for an emergency."


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """A text and how it will be read."""

    text: str
    kana: str


class AnnouncementDesk:
    """Speaks for staff; a text is in memory only, and in no record."""

    def __init__(self, *, room: Room, phrases: Mapping[str, str]) -> None:
        self._room = room
        self._phrases = phrases

    @property
    def emergency_phrase(self) -> str:
        """What is said in an emergency; empty where the packs have nothing for it."""
        return self._phrases.get("emergency", "")

    def preview(self, text: str) -> Preview:
        """How the voice would read it; it may take seconds.

        `Invalid` for a text that is empty, too long, or must not be said aloud; `UnspokenLanguage`; `DeviceError`.
        """
        checked = _checked(text)
        return Preview(text=checked, kana=self._room.reading(checked))

    def say(self, text: str) -> None:
        """Have the voice say it as it was written. `Invalid`."""
        checked = _checked(text)
        self._room.announce(lambda: checked, urgency=Urgency.INFORMATION, delivery=Delivery(is_typed=True))

    def sound_alarm(self) -> None:
        """Have the voice say the phrase for an emergency, whatever the hour and the volume. `NoEmergencyPhrase`."""
        if not (phrase := self.emergency_phrase):
            raise NoEmergencyPhrase
        self._room.announce(lambda: phrase, urgency=Urgency.EMERGENCY)


def _checked(text: str) -> str:
    """The text in one line."""
    line = " ".join(text.split())
    if not 1 <= len(line) <= MAX_TEXT:
        raise Invalid("text", f"1 to {MAX_TEXT} characters")
    if holds_my_number(line):
        raise ForbiddenText("text")
    if warnings_in(line):
        raise PinInText
    return line
