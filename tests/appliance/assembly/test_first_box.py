import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.assembly.first_box import StickFirstBox
from appliance.assembly.town import TownFolder, make_town
from appliance.desk.errors import Invalid
from provisioning.kit import digest_of, read_kit
from provisioning.shelf import KitShelf
from ui.desk.first_box_pages import Description

PASSPHRASE = "合言葉は ながい"
SITE = Description(
    municipality={
        "kind": "町",
        "code": "999997",
        "name": "見本町",
        "hall": "町役場",
        "hall_reading": "チョウヤクバ",
        "head": "町長",
        "section": "企画情報課",
        "telephone": "000-000-0000",
    },
    facilities=[
        {
            "id": "kominkan-chuo",
            "name": "中央公民館",
            "type": "公民館",
            "authority": "head",
            "section": "生涯学習課",
        }
    ],
    receiver="stick",
    preset="town",
)


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


def changed(**words: str) -> Description:
    return replace(SITE, municipality={**SITE.municipality, **words})


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
        (changed(code="999998"), PASSPHRASE, "municipality.code"),
        (changed(code="131016"), PASSPHRASE, "municipality.code"),
        (changed(kind="国"), PASSPHRASE, "municipality.kind"),
        (changed(hall=""), PASSPHRASE, "municipality.hall"),
        (replace(SITE, facilities=[]), PASSPHRASE, "facility"),
        (replace(SITE, facilities=[{**SITE.facilities[0], "id": "あ"}]), PASSPHRASE, "facility.1.id"),
        (replace(SITE, facilities=[{**SITE.facilities[0], "authority": "だれか"}]), PASSPHRASE, "facility.1.authority"),
        (replace(SITE, receiver="ftp://example"), PASSPHRASE, "receiver"),
        (replace(SITE, preset="village"), PASSPHRASE, "preset"),
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
