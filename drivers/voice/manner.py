"""How the voice behaves: how loud and how often it speaks, and when it says nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from appliance.desk.ports import Delivery, Silence, Urgency
from drivers.voice.language import is_spoken

EMERGENCY_VOLUME = 100
LOUDER = 15
"""Percent more for whoever did not catch it."""
_FULL = 100


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How the voice behaves."""

    volume: int = 80
    """Percent; 0 is silent but for emergencies."""
    times: int = 2
    is_quiet: Callable[[], bool] = lambda: False
    speaks: Callable[[str, str], bool] = is_spoken
    """Whether there is a voice for a text marked with a language."""

    def silence(self, sentence: str, urgency: Urgency, delivery: Delivery) -> Silence | None:
        """Why that is not to be heard now; None where it is. The chime alone is of no language."""
        if sentence and not self.speaks(sentence, delivery.language):
            return Silence.LANGUAGE
        return None if urgency is Urgency.EMERGENCY else self.usual_silence()

    def usual_silence(self) -> Silence | None:
        """Why no sentence but an emergency is to be heard now; None where it is."""
        if self.volume == 0:
            return Silence.VOLUME
        return Silence.QUIET_HOURS if self.is_quiet() else None

    def volume_of(self, urgency: Urgency, delivery: Delivery) -> int:
        """In percent."""
        if urgency is Urgency.EMERGENCY:
            return EMERGENCY_VOLUME
        return min(self.volume + LOUDER, _FULL) if delivery.clearly else self.volume
