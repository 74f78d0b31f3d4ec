"""What only a browser shows: digits go from a form with the card or with time, and Back brings nothing of it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from drivers.card.samples import HANAKO
from tests.drivers.card.stands import Stand, hanako, memory_stand
from tests.fakes import FakeWorld
from tests.ui.desk.test_browser import CHROMIUM, House, Visitor, browser, house

__all__ = ["browser", "house"]

TYPED = {"#born": HANAKO.born[2:], "#expires": HANAKO.expires, "#security_code": HANAKO.code}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]


@pytest.fixture
def stand(world: FakeWorld) -> Iterator[Stand]:
    with memory_stand() as stand:
        world.desk.cards.connect(stand.reader)
        yield stand


@pytest.fixture
def form(browser: Browser, house: House, stand: Stand) -> Iterator[Page]:
    """The numbers of the card that lies there are typed, and not sent yet."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ja-JP")
    visitor = Visitor(context, house)
    stand.lay_down(hanako())
    stand.visit()
    visitor.page.clock.install()
    visitor.sign_in()
    page = visitor.open("/card/items")
    page.get_by_role("button", name="はい", exact=True).click()
    for field, digits in TYPED.items():
        page.locator(field).fill(digits)
    yield page
    context.close()


def press(page: Page) -> None:
    page.get_by_role("button", name="この番号で 読む").click()


def test_what_was_typed_goes_with_the_card_even_after_a_wrong_number_and_nothing_is_sent_again(
    stand: Stand, form: Page
) -> None:
    form.locator("#security_code").fill("0000")
    press(form)
    expect(form.get_by_text("あと 9回")).to_be_visible()
    form.locator("#born").fill(TYPED["#born"])
    stand.lift()
    form.clock.run_for(1500)
    expect(form.get_by_role("heading", level=1)).to_have_text("四つの項目は 読んでいません")
    assert stand.verifies == 1


def test_what_was_typed_goes_when_nobody_types_on(form: Page) -> None:
    form.clock.run_for(50_000)
    form.locator("#born").press("End")
    form.locator("#born").press("Backspace")
    form.clock.run_for(50_000)
    assert form.locator("#expires").input_value() == HANAKO.expires, "somebody is still typing"
    form.clock.run_for(11_000)
    assert [form.locator(field).input_value() for field in TYPED] == ["", "", ""]


def test_back_brings_neither_digits_nor_items(stand: Stand, form: Page) -> None:
    press(form)
    expect(form.get_by_text(HANAKO.name)).to_be_visible()
    stand.lift()
    form.clock.run_for(1500)
    expect(form.get_by_role("heading", level=1)).to_have_text("四つの項目は 消えました")
    for _ in range(3):
        form.go_back()
        form.wait_for_load_state()
        content = form.content()
        assert not any(one in content for one in (HANAKO.name, HANAKO.address, "昭和23年"))
        typed = [field.input_value() for field in form.locator("form[action^='/card'] input:visible").all()]
        assert not any(typed)
