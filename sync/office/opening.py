"""Opening: what a record says, once its device, its signature and its seal have been believed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sync.envelope import EpochHeader, Record, open_record, parse_epoch, parse_record
from sync.errors import BadSignature, DeviceLeft, SyncError
from sync.keys import RecipientKey
from sync.leaving import Known
from sync.office.errors import EpochMissing, OtherMunicipality, UnknownDevice
from sync.registry import Device, DeviceRegistry
from sync.schema import Opened, unpack

MAX_KEYS = 256

Epochs = Callable[[Record], Sequence[bytes]]
"""The bodies of the epochs that a record may belong to."""

KnownOf = Callable[[bytes], Known]
"""The records of a device that are filed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A record whose signature holds: what it says, or why it cannot be read; neither if it is hollow."""

    record: Record
    says: Opened | None = None
    trouble: SyncError | None = None


class Opening:
    """Opens records with the town's private key, which it never shows; data keys are kept in memory only."""

    def __init__(self, *, municipality: str, registry: DeviceRegistry, key: RecipientKey) -> None:
        self._municipality = municipality
        self._registry = registry
        self._key = key
        self._data_keys: dict[bytes, bytes] = {}

    def record(self, body: bytes, epochs: Epochs, known: KnownOf) -> Reading:
        """A believable record, opened if it can be; `MalformedMessage`, `UnknownDevice`, `OtherMunicipality`,
        `BadSignature`, `DeviceLeft` for one that is not.
        """
        record = parse_record(body)
        device = self._device(record)
        record.verify(device.public_key)
        if not device.believes(record.place, known(record.device)):
            raise DeviceLeft(device.id.hex())
        if record.is_hollow:
            return Reading(record=record)
        try:
            return Reading(record=record, says=unpack(self._plaintext(record, epochs(record))))
        except SyncError as trouble:
            return Reading(record=record, trouble=trouble)

    def _device(self, signed: EpochHeader | Record) -> Device:
        if signed.municipality != self._municipality:
            raise OtherMunicipality(signed.municipality)
        device = self._registry.get(signed.device)
        if device is None:
            raise UnknownDevice(signed.device.hex())
        return device

    def _plaintext(self, record: Record, epochs: Sequence[bytes]) -> bytes:
        trouble: SyncError = EpochMissing(f"epoch {record.epoch}")
        for body in epochs:
            try:
                return open_record(record, self._data_key(body))
            except BadSignature:
                continue  # somebody else's epoch in the place of the true one, which has yet to come
            except SyncError as error:
                trouble = error
        raise trouble

    def _data_key(self, body: bytes) -> bytes:
        """The data key of an epoch, which its device must have signed."""
        if body not in self._data_keys:
            if len(self._data_keys) >= MAX_KEYS:
                self._data_keys.clear()
            epoch = parse_epoch(body)
            epoch.verify(self._device(epoch).public_key)
            self._data_keys[body] = epoch.unwrap(self._key)
        return self._data_keys[body]
