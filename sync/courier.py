"""One run from the desk's door to the town and back; it opens nothing, keeps nothing and holds no key."""

import http.client
import io
import json
import logging
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import requests
from requests.adapters import HTTPAdapter

from sync.addresses import receiver_base
from sync.door import Door, DoorRefused
from sync.errors import SyncError
from sync.runs import NotReached, RunResult, desk_words
from sync.wire import MAX_BATCH_BYTES, MAX_BATCH_RECORDS, as_blob, as_bool, as_int, as_text, fields

log = logging.getLogger(__name__)

MAX_BATCHES = 500
"""Batches of one run; what is left waits for the next."""

_CBOR = "application/cbor"
_HEADERS = {"Content-Type": _CBOR, "Accept": _CBOR, "User-Agent": "madoguchi/1", "Accept-Encoding": "identity"}


# --------------------------------------------------------------------------------------------- what the run comes to


class TownNotReached(NotReached):
    """No network, no receiver, or something in between that answers in its place."""

    code = "town_not_reached"
    ja = "役所に つながりません。記録は この機器に のこっています。次の回に 送ります。"
    en = "The town was not reached; the records stay here and go with the next run."


class TownAsksLater(TownNotReached):
    """The receiver is there and asks to come again later."""

    code = "town_asks_later"
    ja = "役所側が こみあっています。記録は この機器に のこっています。あとで 送ります。"
    en = "The town is busy; the records stay here and go with a later run."


class TownRefused(TownNotReached):
    """The receiver says no to the whole batch, as it does to a device it has not admitted."""

    code = "town_refused"
    ja = "役所側が 受けとりませんでした。機器の登録を 確かめてください。記録は この機器に のこっています。"
    en = "The town refused the batch; the records stay here. Is this device admitted?"


class NoReceiver(SyncError):
    """This town is reached by stick only."""

    code = "no_receiver"
    exit_code: ClassVar[int] = 78
    ja = "送り先が 設定されていません。この町では USBメモリーで 運びます。"
    en = "No receiver is configured; in this town a stick carries the records."


# ------------------------------------------------------------------------------------------------------------- the run


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """Which way the courier goes; the address of the receiver comes from the desk."""

    door: Path
    plain_http: bool = False
    """Allow http:// to any address; loopback and private ones are always allowed."""
    certificates: Path | None = None
    """The certificates of the authorities to trust, instead of the usual ones."""
    connect_seconds: float = 10
    read_seconds: float = 30
    exchange_seconds: float = 120
    """A batch is there and its reply is back within this time, however slowly the bytes drip."""


def run(route: Route) -> RunResult:
    """Carry everything that waits, bring back what the town has; `NotReached`, `NoReceiver`, `UnsafeReceiver`."""
    with desk_words(), Door(route.door) as door:
        _, _, _, url = fields(door.ask("hello"), 4)
        with Town(_batches_url(url, route), route) as town:
            return _Run(door, town).go()


class _Run:
    """What has been carried so far."""

    def __init__(self, door: Door, town: "Town") -> None:
        self._door = door
        self._town = town
        self._result = RunResult()

    def go(self) -> RunResult:
        try:
            with desk_words():
                self._carry()
        except NotReached as error:
            error.result = self._so_far()
            self._report(error.code)
            raise
        self._report("done")
        return self._so_far()

    def _carry(self) -> None:
        """Batch by batch; the first goes even if it is empty, because its reply brings the inbox."""
        after, going_on, begun_again = 0, True, False
        for _ in range(MAX_BATCHES):
            batch, last, count, more = self._fetch(after)
            if count == 0 and not going_on:
                return
            again, news = self._exchange(batch, count)
            going_on = bool(news) or (bool(again) and not begun_again)
            if not (more or going_on):
                return
            after = 0 if again and not begun_again else max(after, last)
            begun_again = begun_again or bool(again)

    def _fetch(self, after: int) -> tuple[bytes, int, int, bool]:
        batch, last, count, waiting, more = fields(self._door.ask("batch", after, MAX_BATCH_RECORDS), 5)
        self._result = replace(self._result, waiting=as_int(waiting, lowest=0))
        return as_blob(batch, most=MAX_BATCH_BYTES), as_int(last, lowest=0), as_int(count, lowest=0), as_bool(more)

    def _exchange(self, batch: bytes, count: int) -> tuple[int, int]:
        """Bring one batch to the town and its reply to the desk; how many to offer again, how many messages came."""
        reply = self._town.exchange(batch)
        with _forgeries_refused():
            answer = fields(self._door.ask("receipts", reply), 5)
        receipted, waiting, again, refused, news = (as_int(number, lowest=0) for number in answer)
        done = self._result
        self._result = replace(
            done,
            sent=done.sent + count,
            receipted=done.receipted + receipted,
            waiting=waiting,
            quarantined=done.quarantined + refused,
        )
        return again, news

    def _so_far(self) -> RunResult:
        return replace(self._result, bytes_out=self._town.meter.bytes_out, bytes_in=self._town.meter.bytes_in)

    def _report(self, outcome: str) -> None:
        """Tell the desk how it went, if it is still there."""
        try:
            self._door.ask("report", outcome)
        except SyncError as error:
            log.info("the desk was not told how the run went: %s", error)


@contextmanager
def _forgeries_refused() -> Iterator[None]:
    """A reply that the desk does not believe did not come from the town."""
    try:
        yield
    except DoorRefused as error:
        if error.reason in {"bad_signature", "malformed_message", "unsupported_version", "not_our_reply"}:
            raise TownNotReached(f"what answered is not the town's receiver ({error.reason})") from None
        raise


# ------------------------------------------------------------------------------------------------------------ the town


def _batches_url(value: object, route: Route) -> str:
    """Where batches go; `NoReceiver`, `UnsafeReceiver`, `TownNotReached` for a name that is nowhere."""
    if value in ("", "none"):
        raise NoReceiver
    try:
        return receiver_base(as_text(value, most=500), plain_http=route.plain_http) + "/batches"
    except OSError as error:
        raise TownNotReached(f"{value}: {error.strerror}") from None


class Town:
    """The receiver, over one kept-alive connection."""

    def __init__(self, url: str, route: Route) -> None:
        self._url = url
        self._route = route
        self.meter = Meter()
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, certificate or .netrc that the configuration does not name
        self._session.headers.clear()
        self._session.headers.update(_HEADERS)
        self._session.verify = str(route.certificates) if route.certificates else True
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _MeteredAdapter(self.meter))

    def exchange(self, batch: bytes) -> bytes:
        """What answers `batch`, as far as can be told without a key; `TownNotReached` and its kinds."""
        self.meter.deadline = time.monotonic() + self._route.exchange_seconds
        try:
            with self._session.post(
                self._url,
                data=batch,
                timeout=(self._route.connect_seconds, self._route.read_seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                return _reply(response)
        except (requests.RequestException, http.client.HTTPException, OSError) as error:
            raise TownNotReached(f"{self._url}: {_first_cause(error)}") from None

    def __enter__(self) -> "Town":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()


def _reply(response: requests.Response) -> bytes:
    if response.status_code in {429, 503, 507}:
        raise TownAsksLater(f"HTTP {response.status_code}, Retry-After {response.headers.get('Retry-After', 'unset')}")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "application/problem+json":
        raise TownRefused(f"HTTP {response.status_code}, {_code(_bounded(response))}")
    if response.status_code != http.client.OK or kind != _CBOR:
        raise TownNotReached(f"something else answers there: HTTP {response.status_code}, {kind[:60] or 'no type'}")
    return _bounded(response)


def _code(problem: bytes) -> str:
    """The code of a problem document; nobody vouches for it, so nothing else of it is shown."""
    try:
        code = str(json.loads(problem)["code"])
    except (ValueError, TypeError, KeyError):
        return "no reason given"
    return code if re.fullmatch("[a-z_]{1,64}", code) else "no reason given"


def _bounded(response: requests.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_content(64 * 1024):
        body += piece
        if len(body) > MAX_BATCH_BYTES:
            raise TownNotReached("the answer is longer than any reply of ours")
    return bytes(body)


def _first_cause(error: BaseException) -> str:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return f"{type(error).__name__}: {error}"[:200]


# ----------------------------------------------------------------------------------------------------- counting bytes


class Meter:
    """The bytes of HTTP that one run has sent and read, and the time by which the present exchange must be over."""

    def __init__(self) -> None:
        self.bytes_out = 0
        self.bytes_in = 0
        self.deadline = float("inf")

    def check(self) -> None:
        """Return while there is time left."""
        if time.monotonic() > self.deadline:
            raise TimeoutError("the exchange takes too long")


class _MeteredStream(io.RawIOBase):
    """A reply as it arrives from the socket: counted, and cut off at the deadline."""

    def __init__(self, stream: io.RawIOBase, meter: Meter) -> None:
        self._stream = stream
        self._meter = meter

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._meter.check()
        count = self._stream.readinto(buffer) or 0
        self._meter.bytes_in += count
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


class _MeteredResponse(http.client.HTTPResponse):
    """A reply whose bytes are counted from its status line on."""

    meter: ClassVar[Meter]

    def __init__(self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None):
        super().__init__(sock, debuglevel, method, url)
        self.fp = io.BufferedReader(_MeteredStream(self.fp.detach(), self.meter))


class _MeteredConnection(http.client.HTTPConnection):
    """What is laid over a connection, plain or TLS, to count what it sends."""

    meter: ClassVar[Meter]

    def send(self, data: Any) -> None:
        self.meter.check()
        self.meter.bytes_out += len(data)
        super().send(data)


class _MeteredAdapter(HTTPAdapter):
    """Gives every connection of a session the same meter."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:  # noqa: FBT001, FBT002 # as it is there
        """Let the pools make metered connections."""
        super().init_poolmanager(connections, maxsize, block, **options)
        pools = self.poolmanager.pool_classes_by_scheme
        self.poolmanager.pool_classes_by_scheme = {scheme: self._metered(pool) for scheme, pool in pools.items()}

    def _metered(self, pool: Any) -> Any:
        response = type("Response", (_MeteredResponse,), {"meter": self._meter})
        attributes = {"meter": self._meter, "response_class": response}
        connection = type("Connection", (_MeteredConnection, pool.ConnectionCls), attributes)
        return type("Pool", (pool,), {"ConnectionCls": connection})
