import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from appliance.desk.contact import Signal
from appliance.desk.errors import DeviceError
from appliance.desk.ports import Delivery, Lamp, LampPattern, Urgency, Voice
from drivers.absent import AbsentButtons, AbsentLamp, AbsentVoice
from drivers.gpio import GpioChip, GpioContacts, GpioLamp, Wiring, mock_pins
from drivers.simulated import SimulatedButtons, SimulatedLamp, SimulatedVoice
from drivers.voice.browser import BrowserVoice
from drivers.voice.manner import Manner
from drivers.voice.player import Player
from tests.fakes import FakeClock, FakeVoice

LAMPS: list[Callable[[], Lamp]] = [AbsentLamp, SimulatedLamp, lambda: GpioLamp(27, chip=GpioChip(mock_pins))]


@pytest.mark.parametrize("make", LAMPS)
def test_every_lamp_takes_every_pattern_and_can_be_let_go(make: Callable[[], Lamp]) -> None:
    lamp = make()
    for pattern in (*LampPattern, LampPattern.OFF):
        lamp.show(pattern)
    lamp.close()


def test_a_real_lamp_lights_at_once_and_goes_dark() -> None:
    pins = mock_pins()
    lamp, pin = GpioLamp(27, chip=GpioChip(lambda: pins)), pins.pin(27)
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


def test_every_call_of_a_simulated_button_is_a_press() -> None:
    buttons = SimulatedButtons()
    pressed: list[tuple[int, Signal]] = []
    buttons.press(1)  # before anybody watches
    buttons.watch(lambda button, signal: pressed.append((button, signal)))
    for button in (2, 1, 1):
        buttons.press(button)
    assert pressed == [(2, Signal.PRESSED), (1, Signal.PRESSED), (1, Signal.PRESSED)]
    assert not buttons.health()
    buttons.close()
    buttons.press(1)
    assert len(pressed) == 3


def test_two_devices_on_one_line_are_refused_in_words() -> None:
    chip = GpioChip(mock_pins)
    taken = GpioLamp(17, chip=chip)
    taken.show(LampPattern.OFF)
    contacts = GpioContacts({1: 22, 2: 17}, chip=chip)
    with pytest.raises(DeviceError, match="button 2 on line 17"):
        contacts.connect(lambda _button, _down: None)
    other = GpioLamp(17, chip=chip)
    with pytest.raises(DeviceError, match="lamp on line 17"):
        other.show(LampPattern.CALLING)
    taken.close()


def test_a_lamp_that_is_lit_by_a_low_line_is_dark_when_high() -> None:
    pins = mock_pins()
    lamp, pin = GpioLamp(27, chip=GpioChip(lambda: pins), wiring=Wiring(lamp_lit_high=False)), pins.pin(27)
    lamp.show(LampPattern.ANSWERED)
    assert not pin.state
    lamp.show(LampPattern.OFF)
    assert pin.state


def test_a_lamp_lights_again_on_a_chip_that_was_lost_in_between() -> None:
    chips = [mock_pins(), mock_pins()]
    left = iter(chips)
    chip = GpioChip(lambda: next(left))
    lamp = GpioLamp(27, chip=chip)
    lamp.show(LampPattern.ANSWERED)
    chip.lose()
    lamp.show(LampPattern.ANSWERED)
    assert chips[1].pin(27).state


def test_a_chip_that_goes_while_a_lamp_blinks_ends_the_blinking_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", heard.append)
    chip = GpioChip(mock_pins)
    lamp = GpioLamp(27, chip=chip)
    before = set(threading.enumerate())
    lamp.show(LampPattern.FAULT)
    (blinking,) = set(threading.enumerate()) - before
    chip.lose()
    blinking.join(5)
    assert not blinking.is_alive()
    assert not heard


class DeafSpeaker:
    """Plays everything to nobody."""

    def play(self, samples: bytes, *, volume: int, stop: Callable[[], bool]) -> bool:
        return True


def sound(_sentence: str, _delivery: Delivery, _stop: Callable[[], bool]) -> bytes:
    return b"\1\2"


VOICES: list[Callable[[], Voice]] = [
    AbsentVoice,
    lambda: SimulatedVoice(FakeClock()),
    lambda: BrowserVoice(FakeClock(), sound=sound, manner=Manner(), reading=str),
    lambda: Player(sound=sound, speaker=DeafSpeaker(), manner=Manner()),
    FakeVoice,
]


@pytest.mark.parametrize("make", VOICES)
def test_every_voice_can_do_what_a_room_asks_of_it(make: Callable[[], Voice]) -> None:
    voice = make()
    for urgency in Urgency:
        voice.say("はい。", urgency=urgency)
    voice.say("はい。", delivery=Delivery(clearly=True, is_typed=True))
    voice.say("Hello.", delivery=Delivery(language="en"))
    voice.ring()
    voice.hush()
    voice.say("はい。")
    voice.close()


@pytest.mark.parametrize("make", VOICES)
def test_every_voice_tells_how_it_reads_or_that_it_cannot(make: Callable[[], Voice]) -> None:
    voice = make()
    with suppress(DeviceError):
        assert voice.reading("はい")
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
    buttons.watch(lambda _button, _signal: pytest.fail("nobody is there"))
    assert not buttons.health()
    buttons.close()
