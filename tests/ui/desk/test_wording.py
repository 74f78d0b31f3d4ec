import re
from pathlib import Path

import pytest

import ui
from ui.desk.wording import JA, duration, say

DESK = Path(ui.__path__[0]) / "desk"
SOURCES = {path: path.read_text() for kind in ("*.py", "*.html") for path in DESK.rglob(kind)}


def test_every_word_asked_for_is_in_the_catalogue() -> None:
    for path, text in SOURCES.items():
        asked = set(re.findall(r"""\bsay\(\s*["']([\w.]+)["'](?!\s*~)""", text))
        assert asked <= set(JA), path


def test_every_word_of_the_catalogue_is_used() -> None:
    everything = "".join(text for path, text in SOURCES.items() if not path.name.startswith("wording"))
    computed = ("people.", "lamp.", "wrong.", "time.", "hardware.card.", "look.size.", "look.hand.", "look.sound.")
    assert not [key for key in JA if f'"{key}"' not in everything and f"'{key}'" not in everything
                and not key.startswith(computed)]  # fmt: skip


def test_no_page_speaks_of_a_city() -> None:
    for path, text in SOURCES.items():
        assert not re.search("市役所|市へ|市の|市長", text), path


def test_a_word_nobody_wrote_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("no such words")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, ""), (59, ""), (60, "1分"), (3599, "59分"), (3600, "1時間0分"), (7380, "2時間3分")],
)
def test_a_duration_is_told_as_people_say_it(seconds: int, words: str) -> None:
    assert duration(seconds) == words
