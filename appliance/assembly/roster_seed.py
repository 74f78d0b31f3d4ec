"""The people a kit brings along: a TOML file, read once into an empty roster.

    [[person]]
    name = "さくら"                 # ひらがな or a number
    permission = "volunteer"        # facility_staff, ict_support
    pin = "482913"                  # six digits, none of those that anybody would try first
    appointments = ["promotion_volunteer"]
    employment = "volunteer"
    appointed_on = 2026-04-01       # and pledged_on, until; all three may be missing

The file holds PINs: take it away from the box once the desk has started.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from appliance.desk.errors import ConfigError, Invalid
from appliance.desk.facts.roster import PersonEntry, checked_pin
from appliance.desk.facts.staff import Employment, Permission, StaffRole
from appliance.desk.reception.roster import Seed

_KNOWN = frozenset({"name", "permission", "pin", "appointments", "employment", "appointed_on", "pledged_on", "until"})

Word = TypeVar("Word", bound=StrEnum)


def load_roster_seed(path: Path) -> list[Seed]:
    """The people in `path`; `ConfigError` names what cannot be used, and never a PIN."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError("roster-seed", f"{path} cannot be read: {error}") from None
    people = content.get("person")
    is_list = isinstance(people, list) and bool(people) and all(isinstance(one, dict) for one in people)
    if not is_list or set(content) != {"person"}:
        raise ConfigError("roster-seed", "holds nothing but [[person]], at least once")
    return [_seed(f"person.{number}", person) for number, person in enumerate(content["person"], start=1)]


def _seed(key: str, person: Mapping[str, object]) -> Seed:
    unknown = sorted(set(person) - _KNOWN)
    if unknown:
        raise ConfigError(f"{key}.{unknown[0]}", f"nobody knows this key; known here: {', '.join(sorted(_KNOWN))}")
    appointments = person.get("appointments", [])
    if not isinstance(appointments, list):
        raise ConfigError(f"{key}.appointments", "must be a list")
    entry = PersonEntry(
        name=_text(person, "name", key),
        permission=_word(Permission, _text(person, "permission", key), f"{key}.permission"),
        appointments=frozenset(_word(StaffRole, word, f"{key}.appointments") for word in appointments),
        employment=_word(Employment, person.get("employment", "volunteer"), f"{key}.employment"),
        appointed_on=_day(person, "appointed_on", key),
        pledged_on=_day(person, "pledged_on", key),
        until=_day(person, "until", key),
    )
    try:
        return Seed(entry=entry.checked(), pin=checked_pin(_text(person, "pin", key)))
    except Invalid as error:
        raise ConfigError(f"{key}.{error.field}", str(error)) from None


def _text(person: Mapping[str, object], name: str, key: str) -> str:
    value = person.get(name)
    if not isinstance(value, str):
        raise ConfigError(f"{key}.{name}", "is missing or not a text")
    return value


def _word(kind: type[Word], word: object, key: str) -> Word:
    try:
        return kind(str(word))
    except ValueError:
        raise ConfigError(key, f"must be one of {', '.join(kind)}") from None


def _day(person: Mapping[str, object], name: str, key: str) -> date | None:
    value = person.get(name)
    if value is not None and type(value) is not date:
        raise ConfigError(f"{key}.{name}", "must be a day like 2026-04-01, without quotes")
    return value
