"""What only a browser shows of two tablets at one desk, of the sound of a call, of what each browser is set to."""

import pytest
from playwright.sync_api import Browser, expect

from appliance.desk.facts.call import CallSource
from tests.fakes import FakeWorld
from tests.ui.desk.test_browser import CHROMIUM, House, Visitor, browser, house

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
