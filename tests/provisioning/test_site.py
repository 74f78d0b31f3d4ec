from datetime import date
from pathlib import Path

import pytest

from appliance.desk.errors import ConfigError, PackError
from appliance.desk.facts.staff import Employment, Permission
from provisioning.site import load_site
from tests.provisioning.site import SITE, write_site


def test_a_description_is_read_whole(tmp_path: Path) -> None:
    site = load_site(write_site(tmp_path))
    assert (site.words.code, site.words.kind, site.words.hall) == ("999997", "町", "町役場")
    assert (site.preset, site.receiver, len(site.update_key)) == ("town", "", 42)
    assert [(one.id, one.type, one.authority) for one in site.facilities] == [
        ("kominkan-chuo", "公民館", "教育委員会"),
        ("toshokan", "図書館", "指定管理者"),
    ]
    assert (site.devices.button_lines, site.devices.lamp_lines) == ({"1": 17}, {"1": 27})
    assert (site.retention.daily, site.retention.reports, site.retention.grants) == (1, 5, 5)


def test_every_facility_has_the_hours_of_the_site_or_its_own(tmp_path: Path) -> None:
    site = load_site(write_site(tmp_path))
    hall, library = site.facilities
    assert "13:00-16:00" in site.calendar_of(hall)
    assert "10:00-18:00" in site.calendar_of(library)


def test_people_belong_to_a_facility_or_to_all(tmp_path: Path) -> None:
    site = load_site(write_site(tmp_path))
    sakura, support = site.people_at("kominkan-chuo")
    assert (sakura.name, sakura.until) == ("さくら", date(2027, 3, 31))
    assert (support.permission, support.employment) == (Permission.ICT_SUPPORT, Employment.CONTRACTOR)
    assert site.people_at("toshokan") == (support,)


def test_what_a_calendar_says_in_comments_does_not_travel(tmp_path: Path) -> None:
    site = load_site(write_site(tmp_path))
    assert all("himitsu" not in text and "afternoons" not in text for text in site.calendars.values())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param('preset = "town"', 'presett = "town"', "did you mean 'preset'", id="a slip in a key"),
        pytest.param('preset = "town"', 'preset = "twon"', "did you mean 'town'", id="a slip in a preset"),
        pytest.param("999997", "999998", "check digit", id="a wrong check digit"),
        pytest.param('code = "999997"', "code = 999997", "municipality.code", id="a code that is a number"),
        pytest.param('kind = "町"', 'kind = "郡"', "kind must be one of", id="no kind of municipality"),
        pytest.param('hall = "町役場"\n', "", "municipality.hall", id="a word is missing"),
        pytest.param(
            'section = "企画情報課"', 'sektion = "企画情報課"', "did you mean 'section'", id="a word misspelt"
        ),
        pytest.param('type = "公民館"', 'type = "公民かん"', "did you mean '公民館'", id="a slip in a type"),
        pytest.param("教育委員会", "市長部局", "did you mean '町長部局'", id="a town is no city"),
        pytest.param('id = "toshokan"', 'id = "kominkan-chuo"', "there twice", id="two facilities of one id"),
        pytest.param('id = "toshokan"', 'id = "図書館"', "ASCII", id="an id in kanji"),
        pytest.param('name = "町立図書館"', 'name = "町立\\n図書館"', "one line", id="a name of two lines"),
        pytest.param('receiver = "stick"', 'receiver = "sticks"', "https://", id="no address"),
        pytest.param('"stick"', '"https://a:b@example.jp"', "no secret", id="a password in an address"),
        pytest.param('"hours.toml"', '"hour.toml"', "cannot be read", id="no such calendar"),
        pytest.param('update_key = "RWQ', 'update_key = "RW', "minisign", id="half a key"),
        pytest.param("daily = 1", "daily = 0", "retention.daily", id="nothing is kept"),
        pytest.param(
            "[municipality]", "card_check = 1\n[municipality]", "card_check: must be", id="neither yes nor no"
        ),
        pytest.param("daily = 1", "dayly = 1", "did you mean 'daily'", id="a slip in a class"),
        pytest.param('{"1" = 17}', '{"1" = 99}', "GPIO", id="no such line"),
        pytest.param('name = "さくら"', 'name = "山田花子"', "person.1.name", id="a real name"),
        pytest.param('facility = "kominkan-chuo"', 'facility = "kominkan"', "did you mean", id="a facility nobody has"),
        pytest.param('name = "2"', 'name = "2"\npin = "482913"', "holds no PIN", id="a PIN"),
        pytest.param("[retention]", 'wifi_password = "x"\n[retention]', "person.2.wifi_password", id="one too deep"),
        pytest.param('preset = "town"', 'wifi_password = "abc"', "no secret", id="a Wi-Fi password"),
        pytest.param('preset = "town"', 'office_token = "abc"', "no secret", id="a token"),
        pytest.param("[municipality]", "[municipality", "cannot be read", id="no TOML"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in SITE
    with pytest.raises((ConfigError, PackError), match=words):
        load_site(write_site(tmp_path, SITE.replace(old, new, 1)))


def test_a_refusal_repeats_no_secret(tmp_path: Path) -> None:
    for secret in ('wifi_password = "himitsu"', 'pin = "himitsu"'):
        with pytest.raises(ConfigError) as refused:
            load_site(write_site(tmp_path, f"{secret}\n{SITE}"))
        assert "himitsu" not in str(refused.value)


def test_a_city_says_where_its_receiver_is(tmp_path: Path) -> None:
    city = SITE.replace('preset = "town"', 'preset = "city"')
    assert load_site(write_site(tmp_path, city)).receiver == ""
    with pytest.raises(ConfigError, match="a city says where"):
        load_site(write_site(tmp_path, city.replace('receiver = "stick"\n', "")))


def test_a_site_without_facilities_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="facility"):
        load_site(write_site(tmp_path, SITE.partition("[[facility]]")[0]))


def test_what_is_left_out_is_what_a_small_town_has(tmp_path: Path) -> None:
    lines = ("preset", "receiver", "calendar", "update_key")
    text = "\n".join(line for line in SITE.partition("[[person]]")[0].splitlines() if not line.startswith(lines))
    site = load_site(write_site(tmp_path, text))
    assert (site.preset, site.receiver, site.update_key, site.people) == ("town", "", b"", ())
    assert site.calendar_of(site.facilities[0]) == ""
    assert site.devices.buttons == "absent"


def test_a_site_says_how_voices_speak_but_not_where_a_box_has_its_loudspeaker(tmp_path: Path) -> None:
    site = load_site(write_site(tmp_path, f"{SITE}\n[voice]\nvolume = 60\n"))
    assert site.voice.volume == 60
    assert [one.kind.value for one in site.facilities] == ["community_centre", "library"]
    for wrong, words in (("volume = 101", "0 to 100"), ('sound_card = "default"', "differs from box to box")):
        with pytest.raises(ConfigError, match=words):
            load_site(write_site(tmp_path, f"{SITE}\n[voice]\n{wrong}\n"))
