import re

import pytest

from appliance.content import load_catalogue
from appliance.desk.facts.calendar import spoken
from tests.fakes import NOON
from ui.desk.kiosk_pages import POINTING
from ui.desk.kiosk_words import (
    JAPANESE,
    LANGUAGES,
    WORDS,
    language_of,
    minutes,
    opening,
    people,
    with_furigana,
    without_furigana,
)

CODES = ["ja", "easy", "en", "zh", "vi", "pt"]
KANJI = re.compile(r"[一-鿿々]")
KANA = re.compile(r"[ぁ-ゖァ-ヺ]")
LONGEST = {
    "press": 24,
    "again": 20,
    "language": 12,
    "write": 12,
    "point": 12,
    "staff": 16,
    "back": 12,
    "write_clear": 12,
}
"""What has to fit on a button; everything else is a sentence."""
SENTENCE = 100


def test_every_word_is_there_in_every_language() -> None:
    assert [language.code for language in LANGUAGES] == CODES
    for key, texts in WORDS.items():
        assert list(texts) == CODES, key
        assert all(text.strip() == text and text for text in texts.values()), key


@pytest.mark.parametrize("code", ["ja", "easy"])
def test_every_kanji_has_its_reading(code: str) -> None:
    """Names of other languages and blanks filled in by the program apart, nobody is left alone with a kanji."""
    for key, texts in WORDS.items():
        html = str(with_furigana(texts[code]))
        bare = re.sub(r"<ruby>.*?</ruby>", "", html)
        assert not KANJI.search(bare), key
        assert "《" not in html, key
        for reading in re.findall(r"<rt>(.*?)</rt>", html):
            assert re.fullmatch(r"[ぁ-ゖー]+", reading), key


def test_no_other_language_is_written_in_japanese() -> None:
    for key, texts in WORDS.items():
        for code in ("en", "zh", "vi", "pt"):
            text = texts[code].replace("オフライン", "") if key == "lost" else texts[code]
            assert not KANA.search(text), f"{key} {code}"
            assert code == "zh" or not KANJI.search(text), f"{key} {code}"


def test_what_stands_on_a_button_is_short() -> None:
    for key, texts in WORDS.items():
        if key in {"weekdays", "months"}:
            continue
        for code, text in texts.items():
            assert len(without_furigana(text)) <= LONGEST.get(key, SENTENCE), f"{key} {code}"


def test_a_text_has_the_same_blanks_in_every_foreign_language() -> None:
    for key in ("call_ahead", "wait_range", "wait_short", "wait_unknown"):
        numbers = {code: set(re.findall(r"\{(low|high|count|people)\}", WORDS[key][code])) for code in CODES}
        numbers = {code: {"count" if name == "people" else name for name in found} for code, found in numbers.items()}
        assert len({frozenset(found) for found in numbers.values()}) == 1, key


def test_the_screen_says_in_japanese_what_the_voice_says() -> None:
    phrases = load_catalogue().phrases
    for key in ("call_raised", "call_answered", "call_unattended", "call_unattended_hurry", "call_impossible"):
        assert JAPANESE.plain(key) == phrases[key]
    assert without_furigana(WORDS["call_ahead"]["ja"]).replace("{people}", "{count}人") == phrases["call_ahead"]


def test_nothing_promises_anybody_while_nobody_is_there() -> None:
    for key in ("call_unattended", "away", "closed", "call_impossible", "recorded", "lost", "call_unattended_hurry"):
        for code in ("ja", "easy"):
            assert not re.search(
                "まいり|来ます|おうかがい|もどります|お呼びします", without_furigana(WORDS[key][code])
            ), key


def test_the_next_opening_is_told_in_the_words_of_the_voice() -> None:
    for day in range(1, 31):
        begin = NOON.replace(month=11, day=day, hour=1, minute=30)
        html = str(opening(JAPANESE, begin))
        told = re.sub(r"<rp>.*?</rp>|<rt>.*?</rt>|<[^>]+>", "", html)
        assert told == f"{spoken(begin)}。"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "Opens next: Saturday, 21 November, 10:00."),
        ("zh", "下次开放：11月21日 星期六 10:00。"),
        ("vi", "Mở cửa lần tới: thứ Bảy, 21/11, 10:00."),
        ("pt", "Próxima abertura: sábado, 21 de novembro, 10:00."),
    ],
)
def test_the_next_opening_is_told_in_other_languages(code: str, words: str) -> None:
    assert str(opening(language_of(code), NOON.replace(month=11, day=21, hour=1, minute=0))) == words


def test_numbers_are_read_as_people_read_them() -> None:
    assert [people(count) for count in (1, 2, 3)] == ["｜1人《ひとり》", "｜2人《ふたり》", "3人《にん》"]
    assert [minutes(count) for count in (5, 10, 15, 30)] == ["分《ふん》", "分《ぷん》", "分《ふん》", "分《ぷん》"]


def test_a_text_from_outside_is_no_markup() -> None:
    assert str(with_furigana("<b>漢《かん》&")) == ("&lt;b&gt;<ruby>漢<rp>（</rp><rt>かん</rt><rp>）</rp></ruby>&amp;")
    assert "<i>" not in str(with_furigana("｜<i>《<i>》"))


def test_a_language_nobody_offers_is_japanese() -> None:
    assert language_of("<script>") is JAPANESE
    assert language_of("") is JAPANESE


def test_every_word_to_point_at_is_there_and_no_other() -> None:
    assert set(POINTING) == {key for key in WORDS if key.startswith("point_")} - {"point_title"}
