"""A municipality's site as its officials describe it, in `site.toml`: read once, checked, frozen."""

import re
import tomllib
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from appliance.calendar_pack import calendar_of
from appliance.config import DevicesSection, FacilityType, Preset, VoiceSection, did_you_mean, read_section
from appliance.content import words_of_municipality
from appliance.desk.errors import ConfigError, PackError
from appliance.desk.facts.catalogue import Words
from appliance.desk.facts.roster import PersonEntry
from appliance.people import person_of
from provisioning.presets import USUAL

LIBRARY = "図書館"
FACILITY_TYPES = ("公民館", LIBRARY, "庁舎", "福祉施設", "郵便局", "学校", "その他")
STICK_ONLY = "stick"
UPDATE_KEY_LENGTH = 42
"""A minisign public key: two letters, its id, 32 bytes."""
MOST_YEARS = 100
KEPT_DAYS = range(90, 3661)
"""What `state.keep_days` may be."""
SLACK_DAYS = 35
"""Beyond whole years: a month closes late, and sticks come three weeks late by design. One year makes 400 days."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
_KEYS = (
    "preset",
    "receiver",
    "calendar",
    "update_key",
    "municipality",
    "facility",
    "person",
    "retention",
    "devices",
    "voice",
    "card_check",
)
_SECRETS = re.compile(r"pin|password|passphrase|psk|secret|private|token|暗証|合言葉|パスワード", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Facility:
    """Where a desk stands."""

    id: str
    """ASCII letters, digits and hyphens; never changed afterwards."""
    name: str
    type: str
    """One of `FACILITY_TYPES`."""
    authority: str
    """Who holds the records in law: 町長部局 (or that of the kind), 教育委員会, 指定管理者, 郵便局."""
    section: str
    """The section in charge, as reports name it."""
    calendar: str = ""
    """The file with its own opening hours; empty where those of the site hold."""

    @property
    def kind(self) -> FacilityType:
        """What its boxes are told of it."""
        return FacilityType.LIBRARY if self.type == LIBRARY else FacilityType.COMMUNITY_CENTRE


@dataclass(frozen=True, kw_only=True)
class Retention:
    """保存年限 in years, counted from 1 April after the year in which a record was closed."""

    daily: int = 1
    """日々の記録."""
    reports: int = 5
    """月報・決算資料."""
    grants: int = 5
    """交付金."""

    @property
    def keep_days(self) -> int:
        """How long a box keeps its own copy of what the office has opened; that of the office is the one in law."""
        days = self.daily * 365 + SLACK_DAYS
        return max(KEPT_DAYS.start, min(days, KEPT_DAYS.stop - 1))

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        for name in ("daily", "reports", "grants"):
            if getattr(self, name) not in range(1, MOST_YEARS + 1):
                raise ConfigError(f"retention.{name}", f"must be 1 to {MOST_YEARS} years")


@dataclass(frozen=True, kw_only=True)
class KitPerson:
    """Somebody of the roster, without a PIN."""

    facility: str
    """Where; empty for every facility."""
    entry: PersonEntry


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything a kit says beside keys."""

    words: Words
    preset: Preset
    receiver: str
    """Address of the receiver; empty where only sticks travel."""
    update_key: bytes
    """The minisign key that signs updates; empty where none are taken."""
    facilities: tuple[Facility, ...]
    calendars: Mapping[str, str]
    """Opening calendars as TOML, by the name a facility calls it; that of the site under the empty name."""
    people: tuple[KitPerson, ...] = ()
    retention: Retention = field(default_factory=Retention)
    devices: DevicesSection = field(default_factory=DevicesSection)
    voice: VoiceSection = field(default_factory=VoiceSection)
    """How voices speak; a library takes no volume from it."""
    card_check: bool = True
    """Whether screens tell how long a card is valid and how many tries are left."""

    def facility(self, id: str) -> Facility | None:  # noqa: A002 # the name it has in the kit
        """The facility of that id."""
        return next((one for one in self.facilities if one.id == id), None)

    def calendar_of(self, facility: Facility) -> str:
        """Its opening hours as TOML; empty where neither it nor the site has any of its own."""
        return self.calendars.get(facility.calendar) or self.calendars.get("", "")

    def people_at(self, facility: str) -> tuple[PersonEntry, ...]:
        """Who serves there."""
        return tuple(one.entry for one in self.people if one.facility in ("", facility))


def load_site(path: Path) -> Site:
    """The site described in `path`, with the calendars it names beside it; `ConfigError`, `PackError`."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError("", f"{path} cannot be read: {error}") from None
    return site_of(content, lambda name: _text_in(path.parent / name))


def site_of(content: Mapping[str, object], calendar: Callable[[str], str]) -> Site:
    """The site as that table describes it; `calendar` gives the text of one that it names. `ConfigError`, `PackError`.

    Whatever somebody noted in a comment of a calendar does not travel.
    """
    _only(content, "", _KEYS)
    words = words_of_municipality(_words_table(content))
    facilities = _facilities(content, words)
    preset = Preset(_one_of("preset", _text(content, "preset", Preset.TOWN), tuple(one.value for one in Preset)))
    files = {"": _text(content, "calendar", "")} | {one.calendar: one.calendar for one in facilities if one.calendar}
    return Site(
        words=words,
        preset=preset,
        receiver=_receiver(_text(content, "receiver", "" if USUAL[preset].by_wire else STICK_ONLY)),
        update_key=_update_key(_text(content, "update_key", "")),
        facilities=facilities,
        calendars={name: _calendar(file, calendar(file)) for name, file in files.items() if file},
        people=_people(content, facilities),
        retention=read_section(Retention, _table(content, "retention"), "retention.", Path()),
        devices=read_section(DevicesSection, _table(content, "devices"), "devices.", Path()),
        voice=_voice(_table(content, "voice")),
        card_check=_yes_or_no(content, "card_check"),
    )


# --------------------------------------------------------------------------------------------------------------- tables


def _only(content: Mapping[str, object], prefix: str, known: tuple[str, ...]) -> None:
    for key in content:
        if key in known:
            continue
        if _SECRETS.search(key):
            raise ConfigError(f"{prefix}{key}", "a kit holds no secret: whoever finds the stick may read it all")
        raise ConfigError(f"{prefix}{key}", f"nobody knows this key{did_you_mean(key, list(known))}")


def _words_table(content: Mapping[str, object]) -> Mapping[str, object]:
    table = _table(content, "municipality")
    names = tuple(Words.__dataclass_fields__)
    _only(table, "municipality.", names)
    for name in names:
        if not isinstance(table.get(name), str) or not str(table[name]).strip():
            raise ConfigError(f"municipality.{name}", "is missing; screens, voice and reports use it")
    return table


def _table(content: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = content.get(key, {})
    if not isinstance(value, dict):
        raise ConfigError(key, f"must be a table [{key}]")
    return value


def _tables(content: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    value = content.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ConfigError(key, f"must be one or more [[{key}]]")
    return value


def _text(content: Mapping[str, object], key: str, otherwise: str) -> str:
    value = content.get(key, otherwise)
    if not isinstance(value, str):
        raise ConfigError(key, "must be a text")
    return value.strip()


def _yes_or_no(content: Mapping[str, object], key: str) -> bool:
    value = content.get(key, True)
    if not isinstance(value, bool):
        raise ConfigError(key, "must be true or false")
    return value


def _one_of(key: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ConfigError(key, f"{value!r} is none of them{did_you_mean(value, list(known))}")
    return value


# --------------------------------------------------------------------------------------------------------------- values


def _voice(table: Mapping[str, object]) -> VoiceSection:
    if "sound_card" in table:
        raise ConfigError("voice.sound_card", "differs from box to box: write it into the configuration of that box")
    return read_section(VoiceSection, table, "voice.", Path())


def _receiver(value: str) -> str:
    if value == STICK_ONLY:
        return ""
    if not value:
        raise ConfigError("receiver", f'is missing; a city says where it is, or "{STICK_ONLY}"')
    parts = urlsplit(value)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ConfigError("receiver", f'must be an address such as https://madoguchi.example.jp, or "{STICK_ONLY}"')
    if parts.username is not None or parts.password is not None or parts.query:
        raise ConfigError("receiver", "holds a name, a password or a question; a kit holds no secret")
    return value


def _update_key(value: str) -> bytes:
    if not value:
        return b""
    try:
        key = b64decode(value, validate=True)
    except ValueError:
        key = b""
    if len(key) != UPDATE_KEY_LENGTH or not key.startswith(b"Ed"):
        raise ConfigError("update_key", "must be the second line of a minisign public key; it begins with RW")
    return key


def _facilities(content: Mapping[str, object], words: Words) -> tuple[Facility, ...]:
    facilities = tuple(
        _facility(f"facility.{number}", table, words) for number, table in enumerate(_tables(content, "facility"), 1)
    )
    if not facilities:
        raise ConfigError("facility", "must hold one or more [[facility]]")
    ids = [one.id for one in facilities]
    if twice := [one for one in ids if ids.count(one) > 1]:
        raise ConfigError("facility", f"the id {twice[0]!r} is there twice")
    return facilities


def _facility(key: str, table: Mapping[str, object], words: Words) -> Facility:
    _only(table, f"{key}.", tuple(Facility.__dataclass_fields__))
    facility = read_section(Facility, table, f"{key}.", Path())
    if not _ID.fullmatch(facility.id):
        raise ConfigError(f"{key}.id", "must be ASCII letters, digits and hyphens, 40 at most")
    _one_of(f"{key}.type", facility.type, FACILITY_TYPES)
    _one_of(f"{key}.authority", facility.authority, authorities(words))
    for name in ("name", "section"):
        value = getattr(facility, name)
        if not value.strip() or not value.isprintable():
            raise ConfigError(f"{key}.{name}", "must be one line of text")
    return facility


def authorities(words: Words) -> tuple[str, ...]:
    """Who can hold the records of a facility in law, in a municipality of that kind."""
    return f"{words.municipality}長部局", "教育委員会", "指定管理者", "郵便局"


def _text_in(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("calendar", f"{path.name} cannot be read: {error}") from None


def _calendar(name: str, text: str) -> str:
    bare = "\n".join(line for line in (line.partition("#")[0].rstrip() for line in text.splitlines()) if line) + "\n"
    try:
        calendar_of(text)
        calendar_of(bare)  # no value of a calendar holds the sign of a comment
    except PackError as error:
        raise ConfigError("calendar", f"{name}: {error.detail}") from None
    return bare


def _people(content: Mapping[str, object], facilities: tuple[Facility, ...]) -> tuple[KitPerson, ...]:
    return tuple(
        _person(f"person.{number}", table, facilities) for number, table in enumerate(_tables(content, "person"), 1)
    )


def _person(key: str, table: Mapping[str, object], facilities: tuple[Facility, ...]) -> KitPerson:
    if "pin" in table:
        raise ConfigError(f"{key}.pin", "a kit holds no PIN; the box makes one for each person and shows it once")
    entry = person_of(key, table, beside=("facility",))
    facility = _text(table, "facility", "")
    if facility:
        _one_of(f"{key}.facility", facility, tuple(one.id for one in facilities))
    return KitPerson(facility=facility, entry=entry)
