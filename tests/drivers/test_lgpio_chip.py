import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import gpiozero.pins
import pytest

from drivers.gpio import GpioChip, GpioContacts

BUTTON = 17


class Gone(Exception):
    """As lgpio says it of a chip that is not there any more."""


@pytest.fixture
def lgpio() -> MagicMock:
    """The library, which is on a box only."""
    return MagicMock(gpiochip_open=MagicMock(return_value=5), gpio_get_mode=MagicMock(return_value=0))


@pytest.fixture
def through(lgpio: MagicMock, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Our module over gpiozero's, both over that library; forgotten afterwards."""
    ours, theirs = "drivers.lgpio_chip", "gpiozero.pins.lgpio"
    monkeypatch.setitem(sys.modules, "lgpio", lgpio)
    for name in (ours, theirs):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delattr(gpiozero.pins, "lgpio", raising=False)
    module = importlib.import_module(ours)
    monkeypatch.setattr(module.LgpioChip, "_get_revision", lambda _chip: 0xA03111)
    yield module
    for name in (ours, theirs):
        sys.modules.pop(name, None)


def _vanish(lgpio: MagicMock) -> None:
    for one in ("gpio_claim_input", "gpio_claim_alert", "gpio_get_mode", "gpio_free", "gpio_read"):
        getattr(lgpio, one).side_effect = Gone


def test_a_chip_that_has_vanished_is_given_back_all_the_same(through: Any, lgpio: MagicMock) -> None:
    chip = through.LgpioChip()
    chip.pin(BUTTON)
    _vanish(lgpio)
    chip.close()
    lgpio.gpiochip_close.assert_called_once_with(5)
    chip.close()
    lgpio.gpiochip_close.assert_called_once_with(5)


def test_no_line_of_a_chip_that_has_vanished_is_listened_to_any_more(through: Any, lgpio: MagicMock) -> None:
    """An edge that met such a listener on the chip that came back would end lgpio's only thread."""
    contacts = GpioContacts({1: BUTTON}, chip=GpioChip(through.LgpioChip))
    contacts.connect(lambda _button, _down: None)
    listening = lgpio.callback.return_value
    _vanish(lgpio)
    contacts.disconnect()
    listening.cancel.assert_called_once_with()


def test_the_chip_of_the_pins_is_known_by_its_label(
    through: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = {"gpiochip0": b"raspberrypi,firmware-gpio", "gpiochip3": b"pinctrl-bcm2711"}
    for name in labels:
        (tmp_path / name).touch()
    monkeypatch.setattr(through, "_label", lambda device: labels[device.name])
    assert through.board_chip(tmp_path) == 3
    (tmp_path / "gpiochip3").unlink()
    assert through.board_chip(tmp_path) is None


def test_what_is_no_chip_is_passed_over(through: Any, tmp_path: Path) -> None:
    (tmp_path / "gpiochip0").touch()
    assert through.board_chip(tmp_path) is None
