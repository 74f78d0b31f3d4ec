import json
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.assembly.proving import own_log
from appliance.cli import main
from tests.configured import write_config

NUMBER = "123456789018"
"""A number nobody has been given, with a right check digit."""
DECOY = "ないしょのメモ デコイ-7391"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a desk that keeps one harmless file."""
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "pages.key").write_bytes(bytes(32))
    return write_config(tmp_path, port=1, receiver_port=2)


def test_a_clean_box_is_told_to_be_one(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["proof", "--config", str(config)]) == 0
    assert capsys.readouterr().out.splitlines() == ["禁止データ 0件", "ファイル 1個、32バイトを 読みました。"]


def test_what_is_found_is_told_by_file_and_kind_and_never_repeated(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "desk" / "note.txt").write_text(DECOY, encoding="utf-8")
    (tmp_path / "desk.log").write_text(NUMBER, encoding="utf-8")
    (tmp_path / "decoys").write_text(f"\n{DECOY}\n", encoding="utf-8")
    words = [
        "proof",
        "--config",
        str(config),
        "--log",
        str(tmp_path / "desk.log"),
        "--decoys",
        str(tmp_path / "decoys"),
    ]
    assert main(words) == 1
    said = capsys.readouterr().out
    assert "禁止データ 2件" in said
    assert "  note.txt  目印のことば" in said
    assert "  desk.log  マイナンバーのような数字" in said
    assert NUMBER not in said
    assert DECOY not in said
    assert main([*words, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["found"] == [{"path": "desk.log", "kind": "my_number"}, {"path": "note.txt", "kind": "decoy"}]
    assert (answer["files"], answer["unread"]) == (3, [])


def test_a_file_that_cannot_be_read_is_no_proof(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "desk" / "broken.db").write_bytes(b"SQLite format 3\0" + bytes(100))
    assert main(["proof", "--config", str(config)]) == 1
    said = capsys.readouterr().out
    assert "読めないファイルが 1個" in said
    assert "  broken.db  読めませんでした" in said


def test_words_that_cannot_be_read_are_a_mistake_in_the_command(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["proof", "--config", str(config), "--decoys", str(tmp_path / "nowhere")]) == 1
    answered = capsys.readouterr()
    assert answered.out == ""
    assert "decoys" in answered.err


def test_a_process_knows_the_file_that_takes_its_log(tmp_path: Path) -> None:
    path = tmp_path / "desk.log"
    asked = [sys.executable, "-c", "from appliance.assembly.proving import own_log; print(own_log())"]
    with path.open("wb") as log:
        to_a_file = subprocess.run(asked, stdout=subprocess.PIPE, stderr=log, check=True, text=True)
    to_a_pipe = subprocess.run(asked, capture_output=True, check=True, text=True)
    assert (to_a_file.stdout, to_a_pipe.stdout) == (f"{path}\n", "None\n")


def test_a_process_without_a_standard_error_has_no_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("appliance.assembly.proving._STANDARD_ERROR", tmp_path / "nothing")
    assert own_log() is None
