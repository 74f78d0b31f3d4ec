"""`make checklist`: every page in every state, for everybody, with axe in every viewport; the result is kept."""

import sys
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.ui.checklist.desk_recipes import DESK
from tests.ui.checklist.desk_scenes import desk_scenes
from tests.ui.checklist.inspector import AXE, NARROW, PHONE, TELEVISION, Inspector
from tests.ui.checklist.inspector import DESK as TABLET
from tests.ui.checklist.office import OFFICE, office_scenes
from tests.ui.checklist.shots import Book, SceneT
from tests.ui.checklist.walk import Walk
from tests.ui.desk.test_browser import CHROMIUM, FLAGS

RESULT = Path("docs/checklist.md")


def inspected(browser: Browser, scenes: AbstractContextManager[list[SceneT]], book: Book[SceneT]) -> Inspector:
    """Everything of one app."""
    inspector = Inspector(browser, is_thorough=True)
    with scenes as opened:
        Walk(book, inspector).through(opened)
    inspector.close()
    return inspector


def told(inspectors: list[Inspector], *, browser: str, seconds: float) -> str:
    """The result, as docs/checklist.md keeps it."""
    findings = "\n".join(inspector.report() for inspector in inspectors if inspector.findings)
    views = "、".join(view.name for view in (TELEVISION, TABLET, PHONE, NARROW))
    return f"""# 画面の検査 / the page checklist

`make checklist` が 書いた結果です。決まりは tests/ui/checklist に あります。 / Written by `make checklist`; the rules
stand in tests/ui/checklist.

| | |
|---|---|
| 画面 / pages | {len(DESK.recipes) + len(OFFICE.recipes)} |
| 状態 / states | {sum(inspector.seen for inspector in inspectors)} |
| 画面の大きさごと / looks | {sum(inspector.looks for inspector in inspectors)} ({views}) |
| 見つかったこと / findings | {sum(len(inspector.findings) for inspector in inspectors)} |
| axe-core | {AXE.split()[2]} |
| Chromium | {browser} |
| 時間 / minutes | {seconds / 60:.0f} |
{f"{chr(10)}```text{chr(10)}{findings}{chr(10)}```{chr(10)}" if findings else ""}"""


def main() -> int:
    """Inspect both apps; 1 where anything was found."""
    began = time.monotonic()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS.split())
        inspectors = [
            inspected(browser, desk_scenes(), DESK),
            inspected(browser, office_scenes(Path(folder)), OFFICE),
        ]
        RESULT.write_text(told(inspectors, browser=browser.version, seconds=time.monotonic() - began))
        browser.close()
    sys.stdout.write(RESULT.read_text())
    return 1 if any(inspector.findings for inspector in inspectors) else 0


if __name__ == "__main__":
    sys.exit(main())
