import re
import sys
import time
from datetime import UTC, datetime, timedelta
from operator import add

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from appliance.desk.errors import Invalid
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.staff import StaffRole
from appliance.desk.guard import (
    HIDDEN,
    NEAR,
    Caution,
    ForbiddenText,
    check_memo,
    has_check_digit,
    holds_my_number,
    warnings_in,
    without,
)
from tests.fakes import FakeSealer, build_world

RIGHT = "123456789018"
"""A number nobody has been given, with a right check digit."""
WRONG = "123456789012"
KANJI = str.maketrans("0123456789", "〇一二三四五六七八九")
FORMAL = str.maketrans("0123456789", "零壱弐参四伍六七八九")
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")

REFUSED = [
    RIGHT,
    f"番号は{RIGHT}です",
    f"番号は{RIGHT}。控えました",
    "1234 5678 9018",
    "1234-5678-9018",
    "1234　5678　9018",
    "１２３４５６７８９０１８",
    "１２３４ー５６７８ー９０１８",
    "１２３４－５６７８－９０１８",
    "１２３４ｰ５６７８ｰ９０１８",
    "1234−5678−9018",
    "1234‐5678–9018",
    "1234—5678―9018",
    "1234─5678─9018",
    "1234・5678・9018",
    "1234･5678･9018",
    "1234 - 5678 - 9018",
    "1 2 3 4 5 6 7 8 9 0 1 8",
    "12-34-56-78-90-18",
    "123\u200b456\u200b789\u200b018",
    "1234\u00ad5678\ufeff9018",
    "1234\t5678\u00a09018",
    "一二三四五六七八九〇一八",
    "一二三四 五六七八 九〇一八",
    "壱弐参四伍六七八九零壱八",
    "一2３四5６七8９〇1８",
    "١٢٣٤٥٦٧٨٩٠١٨",
    "1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣9️⃣0️⃣1️⃣8️⃣",
    f"電話は090-1234-5678 番号は{RIGHT}",
    "090-1234-5678 1234-5678-9018",
    "1234-5678-9018 090-1234-5678",
    "2026/11/21 10:30 1234 5678 9018",
    "5 1234 5678 9018",
    "1234-5678-9018-2026",
    f"{RIGHT}2026",
    f"{RIGHT},{RIGHT}",
    f"{RIGHT}/{RIGHT}",
    f"カード\n{RIGHT}\nを持参",
    # the word beside twelve digits that have no check digit
    f"マイナンバー{WRONG}",
    f"マイナンバーは {WRONG}",
    f"マイナンバーカードの番号 {WRONG}",
    f"ﾏｲﾅﾝﾊﾞｰ：{WRONG}",
    f"まいなんばー {WRONG}",
    f"マ イ ナ ン バ ー　{WRONG}",
    f"マイ・ナンバー {WRONG}",
    f"My Number: {WRONG}",
    f"ＭＹＮＵＭＢＥＲ {WRONG}",
    f"個人番号 {WRONG}",
    "個 人 番 号 1234-5678-9012",
    f"こじんばんごうは{WRONG}",
    f"{WRONG} が マイナンバーだそうです",
    f"マイナンバー\n{WRONG}",
    "マイナンバー 一二三四五六七八九〇一二",
    f"マイナンバー {WRONG}3",
    f"マイナンバー{' ' * 60}{WRONG}",
]

WARNED = [
    ("暗証番号は1234", f"暗証番号は{HIDDEN}"),
    ("暗証番号は１２３４だそうです", f"暗証番号は{HIDDEN}だそうです"),
    ("暗証 1 2 3 4", f"暗証 {HIDDEN}"),
    ("暗証番号 12-34", f"暗証番号 {HIDDEN}"),
    ("暗 証 番 号 は 1234", f"暗 証 番 号 は {HIDDEN}"),
    ("あんしょうばんごう 一二三四", f"あんしょうばんごう {HIDDEN}"),
    ("PIN 1234", f"PIN {HIDDEN}"),
    ("ＰＩＮ：１２３４", f"ＰＩＮ：{HIDDEN}"),
    ("pinは1234", f"pinは{HIDDEN}"),
    ("パスワード1234", f"パスワード{HIDDEN}"),
    ("ﾊﾟｽﾜｰﾄﾞ 1234", f"ﾊﾟｽﾜｰﾄﾞ {HIDDEN}"),
    ("ぱすわーどは 1234", f"ぱすわーどは {HIDDEN}"),
    ("Password: 1234", f"Password: {HIDDEN}"),
    ("1234 を パスコードにした", f"{HIDDEN} を パスコードにした"),
    ("暗証番号 1234 と 5678", f"暗証番号 {HIDDEN} と {HIDDEN}"),
    ("暗証番号を 生まれた年の 1998 にした", f"暗証番号を 生まれた年の {HIDDEN} にした"),
    ("暗証\u200b番号は㊙1\u200b2\u200b3\u200b4", f"暗証\u200b番号は㊙{HIDDEN}"),
]

PASSED = [
    "",
    "孫の写真が開けない",
    "1998年に買ったパソコン",
    "令和8年11月21日",
    "2026",
    "1998 2003 2026",
    "2026/11/21 10:30",
    "2026年11月21日 10時30分",
    "2026-11-21 10:30",
    "2026-11-21 1030",
    "平成元年から 令和八年まで",
    "1,234円",
    "123,456,789,012円",
    "12万円",
    "1万2,345円 6,789円",
    "1234円と5678円と9018円",
    "03-1234-5678",
    "０３－１２３４－５６７８",
    "０３ー１２３４ー５６７８",
    "090-1234-5678",
    "0120-123-456",
    "0120-95-0178 24時間",
    "03(1234)5678",
    "03-1234-5678 090-1234-5678",
    "0742-23-1234 03-1234-5678",
    "09012345678 09087654321",
    "+81 90-1234-5678",
    "＋81-3-1234-5678 03-1234-5678",
    "11/21 03-1234-5678 に電話",
    "10:30 03-1234-5678",
    "03-1234-5678 10時に もう一度",
    "本町2-5 03-1234-5678",
    "〒123-4567 本町1-2-3",
    "〒123-4567 12345",
    "内線1234、5678、9018",
    "1234/5678/9018",
    "1234.5678.9018",
    "1234\n5678\n9018",
    "1234。5678。9018",
    "三人で来た。二回目。一階の窓口へ",
    "128 80 130 82",
    "血圧 128/80、130/82、126/78",
    "①電話 ②メール ③LINE",
    "03-1234-5678 ②もう一度",
    "12345678901",
    WRONG,
    "1234 5678 9012",
    "マイナンバーカードの更新、090-1234-5678",
    "マイナンバーカードの件 11/21 03-1234-5678",
    "マイナンバー総合フリーダイヤル 0120-95-0178",
    "マイナンバーカード 2026年11月21日 10:30",
    "マイナンバー ○○○○○○○○○○○○",
    "マイナンバー 0000-0000-0000",
    f"マイナンバー{'あ' * (NEAR + 1)}{WRONG}",
    "暗証番号を 3回 まちがえて ロックされた",
    "暗証番号は 4けた",
    "暗証番号を 2026年に かえた",
    "暗証番号の再設定 3,000円",
    "暗証番号の件 03-1234-5678",
    "暗証番号の予約 10:30",
    "パスワードは 2026/11/21 に変更",
    "Pinterest 1234",
    "shopping 1234",
    f"暗証番号{'あ' * (NEAR + 1)}1234",
    "内線1234",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_looks_like_a_my_number_is_refused(text: str) -> None:
    with pytest.raises(ForbiddenText):
        check_memo(text)


@pytest.mark.parametrize("text", PASSED)
def test_ordinary_digits_pass_without_a_word(text: str) -> None:
    check_memo(text)
    assert warnings_in(text) == ()
    assert without(text) == text


@pytest.mark.parametrize(("text", "cleaned"), WARNED)
def test_what_looks_like_a_pin_is_pointed_at_and_can_be_taken_out(text: str, cleaned: str) -> None:
    check_memo(text)
    assert all(isinstance(caution, Caution) for caution in warnings_in(text))
    assert without(text) == cleaned
    assert warnings_in(cleaned) == ()


def test_no_memo_is_no_trouble() -> None:
    check_memo(None)


def check_digit(first: str) -> str:
    """The rule as the law words it, from the last of the eleven digits to the first."""
    total = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(first), start=1))
    return str(0 if total % 11 <= 1 else 11 - total % 11)


numbers = st.from_regex(r"[0-9]{11}", fullmatch=True).filter(lambda first: first.strip("0")).map(
    lambda first: first + check_digit(first)
)  # fmt: skip
forms = st.sampled_from([{}, KANJI, FORMAL, WIDE])
joints = st.text(alphabet=" \t　\u00a0-‐‑–—―−ーｰ－・･·\u200b\u200d\u2060\ufeff\u00ad", max_size=3)
TELEPHONE_OR_DATE = re.compile(r"0\d{1,4}-\d{1,4}-\d{3,4}|(19|20)\d\d-\d{1,2}-\d{1,2}")


def shape(joint: str) -> str:
    """What a reader takes the joint for."""
    if any(letter.isspace() for letter in joint):
        return " "
    return "-" if any(letter.isprintable() for letter in joint) else ""


@given(number=numbers)
def test_every_number_with_its_check_digit_is_known(number: str) -> None:
    assert has_check_digit(number)
    others = [number[:-1] + digit for digit in "0123456789" if digit != number[-1]]
    assert not any(map(has_check_digit, others))


@given(number=numbers, form=forms, joint=joints, at=st.sets(st.integers(1, 11)))
def test_a_number_is_refused_wherever_it_is_parted(number: str, form: dict[int, str], joint: str, at: set[int]) -> None:
    parted = "".join((joint if index in at else "") + digit for index, digit in enumerate(number)).translate(form)
    for text in (parted, f"番号は{parted}です", f"電話 090-1234-5678、{parted}"):
        with pytest.raises(ForbiddenText):
            check_memo(text)


@given(number=numbers, form=forms, several=st.lists(joints, min_size=11, max_size=11))
def test_a_number_is_refused_however_its_digits_are_parted(
    number: str, form: dict[int, str], several: list[str]
) -> None:
    assume(not TELEPHONE_OR_DATE.search(number[0] + "".join(map(add, map(shape, several), number[1:]))))
    parted = number[0] + "".join(map(add, several, number[1:]))
    assert holds_my_number(parted.translate(form))


def test_twelve_digits_written_as_a_telephone_number_and_two_more_pass() -> None:
    number = "03123456781" + check_digit("03123456781")
    assert holds_my_number(number)
    assert not holds_my_number(f"{number[:2]}-{number[2:6]}-{number[6:10]} {number[10:]}")


@given(st.text(max_size=300))
def test_any_text_is_read_without_trouble(text: str) -> None:
    holds_my_number(text)
    assert warnings_in(without(text)) == ()


@given(st.text(alphabet="0123456789 -・暗証PIN年:/.,ー一二１２①\n", max_size=80))
def test_taking_out_once_is_enough_and_touches_nothing_else(text: str) -> None:
    cleaned = without(text)
    assert warnings_in(cleaned) == ()
    assert len(cleaned.split(HIDDEN)) - len(text.split(HIDDEN)) == len(warnings_in(text))


def test_somebody_who_types_every_character_there_is_changes_nothing() -> None:
    assert not holds_my_number("".join(map(chr, range(0x3400, 0x9FFF))))
    assert holds_my_number(RIGHT.translate(KANJI))
    assert without("暗証番号は1234") == f"暗証番号は{HIDDEN}"


def test_a_time_without_colons_is_refused_when_chance_gives_it_a_check_digit() -> None:
    begin = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
    times = [begin + timedelta(minutes=minute) for minute in range(1000)]
    refused = [time for time in times if holds_my_number(f"{time:%Y%m%d%H%M}")]
    assert 50 < len(refused) < 150
    assert not any(holds_my_number(f"{time:%Y/%m/%d %H:%M}") for time in times)


@pytest.mark.parametrize("text", REFUSED)
def test_the_error_repeats_no_digit(text: str) -> None:
    with pytest.raises(ForbiddenText) as caught:
        check_memo(text)
    error = caught.value
    assert isinstance(error, Invalid)
    assert (error.code, error.field) == ("forbidden_text", "memo")
    assert not any(letter.isdigit() for letter in f"{error} {error!r} {error.args} {error.detail}")
    assert error.__cause__ is error.__context__ is None


def test_a_refused_memo_is_neither_sealed_nor_stored() -> None:
    sealer = FakeSealer()
    world = build_world(sealer=sealer)
    entry = ConsultationEntry(topics=("phone",), age_band="75to84", outcome="resolved", memo=f"番号 {RIGHT}")
    with pytest.raises(ForbiddenText):
        world.desk.consultations.log(entry, by=StaffRole.PROMOTION_VOLUNTEER)
    assert sealer.sealed == []
    assert world.desk.logged_today() == []


LONGEST = {
    "sentences": "暗証番号を三回まちがえた。090-1234-5678 に 2026/11/21 10:30 に電話する。" * 50,
    "single digits": "1 " * 1000,
    "single digits with hyphens": "1-" * 1000,
    "telephone numbers": "090-1234-5678 " * 150,
    "words": "マイナンバー" * 400,
    "words and numbers": "個人番号 1234567890 12 " * 120,
    "words and PINs": "暗証 1234 " * 250,
    "spaces": "1" + " " * 1998 + "1",
    "gaps": ("1" + " " * 150) * 14,
    "letters of every kind": "".join(map(chr, range(0x4E00, 0x4E00 + 2000))),
}


@pytest.mark.skipif(sys.gettrace() is not None, reason="whoever counts lines slows them down")
@pytest.mark.parametrize("text", LONGEST.values(), ids=LONGEST)
def test_the_longest_memo_is_read_in_five_milliseconds(text: str) -> None:
    taken = []
    for _ in range(40):
        began = time.thread_time()
        holds_my_number(text[:2000])
        warnings_in(text[:2000])
        taken.append(time.thread_time() - began)
    assert min(taken) <= 0.005
