"""The built bundle in a bare Debian without a network: installed, installed again, renewed, taken back, taken away."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from appliance.config import load_config
from provisioning.bundle import MANIFEST, PACKAGES, manifest_of, must_hold_no_secret
from provisioning.units import ROLES
from tests.house.machine import (
    PYTHON,
    built_bundle,
    inside,
    install_product,
    only_one_machine,
    unpack_root,
    why_not,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(360),
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
]

CURRENT = "opt/madoguchi/current"
SETTINGS = "etc/madoguchi/madoguchi.toml"
UNITS = "usr/lib/systemd/system"
RECORD = "var/lib/madoguchi/desk.db"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with only_one_machine():
        return built_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Debian on which nothing was installed yet; the tests below do so one after the other."""
    folder = tmp_path_factory.mktemp("bare")
    with only_one_machine():
        root = unpack_root(folder)
    yield root
    shutil.rmtree(folder)


def renewed(bundle: Path, version: str) -> Path:
    """The same bundle, called otherwise and with one unit more."""
    newer = bundle.parent / f"madoguchi-{version}"
    shutil.copytree(bundle, newer)
    facts = newer / "BUNDLE"
    facts.write_text(facts.read_text().replace("version=0.1.0", f"version={version}"))
    (newer / "root" / UNITS / "madoguchi-new.service").write_text("[Service]\nExecStart=/bin/true\n")
    (newer / MANIFEST).write_text(manifest_of(newer), encoding="utf-8")
    return newer


def state_of(root: Path) -> Mapping[str, int]:
    """Every file outside the folders in which bundles are carried, and when it was last changed."""
    carried = root / "root"
    return {
        str(path): path.lstat().st_mtime_ns
        for path in root.rglob("*")
        if not path.is_dir() and carried not in path.parents
    }


def version_at(root: Path, link: str) -> str:
    return str((root / "opt/madoguchi" / link).readlink())


def test_the_real_bundle_holds_no_secret(bundle: Path) -> None:
    must_hold_no_secret(bundle)
    names = [file.name for file in bundle.rglob("*") if file.is_file()]
    assert [name for name in names if "town-keys" in name or "roster" in name or name.endswith((".pem", ".db"))] == []


def test_a_changed_byte_is_refused_before_anything_is_touched(bare: Path, bundle: Path) -> None:
    bad = bundle.parent / "madoguchi-bad"
    shutil.copytree(bundle, bad)
    wheel = next((bad / "wheels").glob("lgpio-*"))
    content = bytearray(wheel.read_bytes())
    content[len(content) // 2] ^= 1
    wheel.write_bytes(content)
    before = state_of(bare)
    with pytest.raises(AssertionError, match="何も変えていません"):
        install_product(bare, bad)
    assert state_of(bare) == before
    shutil.rmtree(bad)


def test_a_bare_debian_becomes_a_desk_without_a_network(bare: Path, bundle: Path) -> None:
    before = inside(bare, "dpkg-query", "--show", "--showformat", "${Package}\n").split()
    assert not {"python3-venv", "pcscd", "nginx-light"} & set(before)
    said = install_product(bare, bundle, "--role", "desk")
    assert "[6/6]" in said
    assert version_at(bare, "current") == "0.1.0"
    installed = inside(bare, "dpkg-query", "--show", "--showformat", "${Package}\n").split()
    assert set(PACKAGES) <= set(installed)
    for unit in ROLES["desk"]:
        assert inside(bare, "systemctl", "is-enabled", unit).strip() == "enabled"
    assert not list(bare.glob("etc/systemd/system/*.wants/madoguchi-office.service"))


def test_the_web_server_of_debian_stays_away(bare: Path) -> None:
    assert (bare / "usr/sbin/nginx").exists()
    assert (bare / "etc/systemd/system/nginx.service").readlink() == Path("/dev/null")


def test_the_libraries_that_drive_hardware_are_real(bare: Path) -> None:
    look = "import lgpio, smartcard.scard as s; print(lgpio.gpiochip_open.__name__, s.SCardTransmit.__name__)"
    python = f"/{CURRENT}/bin/python"
    assert inside(bare, "env", "-C", "/run", python, "-c", look).split() == ["gpiochip_open", "SCardTransmit"]
    assert inside(bare, python, "--version").startswith(f"Python {PYTHON}")


def test_the_configuration_is_one_that_the_desk_takes(bare: Path) -> None:
    config = load_config(bare / SETTINGS)
    assert str(config.state.directory) == "/var/lib/madoguchi"
    assert (str(config.door), config.courier.user) == ("/run/madoguchi-courier/door.sock", "madoguchi-sync")


def test_installing_again_changes_no_setting_and_no_version(bare: Path, bundle: Path) -> None:
    (bare / SETTINGS).write_text("# ours\n")
    (bare / RECORD).parent.mkdir(exist_ok=True)
    (bare / RECORD).write_text("a record")
    made = (bare / "opt/madoguchi/0.1.0/bin/madoguchi").stat().st_mtime_ns
    install_product(bare, bundle, "--role", "desk")
    assert (bare / SETTINGS).read_text() == "# ours\n"
    assert (bare / "opt/madoguchi/0.1.0/bin/madoguchi").stat().st_mtime_ns == made
    assert not (bare / "opt/madoguchi/previous").exists()


def test_an_installation_that_was_cut_off_is_done_again(bare: Path, bundle: Path) -> None:
    version = bare / "opt/madoguchi/0.1.0"
    (version / ".complete").unlink()
    shutil.rmtree(version / "lib")
    install_product(bare, bundle)
    assert "usage" in inside(bare, f"/{CURRENT}/bin/madoguchi", "--help")


def test_a_newer_version_stands_beside_the_one_before_and_can_be_taken_back(bare: Path, bundle: Path) -> None:
    newer = renewed(bundle, "0.2.0")
    install_product(bare, newer)
    assert (version_at(bare, "current"), version_at(bare, "previous")) == ("0.2.0", "0.1.0")
    assert (bare / UNITS / "madoguchi-new.service").exists()
    install_product(bare, newer, "--back")
    assert (version_at(bare, "current"), version_at(bare, "previous")) == ("0.1.0", "0.2.0")
    assert not (bare / UNITS / "madoguchi-new.service").exists()
    assert (bare / UNITS / "madoguchi.service").exists()
    assert (bare / RECORD).read_text() == "a record"
    assert "usage" in inside(bare, f"/{CURRENT}/bin/madoguchi", "--help")


def test_only_the_version_before_is_kept(bare: Path, bundle: Path) -> None:
    install_product(bare, renewed(bundle, "0.3.0"))
    kept = [path.name for path in (bare / "opt/madoguchi").iterdir() if path.is_dir() and not path.is_symlink()]
    assert sorted(kept) == ["0.1.0", "0.3.0"]


def test_a_bundle_for_other_boxes_is_refused(bare: Path, bundle: Path) -> None:
    other = bundle.parent / "madoguchi-other"
    shutil.copytree(bundle, other)
    facts = other / "BUNDLE"
    facts.write_text(facts.read_text().replace("arch=", "arch=other-"))
    (other / MANIFEST).write_text(manifest_of(other), encoding="utf-8")
    with pytest.raises(AssertionError, match="this bundle is for other-"):
        install_product(bare, other)
    assert version_at(bare, "current") == "0.3.0"


def test_taking_it_away_leaves_the_records_until_they_are_to_be_forgotten(bare: Path, bundle: Path) -> None:
    carried = f"/root/{bundle.name}/uninstall.sh"
    inside(bare, "sh", "/opt/madoguchi/uninstall.sh")
    assert not (bare / "opt/madoguchi").exists()
    assert not list((bare / "etc/systemd/system").rglob("madoguchi*"))
    assert not list((bare / "usr/lib").rglob("*madoguchi*"))
    assert not (bare / "etc/systemd/system/nginx.service").is_symlink()
    assert (bare / RECORD).read_text() == "a record"
    assert (bare / SETTINGS).exists()
    assert "madoguchi:" in (bare / "etc/passwd").read_text()
    inside(bare, "sh", carried, "--forget-records")
    left = [path for place in ("etc", "opt", "usr", "var/lib") for path in (bare / place).rglob("*madoguchi*")]
    assert left == []
    assert "madoguchi" not in (bare / "etc/passwd").read_text() + (bare / "etc/group").read_text()
