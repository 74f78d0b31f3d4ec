"""The courier's door in the desk: hands out signed batches, takes receipts and opened lists in, opens nothing."""

import logging
import os
import select
import socket
import stat
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from appliance.desk.errors import ConfigError, MadoguchiError
from sync.bundle import digest_of
from sync.door import MAX_DETAIL, MAX_FRAME_BYTES, OK, REFUSED, BrokenFrame, read_frame, write_frame
from sync.errors import MalformedMessage, NotOurReply, SyncError
from sync.keys import SigningKey, TownKeys, device_id
from sync.notices import Notice
from sync.receipt import Entry, OpenedList, Reply
from sync.sticks import StickId, StickRevoked
from sync.wire import (
    BATCH_CONTEXT,
    MAX_BATCH_BYTES,
    MAX_BATCH_RECORDS,
    MAX_EPOCH_BYTES,
    MAX_RECORD_BYTES,
    Batch,
    Signed,
    as_blob,
    as_hash,
    as_int,
    as_text,
    decode,
    encode,
    fields,
)

log = logging.getLogger(__name__)

HOLD = timedelta(seconds=15)
"""A record younger than this stays: what is undone at once never left."""

_MOST_CONNECTIONS = 4
_MOST_RUNS = 16
_IDLE_SECONDS = 180.0
_BATCH_ROOM = MAX_BATCH_BYTES - 1024
"""What epochs and records of a batch may take, so that the signed whole stays below `MAX_BATCH_BYTES`."""

_PEER = struct.Struct("iII")


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """Records the town has not receipted, in the order of the chain, with their epochs."""

    epochs: Sequence[bytes]
    records: Sequence[bytes]
    """Whole bodies, those of withdrawn records hollow."""
    last_sequence: int
    """The sequence of the last of these records; where to go on asking."""
    waiting: int
    """How many records in all are not receipted, the young ones included."""


class OutboxDoor(Protocol):
    """The side of the box's database that looks to the courier."""

    def offered(self, after: int, limit: int, hold: timedelta) -> Offered:
        """Up to `limit` unreceipted records with a sequence above `after`, none younger than `hold`."""
        ...

    def receipted(self, entries: Sequence[Entry], receiver_epoch: bytes) -> int:
        """Mark those with the stored hash as receipted by that receiver; how many were new."""
        ...

    def receiver_is(self, receiver_epoch: bytes) -> int:
        """Learn who receives; if another than before, offer all that is not opened again; how many these are."""
        ...

    def opened(self, number: int, entries: Sequence[Entry]) -> int:
        """Mark those with the stored hash as opened by list `number`, and keep that number; how many were new."""
        ...

    def last_opened(self) -> int:
        """The highest number of an opened list ever taken in; 0 before the first."""
        ...

    def waiting(self) -> int:
        """How many records the town has not receipted."""
        ...

    def remember_run(self, nonce: bytes) -> None:
        """Know a run on foot again, even after a restart."""
        ...

    def remembers_run(self, nonce: bytes) -> bool:
        """Whether that run on foot is remembered."""
        ...

    def forget_run(self, nonce: bytes) -> None:
        """That run on foot has been answered."""
        ...


class NoticeTray(Protocol):
    """Where this desk keeps what the office has said to all desks."""

    def heard(self) -> Mapping[str, int]:
        """The number of the newest notice of each kind that is kept, or was refused since this desk started."""
        ...

    def keep(self, notice: Notice) -> None:
        """Keep it durably in the place of the one before; `SyncError` or `MadoguchiError` where it cannot be used."""
        ...

    def revoked(self) -> Collection[bytes]:
        """The ids of the sticks that the office has revoked."""
        ...


class NotForThisDesk(SyncError):
    """A properly signed list or notice, but of another desk or municipality."""

    code = "not_for_this_desk"
    ja = "別の窓口あての 一覧です。この機器では 使いません。"
    en = "The list is signed but meant for another desk."


class OtherTownsStick(SyncError):
    """A stick that another municipality has registered."""

    code = "other_towns_stick"
    ja = "ほかの自治体の USBメモリーです。"
    en = "The stick belongs to another municipality."


class UnknownVerb(MalformedMessage):
    """A question this door does not know."""

    code = "unknown_verb"
    en = "The door does not know this question; update the desk."


class Doorkeeper:
    """What the desk answers at its door; trusts the courier with nothing but carrying."""

    def __init__(
        self,
        *,
        outbox: OutboxDoor,
        notices: NoticeTray,
        town: TownKeys,
        device_key: SigningKey,
        chain: bytes,
        receiver_url: str,
        on_change: Callable[[], None],
        hold: timedelta = HOLD,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """`receiver_url` is empty where the town is reached by stick only; `on_change` tells the board."""
        self._outbox = outbox
        self._notices = notices
        self._town = town
        self._key = device_key
        self._device = device_id(device_key.public)
        self._chain = chain
        self._receiver_url = receiver_url
        self._on_change = on_change
        self._hold = hold
        self._random = random
        self._lock = threading.Lock()
        self._runs: OrderedDict[bytes, None] = OrderedDict()
        self._verbs: Mapping[str, Callable[[list[object]], list[object]]] = {
            "hello": self._hello,
            "batch": self._batch,
            "carry": self._carry,
            "stick": self._stick,
            "receipts": self._receipts,
            "opened": self._opened,
            "report": self._report,
        }
        self.last_report: str | None = None
        """How the last run went, in the courier's word; None before the first run since the start."""

    def answer(self, frame: bytes) -> bytes:
        """The frame that answers `frame`; a refusal for whatever cannot be answered."""
        try:
            verb, arguments = _question(frame)
            return encode([OK, *self._verb(verb)(arguments)])
        except (SyncError, MadoguchiError) as error:
            log.warning("refused at the courier door: %s (%s)", error.code, error)
            return _refusal(error.code, str(error))
        except Exception:
            log.exception("a question at the courier door failed; the records are safe")
            return _refusal("internal", "the desk could not answer; see its log")

    def _verb(self, verb: str) -> Callable[[list[object]], list[object]]:
        if verb not in self._verbs:
            raise UnknownVerb(verb)
        return self._verbs[verb]

    def _hello(self, arguments: list[object]) -> list[object]:
        fields(arguments, 0)
        return [self._town.municipality, self._device, self._chain, self._receiver_url]

    def _stick(self, arguments: list[object]) -> list[object]:
        """The number that the town's office has given to a stick."""
        (body,) = fields(arguments, 1)
        stick = StickId.from_bytes(as_blob(body, most=MAX_BATCH_BYTES), office=self._town.office)
        if stick.municipality != self._town.municipality:
            raise OtherTownsStick
        if stick.id in self._notices.revoked():
            raise StickRevoked(f"number {stick.number}")
        return [stick.number]

    def _batch(self, arguments: list[object]) -> list[object]:
        """A batch that is answered while this process lives."""
        after, most = fields(arguments, 2)
        offered, more = self._offered(after, most)
        return [self._signed(offered, self._begin_run()), *_about(offered), more]

    def _carry(self, arguments: list[object]) -> list[object]:
        """A batch that goes on foot, whose answer may come weeks and many starts later; None if it lies there."""
        after, most, lying = fields(arguments, 3)
        offered, more = self._offered(after, most)
        lies_there = lying is not None and as_hash(lying) == digest_of(offered.epochs, offered.records)
        batch = None if lies_there else self._signed(offered, self._begin_long_run())
        return [batch, *_about(offered), more]

    def _offered(self, after: object, most: object) -> tuple[Offered, bool]:
        return self._fitting(as_int(after, lowest=0), as_int(most, lowest=1, highest=MAX_BATCH_RECORDS))

    def _fitting(self, after: int, limit: int) -> tuple[Offered, bool]:
        """As many records as fit into one batch, and whether there may be more behind them."""
        while True:
            offered = self._outbox.offered(after, limit, self._hold)
            more = len(offered.records) == limit
            portable = _portable(offered)
            if limit == 1 or _size(portable) <= _BATCH_ROOM:
                return portable, more
            limit //= 2

    def _signed(self, offered: Offered, run_nonce: bytes) -> bytes:
        payload = Batch(
            municipality=self._town.municipality,
            device=self._device,
            run_nonce=run_nonce,
            inbox_after=self._outbox.last_opened(),
            epochs=tuple(offered.epochs),
            records=tuple(offered.records),
            notices=tuple(sorted(self._notices.heard().items())),
        ).to_bytes()
        return Signed(payload=payload, signature=self._key.sign(BATCH_CONTEXT, payload)).to_bytes()

    def _begin_run(self) -> bytes:
        nonce = self._random(16)
        with self._lock:
            self._runs[nonce] = None
            if len(self._runs) > _MOST_RUNS:
                self._runs.popitem(last=False)
        return nonce

    def _begin_long_run(self) -> bytes:
        nonce = self._random(16)
        try:
            self._outbox.remember_run(nonce)
        except MadoguchiError as error:  # a full disk above all needs its records carried away
            log.warning("an answer on foot will be understood only until the next start: %s", error.code)
            return self._begin_run()
        return nonce

    def _receipts(self, arguments: list[object]) -> list[object]:
        (body,) = fields(arguments, 1)
        reply = Reply.from_bytes(as_blob(body, most=MAX_BATCH_BYTES), receiver=self._town.receiver)
        receipt = reply.receipt
        reply.must_answer(municipality=self._town.municipality, device=self._device, run_nonce=receipt.run_nonce)
        on_foot = self._end_run(receipt.run_nonce)
        again = self._outbox.receiver_is(receipt.receiver_epoch)
        newly = self._outbox.receipted(receipt.entries, receipt.receiver_epoch)
        news = sum(self._took_in(body) for _, body in reply.inbox)
        news += sum(self._took_notice(body) for body in reply.notices or ())
        if on_foot:  # not before: where the power fails here, the answer may be brought once more
            self._outbox.forget_run(receipt.run_nonce)
        if again or newly:
            self._tell()
        return [newly, self._outbox.waiting(), again, len(reply.refused), news]

    def _end_run(self, nonce: bytes) -> bool:
        """Whether a run that this desk began, and has not seen answered yet, goes on foot; `NotOurReply`."""
        with self._lock:
            if nonce in self._runs:
                del self._runs[nonce]
                return False
        if not self._outbox.remembers_run(nonce):
            raise NotOurReply
        return True

    def _took_in(self, body: bytes) -> bool:
        """Whether one message of the inbox was new; a bad one is left out and never costs the receipts."""
        try:
            return self._take_opened(body) is not None
        except SyncError as error:
            log.warning("a message of the inbox was refused: %s (%s)", error.code, error)
            return False

    def _took_notice(self, body: bytes) -> bool:
        """Whether a notice was new and is kept; one that cannot be used is left out, and the one before stays."""
        try:
            return self._take_notice(body)
        except (SyncError, MadoguchiError) as error:
            log.warning("a notice of the office was refused, the one before stays: %s (%s)", error.code, error)
            return False

    def _take_notice(self, body: bytes) -> bool:
        notice = Notice.from_bytes(body, office=self._town.office)
        if notice.municipality != self._town.municipality:
            raise NotForThisDesk
        with self._lock:
            if notice.number <= self._notices.heard().get(notice.kind, 0):
                return False
            self._notices.keep(notice)
        self._tell()
        return True

    def _opened(self, arguments: list[object]) -> list[object]:
        (body,) = fields(arguments, 1)
        return [self._take_opened(as_blob(body, most=MAX_BATCH_BYTES)) or 0]

    def _take_opened(self, body: bytes) -> int | None:
        """How many records the list newly marks as opened; None for a list at or below the last number."""
        opened = OpenedList.from_bytes(body, office=self._town.office)
        if (opened.municipality, opened.device) != (self._town.municipality, self._device):
            raise NotForThisDesk
        with self._lock:
            if opened.number <= self._outbox.last_opened():
                return None
            count = self._outbox.opened(opened.number, opened.entries)
        self._tell()
        return count

    def _report(self, arguments: list[object]) -> list[object]:
        (outcome,) = fields(arguments, 1)
        self.last_report = as_text(outcome, most=64)
        self._tell()
        return []

    def _tell(self) -> None:
        try:
            self._on_change()
        except Exception:
            log.exception("the board could not be told; receipts and lists are stored")


def _question(frame: bytes) -> tuple[str, list[object]]:
    question = decode(frame, limit=MAX_FRAME_BYTES)
    if type(question) is not list or not question:
        raise MalformedMessage("not a question")
    return as_text(question[0], most=64), question[1:]


def _about(offered: Offered) -> tuple[int, int, int]:
    return offered.last_sequence, len(offered.records), offered.waiting


def _refusal(code: str, detail: str) -> bytes:
    return encode([REFUSED, code, detail[:MAX_DETAIL]])


def _portable(offered: Offered) -> Offered:
    """The offer without bodies no message may hold: a damaged row must not stop the ones behind it."""
    epochs = [body for body in offered.epochs if 1 <= len(body) <= MAX_EPOCH_BYTES]
    records = [body for body in offered.records if 1 <= len(body) <= MAX_RECORD_BYTES]
    if len(epochs) < len(offered.epochs) or len(records) < len(offered.records):
        log.error("left out of a batch because of its size: a damaged record up to sequence %d", offered.last_sequence)
    return replace(offered, epochs=epochs, records=records)


def _size(offered: Offered) -> int:
    """What the bodies take in a batch, each with the few bytes CBOR puts before it."""
    return sum(len(body) + 5 for body in (*offered.epochs, *offered.records))


class CourierDoor:
    """The Unix socket in front of a doorkeeper; a few connections at a time, only from the uids that may."""

    def __init__(
        self,
        *,
        path: Path,
        keeper: Doorkeeper,
        allowed: Collection[int] = (),
        handed: socket.socket | None = None,
    ) -> None:
        """`allowed` are uids besides the desk's own; a `handed` socket listens already, at `path`, and stays there."""
        self._path = path
        self._handed = handed
        self._keeper = keeper
        self._allowed = frozenset(allowed) | {os.getuid()}
        self._places = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        self._listener: socket.socket
        self._thread: threading.Thread

    def start(self) -> None:
        """Open the door; `ConfigError` if the path is taken by something that is not a left-over socket."""
        if self._handed is None:
            _remove_stale(self._path)
            self._listener = _listen(self._path)
        else:
            _check_handed(self._handed, self._path)
            self._listener = self._handed
        self._bell = os.eventfd(0, os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._run, name="courier-door", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the door and hang up on everybody; what was answered is stored."""
        self._stopping.set()
        os.eventfd_write(self._bell, 1)
        with self._lock:
            talks = list(self._open.items())
        for _, connection in talks:
            _shut(connection)
        for thread in (self._thread, *(thread for thread, _ in talks)):
            thread.join(timeout=5)
        self._listener.close()
        os.close(self._bell)
        if self._handed is None:
            self._path.unlink(missing_ok=True)

    def _run(self) -> None:
        while not self._rings():
            try:
                connection, _ = self._listener.accept()
            except OSError as error:
                if not self._stopping.wait(1):
                    log.warning("the courier door could not accept: %s", error)
            else:
                self._guarded_welcome(connection)

    def _rings(self) -> bool:
        """Wait for a courier or the bell; whether the door is to close.

        Shutting the listener down would do too, but a handed one is systemd's as well and would stay dead.
        """
        waiting = select.poll()
        waiting.register(self._listener, select.POLLIN)
        waiting.register(self._bell, select.POLLIN)
        waiting.poll()
        return self._stopping.is_set()

    def _guarded_welcome(self, connection: socket.socket) -> None:
        try:
            self._welcome(connection)
        except Exception:
            connection.close()
            log.exception("the courier door could not let somebody in")

    def _welcome(self, connection: socket.socket) -> None:
        uid = _uid_of(connection)
        if uid not in self._allowed:
            log.warning("uid %d may not use the courier door", uid)
            _turn_away(connection, "not_allowed", f"uid {uid} may not use this door")
        elif not self._places.acquire(blocking=False):
            _turn_away(connection, "busy", f"more than {_MOST_CONNECTIONS} couriers at once")
        else:
            thread = threading.Thread(target=self._serve, args=(connection,), name="courier-talk", daemon=True)
            with self._lock:
                self._open[thread] = connection
            thread.start()
            if self._stopping.is_set():
                _shut(connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                self._talk(connection)
        except OSError as error:
            log.info("a courier hung up: %s", error)
        except Exception:
            log.exception("a talk at the courier door ended by an unexpected fault")
        finally:
            with self._lock:
                del self._open[threading.current_thread()]
            self._places.release()

    def _talk(self, connection: socket.socket) -> None:
        try:
            while (frame := read_frame(connection, idle=_IDLE_SECONDS)) is not None:
                write_frame(connection, self._keeper.answer(frame))
        except BrokenFrame as error:
            log.warning("a courier was sent away: %s", error)
            write_frame(connection, _refusal(error.code, str(error)))


def _remove_stale(path: Path) -> None:
    """Remove the socket file of a desk that died; a living desk's, or any other file, stays and is an error."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise ConfigError("courier.socket", f"{path} is there and is not a socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise ConfigError("courier.socket", f"another desk is listening at {path}")


def _check_handed(listener: socket.socket, path: Path) -> None:
    """Refuse a door that the courier would not find, or that everybody on this machine could come to."""
    if listener.getsockname() != str(path):
        raise ConfigError(
            "courier.socket", f"systemd listens at {listener.getsockname()}, the configuration says {path}"
        )
    if path.stat().st_mode & stat.S_IRWXO:
        raise ConfigError("courier.socket", f"everybody may come to {path}; its unit must say SocketMode=0660")


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o660)  # before listen(), so nobody gets in meanwhile
        listener.listen(_MOST_CONNECTIONS)
    except OSError as error:
        listener.close()
        raise ConfigError("courier.socket", f"{path}: {error.strerror or error}") from None
    return listener


def _uid_of(connection: socket.socket) -> int:
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return int(_PEER.unpack(credentials)[1])


def _turn_away(connection: socket.socket, code: str, detail: str) -> None:
    with connection:
        try:
            write_frame(connection, _refusal(code, detail))
        except (OSError, BrokenFrame) as error:
            log.info("a courier hung up: %s", error)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        connection.close()
