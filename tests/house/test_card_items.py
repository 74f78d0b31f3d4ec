"""A card read at the demo: what its owner typed and what it says of her is in no file and no log of the whole run."""

import re
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from drivers.card.samples import HANAKO
from tests.house.running import Person
from tests.house.test_walk import Demo

WRONG_PIN, WRONG_CODE = "9753", "6042"
TYPED = (HANAKO.pin, WRONG_PIN, HANAKO.code, WRONG_CODE, HANAKO.born[2:], HANAKO.number_b)
ON_THE_CARD = (HANAKO.name, HANAKO.address, HANAKO.born, HANAKO.my_number, "昭和23年")
SOON = 10.0


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    demo.start()
    yield demo
    demo.process.end()


def traces(folder: Path, needles: Collection[str]) -> set[str]:
    """Which of these stand in any file, as text, as UTF-16 or as JSON escapes it; digits only as a whole number."""
    found, searched = set(), 0
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            searched += len(content)
            found |= {needle for needle in needles if any(stands_in(content, form) for form in forms_of(needle))}
    assert searched > 100_000
    return found


def stands_in(content: bytes, form: bytes) -> bool:
    return form in content and re.search(b"(?<![0-9])%s(?![0-9])" % re.escape(form), content) is not None


def forms_of(needle: str) -> set[bytes]:
    escaped = "".join(letter if letter.isascii() else f"\\u{ord(letter):04x}" for letter in needle)
    return {needle.encode(), needle.encode("utf-16-le"), escaped.encode()}


def lay_down_and_say_yes(person: Person) -> None:
    """Whoever is quicker than the reader is told that there is no card, and says it once more."""
    person.look("/hardware")
    person.press("/hardware/card", card="valid")
    deadline = time.monotonic() + SOON
    while 'name="security_code"' not in person.page:
        assert time.monotonic() < deadline, person.page
        person.look("/card/items")
        person.press("/card/items")


def lift(person: Person) -> None:
    person.look("/hardware")
    person.press("/hardware/card/lift")
    deadline = time.monotonic() + SOON
    while "四つの項目は 消えました" not in person.page:
        assert time.monotonic() < deadline
        time.sleep(0.05)
        person.look("/card/items/read")


def test_a_card_is_read_and_leaves_no_trace(demo: Demo) -> None:
    person = Person(demo.desk, number=1, pin=demo.said["staff_pin"])
    lay_down_and_say_yes(person)
    face = {"born": HANAKO.born[2:], "expires": HANAKO.expires}
    person.press("/card/items/number-b", once="1", **face, security_code=WRONG_CODE)
    assert "あと 9回" in person.page
    person.look("/card/items/pin")
    person.press("/card/items/pin", once="2", card_pin=WRONG_PIN)
    assert "あと 2回" in person.page
    person.press("/card/items/pin", once="3", card_pin=HANAKO.pin)
    assert HANAKO.name in person.page
    assert traces(demo.folder, (*TYPED, *ON_THE_CARD)) == set(), "while they are on the screen"

    lift(person)
    lay_down_and_say_yes(person)
    person.press("/card/items/number-b", once="4", **face, security_code=HANAKO.code)
    assert HANAKO.address in person.page
    person.leave()
    assert demo.process.process is not None
    limits = Path(f"/proc/{demo.process.process.pid}/limits").read_text(encoding="ascii")
    assert re.search(r"Max core file size +1 +1 ", limits), "a process that held them leaves no core"
    assert demo.process.end() == 0
    assert traces(demo.folder, (*TYPED, *ON_THE_CARD)) == set(), "after an end while they were there"

    for number, trace in enumerate((HANAKO.pin, HANAKO.name)):
        (demo.folder / f"planted-{number}").write_text(f"PIN={trace};", encoding="utf-16-le")
    assert traces(demo.folder, TYPED + ON_THE_CARD) == {HANAKO.pin, HANAKO.name}, "or it could find nothing at all"
