"""The screen for visitors in a real browser: live, cut off and back, without scripts, at every size."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright

from appliance.desk.facts.staff import StaffRole
from tests.fakes import FakeWorld
from tests.ui.desk.test_browser import CHROMIUM, FLAGS, SPACED, VIEWPORTS, House, Visitor
from tests.ui.people import Person

BY = StaffRole.PROMOTION_VOLUNTEER
TYPED = "足が いたいです"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]

WRONG = """() => {
  const tv = innerWidth >= 1920, wrong = [], root = document.documentElement;
  if (root.scrollWidth > innerWidth) wrong.push(`sideways ${root.scrollWidth}`);
  if (tv && root.scrollHeight > innerHeight) wrong.push(`down ${root.scrollHeight}`);
  for (const e of document.querySelectorAll('body *')) {
    if (!e.checkVisibility() || e.closest('rt, rp, .unseen, .skip, template, noscript')) continue;
    const size = parseFloat(getComputedStyle(e).fontSize), box = e.getBoundingClientRect();
    const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (text && size < (tv ? (e.closest('.staff') ? 32 : 40) : 18)) wrong.push(`text ${size} ${e.textContent}`);
    if (e.matches('a, button, label, textarea') && Math.min(box.width, box.height) < (tv ? 96 : 56) - 0.5)
      wrong.push(`target ${box.width} x ${box.height} ${e.textContent}`);
  }
  return wrong;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def house(app: Flask, world: FakeWorld) -> Iterator[House]:
    house = House(app)
    yield house
    world.desk.board.close()
    house.pull_out()


@pytest.fixture
def screen(browser: Browser, house: House) -> Iterator[Visitor]:
    context = browser.new_context(
        viewport={"width": 1920, "height": 1080}, has_touch=True, locale="ja-JP", timezone_id="Asia/Tokyo"
    )
    visitor = Visitor(context, house)
    yield visitor
    context.close()
    assert [one for one in visitor.complaints if "net::ERR_" not in one] == []


def card(page: Page) -> str:
    return page.locator("#now").get_attribute("data-state") or ""


def test_a_press_is_answered_while_the_box_goes_and_comes_back(
    world: FakeWorld, house: House, screen: Visitor, volunteer: Person
) -> None:
    assert volunteer.page
    screen.page.clock.install()
    page = screen.open("/kiosk")
    page.locator("#call-button").tap()
    expect(page.locator("#now")).to_have_attribute("data-state", "called")
    assert len(world.desk.board.snapshot.floor.calls) == 1

    house.pull_out()
    page.clock.fast_forward(16_000)
    expect(page.locator("#lost-line")).to_contain_text("つながっていません")
    expect(page.locator("#lost-line")).to_contain_text("12:00の ようすです。")
    assert card(page) == "called"
    page.get_by_role("link", name="筆談").tap()  # leads nowhere now, least of all to an error page
    page.wait_for_timeout(300)
    assert page.url.endswith("/kiosk")

    house.plug_in()
    [call] = world.desk.board.snapshot.floor.calls
    world.desk.calls.answer(call.id, by=BY)
    page.clock.run_for(5_000)
    expect(page.locator("#now")).to_have_attribute("data-state", "coming", timeout=10_000)
    expect(page.locator("#lost-line")).to_be_hidden()
    world.clock.advance(seconds=30)
    expect(page.locator("#now")).to_have_attribute("data-state", "there", timeout=10_000)
    expect(page.locator("#call-button")).to_be_visible()


def test_where_there_is_no_room_for_a_stream_the_screen_asks(
    world: FakeWorld, screen: Visitor, volunteer: Person
) -> None:
    assert volunteer.page
    screen.page.route("**/kiosk/events*", lambda route: route.fulfill(status=503, body=""))
    screen.page.clock.install()
    page = screen.open("/kiosk?lang=en")
    assert card(page) == "there"
    world.desk.staff.everybody_leaves()
    page.clock.run_for(6_000)
    expect(page.locator("#now")).to_have_attribute("data-state", "absent")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody is here to help at the moment.")
    screen.complaints[:] = [one for one in screen.complaints if "503" not in one and "EventSource" not in one]


def test_a_screen_that_nobody_touches_speaks_japanese_again_and_forgets_what_was_written(screen: Visitor) -> None:
    screen.page.clock.install()
    page = screen.open("/kiosk?lang=vi")
    page.clock.run_for(58_000)
    assert page.url.endswith("lang=vi")
    page.clock.run_for(4_000)
    page.wait_for_url("**/kiosk")
    expect(page.locator("html")).to_have_attribute("lang", "ja")

    page = screen.open("/sign-in")
    page.clock.run_for(62_000)
    page.wait_for_url("**/kiosk")

    page = screen.open("/kiosk/write?lang=vi")
    page.locator("#sheet").fill(TYPED)
    page.clock.run_for(182_000)
    page.wait_for_url("**/kiosk")
    page.go_back()
    expect(page.locator("#sheet")).to_have_value("")


def test_everything_works_without_scripts_and_nothing_written_is_sent(
    world: FakeWorld, browser: Browser, house: House, volunteer: Person
) -> None:
    assert volunteer.page
    context = browser.new_context(java_script_enabled=False, locale="ja-JP", timezone_id="Asia/Tokyo")
    visitor = Visitor(context, house)
    sent: list[str] = []
    visitor.page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    page = visitor.open("/kiosk")
    page.locator("#call-button").click()
    expect(page.locator("#now")).to_have_attribute("data-state", "called")
    assert len(world.desk.board.snapshot.floor.calls) == 1
    page.locator("#hear-again").click()
    page.locator('a[href="/kiosk/language"]').click()
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="Write").click()
    page.get_by_label("Write here").fill(TYPED)
    page.get_by_label("Turn to the other person").check()
    assert page.locator("#sheet").evaluate("e => getComputedStyle(e).transform") == "matrix(-1, 0, 0, -1, 0, 0)"
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#sheet")).to_have_value("")
    page.get_by_role("link", name="Back").click()
    page.get_by_role("link", name="Point").click()
    expect(page.get_by_text("My Number card")).to_be_visible()
    context.close()
    assert not [one for one in sent if "いた" in one or "%E3%81%84%E3%81%9F" in one]
    assert visitor.complaints == []


def test_every_page_can_be_read_and_hit_at_every_size(screen: Visitor, volunteer: Person) -> None:
    assert volunteer.page
    for path in ("/kiosk", "/kiosk?lang=pt", "/kiosk/language", "/kiosk/write?lang=vi", "/kiosk/point?lang=pt"):
        page = screen.open(path)
        for width, height in VIEWPORTS.values():
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(WRONG) == [], f"{path} {width}"
        page.evaluate(SPACED)
        for width, height in VIEWPORTS.values():
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} {width}"
