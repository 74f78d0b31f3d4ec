"""A bundle of small make-believe wheels: what its manifest finds out, and what is never packed."""

import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.bundle import INSTALLER, MANIFEST, PACKAGES, Parts, Target, pack
from provisioning.errors import SecretInBundle, WheelRefused
from provisioning.units import PLACES, ROLES

TARGET = Target(arch="arm64", python="3.13")
DRIVER = b"\x7fELF" + bytes(14) + b"\xb7\x00" + bytes(range(256)) * 500
"""Begins like a library for a Raspberry Pi."""
REAL_LGPIO = {"_lgpio.so": DRIVER, "lgpio.py": b"def gpiochip_open(gpiochip): ..."}
PRIVATE = b"-----BEGIN PRIVATE KEY-----\n" + b"MC4CAQAwBQYDK2VwBCIEIAAAAAAA\n" * 2 + b"-----END PRIVATE KEY-----\n"


def a_wheel(folder: Path, name: str, members: Mapping[str, bytes]) -> Path:
    wheel = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for inside, content in members.items():
            archive.writestr(zipfile.ZipInfo(inside), content)
    return wheel


def some_parts(folder: Path, *, lgpio: Mapping[str, bytes] = REAL_LGPIO) -> Parts:
    units = folder / "systemd"
    for inside in ("system/madoguchi.service", "libexec/madoguchi-fault", "README.md"):
        (units / inside).parent.mkdir(parents=True, exist_ok=True)
        (units / inside).write_text(f"# {inside}\n", encoding="utf-8")
    debs = folder / "debs"
    debs.mkdir()
    (debs / "Packages").write_text("Package: pcscd\n")
    wheels = [
        a_wheel(folder, "lgpio-0.2.2.0", lgpio),
        a_wheel(folder, "pyscard-2.3.1", {"smartcard/scard/_scard.so": DRIVER, "smartcard/scard/__init__.py": b""}),
        a_wheel(folder, "madoguchi-0.1.0", {"appliance/cli.py": b"def main(): ..."}),
    ]
    return Parts(version="0.1.0", wheels=wheels, debs=debs, units=units)


def unpacked(bundle: Path) -> Path:
    subprocess.run(["tar", "--extract", "--file", bundle], cwd=bundle.parent, check=True)
    return bundle.parent / "madoguchi-0.1.0-arm64-py3.13"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    pack(some_parts(tmp_path), TARGET, tmp_path / "bundle.tar")
    return unpacked(tmp_path / "bundle.tar")


def check(bundle: Path) -> "subprocess.CompletedProcess[str]":
    words = ["sh", str(bundle / "install.sh"), "--check"]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def files_of(bundle: Path) -> Sequence[str]:
    return sorted(str(file.relative_to(bundle)) for file in bundle.rglob("*") if file.is_file())


def test_a_bundle_is_found_whole_and_shows_the_fingerprint_that_its_maker_saw(tmp_path: Path) -> None:
    fingerprint = pack(some_parts(tmp_path), TARGET, tmp_path / "bundle.tar")
    said = check(unpacked(tmp_path / "bundle.tar"))
    assert said.returncode == 0, said.stderr
    assert f"fingerprint: {fingerprint}" in said.stdout


def test_the_manifest_names_every_other_file(bundle: Path) -> None:
    named = [line[66:] for line in (bundle / MANIFEST).read_text().splitlines()]
    assert sorted([*named, MANIFEST]) == files_of(bundle)


def test_one_changed_bit_in_any_file_is_refused_and_the_file_is_named(bundle: Path) -> None:
    for name in files_of(bundle):
        if name in {"install.sh", MANIFEST}:
            continue
        original = (bundle / name).read_bytes()
        (bundle / name).write_bytes(original[:-1] + bytes([original[-1] ^ 1]))
        said = check(bundle)
        assert (said.returncode, name in said.stderr, "何も変えていません" in said.stderr) == (1, True, True), name
        (bundle / name).write_bytes(original)
    assert check(bundle).returncode == 0


def test_a_changed_installer_finds_itself_out(bundle: Path) -> None:
    with (bundle / "install.sh").open("a") as script:
        script.write("# another line\n")
    assert "install.sh" in check(bundle).stderr


def test_a_missing_file_is_refused(bundle: Path) -> None:
    (bundle / "root" / PLACES["system"] / "madoguchi.service").unlink()
    assert check(bundle).returncode == 1


def test_a_changed_manifest_does_not_pass(bundle: Path) -> None:
    manifest = bundle / MANIFEST
    manifest.write_text(manifest.read_text().replace("a", "b", 1))
    assert check(bundle).returncode == 1
    manifest.unlink()
    assert "MANIFEST" in check(bundle).stderr


def test_an_unknown_role_or_word_changes_nothing(bundle: Path) -> None:
    for words in (["--role", "king"], ["--rol"], ["--role"]):
        said = subprocess.run(
            ["sh", str(bundle / "install.sh"), *words, "--check"], capture_output=True, text=True, check=False
        )
        assert said.returncode == 1, words


def test_every_wheel_is_pinned_by_its_hash(bundle: Path) -> None:
    pins = (bundle / "wheels.txt").read_text().splitlines()
    assert [pin.split(" ")[0] for pin in pins] == ["lgpio==0.2.2.0", "madoguchi==0.1.0", "pyscard==2.3.1"]
    assert all(re.fullmatch(r"\S+ --hash=sha256:[0-9a-f]{64}", pin) for pin in pins)


def test_the_installer_is_told_roles_and_packages(bundle: Path) -> None:
    facts = dict(line.split("=", 1) for line in (bundle / "BUNDLE").read_text().splitlines())
    assert {role: facts[f"role.{role}"].split() for role in ROLES} == {role: list(ROLES[role]) for role in ROLES}
    assert facts["packages"].split() == list(PACKAGES)
    assert (facts["arch"], facts["python"], facts["suite"]) == ("arm64", "3.13", "trixie")


def test_the_same_parts_give_the_same_bytes(tmp_path: Path) -> None:
    parts = some_parts(tmp_path)
    pack(parts, TARGET, tmp_path / "one.tar")
    pack(parts, TARGET, tmp_path / "two.tar")
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


@pytest.mark.parametrize(
    ("lgpio", "why"),
    [
        ({"lgpio.py": b"def gpiochip_open(): ...", "_lgpio.so": DRIVER[:2000]}, "empty stub"),
        ({"lgpio.py": bytes(200_000), "_lgpio.so": DRIVER}, "nothing that drives hardware"),
        ({"lgpio.py": b"def gpiochip_open(): ..." + bytes(200_000)}, "nothing that drives hardware"),
        ({**REAL_LGPIO, "_lgpio.so": DRIVER.replace(b"\xb7\x00", b"\x3e\x00", 1)}, "not for arm64"),
    ],
    ids=["too small", "without its functions", "without its library", "for a PC"],
)
def test_a_stub_is_refused(tmp_path: Path, lgpio: Mapping[str, bytes], why: str) -> None:
    with pytest.raises(WheelRefused, match=why):
        pack(some_parts(tmp_path, lgpio=lgpio), TARGET, tmp_path / "bundle.tar")
    assert not (tmp_path / "bundle.tar").exists()


def test_a_bundle_without_a_built_library_is_refused(tmp_path: Path) -> None:
    parts = some_parts(tmp_path)
    with pytest.raises(WheelRefused, match="pyscard: 0 wheels"):
        pack(replace(parts, wheels=[parts.wheels[0], parts.wheels[2]]), TARGET, tmp_path / "bundle.tar")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("README.md", PRIVATE),
        ("README.md", b"network={\n  psk = correct-horse\n}"),
        ("office.key", b""),
        ("hall.nmconnection", b""),
    ],
)
def test_no_secret_is_packed(tmp_path: Path, name: str, content: bytes) -> None:
    parts = some_parts(tmp_path)
    (parts.units / name).write_bytes(content)
    with pytest.raises(SecretInBundle, match=name):
        pack(parts, TARGET, tmp_path / "bundle.tar")
    assert not (tmp_path / "bundle.tar").exists()


def test_no_secret_is_packed_inside_a_wheel(tmp_path: Path) -> None:
    parts = some_parts(tmp_path)
    leaking = a_wheel(tmp_path, "madoguchi-0.1.1", {"appliance/content/notes.txt": PRIVATE})
    with pytest.raises(SecretInBundle, match="notes"):
        pack(replace(parts, wheels=[*parts.wheels[:2], leaking]), TARGET, tmp_path / "bundle.tar")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_the_scripts_have_nothing_that_shellcheck_would_mend() -> None:
    scripts = sorted(INSTALLER.glob("*.sh"))
    assert len(scripts) >= 3
    said = subprocess.run(["shellcheck", *map(str, scripts)], capture_output=True, text=True, check=False)
    assert said.stdout == ""
