"""The running product against whoever wants it to stop, to tell, or to lead elsewhere."""

import json
import re
import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.configured import free_port
from tests.house.running import Answer, Process, ask
from tests.ui.hostile_text import deep

CROWD = 300
SLOW_BODIES = 50
ASKED = 300
LIMIT_MS = 50.0
PATIENCE = 20.0
"""A half request is given up after ten seconds, and looked for every two."""
SILENCE = 0.3
ROUNDS = 15
MOST_GROWTH = 16 * 2**20

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@dataclass
class House:
    """`madoguchi demo` in a process of its own."""

    process: Process
    said: dict[str, str]

    @property
    def port(self) -> int:
        return urlsplit(self.said["desk"]).port or 0

    @property
    def town_port(self) -> int:
        return urlsplit(self.said["town"]).port or 0

    @property
    def token(self) -> bytes:
        return self.said["desk_token"].encode()

    def api(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Answer:
        return ask(self.said["desk"], method, "/api/v1/" + path, body, token=self.said["desk_token"], key=key)

    def resident(self) -> int:
        assert self.process.process is not None
        pages = Path(f"/proc/{self.process.process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * 4096

    def raw(self, sent: bytes, *, port: int = 0, seconds: float = 5) -> bytes:
        """What comes back for these very bytes until the connection is closed or silent."""
        with socket.create_connection(("127.0.0.1", port or self.port), timeout=seconds) as line:
            with suppress(ConnectionError):
                line.sendall(sent)
            return received(line)

    def answers(self, sent: bytes, *, port: int = 0) -> list[int]:
        """The statuses of what comes back."""
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", self.raw(sent, port=port))]


def received(line: socket.socket) -> bytes:
    """Everything until the other side closes, or has said something and falls silent."""
    found = b""
    with suppress(TimeoutError, ConnectionError):
        while part := line.recv(65536):
            found += part
            line.settimeout(SILENCE)
    return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("hostile")
    words = ["demo", "--data", str(folder / "data"), "--port", str(free_port()), "--town-port", str(free_port())]
    process = Process(words, folder / "demo.log")
    process.start()
    house = House(process, json.loads(process.first_line()))
    house.api("POST", "calls", {"button": 1})
    yield house
    process.end()
    told = (folder / "demo.log").read_text(encoding="utf-8")
    assert "Traceback" not in told, told
    assert not re.search(r"^(ERROR|CRITICAL) ", told, re.MULTILINE), told


def post(house: House, path: bytes, body: bytes, *, kind: bytes = b"application/json", more: bytes = b"") -> bytes:
    """A request of a program, as bytes."""
    head = b"POST /api/v1/%b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: %b\r\n" % (path, kind)
    return head + b"Authorization: Bearer %b\r\nContent-Length: %d\r\n%b\r\n%b" % (house.token, len(body), more, body)


def get(path: bytes, *headers: bytes, host: bytes = b"localhost", version: bytes = b"1.1") -> bytes:
    lines = [b"GET %b HTTP/%b" % (path, version), b"Host: " + host, b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def seconds_of(house: House, path: str) -> float:
    began = time.perf_counter()
    assert ask(house.said["desk"], "GET", path, token=house.said["desk_token"]).status == 200
    return time.perf_counter() - began


def test_three_hundred_half_sent_requests_keep_nobody_waiting(house: House) -> None:
    """Half of a request is given up after a while, however slowly the rest of it trickles in."""
    with ExitStack() as opened:
        crowd = [opened.enter_context(socket.create_connection(("127.0.0.1", house.port))) for _ in range(CROWD)]
        for line in crowd:
            line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        bodies = [opened.enter_context(socket.create_connection(("127.0.0.1", house.port))) for _ in range(SLOW_BODIES)]
        for line in bodies:
            line.sendall(post(house, b"calls", b'{"button": 1}' + b" " * 1000)[:-1000])
        took = [seconds_of(house, path) * 1000 for _ in range(ASKED // 2) for path in ("/healthz", "/api/v1/board")]
        assert_quick(took)
        assert gone(crowd + bodies, within=PATIENCE) == CROWD + SLOW_BODIES


def gone(lines: Sequence[socket.socket], *, within: float) -> int:
    """How many are closed by the other side, although each sends another byte now and then."""
    left, deadline = set(lines), time.monotonic() + within
    while left and time.monotonic() < deadline:
        for line in list(left):
            line.settimeout(0.001)
            try:
                line.sendall(b"a")
                if line.recv(1) == b"":
                    left.discard(line)
            except TimeoutError:
                continue
            except ConnectionError:
                left.discard(line)
        time.sleep(0.5)
    return len(lines) - len(left)


def assert_quick(took: list[float]) -> None:
    took = sorted(took)
    p95 = took[len(took) * 95 // 100]
    print(f"median {statistics.median(took):.1f} ms, p95 {p95:.1f} ms, worst {took[-1]:.1f} ms of {len(took)}")
    assert p95 <= LIMIT_MS


def test_a_memo_of_two_megabytes_is_refused_at_once(house: House) -> None:
    body = json.dumps({"topics": ["phone"], "age_band": "75to84", "outcome": "resolved", "memo": "あ" * 2**20}).encode()
    began = time.perf_counter()
    answer = house.raw(post(house, b"consultations", body))
    took = time.perf_counter() - began
    head, _, told = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in head
    assert b"frame-ancestors 'none'" in head
    assert json.loads(told)["code"] == "too_large"
    assert took < 2, took


def test_it_is_refused_before_it_is_sent(house: House) -> None:
    """Whoever announces too much need not send it."""
    sent = post(house, b"consultations", b"").replace(b"Content-Length: 0", b"Content-Length: 2000000")
    with socket.create_connection(("127.0.0.1", house.port), timeout=2) as line:
        line.sendall(sent)
        assert line.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_whoever_is_still_sending_can_read_the_refusal(house: House) -> None:
    with socket.create_connection(("127.0.0.1", house.port), timeout=5) as line:
        line.sendall(post(house, b"calls", b"x" * 10).replace(b"Content-Length: 10", b"Content-Length: 9000000"))
        for _ in range(50):
            line.sendall(b"x" * 10_000)
            time.sleep(0.01)
        line.shutdown(socket.SHUT_WR)
        assert received(line).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "host", [b"evil.example", b"127.0.0.1.evil.example", b"8.8.8.8", b"", b"localhost@evil.example"]
)
def test_a_name_of_another_machine_is_refused(house: House, host: bytes) -> None:
    for port, path in ((house.port, b"/"), (house.port, b"/healthz"), (house.town_port, b"/office/sign-in")):
        assert house.answers(get(path, host=host), port=port) == [400]
    assert b"unknown_host" in house.raw(get(b"/api/v1/board", host=host))
    assert house.answers(get(b"http://evil.example/healthz")) == [400]


@pytest.mark.parametrize("host", [b"localhost", b"127.0.0.1:80", b"madoguchi.local", b"MADOGUCHI.LOCAL:8080"])
def test_the_names_of_this_machine_are_not(house: House, host: bytes) -> None:
    assert house.answers(get(b"/healthz", host=host)) == [200]
    assert house.answers(get(b"http://localhost/healthz", host=host)) == [200]


def test_no_path_leads_out_of_the_house(house: House) -> None:
    for start in (b"/design/static/", b"/office/static/", b"/"):
        for step in (b"../", b"..%2f", b"%2e%2e/", b"..%5c", b"....//", b"%252e%252e/", b"..;/", b"/"):
            for port in (house.port, house.town_port):
                answer = house.raw(get(start + step * 8 + b"etc/passwd"), port=port)
                assert re.match(rb"HTTP/1\.1 (400|404) ", answer), (start, step, answer[:80])
                assert b"root:" not in answer


def test_nothing_leads_to_a_place_somebody_else_names(house: House) -> None:
    aims = (b"https://evil.example/", b"//evil.example", b"/\\evil.example", b"%0d%0aLocation:%20https://evil.example/")
    for aim in aims:
        for path in (
            b"/?next=" + aim,
            b"/sign-in?next=" + aim,
            b"/office/?url=" + aim,
            b"//evil.example/..",
            b"/" + aim,
        ):
            for port in (house.port, house.town_port):
                head = house.raw(get(path), port=port).partition(b"\r\n\r\n")[0]
                found = re.search(rb"^Location: (.*)$", head, re.MULTILINE | re.IGNORECASE)
                assert found is None or re.match(rb"/(?![/\\])", found[1]), (path, head)
                assert b"evil.example" not in head


def test_requests_in_a_row_are_answered_in_their_order(house: House) -> None:
    row = get(b"/healthz").replace(b"Connection: close\r\n", b"") + get(b"/nowhere").replace(
        b"Connection: close\r\n", b""
    )
    assert house.answers(row * 3 + get(b"/api/v1/healthz")) == [200, 404] * 3 + [200]


def test_a_body_may_come_in_pieces(house: House) -> None:
    head = post(house, b"calls", b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    assert house.answers(head + b'7\r\n{"butto\r\n6\r\nn": 1}\r\n0\r\n\r\n') == [201]
    assert house.answers(head + b"zz\r\n{}\r\n0\r\n\r\n") == [400]
    assert house.answers(head + b"20000\r\n" + b" " * 0x20000 + b"\r\n0\r\n\r\n") == [413]
    two = head.replace(b"chunked\r\n", b"chunked\r\nContent-Length: 13\r\n")
    assert house.answers(two + b'd\r\n{"button": 1}\r\n0\r\n\r\n') == [400]


def test_the_oldest_http_is_answered(house: House) -> None:
    assert house.answers(b"GET /healthz HTTP/1.0\r\n\r\n") == [200]
    assert house.answers(b"GET /healthz\r\n\r\n") == [200]


NONSENSE: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "unknown method": (b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", (405,)),
    "lower case method": (b"get / HTTP/1.1\r\nHost: localhost\r\n\r\n", (400,)),
    "a tunnel": (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", (400, 405)),
    "a trace": (b"TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", (405,)),
    "star": (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", (400, 405)),
    "no request": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50 + b"\r\n\r\n", (400,)),
    "another protocol": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 405)),
    "half a bracket": (b"GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n", (400,)),
    "no path": (b"GET http://localhost HTTP/1.1\r\nHost: localhost\r\n\r\n", (303,)),
    "long address": (get(b"/" + b"a" * 10_000), (404,)),
    "long question": (get(b"/?saved=" + b"a" * 10_000), (303,)),
    "longer address": (get(b"/" + b"a" * 100_000), (431,)),
    "ten thousand headers": (get(b"/", *[b"X: y"] * 10_000), (431,)),
    "null in a path": (get(b"/a%00b"), (404,)),
    "null in an address": (get(b"/a\0b"), (400, 404)),
    "null in a header": (get(b"/", b"X: a\0b"), (303, 400)),
    "a bare line end": (b"GET /healthz HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", (400,)),
    "a bare return": (get(b"/healthz", b"X: a\rb"), (400,)),
    "a folded header": (get(b"/healthz", b"X: a\r\n b"), (200, 400)),
    "a header without name": (get(b"/healthz", b": x"), (400,)),
    "a space before the colon": (get(b"/healthz", b"X : x"), (400,)),
    "not utf-8 in a header": (get(b"/healthz", b"Cookie: madoguchi=\xff\xfe"), (200,)),
    "not utf-8 in an address": (get(b"/%ff%fe?\xff=\xfe"), (400,)),
    "a forged cookie": (get(b"/", b"Cookie: madoguchi=eyJzaWduX2luIjoiYSJ9.aaaa.bbbb"), (303,)),
    "two lengths": (get(b"/healthz", b"Content-Length: 3", b"Content-Length: 5"), (400,)),
    "a negative length": (get(b"/healthz", b"Content-Length: -1"), (400,)),
    "a length of digits": (get(b"/healthz", b"Content-Length: " + b"9" * 5000), (400,)),
    "a length in words": (get(b"/healthz", b"Content-Length: ten"), (400,)),
    "unknown encoding": (get(b"/healthz", b"Transfer-Encoding: gzip"), (501,)),
    "somebody else's name": (get(b"/healthz", b"X-Forwarded-Host: evil.example"), (200,)),
}  # fmt: skip


def nonsense(house: House) -> dict[str, tuple[bytes, tuple[int, ...]]]:
    """The same, and bodies, which need a token."""
    key = b"Idempotency-Key: "
    form = b"application/x-www-form-urlencoded"
    return NONSENSE | {
        "not utf-8": (post(house, b"calls", b'{"button\xff": 1}'), (400,)),
        "not utf-8 in a value": (post(house, b"consultations", b'{"topics": ["\xff"]}'), (400, 422)),
        "another encoding": (post(house, b"calls", '{"button": 1}'.encode("utf-16")), (400,)),
        "deep": (post(house, b"calls", deep(5000)), (400, 422)),
        "deep lists": (post(house, b"calls", b"[" * 60_000), (400, 422)),
        "a huge number": (post(house, b"calls", b'{"button": ' + b"9" * 5000 + b"}"), (400, 422)),
        "no number": (post(house, b"calls", b'{"button": NaN}'), (400,)),
        "without end": (post(house, b"calls", b'{"button": 1e999}'), (400, 422)),
        "a half character": (post(house, b"calls", b'{"button": "\\ud800"}'), (400, 422)),
        "a name twice": (post(house, b"calls", b'{"button": "x", "button": 1e3}'), (400, 422)),
        "a key with a space": (post(house, b"calls", b'{"button": 1}', more=key + b"a b\r\n"), (400,)),
        "a key too long": (post(house, b"calls", b'{"button": 1}', more=key + b"a" * 129 + b"\r\n"), (400,)),
        "a key in Japanese": (post(house, b"calls", b'{"button": 1}', more=key + "あ".encode() + b"\r\n"), (400,)),
        "an empty key": (post(house, b"calls", b'{"button": 1}', more=key + b"\r\n"), (400,)),
        "a form": (post(house, b"calls", b"button=1", kind=form), (415,)),
        "a form of nothing": (post(house, b"../../sign-in", b"&" * 50_000, kind=form), (403, 404, 413)),
        "a file": (post(house, b"calls", b"--x--", kind=b"multipart/form-data; boundary=x"), (415,)),
        "a body on a page": (get(b"/healthz", b"Content-Length: 4") + b"abcd", (200,)),
    }


def test_nonsense_is_answered_by_a_refusal_and_reveals_nothing(house: House) -> None:
    for name, (sent, expected) in nonsense(house).items():
        answer = house.raw(sent)
        status = int(answer[9:12] or b"0")
        assert status in expected, f"{name}: {answer[:200]!r}"
        assert not re.search(rb"Traceback|/appliance/|site-packages|\.py\b|evil\.example|generated by", answer), name
        if status >= 400:
            assert b"Content-Security-Policy: " in answer, name


def test_the_town_answers_nonsense_too(house: House) -> None:
    for name, (sent, _) in NONSENSE.items():
        answer = house.raw(sent, port=house.town_port)
        assert re.match(rb"HTTP/1\.[01] (200|303|400|404|405|431|501) ", answer), f"{name}: {answer[:200]!r}"
        assert not re.search(rb"Traceback|/appliance/|site-packages|\.py\b|evil\.example", answer), name


def test_nothing_of_all_this_piles_up(house: House) -> None:
    attack = [sent for sent, _ in nonsense(house).values()]
    warm = 0
    for number in range(ROUNDS):
        for sent in attack:
            house.raw(sent)
        warm = house.resident() if number == ROUNDS // 5 else warm
    grown = house.resident() - warm
    print(f"{grown / 2**20:+.1f} MiB after {ROUNDS * len(attack)} hostile requests")
    assert grown < MOST_GROWTH
    assert seconds_of(house, "/api/v1/board") * 1000 < LIMIT_MS * 4


def test_a_key_that_comes_back_with_another_body_is_refused(house: House) -> None:
    made = house.api("POST", "calls", {"button": 1}, key="the-same")
    again = house.api("POST", "calls", {"button": 1}, key="the-same")
    assert (made.status, again.status, made.json["id"]) == (201, 201, again.json["id"])
    other = house.api("POST", "calls", {"button": 2}, key="the-same")
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
