import csv
from datetime import UTC, datetime
from pathlib import Path

from sync.office.media import HEAD, Direction, MediaLine, register

AT = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


def line(*, by: str = "総務 太郎", records: int = 12) -> MediaLine:
    return MediaLine(at=AT, stick="3", direction=Direction.IN, records=records, by=by)


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8-sig").splitlines()))


def test_every_use_is_one_line_in_the_time_of_japan(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    register(path, line())
    register(path, line(records=0))
    assert rows(path) == [
        list(HEAD),
        ["2026-11-21 10:30", "3", "窓口から役場へ", "12", "総務 太郎"],
        ["2026-11-21 10:30", "3", "窓口から役場へ", "0", "総務 太郎"],
    ]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.read_bytes().count(b"\r\n") == 3


def test_a_name_is_neither_a_formula_nor_a_second_line(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    for by in ("=1+1", "a\r\nb", "＝HYPERLINK(1)", "a,b"):
        register(path, line(by=by))
    assert [row[4] for row in rows(path)[1:]] == ["'=1+1", "a b", "'＝HYPERLINK(1)", "a,b"]


def test_a_line_cut_short_by_a_power_cut_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    register(path, line())
    path.write_bytes(path.read_bytes()[:-5])
    register(path, line(records=7))
    assert rows(path)[-1][3] == "7"
    assert len(rows(path)) == 3
