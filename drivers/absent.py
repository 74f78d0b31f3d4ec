"""Nothing there: devices that do nothing, so that nobody needs to ask whether they exist."""

from collections.abc import Callable, Mapping

from appliance.desk.card_errors import ReaderUnusable
from appliance.desk.contact import ContactHealth, Signal
from appliance.desk.errors import DeviceError
from appliance.desk.facts.card import CardState, FourItems, ItemsKey, ReaderStatus
from appliance.desk.ports import AS_USUAL, Delivery, LampPattern, Silence, Urgency


class AbsentLamp:
    """Port `Lamp` where there is no lamp."""

    def show(self, pattern: LampPattern) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class AbsentVoice:
    """Port `Voice` where there is no loudspeaker."""

    def say(self, sentence: str, *, urgency: Urgency = Urgency.CALL, delivery: Delivery = AS_USUAL) -> None:
        """Nothing."""

    def ring(self) -> None:
        """Nothing."""

    def hush(self) -> None:
        """Nothing."""

    def reading(self, text: str) -> str:  # noqa: ARG002 (the port asks so)
        """There is nobody to read it."""
        raise DeviceError("this box has no voice")

    def silence(self) -> Silence | None:
        """It is not silent on purpose."""
        return None

    def close(self) -> None:
        """Nothing."""


class AbsentButtons:
    """Port `CallButtons` where there is no button."""

    def watch(self, on_signal: Callable[[int, Signal], None]) -> None:
        """Nothing ever comes."""

    def health(self) -> Mapping[int, ContactHealth]:
        """No button."""
        return {}

    def close(self) -> None:
        """Nothing."""


class AbsentCardReader:
    """Port `CardReader` where there is no reader."""

    def watch(self, on_change: Callable[[CardState], None]) -> None:
        """No card ever comes."""
        on_change(self.state())

    def state(self) -> CardState:
        """No reader."""
        return CardState(reader=ReaderStatus.ABSENT)

    def four_items(self, visit: int, key: ItemsKey, *, last_try: bool = False) -> FourItems:  # noqa: ARG002 (nobody reads it)
        """`ReaderUnusable`."""
        raise ReaderUnusable

    def card_tokens(self, visit: int, keys: Mapping[str, bytes]) -> tuple[str, ...]:  # noqa: ARG002 (nobody reads it)
        """`ReaderUnusable`."""
        raise ReaderUnusable

    def close(self) -> None:
        """Nothing."""
