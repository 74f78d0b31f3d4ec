"""What is sent to whoever helps from afar holds nobody's data and no key."""

import json
import tarfile
from pathlib import Path

import pytest

from appliance.desk.facts.staff import Permission
from provisioning.doctor import examine
from provisioning.errors import CannotWrite
from provisioning.parcel import as_table, pack, settings_of
from tests.provisioning.boxes import AROUND, KeptBox

NAME, MEMO, PIN, LOGIN = "さくらのデコイ", "メモのデコイ 3f1b", "737373", "user:himitsu"


@pytest.fixture
def box(tmp_path: Path) -> KeptBox:
    box = KeptBox(tmp_path / "box")
    box.certify()
    text = box.place.config.read_text(encoding="utf-8").replace("[desk]", f"# {NAME} {PIN}\n[desk]")
    text = text.replace('receiver = ""', f'receiver = "https://{LOGIN}@town.example.jp/in/{PIN}"')
    box.place.config.write_text(text, encoding="utf-8")
    for name in ("people.toml", "desk.log", "note.txt"):
        (box.place.state / name).write_text(f"{NAME} {MEMO} {PIN} {Permission.VOLUNTEER}", encoding="utf-8")
    return box


def packed(box: KeptBox, path: Path) -> dict[str, bytes]:
    pack(path, config=box.place.config, found=examine(box.place.config, AROUND), around=AROUND)
    with tarfile.open(path, "r:gz") as parcel:
        return {
            entry.name.removeprefix("madoguchi-doctor/"): content.read()
            for entry in parcel
            if (content := parcel.extractfile(entry)) is not None
        }


def test_it_says_how_the_box_is(box: KeptBox, tmp_path: Path) -> None:
    contents = packed(box, tmp_path / "parcel.tar.gz")
    assert set(contents) == {"checks.json", "config.json", "versions.json", "units.json"}
    checks = {one["check"]: one for one in json.loads(contents["checks.json"])}
    assert checks["enrolment"]["detail"] == "box 7, kominkan-chuo"
    assert checks["pages"]["code"] == "D21"
    assert checks["pages"]["remedy"]["ja"]
    assert json.loads(contents["config.json"])["town"]["receiver"] == "https://town.example.jp"
    assert "cryptography" in json.loads(contents["versions.json"])["packages"]
    assert json.loads(contents["units.json"]) == {"madoguchi.service": {"ActiveState": "active"}}
    assert (tmp_path / "parcel.tar.gz").stat().st_mode & 0o777 == 0o600


def test_no_name_no_memo_no_key_is_in_it(box: KeptBox, tmp_path: Path) -> None:
    contents = b"".join(packed(box, tmp_path / "parcel.tar.gz").values())
    for decoy in (NAME, MEMO, PIN, LOGIN):
        assert decoy.encode() not in contents
        assert json.dumps(decoy)[1:-1].encode() not in contents
    key = box.place.device_key.read_bytes()
    assert key not in contents
    assert key.hex().encode() not in contents


@pytest.mark.parametrize(
    ("file", "wrong"),
    [
        ("madoguchi.toml", f'[devices]\nbuttons = "{NAME}"\n'),
        ("content/calendar.toml", f'[hours]\nmonday = ["{NAME}"]\n'),
    ],
)
def test_what_was_written_into_a_refused_file_is_not_quoted(
    box: KeptBox, tmp_path: Path, file: str, wrong: str
) -> None:
    path = box.place.config.parent / file
    before = "" if "calendar" in file else path.read_text(encoding="utf-8").partition("[devices]")[0]
    path.write_text(before + wrong, encoding="utf-8")
    refused = [one for one in examine(box.place.config, AROUND) if one.name.endswith("_refused")]
    assert NAME in refused[0].detail
    assert NAME.encode() not in b"".join(packed(box, tmp_path / "parcel.tar.gz").values())
    assert as_table(refused)[0]["detail"] == refused[0].detail


def test_settings_that_cannot_be_read_name_the_line(box: KeptBox) -> None:
    box.edit("[devices]", "[devizes]")
    assert settings_of(box.place.config) == {"refused": "devizes"}


def test_a_place_that_takes_nothing_is_told(box: KeptBox, tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match=r"parcel\.tar\.gz"):
        packed(box, tmp_path / "nowhere" / "parcel.tar.gz")
