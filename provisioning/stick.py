"""What lies on a stick, or in any folder, for enrolment: the kit, requests, certificates, `RESULT.txt`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provisioning.errors import CannotWrite
from provisioning.kit import KIT_NAME
from sync.enrolment import MAX_BYTES
from sync.files import write_over
from sync.result_file import RESULT_NAME, add_result

_FOLDER = "enrol"


class EnrolStick:
    """One stick; everything on it is whole or absent, even where it was pulled out."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def kit(self) -> Path:
        """Where the kit lies, if there is one."""
        return self._path / KIT_NAME

    @property
    def leaving(self) -> Path:
        """Where the office's list of boxes that have left lies, if there is one."""
        return self._path / _FOLDER / "leaving.list"

    def numbers(self) -> set[int]:
        """The boxes that have left something here."""
        return {int(path.stem) for path in self._folder().glob("*") if path.stem.isdigit()}

    def requests(self) -> list[tuple[int, bytes]]:
        """Every request with the number under which it lies, lowest first."""
        boxes = sorted(int(path.stem) for path in self._folder().glob("*.request") if path.stem.isdigit())
        return [(box, content) for box in boxes if (content := self.request(box))]

    def request(self, box: int) -> bytes | None:
        """The request of that box."""
        return _read(self._file(box, "request"))

    def certificate(self, box: int) -> bytes | None:
        """The certificate for that box."""
        return _read(self._file(box, "certificate"))

    def farewell(self, box: int) -> bytes | None:
        """What that box said when it retired."""
        return _read(self._file(box, "farewell"))

    def leaving_list(self) -> bytes | None:
        """The list of boxes that have left."""
        return _read(self.leaving, most=16 * 1024 * 1024)

    def put(self, box: int, kind: str, content: bytes) -> Path:
        """Lay a `request`, `certificate` or `farewell` of that box here; `CannotWrite`."""
        path = self._file(box, kind)
        self._write(path, content)
        return path

    def put_leaving_list(self, content: bytes) -> None:
        """Lay the list of boxes that have left here; `CannotWrite`."""
        self._write(self.leaving, content)

    def tell(self, box: int | None, words: str) -> None:
        """Add to `RESULT.txt`, which says on any computer what came of each box; `CannotWrite`."""
        with writing(self._path / RESULT_NAME):
            self._path.mkdir(parents=True, exist_ok=True)
            add_result(self._path, "箱" if box is None else f"箱 {box}番", words)

    def _folder(self) -> Path:
        return self._path / _FOLDER

    def _file(self, box: int, kind: str) -> Path:
        return self._folder() / f"{box:04}.{kind}"

    def _write(self, path: Path, content: bytes) -> None:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_over(path, content)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say in words that a disk or stick takes nothing."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(f"{path}: {error.strerror}") from None


def wipe(kit: Path) -> None:
    """Overwrite a kit and take it away; one that is gone already is no mistake. `CannotWrite`.

    It holds no secret, but display names of staff; what a memory chip keeps below its files nobody can promise.
    """
    with writing(kit):
        if not kit.is_file():
            return
        with kit.open("r+b") as file:
            file.write(bytes(kit.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        kit.unlink()


def _read(path: Path, *, most: int = MAX_BYTES) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError:
        return None
