"""Makes the pictures of the guides again, from the demo, on a morning that passes quickly: `make pictures`.

Fields for a date come out in Japanese where Debian's chromium-l10n is installed.
"""

import os
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.pictures.morning import FACILITY_STAFF, FIRST_VISITORS, ICT_SUPPORT, VOLUNTEER, Morning, Person, a_morning
from tests.pictures.png import small_png

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-dev-shm-usage "
    "--force-color-profile=srgb --disable-lcd-text --lang=ja"
)
WIDTH, HEIGHT = 1280, 800

_PIXELS = """async (picture) => {
  const image = await createImageBitmap(await (await fetch(picture)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const pixels = canvas.getImageData(0, 0, image.width, image.height).data;
  const reader = new FileReader();
  await new Promise((done) => { reader.onload = done; reader.readAsDataURL(new Blob([pixels])); });
  return reader.result.split(",")[1];
}"""


@dataclass(frozen=True)
class Camera:
    """A browser window, and another one that unpacks what was taken."""

    page: Page
    darkroom: Page

    def take(self, name: str) -> None:
        """Keep what the window shows as docs/pictures/NAME.png."""
        taken = b64encode(self.page.screenshot(animations="disabled")).decode()
        pixels = self.darkroom.evaluate(_PIXELS, f"data:image/png;base64,{taken}")
        picture = small_png(b64decode(pixels), width=WIDTH)
        (PICTURES / f"{name}.png").write_bytes(picture)
        print(f"{name}.png  {len(picture) // 1000} kB", flush=True)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS.split(), env={**os.environ, "LANGUAGE": "ja"}
        )
        with a_morning(Path(folder)) as morning:
            desk_is_set_up(browser, morning)
            day_begins(browser, morning)
            visitors_come(browser, morning)
            volunteer_has_time(browser, morning)
            staff_look_after_the_box(browser, morning)
            day_ends(browser, morning)
            office_counts(browser, morning)


@contextmanager
def window(browser: Browser, address: str) -> Iterator[Camera]:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, base_url=address, locale="ja-JP", timezone_id="Asia/Tokyo"
    )
    context.set_default_timeout(10_000)
    yield Camera(page=context.new_page(), darkroom=context.new_page())
    context.close()


@contextmanager
def signed_in(browser: Browser, morning: Morning, person: Person) -> Iterator[Camera]:
    with window(browser, morning.desk) as camera:
        camera.page.goto("/sign-in")
        camera.page.locator(".tile").nth(person.number - 1).click()
        camera.page.get_by_label("暗証番号", exact=True).fill(person.pin)
        camera.press("はじめる")
        camera.page.wait_for_url("**/")
        yield camera
        camera.page.goto("/")
        camera.press("席をはなれる")


# ---------------------------------------------------------------------------------------------------------- the morning


def desk_is_set_up(browser: Browser, morning: Morning) -> None:
    with morning.an_empty_desk() as address, window(browser, address) as camera:
        camera.page.goto("/set-up")
        camera.take("set-up")


def day_begins(browser: Browser, morning: Morning) -> None:
    with signed_in(browser, morning, VOLUNTEER):
        pass  # names can be read from now on
    with window(browser, morning.desk) as camera:
        camera.page.goto("/sign-in")
        camera.take("sign-in")
    with signed_in(browser, morning, VOLUNTEER) as camera:
        camera.page.goto("/opening")
        camera.take("opening")
        camera.press("はい、あっています")


def visitors_come(browser: Browser, morning: Morning) -> None:
    with signed_in(browser, morning, VOLUNTEER) as camera:
        for visitor in FIRST_VISITORS:
            morning.serve(visitor)
            camera.page.goto("/")  # or nobody would be there for the next one
        with window(browser, morning.desk) as hall:
            hall.page.goto("/hardware")
            hall.press("1番 よびだし")
            hall.page.get_by_text("点滅しています（よびだし中）").wait_for()
            hall.take("hardware")
        camera.page.goto("/")
        camera.press("窓口で直接受け付ける")
        morning.passes(minutes=3)
        camera.page.goto("/")
        camera.take("volunteer")
        morning.serve_whoever_waits()
        camera.page.get_by_role("link", name="おわる").click()
        camera.page.get_by_text("スマホの操作", exact=True).click()
        camera.take("log")
        camera.page.get_by_role("group", name="75〜84").get_by_role("button", name="解決した").click()
        camera.page.locator("#undo").wait_for()
        camera.take("undo")


def volunteer_has_time(browser: Browser, morning: Morning) -> None:
    with signed_in(browser, morning, VOLUNTEER) as camera:
        camera.page.goto("/own-pin")
        camera.take("own-pin")
        camera.page.goto("/")
        camera.press("練習する")
        camera.page.get_by_text("いま よびだしました").wait_for()
        camera.page.get_by_role("button", name="対応する").click()
        camera.page.locator(".practice-story").wait_for()
        camera.take("practice")
        camera.press("練習を おわる")


def staff_look_after_the_box(browser: Browser, morning: Morning) -> None:
    morning.lock(morning.somebody_new())
    with signed_in(browser, morning, FACILITY_STAFF) as camera:
        camera.page.goto("/people")
        camera.take("roster")
        camera.page.goto("/proof")
        camera.press("いま 調べる")
        camera.page.get_by_text("禁止データ 0件").wait_for(timeout=60_000)
        camera.take("proof")
    with signed_in(browser, morning, ICT_SUPPORT) as camera:
        camera.page.goto("/people/new")
        camera.take("person")
        morning.issue_token("玄関の掲示板", "board")
        camera.page.goto("/tokens")
        camera.take("tokens")
        camera.page.goto("/presence-code")
        camera.take("presence-code")


def day_ends(browser: Browser, morning: Morning) -> None:
    with signed_in(browser, morning, FACILITY_STAFF) as camera:
        camera.page.goto("/day")
        camera.take("day-sheet")
        camera.page.goto("/closing")
        camera.take("closing")


def office_counts(browser: Browser, morning: Morning) -> None:
    morning.send()
    with window(browser, morning.town) as camera:
        camera.page.goto("/office")
        camera.page.get_by_label("名前（ユーザー名）").fill(morning.officer.name)
        camera.page.get_by_label("暗証番号").fill(morning.officer.pin)
        camera.press("はじめる")
        camera.page.locator("#about-title").scroll_into_view_if_needed()
        camera.page.evaluate("document.getElementById('about-title').scrollIntoView()")
        camera.take("office")


if __name__ == "__main__":
    main()
