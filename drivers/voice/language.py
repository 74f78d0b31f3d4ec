"""Which texts the one voice, a Japanese one, can say: whatever it would garble is shown and never spoken."""

import re
import unicodedata

VOICE_LANGUAGE = "ja"
_KANA = re.compile(r"[ぁ-ゖァ-ヺ]")
_KNOWN_WORDS = re.compile(r"(?<![A-Za-z])(?:e-Tax|eL-QR|Wi-Fi|[A-Z]{1,5}|[a-z])(?![A-Za-z])")
"""Words in letters that are read right: those of the readings, and what is spelled out anyway, as QR and SMS."""
_OWN_SCRIPTS = ("HIRAGANA", "KATAKANA", "CJK UNIFIED", "CJK COMPATIBILITY", "IDEOGRAPHIC")


def is_spoken(text: str, language: str = VOICE_LANGUAGE) -> bool:
    """Whether the voice says that text: marked as Japanese, with kana in it, and no foreign word or letter.

    Kanji alone may as well be Chinese.
    """
    plain = unicodedata.normalize("NFKC", text)
    if language.partition("-")[0].lower() != VOICE_LANGUAGE or not _KANA.search(plain):
        return False
    rest = _KNOWN_WORDS.sub("", plain)
    return all(unicodedata.name(letter, "").startswith(_OWN_SCRIPTS) for letter in rest if letter.isalpha())
