"""What an officer sees, and who is kept out."""

from datetime import date

import pytest

from sync.schema import MATTER, ROLE
from tests.sync.office.town import NOON, TestDesk
from tests.ui_office.screens import NAMES, PIN, USER, Screens, csrf_of, sign_in
from ui.office.figures import figures
from ui.office.question import Question
from ui.office.wording import MATTERS, ROLES

PAGES = ["/office/", "/office/statistics", "/office/statistics.csv", "/office/security"]


def page(screens: Screens, question: str = "") -> str:
    response = screens.officer().get(f"/office/statistics{question}")
    assert response.status_code == 200
    return response.get_data(as_text=True)


# -------------------------------------------------------------------------------------------------------- who may look


@pytest.mark.parametrize("path", PAGES)
def test_nobody_looks_without_signing_in(screens: Screens, path: str) -> None:
    response = screens.client().get(path)
    assert (response.status_code, response.location) == (303, "/office/sign-in")


def test_a_wrong_pin_is_told_and_keeps_the_name(screens: Screens) -> None:
    response = sign_in(screens.client(), pin="0000")
    text = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "ちがいます" in text
    assert f'value="{USER}"' in text
    assert "0000" not in text


def test_guessing_is_slowed_down_and_the_right_pin_waits_as_well(screens: Screens) -> None:
    client = screens.client()
    for _ in range(5):
        assert sign_in(client, pin="0000").status_code == 422
    refused = sign_in(client)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
    assert sign_in(client, user="somebody else").status_code == 422
    screens.monotonic += 30
    assert sign_in(client).status_code == 303


def test_a_right_pin_forgets_the_wrong_ones(screens: Screens) -> None:
    client = screens.client()
    for _ in range(3):
        for _ in range(4):
            sign_in(client, pin="0000")
        assert sign_in(client).status_code == 303


def test_signing_in_needs_a_form_of_this_session(screens: Screens) -> None:
    client = screens.client()
    foreign = csrf_of(screens.client())
    for token in ("", "x", foreign):
        response = client.post("/office/sign-in", data={"csrf": token, "user": USER, "pin": PIN})
        assert response.status_code == 403
    assert client.get("/office/statistics").status_code == 303


def test_signing_out_needs_a_form_of_this_session(screens: Screens) -> None:
    client = screens.officer()
    assert client.post("/office/sign-out", data={"csrf": "x"}).status_code == 403
    assert client.get("/office/statistics").status_code == 200
    token = csrf_of(client, "/office/statistics")
    assert client.post("/office/sign-out", data={"csrf": token}).status_code == 303
    assert client.get("/office/statistics").status_code == 303


def test_a_stolen_cookie_is_worth_nothing_after_signing_out(screens: Screens) -> None:
    client, thief = screens.officer(), screens.client()
    cookie = client.get_cookie("madoguchi_office", path="/office/")
    assert cookie is not None
    thief.set_cookie("madoguchi_office", cookie.value, path="/office/")
    assert thief.get("/office/statistics").status_code == 200
    client.post("/office/sign-out", data={"csrf": csrf_of(client, "/office/statistics")})
    assert thief.get("/office/statistics").status_code == 303


def test_what_stood_in_the_session_before_the_sign_in_is_gone_after_it(screens: Screens) -> None:
    client = screens.client()
    before = csrf_of(client)
    sign_in(client)
    assert csrf_of(client, "/office/statistics") != before


def test_a_sign_in_that_nobody_uses_ends(screens: Screens) -> None:
    client = screens.officer()
    screens.monotonic += 59 * 60
    assert client.get("/office/statistics").status_code == 200
    screens.monotonic += 59 * 60
    assert client.get("/office/statistics").status_code == 200
    screens.monotonic += 61 * 60
    assert client.get("/office/statistics").status_code == 303


def test_the_cookie_is_for_this_office_only(screens: Screens) -> None:
    cookie = sign_in(screens.client()).headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/office/"))


def test_every_answer_has_the_strict_policy_and_no_inline_anything(screens: Screens) -> None:
    screens.desk.served()
    screens.bring()
    client = screens.officer()
    for path in ("/office/sign-in", "/office/statistics", "/office/security", "/office/nowhere"):
        response = client.get(path)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        text = response.get_data(as_text=True)
        assert not any(inline in text for inline in ("style=", "<style", "<script>", "onclick"))


# ---------------------------------------------------------------------------------------------------------- the numbers


def test_the_page_shows_names_and_numbers_with_their_definitions(screens: Screens) -> None:
    screens.desk.served(topics=("phone", "retired_topic"), people=3)
    screens.bring()
    text = page(screens)
    for words in (
        "来所件数",
        "延べ人数 3人",
        "スマホの操作",
        "retired_topic",
        "75〜84",
        "中央公民館",
        "11月21日（土）",
    ):
        assert words in text
    for words in ("庁内限り", "実人数は把握していません", "重複あり", "65歳以上（合計）", "75歳以上（合計）"):
        assert words in text


def test_a_day_is_the_default_of_nobody(screens: Screens) -> None:
    assert "令和8年11月1日から令和8年11月30日まで" in page(screens)


@pytest.mark.parametrize(
    ("question", "period"),
    [
        ("?period=today", "令和8年11月21日から令和8年11月21日まで"),
        ("?period=month", "令和8年11月1日から令和8年11月30日まで"),
        ("?period=year", "令和8年4月1日から令和9年3月31日まで"),
        ("?period=custom&from=2026-10-01&to=2026-10-02", "令和8年10月1日から令和8年10月2日まで"),
    ],
)
def test_periods(screens: Screens, question: str, period: str) -> None:
    assert period in page(screens, question)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("?period=custom&from=x&to=2026-10-02", "日付を 2026-11-21 の形で"),
        ("?period=custom&from=2026-10-02", "日付を 2026-11-21 の形で"),
        ("?period=custom&from=2026-10-02&to=2026-10-01", "終わりの日が 始めの日より 前です"),
        ("?period=decade", "その期間は ありません"),
        ("?facility=mars", "その施設は 登録されていません"),
        ("?topic=mars", "その相談内容は ありません"),
    ],
)
def test_filters_that_make_no_sense_come_back_with_what_is_wrong(screens: Screens, question: str, words: str) -> None:
    response = screens.officer().get(f"/office/statistics{question}")
    assert response.status_code == 422
    assert words in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("question", "way_out"),
    [
        ("?period=year&facility=chuo&topic=phone", "すべての内容で 見る"),
        ("?period=year&facility=nishi", "すべての施設で 見る"),
        ("?period=today", "今年度で 見る"),
        ("?period=custom&from=2020-01-01&to=2020-01-31", "今年度で 見る"),
        ("?period=year", "窓口の記録が 届くと"),
    ],
)
def test_an_empty_page_says_which_filter_to_loosen(screens: Screens, question: str, way_out: str) -> None:
    screens.town.admit(TestDesk(2, facility="nishi", facility_name="西公民館"))
    text = page(screens, question)
    assert "この条件の 記録は ありません" in text
    assert way_out in text


def test_the_strip_tells_how_old_the_numbers_are(screens: Screens) -> None:
    screens.desk.served()
    screens.bring()
    assert "11月21日（土）12:00 までに届いた記録です" in page(screens)
    screens.town.source.away = True
    assert "つながりません。11月21日（土）12:00 の情報です" in page(screens)


def test_words_of_a_lost_line_stand_nowhere_while_there_is_one(screens: Screens) -> None:
    screens.desk.served()
    screens.bring()
    lost = ("オフライン", "切れ", "つながっていません", "つながりません", "接続", "通信")
    assert not any(word in page(screens) for word in lost)


def test_missing_records_are_shown(screens: Screens) -> None:
    for _ in range(3):
        screens.desk.served()
    del screens.desk.bodies[2]
    screens.bring()
    assert "<div><dt>足りない</dt><dd>1</dd></div>" in page(screens)


def test_a_long_period_is_shown_by_month(screens: Screens) -> None:
    screens.desk.served()
    screens.bring()
    assert "令和8年11月</" in page(screens, "?period=year").replace("<svg", "</")


def test_names_from_outside_are_escaped(screens: Screens) -> None:
    screens.desk.served(topics=("<script>alert(1)</script>",))
    screens.bring()
    assert "<script>alert" not in page(screens)


# ------------------------------------------------------------------------------------------- paper, clocks and staffing


def test_the_share_from_paper_is_shown(screens: Screens) -> None:
    screens.desk.served(topics=("phone",))
    screens.bring()
    assert "うち紙の記録 " not in page(screens)
    screens.desk.tally("2026-11-20", visits=3, people=4, topics={"phone": 4}, age_bands={"75to84": 3})
    screens.bring()
    text = page(screens)
    assert "うち紙の記録 3件・4人" in text
    assert "紙の記録を ふくみます。" in text


def test_a_share_is_never_more_than_the_whole(screens: Screens) -> None:
    screens.desk.tally("2026-11-20", visits=1, people=4, topics={"phone": 4}, age_bands={"75to84": 3, "to39": 1})
    screens.bring()
    screens.office.pull()
    question = Question(first=date(2026, 11, 1), last=date(2026, 11, 30))
    found = screens.office.statistics(question.first, question.last)
    shares = [row.share or 0 for each in figures(found, NAMES, {"chuo": "中央公民館"}, question) for row in each.rows]
    assert max(shares) == 100


def test_unsure_clocks_are_told(screens: Screens) -> None:
    screens.desk.quality = "unknown"
    screens.desk.visit()
    screens.desk.visit()
    screens.bring()
    assert "時計が たしかでない記録が 2件 あります（日付が ずれているかもしれません）" in page(screens)
    screens.desk.anchor(NOON, shown=NOON)
    screens.bring()
    assert "時計が たしかでない記録が" not in page(screens)


def test_staffing_is_shown_by_role_and_without_persons(screens: Screens) -> None:
    for staff, minutes in ((b"\x0a" * 16, 120), (b"\x0b" * 16, 80)):
        screens.desk.shift(staff, minutes=minutes)
    screens.desk.shift(b"\x0c" * 16, role="facility_staff", minutes=30)
    screens.bring()
    text = page(screens)
    row = text.split('<th scope="row">デジタル推進委員</th>')[1].split("</tr>")[0]
    assert [cell.split("</td>")[0] for cell in row.split('"amount">')[1:]] == ["2", "3時間20分", "2"]
    assert "館の職員" in text
    assert "ICT支援員" not in text
    assert "0a0a0a" not in text


def test_the_last_closing_is_shown(screens: Screens) -> None:
    screens.desk.visit()
    screens.bring()
    assert "「きょうはおしまい」の記録は まだ ありません。" in page(screens)
    screens.desk.day_closed("2026-11-21", unsent=3)
    screens.bring()
    assert "さいごの「きょうはおしまい」は 11月21日（土）、そのとき 未送信 3件でした。" in page(screens)


# -------------------------------------------------------------------------------------------------------- what happened


def security(screens: Screens, question: str = "") -> str:
    response = screens.officer().get(f"/office/security{question}")
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_events_are_told_in_words_and_without_names(screens: Screens) -> None:
    screens.desk.incident("sign_in_refused", about=b"\x0b" * 16)
    screens.desk.incident("signed_in", by=b"\x0a" * 16)
    screens.bring()
    text = security(screens)
    assert text.index("使いはじめました") < text.index("暗証番号が ちがいました")
    for words in ("中央公民館", "令和8年11月21日 12:00", "箱の画面", "0a0a0a0a<", "0b0b0b0b<", "2件のうち 1／1ページ"):
        assert words in text
    assert "0a0a0a0a0a" not in text
    assert "機器を えらぶ" not in text


def test_every_matter_and_role_of_the_protocol_has_its_words() -> None:
    assert set(MATTERS) == set(MATTER.words)
    assert set(ROLES) == set(ROLE.words)


def test_events_are_paged(screens: Screens) -> None:
    for _ in range(60):
        screens.desk.incident()
    screens.bring()
    first, second = security(screens), security(screens, "?page=2")
    assert (first.count("<h3>"), second.count("<h3>")) == (50, 10)
    assert ("古いほうへ" in first, "新しいほうへ" in first) == (True, False)
    assert ("古いほうへ" in second, "新しいほうへ" in second) == (False, True)
    for strange in ("x", "-1", "0", "99999999999999999999", "１", "9" * 5000):
        assert "ページ" in security(screens, f"?page={strange}")


def test_each_device_has_its_own_events(screens: Screens) -> None:
    other = TestDesk(2, facility="nishi", facility_name="西公民館")
    screens.town.admit(other)
    screens.desk.incident("set_up")
    other.incident("locked_out")
    screens.town.source.bring(screens.desk, other)
    assert "しばらく使えなくしました" in security(screens, f"?device={other.device.hex()}")
    assert "はじめの設定を" not in security(screens, f"?device={other.device.hex()}")
    assert "機器を えらぶ" in security(screens)
    assert screens.officer().get("/office/security?device=ffff").status_code == 404


def test_an_event_of_an_unsure_clock_is_marked(screens: Screens) -> None:
    screens.desk.quality = "unknown"
    screens.desk.incident()
    screens.bring()
    assert "（時計が たしかでない記録）" in security(screens)


def test_no_events_are_an_empty_page(screens: Screens) -> None:
    assert "安全の記録は まだ ありません" in security(screens)


def test_the_place_of_an_event_is_escaped(screens: Screens) -> None:
    values = {"matter": "signed_in", "by": None, "about": None, "place": "<script>alert(1)</script>"}
    screens.desk.record("security_event", values)
    screens.bring()
    assert "<script>alert" not in security(screens)
