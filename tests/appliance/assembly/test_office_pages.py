from pathlib import Path

import pytest
from werkzeug.test import Client

from appliance.assembly.access import HashedTokens
from appliance.assembly.office_pages import OneOfficer, PaperTrial, office_app, office_catalogue
from appliance.assembly.town import TownFolder, make_town, municipality_of
from appliance.cli import main
from appliance.desk.errors import ConfigError, PackError
from provisioning.ceremony import Recovery, sheets
from tests.configured import MUNICIPALITY
from tests.sync.office.town import Town
from tests.sync.parts import RECIPIENT, RECOVERY, TOWN_KEYS

VILLAGE = """
code = "999997"
kind = "村"
name = "ためし村"
hall = "村役場"
hall_reading = "ソンヤクバ"
head = "村長"
section = "総務課"
telephone = "000-000-0001"
"""


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """The packs of a village, which has topics of its own besides its words."""
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "municipality.toml").write_text(VILLAGE, encoding="utf-8")
    (folder / "topics.toml").write_text('[[topic]]\nid = "bus"\nname = "バスの予約"\n', encoding="utf-8")
    return folder


def test_the_office_speaks_with_the_words_of_its_municipality(packs: Path, tmp_path: Path) -> None:
    town = Town(tmp_path)
    app = office_app(
        town.office(),
        catalogue=office_catalogue(packs, MUNICIPALITY),
        users=OneOfficer("somu", "731904"),
        tokens=HashedTokens({}),
    )
    browser = Client(app)
    page = browser.get("/office/sign-in").text
    assert "村役場の職員が使う画面です" in page
    assert "ためし村 窓口の統計" in page
    csrf = page.split('name="csrf" value="')[1].split('"')[0]
    browser.post("/office/sign-in", data={"csrf": csrf, "user": "somu", "pin": "731904"})
    statistics = browser.get("/office/statistics").text
    assert "バスの予約" in statistics
    assert "控えの鍵" not in statistics
    assert browser.get("/office/recovery").status_code == 404
    town.close()


def test_the_sheets_of_the_recovery_key_are_tried_and_what_is_wrong_is_said() -> None:
    trial = PaperTrial(TOWN_KEYS)
    (whole, _), (one, two, _) = (sheets(RECOVERY, how) for how in (Recovery.ENVELOPES, Recovery.TWO_OF_THREE))
    typed, first, second = ("\n".join(sheet.rows()) for sheet in (whole, one, two))
    assert trial.trouble([typed]) == ""
    assert trial.trouble([first, second]) == ""
    assert trial.trouble([first + second]) == ""
    for wrong, words in (
        ([], "紙が 足りません"),
        ([first], "紙が 足りません"),
        (["こんにちは"], "紙の数字と 合いません"),
        ([typed[:-1] + str((int(typed[-1]) + 1) % 10)], "行: 17"),
        (["\n".join(sheets(RECIPIENT, Recovery.ENVELOPES)[0].rows())], "この町の 控えの鍵では ありません"),
    ):
        assert words in trial.trouble(wrong)


def test_without_packs_of_its_own_the_built_in_ones_are_taken() -> None:
    assert office_catalogue(None, MUNICIPALITY).words.hall == "町役場"


def test_packs_of_another_municipality_are_refused(packs: Path) -> None:
    for content in (packs, None):
        with pytest.raises(ConfigError, match=r"the packs are of 999997, the keys of 131016"):
            office_catalogue(content, "131016")


def test_a_folder_that_is_not_there_is_no_folder_without_packs(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no such folder"):
        office_catalogue(tmp_path / "pack", MUNICIPALITY)


def test_the_command_says_so_before_it_asks_for_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = TownFolder(tmp_path / "town")
    make_town(folder, MUNICIPALITY, "合言葉は ながい")
    assert municipality_of(folder) == MUNICIPALITY
    words = ["town", "office", "--folder", str(folder.path), "--pin", "731904", "--content", str(tmp_path / "pack")]
    assert main(words) == 1
    assert "no such folder" in capsys.readouterr().err
