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
from pathlib import Path

from appliance.desk.errors import ConfigError, Invalid
from appliance.desk.facts.roster import checked_pin
from appliance.desk.reception.roster import Seed
from appliance.people import person_of, text_of


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
    entry = person_of(key, person, beside=("pin",))
    try:
        return Seed(entry=entry, pin=checked_pin(text_of(person, "pin", key)))
    except Invalid as error:
        raise ConfigError(f"{key}.{error.field}", str(error)) from None
