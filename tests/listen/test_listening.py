"""A stranger who only listens understands what the voice says; `make listen` tries every sentence."""

import pytest

from tests.listen.__main__ import MOST_WRONG, summary
from tests.listen.listening import MODEL, PYTHON, Heard, distance, letters, listen, sentences


def test_the_distance_of_two_words_is_what_has_to_be_changed() -> None:
    pairs = [("カタ", "カタ"), ("カタ", "ホー"), ("カカリ", "カリ"), ("", "アイ"), ("ドーゾ", "ドゾー")]
    assert [distance(*pair) for pair in pairs] == [0, 2, 1, 2, 2]


def test_pauses_and_marks_are_nobodys_mistake() -> None:
    assert letters("ハイ、カカリ！〓") == "ハイカカリ"


def test_too_much_that_was_misheard_does_not_hold() -> None:
    right, wrong = Heard(sentence="", meant="カタ", heard="カタ"), Heard(sentence="", meant="カタ", heard="ホー")
    assert summary([right] * 9 + [wrong])["held"]
    assert not summary([right] * 4 + [wrong])["held"]


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.skipif(not PYTHON.exists() or not MODEL.exists(), reason="needs a recogniser of speech: make listen")
def test_a_stranger_understands_the_voice() -> None:
    heard = listen(sentences()[::30])
    assert sum(one.error_rate for one in heard) / len(heard) <= MOST_WRONG, [(one.sentence, one.heard) for one in heard]
