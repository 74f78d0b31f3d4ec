import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from waitress import wasyncore
from waitress.server import MultiSocketServer, create_server

from appliance.desk.facts.call import CallSource
from appliance.desk.facts.card import CardCheck, CardKind, TriesLeft
from tests.fakes import FACILITY_STAFF_PIN, PIN, FakeWorld
from ui.desk import events

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync "
    "--disable-component-update --disable-dev-shm-usage --force-color-profile=srgb"
)
VIEWPORTS = {"tablet": (1280, 800), "phone": (390, 844), "tv": (1920, 1080), "narrow": (320, 800)}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]


class House:
    """The desk on a real server that can be pulled out and plugged in again."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.port = 0
        self.plug_in()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def plug_in(self) -> None:
        server = create_server(self._app, host="127.0.0.1", port=self.port, threads=32, channel_request_lookahead=1)
        assert not isinstance(server, MultiSocketServer)
        self.port = server.effective_port
        self._pulled = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(server._map,), daemon=True)  # noqa: SLF001
        self._thread.start()

    def pull_out(self) -> None:
        self._pulled.set()
        self._thread.join(5)

    def _serve(self, sockets: dict[int, object]) -> None:
        while not self._pulled.is_set():
            wasyncore.loop(timeout=0.05, use_poll=True, map=sockets, count=1)
        wasyncore.close_all(sockets, ignore_all=True)


class Visitor:
    """A browser window whose every complaint and every request is remembered."""

    def __init__(self, context: BrowserContext, house: House) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(5000)
        self._url = house.url
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))

    def open(self, path: str) -> Page:
        self.page.goto(self._url + path)
        return self.page

    def sign_in(self) -> Page:
        self.open("/sign-in")
        self.page.get_by_label("暗証番号").fill(PIN)
        self.page.get_by_role("button", name="はじめる", exact=True).click()
        self.page.wait_for_url(f"{self._url}/")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("窓口")
        return self.page

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def _note(self, url: str) -> None:
        if not url.startswith(self._url):
            self.complaints.append(f"asked a stranger: {url}")


def everybody_leaves(world: FakeWorld) -> None:
    world.desk.presence.everybody_leaves()


@pytest.fixture
def house(app: Flask, world: FakeWorld) -> Iterator[House]:
    house = House(app)
    yield house
    world.desk.board.close()
    world.desk.cards.close()
    house.pull_out()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def tablet(browser: Browser, house: House) -> Iterator[Visitor]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, has_touch=True, locale="ja-JP", timezone_id="Asia/Tokyo"
    )
    visitor = Visitor(context, house)
    yield visitor
    context.close()
    assert visitor.complaints == []


@pytest.fixture
def kiosk(browser: Browser, house: House) -> Iterator[Visitor]:
    context = browser.new_context(has_touch=True, locale="ja-JP", timezone_id="Asia/Tokyo")
    visitor = Visitor(context, house)
    yield visitor
    context.close()
    assert visitor.complaints == []


def test_a_press_is_seen_answered_and_written_down_in_three_taps(
    world: FakeWorld, tablet: Visitor, kiosk: Visitor
) -> None:
    page = tablet.sign_in()
    page.evaluate("window.stillTheSamePage = true")
    buttons = kiosk.open("/hardware")
    buttons.evaluate("window.stillTheSamePage = true")
    buttons.get_by_role("button", name="1番 よびだし").tap()
    expect(buttons.get_by_text("点滅しています（よびだし中）")).to_be_visible()
    assert buttons.evaluate("window.stillTheSamePage")
    expect(page.get_by_text("1番のボタン")).to_be_visible()
    assert page.evaluate("window.stillTheSamePage")

    page.get_by_role("button", name="1番の よびだしに 対応する").tap()
    expect(buttons.get_by_text("消えています")).to_have_count(2)
    world.clock.advance(minutes=7)

    taps = [
        lambda: page.get_by_role("link", name="対応を おわる").tap(),
        lambda: page.get_by_text("スマホの操作", exact=True).tap(),
        lambda: page.get_by_role("group", name="75〜84").get_by_role("button", name="解決した").tap(),
    ]
    for tap in taps:
        tap()  # type: ignore[no-untyped-call]
    assert len(taps) == 3
    bar = page.locator("#undo")
    expect(bar).to_contain_text("「スマホの操作・解決した」を 記録しました")
    expect(bar).not_to_contain_text("75")
    assert world.desk.logged_today()[0].minutes == 7

    bar.get_by_role("button", name="取り消す").tap()
    expect(page.get_by_role("link", name="対応を おわる")).to_be_visible()
    assert world.desk.logged_today() == []


def test_a_card_on_the_reader_sends_the_page_once_and_never_over_a_pin_half_typed(
    world: FakeWorld, tablet: Visitor
) -> None:
    desk, sakura = world.desk, world.desk.roster.members()[0]
    desk.staff_cards.take_keys({"1-new": bytes(32)})
    world.clock.advance(minutes=1)
    world.cards.put(CardKind.OTHER, name=b"hers")
    desk.staff_cards.enrol(sakura.id, by=desk.roster.members()[2], place="screen")
    page = tablet.open("/sign-in")
    expect(page.locator("#tap")).to_contain_text("置いたままです")
    world.cards.lift()
    expect(page.locator("#tap")).to_contain_text("係の カードを 置くと")
    page.locator("#pin").fill(PIN[:3])
    world.cards.put(CardKind.OTHER, name=b"hers")
    expect(page.locator("#tap")).to_contain_text("置かれました")
    page.locator("#pin").fill("")
    world.cards.lift()
    expect(page.locator("#tap")).to_contain_text("係の カードを 置くと")
    asked = world.cards.asked
    world.cards.put(CardKind.OTHER, name=b"hers")
    expect(page.get_by_role("heading", level=2)).to_have_text("1番の かたの 暗証番号を 入れてください")
    assert world.cards.asked == asked + 1
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="席をはなれる")).to_be_visible()
    page.get_by_role("button", name="席をはなれる").tap()
    expect(page.locator("#tap")).to_contain_text("置いたままです")
    world.cards.lift()
    world.cards.put(CardKind.OTHER, name=b"hers")
    expect(page.get_by_role("button", name="席をはなれる")).to_be_visible()
    assert world.cards.asked == asked + 2


def test_facility_staff_give_a_new_pin_within_four_screens(house: House, tablet: Visitor, kiosk: Visitor) -> None:
    screens: list[str] = []
    page = tablet.open("/sign-in")
    page.get_by_label("館の職員").check()
    page.get_by_label("暗証番号").fill(FACILITY_STAFF_PIN)
    page.on("framenavigated", lambda frame: screens.append(frame.url))
    page.get_by_role("button", name="はじめる", exact=True).tap()
    page.get_by_role("link", name="係の人").tap()
    page.get_by_role("link", name="さくらの 暗証番号を つくりなおす").tap()
    page.get_by_role("button", name="新しい番号を つくる").tap()
    pin = page.locator(".digits").inner_text()
    assert len(screens) == 4, screens
    other = kiosk.open("/sign-in")
    other.get_by_label("さくら").check()
    other.get_by_label("暗証番号").fill(pin)
    other.get_by_role("button", name="はじめる", exact=True).tap()
    expect(other.get_by_role("heading", level=1)).to_have_text("窓口")


def test_the_undo_bar_leaves_after_ten_seconds(world: FakeWorld, tablet: Visitor) -> None:
    tablet.page.clock.install()
    page = tablet.sign_in()
    page.get_by_role("button", name="窓口で直接受け付ける").tap()
    page.get_by_role("link", name="対応を おわる").tap()
    page.get_by_text("パスワード", exact=True).tap()
    page.get_by_role("group", name="不明").get_by_role("button", name="途中まで").tap()
    expect(page.locator("#undo")).to_be_visible()
    page.clock.fast_forward(11_000)
    expect(page.locator("#undo")).to_have_count(0)


def test_the_code_of_the_boxs_screen_changes_in_its_place(world: FakeWorld, kiosk: Visitor) -> None:
    kiosk.page.clock.install()
    page = kiosk.open("/presence-code")
    page.get_by_role("link", name="もどる").focus()
    before = page.locator(".digits").inner_text()
    world.clock.advance(minutes=5)
    page.clock.fast_forward(6_000)
    expect(page.locator(".digits")).not_to_have_text(before)
    expect(page.get_by_role("link", name="もどる")).to_be_focused()


def test_a_box_out_of_reach_is_said_and_recovers_alone(world: FakeWorld, house: House, tablet: Visitor) -> None:
    tablet.page.clock.install()
    page = tablet.sign_in()
    strip = page.locator("#strip")
    expect(strip).to_contain_text("町へ 未送信 1件")
    before = len(page.inner_text("body"))
    house.pull_out()
    page.clock.fast_forward(16_000)
    expect(strip).to_contain_text("箱とつながっていません。そのまま続けられます。12:00 の情報です")
    assert len(page.inner_text("body")) > 0.7 * before
    house.plug_in()
    world.desk.calls.pressed(2, source=CallSource.BUTTON)
    page.clock.run_for(5_000)
    expect(page.get_by_text("2番のボタン")).to_be_visible(timeout=10_000)
    expect(strip).to_contain_text("町へ 未送信 2件")
    tablet.complaints[:] = [one for one in tablet.complaints if "net::ERR_" not in one]


def test_a_stream_that_falls_silent_is_noticed_and_its_next_word_heals_it(
    house: House, tablet: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 3600)
    tablet.page.clock.install()
    page = tablet.sign_in()
    strip = page.locator("#strip")
    while "箱とつながっていません" not in strip.inner_text():
        page.clock.fast_forward(16_000)  # more than once, where the first word comes only now
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0)
    expect(strip).to_contain_text("町へ 未送信 1件")


def test_the_enter_key_on_a_chip_saves_nothing(world: FakeWorld, tablet: Visitor) -> None:
    page = tablet.sign_in()
    page.get_by_role("button", name="窓口で直接受け付ける").tap()
    page.get_by_role("link", name="対応を おわる").tap()
    page.get_by_label("パスワード").check()
    page.keyboard.press("Enter")
    expect(page.get_by_text("まだ 記録していません")).to_be_visible()
    expect(page.get_by_label("パスワード")).to_be_checked()
    tablet.complaints.clear()
    assert world.desk.logged_today() == []


def test_a_call_that_comes_while_somebody_types_takes_nothing_away(world: FakeWorld, tablet: Visitor) -> None:
    page = tablet.sign_in()
    page.get_by_role("button", name="窓口で直接受け付ける").tap()
    page.get_by_role("link", name="対応を おわる").tap()
    page.get_by_text("もっと書く（なくても かまいません）").tap()
    page.get_by_label("メモ").fill("長い話")
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    expect(page.get_by_text("よびだし 1件")).to_be_visible()
    expect(page.get_by_label("メモ")).to_have_value("長い話")
    expect(page.get_by_label("メモ")).to_be_focused()


def test_a_card_is_shown_as_it_is_laid_down_and_no_longer_than_the_box_can_be_heard(
    world: FakeWorld, house: House, tablet: Visitor
) -> None:
    tablet.page.clock.install()
    page = tablet.sign_in()
    page.get_by_role("link", name="カードを 確かめる").tap()
    expect(page.get_by_text("カードを 読み取り装置に 置いてください")).to_be_visible()
    tries = TriesLeft(authentication=3, signature=5, input_support=3)
    ends = world.clock.now().wall + timedelta(days=24)
    world.cards.put(check=CardCheck(valid_until=ends, authority_key=None, tries_left=tries))
    expect(page.get_by_text("あと 24日")).to_be_visible()
    house.pull_out()
    page.clock.fast_forward(16_000)
    expect(page.locator("#strip")).to_contain_text("箱とつながっていません")
    expect(page.get_by_text("あと 24日")).to_have_count(0)
    house.plug_in()
    page.clock.run_for(5_000)
    expect(page.get_by_text("あと 24日")).to_be_visible(timeout=10_000)
    world.cards.lift()
    expect(page.get_by_text("カードを 読み取り装置に 置いてください")).to_be_visible()
    tablet.complaints[:] = [one for one in tablet.complaints if "net::ERR_" not in one]


def test_what_is_typed_stays_when_the_box_is_gone_at_the_tap(world: FakeWorld, house: House, tablet: Visitor) -> None:
    page = tablet.sign_in()
    page.get_by_role("button", name="窓口で直接受け付ける").tap()
    page.get_by_role("link", name="対応を おわる").tap()
    page.get_by_text("もっと書く（なくても かまいません）").tap()
    page.get_by_label("メモ").fill("長い話")
    page.get_by_label("パスワード").check()
    house.pull_out()
    page.get_by_role("group", name="不明").get_by_role("button", name="途中まで").tap()
    expect(page.locator("#strip")).to_contain_text("箱とつながっていません", timeout=15_000)
    expect(page.get_by_label("メモ")).to_have_value("長い話")
    house.plug_in()
    page.get_by_role("group", name="不明").get_by_role("button", name="途中まで").tap()
    expect(page.locator("#undo")).to_be_visible(timeout=15_000)
    assert len(world.desk.logged_today()) == 1
    tablet.complaints.clear()


def test_a_sign_in_that_ended_keeps_what_is_typed(world: FakeWorld, house: House, tablet: Visitor) -> None:
    page = tablet.sign_in()
    page.get_by_role("button", name="窓口で直接受け付ける").tap()
    page.get_by_role("link", name="対応を おわる").tap()
    page.get_by_text("もっと書く（なくても かまいません）").tap()
    page.get_by_label("メモ").fill("長い話")
    page.get_by_label("パスワード").check()
    everybody_leaves(world)
    house.pull_out()
    house.plug_in()
    expect(page.locator("#strip")).to_contain_text("もう一度 暗証番号を 入れてください", timeout=10_000)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="べつの画面で 暗証番号を 入れる").tap()
    opened.value.get_by_label("暗証番号").fill(PIN)
    opened.value.get_by_role("button", name="はじめる", exact=True).click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("窓口")
    expect(page.get_by_label("メモ")).to_have_value("長い話")
    page.get_by_role("group", name="不明").get_by_role("button", name="途中まで").tap()
    expect(page.locator("#undo")).to_be_visible()
    assert world.desk.logged_today()[0].topics == ("password",)
    tablet.complaints.clear()


def test_whoever_left_elsewhere_is_led_back_to_the_sign_in(world: FakeWorld, house: House, tablet: Visitor) -> None:
    page = tablet.sign_in()
    everybody_leaves(world)
    house.pull_out()
    house.plug_in()
    expect(page.get_by_label("暗証番号")).to_be_visible(timeout=10_000)
    tablet.complaints.clear()


def test_everything_but_live_updates_works_without_scripts(world: FakeWorld, browser: Browser, house: House) -> None:
    context = browser.new_context(java_script_enabled=False, locale="ja-JP", timezone_id="Asia/Tokyo")
    visitor = Visitor(context, house)
    page = visitor.open("/hardware")
    page.get_by_role("button", name="1番 よびだし").click()
    page = visitor.sign_in()
    page.get_by_role("button", name="1番の よびだしに 対応する").click()
    page.get_by_role("link", name="対応を おわる").click()
    page.get_by_role("group", name="不明").get_by_role("button", name="途中まで").click()
    expect(page.get_by_text("どんな相談だったか えらんでください")).to_be_visible()
    page.get_by_label("その他", exact=True).check()
    page.get_by_text("もっと書く").click()
    page.get_by_label("2人").check()
    page.get_by_role("group", name="不明").get_by_role("button", name="途中まで").click()
    page.get_by_role("button", name="取り消す").click()
    page.get_by_role("button", name="席をはなれる").click()
    expect(page.get_by_label("暗証番号")).to_be_visible()
    context.close()
    assert [one for one in visitor.complaints if "422" not in one] == []


SIZES = """() => {
  const seen = (e) => e.checkVisibility() && e.getClientRects().length && !e.closest('.unseen, .skip');
  const wrong = [];
  for (const e of document.querySelectorAll('button, a, summary, select, textarea, input:not([type=hidden])')) {
    const box = (e.closest('label') ?? e).getBoundingClientRect();
    if (seen(e) && (box.height < 56 || box.width < 56)) wrong.push(`target ${e.outerHTML.slice(0, 80)} ${box.height}`);
  }
  for (const e of document.querySelectorAll('body *')) {
    const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (text && seen(e) && e.tagName !== 'NOSCRIPT' && parseFloat(getComputedStyle(e).fontSize) < 18)
      wrong.push(`text ${e.outerHTML.slice(0, 80)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) wrong.push('sideways scroll');
  return wrong;
}"""

SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
                     p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""


FOCUSED = """() => {
  const focused = document.activeElement;
  return [focused.outerHTML, parseFloat(getComputedStyle(focused).outlineWidth)];
}"""


@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_every_page_can_be_read_and_hit(world: FakeWorld, browser: Browser, house: House, viewport: str) -> None:
    width, height = VIEWPORTS[viewport]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="ja-JP")
    visitor = Visitor(context, house)
    visitor.sign_in()
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    visit = world.desk.consultations.walk_in()
    for path in ("/", f"/visits/{visit.id}/log", "/hardware", "/sign-in", "/own-pin", "/presence-code"):
        page = visitor.open(path)
        for summary in page.locator("summary").all():
            summary.click()
        assert page.evaluate(SIZES) == [], path
        page.evaluate(SPACED)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
    assert visitor.complaints == []


@pytest.mark.parametrize("path", ["/", "/hardware", "/sign-in", "log"])
def test_every_stop_of_the_keyboard_shows_where_it_is(world: FakeWorld, tablet: Visitor, path: str) -> None:
    tablet.sign_in()
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    visit = world.desk.consultations.walk_in()
    page = tablet.open(f"/visits/{visit.id}/log" if path == "log" else path)
    page.wait_for_timeout(300)
    stops = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        stop, ring = page.evaluate(FOCUSED)
        assert stop.startswith("<body") or ring >= 2, stop
        stops.add(stop)
    assert len(stops) > page.locator("button:visible, a:visible, summary:visible, input[type=checkbox]:visible").count()
