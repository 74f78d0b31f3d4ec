"""The offline bundle: all that a bare machine needs in one file, with a SHA-256 of every part in its manifest."""

import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from provisioning.errors import SecretInBundle, WheelRefused
from provisioning.units import ROLES, lay_out

INSTALLER = Path(__file__).parent / "installer"
MANIFEST = "MANIFEST"
PACKAGES = (
    *("python3", "python3-venv", "nginx-light", "pcscd", "libccid", "polkitd", "libbpf1"),
    *("avahi-daemon", "dnsmasq-base", "alsa-utils"),
)
"""What a box without a screen needs of Debian."""
MACHINES: Mapping[str, str] = {"amd64": "x86_64", "arm64": "aarch64"}
SUITES: Mapping[str, str] = {"3.11": "bookworm", "3.13": "trixie"}
"""Debian, and so Raspberry Pi OS, by its Python."""

_ELF_MACHINE: Mapping[str, int] = {"amd64": 0x3E, "arm64": 0xB7}
_ELF_MACHINE_AT = slice(18, 20)
_BUILT: Mapping[str, tuple[str, bytes]] = {
    "lgpio": ("lgpio.py", b"def gpiochip_open("),
    "pyscard": ("smartcard/scard/__init__.py", b""),
}
"""Library -> a module that a real one has, and words in it."""
_SMALLEST_BUILT = 100_000
"""Bytes; the stub that the index offers for Python 3.13 has 2 451."""
_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+(?:[A-Za-z0-9+/=]{20,}\s+){2}")
_WIFI = re.compile(rb"^\s*(?:psk|wpa_passphrase|wifi-sec\.psk)\s*=\s*(?!\{[\w.]+\}\s*$)\S", re.MULTILINE)
"""A password, and not the place in a program of ours where one is put in."""
_SECRET_NAMES = re.compile(r"(?:\.key|wpa_supplicant\.conf|\.nmconnection)$")


@dataclass(frozen=True, kw_only=True)
class Target:
    """The kind of box that a bundle is for."""

    arch: str
    """As Debian says it: amd64 or arm64."""
    python: str

    @property
    def suite(self) -> str:
        """The Debian release with that Python."""
        return SUITES[self.python]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What goes into a bundle."""

    version: str
    wheels: Sequence[Path]
    """The locked libraries, the two built ones and the product itself."""
    debs: Path
    """A folder that is an apt repository."""
    units: Path
    """Our `systemd/`."""


def pack(parts: Parts, target: Target, out: Path) -> str:
    """Write the bundle; returns the fingerprint that its installer shows. `WheelRefused`, `SecretInBundle`."""
    must_be_real(parts.wheels, target)
    name = f"madoguchi-{parts.version}-{target.arch}-py{target.python}"
    with tempfile.TemporaryDirectory() as scratch:
        stage = Path(scratch) / name
        stage.mkdir()
        _fill(stage, parts, target)
        must_hold_no_secret(stage)
        (stage / MANIFEST).write_text(manifest_of(stage), encoding="utf-8")
        fingerprint = _digest(stage / MANIFEST)[:16]
        new = out.with_name(f".{out.name}.new")
        _write_tar(stage, new)
        new.replace(out)
    return fingerprint


def _fill(stage: Path, parts: Parts, target: Target) -> None:
    (stage / "wheels").mkdir()
    for wheel in parts.wheels:
        shutil.copy(wheel, stage / "wheels")
    (stage / "wheels.txt").write_text("".join(map(_pin, sorted(parts.wheels))), encoding="utf-8")
    shutil.copytree(parts.debs, stage / "debs")
    lay_out(parts.units, stage / "root", stage / "product")
    for name in ("install.sh", "uninstall.sh", "madoguchi.toml"):
        shutil.copy(INSTALLER / name, stage)
    facts = {
        "version": parts.version,
        "arch": target.arch,
        "python": target.python,
        "suite": target.suite,
        "packages": " ".join(PACKAGES),
        **{f"role.{role}": " ".join(units) for role, units in ROLES.items()},
    }
    (stage / "BUNDLE").write_text("".join(f"{key}={value}\n" for key, value in facts.items()), encoding="utf-8")


def _pin(wheel: Path) -> str:
    name, version = wheel.name.split("-")[:2]
    return f"{name}=={version} --hash=sha256:{_digest(wheel)}\n"


def manifest_of(folder: Path) -> str:
    """Every file below, as `sha256sum --check` reads it."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file != folder / MANIFEST)
    return "".join(f"{_digest(file)}  {file.relative_to(folder)}\n" for file in files)


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def _write_tar(stage: Path, out: Path) -> None:
    """No owner and no time of this computer: the same parts give the same bundle."""
    with tarfile.open(out, "w", format=tarfile.GNU_FORMAT) as tar:
        tar.add(stage, arcname=stage.name, filter=_anonymous)


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755 if entry.isdir() or entry.name.endswith(".sh") else 0o644
    return entry


# --------------------------------------------------------------------------------------------------- what is not packed


def must_be_real(wheels: Sequence[Path], target: Target) -> None:
    """`WheelRefused` where a built library is missing or a stub, or one is compiled for another machine."""
    for library, (module, words) in _BUILT.items():
        found = [wheel for wheel in wheels if wheel.name.startswith(f"{library}-")]
        if len(found) != 1:
            raise WheelRefused(f"{library}: {len(found)} wheels")
        _must_be_built(found[0], module, words)
    for wheel in wheels:
        for name, content in _members(wheel):
            if content.startswith(b"\x7fELF") and _machine(content) != _ELF_MACHINE[target.arch]:
                raise WheelRefused(f"{wheel.name}: {name} is not for {target.arch}")


def _must_be_built(wheel: Path, module: str, words: bytes) -> None:
    if wheel.stat().st_size < _SMALLEST_BUILT:
        raise WheelRefused(f"{wheel.name}: {wheel.stat().st_size} bytes, an empty stub")
    members = dict(_members(wheel))
    if words not in members.get(module, b"") or not any(one.startswith(b"\x7fELF") for one in members.values()):
        raise WheelRefused(f"{wheel.name}: holds nothing that drives hardware")


def _machine(elf: bytes) -> int:
    return int.from_bytes(elf[_ELF_MACHINE_AT], "little")


def must_hold_no_secret(folder: Path) -> None:
    """`SecretInBundle` where a private key, a Wi-Fi password or a file that usually holds one lies below."""
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        inner = _members(file) if file.suffix == ".whl" else [(file.name, file.read_bytes())]
        for name, content in inner:
            if _SECRET_NAMES.search(name) or _KEY.search(content) or _WIFI.search(content):
                raise SecretInBundle(str(file.relative_to(folder) / name))


def _members(wheel: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)
