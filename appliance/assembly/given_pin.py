"""A new PIN from the command on the box: left in the state folder, taken from there by the desk.

So the desk stays the only one that writes its database and seals its records, whether it runs now or later.
"""

import json
import logging
import os
import secrets
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

from appliance.config import Config
from appliance.desk.desk_key import DESK_KEY_LENGTH
from appliance.desk.errors import ConfigError, NotServing, UnknownStaff
from appliance.desk.facts.roster import RosterEntry
from appliance.desk.reception.given_pin import GivenPin
from appliance.desk.reception.roster import RosterDesk
from appliance.desk.reception.roster_book import new_pin
from appliance.store.faults import disk_words
from appliance.store.staff_rows import stored_roster
from sync.files import write_over

log = logging.getLogger(__name__)

LONGEST_WAIT = 20.0
"""A desk that runs has looked into its state folder by then."""

_FILE = "given-pin.json"


def roster_of(config: Config) -> Sequence[RosterEntry]:
    """Everybody on the roster of that box, by number; `ConfigError` where no desk has run yet, or somebody else's."""
    database = config.state.directory / "desk.db"
    try:
        is_there = database.is_file()
    except PermissionError:
        raise ConfigError("state.directory", "belongs to another user; be root, or the user of the desk") from None
    if not is_there:
        raise ConfigError("state.directory", f"{database} is not there; start the desk once")
    return stored_roster(database)


def give_pin(config: Config, number: int, *, forget_names: bool) -> str:
    """A new PIN for the person with that number, once the desk has taken it; nothing of it can be read from the disk.

    With `forget_names` it opens a new desk key, and every name is the person's number until it is typed again.
    `UnknownStaff`, `NotServing`, `ConfigError`, `StorageFull`, `StorageFailed`.
    """
    rows = roster_of(config)
    row = next((row for row in rows if row.member.number == number), None)
    if row is None:
        raise UnknownStaff(f"number {number}")
    if not row.member.active:
        raise NotServing(f"number {number}")
    pin = new_pin()
    _leave(config.state.directory, _given(row, pin, rows if forget_names else ()))
    return pin


def is_taken(config: Config) -> bool:
    """Whether the desk that runs has taken the PIN, waiting for a moment; False where no desk runs."""
    deadline = time.monotonic() + LONGEST_WAIT
    while (config.state.directory / _FILE).exists():
        if time.monotonic() > deadline or not desk_answers(config.door):
            return False
        time.sleep(0.2)
    return True


def take_given_pin(state: Path, roster: RosterDesk) -> None:
    """Let the desk take the PIN that lies in its state folder, if there is one; the error of the disk."""
    path = state / _FILE
    if not path.exists():
        return
    try:
        roster.take(_read(path))
    except (ValueError, KeyError, TypeError, AttributeError, UnknownStaff):
        log.warning("%s could not be read and was thrown away; `madoguchi staff reset` makes another", path)
    path.unlink()


def _given(row: RosterEntry, pin: str, renamed: Sequence[RosterEntry]) -> GivenPin:
    from sync.pins import Argon2Pins, NameCipher

    key, names = secrets.token_bytes(DESK_KEY_LENGTH), NameCipher()
    salt, wrapped_key = Argon2Pins().wrap(key, pin, row.id.bytes)
    return GivenPin(
        id=uuid4(),
        person=row.id,
        salt=salt,
        wrapped_key=wrapped_key,
        names={other.id: names.seal(str(other.member.number), key, other.id.bytes) for other in renamed},
    )


def _leave(state: Path, given: GivenPin) -> None:
    """Write it for the desk's own user, whoever runs the command."""
    content = {
        "id": given.id.hex,
        "person": given.person.hex,
        "salt": given.salt.hex(),
        "wrapped_key": given.wrapped_key.hex(),
        "names": {person.hex: sealed.hex() for person, sealed in given.names.items()},
    }
    leave_for_the_desk(state / _FILE, json.dumps(content).encode())


def leave_for_the_desk(path: Path, content: bytes) -> None:
    """Write a file into the state folder for the desk's own user alone; the error of the disk."""
    with disk_words():
        write_over(path, content, mode=0o600)
        owner = path.parent.stat()
        if os.geteuid() != owner.st_uid:
            os.chown(path, owner.st_uid, owner.st_gid)


def _read(path: Path) -> GivenPin:
    content = json.loads(path.read_bytes())
    return GivenPin(
        id=UUID(content["id"]),
        person=UUID(content["person"]),
        salt=bytes.fromhex(content["salt"]),
        wrapped_key=bytes.fromhex(content["wrapped_key"]),
        names={UUID(person): bytes.fromhex(sealed) for person, sealed in content["names"].items()},
    )


def desk_answers(door: Path) -> bool:
    """Whether a desk stands behind its courier door."""
    with socket.socket(socket.AF_UNIX) as knock:
        knock.settimeout(1)
        return knock.connect_ex(str(door)) == 0
