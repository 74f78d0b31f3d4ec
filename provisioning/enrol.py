"""The box's side of enrolment: take the kit, let keys be born, ask, and believe the office's certificate."""

import json
import re
import tomllib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from appliance.config import FacilityType, VoiceSection
from appliance.desk.errors import ConfigError
from appliance.desk.facts.catalogue import Words
from provisioning.errors import (
    CertificateRefused,
    CertificateReplayed,
    DeviceHasLeft,
    NotOurCertificate,
    NotPrepared,
    NumberTaken,
    OlderKit,
    OtherKeys,
    OtherTown,
    UnknownFacility,
)
from provisioning.kit import Kit
from provisioning.presets import USUAL
from provisioning.self_test import self_test
from provisioning.site import Facility
from provisioning.stick import EnrolStick, writing
from sync.enrolment import Certificate, Request
from sync.errors import SyncError
from sync.files import write_over
from sync.keys import SigningKey, TownKeys, load_or_create_device_key
from sync.leaving import LeavingList

_KEPT = ("[server]", "[courier]", "[limits]")
SERIAL = Path("/proc/device-tree/serial-number")


@dataclass(frozen=True, kw_only=True)
class BoxPlace:
    """Where a box keeps what makes it that box."""

    config: Path
    state: Path

    @property
    def town_keys(self) -> Path:
        """The municipality's public keys."""
        return self.config.parent / "town-keys.toml"

    @property
    def update_key(self) -> Path:
        """The minisign key that signs updates; missing where none are taken."""
        return self.config.parent / "update.pub"

    @property
    def content(self) -> Path:
        """The municipality's words and the facility's opening hours."""
        return self.config.parent / "content"

    @property
    def device_key(self) -> Path:
        """The key that was born here and never leaves."""
        return self.state / "device.key"

    @property
    def request(self) -> Path:
        """What this box asked for; there from the moment it was prepared."""
        return self.state / "enrolment.request"

    @property
    def kit_number(self) -> Path:
        """The number of the newest kit that this box has taken."""
        return self.state / "enrolment.kit"

    @property
    def certificate(self) -> Path:
        """What the office answered last."""
        return self.state / "enrolment.certificate"


# ------------------------------------------------------------------------------------------------------- taking the kit


def facility_of(kit: Kit, id: str | None) -> Facility:  # noqa: A002 # the name it has in the kit
    """The facility where this box is to stand; the only one of the kit need not be named. `UnknownFacility`."""
    facilities = kit.site.facilities
    found = facilities[0] if id is None and len(facilities) == 1 else kit.site.facility(id or "")
    if found is None:
        raise UnknownFacility(", ".join(f"{one.id} ({one.name})" for one in facilities))
    return found


def must_follow(place: BoxPlace, kit: Kit) -> None:
    """Return if that kit may follow what this box believes by now.

    `OtherTown`, `OtherKeys`, `OlderKit`. The first kit of a box is believed as it comes; the office looks at it later.
    """
    try:
        believed = TownKeys.load(place.town_keys)
    except (OSError, SyncError):
        return
    if believed.municipality != kit.keys.municipality:
        raise OtherTown(kit.keys.municipality)
    if believed != kit.keys:
        raise OtherKeys(f"office key {kit.keys.recipient.key_id.hex()}, not {believed.recipient.key_id.hex()}")
    if kit.number < (taken := _number_in(place.kit_number)):
        raise OlderKit(f"number {kit.number}, taken was {taken}")


def _number_in(path: Path) -> int:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):
        return 0


def prepare(place: BoxPlace, kit: Kit, digest: bytes, *, facility: Facility, box: int, desk: int) -> Request:
    """Make this a box of that kit, with keys of its own, and write down what it asks for.

    `SelfTestFailed`, `CannotWrite`. The request comes last: without it a box is not prepared, and begins again.
    """
    with writing(place.config):
        place.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.content.mkdir(parents=True, exist_ok=True)
        kit.keys.save(place.town_keys)
        write_over(place.content / "municipality.toml", _words_file(kit.site.words))
        if kit.site.update_key:
            write_over(place.update_key, _minisign_file(kit.site.update_key))
        if calendar := kit.site.calendar_of(facility):
            write_over(place.content / "calendar.toml", calendar.encode())
        _write_config(place, kit, facility, desk)
        key = load_or_create_device_key(place.device_key)
    request = Request(
        municipality=kit.keys.municipality,
        kit=digest,
        box=box,
        facility=facility.id,
        desk=desk,
        public_key=key.public,
        serial=_serial(SERIAL),
        version=version("madoguchi"),
        checks=self_test(place.state, kit.keys, key),
    )
    with writing(place.request):
        place.certificate.unlink(missing_ok=True)
        write_over(place.kit_number, b"%d" % kit.number)
        write_over(place.request, request.to_bytes(key), mode=0o600)
    return request


def _minisign_file(key: bytes) -> bytes:
    return b"untrusted comment: minisign public key\n" + b64encode(key) + b"\n"


def _words_file(words: Words) -> bytes:
    return _toml({name: getattr(words, name) for name in Words.__dataclass_fields__})


def _write_config(place: BoxPlace, kit: Kit, facility: Facility, desk: int) -> None:
    devices = kit.site.devices
    sections: dict[str, Mapping[str, object]] = {
        "desk": {
            "facility": facility.id,
            "facility_name": facility.name,
            "facility_type": facility.kind.value,
            "number": desk,
            "preset": kit.site.preset.value,
            "away_minutes": USUAL[kit.site.preset].away_minutes,
            "content": place.content.name,
            "card_check": kit.site.card_check,
        },
        "state": {"directory": str(place.state.absolute()), "keep_days": kit.site.retention.keep_days},
        "town": {"keys": place.town_keys.name, "receiver": kit.site.receiver},
        "voice": {**_own_voice(place.config), **_kit_voice(kit.site.voice, facility)},
        "devices": {
            "buttons": devices.buttons,
            "lamps": devices.lamps,
            "voice": devices.voice,
            "button_pull": devices.button_pull.value,
            "closed_contact": devices.closed_contact.value,
            "lamp_lit": devices.lamp_lit.value,
            "card": devices.card,
        },
    }
    lines = [b"".join((f"[{name}]\n".encode(), _toml(values))) for name, values in sections.items() if values]
    for name in ("button_lines", "lamp_lines", "hid_buttons"):
        pairs = ", ".join(f'"{button}" = {json.dumps(wired)}' for button, wired in getattr(devices, name).items())
        lines[-1] += f"{name} = {{{pairs}}}\n".encode()
    content = b"\n".join([*lines, *kept_sections(place.config)])
    if place.config.exists() and place.config.read_bytes() != content:
        place.config.replace(place.config.with_name(f"{place.config.name}.before"))
    write_over(place.config, content)


def _kit_voice(voice: VoiceSection, facility: Facility) -> Mapping[str, object]:
    """What the kit says of voices beyond the usual; a library stays silent until somebody there wants a voice."""
    usual = VoiceSection()
    said = {one.name: getattr(voice, one.name) for one in fields(voice)}
    if facility.kind is FacilityType.LIBRARY:
        del said["volume"]
    return {name: value for name, value in said.items() if value != getattr(usual, name)}


def _own_voice(config: Path) -> Mapping[str, object]:
    """What people have set on this box, its sound card above all: what the kit does not say stays."""
    try:
        table = tomllib.loads(config.read_text(encoding="utf-8")).get("voice", {})
    except (OSError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}


def state_section(place: BoxPlace) -> bytes:
    """Where the box keeps its state, as its configuration says it."""
    return b"[state]\n" + _toml({"directory": str(place.state.absolute())})


def kept_sections(config: Path) -> list[bytes]:
    """The sections of the configuration that no kit writes, as people have set them: addresses, limits, the courier."""
    if not config.exists():
        return []
    sections = re.split(r"(?m)^(?=\[)", config.read_text(encoding="utf-8"))
    return [one.strip().encode() + b"\n" for one in sections if one.startswith(_KEPT)]


def _toml(values: Mapping[str, object]) -> bytes:
    """Keys and values; a JSON string of printable characters is a TOML string as well."""
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items()).encode()


def _serial(path: Path) -> str:
    try:
        serial = path.read_text("ascii").strip("\0 \n")
    except (OSError, UnicodeDecodeError):
        serial = ""
    return serial if serial.isprintable() and serial else "-"


# --------------------------------------------------------------------------------------------------------------- asking


def request_of(place: BoxPlace) -> tuple[Request, bytes]:
    """What this box asked for; `NotPrepared`."""
    try:
        data = place.request.read_bytes()
        return Request.from_bytes(data), data
    except (OSError, SyncError):
        raise NotPrepared(str(place.request)) from None


def free_number(stick: EnrolStick | None) -> int:
    """The number after the highest that any box on this stick has."""
    return max(stick.numbers() if stick else (), default=0) + 1


def ask(stick: EnrolStick, request: Request, data: bytes) -> Path:
    """Lay the request on the stick; `NumberTaken` where another box of that number was there before."""
    there = stick.request(request.box)
    if there is not None and not _is_from(there, request.public_key):
        raise NumberTaken(f"{request.box}; free here: {free_number(stick)}")
    return stick.put(request.box, "request", data)


def _is_from(data: bytes, public_key: bytes) -> bool:
    try:
        return Request.from_bytes(data).public_key == public_key
    except SyncError:
        return True  # half a request, as from a stick that was pulled out: written again


# -------------------------------------------------------------------------------------------------- being certain


def held(place: BoxPlace) -> Certificate | None:
    """The certificate that this box believes."""
    try:
        return Certificate.from_bytes(place.certificate.read_bytes(), office=_town(place).office)
    except (OSError, SyncError):
        return None


def settle(place: BoxPlace, data: bytes) -> Certificate:
    """Believe a certificate, and stand where it says.

    `CertificateRefused`, `OtherTown`, `NotOurCertificate`, `CertificateReplayed`, `CannotWrite`.
    """
    asked, asked_data = request_of(place)
    town = _town(place)
    try:
        certificate = Certificate.from_bytes(data, office=town.office)
    except SyncError as error:
        raise CertificateRefused(error.code) from None
    if certificate.municipality != town.municipality:
        raise OtherTown(certificate.municipality)
    if certificate.device != asked.device or certificate.request != sha256(asked_data).digest():
        raise NotOurCertificate(f"for box {certificate.box}, device {certificate.device.hex()}")
    before = held(place)
    if before is not None and certificate.number < before.number:
        raise CertificateReplayed(f"number {certificate.number}, held is {before.number}")
    with writing(place.certificate):
        _move(place, certificate)
        write_over(place.certificate, data)
    return certificate


def must_not_have_left(place: BoxPlace, leaving: bytes) -> None:
    """Return if the office's list does not name this box; `DeviceHasLeft`. A list of somebody else says nothing."""
    asked, _ = request_of(place)
    try:
        listed = LeavingList.from_bytes(leaving, office=_town(place).office)
    except SyncError:
        return
    for departure in listed.departures:
        if departure.device == asked.device:
            raise DeviceHasLeft(departure.how.value)


def device_key(place: BoxPlace) -> SigningKey:
    """The key of this box; `NotPrepared`."""
    if not place.device_key.is_file():
        raise NotPrepared(str(place.device_key))
    return load_or_create_device_key(place.device_key)


def _town(place: BoxPlace) -> TownKeys:
    try:
        return TownKeys.load(place.town_keys)
    except (OSError, SyncError):
        raise NotPrepared(str(place.town_keys)) from None


def _move(place: BoxPlace, certificate: Certificate) -> None:
    """Write where the box stands now into its configuration, and leave everything else as people have set it."""
    before = place.config.read_text(encoding="utf-8")
    stands: dict[str, object] = {
        "facility": certificate.facility,
        "facility_name": certificate.facility_name,
        "number": certificate.desk,
    }
    section, lines = "", []
    for line in before.splitlines(keepends=True):
        section = line.strip() if line.startswith("[") else section
        key = line.partition("=")[0].strip()
        moves = section == "[desk]" and key in stands
        lines.append(f"{key} = {json.dumps(stands.pop(key), ensure_ascii=False)}\n" if moves else line)
    if stands:
        raise ConfigError(f"desk.{next(iter(stands))}", f"has no line of its own in {place.config}")
    if "".join(lines) != before:
        write_over(place.config, "".join(lines).encode())
