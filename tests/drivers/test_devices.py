from collections.abc import Callable

import pytest

from appliance.desk.errors import DeviceError
from appliance.desk.ports import CallButtons, Lamp, LampPattern, Voice
from drivers.absent import AbsentButtons, AbsentLamp, AbsentVoice
from drivers.gpio import GpioButtons, GpioLamp, MockFinger, mock_pins
from drivers.simulated import SimulatedButtons, SimulatedLamp, SimulatedVoice
from tests.fakes import FakeClock

LAMPS: list[Callable[[], Lamp]] = [AbsentLamp, SimulatedLamp, lambda: GpioLamp(27, pins=mock_pins())]


@pytest.mark.parametrize("make", LAMPS)
def test_every_lamp_takes_every_pattern_and_can_be_let_go(make: Callable[[], Lamp]) -> None:
    lamp = make()
    for pattern in (*LampPattern, LampPattern.OFF):
        lamp.show(pattern)
    lamp.close()


def test_a_real_lamp_lights_at_once_and_goes_dark() -> None:
    pins = mock_pins()
    lamp, pin = GpioLamp(27, pins=pins), pins.pin(27)
    for pattern in (LampPattern.CALLING, LampPattern.ANSWERED, LampPattern.UNATTENDED):
        lamp.show(pattern)
        assert pin.state
    lamp.show(LampPattern.OFF)
    assert not pin.state
    lamp.close()


def test_a_simulated_lamp_can_be_looked_at() -> None:
    lamp = SimulatedLamp()
    lamp.show(LampPattern.CALLING)
    assert [lamp.pattern] == [LampPattern.CALLING]
    lamp.close()
    assert [lamp.pattern] == [LampPattern.OFF]


def gpio_buttons() -> tuple[CallButtons, Callable[[int], None]]:
    pins = mock_pins()
    return GpioButtons({1: 17, 2: 22}, pins=pins), MockFinger(pins, {1: 17, 2: 22}).press


def simulated_buttons() -> tuple[CallButtons, Callable[[int], None]]:
    buttons = SimulatedButtons()
    return buttons, buttons.press


@pytest.mark.parametrize("make", [gpio_buttons, simulated_buttons])
def test_every_press_is_reported_once_with_its_button(
    make: Callable[[], tuple[CallButtons, Callable[[int], None]]],
) -> None:
    buttons, press = make()
    pressed: list[int] = []
    press(1)  # before anybody watches
    buttons.watch(pressed.append)
    press(2)
    press(1)
    press(1)
    assert pressed == [2, 1, 1]
    buttons.close()


def test_two_devices_on_one_line_are_refused_in_words() -> None:
    pins = mock_pins()
    taken = GpioLamp(17, pins=pins)
    with pytest.raises(DeviceError, match="button 2 on line 17"):
        GpioButtons({1: 22, 2: 17}, pins=pins)
    with pytest.raises(DeviceError, match="lamp on line 17"):
        GpioLamp(17, pins=pins)
    taken.close()


@pytest.mark.parametrize("make", [AbsentVoice, lambda: SimulatedVoice(FakeClock())])
def test_every_voice_takes_a_sentence(make: Callable[[], Voice]) -> None:
    voice = make()
    voice.say("はい")
    voice.close()


def test_a_simulated_voice_keeps_the_newest_first() -> None:
    clock = FakeClock()
    voice = SimulatedVoice(clock)
    for number in range(60):
        voice.say(f"{number}番の方")
    assert len(voice.spoken()) == 50
    assert voice.spoken()[0].sentence == "59番の方"
    assert voice.spoken()[0].at == clock.now().wall


def test_an_absent_button_is_never_pressed() -> None:
    buttons = AbsentButtons()
    buttons.watch(lambda _button: pytest.fail("nobody is there"))
    buttons.close()
