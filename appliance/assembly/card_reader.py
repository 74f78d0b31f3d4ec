"""The card reader by configuration; what speaks to cards is loaded only where there is one."""

from dataclasses import dataclass

from appliance.config import DevicesSection
from appliance.desk.ports import CardReader, Clock, SimulatedCards
from drivers.absent import AbsentCardReader


@dataclass(frozen=True, kw_only=True)
class Connected:
    """A reader, and the hand that lays cards on it where both are simulated."""

    reader: CardReader
    hand: SimulatedCards | None = None


def connect_card_reader(section: DevicesSection, clock: Clock) -> Connected:
    """The reader that `section` names; one that is not there, or cannot be spoken to, says so by its state.

    Where there is one, PINs and names pass through this process, which from now on leaves no core behind.
    """
    if section.card != "absent":
        from drivers.card.cores import leave_no_core

        leave_no_core()
    if section.card == "simulated":
        from drivers.card.simulated import SimulatedReader

        simulated = SimulatedReader(lambda: clock.now().wall)
        return Connected(reader=simulated, hand=simulated)
    if section.card == "pcsc":
        from drivers.card.client import CardClient
        from drivers.card.process import reader_process

        return Connected(reader=CardClient(reader_process(section.card_reader)))
    return Connected(reader=AbsentCardReader())
