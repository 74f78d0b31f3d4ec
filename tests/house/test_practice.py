"""Practice in the demo as its users run it: everything is as at the real desk, and nothing of it remains anywhere."""

import re
import sqlite3
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from appliance.assembly.practice import practice_folder
from tests.house.test_power import assert_nowhere
from tests.house.test_walk import CHROMIUM, FLAGS, HOLD_SECONDS, Demo, sign_in

MEMO = "練習で書いたメモ デコイ-3ab90f"
NOBODY = Path("nothing is allowed to hold this")
KEPT_BY_PRESENCE = frozenset({"stay"})
"""Tables that say who is signed in, which goes on while somebody practises."""
COMES_WITHIN = 10.0


class Tablet:
    """A browser without scripts."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.page = ""

    def look(self, path: str) -> str:
        with self._opener.open(self._address + path, timeout=20) as response:
            self.page = response.read().decode()
        return self.page

    def press(self, path: str, **entries: str) -> str:
        """Send the form of the page that is open to `path`, and follow."""
        hidden = dict(re.findall(r'name="(csrf|once)" value="([^"]*)"', self.page))
        body = urllib.parse.urlencode(hidden | entries).encode()
        with self._opener.open(self._address + path, body, timeout=20) as response:
            self.page = response.read().decode()
        return self.page

    def offered(self, pattern: str) -> str:
        found = re.search(pattern, self.page)
        assert found, f"{pattern} is not on the page"
        return found[1]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    demo.start()
    yield demo
    demo.process.end()


@pytest.fixture
def tablet(demo: Demo) -> Tablet:
    """Somebody signed in."""
    tablet = Tablet(demo.desk)
    tablet.look("/sign-in")
    tablet.press("/sign-in", pin=demo.said["staff_pin"])
    return tablet


def state_of(demo: Demo) -> Path:
    return demo.folder / "data" / "desk"


def stored(demo: Demo) -> list[str]:
    """Everything in the real database."""
    with sqlite3.connect(f"file:{state_of(demo) / 'desk.db'}?mode=ro", uri=True) as database:
        lines = list(database.iterdump())
    assert any(line.startswith('INSERT INTO "record"') for line in lines)
    return [line for line in lines if not line.startswith(tuple(f'INSERT INTO "{name}"' for name in KEPT_BY_PRESENCE))]


def practise_a_visit(tablet: Tablet) -> None:
    """Wait for the resident, answer, and write a memo down."""
    deadline = time.monotonic() + COMES_WITHIN
    while "練習の人が 待っています" not in tablet.look("/practice"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    tablet.press(tablet.offered(r'formaction="(/practice/calls/[^"]*/answer)"'))
    tablet.look(tablet.offered(r'href="(/practice/visits/[^"]*/log)"'))
    tablet.press(
        tablet.offered(r'action="(/practice/visits/[^"]*/log)"'), topics="phone", memo=MEMO, cell="75to84 resolved"
    )
    assert "を 記録しました" in tablet.page


@pytest.mark.slow
def test_a_practised_visit_is_nowhere_afterwards(demo: Demo, tablet: Tablet) -> None:
    before, board = stored(demo), demo.api("GET", "board").json
    practice = practice_folder(state_of(demo))
    tablet.press("/practice")
    practise_a_visit(tablet)
    tablet.press("/practice/another")
    practise_a_visit(tablet)
    assert len(list(practice.rglob("desk.db"))) == 1
    assert_nowhere(practice, MEMO, but=NOBODY)
    during = demo.api("GET", "board").json
    assert {**during, "clock": None} == {**board, "clock": None}
    assert during["attended"]

    tablet.press("/practice/end")
    assert "数に はいりません" not in tablet.page
    assert "きょうの記録は まだ ありません" in tablet.page
    assert not practice.exists()
    assert stored(demo) == before
    assert_nowhere(demo.folder, MEMO, but=NOBODY)
    time.sleep(HOLD_SECONDS + 1)
    assert demo.sync()[0] == 0
    counted = demo.statistics()
    assert (counted["visits"], counted["consultations"], counted["calls"]) == (0, 0, 0)


def test_after_a_power_cut_in_practice_nothing_of_it_remains(demo: Demo, tablet: Tablet) -> None:
    practice = practice_folder(state_of(demo))
    tablet.press("/practice")
    practise_a_visit(tablet)
    before = demo.api("GET", "day").json["visits"]
    demo.process.kill()
    assert practice.exists()  # in memory only, and sealed to nobody
    assert_nowhere(practice, MEMO, but=NOBODY)
    assert_nowhere(demo.folder, MEMO, but=NOBODY)
    demo.start()
    assert not practice.exists()
    assert demo.api("GET", "day").json["visits"] == before == 0


def test_stopping_the_desk_ends_practice(demo: Demo, tablet: Tablet) -> None:
    tablet.press("/practice")
    practise_a_visit(tablet)
    assert demo.process.end() == 0
    assert not practice_folder(state_of(demo)).exists()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def room(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="ja-JP", viewport={"width": 1280, "height": 800}, has_touch=True)
    context.set_default_timeout(8000)
    yield context
    context.close()


def is_marked(page: Page) -> None:
    expect(page.get_by_text("練習中です。ここで した ことは 数に はいりません")).to_be_visible()
    assert page.title().startswith("【練習】")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
def test_a_resident_comes_by_herself_and_a_real_call_is_told_at_once(demo: Demo, room: BrowserContext) -> None:
    before = sign_in(room, demo)
    page = room.new_page()
    page.goto(demo.desk)
    page.get_by_role("button", name="練習する").tap()
    is_marked(page)
    expect(page.get_by_text("練習の人が 待っています")).to_be_visible()
    expect(before.get_by_role("heading", level=1)).to_have_text("練習の窓口")  # the other tab has moved by itself
    is_marked(before)

    page.get_by_role("button", name="1番の よびだしに 対応する").tap()
    page.get_by_role("link", name="対応を おわる").tap()
    is_marked(page)
    page.locator("#more summary").tap()
    page.get_by_label("メモ").fill(MEMO)
    hardware = Tablet(demo.desk)
    hardware.look("/hardware")
    hardware.press("/hardware/press/1")
    expect(page.get_by_text("ほんとうの よびだしが あります")).to_be_visible(timeout=2000)
    expect(page.get_by_label("メモ")).to_have_value(MEMO)

    page.get_by_role("button", name="練習を おわって 窓口へ").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("窓口")
    expect(page.get_by_role("button", name="1番の よびだしに 対応する")).to_be_visible()
    expect(page.locator("#practice")).to_have_count(0)
    expect(before.get_by_role("heading", level=1)).to_have_text("窓口")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
def test_what_is_typed_stays_where_it_was_typed(demo: Demo, room: BrowserContext) -> None:
    """A page with text in it is never taken away, whichever desk the other tab has turned to."""
    real = sign_in(room, demo)
    real.get_by_role("button", name="窓口で直接受け付ける").tap()
    real.get_by_role("link", name="対応を おわる").tap()
    real.locator("#more summary").tap()
    real.get_by_label("メモ").fill(MEMO)

    practising = room.new_page()
    practising.goto(demo.desk)
    practising.get_by_role("button", name="練習する").tap()
    expect(real.locator("#strip")).to_contain_text("この端末は 練習中です")
    expect(real.get_by_label("メモ")).to_have_value(MEMO)
    practising.get_by_role("button", name="窓口で直接受け付ける").tap()
    practising.get_by_role("link", name="対応を おわる").tap()

    third = room.new_page()
    third.goto(demo.desk)
    third.get_by_role("button", name="練習を おわる").tap()
    expect(practising.locator("#strip")).to_contain_text("練習は おわりました")
    real.get_by_text("スマホの操作", exact=True).tap()
    real.get_by_role("group", name="75〜84").get_by_role("button", name="解決した").tap()
    expect(real.locator("#undo")).to_be_visible()
    assert demo.api("GET", "day").json["consultations"] == 1
