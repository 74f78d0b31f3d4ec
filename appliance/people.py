"""People as a TOML table tells of them; whoever is no person of ours is refused by the name of what is wrong."""

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from appliance.config import did_you_mean
from appliance.desk.errors import ConfigError, Invalid
from appliance.desk.facts.roster import PersonEntry
from appliance.desk.facts.staff import Employment, Permission, StaffRole

_KNOWN = ("name", "permission", "appointments", "employment", "appointed_on", "pledged_on", "until")

Word = TypeVar("Word", bound=StrEnum)


def person_of(key: str, person: Mapping[str, object], *, beside: Collection[str] = ()) -> PersonEntry:
    """The person in one table; `key` names it in a `ConfigError`, `beside` are keys that somebody else reads."""
    known = [*_KNOWN, *beside]
    for name in sorted(person):
        if name not in known:
            raise ConfigError(f"{key}.{name}", f"nobody knows this key{did_you_mean(name, known)}")
    entry = PersonEntry(
        name=text_of(person, "name", key),
        permission=_word(Permission, text_of(person, "permission", key), f"{key}.permission"),
        appointments=_appointments(person, key),
        employment=_word(Employment, person.get("employment", "volunteer"), f"{key}.employment"),
        appointed_on=_day(person, "appointed_on", key),
        pledged_on=_day(person, "pledged_on", key),
        until=_day(person, "until", key),
    )
    try:
        return entry.checked()
    except Invalid as error:
        raise ConfigError(f"{key}.{error.field}", str(error)) from None


def text_of(person: Mapping[str, object], name: str, key: str) -> str:
    """The text under `name`; `ConfigError`."""
    value = person.get(name)
    if not isinstance(value, str):
        raise ConfigError(f"{key}.{name}", "is missing or not a text")
    return value


def _appointments(person: Mapping[str, object], key: str) -> frozenset[StaffRole]:
    appointments = person.get("appointments", [])
    if not isinstance(appointments, list):
        raise ConfigError(f"{key}.appointments", "must be a list")
    return frozenset(_word(StaffRole, word, f"{key}.appointments") for word in appointments)


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
