"""Collecting the parts of a bundle, with an index that is a folder: what is refused, and in which words."""

from hashlib import sha256
from pathlib import Path

import pytest

from provisioning.bundle import Parts, Target
from provisioning.errors import CannotBuild, NoCheckout, WheelsMissing
from provisioning.wheelhouse import collect
from tests.provisioning.test_bundle import a_wheel

METADATA = b"Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n"
MEMBERS = {"sample-1.0.dist-info/METADATA": METADATA, "sample-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\n"}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one locked library, which a folder offers in place of the index."""
    index = tmp_path / "index"
    index.mkdir()
    wheel = a_wheel(index, "sample-1.0", MEMBERS)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    (tmp_path / "requirements").mkdir()
    lock(tmp_path, sha256(wheel.read_bytes()).hexdigest())
    (tmp_path / "requirements" / "built.lock").write_text("lgpio==0.2.2.0 --hash=sha256:" + "0" * 64 + "\n")
    return tmp_path


def lock(house: Path, digest: str) -> None:
    (house / "requirements" / "run.txt").write_text(f"sample==1.0 --hash=sha256:{digest}\n")


def collected(house: Path, said: list[str], *, arch: str = "amd64") -> Parts:
    target = Target(arch=arch, python="3.13")
    return collect(house, target, version="0.1.0", scratch=house / "scratch", say=said.append)


def test_without_the_sources_there_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(NoCheckout):
        collected(tmp_path, [])


def test_a_library_that_does_not_come_is_told(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(house / "nowhere"))
    with pytest.raises(WheelsMissing, match="sample"):
        collected(house, [])
    assert not list((house / "build").rglob("wheels-*.whl"))


def test_a_library_that_is_not_the_locked_one_is_refused(house: Path) -> None:
    lock(house, "0" * 64)
    with pytest.raises(WheelsMissing, match="HASHES"):
        collected(house, [])


def test_without_the_means_to_build_it_says_what_it_takes(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(house))
    said: list[str] = []
    with pytest.raises(CannotBuild, match="mmdebstrap: None") as refused:
        collected(house, said)
    assert "mmdebstrap" in refused.value.ja
    assert said == ["bundle_download", "bundle_build"]


def test_what_was_downloaded_is_kept_for_the_next_time(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(house))
    for _ in range(2):
        with pytest.raises(CannotBuild):
            collected(house, [])
        (house / "index" / "sample-1.0-py3-none-any.whl").unlink(missing_ok=True)
