"""Devices in memory: pressed, lit and heard by the virtual hardware page and by tests."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from appliance.desk.contact import ContactHealth, Signal
from appliance.desk.ports import AS_USUAL, Clock, Delivery, LampPattern, Silence, Spoken, Urgency

REMEMBERED = 50


class SimulatedLamp:
    """Port `Lamp` that remembers what it shows."""

    def __init__(self) -> None:
        self.pattern = LampPattern.OFF

    def show(self, pattern: LampPattern) -> None:
        """See the port."""
        self.pattern = pattern

    def close(self) -> None:
        """Go dark."""
        self.pattern = LampPattern.OFF


class SimulatedVoice:
    """Port `Voice` that keeps what it was given instead of speaking."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spoken: deque[Spoken] = deque(maxlen=REMEMBERED)

    def say(
        self,
        sentence: str,
        *,
        urgency: Urgency = Urgency.CALL,  # noqa: ARG002 (all the same here)
        delivery: Delivery = AS_USUAL,  # noqa: ARG002
    ) -> None:
        """See the port."""
        self._spoken.appendleft(Spoken(at=self._clock.now().wall, sentence=sentence))

    def ring(self) -> None:
        """See the port."""
        self.say("")

    def hush(self) -> None:
        """What it was given is said at once."""

    def reading(self, text: str) -> str:
        """The words themselves: there is no engine."""
        return text

    def silence(self) -> Silence | None:
        """It never is."""
        return None

    def spoken(self) -> Sequence[Spoken]:
        """The last sentences, newest first."""
        return tuple(self._spoken)

    def close(self) -> None:
        """Nothing to let go of."""


class SimulatedButtons:
    """Port `CallButtons` that is pressed by calling it: every call is a press."""

    def __init__(self) -> None:
        self._on_signal: Callable[[int, Signal], None] = _nobody

    def watch(self, on_signal: Callable[[int, Signal], None]) -> None:
        """See the port."""
        self._on_signal = on_signal

    def health(self) -> Mapping[int, ContactHealth]:
        """There is nothing that could break."""
        return {}

    def press(self, button: int) -> None:
        """Push that button down and let it go."""
        self._on_signal(button, Signal.PRESSED)

    def close(self) -> None:
        """Forget who was watching."""
        self._on_signal = _nobody


def _nobody(_button: int, _signal: Signal) -> None:
    """Who watches before and after somebody does."""
