"""The courier on foot: the records of one box onto a stick, and what the town has answered back to its door."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from sync.bundle import Bundle, Piece, digest_of
from sync.door import Door, DoorRefused
from sync.errors import SyncError
from sync.runs import NotReached, RunResult, desk_words
from sync.wire import MAX_BATCH_BYTES, MAX_BATCH_RECORDS, as_blob, as_bool, as_device, as_int, fields

log = logging.getLogger(__name__)

MAX_BATCHES = 500
"""Batches that one export writes; what is left goes with the next."""

UNREGISTERED = 0
"""What stands for the number of a stick that has none."""

_REVOKED = "stick_revoked"
_NOT_THE_TOWN = frozenset({"bad_signature", "malformed_message", "unsupported_version"})
_FOR_ANOTHER_RUN = "not_our_reply"


class StickRefused(SyncError):
    """The desk does not take this stick: nobody registered it, or another town did."""

    code = "stick_refused"
    ja = (
        "登録されていない USBメモリーです。何も 書いていません。役場で 登録したものを さしてください。"
        "どうしても 使うときは --any を 付けます。"
    )
    en = "The stick is not registered with this town; nothing was written. Bring a registered one, or say --any."


class StickTakenBack(StickRefused):
    """The office has revoked this stick, and the desk has heard of it; no option helps."""

    code = "stick_taken_back"
    ja = (
        "役場が 使うのを やめた（または なくした）USBメモリーです。何も していません。"
        "だれが 持っていたか 確かめて、役場に 知らせてください。"
    )
    en = "The office has revoked this stick; nothing was done. Find out who had it, and tell the office."


class StickNotBelieved(SyncError):
    """Something on the stick claims to be the town's and is not."""

    code = "stick_not_believed"
    ja = "役場が書いたのではない返事が ありました。使わずに 消しました。ほかの返事は 受けとりました。"
    en = "A reply on the stick was not the town's; it was removed unused. The others were taken."
    result: RunResult = RunResult()


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """What one run on foot came to."""

    result: RunResult
    stick: int
    """Its number in the office's book; `UNREGISTERED`."""


def export(door: Path, bundle: Bundle, *, any_stick: bool = False) -> Carried:
    """Lay everything that waits on the stick, going on where the last time ended; `NotReached`, `StickRefused`."""
    return _run(door, bundle, _Export, any_stick=any_stick)


def bring_home(door: Path, bundle: Bundle, *, any_stick: bool = False) -> Carried:
    """Hand the town's answers to the desk; `NotReached`, `StickRefused`, `StickNotBelieved`."""
    return _run(door, bundle, _Import, any_stick=any_stick)


def _run(door: Path, bundle: Bundle, kind: "type[_Walk]", *, any_stick: bool) -> Carried:
    with desk_words(), Door(door) as asked:
        _, device, chain, _ = fields(asked.ask("hello"), 4)
        stick = _number(asked, bundle, any_stick=any_stick)
        walk = kind(asked, bundle, device=as_device(device), chain=as_device(chain))
        return Carried(result=walk.go(), stick=stick)


def _number(door: Door, bundle: Bundle, *, any_stick: bool) -> int:
    """The number of the stick, as the desk reads it off the office's signature."""
    data = bundle.id()
    try:
        (number,) = fields(door.ask("stick", data), 1) if data else (UNREGISTERED,)
    except DoorRefused as error:
        if error.reason == _REVOKED:
            raise StickTakenBack(error.reason) from None
        if not any_stick:
            raise StickRefused(error.reason) from None
        number = UNREGISTERED
    if number == UNREGISTERED and not any_stick:
        raise StickRefused
    return as_int(number, lowest=UNREGISTERED)


class _Walk(ABC):
    """What has been carried so far, one way."""

    def __init__(self, door: Door, bundle: Bundle, *, device: bytes, chain: bytes) -> None:
        self._door = door
        self._bundle = bundle
        self._device = device
        self._chain = chain
        self._result = RunResult()

    def go(self) -> RunResult:
        try:
            with desk_words():
                self._carry()
        except (NotReached, StickNotBelieved) as error:
            error.result = self._result
            self._report(error.code)
            raise
        self._report("done")
        return self._result

    @abstractmethod
    def _carry(self) -> None:
        """Carry everything there is; what was carried stands in the result."""

    def _report(self, outcome: str) -> None:
        """Tell the desk how it went, if it is still there."""
        try:
            self._door.ask("report", outcome)
        except SyncError as error:
            log.info("the desk was not told how the run went: %s", error)


class _Export(_Walk):
    """From the door to the stick, which in the end holds exactly what waits."""

    def _carry(self) -> None:
        self._bundle.tidy(self._device)
        lying = {piece.after: piece for piece in self._bundle.batches(self._device) if piece.chain == self._chain}
        wanted: set[Piece] = set()
        after, more = 0, True
        for _ in range(MAX_BATCHES):
            piece, more = self._bring(after, lying.get(after))
            wanted.add(piece)
            after = piece.last
            if not more:
                self._remove_all_but(wanted)
                return

    def _bring(self, after: int, lying: Piece | None) -> tuple[Piece, bool]:
        """Have the next batch lie here, written only if it does not: which it is, and whether more may follow."""
        found = self._bundle.batch(lying) if lying else None
        digest = digest_of(found[1].epochs, found[1].records) if found else None
        answer = fields(self._door.ask("carry", after, MAX_BATCH_RECORDS, digest), 5)
        last, count, waiting = (as_int(number, lowest=0) for number in answer[1:4])
        piece = Piece(device=self._device, chain=self._chain, after=after, last=last)
        self._result = replace(self._result, sent=self._result.sent + count, waiting=waiting)
        if answer[0] is None and lying is not None:
            return lying, as_bool(answer[4])
        if count or after == 0:  # an empty one asks for news
            self._lay(piece, as_blob(answer[0], most=MAX_BATCH_BYTES))
        return piece, as_bool(answer[4])

    def _lay(self, piece: Piece, body: bytes) -> None:
        self._bundle.put_batch(piece, body)
        self._result = replace(self._result, bytes_out=self._result.bytes_out + len(body))

    def _remove_all_but(self, wanted: Collection[Piece]) -> None:
        """Take away what the town has got another way, or what a file only claimed to be.

        What an earlier database of this box has left here stays: nobody else may have it.
        """
        for piece in self._bundle.batches(self._device):
            if piece.chain == self._chain and piece not in wanted:
                self._bundle.remove_batch(piece)


class _Import(_Walk):
    """From the stick to the door."""

    def _carry(self) -> None:
        forged = sum([self._take(piece) for piece in self._bundle.replies(self._device)])
        if forged:
            raise StickNotBelieved(f"{forged} of them")

    def _take(self, piece: Piece) -> bool:
        """Give one reply to the desk and take it off the stick; whether it was a forgery."""
        reply = self._bundle.reply(piece)
        forged = reply is not None and self._hand_over(reply)
        self._bundle.remove_reply(piece)
        return forged

    def _hand_over(self, reply: bytes) -> bool:
        try:
            answer = fields(self._door.ask("receipts", reply), 5)
        except DoorRefused as error:
            if error.reason == _FOR_ANOTHER_RUN:  # taken in before the stick was pulled out
                return False
            if error.reason in _NOT_THE_TOWN:
                return True
            raise
        receipted, waiting, _, refused, _ = (as_int(number, lowest=0) for number in answer)
        done = self._result
        self._result = replace(
            done,
            receipted=done.receipted + receipted,
            waiting=waiting,
            quarantined=done.quarantined + refused,
            bytes_in=done.bytes_in + len(reply),
        )
        return False
