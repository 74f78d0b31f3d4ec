"""A file that holds room for the moment the disk is full: given up once, made again when there is plenty."""

import logging
import os
import threading
from pathlib import Path

log = logging.getLogger(__name__)

RESERVE_BYTES = 1 << 20
_PLENTY = 3
"""As many times its size must be free before it is made."""


class Reserve:
    """The reserve file beside the database."""

    def __init__(self, path: Path, *, size: int = RESERVE_BYTES) -> None:
        self._path = path
        self._size = size
        self._lock = threading.Lock()

    @property
    def is_there(self) -> bool:
        """Whether the whole reserve lies on the disk, as blocks and not as a hole."""
        try:
            found = self._path.stat()
        except OSError:
            return False
        return found.st_size == self._size and found.st_blocks * 512 >= self._size

    def release(self) -> bool:
        """Give the room back; False where there was none to give."""
        with self._lock:
            if not self.is_there:
                return False
            try:
                os.truncate(self._path, 0)
                self._path.unlink()
                self._sync_folder()
            except OSError as error:
                log.warning("the reserve could not be given up: %s", error.strerror)
                return False
            log.warning("the disk is full; its reserve of %d KiB has been given up", self._size // 1024)
            return True

    def keep(self) -> None:
        """Make it if it is not there and the disk has plenty of room; a disk that refuses is tried again later."""
        with self._lock:
            try:
                if not self.is_there and self._free() >= _PLENTY * self._size:
                    self._make()
            except OSError as error:
                log.warning("no room could be kept in reserve: %s", error.strerror)

    def _make(self) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, self._size)
            os.fsync(descriptor)
        except OSError:
            self._path.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        self._sync_folder()

    def _free(self) -> int:
        disk = os.statvfs(self._path.parent)
        return disk.f_bavail * disk.f_frsize

    def _sync_folder(self) -> None:
        """Make a name or its end durable; on ext4 freed blocks can be had again only after that."""
        descriptor = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
