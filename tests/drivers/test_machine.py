import socket
from pathlib import Path

import pytest

from drivers.machine import (
    CARD_SERVICE_VARIABLE,
    CardService,
    card_service,
    gpio_is_usable,
    has_player,
    modules_that_take_readers,
    sound_cards,
)

TWO_CARDS = """\
 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
 1 [Device         ]: USB-Audio - USB Audio Device
                      GeneralPlus USB Audio Device at usb-3f980000.usb-1.2, full speed
"""


def test_lines_are_devices_that_this_user_may_open(tmp_path: Path) -> None:
    assert not gpio_is_usable(tmp_path)
    (tmp_path / "gpiochip0").touch()
    assert gpio_is_usable(tmp_path)


def test_sound_cards_are_what_the_kernel_lists(tmp_path: Path) -> None:
    listed = tmp_path / "cards"
    assert sound_cards(listed) == (), "a kernel that knows no sound"
    listed.write_text("--- no soundcards ---\n", encoding="utf-8")
    assert list(sound_cards(listed)) == []
    listed.write_text(TWO_CARDS, encoding="utf-8")
    assert list(sound_cards(listed)) == ["vc4-hdmi - vc4-hdmi-0", "USB-Audio - USB Audio Device"]


def test_a_box_without_the_player_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not has_player()
    (tmp_path / "aplay").touch(mode=0o755)
    assert has_player()


def test_pcscd_that_is_not_there_is_told_from_one_that_takes_no_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "pcscd.comm"
    monkeypatch.setenv(CARD_SERVICE_VARIABLE, str(place))
    assert card_service() is CardService.MISSING
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.bind(str(place))
        assert card_service() is CardService.SILENT
        daemon.listen()
        assert card_service() is CardService.THERE


def test_the_kernels_own_drivers_for_readers_are_seen(tmp_path: Path) -> None:
    assert modules_that_take_readers(tmp_path) == []
    for name in ("pn533_usb", "pn533", "usbcore"):
        (tmp_path / name).mkdir()
    assert modules_that_take_readers(tmp_path) == ["pn533_usb", "pn533"]
