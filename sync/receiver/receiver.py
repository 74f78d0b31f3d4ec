"""The receiver's use cases, whatever carries the messages: HTTP, or a stick in the town hall."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from sync.enrolment import Admission
from sync.errors import BadSignature, BoxNumberTaken, OlderList
from sync.keys import SigningKey, verify
from sync.leaving import LeavingList
from sync.notices import Notice
from sync.receipt import OpenedList, Receipt, Reply
from sync.receiver.errors import LeavingOlder, NotTheDevice, NotTheOffice, NumberTaken, OtherMunicipality, UnknownDevice
from sync.receiver.intake import Taken, inspect, take_in
from sync.receiver.store import ReceiverStore
from sync.registry import Device, DeviceRegistry
from sync.wire import BATCH_CONTEXT, Batch, Pulled, Signed

MAX_PAGE = 1000
"""Records the office may ask for at once."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Receiver:
    """Stores sealed records for one municipality and vouches for what it stored; it holds no key that opens any."""

    def __init__(
        self,
        *,
        municipality: str,
        store: ReceiverStore,
        registry: DeviceRegistry,
        signing_key: SigningKey,
        office: bytes,
        now_ms: Callable[[], int] = _now_ms,
    ) -> None:
        """`office` is the public key that signs opened lists; `now_ms` stamps arrivals and decides nothing."""
        self._municipality = municipality
        self._store = store
        self._registry = registry
        self._key = signing_key
        self._office = office
        self._now_ms = now_ms

    def take(self, message: bytes) -> bytes:
        """The signed reply to a signed batch, made after everything it vouches for is on the disk."""
        signed = Signed.from_bytes(message)
        batch = Batch.from_bytes(signed.payload)
        taken = self._take_in(batch, self._sender(batch, signed))
        receipt = Receipt(
            municipality=batch.municipality,
            device=batch.device,
            receiver_epoch=self._store.epoch,
            run_nonce=batch.run_nonce,
            entries=taken.entries,
        )
        refused = tuple((each.record, each.code) for each in taken.refused)
        inbox = self._store.inbox(municipality=batch.municipality, device=batch.device, after=batch.inbox_after)
        return Reply(receipt=receipt, refused=refused, inbox=inbox, notices=self._news(batch)).to_bytes(self._key)

    def _news(self, batch: Batch) -> tuple[bytes, ...] | None:
        """What the desk has not heard; None for one that would not understand."""
        if batch.notices is None:
            return None
        return self._store.notices(municipality=self._municipality, held=batch.notices)

    def records(self, after: int, limit: int) -> Pulled:
        """Up to `limit` records that came after number `after`, with their epochs, for the office."""
        return self._store.page(municipality=self._municipality, after=after, limit=min(limit, MAX_PAGE))

    def publish(self, opened: bytes) -> None:
        """Lay a list signed by the office out for its desk; a second time is harmless."""
        try:
            listed = OpenedList.from_bytes(opened, office=self._office)
        except BadSignature:
            raise NotTheOffice("the list is not signed by the office") from None
        if listed.municipality != self._municipality:
            raise OtherMunicipality
        self._store.keep_opened(listed, opened)

    def announce(self, notice: bytes) -> None:
        """Lay a notice signed by the office out for all desks; a second time is harmless."""
        try:
            read = Notice.from_bytes(notice, office=self._office)
        except BadSignature:
            raise NotTheOffice("the notice is not signed by the office") from None
        if read.municipality != self._municipality:
            raise OtherMunicipality
        self._store.keep_notice(read, notice)

    def admit(self, admission: bytes) -> None:
        """Know a device from now on, by its request and the office's certificate; a second time is harmless."""
        try:
            admitted = Admission.from_bytes(admission, office=self._office)
        except BadSignature:
            raise NotTheOffice("the certificate is not signed by the office, or its request not by the box") from None
        if {admitted.request.municipality, admitted.certificate.municipality} != {self._municipality}:
            raise OtherMunicipality
        try:
            self._registry.certified(admitted, at=datetime.fromtimestamp(self._now_ms() / 1000, UTC))
        except BoxNumberTaken as error:
            raise NumberTaken(error.detail) from None

    def has_left(self, device: bytes) -> bool:
        """Whether the office says that this device was retired or stolen; `RegistryBroken`."""
        known = self._registry.get(device)
        return known is not None and known.departure is not None

    def take_leaving(self, leaving: bytes) -> None:
        """Believe a list of boxes that have left, signed by the office; a second time is harmless."""
        try:
            listed = LeavingList.from_bytes(leaving, office=self._office)
        except BadSignature:
            raise NotTheOffice("the list is not signed by the office") from None
        if listed.municipality != self._municipality:
            raise OtherMunicipality
        try:
            self._registry.take_leaving(leaving)
        except OlderList as error:
            raise LeavingOlder(error.detail) from None

    def check(self) -> None:
        """Return if the database answers; `StoreFailed`."""
        self._store.check()

    def _sender(self, batch: Batch, signed: Signed) -> Device:
        """The admitted device that signed the batch."""
        if batch.municipality != self._municipality:
            raise OtherMunicipality
        device = self._registry.get(batch.device)
        if device is None:
            raise UnknownDevice(batch.device.hex())
        try:
            verify(device.public_key, BATCH_CONTEXT, signed.payload, signed.signature)
        except BadSignature:
            raise NotTheDevice from None
        return device

    def _take_in(self, batch: Batch, device: Device) -> Taken:
        if not batch.records and not batch.epochs:
            return Taken(entries=(), refused=())
        inspected = inspect(batch, device)
        with self._store.intake(
            municipality=batch.municipality, device=batch.device, received_ms=self._now_ms()
        ) as intake:
            return take_in(inspected, intake, device)
