"""Opens a page in a real browser and judges everything the checklist asks of it, in as few looks as possible."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Response

from tests.ui.checklist.shots import Scene, Shot
from ui.design.headers import SECURITY_HEADERS

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RULES = Path(__file__).with_name("rules.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BYTES = 60 * 1024
JAPANESE_FONTS = ("BIZ UD", "IPA", "Noto Sans CJK", "Noto Sans JP", "DejaVu")
"""DejaVu draws arrows and ticks, which are no Japanese glyphs; whether it draws more, the second list says."""
WESTERN_FONTS = ("DejaVu", "Liberation", "Noto Sans", "BIZ UD", "IPA")
MOST_STOPS = 600


@dataclass(frozen=True)
class Viewport:
    """How a page is looked at."""

    name: str
    width: int
    height: int
    is_spaced: bool = False


DESK, PHONE, NARROW = (
    Viewport("1280x800", 1280, 800),
    Viewport("390x844", 390, 844),
    Viewport("320 px spaced out", 320, 800, is_spaced=True),
)
TELEVISION = Viewport("1920x1080", 1920, 1080)


@dataclass
class Inspector:
    """One tab, and everything that was found in it."""

    browser: Browser
    is_thorough: bool
    """Whether axe looks in every viewport, and keyboard and fonts are tried in every state."""
    findings: dict[str, list[str]] = field(default_factory=dict)
    """Where each was found."""
    seen: int = 0
    looks: int = 0
    _met: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._context = self._new_context(javascript=True)
        self._context.add_init_script(RULES)
        self._page = self._context.new_page()
        self._page.set_default_timeout(10_000)
        self._plain = self._new_context(javascript=False)
        self._plain_page = self._plain.new_page()
        self._devtools = self._context.new_cdp_session(self._page)
        for domain in ("DOM", "CSS"):
            self._devtools.send(f"{domain}.enable")
        self._complaints: list[str] = []
        self._address = ""
        self._page.on("console", lambda message: self._hear(message.type, message.text))
        self._page.on("pageerror", lambda error: self._complaints.append(f"error in a script: {error}"))
        self._page.on("request", lambda request: self._note(request.url))
        self._page.on("response", self._answered)

    def close(self) -> None:
        """No more."""
        self._context.close()
        self._plain.close()

    def find(self, what: str, where: str) -> None:
        """Something is wrong there."""
        self.findings.setdefault(what, []).append(where)

    def report(self) -> str:
        """Everything that was found, in words."""
        return "\n".join(
            f"{what}\n    {places[0]}{f' and {len(places) - 1} times more' if places[1:] else ''}"
            for what, places in self.findings.items()
        )

    def look(self, scene: Scene, shot: Shot) -> None:
        """Judge that page in that state."""
        where = f"{shot.rule} ({', '.join(part for part in (scene.name, shot.who, shot.state) if part)})"
        is_first = shot.rule not in self._met
        self._met.add(shot.rule)
        self.seen += 1
        with self._opened(scene, shot) as response:
            found = list(self._headers(response, shot))
            for one, viewport in self._viewports(shot, self._in_turn(shot)):
                self.find(one, f"{where} at {viewport}")
            if is_first or self.is_thorough:
                found += [*self._keyboard(), *fonts(self._devtools)]
            found += self._still()
            text = self._page.inner_text("body")
        if shot.form is None and (is_first or self.is_thorough):
            found += self._without_scripts(text)
        found += [one for one in self._complaints if not (response.status >= 400 and str(response.status) in one)]
        for one in found:
            self.find(one, where)

    @contextmanager
    def _opened(self, scene: Scene, shot: Shot) -> Iterator[Response]:
        self._address = scene.url(is_elsewhere=shot.is_elsewhere)
        cookie = shot.client.get_cookie(scene.session_cookie, path=scene.cookie_path)
        for context in (self._context, self._plain):
            context.clear_cookies()
            if cookie:
                context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self._address + cookie.path}])
        self._complaints.clear()
        first = self._in_turn(shot)
        self._page.set_viewport_size({"width": first.width, "height": first.height})
        response = self._went(self._address + shot.path) if shot.form is None else self._sent(scene, shot)
        assert response
        self._page.evaluate("openEverything()")
        yield response

    def _went(self, address: str) -> Response | None:
        """The answer there; once more where the page before was just about to load something itself."""
        try:
            return self._page.goto(address)
        except Error as error:
            if "ERR_ABORTED" not in str(error):
                raise
            return self._page.goto(address)

    def _sent(self, scene: Scene, shot: Shot) -> Response:
        """What the box answers to a form of one of its pages."""
        if not self._page.url.startswith(self._address):
            self._went(self._address + scene.entrance)
            self._complaints.clear()
        with self._page.expect_navigation() as going:
            self._page.evaluate(
                """([action, entries]) => {
                    const make = (name) => document.createElementNS("http://www.w3.org/1999/xhtml", name);
                    const form = Object.assign(make("form"), {method: "post", action});
                    for (const [name, value] of Object.entries(entries))
                        form.append(Object.assign(make("input"), {type: "hidden", name, value}));
                    document.documentElement.append(form);
                    form.submit();
                }""",
                [shot.path, dict(shot.form or {})],
            )
        return going.value

    def _viewports(self, shot: Shot, first: Viewport) -> Iterator[tuple[str, str]]:
        for viewport in sorted(views(shot), key=lambda one: one != first):
            self.looks += 1
            self._page.set_viewport_size({"width": viewport.width, "height": viewport.height})
            self._page.evaluate("(isOn) => spaceOut(isOn)", viewport.is_spaced)
            found = self._page.evaluate(
                "(look) => checklist(look)", self._expected(shot, viewport, is_first=viewport == first)
            )
            if viewport == first or self.is_thorough:
                found += self._axe(shot)
            yield from ((one, viewport.name) for one in found)
        self._page.evaluate("spaceOut(false)")

    def _expected(self, shot: Shot, viewport: Viewport, *, is_first: bool) -> Mapping[str, object]:
        is_far = shot.is_kiosk and viewport == TELEVISION
        return {
            "text": 32 if is_far else 18,
            "target": 56,
            "still": is_far,
            "once": is_first,
            "bytes": BYTES,
            "reachable": not shot.is_cut_off,
        }

    def _axe(self, shot: Shot) -> list[str]:
        if not self._page.evaluate("'axe' in window"):
            self._page.evaluate(AXE)
        rules = {"target-size": {"enabled": True}, "color-contrast-enhanced": {"enabled": shot.is_kiosk}}
        options = {
            "runOnly": {"type": "tag", "values": TAGS},
            "rules": rules,
            "resultTypes": ["violations"],
            "selectors": False,
            "iframes": False,
        }
        result: dict[str, Any] = self._page.evaluate("(options) => axe.run(document, options)", options)
        return [
            f"axe {violation['id']}: {violation['help']}, {node['html'][:100]} {_why(node)}"
            for violation in result["violations"]
            for node in violation["nodes"][:3]
        ]

    def _keyboard(self) -> list[str]:
        self._page.set_viewport_size({"width": DESK.width, "height": DESK.height})
        self._page.evaluate("watchFocus()")
        for _ in range(MOST_STOPS // 10):
            for _ in range(10):
                self._page.keyboard.press("Tab")
            if not self._page.evaluate("stops.left.size"):
                break
        self._page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        found: list[str] = self._page.evaluate("focusFindings()")
        return found

    def _still(self) -> list[str]:
        self._page.emulate_media(reduced_motion="reduce")
        found: list[str] = self._page.evaluate("moving()")
        self._page.emulate_media(reduced_motion="no-preference")
        return found

    def _without_scripts(self, text: str) -> Iterator[str]:
        self._plain_page.goto(self._page.url)
        self._plain_page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        plain = self._plain_page.inner_text("body")
        if len(plain) < 0.8 * len(text):
            yield f"without scripts only {len(plain)} of {len(text)} characters are there"

    def _headers(self, response: Response, shot: Shot) -> Iterator[str]:
        if response.status != shot.status:
            yield f"answered {response.status} and not {shot.status}"
        for name, value in SECURITY_HEADERS:
            if response.headers.get(name.lower()) != value:
                yield f"header {name} is {response.headers.get(name.lower())!r}"

    def _in_turn(self, shot: Shot) -> Viewport:
        """Another viewport is the first one each time, which is where axe looks."""
        offered = views(shot)
        return offered[self.seen % len(offered)]

    def _new_context(self, *, javascript: bool) -> BrowserContext:
        return self.browser.new_context(
            has_touch=True, locale="ja-JP", timezone_id="Asia/Tokyo", java_script_enabled=javascript
        )

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self._complaints.append(f"console: {text}")

    def _note(self, url: str) -> None:
        if not url.startswith((self._address, "data:")):
            self._complaints.append(f"asked a stranger: {url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self._complaints.append(f"sub-resource failed: {response.status} {response.url}")


def views(shot: Shot) -> list[Viewport]:
    """How that page is looked at: a page for a television there, too."""
    return [*([TELEVISION] if shot.is_kiosk else []), DESK, PHONE, NARROW]


def fonts(devtools: CDPSession) -> Iterator[str]:
    """Text that is drawn with a font that nobody chose, or whose glyphs are boxes."""
    root = devtools.send("DOM.getDocument", {"depth": -1})["root"]
    strangers: dict[str, str] = {}
    for node, language, text in _texts(root, ""):
        used = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        known = JAPANESE_FONTS if language.startswith("ja") else (*JAPANESE_FONTS, *WESTERN_FONTS)
        for font in used:
            if not font["familyName"].startswith(known):
                strangers.setdefault(font["familyName"], text)
    yield from (f"font {family} draws {text[:20]!r}" for family, text in strangers.items())


def _texts(node: Mapping[str, Any], language: str) -> Iterator[tuple[int, str, str]]:
    """Each element with text of its own: its number, its language, its text."""
    attributes = node.get("attributes", [])
    named = dict(zip(attributes[::2], attributes[1::2], strict=True))
    language = named.get("lang", language)
    if node.get("localName") in {"head", "script", "noscript"}:
        return
    children = node.get("children", [])
    text = "".join(child["nodeValue"] for child in children if child["nodeType"] == 3).strip()
    if text:
        yield node["nodeId"], language, text
    for child in children:
        yield from _texts(child, language)


def _why(node: Mapping[str, Any]) -> str:
    data = [check.get("data") for check in node["any"] if check.get("data")]
    return json.dumps(data[0], ensure_ascii=False)[:160] if data else ""
