"""The kit's people for a roster that has people already: left in the state folder, taken from there by the desk.

Names lie under the desk key, which somebody's PIN opens; so whoever is on the roster and knows a PIN has to be there.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from appliance.assembly.given_pin import leave_for_the_desk, roster_of
from appliance.config import Config
from appliance.desk.errors import Invalid
from appliance.desk.facts.roster import PersonEntry, RosterEntry, typed_pin
from appliance.desk.facts.staff import Employment, Permission, StaffRole
from appliance.desk.reception.given_people import GivenPeople
from appliance.desk.reception.roster import RosterDesk, Seed
from appliance.desk.reception.roster_book import MAX_PEOPLE, member_of, new_pin
from provisioning.errors import NotOnRoster

log = logging.getLogger(__name__)

_FILE = "given-people.json"


def give_people(config: Config, people: Sequence[PersonEntry], *, number: int, pin: str) -> list[tuple[int, str, str]]:
    """Number, name and first PIN of everybody who is not on the roster yet by that name; the desk takes them in.

    `number` and `pin` are of somebody who is on it. `NotOnRoster`, `Invalid` where there is no room for so many.
    """
    rows = roster_of(config)
    key = _desk_key(rows, number, typed_pin(pin))
    known = _names(rows, key)
    seeds = [Seed(entry=one, pin=new_pin()) for one in people if one.name not in known]
    free = [one for one in range(1, MAX_PEOPLE + 1) if one not in {row.member.number for row in rows}]
    if len(seeds) > len(free):
        raise Invalid("number", f"at most {MAX_PEOPLE} people")
    if seeds:
        left = {"id": uuid4().hex, "people": [_written(_row(seed, key), seed.entry) for seed in seeds]}
        leave_for_the_desk(config.state.directory / _FILE, json.dumps(left).encode())
    return [(place, seed.entry.name, seed.pin) for place, seed in zip(free, seeds, strict=False)]


def take_given_people(state: Path, roster: RosterDesk) -> None:
    """Let the desk take the people who lie in its state folder, if there are any; the error of the disk."""
    path = state / _FILE
    if not path.exists():
        return
    try:
        roster.take_people(_read(path))
    except (ValueError, KeyError, TypeError, AttributeError, Invalid):
        log.warning("%s could not be used and was thrown away; add the people on the roster's page", path)
    path.unlink()


def _desk_key(rows: Sequence[RosterEntry], number: int, pin: str) -> bytes:
    """The key under which the names lie; a PIN from the command on the box opens another one until it is used."""
    from sync.pins import Argon2Pins, NameCipher

    for row in rows:
        if row.member.number == number and row.wrapped_key:
            key = Argon2Pins().unwrap(row.salt, row.wrapped_key, pin, row.id.bytes)
            if key is not None and NameCipher().open(row.sealed_name, key, row.id.bytes) is not None:
                return key
    raise NotOnRoster(f"number {number}")


def _names(rows: Sequence[RosterEntry], key: bytes) -> set[str | None]:
    from sync.pins import NameCipher

    return {NameCipher().open(row.sealed_name, key, row.id.bytes) for row in rows}


def _row(seed: Seed, key: bytes) -> RosterEntry:
    from sync.pins import Argon2Pins, NameCipher

    person = uuid4()
    salt, wrapped_key = Argon2Pins().wrap(key, seed.pin, person.bytes)
    return RosterEntry(
        member=member_of(seed.entry, person, number=0),
        sealed_name=NameCipher().seal(seed.entry.name, key, person.bytes),
        salt=salt,
        wrapped_key=wrapped_key,
    )


# ------------------------------------------------------------------------------------------------------------- the file


def _written(row: RosterEntry, entry: PersonEntry) -> Mapping[str, object]:
    days = {name: getattr(entry, name) for name in ("appointed_on", "pledged_on", "until")}
    return {
        "id": row.id.hex,
        "sealed_name": row.sealed_name.hex(),
        "salt": row.salt.hex(),
        "wrapped_key": row.wrapped_key.hex(),
        "permission": entry.permission.value,
        "appointments": sorted(role.value for role in entry.appointments),
        "employment": entry.employment.value,
        **{name: day and day.isoformat() for name, day in days.items()},
    }


def _read(path: Path) -> GivenPeople:
    content = json.loads(path.read_bytes())
    return GivenPeople(id=UUID(content["id"]), rows=[_row_of(one) for one in content["people"]])


def _row_of(one: Mapping[str, Any]) -> RosterEntry:
    entry = PersonEntry(
        name="",
        permission=Permission(one["permission"]),
        appointments=frozenset(map(StaffRole, one["appointments"])),
        employment=Employment(one["employment"]),
        appointed_on=_day(one["appointed_on"]),
        pledged_on=_day(one["pledged_on"]),
        until=_day(one["until"]),
    )
    return RosterEntry(
        member=member_of(entry, UUID(one["id"]), number=0),
        sealed_name=bytes.fromhex(one["sealed_name"]),
        salt=bytes.fromhex(one["salt"]),
        wrapped_key=bytes.fromhex(one["wrapped_key"]),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
