"""Hands and ears by configuration; a driver is imported only where a configuration names it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from appliance.config import DevicesSection, Level, Pull
from appliance.desk.ports import CallButtons, Clock, Lamp, LampPattern, Spoken, Voice
from drivers.absent import AbsentButtons, AbsentLamp, AbsentVoice
from drivers.contacts import Contacts, WatchedContacts
from drivers.simulated import SimulatedButtons, SimulatedLamp, SimulatedVoice


class WatchedLamp:
    """Port `Lamp`: a lamp whose pattern somebody can also look up."""

    def __init__(self, lamp: Lamp) -> None:
        self._lamp = lamp
        self.pattern = LampPattern.OFF
        self.is_broken = False
        """Whether it did not take what it was told last."""

    def show(self, pattern: LampPattern) -> None:
        """See the port."""
        self.is_broken = True
        self._lamp.show(pattern)
        self.pattern, self.is_broken = pattern, False

    def close(self) -> None:
        """See the port."""
        self._lamp.close()


@dataclass(frozen=True, kw_only=True)
class Devices:
    """What stands on the desk."""

    buttons: CallButtons
    lamps: Mapping[int, WatchedLamp]
    voice: Voice
    press: Callable[[int], None] | None = None
    """How a finger is simulated, where buttons are not real."""
    spoken: Callable[[], Sequence[Spoken]] = field(default=lambda: ())


def connect_devices(section: DevicesSection, clock: Clock) -> Devices:
    """The devices that `section` names; none is touched before it is used."""
    spoken: Callable[[], Sequence[Spoken]] = lambda: ()  # noqa: E731 (a stand-in of the same shape)
    voice: Voice = AbsentVoice()
    if section.voice == "simulated":
        simulated = SimulatedVoice(clock)
        voice, spoken = simulated, simulated.spoken
    lamps = {int(button): line for button, line in section.lamp_lines.items()}
    buttons = {int(button): line for button, line in section.button_lines.items()}
    if "gpio" in {section.buttons, section.lamps}:
        return _gpio(section, buttons, lamps, voice, spoken)
    finger = SimulatedButtons()
    usb = _usb(section)
    return Devices(
        buttons=finger if section.buttons == "simulated" else WatchedContacts(usb) if usb else AbsentButtons(),
        lamps={button: WatchedLamp(_lamp(section.lamps)) for button in lamps or buttons or {1: 0}},
        voice=voice,
        press=finger.press if section.buttons == "simulated" else None,
        spoken=spoken,
    )


def _lamp(kind: str) -> Lamp:
    return SimulatedLamp() if kind == "simulated" else AbsentLamp()


def _usb(section: DevicesSection) -> dict[Contacts, list[int]]:
    from drivers.hid import HidContact

    return {HidContact(int(button), Path(path)): [int(button)] for button, path in section.hid_buttons.items()}


def _gpio(
    section: DevicesSection,
    button_lines: Mapping[int, int],
    lamp_lines: Mapping[int, int],
    voice: Voice,
    spoken: Callable[[], Sequence[Spoken]],
) -> Devices:
    from drivers.gpio import GpioChip, GpioContacts, GpioLamp, MockFinger, Wiring, mock_pins, real_chip

    wiring = Wiring(
        pull_up={Pull.UP: True, Pull.DOWN: False, Pull.NONE: None}[section.button_pull],
        closed_high=section.closed_contact is Level.HIGH,
        lamp_lit_high=section.lamp_lit is Level.HIGH,
    )
    pins = mock_pins() if section.simulated_gpio else None
    chip = GpioChip(lambda: pins) if pins is not None else real_chip()
    lamps = {button: WatchedLamp(GpioLamp(line, chip=chip, wiring=wiring)) for button, line in lamp_lines.items()}
    contacts = _usb(section)
    if section.buttons == "gpio":
        contacts[GpioContacts(button_lines, chip=chip, wiring=wiring)] = list(button_lines)
    buttons: CallButtons = WatchedContacts(contacts) if contacts else AbsentButtons()
    finger = MockFinger(pins, button_lines, closed_high=wiring.closed_high) if pins is not None else None
    return Devices(buttons=buttons, lamps=lamps, voice=voice, press=finger.press if finger else None, spoken=spoken)
