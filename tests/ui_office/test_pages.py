"""What an officer sees, and who is kept out."""

import pytest

from tests.sync.office.town import TestDesk
from tests.ui_office.screens import PIN, USER, Screens, csrf_of, sign_in

PAGES = ["/office/", "/office/statistics", "/office/statistics.csv"]


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
    for path in ("/office/sign-in", "/office/statistics", "/office/nowhere"):
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
