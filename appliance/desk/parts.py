"""The parts of a box that can be out of order, and how each is, for whoever looks after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from appliance.desk.errors import DeviceError
from appliance.desk.facts.moment import Moment


class Condition(StrEnum):
    """How one part is."""

    CHIP_THERE = "chip_there"
    CHIP_MISSING = "chip_missing"
    BUTTONS_ABSENT = "buttons_absent"
    """There is no real button."""
    BUTTON_WELL = "button_well"
    BUTTON_HELD_AT_START = "button_held_at_start"
    BUTTON_STUCK = "button_stuck"
    BUTTON_RESTLESS = "button_restless"
    BUTTON_GONE = "button_gone"
    LAMPS_ABSENT = "lamps_absent"
    LAMP_WELL = "lamp_well"
    LAMP_BROKEN = "lamp_broken"
    SOUND_CARD_THERE = "sound_card_there"
    SOUND_CARD_MISSING = "sound_card_missing"
    PLAYER_MISSING = "player_missing"
    VOICE_ABSENT = "voice_absent"
    """There is no voice from a loudspeaker."""
    VOICE_UNHEARD = "voice_unheard"
    """It has not been asked to say anything since the start."""
    VOICE_QUEUED = "voice_queued"
    VOICE_PLAYING = "voice_playing"
    VOICE_SAID = "voice_said"
    VOICE_HELD_BACK = "voice_held_back"
    """What was to be said last was left unsaid on purpose."""
    VOICE_FAILED = "voice_failed"
    SENTENCES_MADE = "sentences_made"
    SENTENCES_UNMADE = "sentences_unmade"
    """Some have no sound yet."""
    READER_ABSENT = "reader_absent"
    """No card reader is meant to be there."""
    READER_SIMULATED = "reader_simulated"
    READER_STARTING = "reader_starting"
    READER_WELL = "reader_well"
    READERS_SEVERAL = "readers_several"
    """One of them is used."""
    READER_MISSING = "reader_missing"
    READER_TAKEN = "reader_taken"
    """The kernel has a driver of its own at it."""
    READER_SERVICE_MISSING = "reader_service_missing"
    """pcscd does not answer, or does not let the desk in."""
    READER_LIBRARY_MISSING = "reader_library_missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part, as it is."""

    condition: Condition
    since: Moment
    """When it was first seen to be so, since the start of the desk."""
    number: int = 0
    """Of a button or lamp; how many sentences have no sound, how many readers there are."""
    is_down: bool = False
    """Whether a button is down now,"""
    down_at_start: bool = False
    """was so at the start,"""
    pressed_ms_ago: int | None = None
    """and how long ago it was really pressed; None: not since the start."""
    why: str = ""
    """What the machine says of a fault; never what was to be said."""

    @property
    def is_button(self) -> bool:
        """Whether it is a real button."""
        return self.condition in BUTTONS


BUTTONS = (
    Condition.BUTTON_WELL,
    Condition.BUTTON_HELD_AT_START,
    Condition.BUTTON_STUCK,
    Condition.BUTTON_RESTLESS,
    Condition.BUTTON_GONE,
)


class Wellbeing(Protocol):
    """How a box is, and how to try what only ears and eyes can tell."""

    def parts(self) -> Sequence[Part]:
        """Every part, looked at now."""
        ...

    def try_voice(self, sentence: str) -> None:
        """Have the voice say that; what becomes of it the parts tell. `DeviceError`."""
        ...

    def try_lamps(self) -> None:
        """Light every lamp for a moment beside which nobody waits."""
        ...


class NoWellbeing:
    """Port `Wellbeing` where nothing stands on the desk."""

    def parts(self) -> Sequence[Part]:
        """See the port."""
        return ()

    def try_voice(self, sentence: str) -> None:
        """See the port; there is none."""
        raise DeviceError(f"there is no voice for {len(sentence)} characters")

    def try_lamps(self) -> None:
        """See the port."""
