"""The verbs that look at a box, called as a person types them."""

import json
from pathlib import Path

import pytest

from appliance.assembly.labelling import address_of
from appliance.assembly.notices import Kept, NoticeFolder, PackState
from appliance.cli import main
from appliance.config import ServerSection
from provisioning.label import FONTS
from tests.provisioning.boxes import KeptBox


@pytest.fixture(autouse=True)
def quick_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.enrolment._CODE_KIBIBYTES", 64)
    monkeypatch.setattr("sync.enrolment._CODE_PASSES", 1)


@pytest.fixture
def box(tmp_path: Path) -> KeptBox:
    return KeptBox(tmp_path / "box")


def typed(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    status = main([str(word) for word in words])
    return status, capsys.readouterr().out


def test_the_doctor_says_first_what_a_person_has_to_do(
    box: KeptBox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    status, said = typed(capsys, "doctor", "--config", box.place.config)
    lines = said.splitlines()
    assert status == 1
    assert lines[0].startswith("人の手が いるところが ")
    assert lines[1].startswith("✕ D05  登録を 待っています。")
    assert lines[2].startswith("       → 画面の 符号を 役場に 伝え")
    ill = sum(line.startswith("✕") for line in lines)
    assert f" {ill}か所 " in lines[0].replace("が ", "が  ", 1)
    assert [line[0] for line in lines if line[0] in "✕✓・"] == sorted(
        (line[0] for line in lines if line[0] in "✕✓・"), key=lambda mark: mark != "✕"
    )


def test_the_doctor_speaks_english_too(
    box: KeptBox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    _, said = typed(capsys, "doctor", "--config", box.place.config)
    assert "things need a person." in said
    assert "The desk's pages do not answer." in said


def test_the_doctor_tells_programs_in_one_line(
    box: KeptBox, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    parcel = tmp_path / "parcel.tar.gz"
    status, said = typed(capsys, "doctor", "--config", box.place.config, "--json", "--bundle", parcel)
    answer = json.loads(said)
    assert (status, answer["well"]) == (1, False)
    waits = next(one for one in answer["checks"] if one["code"] == "D05")
    assert (waits["finding"], waits["state"]) == ("enrolment_waits", "ill")
    assert parcel.is_file()


def test_the_parcel_is_announced(box: KeptBox, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _, said = typed(capsys, "doctor", "--config", box.place.config, "--bundle", tmp_path / "parcel.tar.gz")
    assert str(tmp_path / "parcel.tar.gz") in said.splitlines()[-1]


def test_the_status_of_a_stopped_box(box: KeptBox, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = typed(capsys, "status", "--config", box.place.config, "--json")
    answer = json.loads(said)
    assert status == 0
    assert answer.pop("oldest_unsent_at").startswith("20")
    assert answer.pop("version")
    assert answer == {
        "facility": "中央公民館",
        "desk": 1,
        "runs": False,
        "opened_at": None,
        "unsent": 3,
        "town_answered_at": None,
        "enrolment": "waits",
        "box": 7,
        "content": None,
        "content_next": None,
        "content_refused": None,
        "content_refused_why": "",
        "address": "http://127.0.0.1:8080",
    }


def packs_of(box: KeptBox, capsys: pytest.CaptureFixture[str]) -> list[str]:
    _, said = typed(capsys, "status", "--config", box.place.config)
    return [line.partition(": ")[0] for line in said.splitlines()[6:]]


def test_the_status_says_which_packs_of_the_town_hall_are_in_use(
    box: KeptBox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("TZ", "UTC")
    folder = NoticeFolder(box.place.state)
    assert packs_of(box, capsys) == ["Content packs"]
    folder.note(PackState(in_force=1_795_230_000_000))
    folder.write("content", Kept(number=1_795_230_000_000, says={}))
    _, said = typed(capsys, "status", "--config", box.place.config)
    assert said.splitlines()[6:] == ["Content packs: the office's of 2026-11-21 03:00."]
    folder.write("content", Kept(number=1_795_230_060_000, says={}))
    assert packs_of(box, capsys) == ["Content packs", "From the next start"]
    folder.note(PackState(in_force=1_795_230_000_000, refused=1_795_230_120_000, why="topics.toml: phone"))
    _, said = typed(capsys, "status", "--config", box.place.config)
    assert said.splitlines()[-1].endswith("03:02 cannot be used; those before are: topics.toml: phone")


@pytest.mark.parametrize(("enrolled", "words"), [(True, "登録 箱 7番。"), (False, "登録を 待っています（箱 7番）。")])
def test_the_status_is_one_screen(
    box: KeptBox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, enrolled: bool, words: str
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    if enrolled:
        box.certify()
    _, said = typed(capsys, "status", "--config", box.place.config)
    lines = said.splitlines()
    assert len(lines) == 7
    assert lines[0].startswith("中央公民館  窓口 1")
    assert lines[1:3] == ["窓口は 動いていません（http://127.0.0.1:8080）。", "しまっています。"]
    assert lines[3].startswith("町へ 未送信 3件（いちばん古いもの 20")
    assert lines[4:6] == ["町は まだ 答えたことが ありません。", words]
    assert lines[6] == "内容パックは この箱のもの（役場のものは 使っていません）。"


def test_a_box_on_which_no_desk_has_run_yet_has_a_status(box: KeptBox, capsys: pytest.CaptureFixture[str]) -> None:
    box.database.unlink()
    box.place.request.unlink()
    _, said = typed(capsys, "status", "--config", box.place.config, "--json")
    answer = json.loads(said)
    assert (answer["unsent"], answer["enrolment"], answer["box"]) == (0, "by_hand", None)


@pytest.mark.skipif(not any(font.is_file() for font in FONTS), reason="no Japanese font is installed")
def test_the_acceptance_sheet_is_made(box: KeptBox, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, said = typed(capsys, "provision", "label", "--config", box.place.config, "--out", tmp_path / "sheet.pdf")
    assert (status, str(tmp_path / "sheet.pdf") in said) == (0, True)
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("server", "address"),
    [
        (ServerSection(), ""),
        (ServerSection(host="::1"), ""),
        (ServerSection(host="localhost"), ""),
        (ServerSection(host="192.168.1.20"), "http://192.168.1.20:8080/"),
        (ServerSection(host="fd00::1"), "http://[fd00::1]:8080/"),
        (ServerSection(host="0.0.0.0", names=("madoguchi.example.jp",)), "http://madoguchi.example.jp:8080/"),  # noqa: S104
        (ServerSection(host="desk.example.jp", port=80), "http://desk.example.jp:80/"),
        (ServerSection(names=("madoguchi.example.jp",), behind_tls=True), "https://madoguchi.example.jp/"),
    ],
)
def test_the_address_is_what_other_machines_type(server: ServerSection, address: str) -> None:
    assert address_of(server) == address


def test_a_box_without_a_name_is_called_by_that_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "hako7")
    assert address_of(ServerSection(host="0.0.0.0")) == "http://hako7.local:8080/"  # noqa: S104
