"""The wheels of a bundle: downloaded as the lock says, and the two that exist nowhere built in a root of the target."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from provisioning.bundle import INSTALLER, MACHINES, PACKAGES, Parts, Target
from provisioning.errors import CannotBuild, NoCheckout, WheelsMissing

HOUSE = Path(__file__).parents[1]
"""The checkout that this program runs from, if it does."""
_GLIBC = {"bookworm": 36, "trixie": 41}
_OLDEST_GLIBC = 5
_FAMILIES = ("appliance", "drivers", "sync", "ui", "provisioning")
_BUILD_ONLY = "setuptools-"
"""Locked for making the product's wheel; a box builds nothing."""
_SAID_LAST = 1500
_EMULATED = "cortex-a53"
"""What the smallest board has. The processor that qemu takes by itself signs pointers, which makes it 8 x slower."""
_NO_TIME = "315532800"
"""1980, where zip begins: the same sources give the same wheel."""
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Built:
    """What came out of the target's own Debian."""

    wheels: list[Path]
    debs: Path


def collect(house: Path, target: Target, *, version: str, scratch: Path, say: Say) -> Parts:
    """All parts, downloaded and built once and kept below `house`; `say` is told each step by the key of its words."""
    if not (house / "requirements" / "run.txt").is_file():
        raise NoCheckout(str(house))
    say("bundle_download")
    locked = _locked(house, target)
    say("bundle_build")
    built = _built(house, target)
    say("bundle_product")
    product = _product(house, scratch)
    wheels = [wheel for wheel in sorted(locked.glob("*.whl")) if not wheel.name.startswith(_BUILD_ONLY)]
    return Parts(version=version, wheels=[*wheels, *built.wheels, product], debs=built.debs, units=house / "systemd")


def _locked(house: Path, target: Target) -> Path:
    lock = house / "requirements" / "run.txt"
    kept = _kept(house, "wheels", target, lock.read_bytes())
    if not kept.exists():
        new = _afresh(kept)
        tags = [f"manylinux_2_{minor}_{MACHINES[target.arch]}" for minor in _glibcs(target)]
        platforms = [word for tag in [*tags, f"manylinux2014_{MACHINES[target.arch]}"] for word in ("--platform", tag)]
        wanted = [
            "--python-version",
            target.python,
            "--only-binary=:all:",
            "--no-deps",
            "--require-hashes",
            "--requirement",
        ]
        _pip("download", "--quiet", "--dest", str(new), *platforms, *wanted, str(lock))
        new.replace(kept)
    return kept


def _glibcs(target: Target) -> range:
    return range(_GLIBC[target.suite], _OLDEST_GLIBC - 1, -1)


def _product(house: Path, scratch: Path) -> Path:
    """The product's own wheel, from a copy: a build leaves things behind."""
    source, wheels = scratch / "source", scratch / "product"
    for name in _FAMILIES:
        shutil.copytree(house / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(house / name, source)
    _pip("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), str(source))
    return next(wheels.glob("madoguchi-*.whl"))


# ----------------------------------------------------------------------------------------- what is built for the target


def _built(house: Path, target: Target) -> Built:
    lock, script = house / "requirements" / "built.lock", INSTALLER / "build.sh"
    kept = _kept(house, "built", target, lock.read_bytes() + script.read_bytes() + " ".join(PACKAGES).encode())
    if not kept.exists():
        _must_be_able_to_build(target)
        new = _afresh(kept)
        with tempfile.TemporaryDirectory() as folder:
            sources = Path(folder) / "sources"
            wanted = ["--no-binary", ":all:", "--no-build-isolation", "--no-deps", "--require-hashes", "--requirement"]
            _pip("download", "--quiet", "--dest", str(sources), *wanted, str(lock))
            shutil.copy(lock, sources)
            shutil.copy(script, sources)
            _in_a_bare_root(target, sources, new)
        (new / "out").replace(kept)
        new.rmdir()
    return Built(wheels=sorted((kept / "wheels").glob("*.whl")), debs=kept / "debs")


def _must_be_able_to_build(target: Target) -> None:
    if os.geteuid() != 0 or shutil.which("mmdebstrap") is None:
        raise CannotBuild(f"root: {os.geteuid() == 0}, mmdebstrap: {shutil.which('mmdebstrap')}")
    foreign = MACHINES[target.arch] != os.uname().machine
    if foreign and not Path(f"/proc/sys/fs/binfmt_misc/qemu-{MACHINES[target.arch]}").exists():
        raise CannotBuild(f"{target.arch} is not emulated here: make bundle-{target.arch}")


def _in_a_bare_root(target: Target, sources: Path, out: Path) -> None:
    hooks = (
        f"copy-in {sources} /",
        f'mkdir "$1/out" && chroot "$1" sh /sources/build.sh {" ".join(PACKAGES)}',
        f"copy-out /out {out}",
    )
    made = subprocess.run(  # noqa: S603 (our own words)
        [
            *("mmdebstrap", "--quiet", "--variant=minbase", f"--architectures={target.arch}"),
            '--aptopt=APT::Install-Recommends "false"',
            *(f"--customize-hook={hook}" for hook in hooks),
            *(target.suite, "/dev/null"),
        ],
        check=False,
        env={**os.environ, "QEMU_CPU": _EMULATED},
    )
    if made.returncode != 0:
        raise CannotBuild(f"mmdebstrap {target.suite} {target.arch}")


# ----------------------------------------------------------------------------------------------------------------- both


def _kept(house: Path, what: str, target: Target, key: bytes) -> Path:
    """Where that is kept between runs; another lock is another place."""
    return house / "build" / "bundle" / f"{what}-{target.suite}-{target.arch}-{sha256(key).hexdigest()[:12]}"


def _afresh(kept: Path) -> Path:
    new = kept.with_name(f"new-{kept.name}")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    return new


def _pip(*words: str) -> None:
    done = subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SOURCE_DATE_EPOCH": _NO_TIME},
    )
    if done.returncode != 0:
        raise WheelsMissing(done.stderr[-_SAID_LAST:])
