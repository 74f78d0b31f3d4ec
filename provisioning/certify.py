"""The office's side of enrolment: look at a request, compare its code, answer with a signed certificate."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from provisioning.errors import (
    CertificateRefused,
    DeviceHasLeft,
    KitReplaced,
    NumberTaken,
    OtherKit,
    OtherTown,
    RequestRefused,
    UnknownBox,
    UnknownFacility,
    WrongCode,
)
from provisioning.shelf import KitShelf
from provisioning.site import Facility
from provisioning.stick import writing
from sync.admissions import AdmissionFolder
from sync.enrolment import Admission, Certificate, Request, code_of, same_code
from sync.errors import SyncError
from sync.keys import SigningKey, TownKeys
from sync.registry import Device, DeviceRegistry, standing

Now = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that could be granted, and the code its box must be showing."""

    request: Request
    facility: Facility
    code: str
    digest: bytes
    data: bytes
    """As it came."""


class Certifier:
    """Grants requests in the name of one office."""

    def __init__(
        self,
        *,
        town: TownKeys,
        registry: DeviceRegistry,
        kits: KitShelf,
        certificates: Path,
        office: SigningKey,
        now: Now = lambda: datetime.now(UTC),
    ) -> None:
        """`certificates` is the folder that keeps the newest one of each box."""
        self._town = town
        self._registry = registry
        self._kits = kits
        self._admissions = AdmissionFolder(path=certificates, office=office.public)
        self._office = office
        self._now = now

    def look(self, data: bytes) -> Asked:
        """What a request asks for.

        `RequestRefused`, `OtherTown`, `OtherKit`, `KitReplaced`, `UnknownFacility`, `NumberTaken`, `DeviceHasLeft`.
        """
        try:
            request = Request.from_bytes(data)
        except SyncError as error:
            raise RequestRefused(error.code) from None
        if request.municipality != self._town.municipality:
            raise OtherTown(request.municipality)
        kit = self._kits.find(request.kit)
        if kit is None:
            raise OtherKit(f"box {request.box}")
        if kit.keys != self._town:
            raise KitReplaced(f"box {request.box}, kit {kit.number}")
        facility = kit.site.facility(request.facility)
        if facility is None:
            raise UnknownFacility(request.facility)
        self._must_be_free(request)
        return Asked(request=request, facility=facility, code=code_of(data), digest=sha256(data).digest(), data=data)

    def has_answered(self, data: bytes, certificate: bytes | None) -> bool:
        """Whether that certificate is this office's answer to that very request."""
        if certificate is None:
            return False
        try:
            answer = Certificate.from_bytes(certificate, office=self._office.public)
        except SyncError:
            return False
        return answer.request == sha256(data).digest()

    def certify(self, asked: Asked, *, shown: str) -> bytes:
        """The certificate for a request whose box shows that code; `WrongCode`, `NumberTaken`, `CannotWrite`."""
        request = asked.request
        if not same_code(shown, asked.code):
            raise WrongCode(f"box {request.box}")
        self._must_be_free(request)
        certificate = Certificate(
            municipality=self._town.municipality,
            number=self._next_number(),
            device=request.device,
            box=request.box,
            facility=asked.facility.id,
            facility_name=asked.facility.name,
            desk=request.desk,
            request=asked.digest,
        )
        self._registry.certified(Admission(request=request, certificate=certificate), at=self._now())
        return self._keep(certificate, request=asked.data)

    def move(
        self, box: int, *, facility: str, name: str | None = None, desk: int = 1, since: datetime | None = None
    ) -> bytes:
        """A certificate that lets a box stand elsewhere, or under another name.

        What it recorded before `since`, or before now, stays with the facility where it stood.
        `UnknownBox`, `DeviceHasLeft`, `UnknownFacility` for one that the newest kit does not have and nobody names.
        """
        device = enrolled(self._registry, box)
        if device.left is not None:
            raise DeviceHasLeft(f"box {box}: {device.left}")
        before = self._held(box)
        certificate = replace(
            before, number=self._next_number(), facility=facility, facility_name=name or self._name(facility), desk=desk
        )
        self._registry.change(standing(device, certificate, since=since or self._now()))
        return self._keep(certificate)

    def _must_be_free(self, request: Request) -> None:
        known, holder = self._registry.get(request.device), self._registry.box(request.box)
        if known is not None and known.left is not None:
            raise DeviceHasLeft(f"box {request.box}: {known.left}")
        if known is not None and known.box not in (None, request.box):
            raise NumberTaken(f"this box is number {known.box} already")
        if holder is not None and holder.id != request.device:
            raise NumberTaken(f"number {request.box}")

    def _next_number(self) -> int:
        """Rises, and follows the clock, so that an office restored from a backup does not use a number twice."""
        last = max((device.certificate for device in self._registry.all()), default=0)
        return max(last + 1, int(self._now().timestamp() * 1000))

    def _keep(self, certificate: Certificate, *, request: bytes | None = None) -> bytes:
        data = certificate.to_bytes(self._office)
        with writing(self._admissions.path):
            self._admissions.keep(certificate.box, data, request=request)
        return data

    def _held(self, box: int) -> Certificate:
        try:
            return self._admissions.certificate(box)
        except (OSError, SyncError):
            raise CertificateRefused(f"box {box}: {self._admissions.path}") from None

    def _name(self, facility: str) -> str:
        newest = self._kits.newest()
        known = newest and newest.site.facility(facility)
        if not known:
            raise UnknownFacility(facility)
        return known.name


def enrolled(registry: DeviceRegistry, box: int) -> Device:
    """The device with that number on its label; `UnknownBox`."""
    device = registry.box(box)
    if device is None:
        raise UnknownBox(f"number {box}")
    return device
