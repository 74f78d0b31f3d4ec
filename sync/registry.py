"""The devices a town has admitted: `devices.toml` in the town's folder, which people may read and edit."""

import threading
import tomllib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from json import dumps
from pathlib import Path

from sync.errors import AlreadyAdmitted, RegistryBroken
from sync.files import write_over
from sync.keys import PUBLIC_LENGTH, device_id

Stamp = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """One admitted desk."""

    id: bytes
    public_key: bytes
    facility: str
    facility_name: str
    admitted_at: datetime


class DeviceRegistry:
    """Knows the admitted devices; a changed file counts from the next question on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._devices: dict[bytes, Device] = {}

    def get(self, device: bytes) -> Device | None:
        """The device with that id, if it is admitted; `RegistryBroken`."""
        with self._lock:
            return self._known().get(device)

    def all(self) -> tuple[Device, ...]:
        """All admitted devices, in the order of the file; `RegistryBroken`."""
        with self._lock:
            return tuple(self._known().values())

    def admit(self, public_key: bytes, *, facility: str, facility_name: str, at: datetime) -> Device:
        """Admit the device with that key from now on; `AlreadyAdmitted`, `RegistryBroken`."""
        device = _device(public_key, facility, facility_name, at.astimezone(UTC).replace(microsecond=0))
        with self._lock:
            known = self._known()
            if device.id in known:
                raise AlreadyAdmitted(device.id.hex())
            write_over(self._path, "\n".join(_lines(entry) for entry in (*known.values(), device)).encode())
        return device

    def _known(self) -> dict[bytes, Device]:
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._devices = _read(self._path) if stamp else {}
            self._stamp = stamp
        return self._devices


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read(path: Path) -> dict[bytes, Device]:
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("device", [])
        devices = [_entry(entry) for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegistryBroken(f"{path.name}: {error}") from None
    return {device.id: device for device in devices}


def _entry(entry: dict[str, object]) -> Device:
    admitted_at = entry["admitted_at"]
    if not isinstance(admitted_at, datetime) or admitted_at.tzinfo is None:
        raise RegistryBroken("admitted_at must be a date and time with its zone, such as 2026-11-21T00:58:00Z")
    device = _device(
        b64decode(str(entry["public_key"]), validate=True),
        str(entry["facility"]),
        str(entry["facility_name"]),
        admitted_at,
    )
    if str(entry["id"]) != device.id.hex():
        raise RegistryBroken(f"id {entry['id']} is not that of its public_key, {device.id.hex()}")
    return device


def _device(public_key: bytes, facility: str, facility_name: str, admitted_at: datetime) -> Device:
    if len(public_key) != PUBLIC_LENGTH:
        raise RegistryBroken(f"a public_key has {PUBLIC_LENGTH} bytes, not {len(public_key)}")
    if not (facility.isprintable() and facility_name.isprintable()):
        raise RegistryBroken("facility and facility_name are one line of text")
    return Device(
        id=device_id(public_key),
        public_key=public_key,
        facility=facility,
        facility_name=facility_name,
        admitted_at=admitted_at,
    )


def _lines(device: Device) -> str:
    """One entry; a JSON string of printable characters is a TOML string as well."""
    return (
        "[[device]]\n"
        f'id = "{device.id.hex()}"\n'
        f'public_key = "{b64encode(device.public_key).decode()}"\n'
        f"facility = {dumps(device.facility, ensure_ascii=False)}\n"
        f"facility_name = {dumps(device.facility_name, ensure_ascii=False)}\n"
        f"admitted_at = {device.admitted_at.isoformat()}\n"
    )
