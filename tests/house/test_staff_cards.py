"""A card of staff from the reader to the auditor at the town hall, and what is left of it anywhere: nothing."""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from inspect import signature
from pathlib import Path

import pytest

from drivers.card.samples import transport_card
from tests.configured import ICT_SUPPORT_PIN, VOLUNTEER_PIN, write_people
from tests.house.running import Person, SmallTown

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

NUMBER_OF_CARD = signature(transport_card).parameters["name"].default
"""What the simulated transport card calls itself."""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[SmallTown]:
    town = SmallTown(tmp_path)
    said = town.config.read_text(encoding="utf-8")
    town.config.write_text(said.replace("simulated_gpio", 'card = "simulated"\nsimulated_gpio'), encoding="utf-8")
    write_people(tmp_path, "ict_support")
    town.open_desk()
    yield town
    town.close()


def lay_down(town: SmallTown, hand: Person, card: str = "transport") -> None:
    """In the place of any other; it is read within a moment."""
    hand.look("/hardware")
    hand.press("/hardware/card/lift")
    time.sleep(0.3)
    hand.press("/hardware/card", card=card)
    deadline = time.monotonic() + 10
    screen = Person(town.address, number=99, pin="")
    while "置かれました" not in screen.page and "置いたまま" not in screen.page:
        assert time.monotonic() < deadline, screen.page
        time.sleep(0.1)
        screen.look("/sign-in")


def tap(town: SmallTown, screen: Person) -> None:
    """Wait out what a reader that has just come to life is not believed, then tap."""
    lay_down(town, screen)
    screen.look("/sign-in")
    screen.press("/sign-in/card")


def sign_out(screen: Person) -> None:
    screen.look("/")
    screen.press("/sign-out")


def test_a_card_signs_in_until_it_is_stopped_and_nothing_of_it_is_found_anywhere(town: SmallTown) -> None:
    screen = Person(town.address, number=2, pin=ICT_SUPPORT_PIN)
    time.sleep(2.5)
    screen.look("/people")
    sakura = re.findall(r"/people/([0-9a-f-]{36})/card", screen.page)[0]
    lay_down(town, screen)
    screen.look(f"/people/{sakura}/card")
    screen.press(f"/people/{sakura}/card")
    assert "カードあり" in screen.page
    sign_out(screen)
    tap(town, screen)
    assert "さくら さんの 暗証番号" in screen.page
    screen.press("/sign-in", person="1", pin=VOLUNTEER_PIN)
    sign_out(screen)
    tap(town, screen)
    assert 'action="/visits"' in screen.page, "she is at the desk"
    sign_out(screen)
    tap(town, screen)
    kept = known_cards(town)
    sign_out(screen)
    time.sleep(2.5)  # a card that follows another one at once might lie in the same case
    lay_down(town, screen, "valid")
    screen.look("/sign-in")
    screen.press("/sign-in/card")
    assert "マイナンバーカードと スマホは 使えません" in screen.page

    town.desk.end()
    town.open_desk()
    time.sleep(2.5)
    tap(town, screen)
    assert "1番の かたの 暗証番号" in screen.page, "after a restart the card is known, and the PIN is needed"
    screen = Person(town.address, number=2, pin=ICT_SUPPORT_PIN)
    screen.look("/people")
    screen.press(f"/people/{sakura}/card/revoke")
    assert "カードあり" not in screen.page
    sign_out(screen)
    tap(town, screen)
    assert "登録されていません" in screen.page
    assert known_cards(town) == []

    town.open_receiver()
    assert town.sync()[0] == 0
    assert told_to_the_auditor(town) == [
        "card_enrolled",
        "card_used",
        "card_used",
        "card_revoked",
        "card_refused",
    ]
    assert len(kept) == 1
    assert found_anywhere(town.folder, kept[0]) == set()
    (town.folder / "decoy").write_text(f"{NUMBER_OF_CARD.hex()} {kept[0]}", encoding="utf-8")
    assert found_anywhere(town.folder, kept[0]) == {"decoy: number", "decoy: token"}


def known_cards(town: SmallTown) -> list[str]:
    with closing(sqlite3.connect(f"file:{town.folder}/desk/desk.db?mode=ro", uri=True)) as database:
        return [card for (card,) in database.execute("SELECT card FROM staff WHERE card IS NOT NULL")]


def told_to_the_auditor(town: SmallTown) -> list[str]:
    office = town.office()
    office.pull()
    (device,) = office.incidents()
    newest_first = office.security(device, 1).incidents
    return [one.matter for one in reversed(newest_first) if one.matter.startswith("card_")]


def found_anywhere(folder: Path, kept: str) -> set[str]:
    """Files in which the card's own number is found, or what stood for it once it is known no more."""
    letters, steady = kept.partition(":")[2].encode(), NUMBER_OF_CARD[1:]
    sought = [steady, steady.hex().encode(), steady.hex().upper().encode()]
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            found |= {f"{path.name}: number" for form in sought if form in held}
            if letters in held and "desk.db" not in path.name:
                found.add(f"{path.name}: token")
    return found
