import shutil
from pathlib import Path

import pytest

from appliance.assembly.first_box import StickFirstBox
from appliance.assembly.town import TownFolder, make_town
from appliance.calendar_pack import calendar_of
from appliance.config import DevicesSection, VoiceSection
from appliance.desk.errors import Invalid
from provisioning.kit import digest_of, read_kit
from provisioning.shelf import KitShelf
from provisioning.site import Retention, load_site
from tests.ui.first_box import TYPED
from ui.desk.first_box_form import Description, described

PASSPHRASE = "合言葉は ながい"
SITE = described(TYPED)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """What the office brings: no key that opens a record."""
    town = TownFolder(tmp_path / "stick")
    make_town(town, "999997", PASSPHRASE, keep_recovery=False)
    town.private("office").unlink()
    return town.path


@pytest.fixture
def first_box(tmp_path: Path, stick: Path) -> StickFirstBox:
    return StickFirstBox(keys=tmp_path / "town-keys.toml", state=tmp_path / "state", stick=stick)


def typed(**entries: str) -> Description:
    """The page as it was typed, with these entries otherwise; `__` stands for the dot."""
    return described(TYPED | {name.replace("__", "."): value for name, value in entries.items()})


def test_the_kit_lies_on_the_stick_and_the_office_knows_it(first_box: StickFirstBox, stick: Path) -> None:
    made = first_box.make(SITE, PASSPHRASE)
    kit, digest = read_kit(stick)
    assert (made.digest, made.place) == (digest.hex()[:16], str(stick))
    assert [(one.id, one.name) for one in made.facilities] == [("kominkan-chuo", "中央公民館")]
    assert kit.site.facilities[0].authority == "町長部局"
    assert kit.site.words.hall == "町役場"
    assert kit.site.receiver == ""
    assert KitShelf(TownFolder(stick).kits).find(digest) == kit
    assert digest_of((stick / "site.kit").read_bytes()) == digest


WHOLE = {
    "facility.2.id": "toshokan",
    "facility.2.name": "町立図書館",
    "facility.2.type": "図書館",
    "facility.2.authority": "指定管理者",
    "facility.2.section": "生涯学習課",
    "facility.2.hours.saturday": "10:00－18：00",
    "hours.tuesday": "１３：００〜１６：００",
    "hours.friday": "10:00-12:00、13:00 - 16:00",
    "closed.weekday": "monday",
    "closed.days": "2026-11-24 2026-12-05",
    "person.1.name": "さくら",
    "person.1.role": "promotion_volunteer",
    "person.1.facility": "1",
    "person.2.name": "2",
    "person.2.permission": "ict_support",
    "devices.buttons": "gpio",
    "devices.lamps": "gpio",
    "devices.voice": "simulated",
    "devices.button_lines.2": "22",
    "voice.volume": "６０",
    "retention.daily": "３",
    "update_key": "RWQBAgMEBQYHCAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
    "preset": "city",
    "receiver": "https://madoguchi.example.jp",
}
THE_SAME = """
preset = "city"
receiver = "https://madoguchi.example.jp"
calendar = "calendar.toml"
update_key = "RWQBAgMEBQYHCAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

[municipality]
code = "999997"
kind = "町"
name = "見本町"
hall = "町役場"
hall_reading = "チョウヤクバ"
head = "町長"
section = "企画情報課"
telephone = "000-000-0000"

[[facility]]
id = "kominkan-chuo"
name = "中央公民館"
type = "公民館"
authority = "町長部局"
section = "生涯学習課"

[[facility]]
id = "toshokan"
name = "町立図書館"
type = "図書館"
authority = "指定管理者"
section = "生涯学習課"
calendar = "toshokan-hours.toml"

[[person]]
name = "さくら"
permission = "volunteer"
appointments = ["promotion_volunteer"]
facility = "kominkan-chuo"

[[person]]
name = "2"
permission = "ict_support"
employment = "municipal"

[retention]
daily = 3

[devices]
buttons = "gpio"
lamps = "gpio"
voice = "simulated"
button_lines = {"1" = 17, "2" = 22}
lamp_lines = {"1" = 27}

[voice]
volume = 60
"""
CALENDAR = """[hours]
monday = []
tuesday = {tuesday}
wednesday = []
thursday = []
friday = {friday}
saturday = {saturday}
sunday = []
holiday = []
[closed]
weekdays = ["monday"]
moves_after_holiday = true
year_end = ["12-29", "01-03"]
days = [2026-11-24, 2026-12-05]
"""


def test_the_page_makes_the_kit_that_a_file_at_the_office_would_make(
    first_box: StickFirstBox, stick: Path, tmp_path: Path
) -> None:
    first_box.make(described(TYPED | WHOLE), PASSPHRASE)
    office = tmp_path / "office"
    office.mkdir()
    days = {"tuesday": '["13:00-16:00"]', "friday": '["10:00-12:00", "13:00-16:00"]', "saturday": "[]"}
    (office / "calendar.toml").write_text(CALENDAR.format(**days), encoding="utf-8")
    days = {"tuesday": "[]", "friday": "[]", "saturday": '["10:00-18:00"]'}
    (office / "toshokan-hours.toml").write_text(CALENDAR.format(**days), encoding="utf-8")
    (office / "site.toml").write_text(THE_SAME, encoding="utf-8")
    assert read_kit(stick)[0].site == load_site(office / "site.toml")


def test_what_stands_in_the_form_at_first_is_what_a_small_town_has(first_box: StickFirstBox, stick: Path) -> None:
    first_box.make(SITE, PASSPHRASE)
    site = read_kit(stick)[0].site
    assert (site.people, site.retention, site.devices) == ((), Retention(), DevicesSection())
    assert site.voice == VoiceSection()
    hours = calendar_of(site.calendar_of(site.facilities[0]))
    assert [len(spans) for spans in hours.weekly] == [0, 1, 0, 0, 1, 0, 0]
    assert hours.on_holidays == ()
    assert hours.year_end is not None


def test_nothing_of_it_stays_on_the_box(first_box: StickFirstBox, tmp_path: Path) -> None:
    first_box.make(SITE, PASSPHRASE)
    assert [path.name for path in tmp_path.iterdir()] == ["stick"]


def test_a_box_without_a_stick_takes_the_folder_in_its_state(tmp_path: Path, stick: Path) -> None:
    state = tmp_path / "state"
    first_box = StickFirstBox(keys=tmp_path / "town-keys.toml", state=state, stick=tmp_path / "nowhere")
    assert first_box.municipality() == ""
    with pytest.raises(Invalid, match="town"):
        first_box.make(SITE, PASSPHRASE)
    shutil.copytree(stick, state / "first-box")
    assert first_box.municipality() == "999997"


@pytest.mark.parametrize(
    ("site", "passphrase", "field"),
    [
        (typed(municipality__code="999998"), PASSPHRASE, "municipality.code"),
        (typed(municipality__code="131016"), PASSPHRASE, "municipality.code"),
        (typed(municipality__kind="国"), PASSPHRASE, "municipality.kind"),
        (typed(municipality__hall=""), PASSPHRASE, "municipality.hall"),
        (typed(facility__1__id="", facility__1__name=""), PASSPHRASE, "facility"),
        (typed(facility__1__id="あ"), PASSPHRASE, "facility.1.id"),
        (typed(facility__1__authority="だれか"), PASSPHRASE, "facility.1.authority"),
        (typed(facility__1__hours__sunday="朝から"), PASSPHRASE, "facility.1.hours.sunday"),
        (typed(hours__tuesday="", hours__friday=""), PASSPHRASE, "hours.monday"),
        (typed(hours__tuesday="13時"), PASSPHRASE, "hours.tuesday"),
        (typed(hours__tuesday="16:00-13:00"), PASSPHRASE, "hours.tuesday"),
        (typed(hours__tuesday='13:00-16:00"] # x'), PASSPHRASE, "hours.tuesday"),
        (typed(closed__days="2026-02-30"), PASSPHRASE, "closed.days"),
        (typed(closed__first="12-32"), PASSPHRASE, "closed.first"),
        (typed(closed__last=""), PASSPHRASE, "closed.first"),
        (typed(closed__weekday="someday"), PASSPHRASE, "closed.weekday"),
        (typed(person__1__name="山田花子"), PASSPHRASE, "person.1.name"),
        (typed(person__2__name="さくら"), PASSPHRASE, "person.1.name"),
        (typed(person__1__name="さくら", person__1__permission="mayor"), PASSPHRASE, "person.1.permission"),
        (typed(person__1__name="さくら", person__1__facility="3"), PASSPHRASE, "person.1.facility"),
        (typed(devices__buttons="gpio", devices__button_lines__1="99"), PASSPHRASE, "devices.button_lines.1"),
        (typed(devices__buttons="gpio", devices__button_lines__1="a"), PASSPHRASE, "devices.button_lines.1"),
        (typed(devices__buttons="gpio", devices__button_lines__1=""), PASSPHRASE, "devices.button_lines"),
        (typed(voice__volume="101"), PASSPHRASE, "voice.volume"),
        (typed(voice__volume="大きく"), PASSPHRASE, "voice.volume"),
        (typed(retention__daily="0"), PASSPHRASE, "retention.daily"),
        (typed(retention__daily="一年"), PASSPHRASE, "retention.daily"),
        (typed(update_key="RWQ"), PASSPHRASE, "update_key"),
        (typed(receiver="ftp://example"), PASSPHRASE, "receiver"),
        (typed(preset="village"), PASSPHRASE, "preset"),
        (SITE, "ちがう合言葉です", "passphrase"),
    ],
)
def test_what_cannot_be_in_a_kit_is_named_and_nothing_is_written(
    first_box: StickFirstBox, stick: Path, site: Description, passphrase: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        first_box.make(site, passphrase)
    assert refused.value.field == field
    assert passphrase not in str(refused.value)
    assert not (stick / "site.kit").exists()
    assert not (stick / "kits").exists()


def test_a_stick_without_the_signing_key_is_named(first_box: StickFirstBox, stick: Path) -> None:
    TownFolder(stick).private("lists").unlink()
    with pytest.raises(Invalid) as refused:
        first_box.make(SITE, PASSPHRASE)
    assert refused.value.field == "town"


def test_a_box_with_keys_needs_no_kit(tmp_path: Path, first_box: StickFirstBox, stick: Path) -> None:
    assert first_box.is_needed()
    shutil.copy(stick / "town-keys.toml", tmp_path / "town-keys.toml")
    assert not first_box.is_needed()
