"""How the office reaches its desks: on foot with a stick, or by wire through a receiver; pulled and pushed alike."""

import http.client
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from sync.addresses import receiver_base
from sync.bundle import Bundle, Piece, StickNotReached
from sync.errors import MalformedMessage, SyncError, UnsupportedVersion
from sync.office.errors import SourceAway
from sync.office.source import Source
from sync.receiver.errors import (
    LeavingOlder,
    NoticeOlder,
    NotTheDevice,
    NumberTaken,
    OpenedConflict,
    StoreFailed,
    StoreFull,
)
from sync.receiver.receiver import Receiver
from sync.wire import MAX_PULL_BYTES, Pulled

log = logging.getLogger(__name__)

_SECONDS = 60.0
_CBOR = "application/cbor"
_CONFLICTS: Mapping[str, type[SyncError]] = {
    "/notices": NoticeOlder,
    "/leaving": LeavingOlder,
    "/admissions": NumberTaken,
}


class ReceiverTooOld(SyncError):
    """A receiver elsewhere that does not know this kind of message yet."""

    code = "receiver_too_old"
    ja = "ほかの機械の受信側が 古く、これを 受けとれません。受信側を 更新してください。"
    en = "The receiver elsewhere is too old to take this; update it."


@dataclass(frozen=True, kw_only=True, slots=True)
class Trip:
    """What one way of a road came to."""

    boxes: int = 0
    records: int = 0
    refused: tuple[str, ...] = ()
    """Batches that were not taken: box and code of the reason."""


class Road(Source, Protocol):
    """A source of records whose sealed batches may have to be fetched, and answered, by hand."""

    def bring(self) -> Trip:
        """Let the receiver have what lies on the road."""
        ...

    def answer(self) -> Trip:
        """Lay the receiver's answers on the road."""
        ...


HERE = "receiver"
"""The receiver in the same house, by whatever way its batches come."""


class StickRoad:
    """Port `Road` on foot: the receiver of this house takes the batches of a stick, and its replies go back on it."""

    road = HERE

    def __init__(self, bundle: Bundle, receiver: Receiver) -> None:
        self._bundle = bundle
        self._receiver = receiver
        self.records = receiver.records
        self.publish = receiver.publish
        self.announce = receiver.announce
        self.admit = receiver.admit
        self.take_leaving = receiver.take_leaving

    def bring(self) -> Trip:
        """See the port; what was taken stays on the stick until it is answered."""
        return self._all(answer=False)

    def answer(self) -> Trip:
        """See the port; a batch that comes again is harmless, so it is taken once more and its reply kept."""
        return self._all(answer=True)

    def _all(self, *, answer: bool) -> Trip:
        boxes, records, refused = set(), 0, []
        for piece in self._pieces():
            try:
                records += self._take(piece, answer=answer)
                boxes.add(piece.device)
            except (StickNotReached, StoreFull, StoreFailed):
                raise
            except SyncError as error:
                refused.append(f"{piece.device.hex()} {error.code}")
        return Trip(boxes=len(boxes), records=records, refused=tuple(refused))

    def _pieces(self) -> Iterator[Piece]:
        """Every batch; the last one first of a box that has left, whose records are proven by the ones behind them."""
        for device in self._bundle.devices():
            batches = self._bundle.batches(device)
            yield from reversed(batches) if self._receiver.has_left(device) else batches

    def _take(self, piece: Piece, *, answer: bool) -> int:
        """Give one batch to the receiver, and keep its reply if that is wanted; how many records it holds."""
        found = self._bundle.batch(piece)
        if found is None:
            raise MalformedMessage("damaged; its box writes it again")
        body, batch = found
        try:
            reply = self._receiver.take(body)
        except UnsupportedVersion:
            raise
        except (NotTheDevice, MalformedMessage):
            self._bundle.set_aside(piece)
            raise
        if answer:
            self._bundle.put_reply(piece, reply)
        return len(batch.records)


class WireRoad:
    """Port `Road` by wire: the receiver stands elsewhere, has taken the batches already and answers them itself."""

    def __init__(self, url: str, *, token: str) -> None:
        """`UnsafeReceiver`, `SourceAway` for a name that is nowhere."""
        try:
            parts = urlsplit(receiver_base(url))
        except OSError as error:
            raise SourceAway(f"{url}: {error.strerror}") from None
        self.road = url
        self._host = parts.netloc
        self._path = parts.path
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": _CBOR, "Accept": _CBOR}

    def bring(self) -> Trip:
        """See the port."""
        return Trip()

    def answer(self) -> Trip:
        """See the port."""
        return Trip()

    def records(self, after: int, limit: int) -> Pulled:
        """See the port `Source`."""
        try:
            return Pulled.from_bytes(self._ask("GET", f"/records?after={after}&limit={limit}"))
        except MalformedMessage as error:
            raise SourceAway(f"what answers is not the receiver: {error}") from None

    def publish(self, opened: bytes) -> None:
        """See the port `Source`."""
        self._ask("POST", "/opened", opened)

    def announce(self, notice: bytes) -> None:
        """See the port `Source`; `ReceiverTooOld`."""
        self._ask("POST", "/notices", notice)

    def admit(self, admission: bytes) -> None:
        """See the port `Source`; `NumberTaken`, `ReceiverTooOld`."""
        self._ask("POST", "/admissions", admission)

    def take_leaving(self, leaving: bytes) -> None:
        """See the port `Source`; `ReceiverTooOld`."""
        self._ask("POST", "/leaving", leaving)

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        connection = self._kind(self._host, timeout=_SECONDS)
        try:
            connection.request(method, self._path + path, body, self._headers)
            response = connection.getresponse()
            content = response.read(MAX_PULL_BYTES + 1)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise SourceAway(f"{self._host}: {type(error).__name__}") from None
        finally:
            connection.close()
        if response.status == http.client.CONFLICT:
            raise _CONFLICTS.get(path, OpenedConflict)
        if response.status == http.client.NOT_FOUND and method == "POST":
            raise ReceiverTooOld(path)
        if response.status not in (http.client.OK, http.client.NO_CONTENT):
            raise SourceAway(f"{self._host}: HTTP {response.status}")
        return content
