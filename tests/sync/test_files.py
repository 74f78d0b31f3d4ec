import os
import stat
from pathlib import Path

import pytest

from sync.files import write_new, write_over


def names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


def test_a_new_file_is_whole_and_private(tmp_path: Path) -> None:
    write_new(tmp_path / "key", b"content")
    assert (tmp_path / "key").read_bytes() == b"content"
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert names(tmp_path) == ["key"]


def test_a_file_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "key", b"new")
    assert (tmp_path / "key").read_bytes() == b"old"
    assert names(tmp_path) == ["key"]


def test_a_stick_without_links_is_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(self: Path, _target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    write_new(tmp_path / "key", b"content")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "key", b"new")
    assert (tmp_path / "key").read_bytes() == b"content"
    assert names(tmp_path) == ["key"]


def test_writing_over_replaces_the_whole_file(tmp_path: Path) -> None:
    write_over(tmp_path / "list", b"old and long")
    write_over(tmp_path / "list", b"new")
    assert (tmp_path / "list").read_bytes() == b"new"
    assert names(tmp_path) == ["list"]


def test_the_file_is_synced_before_it_gets_its_name_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, bool]] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        seen.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), (tmp_path / "key").exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    write_new(tmp_path / "key", b"content")
    assert seen == [(False, False), (True, True)]
