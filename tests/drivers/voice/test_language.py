"""The one voice is Japanese; what it would garble is told apart."""

from pathlib import Path

import pytest

from drivers.voice.language import is_spoken

SENTENCES = (Path(__file__).parent / "sentences.txt").read_text(encoding="utf-8").splitlines()


def test_every_sentence_of_the_desk_is_spoken() -> None:
    assert [line for line in SENTENCES if not is_spoken(line.split(" | ")[0])] == []


@pytest.mark.parametrize(
    "text", ["QRコードを 見せてください。", "ＱＲコードを 見せてください。", "e-Taxの方", "Wi-Fiは ありません"]
)
def test_words_that_are_read_right_are_spoken(text: str) -> None:
    assert is_spoken(text, "ja-JP")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Please wait.",
        "Please お待ちください。",
        "Ｐｌｅａｓｅ お待ちください。",
        "请到窗口。",
        "잠시만 기다려 주세요.",
        "カード를 주세요",
        "Подождите です",
        "Xin chờ một chút ね",
        "1234",
        "مرحبا の",
    ],
)
def test_what_the_engine_would_garble_is_not(text: str) -> None:
    assert not is_spoken(text)


@pytest.mark.parametrize("language", ["en", "zh-Hans", "vi", "pt-BR", ""])
def test_a_sentence_marked_as_another_language_is_not_spoken(language: str) -> None:
    assert not is_spoken("はい。", language)
