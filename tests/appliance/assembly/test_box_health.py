"""A real desk tells of a button that is gone and of a voice that nobody hears, wherever somebody looks."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.assembly.access import HashedTokens
from appliance.assembly.box import Box, open_box
from appliance.assembly.town import TownFolder, make_town
from appliance.config import load_config
from appliance.desk.parts import Condition
from tests.configured import MUNICIPALITY, free_port, write_config

NO_PEDAL = 'hid_buttons = {"3" = "/dev/input/by-id/usb-nothing"}'


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    """One with two lines on a mock chip, a USB button that is not plugged in, and a voice without a player."""
    make_town(TownFolder(tmp_path / "town"), MUNICIPALITY, "合言葉は ながい")
    path = write_config(tmp_path, port=free_port(), receiver_port=1)
    text = path.read_text(encoding="utf-8").replace('voice = "simulated"', f'voice = "open_jtalk"\n{NO_PEDAL}')
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    opened = open_box(load_config(path), tokens=HashedTokens({}), said=datetime(2026, 11, 21, 1, tzinfo=UTC))
    opened.start()
    yield opened
    opened.stop()


def soon(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def test_faults_are_on_the_strip_on_the_page_and_on_the_disk(box: Box) -> None:
    state = box.config.state.directory
    assert soon(lambda: box.desk.board.snapshot.broken_buttons == (3,))
    assert soon((state / "buttons.json").exists)
    told = json.loads((state / "buttons.json").read_text())
    assert {number: one["fault"] for number, one in told.items()} == {"1": None, "3": "gone"}
    conditions = {part.condition for part in box.wellbeing.parts()}
    assert {Condition.BUTTON_WELL, Condition.BUTTON_GONE, Condition.LAMP_WELL} <= conditions
    box.wellbeing.try_voice("本日の点検、音は 正常です。")
    assert soon((state / "voice.json").exists)
    assert json.loads((state / "voice.json").read_text())["state"] == "failed"
    assert box.desk.board.snapshot.voice_failed
    assert Condition.VOICE_FAILED in {part.condition for part in box.wellbeing.parts()}
    assert "点検" not in (state / "voice.json").read_text(), "never what was to be said"
