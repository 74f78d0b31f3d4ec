import pytest
from flask import Flask

from ui.design.design import add_design
from ui.hosts import KnownHosts, add_known_hosts
from ui.problems import add_problems

KNOWN = KnownHosts(names=("Madoguchi-Box", "desk.example"), is_own_address=lambda address: address == "192.168.1.20")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8080",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.9.9.9",
        "[::1]",
        "[::1]:8080",
        "madoguchi.local",
        "madoguchi.local.:80",
        "madoguchi-box",
        "MADOGUCHI-BOX:8443",
        "desk.example",
        "desk.example.",
        "192.168.1.20:8080",
    ],
)
def test_this_machine_is_known_by_its_names(host: str) -> None:
    assert KNOWN.know(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "evil.example",
        "localhost.evil.example",
        "local",
        "192.168.1.21",
        "8.8.8.8",
        "0.0.0.0.0",
        "[::2]",
        "::1",
        "localhost:port",
        "localhost:123456",
        "localhost/x",
        "user@localhost",
        "localhost\r\nx",
        "a b",
        "[::1",
        "0x7f.1",
        "127.0.0.1.evil.example",
        "窓口.example",
        "localhost, evil.example",
        "2130706433",
    ],
)
def test_any_other_machine_is_not(host: str) -> None:
    assert not KNOWN.know(host)


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    add_design(app)
    add_problems(app, api_prefix="/api/")
    add_known_hosts(app, KNOWN)
    app.add_url_rule("/", "page", lambda: "page")
    app.add_url_rule("/api/thing", "thing", lambda: "thing")
    return app


def test_a_page_from_elsewhere_is_refused_in_words(app: Flask) -> None:
    response = app.test_client().get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "このアドレスでは ここを 開けません" in response.text
    assert "evil" not in response.text


@pytest.mark.parametrize("path", ["/api/thing", "/api/nowhere"])
def test_a_program_is_told_why_before_anything_else(app: Flask, path: str) -> None:
    response = app.test_client().get(path, headers={"Host": "evil.example"})
    assert (response.status_code, response.json and response.json["code"]) == (400, "unknown_host")


def test_an_absolute_address_is_looked_at_as_well(app: Flask) -> None:
    client = app.test_client()
    for asked, status in (("http://evil.example/", 400), ("http://localhost/", 200), ("*", 400), ("evil:x", 400)):
        assert client.get("/", environ_overrides={"REQUEST_URI": asked}).status_code == status, asked


def test_only_the_oldest_http_need_not_say_whom_it_is_for(app: Flask) -> None:
    client = app.test_client()
    for version, status in (("HTTP/1.0", 200), ("HTTP/1.1", 400)):
        environ = {"HTTP_HOST": None, "SERVER_PROTOCOL": version}
        assert client.get("/", environ_overrides=environ).status_code == status
