"""Everything that may answer in the town's place."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sync.addresses import UnsafeReceiver
from sync.courier import Route, Town, TownAsksLater, TownNotReached, TownRefused, _batches_url
from sync.wire import MAX_BATCH_BYTES

BATCH = b"a batch"
CBOR = "application/cbor"

Say = Callable[[socket.socket], None]


def hear(connection: socket.socket) -> bytes:
    """The whole request."""
    heard = b""
    while BATCH not in heard and (piece := connection.recv(65536)):
        heard += piece
    return heard


@contextmanager
def answering(*says: Say) -> Iterator[str]:
    """A server that reads one request per connection and then says what it is told; its URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for say in says:
            connection, _ = listener.accept()
            with connection:
                hear(connection)
                try:
                    say(connection)
                except OSError:
                    return  # the courier has left

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1/batches"
        thread.join(timeout=5)


def http(status: str, body: bytes, *, kind: str = CBOR, **headers: str) -> Say:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    message = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return lambda connection: connection.sendall(message)


def exchange(url: str, **patience: float) -> bytes:
    route = Route(door=Path("door"), **({"connect_seconds": 2.0, "read_seconds": 2.0} | patience))  # type: ignore[arg-type]
    with Town(url, route) as town:
        return town.exchange(BATCH)


def test_a_reply_is_handed_on_as_it_is() -> None:
    with answering(http("200 OK", b"reply", kind="application/cbor; v=1")) as url:
        assert exchange(url) == b"reply"


def test_bytes_are_counted_as_http_has_them() -> None:
    heard: list[bytes] = []
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/cbor\r\nContent-Length: 5\r\n\r\nreply"

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            heard.append(hear(connection))
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        with Town(f"http://127.0.0.1:{listener.getsockname()[1]}/v1/batches", Route(door=Path("door"))) as town:
            assert town.exchange(BATCH) == b"reply"
            thread.join()
            assert (town.meter.bytes_out, town.meter.bytes_in) == (len(heard[0]), len(answer))


@pytest.mark.parametrize(
    "say",
    [
        http("200 OK", b"<html>Welcome to the free network</html>", kind="text/html"),
        http("200 OK", b"", kind=""),
        http("204 No Content", b""),
        http("302 Found", b"", Location="http://127.0.0.1:1/login"),
        http("307 Temporary Redirect", b"", Location="/v1/elsewhere"),
        http("404 Not Found", b"<h1>", kind="text/html"),
        http("500 Internal Server Error", b"", kind="text/plain"),
        http("511 Network Authentication Required", b"", kind="text/html"),
        http("200 OK", b"x" * (MAX_BATCH_BYTES + 1)),
        lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"),
        lambda connection: connection.sendall(b"\x00" * 70_000),
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
        lambda connection: connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Type: application/cbor\r\n\r\nhalf"
        ),
        lambda connection: None,
    ],
)
def test_whatever_is_not_a_reply_is_not_the_town(say: Say) -> None:
    with answering(say) as url, pytest.raises(TownNotReached) as missed:
        exchange(url)
    assert missed.value.exit_code == 75
    assert type(missed.value) is TownNotReached


def test_a_redirect_is_never_followed() -> None:
    with answering(http("200 OK", b"stolen")) as elsewhere:
        with answering(http("307 Temporary Redirect", b"", Location=elsewhere)) as url, pytest.raises(TownNotReached):
            exchange(url)
        assert exchange(elsewhere) == b"stolen"


def test_a_huge_answer_is_not_read_to_its_end() -> None:
    sent = 0

    def pour(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/cbor\r\nTransfer-Encoding: chunked\r\n\r\n")
        while sent < 100_000_000:
            connection.sendall(b"10000\r\n" + bytes(65536) + b"\r\n")
            sent += 65536

    with answering(pour) as url, pytest.raises(TownNotReached, match="longer"):
        exchange(url)
    assert sent < 20_000_000


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable", "507 Insufficient Storage"])
def test_a_busy_town_ends_the_run(status: str) -> None:
    busy = http(status, b"", kind="text/html", Retry_After="120")
    with answering(busy) as url, pytest.raises(TownAsksLater, match="Retry-After 120") as later:
        exchange(url)
    assert later.value.exit_code == 75


def test_a_problem_is_shown_by_its_code_and_by_nothing_else() -> None:
    for body, shown in (
        (b'{"code": "unknown_device", "detail": "\\u001b[2J"}', "unknown_device"),
        (b'{"code": "\\u001b[2J"}', "no reason given"),
        (b"[]", "no reason given"),
        (b"\xff", "no reason given"),
    ):
        problem = http("403 Forbidden", body, kind="application/problem+json")
        with answering(problem) as url, pytest.raises(TownRefused, match=f"HTTP 403, {shown}$"):
            exchange(url)


def drip(head: bytes, drop: bytes) -> Say:
    def say(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(600):
            connection.sendall(drop)
            time.sleep(0.05)

    return say


@pytest.mark.parametrize(
    "say",
    [
        lambda connection: time.sleep(3),
        drip(b"HTTP/1.1 200 OK\r\nX: ", b"y"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Type: application/cbor\r\nContent-Length: 99999\r\n\r\n", b"y"),
    ],
)
def test_a_slow_answer_ends_in_time(say: Say) -> None:
    began = time.monotonic()
    with answering(say) as url, pytest.raises(TownNotReached):
        try:
            exchange(url, read_seconds=0.5, exchange_seconds=0.7)
        finally:
            took = time.monotonic() - began
    assert took < 2


def test_a_name_that_is_nowhere_is_not_the_town() -> None:
    with pytest.raises(TownNotReached):
        exchange("https://town.invalid/v1/batches")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for localhost that only its own signature vouches for."""
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, None)
    )
    path = tmp_path / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return path


def test_a_certificate_nobody_vouches_for_is_not_the_town(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for _ in range(2):
                connection, _ = listener.accept()
                try:
                    with context.wrap_socket(connection, server_side=True) as secure:
                        hear(secure)
                        http("200 OK", b"reply")(secure)
                except OSError:
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        url = f"https://localhost:{listener.getsockname()[1]}/v1/batches"
        with pytest.raises(TownNotReached, match="certificate"):
            exchange(url)
        with Town(url, Route(door=Path("door"), certificates=certificate)) as town:
            assert town.exchange(BATCH) == b"reply"
            assert town.meter.bytes_in > 50
        thread.join(timeout=5)


def test_no_variable_of_the_environment_leads_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with answering(http("200 OK", b"reply")) as url:
        assert exchange(url) == b"reply"


ROUTE = Route(door=Path("door"))


def test_plain_http_is_for_the_house_alone() -> None:
    for near in (
        "http://127.0.0.1:8090",
        "http://localhost:8090",
        "http://192.168.1.7",
        "http://10.0.0.1/",
        "http://[::1]:1",
    ):
        assert _batches_url(near, ROUTE) == near.rstrip("/") + "/v1/batches"
    for far in (
        "http://8.8.8.8",
        "http://203.0.113.9.nip.invalid",
        "ftp://127.0.0.1",
        "town.example",
        "http://",
        "https:///x",
    ):
        with pytest.raises((UnsafeReceiver, TownNotReached)):
            _batches_url(far, ROUTE)
    with pytest.raises(UnsafeReceiver):
        _batches_url("https://user:word@town.example", ROUTE)
    assert _batches_url("http://8.8.8.8", Route(door=Path("door"), plain_http=True)) == "http://8.8.8.8/v1/batches"
    assert _batches_url("https://town.example/v1/", ROUTE) == "https://town.example/v1/batches"
    assert _batches_url("https://town.example/madoguchi", ROUTE) == "https://town.example/madoguchi/v1/batches"
