"""From a finger to a number the town can count: the demo as its users run it, in a real Chromium."""

import json
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.configured import free_port
from tests.house.running import MADOGUCHI, Answer, Process, ask
from tests.house.test_power import assert_nowhere

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
HOLD_SECONDS = 15
MEMO = "目が見えにくいとのこと デコイ-5c1e77"
SLIP = "まちがえて書いたメモ デコイ-9d02b4"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]


class Demo:
    """`madoguchi demo` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        words = ["demo", "--data", str(folder / "data"), "--port", str(free_port()), "--town-port", str(free_port())]
        self.process = Process(words, folder / "demo.log")

    def start(self) -> None:
        self.process.start()
        self.said = json.loads(self.process.first_line())
        self.desk, self.town = self.said["desk"], self.said["town"]

    def api(self, method: str, path: str, body: object = None) -> Answer:
        return ask(self.desk, method, "/api/v1/" + path, body, token=self.said["desk_token"])

    def statistics(self) -> dict[str, object]:
        today = datetime.now(UTC).date()
        span = f"from={today.year - 1}-01-01&to={today.year + 1}-12-31"
        answer = ask(self.town, "GET", f"/office/api/v1/statistics?{span}", token=self.said["office_token"])
        assert answer.status == 200, answer.body
        return dict(answer.json)

    def sync(self) -> tuple[int, dict[str, int]]:
        words = [*MADOGUCHI, "sync", "--config", self.said["config"], "--json"]
        done = subprocess.run(words, capture_output=True, timeout=60, check=False)
        return done.returncode, json.loads(done.stdout)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    demo.start()
    yield demo
    demo.process.end()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def room(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        locale="ja-JP", timezone_id="Asia/Tokyo", viewport={"width": 1280, "height": 800}, has_touch=True
    )
    context.set_default_timeout(8000)
    yield context
    context.close()


class Fingers:
    """Taps, and counts them."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.taps = 0

    def link(self, name: str) -> None:
        self._page.get_by_role("link", name=name).tap()
        self.taps += 1

    def chip(self, name: str) -> None:
        self._page.get_by_text(name, exact=True).tap()
        self.taps += 1

    def cell(self, band: str, outcome: str) -> None:
        self._page.get_by_role("group", name=band).get_by_role("button", name=outcome).tap()
        self.taps += 1


def sign_in(room: BrowserContext, demo: Demo) -> Page:
    page = room.new_page()
    page.goto(demo.desk + "/sign-in")
    page.get_by_label("暗証番号").fill(demo.said["staff_pin"])
    page.get_by_role("button", name="はじめる", exact=True).tap()
    expect(page.get_by_role("button", name="席をはなれる")).to_be_visible()  # by now the sign-in is on record
    expect(page.get_by_role("heading", level=1)).to_have_text("窓口")
    return page


def one_visit(volunteer: Page, hardware: Page, *, memo: str) -> int:
    """Press, see the call without a reload, answer, log; the taps from おわる to saved."""
    hardware.get_by_role("button", name="1番 よびだし").tap()
    volunteer.get_by_role("button", name="1番の よびだしに 対応する").tap()
    fingers = Fingers(volunteer)
    fingers.link("対応を おわる")
    if memo:
        volunteer.locator("#more summary").tap()  # the memo is an extra, outside the three taps
        volunteer.get_by_label("メモ").fill(memo)
    fingers.chip("マイナンバーカード")
    fingers.cell("75〜84", "解決した")
    expect(volunteer.locator("#undo")).to_be_visible()
    return fingers.taps


def test_a_press_and_a_consultation_become_numbers_of_the_town(demo: Demo, room: BrowserContext) -> None:
    volunteer = sign_in(room, demo)
    hardware = room.new_page()
    hardware.goto(demo.desk + "/hardware")
    assert one_visit(volunteer, hardware, memo=MEMO) == 3
    expect(hardware.get_by_text("係が まいります").first).to_be_visible()
    one_visit(volunteer, hardware, memo=SLIP)
    volunteer.get_by_role("button", name="取り消す").tap()  # within ten seconds: a slip
    expect(volunteer.get_by_text("未送信")).to_be_visible()
    assert demo.statistics()["consultations"] == 0

    time.sleep(HOLD_SECONDS + 1)
    status, result = demo.sync()
    assert status == 0
    assert result["sent"] == result["receipted"] > 0
    assert result["waiting"] == 0
    counted = demo.statistics()
    expected = {"visits": 1, "people": 1, "consultations": 1, "calls": 2, "calls_unattended": 0}
    assert {name: counted[name] for name in expected} == expected
    assert counted["by_topic"] == {"my_number_card": 1}
    assert counted["by_age_band"] == {"75to84": 1}

    office = room.new_page()
    office.goto(demo.town + "/office")
    office.get_by_label("名前").fill(demo.said["office_user"])
    office.get_by_label("暗証番号").fill(demo.said["office_pin"])
    office.get_by_role("button", name="はじめる", exact=True).tap()
    expect(office.get_by_role("main")).to_contain_text("来所件数")
    expect(office.get_by_role("row").filter(has_text="マイナンバーカード")).to_contain_text("1")
    again = demo.sync()
    assert again[0] == 0
    assert again[1]["sent"] == 0
    assert demo.statistics() | {"as_of": None} == counted | {"as_of": None}

    demo.process.kill()
    assert_nowhere(demo.folder, MEMO, but=Path("office.db"))
    assert_nowhere(demo.folder, SLIP, but=Path("nothing is allowed to hold this"))


def test_without_a_receiver_nothing_is_lost_and_the_strip_counts(tmp_path: Path, room: BrowserContext) -> None:
    demo = Demo(tmp_path)
    demo.start()
    page = sign_in(room, demo)
    made = demo.api("POST", "consultations", {"topics": ["phone"], "age_band": "to39", "channel": "telephone",
                                              "outcome": "continued"})  # fmt: skip
    assert made.status == 201
    config = Path(demo.said["config"])
    right = config.read_text(encoding="utf-8")
    port = urlsplit(demo.town).port
    unsent = demo.api("GET", "board").json["unsent"]
    assert unsent >= 2
    expect(page.get_by_text(f"未送信 {unsent}件")).to_be_visible()
    demo.process.end()
    assert right.count(f":{port}") == 1
    status, nothing = demo.sync()
    assert (status, nothing["sent"]) == (75, 0)
    demo.start()
    time.sleep(HOLD_SECONDS + 1)
    assert demo.sync()[1]["receipted"] >= unsent  # and what the closing added
    assert demo.statistics()["consultations"] == 1
    demo.process.end()
