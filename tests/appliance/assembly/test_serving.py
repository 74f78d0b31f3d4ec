"""The server before any application: what it believes, what it gives up, and how it refuses."""

import json
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from waitress.channel import HTTPChannel

from appliance.assembly.addresses import is_own_address
from appliance.assembly.serving import UNREACHABLE_AFTER, PageServer
from ui.design.headers import SECURITY_HEADERS

FORWARDED = "X-Forwarded-Proto: https\r\nX-Forwarded-For: 192.168.1.30\r\nX-Forwarded-Host: evil.example\r\n"


def told(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """What the application learns of a request."""
    body = environ["wsgi.input"].read()
    learnt = [environ["wsgi.url_scheme"], environ["REMOTE_ADDR"], environ["HTTP_HOST"], environ["PATH_INFO"], len(body)]
    answer = json.dumps(learnt).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


@contextmanager
def serving(**settings: Any) -> Iterator[int]:
    server = PageServer(told, host="127.0.0.1", port=0, threads=2, **settings)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def say(port: int, words: str, *, body: bytes = b"") -> tuple[str, bytes]:
    """Head and body of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(words.encode() + b"\r\n" + body)
        answer = b""
        while part := line.recv(65536):
            answer += part
    head, _, rest = answer.partition(b"\r\n\r\n")
    return head.decode(), rest


def get(path: str = "/", more: str = "") -> str:
    return f"GET {path} HTTP/1.1\r\nHost: desk.local\r\nConnection: close\r\n{more}"


@pytest.mark.parametrize(
    ("settings", "learnt"),
    [({}, ["http", "127.0.0.1"]), ({"behind_tls": True}, ["https", "192.168.1.30"])],
)
def test_a_terminator_is_believed_only_where_the_configuration_says_there_is_one(
    settings: dict[str, bool], learnt: list[str]
) -> None:
    with serving(**settings) as port:
        _, body = say(port, get(more=FORWARDED))
        assert json.loads(body) == [*learnt, "desk.local", "/", 0]


def test_an_absolute_address_without_a_path_asks_for_the_first_page() -> None:
    with serving() as port:
        assert json.loads(say(port, get("http://desk.local"))[1])[3] == "/"


def test_a_body_up_to_the_limit_comes_through_whole() -> None:
    with serving(longest_body=1000) as port:
        for length, status in ((1000, "200"), (1001, "413")):
            head, body = say(port, get(more=f"Content-Length: {length}\r\n"), body=b"x" * length)
            assert head.split()[1] == status
            assert status == "413" or json.loads(body)[4] == length


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (get(more="Content-Length: 9999999\r\n"), 413, "too_large"),
        (get(more="Content-Length: " + "9" * 5000 + "\r\n"), 400, "bad_request"),
        (get(more="Transfer-Encoding: gzip\r\n"), 501, "not_implemented"),
        (get(more="Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400, "bad_request"),
        (get(more="X: " + "a" * 20_000 + "\r\n"), 431, "headers_too_large"),
        (get("http://["), 400, "bad_request"),
        ("nonsense\r\n", 400, "bad_request"),
    ],
)
def test_what_never_reaches_an_application_is_refused_in_the_same_words(words: str, status: int, code: str) -> None:
    with serving() as port:
        head, body = say(port, words)
        answer = json.loads(body)
        assert (answer["status"], answer["code"], answer["type"]) == (status, code, f"urn:madoguchi:problem:{code}")
        assert head.split()[1] == str(status)
        for name, value in (*SECURITY_HEADERS, ("Content-Type", "application/problem+json")):
            assert f"{name}: {value}" in head


@pytest.mark.parametrize("half", ["GET / HTTP/1.1\r\nX: ", get(more="Content-Length: 1000\r\n") + "\r\n"])
def test_half_a_request_is_given_up_however_slowly_it_goes_on(half: str) -> None:
    with serving(patience=1) as port, socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(half.encode())
        began = time.monotonic()
        line.settimeout(0.2)
        while True:
            assert time.monotonic() - began < 8
            try:
                line.sendall(b"a")
                if line.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        assert json.loads(say(port, get())[1])[3] == "/"


def test_a_machine_knows_its_own_addresses() -> None:
    assert is_own_address("127.0.0.1")
    for other in ("192.0.2.1", "224.0.0.1", "255.255.255.255", "0.0.0.0.0", "2001:db8::1", "desk.local", ""):
        assert not is_own_address(other)


def test_a_browser_that_can_no_longer_be_reached_is_given_up_by_the_kernel() -> None:
    told_seconds: list[float] = []

    def look(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        line: socket.socket = environ["waitress.client_disconnected"].__self__.socket
        told_seconds.append(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) / 1000)
        return told(environ, start_response)

    server = PageServer(look, host="127.0.0.1", port=0, threads=2)
    server.start()
    try:
        say(server.port, get())
    finally:
        server.stop()
    assert told_seconds == [UNREACHABLE_AFTER]


def test_an_answer_leaves_in_one_packet() -> None:
    with serving() as port, socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        for _ in range(5):
            line.sendall(b"GET / HTTP/1.1\r\nHost: desk.local\r\n\r\n")
            head, _, body = line.recv(65536).partition(b"\r\n\r\n")
            assert json.loads(body)[2] == "desk.local"
            assert f"Content-Length: {len(body)}" in head.decode()


def test_the_servers_loop_leaves_a_line_alone_while_a_thread_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    ready: list[bool] = []
    send = HTTPChannel.write_soon

    def watched(channel: HTTPChannel, data: bytes) -> object:
        channel.total_outbufs_len += 1  # as in the middle of a send
        ready.append(channel.writable())
        channel.total_outbufs_len -= 1
        return send(channel, data)

    monkeypatch.setattr(HTTPChannel, "write_soon", watched)
    with serving() as port:
        assert "200 OK" in say(port, get())[0]
    assert ready == [False]
