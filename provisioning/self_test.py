"""What a box tries on itself before it asks to be enrolled: a box that is not fit asks for nothing."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from provisioning.errors import SelfTestFailed
from sync.envelope import OpenEpoch, parse_epoch
from sync.files import write_new
from sync.keys import SigningKey, TownKeys, device_id, verify

LEAST_FREE_BYTES = 100 * 1024 * 1024
"""Two years of records and their room to work."""

_TRIAL = b"madoguchi self-test"


def self_test(state: Path, town: TownKeys, key: SigningKey) -> tuple[str, ...]:
    """The names of all checks, passed; `SelfTestFailed` names those that were not."""
    checks: Mapping[str, Callable[[], bool]] = {
        "disk": lambda: keeps(state),
        "room": lambda: shutil.disk_usage(state).free >= LEAST_FREE_BYTES,
        "key": lambda: _signs(key),
        "seal": lambda: _seals(town, key),
    }
    failed = [name for name, passes in checks.items() if not _holds(passes)]
    if failed:
        raise SelfTestFailed(", ".join(failed))
    return tuple(checks)


def _holds(passes: Callable[[], bool]) -> bool:
    """Whatever a check stumbles over, it has not passed."""
    try:
        return passes()
    except Exception:  # noqa: BLE001 # a broken library must be told as a failed check, not as a traceback
        return False


def keeps(state: Path) -> bool:
    """Whether what is written into that folder is found there again; nothing of it stays. `OSError`."""
    path, content = state / f".self-test.{os.urandom(4).hex()}", os.urandom(4096)
    write_new(path, content)
    kept = path.read_bytes() == content
    path.unlink()
    return kept


def _signs(key: SigningKey) -> bool:
    verify(key.public, _TRIAL, _TRIAL, key.sign(_TRIAL, _TRIAL))
    return True


def _seals(town: TownKeys, key: SigningKey) -> bool:
    """An epoch for both keys of the town, one record in it; whether the town opens it only the town can tell."""
    epoch = OpenEpoch.begin(
        municipality=town.municipality,
        device=device_id(key.public),
        chain=bytes(8),
        start=0,
        number=1,
        recipients=town.recipients,
        signing_key=key,
    )
    parse_epoch(epoch.body).verify(key.public)
    return len(epoch.seal(_TRIAL, sequence=1, record_id=bytes(16), previous_hash=bytes(32)).ciphertext) > len(_TRIAL)
