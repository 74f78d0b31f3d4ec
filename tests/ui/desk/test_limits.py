from collections.abc import Mapping

import pytest
from flask import Flask

from ui.design.design import add_design
from ui.desk.limits import MOST_KEYS, Buckets, Limits, Rate, Turnstile, add_limits
from ui.problems import add_problems

FAR = "192.168.1.30"


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_so_many_at_once_and_then_so_many_a_second() -> None:
    watch = Watch()
    buckets = Buckets(Rate(at_once=3, per_second=2), watch)
    assert [buckets.take("a") for _ in range(5)] == [0, 0, 0, 1, 1]
    watch.seconds += 0.5
    assert [buckets.take("a") for _ in range(2)] == [0, 1]
    watch.seconds += 3600
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 1]


def test_it_says_how_long_to_wait_and_keeps_its_word() -> None:
    watch = Watch()
    buckets = Buckets(Rate(at_once=1, per_second=1 / 3), watch)
    assert buckets.take("a") == 0
    wait = buckets.take("a")
    assert wait == 3
    watch.seconds += wait
    assert buckets.take("a") == 0


def test_one_asker_takes_nothing_from_another() -> None:
    buckets = Buckets(Rate(at_once=1, per_second=1), Watch())
    assert [buckets.take(name) for name in "abab"] == [0, 0, 1, 1]


def test_it_remembers_only_so_many() -> None:
    watch = Watch()
    buckets = Buckets(Rate(at_once=1, per_second=1 / 1000), watch)
    for number in range(MOST_KEYS + 1):
        assert buckets.take(str(number)) == 0
    assert buckets.take(str(MOST_KEYS)) > 0
    assert buckets.take("0") == 0, "the oldest was forgotten"


@pytest.fixture
def app() -> Flask:
    few = Rate(at_once=2, per_second=1)
    turnstile = Turnstile(Limits(sign_ins=few, writes=few, pages=few), Watch())
    app = Flask(__name__)
    add_design(app)
    add_problems(app, api_prefix="/api/")
    add_limits(app, turnstile)

    @app.get("/page")
    def page() -> str:
        return "page"

    app.add_url_rule("/sign-in", "coming.sign_in", lambda: "signed in", methods=["POST"])

    @app.post("/api/<token>")
    def write(token: str) -> str:
        turnstile.check_write(token)
        return "written"

    app.add_url_rule("/press", "hardware.press", lambda: "pressed", methods=["POST"])
    return app


def statuses(app: Flask, path: str, *, address: str, method: str = "GET", times: int = 4) -> list[int]:
    client = app.test_client()
    environ: Mapping[str, str] = {"REMOTE_ADDR": address}
    return [client.open(path, method=method, environ_overrides=environ).status_code for _ in range(times)]


def test_a_browser_that_asks_too_much_is_told_when_to_come_again(app: Flask) -> None:
    assert statuses(app, "/page", address=FAR) == [200, 200, 429, 429]
    assert statuses(app, "/page", address="192.168.1.31") == [200, 200, 429, 429]
    response = app.test_client().get("/page", environ_overrides={"REMOTE_ADDR": FAR})
    assert response.headers["Retry-After"] == "1"
    assert "1秒ほど 待ってから" in response.text


def test_a_program_is_told_in_a_problem_document(app: Flask) -> None:
    statuses(app, "/page", address=FAR)
    response = app.test_client().post("/api/a", environ_overrides={"REMOTE_ADDR": FAR})
    assert (response.status_code, response.json and response.json["code"]) == (429, "too_many_requests")


def test_one_network_of_ipv6_is_one_asker(app: Flask) -> None:
    assert statuses(app, "/page", address="2001:db8::1", times=2) == [200, 200]
    assert statuses(app, "/page", address="2001:db8::ffff:2", times=1) == [429]
    assert statuses(app, "/page", address="2001:db8:0:1::1", times=1) == [200]


def test_writes_are_counted_by_token(app: Flask) -> None:
    taken = [statuses(app, "/api/a", address=f"10.0.0.{number}", method="POST", times=1) for number in range(4)]
    assert taken == [[200], [200], [429], [429]]
    assert statuses(app, "/api/b", address="10.0.0.9", method="POST", times=1) == [200]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.1.1", "::1"])
def test_the_box_itself_is_limited_at_the_sign_in_only(app: Flask, address: str) -> None:
    assert statuses(app, "/page", address=address) == [200] * 4
    assert statuses(app, "/api/a", address=address, method="POST") == [200] * 4
    assert statuses(app, "/sign-in", address=address, method="POST") == [200, 200, 429, 429]


def test_a_press_is_never_refused(app: Flask) -> None:
    assert statuses(app, "/press", address=FAR, method="POST", times=20) == [200] * 20
