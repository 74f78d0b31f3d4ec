"""Files that are whole or absent, even after a power cut."""

import os
from pathlib import Path


def write_new(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write a file that does not exist yet, durably; `FileExistsError` rather than touching one that does."""
    written = _write_beside(path, content, mode)
    try:
        _name_new(written, path)
    finally:
        written.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_over(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file durably; whoever reads it meanwhile sees the old or the new one, whole."""
    _write_beside(path, content, mode).replace(path)
    sync_folder(path.parent)


def _write_beside(path: Path, content: bytes, mode: int) -> Path:
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    return beside


def _name_new(written: Path, path: Path) -> None:
    try:
        path.hardlink_to(written)
    except PermissionError:  # a stick formatted as FAT knows no links
        if path.exists():
            raise FileExistsError(path) from None
        written.rename(path)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
