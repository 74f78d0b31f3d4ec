"""What a doctor looks at: the state folder with its database, and the machine that serves it."""

import json
import os
import shutil
import stat
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from appliance.config import LOUD, Config
from appliance.desk.errors import MadoguchiError
from appliance.store.checkup import Checkup, checkup, faults_of, records_of
from appliance.store.outgoing import StoredRecord
from appliance.store.reserve import Reserve
from provisioning.findings import Finding
from provisioning.self_test import LEAST_FREE_BYTES, keeps
from provisioning.surroundings import Surroundings
from sync.door import Door, DoorRefused
from sync.errors import SyncError
from sync.keys import SigningKey
from sync.wire import as_hash, versioned

PATIENCE = timedelta(days=31)
"""A stick that goes to the town once a month is in time."""
BUTTONS = "buttons.json"
"""What the desk writes down about its buttons, beside its state;"""
VOICE = "voice.json"
"""and about its voice: what became of the last sentence, when and why, and never the sentence."""
OLDEST_CRYPTOGRAPHY = 47
"""The first with what an epoch is sealed by."""

_CLOCKS_MAY_DIFFER = timedelta(minutes=1)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MIB = 1024 * 1024


# ----------------------------------------------------------------------------------------------------------- the state


def of_state(config: Config, around: Surroundings) -> Iterator[Finding]:
    """Folder, key, disk and database."""
    state = config.state.directory
    if not state.is_dir():
        yield Finding(name="state_missing", detail=str(state))
        return
    if not os.access(state, os.R_OK | os.X_OK):
        yield Finding(name="state_closed", detail=str(state))
        return
    yield _folder(state)
    yield _device_key(state / "device.key")
    yield from _disk(state)
    yield from _database(state / "desk.db", around)


def _folder(state: Path) -> Finding:
    ours = [path for path in (state / "device.key", state / "desk.db") if path.exists()]
    private = [state, *(path for path in ours if path.suffix == ".key")]
    if open_ones := [path.name for path in private if path.stat().st_mode & _OTHERS]:
        return Finding(name="state_open_to_others", detail=", ".join(open_ones))
    if foreign := [path.name for path in ours if path.stat().st_uid != state.stat().st_uid]:
        return Finding(name="state_of_another_user", detail=", ".join(foreign))
    try:
        name = "state_private" if keeps(state) else "state_unwritable"
    except OSError as error:
        return Finding(name="state_unwritable", detail=error.strerror or "")
    return Finding(name=name, detail=str(state))


def _device_key(path: Path) -> Finding:
    if not path.is_file():
        return Finding(name="device_key_missing")
    try:
        SigningKey.from_bytes(path.read_bytes())
    except (OSError, SyncError):
        return Finding(name="device_key_broken")
    return Finding(name="device_key_there")


def _disk(state: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(state).free
    yield Finding(name="disk_roomy" if free >= LEAST_FREE_BYTES else "disk_small", detail=f"{free // _MIB} MiB")
    yield Finding(name="reserve_there" if Reserve(state / "reserve").is_there else "reserve_missing")


def _database(path: Path, around: Surroundings) -> Iterator[Finding]:
    if not path.is_file():
        yield Finding(name="database_missing", detail=path.name)
        return
    if faults := faults_of(path):
        yield Finding(name="database_broken", detail="; ".join(faults).replace("\n", " "))
    else:
        yield Finding(name="database_whole")
    try:
        at = break_in_chain(records_of(path))
        signs = checkup(path)
    except MadoguchiError:
        if not faults:
            raise
        yield Finding(name="chain_not_looked_at")
        yield Finding(name="unsent_not_counted")
        return
    yield Finding(name="chain_sound") if at is None else Finding(name="chain_broken", detail=f"record {at}")
    yield _unsent(signs, around)
    yield _clock(signs, around)


def break_in_chain(records: Iterator[StoredRecord]) -> int | None:
    """The sequence of the first record that is not what it says, or does not stand on the one before it.

    What was pruned leaves gaps; a record behind a gap is taken as it is.
    """
    first = next(records, None)
    if first is None:
        return None
    if not _is_itself(first):
        return first.sequence
    for before, record in pairwise((first, *records)):
        follows = record.sequence != before.sequence + 1 or _stands_on(record) == before.hash
        if not (follows and _is_itself(record)):
            return record.sequence
    return None


def _is_itself(record: StoredRecord) -> bool:
    """A withdrawn record has nothing left to compare with but its header."""
    if record.ciphertext is not None and sha256(record.header + record.ciphertext).digest() != record.hash:
        return False
    return _stands_on(record) is not None


def _stands_on(record: StoredRecord) -> bytes | None:
    try:
        *_, sequence, _nonce, _id, _dictionary, previous = versioned(record.header, 9)
        return as_hash(previous) if sequence == record.sequence else None
    except SyncError:
        return None


def _unsent(signs: Checkup, around: Surroundings) -> Finding:
    if signs.oldest_unsent is None:
        return Finding(name="sent", detail="0")
    is_old = around.now() - signs.oldest_unsent > PATIENCE
    since = f"{signs.oldest_unsent.astimezone():%Y-%m-%d}"
    return Finding(name="unsent_old" if is_old else "sent", detail=f"{signs.unsent}, {since}")


def _clock(signs: Checkup, around: Surroundings) -> Finding:
    if around.is_synchronised():
        return Finding(name="clock_synchronised")
    if signs.is_vouched:
        return Finding(name="clock_vouched")
    now = around.now()
    shown = f"{now.astimezone():%Y-%m-%d %H:%M}"
    if signs.newest is not None and now < signs.newest - _CLOCKS_MAY_DIFFER:
        return Finding(name="clock_behind", detail=shown)
    return Finding(name="clock_unconfirmed", detail=shown)


# --------------------------------------------------------------------------------------------------------- the machine


def of_machine(config: Config, around: Surroundings) -> Iterator[Finding]:
    """Pages, door, units, and the parts that lie beneath."""
    if around.answers(config.server.host, config.server.port):
        yield Finding(name="pages_answer", detail=f"port {config.server.port}")
        yield _door(config.door)
    else:
        yield Finding(name="pages_silent", detail=f"port {config.server.port}")
    yield _units(around)
    devices = config.devices
    if "gpio" in {devices.buttons, devices.lamps} and not devices.simulated_gpio:
        yield Finding(name="gpio_there" if around.gpio_is_usable() else "gpio_missing")
        is_real = around.can_import("lgpio") and around.can_import("_lgpio")
        yield Finding(name="lgpio_real" if is_real else "lgpio_stub")
    yield _cryptography(around)
    yield _buttons(config)
    yield from of_voice(config, around)


def _door(path: Path) -> Finding:
    """A door that turns this user away is one where a desk stands."""
    try:
        with Door(path) as door:
            door.ask("hello")
    except DoorRefused:
        return Finding(name="door_answers")
    except SyncError as error:
        return Finding(name="door_silent", detail=str(error))
    return Finding(name="door_answers")


def _units(around: Surroundings) -> Finding:
    states = around.units()
    if "madoguchi.service" not in states and "madoguchi-office.service" not in states:
        return Finding(name="units_not_used")
    failed = [name for name, state in states.items() if state["ActiveState"] == "failed"]
    told = [f"{name} {around.fault_of(name)}".strip() for name in failed]
    return Finding(name="units_failed", detail=", ".join(told)) if failed else Finding(name="units_run")


def _buttons(config: Config) -> Finding:
    if not (config.devices.buttons == "gpio" or config.devices.hid_buttons):
        return Finding(name="buttons_absent")
    try:
        told = json.loads((config.state.directory / BUTTONS).read_bytes())
        faulty = [f"{number} {one['fault']}" for number, one in told.items() if one["fault"]]
        pressed = [f"{number} {one['pressed_at'] or '-'}" for number, one in told.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Finding(name="buttons_unknown")
    return Finding(name="buttons_faulty" if faulty else "buttons_well", detail=", ".join(faulty or pressed))


def of_voice(config: Config, around: Surroundings) -> Iterator[Finding]:
    """Card, player, what became of the last sentence, and which have no sound yet."""
    if config.devices.voice != LOUD:
        yield Finding(name="voice_silent", detail=config.devices.voice)
        return
    cards = around.sound_cards()
    yield Finding(name="sound_card_there" if cards else "sound_card_missing", detail=", ".join(cards))
    yield Finding(name="player_there" if around.has_player() else "player_missing")
    yield _last_sentence(config)
    yield _sentences(config, around)


def _last_sentence(config: Config) -> Finding:
    try:
        told = json.loads((config.state.directory / VOICE).read_bytes())
        name = {"said": "voice_said", "dropped": "voice_held_back", "failed": "voice_failed"}[told["state"]]
        return Finding(name=name, detail=" ".join(filter(None, (str(told["at"]), str(told["reason"])))))
    except (OSError, ValueError, KeyError, TypeError):
        return Finding(name="voice_unknown")


def _sentences(config: Config, around: Surroundings) -> Finding:
    unmade = around.unmade_sentences(config)
    if not unmade:
        return Finding(name="sentences_made")
    name = "sentences_unmade" if around.can_import("pyopenjtalk") else "engine_missing"
    return Finding(name=name, detail=str(unmade))


def _cryptography(around: Surroundings) -> Finding:
    found = around.installed("cryptography")
    if found is None:
        return Finding(name="cryptography_old")
    is_good = int(found.version.partition(".")[0]) >= OLDEST_CRYPTOGRAPHY and found.is_own
    return Finding(name="cryptography_own" if is_good else "cryptography_old", detail=found.version)
