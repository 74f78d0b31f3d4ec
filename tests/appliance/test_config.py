from pathlib import Path

import pytest

from appliance.config import Preset, load_config
from appliance.desk.errors import ConfigError

GOOD = """
[desk]
facility = "kominkan-1"
facility_name = "中央公民館"
[state]
directory = "state"
[town]
keys = "town-keys.toml"
receiver = "https://receiver.example/"
[devices]
buttons = "gpio"
button_lines = {"1" = 17}
lamp_lines = {"1" = 27}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "madoguchi.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_is_read_with_its_defaults(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, GOOD))
    assert config.desk.facility_name == "中央公民館"
    assert config.state.directory == tmp_path / "state"
    assert config.server.port == 8080
    assert config.courier.hold_seconds == 15
    assert config.door == tmp_path / "state" / "courier.sock"


@pytest.mark.parametrize(("number", "place"), [(1, "中央公民館"), (2, "中央公民館 窓口2")])
def test_screens_say_which_desk_where_a_facility_has_several(tmp_path: Path, number: int, place: str) -> None:
    text = GOOD.replace("[state]", f'number = {number}\npreset = "city"\n[state]')
    desk = load_config(write(tmp_path, text)).desk
    assert (desk.place, desk.preset) == (place, Preset.CITY)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("facility_name", "facilty_name", "did you mean 'facility_name'"),
        ("[state]", "[sate]", "did you mean 'state'"),
        ("[state]", "[zzz]\n[state]", "known here: desk, state"),
        ('directory = "state"', "", "state.directory: is missing"),
        ('directory = "state"', "directory = 5", "state.directory: must be a path"),
        ('"kominkan-1"', '"公民館"', "desk.facility: must be ASCII"),
        ('"kominkan-1"', "7", "desk.facility: must be a text"),
        ("[state]", "unattended_minutes = 0\n[state]", "desk.unattended_minutes: must be 1 to 1439"),
        ("[state]", 'preset = "citty"\n[state]', "desk.preset: 'citty' is none of them; did you mean 'city'"),
        ("[state]", "preset = 1\n[state]", "desk.preset: 1 is none of them"),
        ("[state]", "away_minutes = 31\n[state]", "desk.away_minutes: must be 1 to 30"),
        ("[state]", "[server]\nport = 99999\n[state]", "server.port: must be 0 to 65535"),
        ("[state]", "[server]\nport = true\n[state]", "server.port: must be a whole number"),
        ("[state]", "[server]\nnames = 5\n[state]", "server.names: must be a list of texts"),
        ("[state]", "[server]\nnames = [5]\n[state]", "server.names: must be a list of texts"),
        ("[state]", '[server]\nnames = ["https://box"]\n[state]', "'https://box' is not a name of a machine"),
        ("[state]", "[server]\nbehind_tls = 1\n[state]", "server.behind_tls: must be true or false"),
        ("[state]", "[limits]\npages_per_second = 0\n[state]", "limits.pages_per_second: must be 1 to 10000"),
        ("[state]", "[courier]\nhold_seconds = -1\n[state]", "courier.hold_seconds: must be 0 to 3600"),
        ('"1" = 17', '"1" = 28', "28 is not a GPIO line (0-27)"),
        ('"1" = 17', '"one" = 17', "'one' is not a button number"),
        ('"1" = 17', '"1" = 27', "one GPIO line is used twice"),
        ('{"1" = 17}', "{}", "at least one button"),
        (
            '"1" = 17',
            '"1" = 27',
            "devices.lamp_lines.1: one GPIO line is used twice: button 1 and lamp 1 are both on 27;",
        ),
        ('"1" = 17', '"1" = 17, "2" = 17', "button 1 and button 2 are both on 17; 16 is free"),
        ('"1" = 17', '"01" = 17', "'01' is not a button number"),
        ("[devices]", '[devices]\nbutton_pull = "upp"', "'upp' is none of them; did you mean 'up'"),
        ("[devices]", '[devices]\nbutton_pull = "down"', "down for ever; did you mean 'high'?"),
        ("[devices]", '[devices]\nclosed_contact = "high"', "down for ever; did you mean 'low'?"),
        ("[devices]", '[devices]\nlamp_lit = "hot"', "devices.lamp_lit: 'hot' is none of them"),
        (
            "[devices]",
            "[devices]\nlamp_line = {}",
            "devices.lamp_line: nobody knows this key; did you mean 'lamp_lines'",
        ),
        ("[devices]", '[devices]\nhid_buttons = {"2" = "pedal"}', "'pedal' is not a path below /dev/input/"),
        ("[devices]", '[devices]\nhid_buttons = {"2" = 3}', "3 is not a path below /dev/input/"),
        ("[devices]", '[devices]\nhid_buttons = {"x" = "/dev/input/a"}', "'x' is not a button number"),
        ("[devices]", '[devices]\nhid_buttons = {"1" = "/dev/input/a"}', "button 1 is wired to GPIO 17 as well"),
        (
            "[devices]",
            '[devices]\nhid_buttons = {"2" = "/dev/input/a", "3" = "/dev/input/a"}',
            "one USB device is used twice",
        ),
        ('buttons = "gpio"', 'buttons = "telepathy"', "is none of gpio, simulated, absent"),
        ('buttons = "gpio"', 'voice = "gpio"', "devices.voice"),
        ("[devices]", '[devices]\ncard = "gpio"', "devices.card: 'gpio' is none of pcsc, simulated, absent"),
        ("[state]", 'card_check = "no"\n[state]', "desk.card_check: must be true or false"),
        ("[state]", "[voice]\nvolume = 101\n[state]", "voice.volume: must be 0 to 100"),
        ("[state]", "[voice]\nspeed = 200\n[state]", "voice.speed: must be 70 to 120"),
        ("[state]", "[voice]\nnumbers = 1000\n[state]", "voice.numbers: must be 0 to 999"),
        ("[state]", "[voice]\ntimes = 0\n[state]", "voice.times: must be 1 to 3"),
        ("[state]", '[voice]\nquiet = ["20-8"]\n[state]', "'20-8' is not a time like 20:00-08:00"),
        ("[desk]", '[desk]\nfacility_type = "librery"', "did you mean 'library'"),
        ('"https://receiver.example/"', '"ftp://x"', "town.receiver: must begin with https://"),
        ("[desk]", "[desk", "is not TOML"),
        ("[devices]", "[[devices]]", "devices: must be a table"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_config(write(tmp_path, GOOD.replace(old, new)))
    assert words in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "nowhere.toml")
