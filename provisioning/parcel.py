"""What may be sent to whoever helps from afar: findings, settings, versions, units; no person, no record, no key."""

import dataclasses
import io
import json
import platform
import tarfile
from collections.abc import Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import urlsplit

from appliance.config import Config, load_config
from appliance.desk.errors import ConfigError
from provisioning.errors import CannotWrite
from provisioning.findings import Finding
from provisioning.surroundings import Surroundings
from sync.files import write_over

_QUOTING = frozenset({"configuration_refused", "content_refused"})
"""Whose details may quote what somebody wrote into a file."""
_OS_RELEASE = Path("/etc/os-release")
_FOLDER = "madoguchi-doctor"


def as_table(found: Sequence[Finding], *, quoting: bool = True) -> list[dict[str, object]]:
    """The findings for programs; without `quoting` no detail repeats what somebody wrote into a file."""
    return [
        {
            "code": one.code,
            "check": one.words.check,
            "finding": one.name,
            "state": one.words.state.value,
            "sentence": {"ja": one.words.ja, "en": one.words.en},
            "remedy": {"ja": one.words.remedy_ja, "en": one.words.remedy_en},
            "detail": one.detail if quoting or one.name not in _QUOTING else "",
        }
        for one in found
    ]


def pack(path: Path, *, config: Path, found: Sequence[Finding], around: Surroundings) -> None:
    """Write the parcel, a tar.gz, to `path`; `CannotWrite`."""
    contents: Mapping[str, object] = {
        "checks.json": as_table(found, quoting=False),
        "config.json": settings_of(config),
        "versions.json": versions(),
        "units.json": around.units(),
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as parcel:
        for name, content in contents.items():
            data = json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"
            entry = tarfile.TarInfo(f"{_FOLDER}/{name}")
            entry.size, entry.mtime = len(data), int(around.now().timestamp())
            parcel.addfile(entry, io.BytesIO(data))
    try:
        write_over(path, packed.getvalue(), mode=0o600)
    except OSError as error:
        raise CannotWrite(f"{path}: {error.strerror}") from None


def settings_of(path: Path) -> object:
    """The settings as they are understood, which leaves out comments; of an address only where it leads."""
    try:
        config = load_config(path)
    except ConfigError as error:
        return {"refused": error.key}
    table: dict[str, dict[str, object]] = json.loads(json.dumps(dataclasses.asdict(config), default=str))
    table["town"]["receiver"] = _without_login(config)
    return table


def _without_login(config: Config) -> str:
    parts = urlsplit(config.town.receiver)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" if host else ""


def versions() -> Mapping[str, object]:
    """What is installed."""
    return {
        "packages": {one.name: one.version for one in sorted(distributions(), key=lambda one: one.name.lower())},
        "python": platform.python_version(),
        "machine": platform.machine(),
        "kernel": platform.release(),
        "system": _system(),
    }


def _system() -> str:
    try:
        lines = _OS_RELEASE.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    return next((line.partition("=")[2].strip('"') for line in lines if line.startswith("PRETTY_NAME=")), "")
