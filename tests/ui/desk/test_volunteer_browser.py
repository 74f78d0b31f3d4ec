"""What only a browser shows of two tablets at one desk, of the sound of a call, of what each browser is set to."""

from time import monotonic

import pytest
from playwright.sync_api import Browser, Page, expect

from appliance.desk.facts.call import CallSource
from tests.fakes import FakeWorld
from tests.ui.desk.test_browser import CHROMIUM, SIZES, SPACED, VIEWPORTS, House, Visitor, browser, house
from ui.desk.look import COOKIE

__all__ = ["browser", "house"]

TAKEN = "ほかの係が 対応しています"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]


def test_two_tablets_one_call_and_a_memo_half_typed(world: FakeWorld, browser: Browser, house: House) -> None:
    contexts = [browser.new_context(has_touch=True, locale="ja-JP") for _ in range(2)]
    left, right = (Visitor(context, house) for context in contexts)
    here, there = left.sign_in(), right.sign_in()
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    button = f"#answer-{call.id}"
    expect(here.locator(button)).to_be_visible()
    expect(there.locator(button)).to_be_visible()
    there.route("**/events", lambda route: route.abort())  # the news reaches her late
    there.evaluate("dispatchEvent(new PointerEvent('pointerdown'))")  # and nothing moves under her finger
    here.locator(button).tap()
    expect(here.get_by_role("link", name="対応を おわる")).to_be_visible()
    there.evaluate(f"document.querySelector('{button}').click()")
    expect(there.locator("#late")).to_contain_text(TAKEN)
    expect(there.get_by_role("link", name="対応を おわる")).to_be_visible()
    there.unroute("**/events")

    there.get_by_role("link", name="対応を おわる").tap()
    there.get_by_text("もっと書く（なくても かまいません）").tap()
    there.get_by_label("メモ").fill("長い話")
    here.get_by_role("link", name="対応を おわる").tap()
    here.get_by_label("パスワード").check()
    here.get_by_role("group", name="不明").get_by_role("button", name="途中まで").tap()
    expect(here.locator("#undo")).to_be_visible()
    expect(there.get_by_label("メモ")).to_have_value("長い話")
    for context in contexts:
        context.close()
    assert [one for one in left.complaints + right.complaints if "ERR_FAILED" not in one] == []
    assert len(world.desk.logged_today()) == 1


HEARD = """() => {
  window.heard = [];
  HTMLMediaElement.prototype.play = function () { window.heard.push(this.src); return Promise.resolve(); };
}"""
FORBIDDEN = """() => {
  HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException("no tap yet", "NotAllowedError"));
}"""


def with_sound(visitor: Visitor) -> Page:
    """Signed in, with the sound switched on as a person does it."""
    page = visitor.sign_in()
    page.get_by_role("link", name="画面と 音").click()
    page.get_by_text("音を 鳴らす", exact=True).click()
    page.get_by_role("button", name="この設定に する").click()
    expect(page.get_by_label("音を 鳴らす")).to_be_checked()
    return page


def test_each_new_call_sounds_once_on_whatever_page_is_open(world: FakeWorld, browser: Browser, house: House) -> None:
    context = browser.new_context(locale="ja-JP")
    context.add_init_script(f"({HEARD})()")
    visitor = Visitor(context, house)
    page = with_sound(visitor)
    page.get_by_role("link", name="窓口に もどる").click()
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    expect(page.locator(f"#answer-{call.id}")).to_be_visible()
    page.wait_for_function("heard.length == 1")
    assert page.evaluate("heard[0]").endswith("/call.wav")
    page.get_by_role("link", name="詐欺カード").click()
    expect(page.get_by_text("よびだし 1件")).to_be_visible()
    assert page.evaluate("heard.length") == 0, "it was heard before"
    world.desk.calls.pressed(2, source=CallSource.BUTTON)
    page.wait_for_function("heard.length == 1")
    context.close()
    assert visitor.complaints == []


def test_where_the_browser_wants_a_tap_first_a_button_asks_for_it(
    world: FakeWorld, browser: Browser, house: House
) -> None:
    context = browser.new_context(locale="ja-JP")
    context.add_init_script(f"({FORBIDDEN})()")
    visitor = Visitor(context, house)
    page = with_sound(visitor)
    page.get_by_role("link", name="窓口に もどる").click()
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    button = page.get_by_role("button", name="音を 出す")
    expect(button).to_be_visible()
    page.evaluate(HEARD)
    button.click()
    expect(button).to_be_hidden()
    assert len(page.evaluate("heard")) == 1
    context.close()
    assert visitor.complaints == []


@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_the_pages_can_be_read_and_hit_in_the_largest_letters_with_the_left_hand(
    world: FakeWorld, browser: Browser, house: House, viewport: str
) -> None:
    width, height = VIEWPORTS[viewport]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="ja-JP")
    visitor = Visitor(context, house)
    page = visitor.sign_in()
    visit = world.desk.consultations.walk_in()
    usual = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    for look in ("right.usual.off", "left.largest.on"):
        context.add_cookies([{"name": COOKIE, "value": look, "url": house.url}])
        for path in ("/", "/fraud", "/telephone", "/settings", f"/visits/{visit.id}/log?card=fraud"):
            visitor.open(path)
            for summary in page.locator("summary").all():
                summary.click()
            assert page.evaluate(SIZES) == [], path
            page.evaluate(SPACED)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == usual * 1.25
    context.close()
    assert visitor.complaints == []


def test_the_main_button_is_under_the_hand_that_taps(world: FakeWorld, browser: Browser, house: House) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ja-JP")
    visitor = Visitor(context, house)
    page = visitor.sign_in()
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    sides = []
    for look in ("right.usual.off", "left.usual.off"):
        context.add_cookies([{"name": COOKIE, "value": look, "url": house.url}])
        visitor.open("/")
        button, text = (page.locator(f".row-call {part}").bounding_box() for part in (".button-primary", ".what"))
        assert button
        assert text
        sides.append(button["x"] > text["x"])
    assert sides == [True, False]
    context.close()


def test_a_boundary_is_seen_with_its_topic_only_and_without_scripts(
    world: FakeWorld, browser: Browser, house: House
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="ja-JP")
    page = Visitor(context, house).sign_in()
    visit = world.desk.consultations.walk_in()
    page.goto(f"{house.url}/visits/{visit.id}/log")
    sentence = page.get_by_text("税金の計算や どの控除が使えるかは お答えできません（税理士法）")
    expect(sentence).to_be_hidden()
    page.get_by_label("確定申告・e-Tax").check()
    expect(sentence).to_be_visible()
    page.get_by_label("税務署を 案内した").check()
    page.get_by_role("group", name="不明").get_by_role("button", name="ほかへご案内").click()
    saved = world.desk.logged_today()[0]
    assert world.desk.consultations.entry_of(saved.id).referred_to == "tax_office"
    context.close()


COUNTED = """() => {
  const one = () => sessionStorage.setItem("taps", Number(sessionStorage.getItem("taps") ?? 0) + 1);
  addEventListener("pointerup", (event) => event.isTrusted && one(), true);
}"""
THINKING = 1000
"""Milliseconds between two taps of somebody who reads first."""


@pytest.mark.parametrize(
    ("begins", "topic"),
    [("対応を おわる", "スマホの操作"), ("詐欺カード", None)],
)
def test_three_taps_and_ten_seconds_are_enough(
    world: FakeWorld, browser: Browser, house: House, begins: str, topic: str | None
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, has_touch=True, locale="ja-JP")
    page = Visitor(context, house).sign_in()
    world.desk.consultations.walk_in()
    page.add_init_script(f"({COUNTED})()")
    page.reload()
    began = monotonic()
    page.wait_for_timeout(THINKING)
    page.get_by_role("link", name=begins).tap()
    page.wait_for_timeout(THINKING)
    if topic:
        page.get_by_text(topic, exact=True).tap()
    else:
        page.get_by_role("link", name="対応を 記録する").tap()
    page.wait_for_timeout(THINKING)
    page.get_by_role("group", name="75〜84").get_by_role("button", name="解決した").tap()
    expect(page.locator("#undo")).to_be_visible()
    assert monotonic() - began < 10
    assert page.evaluate("Number(sessionStorage.getItem('taps'))") == 3
    assert len(world.desk.logged_today()) == 1
    context.close()
