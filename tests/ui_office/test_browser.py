"""The office's pages in a real browser, from a desk's width down to a narrow phone's."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from sync.schema import MATTER
from tests.sync.office.town import TestDesk
from tests.ui_office.screens import PIN, USER, Screens

CHROMIUM = Path("/usr/bin/chromium")
QUESTIONS = ("", "?period=year", "?period=today&topic=other", "?period=custom&from=2026-11-30&to=2026-11-01")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]

FAULTS = """() => {
  const faults = [];
  if (document.documentElement.scrollWidth > innerWidth) faults.push("scrolls sideways");
  for (const element of document.querySelectorAll("body *")) {
    const box = element.getBoundingClientRect();
    const says = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (says && box.width && parseFloat(getComputedStyle(element).fontSize) < 18)
      faults.push("small text: " + element.textContent.slice(0, 20));
    const touched = "a:not(.skip), button, select, input:not([type=hidden], .chip input), .chip";
    if (element.matches(touched) && box.height < 56)
      faults.push("small target: " + element.outerHTML.slice(0, 60));
  }
  return faults;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def address(screens: Screens) -> Iterator[str]:
    for topics in (("phone",), ("password", "connection")):
        screens.desk.served(topics=topics)
    screens.desk.tally("2026-11-20", visits=3, people=4, topics={"phone": 2}, age_bands={"75to84": 3})
    for role in ("promotion_volunteer", "facility_staff"):
        screens.desk.shift(role.encode()[:16].ljust(16), role=role, minutes=4000)
    for matter in MATTER.words * 5:
        screens.desk.incident(matter, by=b"\x0a" * 16, about=b"\x0b" * 16)
    screens.desk.day_closed(unsent=3)
    screens.desk.quality = "unknown"
    screens.desk.visit()
    other = TestDesk(2, facility="toshokan", facility_name="図書館・視聴覚ライブラリー")
    screens.town.admit(other)
    other.incident()
    screens.town.source.bring(screens.desk, other)
    server = make_server("127.0.0.1", 0, screens.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/office"
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("javascript", ["with", "without"])
def test_every_page_fits_and_can_be_read_and_touched(
    browser: Browser, address: str, width: int, javascript: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, locale="ja-JP", java_script_enabled=javascript == "with"
    )
    with context:
        tab = context.new_page()
        complaints: list[str] = []
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on(
            "request", lambda request: None if request.url.startswith(address[:22]) else complaints.append(request.url)
        )
        tab.goto(address)
        faults = _faults(tab)
        tab.get_by_label("名前").fill(USER)
        tab.get_by_label("暗証番号").fill(PIN)
        tab.get_by_role("button", name="はじめる", exact=True).click()
        for question in QUESTIONS:
            tab.goto(f"{address}/statistics{question}")
            faults += _faults(tab)
        for question in ("", "?page=2"):
            tab.goto(f"{address}/security{question}")
            faults += _faults(tab)
        assert faults == []
        assert [each for each in complaints if "422" not in each] == []


def test_filters_work_by_keyboard_and_without_javascript(browser: Browser, address: str) -> None:
    with browser.new_context(locale="ja-JP", java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto(address)
        tab.get_by_label("名前").fill(USER)
        tab.get_by_label("暗証番号").fill(PIN)
        tab.keyboard.press("Enter")
        tab.get_by_label("今年度").check()
        tab.get_by_label("内容", exact=True).select_option("password")
        tab.get_by_role("button", name="この条件で 見る").press("Enter")
        assert tab.get_by_role("row", name="パスワード").count() == 1
        assert "内容：パスワード" in tab.get_by_role("main").inner_text()
        with tab.expect_download() as download:
            tab.get_by_role("link", name="CSVで 保存する").click()
        assert download.value.suggested_filename.startswith("窓口統計_令和8年4月1日")


def test_an_auditor_gets_from_the_numbers_to_the_events_of_another_desk(browser: Browser, address: str) -> None:
    with browser.new_context(locale="ja-JP", java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto(address)
        tab.get_by_label("名前").fill(USER)
        tab.get_by_label("暗証番号").fill(PIN)
        tab.keyboard.press("Enter")
        tab.get_by_role("link", name="安全の記録").click()
        tab.get_by_label("機器", exact=True).select_option(index=1)
        first = tab.get_by_role("heading", level=2).inner_text()
        tab.get_by_role("button", name="この機器を 見る").click()
        assert tab.get_by_role("heading", level=2).inner_text() != first
        tab.get_by_role("link", name="統計", exact=True).click()
        assert tab.get_by_role("heading", name="窓口の体制").count() == 1


def _faults(tab: Page) -> list[str]:
    faults = tab.evaluate(FAULTS)
    assert isinstance(faults, list)
    return faults
