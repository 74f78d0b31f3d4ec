"""The town hall's verbs where somebody sits before them: sheets that are typed, codes that are compared."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.assembly.certifying import asked_sheet
from appliance.assembly.town import TownFolder, town_keys_of
from appliance.cli import main
from provisioning.paper import ROWS, Sheet
from sync.enrolment import code_of
from sync.keys import RecipientKey, load_private
from tests.configured import MUNICIPALITY
from tests.house.thirty import PASSPHRASE, run
from tests.provisioning.site import write_site


class Terminal(io.StringIO):
    """Somebody sits before it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def town(tmp_path: Path) -> TownFolder:
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n", encoding="utf-8")
    return TownFolder(tmp_path / "town")


def make_town(town: TownFolder, *more: str) -> list[str]:
    """The pages that come out of the printer."""
    said = run("town", "keys", "--code", MUNICIPALITY, *secret(town), *more)
    return said.split("\f") if said else []


def secret(town: TownFolder) -> tuple[object, ...]:
    return "--folder", town.path, "--passphrase-file", town.path.parent / "passphrase"


def rows_on(page: str) -> str:
    return "\n".join(line[8:] for line in page.splitlines() if line.startswith("   "))


def written(folder: Path, *pages: str) -> Iterator[object]:
    """The rows of each page, typed into a file of its own."""
    for number, page in enumerate(pages):
        path = folder / f"sheet{number}.txt"
        path.write_text(rows_on(page), encoding="utf-8")
        yield from ("--paper", path)


def test_two_equal_envelopes_and_the_file_are_the_default(town: TownFolder) -> None:
    first, second = make_town(town)
    assert rows_on(first) == rows_on(second) != ""
    assert "封筒 1" in first
    assert "封筒 2" in second
    key = RecipientKey.from_seed(load_private(town.private("recovery"), PASSPHRASE))
    assert key.public == town_keys_of(town).recovery


def test_a_sheet_is_tried_by_one_command_that_writes_nothing(town: TownFolder, tmp_path: Path) -> None:
    first, _ = make_town(town)
    before = sorted(tmp_path.rglob("*"))
    papers = list(written(tmp_path / "town", first))
    assert run("town", "recover", "--folder", town.path, "--test", *papers)
    assert sorted(tmp_path.rglob("*")) == sorted([*before, town.path / "sheet0.txt"])


def test_no_file_holds_a_key_that_three_people_share(town: TownFolder, tmp_path: Path) -> None:
    pages = make_town(town, "--recovery", "2-of-3")
    assert len({rows_on(page) for page in pages}) == 3
    assert not town.private("recovery").exists()
    for pair in (pages[:2], pages[1:], [pages[2], pages[0]]):
        assert run("town", "recover", "--folder", town.path, "--test", *written(tmp_path, *pair))
    words = ["town", "recover", "--folder", town.path, "--test", *written(tmp_path, pages[0])]
    assert main([str(word) for word in words]) == 1


@pytest.mark.parametrize(
    ("preset", "more", "sheets"),
    [("town", (), 2), ("city", (), 3), ("city", ("--recovery", "envelopes"), 2), ("city", ("--recovery", "file"), 0)],
)
def test_a_city_shares_its_recovery_key_among_three_unless_it_says_otherwise(
    town: TownFolder, preset: str, more: tuple[str, ...], sheets: int
) -> None:
    assert len(make_town(town, "--preset", preset, *more)) == sheets


@pytest.mark.parametrize("is_whole_page", [pytest.param(True, id="page"), pytest.param(False, id="rows")])
def test_a_sheet_may_be_typed_with_or_without_its_head(town: TownFolder, tmp_path: Path, is_whole_page: object) -> None:
    (tmp_path / "sheet").write_text(make_town(town)[1] if is_whole_page else rows_on(make_town(town)[0]), "utf-8")
    assert run("town", "recover", "--folder", town.path, "--test", "--paper", tmp_path / "sheet")


def test_what_is_wrong_with_the_sheets_is_said_in_words(
    town: TownFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    pages = make_town(town, "--recovery", "2-of-3")
    others = make_town(TownFolder(tmp_path / "other"), "--recovery", "2-of-3")
    one, two = list(written(tmp_path / "town", *pages[:2]))[1::2], list(written(tmp_path, *others[:2]))[1::2]
    swapped = tmp_path / "swapped"
    rows = rows_on(pages[0]).splitlines()
    swapped.write_text("\n".join([rows[1], rows[0], *rows[2:]]), encoding="utf-8")
    for papers, words in (
        ([one[0]], "紙が 足りません"),
        ([one[0], one[0]], "紙が 足りません"),
        (two, "この町の 控えの鍵では ありません"),
        ([one[0], two[1]], "この町の 控えの鍵では ありません"),
        ([swapped, one[1]], "row / 行: 1, 2"),
        ([tmp_path / "nowhere"], "ファイルを 読めません"),
    ):
        typed = [word for paper in papers for word in ("--paper", str(paper))]
        assert main(["town", "recover", "--folder", str(town.path), "--test", *typed]) == 1
        assert words in capsys.readouterr().err


def test_the_recovery_key_comes_back_from_paper(
    town: TownFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = make_town(town, "--recovery", "2-of-3")
    monkeypatch.setattr("sys.stdin", io.StringIO(rows_on(pages[2]) + rows_on(pages[1])))
    run("town", "recover", *secret(town))
    key = RecipientKey.from_seed(load_private(town.private("recovery"), PASSPHRASE))
    assert key.public == town_keys_of(town).recovery


def test_the_file_alone_prints_nothing(town: TownFolder) -> None:
    assert make_town(town, "--recovery", "file") == []
    assert town.private("recovery").exists()


def test_nothing_typed_is_refused_in_words(
    town: TownFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_town(town)
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["town", "recover", "--folder", str(town.path), "--test"]) == 1
    assert "紙の数字と 合いません" in capsys.readouterr().err


def test_only_rows_with_a_slip_are_asked_for_again() -> None:
    sheet = Sheet(number=2, secret=bytes(range(32)))
    typed = list(sheet.rows())
    typed[4] = typed[4][:-1] + str((int(typed[4][-1]) + 1) % 10)
    answers = iter([*typed, sheet.rows()[4]])
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return next(answers)

    assert asked_sheet(ask) == sheet
    assert len(asked) == ROWS + 1
    assert " 5" in asked[-1]


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("はい\n", 0), ("n\n", 1), ("\n", 1)])
def test_somebody_compares_the_code_with_the_screen_of_the_box(
    town: TownFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, status: int
) -> None:
    monkeypatch.setattr("sync.enrolment._CODE_KIBIBYTES", 64)
    make_town(town, "--recovery", "file")
    stick = tmp_path / "stick"
    stick.mkdir()
    run("provision", "kit", "--site", write_site(tmp_path / "site"), "--to", stick, *secret(town))
    config = tmp_path / "box" / "madoguchi.toml"
    run("enrol", "--config", config, "--stick", stick, "--facility", "toshokan")
    said = Terminal()
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    monkeypatch.setattr("sys.stdout", said)
    assert main([str(word) for word in ("town", "certify", "--stick", stick, *secret(town))]) == status
    request = (tmp_path / "box" / "state" / "enrolment.request").read_bytes()
    assert code_of(request) in said.getvalue()
    assert (stick / "enrol" / "0001.certificate").exists() is (status == 0)


def test_a_kit_is_made_for_the_town_whose_keys_are_there(town: TownFolder, tmp_path: Path) -> None:
    make_town(town, "--recovery", "file")
    site = write_site(tmp_path / "site")
    site.write_text(site.read_text(encoding="utf-8").replace(MUNICIPALITY, "011002"), encoding="utf-8")
    words = ["provision", "kit", "--site", site, "--to", tmp_path, *secret(town)]
    assert main([str(word) for word in words]) == 1
    assert not town.kits.exists()
