from datetime import date
from pathlib import Path

import pytest

from appliance.assembly.roster_seed import load_roster_seed
from appliance.desk.errors import ConfigError
from appliance.desk.facts.staff import Employment, Permission, StaffRole

WHOLE = """
[[person]]
name = "さくら"
permission = "volunteer"
pin = "482913"
appointments = ["promotion_volunteer", "instructor"]
employment = "npo"
appointed_on = 2026-04-01
pledged_on = 2026-04-02
until = 2027-03-31

[[person]]
name = "2"
permission = "ict_support"
pin = "937481"
"""
LEAST = {"name": '"さくら"', "permission": '"volunteer"', "pin": '"482913"'}


def seed_file(folder: Path, text: str) -> Path:
    path = folder / "people.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_kit_brings_its_people_along(tmp_path: Path) -> None:
    first, second = load_roster_seed(seed_file(tmp_path, WHOLE))
    assert first.pin == "482913"
    assert first.entry.appointments == {StaffRole.PROMOTION_VOLUNTEER, StaffRole.INSTRUCTOR}
    assert (first.entry.employment, first.entry.until) == (Employment.NPO, date(2027, 3, 31))
    assert (second.entry.name, second.entry.permission) == ("2", Permission.ICT_SUPPORT)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", '"山田花子"'),
        ("name", "1"),
        ("permission", '"king"'),
        ("pin", '"111111"'),
        ("pin", '"48291"'),
        ("pin", "482913"),
        ("appointments", '["king"]'),
        ("appointments", '"instructor"'),
        ("employment", '"king"'),
        ("until", '"2027-03-31"'),
        ("until", "2027-03-31T10:00:00"),
        ("colour", '"red"'),
    ],
)
def test_what_cannot_be_right_is_named_and_no_pin_is_repeated(tmp_path: Path, key: str, value: str) -> None:
    person = LEAST | {key: value}
    text = "[[person]]\n" + "\n".join(f"{name} = {said}" for name, said in person.items())
    with pytest.raises(ConfigError) as refused:
        load_roster_seed(seed_file(tmp_path, text))
    assert refused.value.key.startswith("person.1.")
    assert "482913" not in str(refused.value)
    assert "48291" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "[person]", "x = 1", "person = [1]", "person = []", "[[person]]\n[more]", "[[", "\0"]
)
def test_a_file_that_is_no_roster_is_refused_in_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        load_roster_seed(seed_file(tmp_path, text))


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_roster_seed(tmp_path / "people.toml")
