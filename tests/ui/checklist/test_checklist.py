"""The checklist of every page, over the URL map of both apps; a page without a recipe fails it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.ui.checklist.desk_recipes import DESK
from tests.ui.checklist.desk_scenes import desk_scenes
from tests.ui.checklist.inspector import Inspector
from tests.ui.checklist.office import OFFICE, office_scenes
from tests.ui.checklist.walk import Walk
from tests.ui.desk.test_browser import CHROMIUM, FLAGS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS.split())
        yield browser
        browser.close()


def test_every_page_of_the_desk_keeps_the_checklist(browser: Browser) -> None:
    inspector = Inspector(browser, is_thorough=False)
    with desk_scenes() as scenes:
        Walk(DESK, inspector).through(scenes)
    inspector.close()
    assert not inspector.findings, f"\n{inspector.report()}"


def test_every_page_of_the_office_keeps_the_checklist(browser: Browser, tmp_path: Path) -> None:
    inspector = Inspector(browser, is_thorough=False)
    with office_scenes(tmp_path) as scenes:
        Walk(OFFICE, inspector).through(scenes)
    inspector.close()
    assert not inspector.findings, f"\n{inspector.report()}"
