"""The devices a town has admitted: `devices.toml` in the town's folder, which people may read and edit."""

import threading
import tomllib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from json import dumps
from pathlib import Path

from sync.enrolment import Admission, Certificate
from sync.envelope import Place
from sync.errors import AlreadyAdmitted, BoxNumberTaken, RegistryBroken, SyncError
from sync.files import write_over
from sync.keys import PUBLIC_LENGTH, device_id
from sync.leaving import Departure, Known, Leave, LeavingBook

Stamp = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stood:
    """Where a desk stood before it was moved."""

    facility: str
    facility_name: str
    until: datetime
    """What was recorded before this belongs there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """One admitted desk."""

    id: bytes
    public_key: bytes
    facility: str
    facility_name: str
    admitted_at: datetime
    box: int | None = None
    """The number on its label; None for a device admitted without a certificate."""
    desk: int = 1
    """Which desk of the facility."""
    certificate: int = 0
    """The number of the newest certificate it was given."""
    stood: tuple[Stood, ...] = ()
    """Where it stood before, oldest first."""
    left: Leave | None = None
    """What the file says of its leaving."""
    departure: Departure | None = None
    """What the office's signed list says of its leaving."""

    def accepts(self, chain: bytes, sequence: int) -> bool:
        """Whether a record in that place of its chain counts: all do until it leaves."""
        if self.departure is not None:
            return self.departure.covers(chain, sequence)
        return self.left is None

    def believes(self, record: Place, known: Known) -> bool:
        """Whether that record counts, for somebody who has those `known`."""
        return self.departure.counts(record, known) if self.departure else self.left is None


class DeviceRegistry:
    """Knows the admitted devices; a changed file counts from the next question on."""

    def __init__(self, path: Path, *, leaving: LeavingBook | None = None) -> None:
        """`leaving` tells which of them have left."""
        self._path = path
        self._leaving = leaving
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._devices: dict[bytes, Device] = {}

    def get(self, device: bytes) -> Device | None:
        """The device with that id, if it is admitted; `RegistryBroken`."""
        with self._lock:
            known = self._known().get(device)
        return known and self._with_departure(known)

    def all(self) -> tuple[Device, ...]:
        """All admitted devices, in the order of the file; `RegistryBroken`."""
        with self._lock:
            known = tuple(self._known().values())
        return tuple(self._with_departure(device) for device in known)

    def box(self, number: int) -> Device | None:
        """The device that has, or had, that number on its label; `RegistryBroken`."""
        return next((device for device in self.all() if device.box == number), None)

    def admit(
        self,
        public_key: bytes,
        *,
        facility: str,
        facility_name: str,
        at: datetime,
        box: int | None = None,
        desk: int = 1,
        certificate: int = 0,
    ) -> Device:
        """Admit the device with that key from now on; `AlreadyAdmitted`, `BoxNumberTaken`, `RegistryBroken`."""
        admitted = _device(public_key, facility, facility_name, at.astimezone(UTC).replace(microsecond=0))
        device = replace(admitted, box=box, desk=desk, certificate=certificate)
        with self._lock:
            known = self._known()
            if device.id in known:
                raise AlreadyAdmitted(device.id.hex())
            if box is not None and any(other.box == box for other in known.values()):
                raise BoxNumberTaken(f"number {box}")
            self._write((*known.values(), device))
        return device

    def certified(self, admission: Admission, *, at: datetime) -> None:
        """Let a device stand where its newest certificate says; an older one changes nothing.

        `BoxNumberTaken`, `RegistryBroken`.
        """
        certificate = admission.certificate
        known = self.get(certificate.device) or self.admit(
            admission.request.public_key,
            facility=certificate.facility,
            facility_name=certificate.facility_name,
            at=at,
            box=certificate.box,
        )
        if certificate.number > known.certificate:
            self.change(standing(known, certificate, since=at))

    def change(self, device: Device) -> None:
        """Keep this instead of what was known of that device; `RegistryBroken`."""
        with self._lock:
            others = {known.id: known for known in self._known().values()}
            self._write(tuple((others | {device.id: device}).values()))

    def leaving(self) -> tuple[int, bytes]:
        """The number of the newest list of boxes that have left, and the list; empty where there is none.

        `RegistryBroken`.
        """
        if self._leaving is None:
            return 0, b""
        with _leaving_words():
            return self._leaving.signed()

    def take_leaving(self, data: bytes) -> None:
        """Believe this signed list of boxes that have left; `RegistryBroken` where none is kept, or its own errors."""
        if self._leaving is None:
            raise RegistryBroken("no list of boxes that have left is kept here")
        self._leaving.take(data)

    def _write(self, devices: tuple[Device, ...]) -> None:
        write_over(self._path, "\n".join(_lines(entry) for entry in devices).encode())

    def _with_departure(self, device: Device) -> Device:
        if self._leaving is None:
            return device
        with _leaving_words():
            departure = self._leaving.departure(device.id)
        return device if departure is None else replace(device, departure=departure, left=departure.how)

    def _known(self) -> dict[bytes, Device]:
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._devices = _read(self._path) if stamp else {}
            self._stamp = stamp
        return self._devices


@contextmanager
def _leaving_words() -> Iterator[None]:
    try:
        yield
    except SyncError as error:
        raise RegistryBroken(f"the list of boxes that have left: {error.detail}") from None


def standing(device: Device, certificate: Certificate, *, since: datetime) -> Device:
    """The device as the certificate says that it stands; what it recorded before `since` stays where it stood then."""
    until = max([since.astimezone(UTC), *(stood.until for stood in device.stood)])
    left = Stood(facility=device.facility, facility_name=device.facility_name, until=until)
    return replace(
        device,
        facility=certificate.facility,
        facility_name=certificate.facility_name,
        stood=device.stood if device.facility == certificate.facility else (*device.stood, left),
        box=certificate.box,
        desk=certificate.desk,
        certificate=certificate.number,
    )


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
    device = _device(
        b64decode(str(entry["public_key"]), validate=True),
        str(entry["facility"]),
        str(entry["facility_name"]),
        _time(entry["admitted_at"], "admitted_at"),
    )
    if str(entry["id"]) != device.id.hex():
        raise RegistryBroken(f"id {entry['id']} is not that of its public_key, {device.id.hex()}")
    return replace(
        device,
        box=_number(entry, "box"),
        desk=_number(entry, "desk") or 1,
        certificate=_number(entry, "certificate") or 0,
        left=Leave(str(entry["left"])) if "left" in entry else None,
        stood=_stood(entry.get("stood", [])),
    )


def _stood(entries: object) -> tuple[Stood, ...]:
    if not isinstance(entries, list):
        raise RegistryBroken("stood must be one or more [[device.stood]]")
    return tuple(
        Stood(
            facility=str(one["facility"]), facility_name=str(one["facility_name"]), until=_time(one["until"], "until")
        )
        for one in entries
    )


def _time(value: object, name: str) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise RegistryBroken(f"{name} must be a date and time with its zone, such as 2026-11-21T00:58:00Z")
    return value


def _number(entry: dict[str, object], name: str) -> int | None:
    value = entry.get(name)
    if value is not None and (type(value) is not int or value < 1):
        raise RegistryBroken(f"{name} is a whole number from 1")
    return value


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
        + (f"box = {device.box}\ndesk = {device.desk}\n" if device.box is not None else "")
        + (f"certificate = {device.certificate}\n" if device.certificate else "")
        + (f'left = "{device.left}"\n' if device.left is not None else "")
        + "".join(map(_stood_lines, device.stood))
    )


def _stood_lines(stood: Stood) -> str:
    return (
        "[[device.stood]]\n"
        f"facility = {dumps(stood.facility, ensure_ascii=False)}\n"
        f"facility_name = {dumps(stood.facility_name, ensure_ascii=False)}\n"
        f"until = {stood.until.isoformat()}\n"
    )
