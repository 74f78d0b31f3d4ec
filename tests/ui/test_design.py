import re
import tomllib
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

import ui
from ui.design.design import add_design
from ui.design.headers import SECURITY_HEADERS

UI = Path(ui.__path__[0])
DESIGN = UI / "design"
SHEETS = sorted(UI.rglob("*.css"))
TEMPLATES = sorted(path for part in ("design", "desk", "office") for path in (UI / part / "templates").rglob("*.html"))


def test_what_others_made_is_entered_with_its_licence() -> None:
    for entry in tomllib.loads((DESIGN / "vendored.toml").read_text())["adapted"]:
        assert (DESIGN / entry["path"]).exists()
        assert entry["licence"]
        assert entry["notice"].strip()
    assert not list((DESIGN / "static").glob("*.min.*")), "nothing stands here whole"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_custom_property_that_is_used_is_said_somewhere(sheet: Path) -> None:
    said = "".join(path.read_text() for path in {DESIGN / "static/tokens.css", sheet})
    assert set(re.findall(r"var\((--[\w-]+)", sheet.read_text())) <= set(re.findall(r"(--[\w-]+):", said))


def test_every_token_is_used() -> None:
    used = {name for sheet in SHEETS for name in re.findall(r"var\((--[\w-]+)", sheet.read_text())}
    assert set(re.findall(r"(--[\w-]+):", (DESIGN / "static/tokens.css").read_text())) <= used


def test_all_scripts_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in (DESIGN / "static").glob("*.js")) <= 15_000


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_an_inline_style_or_script(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"""\sstyle=|<style|\son\w+=|javascript:|https?://""", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_every_response_is_hardened(client: FlaskClient) -> None:
    for path in ("/sign-in", "/nothing", "/healthz", "/api/v1/nothing", "/design/static/app.css"):
        headers = client.get(path).headers
        assert all(headers[name] == value for name, value in SECURITY_HEADERS), path


def test_nothing_but_static_files_is_kept_by_a_browser(client: FlaskClient) -> None:
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    assert client.get("/api/v1/board").headers["Cache-Control"] == "no-store"


def test_a_static_file_is_kept_for_ever_under_the_address_of_its_content(client: FlaskClient) -> None:
    found = re.search(r'href="(/design/static/app\.css\?v=\w+)"', client.get("/sign-in").text)
    assert found
    assert "immutable" in client.get(found[1]).headers["Cache-Control"]
    assert client.get("/design/static/app.css?v=old").headers["Cache-Control"] == "no-cache"
    assert client.get("/design/static/nothing.css").status_code == 404


def test_the_design_follows_an_app_that_is_mounted_below_the_root() -> None:
    app = Flask(__name__)
    add_design(app)
    with app.test_request_context("/office/", base_url="http://town/office"):
        address = render_template_string("{{ design_file('app.css') }}")
    assert address.startswith("/office/design/static/app.css?v=")
