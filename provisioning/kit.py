"""The site kit: one signed file, made once by the office, read by every box; it holds no secret."""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from appliance.calendar_pack import calendar_of
from appliance.config import DevicesSection, Level, Preset, Pull, VoiceSection
from appliance.content import words_of_municipality
from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.catalogue import Words
from appliance.desk.facts.roster import PersonEntry
from appliance.desk.facts.staff import Employment, Permission, StaffRole
from provisioning.errors import KitMissing, KitRefused, KitTooNew
from provisioning.site import UPDATE_KEY_LENGTH, Facility, KitPerson, Retention, Site
from sync.errors import SyncError, UnsupportedVersion
from sync.keys import PUBLIC_LENGTH, RECIPIENT_PUBLIC_LENGTH, RecipientPublic, SigningKey, TownKeys, verify
from sync.wire import (
    VERSION,
    Signed,
    as_bool,
    as_bytes,
    as_int,
    as_items,
    as_text,
    encode,
    fields,
    of_version,
)

KIT_NAME = "site.kit"
KIT_CONTEXT = b"madoguchi/v1/kit"
MAX_KIT_BYTES = 512 * 1024
WITH_VOICE = 2
"""The version of a kit that says how voices speak and buttons are wired; made only where that is not the usual, so that
boxes of before take every other kit."""
WITH_CARDS = 3
"""The version of a kit that also says what reads cards; made, in its turn, only where that is not the usual."""
_LENGTHS = {VERSION: 12, WITH_VOICE: 13, WITH_CARDS: 14}
_MOST_TEXT = 16_000
_MOST_THINGS = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Kit:
    """What a municipality gives to every one of its boxes."""

    site: Site
    keys: TownKeys
    number: int
    """Rises with every kit of the town."""
    made_at: datetime
    """By the office's clock, aware UTC."""

    def to_bytes(self, office: SigningKey) -> bytes:
        """The file, signed by the office whose public key is inside."""
        payload = encode(_payload(self))
        return Signed(payload=payload, signature=office.sign(KIT_CONTEXT, payload)).to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Kit":
        """Read a kit; `KitRefused` unless every byte is as the office that it names signed it, `KitTooNew`.

        Whether that office is the right one a kit cannot say: the office looks at the kit's digest in each request.
        """
        try:
            signed = Signed.from_bytes(data, limit=MAX_KIT_BYTES)
            kit = _kit(of_version(signed.payload, _LENGTHS, limit=MAX_KIT_BYTES)[1])
            verify(kit.keys.office, KIT_CONTEXT, signed.payload, signed.signature)
        except UnsupportedVersion as error:
            raise KitTooNew(error.detail) from None
        except (SyncError, MadoguchiError, ValueError, OverflowError) as error:
            raise KitRefused(getattr(error, "detail", "") or type(error).__name__) from None
        return kit


def read_kit(path: Path) -> tuple[Kit, bytes]:
    """The kit in a file, or in the folder that holds one, and its digest; `KitMissing`, `KitRefused`, `KitTooNew`."""
    file = path / KIT_NAME if path.is_dir() else path
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_KIT_BYTES + 1)
    except OSError as error:
        raise KitMissing(f"{file}: {error.strerror}") from None
    return Kit.from_bytes(data), digest_of(data)


def digest_of(kit: bytes) -> bytes:
    """What names a kit: SHA-256 over the whole file."""
    return hashlib.sha256(kit).digest()


# -------------------------------------------------------------------------------------------------------------- writing


def _payload(kit: Kit) -> list[object]:
    site, keys = kit.site, kit.keys
    more = _written_more(site)
    return [
        (VERSION, WITH_VOICE, WITH_CARDS)[len(more)],
        kit.number,
        (kit.made_at - _EPOCH) // timedelta(milliseconds=1),
        list(astuple(site.words)),
        site.preset.value,
        site.receiver or None,
        [keys.recipient.raw, keys.recovery.raw, keys.receiver, keys.office],
        site.update_key or None,
        [[one.id, one.name, one.type, one.authority, one.section, one.calendar or None] for one in site.facilities],
        [[name or None, text] for name, text in sorted(site.calendars.items())],
        [_written_person(one) for one in site.people],
        [site.retention.daily, site.retention.reports, site.retention.grants],
        _written_devices(site.devices),
        *more,
    ]


def _written_more(site: Site) -> list[object]:
    """What later versions say, up to the last of it that is not the usual."""
    cards = [site.devices.card, site.card_check]
    voice = [*_written_wiring(site.devices), *_written_voice(site.voice)]
    if cards != [DevicesSection().card, True]:
        return [voice, cards]
    is_usual = voice == [*_written_wiring(DevicesSection()), *_written_voice(VoiceSection())]
    return [] if is_usual else [voice]


def _written_person(person: KitPerson) -> list[object]:
    entry = person.entry
    days = [day.toordinal() if day else None for day in (entry.appointed_on, entry.pledged_on, entry.until)]
    roles = sorted(role.value for role in entry.appointments)
    return [person.facility or None, entry.name, entry.permission.value, roles, entry.employment.value, *days]


def _written_devices(devices: DevicesSection) -> list[object]:
    lines = [sorted([int(button), line] for button, line in one.items()) for one in _lines_of(devices)]
    return [devices.buttons, devices.lamps, devices.voice, *lines]


def _written_wiring(devices: DevicesSection) -> list[object]:
    usb = sorted([int(button), path] for button, path in devices.hid_buttons.items())
    return [devices.button_pull.value, devices.closed_contact.value, devices.lamp_lit.value, usb]


def _written_voice(voice: VoiceSection) -> list[object]:
    return [voice.volume, voice.speed, voice.times, voice.numbers, list(voice.quiet)]


def _lines_of(devices: DevicesSection) -> tuple[Mapping[str, int], Mapping[str, int]]:
    return devices.button_lines, devices.lamp_lines


# -------------------------------------------------------------------------------------------------------------- reading


def _kit(values: list[object]) -> Kit:
    number, made_ms, words, preset, receiver, keys, update_key, facilities, calendars, people, years, devices, *more = (
        values
    )
    wiring, voice = _more(more[0]) if more else ({}, VoiceSection())
    card, card_check = _cards(more[1]) if len(more) > 1 else (DevicesSection().card, True)
    named = _words(words)
    return Kit(
        number=as_int(number, lowest=1),
        made_at=_EPOCH + timedelta(milliseconds=as_int(made_ms, lowest=0)),
        keys=_keys(keys, named.code),
        site=Site(
            words=named,
            preset=Preset(_text(preset)),
            receiver="" if receiver is None else _text(receiver),
            update_key=b"" if update_key is None else as_bytes(update_key, UPDATE_KEY_LENGTH),
            facilities=as_items(facilities, _facility, most=_MOST_THINGS),
            calendars=dict(as_items(calendars, _calendar, most=_MOST_THINGS)),
            people=as_items(people, _person, most=_MOST_THINGS),
            retention=_retention(years),
            devices=_devices(devices, wiring | {"card": card}),
            voice=voice,
            card_check=card_check,
        ),
    )


def _text(value: object) -> str:
    return as_text(value, most=_MOST_TEXT)


def _words(value: object) -> Words:
    names = list(Words.__dataclass_fields__)
    return words_of_municipality(dict(zip(names, map(_text, fields(value, len(names))), strict=True)))


def _keys(value: object, municipality: str) -> TownKeys:
    recipient, recovery, receiver, office = fields(value, 4)
    return TownKeys(
        municipality=municipality,
        recipient=RecipientPublic(as_bytes(recipient, RECIPIENT_PUBLIC_LENGTH)),
        recovery=RecipientPublic(as_bytes(recovery, RECIPIENT_PUBLIC_LENGTH)),
        receiver=as_bytes(receiver, PUBLIC_LENGTH),
        office=as_bytes(office, PUBLIC_LENGTH),
    )


def _facility(value: object) -> Facility:
    id_, name, type_, authority, section, calendar = fields(value, 6)
    return Facility(
        id=_text(id_),
        name=_text(name),
        type=_text(type_),
        authority=_text(authority),
        section=_text(section),
        calendar="" if calendar is None else _text(calendar),
    )


def _calendar(value: object) -> tuple[str, str]:
    name, text = fields(value, 2)
    calendar_of(_text(text))
    return "" if name is None else _text(name), _text(text)


def _person(value: object) -> KitPerson:
    facility, name, permission, roles, employment, appointed, pledged, until = fields(value, 8)
    entry = PersonEntry(
        name=_text(name),
        permission=Permission(_text(permission)),
        appointments=frozenset(StaffRole(role) for role in as_items(roles, _text, most=len(StaffRole))),
        employment=Employment(_text(employment)),
        appointed_on=_day(appointed),
        pledged_on=_day(pledged),
        until=_day(until),
    )
    return KitPerson(facility="" if facility is None else _text(facility), entry=entry.checked())


def _day(value: object) -> date | None:
    return None if value is None else date.fromordinal(as_int(value, lowest=1))


def _retention(value: object) -> Retention:
    daily, reports, grants = (as_int(years, lowest=1) for years in fields(value, 3))
    return Retention(daily=daily, reports=reports, grants=grants)


def _cards(value: object) -> tuple[str, bool]:
    """What reads cards, and whether screens tell of them."""
    card, check = fields(value, 2)
    return _text(card), as_bool(check)


def _more(value: object) -> tuple[dict[str, Any], VoiceSection]:
    pull, closed, lit, usb, volume, speed, times, numbers, quiet = fields(value, 9)
    wiring: dict[str, Any] = {
        "button_pull": Pull(_text(pull)),
        "closed_contact": Level(_text(closed)),
        "lamp_lit": Level(_text(lit)),
        "hid_buttons": dict(as_items(usb, _usb, most=_MOST_THINGS)),
    }
    voice = VoiceSection(
        volume=None if volume is None else as_int(volume, lowest=0),
        speed=as_int(speed, lowest=0),
        times=as_int(times, lowest=0),
        numbers=as_int(numbers, lowest=0),
        quiet=as_items(quiet, _text, most=_MOST_THINGS),
    )
    return wiring, voice


def _usb(value: object) -> tuple[str, str]:
    button, path = fields(value, 2)
    return str(as_int(button, lowest=1)), _text(path)


def _devices(value: object, wiring: Mapping[str, Any]) -> DevicesSection:
    buttons, lamps, voice, button_lines, lamp_lines = fields(value, 5)
    return DevicesSection(
        **wiring,
        buttons=_text(buttons),
        lamps=_text(lamps),
        voice=_text(voice),
        button_lines=dict(as_items(button_lines, _line, most=_MOST_THINGS)),
        lamp_lines=dict(as_items(lamp_lines, _line, most=_MOST_THINGS)),
    )


def _line(value: object) -> tuple[str, int]:
    button, line = fields(value, 2)
    return str(as_int(button, lowest=1)), as_int(line, lowest=0)
