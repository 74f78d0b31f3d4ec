"""The file an officer takes along."""

import csv
import io
from urllib.parse import unquote

from tests.ui_office.screens import Screens
from ui.office.csv_file import csv_bytes
from ui.office.figures import figures
from ui.office.names import Names
from ui.office.question import Question


def download(screens: Screens, question: str = "") -> bytes:
    response = screens.officer().get(f"/office/statistics.csv{question}")
    assert (response.status_code, response.mimetype) == (200, "text/csv")
    return bytes(response.data)


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_bytes_are_what_a_japanese_spreadsheet_expects(screens: Screens) -> None:
    screens.desk.served(people=2)
    screens.bring()
    content = download(screens)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert "来所件数,visits,来所件数,1,件\r\n".encode() in content
    assert "延べ人数,people,延べ人数,2,人\r\n".encode() in content


def test_the_head_says_what_is_counted_and_how(screens: Screens) -> None:
    rows = rows_of(download(screens, "?period=year&topic=phone"))
    assert rows[0] == ["窓口の統計", "庁内限り"]
    assert rows[1] == ["期間", "令和8年4月1日から令和9年3月31日まで"]
    assert rows[3] == ["内容", "スマホの操作"]
    assert any(row[:2] == ["数え方", "相談内容別"] and "重複あり" in row[2] for row in rows)
    assert ["指標", "項目ID", "項目", "値", "単位"] in rows


def test_the_same_question_gives_the_same_bytes(screens: Screens) -> None:
    for topic in ("zeta", "phone", "alpha"):
        screens.desk.served(topics=(topic,))
    screens.bring()
    assert download(screens) == download(screens)
    topics = [row[1] for row in rows_of(download(screens)) if row and row[0] == "相談内容別"]
    assert topics[0] == "phone"
    assert topics[-2:] == ["alpha", "zeta"]


def test_days_are_days_however_long_the_period(screens: Screens) -> None:
    screens.desk.served()
    screens.bring()
    assert ["日別", "2026-11-21", "2026-11-21", "1", "件"] in rows_of(download(screens, "?period=year"))


def test_a_formula_in_a_name_stays_text(screens: Screens) -> None:
    for topic in ("=1+1", "@SUM(A1)", "-2", "＋3"):
        screens.desk.served(topics=(topic,))
    screens.bring()
    screens.office.pull()
    question = Question(first=screens.office.today, last=screens.office.today)
    found = screens.office.statistics(question.first, question.last)
    names = Names(municipality="=町", hall="町役場", topics={}, age_bands={}, outcomes={}, age_from={})
    rows = rows_of(csv_bytes([], found, figures(found, names, {}, question), []))
    cells = [cell for row in rows for cell in row]
    assert "'=1+1" in cells
    assert not any(cell.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) for cell in cells)


def test_paper_staffing_and_unsure_clocks_are_in_the_file(screens: Screens) -> None:
    screens.desk.tally("2026-11-20", visits=3, people=4)
    screens.desk.shift(b"\x01" * 16, minutes=90)
    screens.desk.quality = "unknown"
    screens.desk.visit()
    screens.bring()
    rows = rows_of(download(screens))
    for row in (
        ["来所件数", "visits", "来所件数", "4", "件"],
        ["うち紙の記録", "visits", "来所件数", "3", "件"],
        ["うち紙の記録", "people", "延べ人数", "4", "人"],
        ["時計がたしかでない記録", "unsure_clock", "時計がたしかでない記録", "1", "件"],
        ["窓口の体制", "promotion_volunteer.shifts", "デジタル推進委員 回数", "1", "回"],
        ["窓口の体制", "promotion_volunteer.minutes", "デジタル推進委員 時間", "90", "分"],
        ["窓口の体制", "promotion_volunteer.people", "デジタル推進委員 人数", "1", "人"],
        ["注意", "時計がたしかでない記録が1件あります（日付がずれているかもしれません）"],
    ):
        assert row in rows
    assert any(row[:2] == ["数え方", "窓口の体制"] for row in rows)
    assert any(row[:2] == ["数え方", "うち紙の記録"] for row in rows)


def test_the_file_has_a_japanese_name(screens: Screens) -> None:
    response = screens.officer().get("/office/statistics.csv?period=today")
    disposition = response.headers["Content-Disposition"]
    assert 'filename="statistics_2026-11-21_2026-11-21.csv"' in disposition
    assert "窓口統計_令和8年11月21日-令和8年11月21日_庁内限り.csv" in unquote(disposition)


def test_a_bad_question_is_answered_by_a_page(screens: Screens) -> None:
    response = screens.officer().get("/office/statistics.csv?period=custom&from=x")
    assert (response.status_code, response.mimetype) == (400, "text/html")
