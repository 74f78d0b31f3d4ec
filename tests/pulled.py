"""A stick that is pulled out: the n-th thing done to it fails, half done, and so does everything after it."""

import errno
import io
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest


class Torn(StrEnum):
    """What became of the thing that was being done."""

    UNDONE = "undone"
    DONE = "done, but nobody was told"


class PulledOut:
    """Counts what is done to a stick, and lets one of these things fail; 0 for none."""

    def __init__(self, stick: Path, monkeypatch: pytest.MonkeyPatch, *, at: int = 0, torn: Torn = Torn.UNDONE) -> None:
        self._stick = stick.resolve()
        self._at = at
        self._torn = torn
        self._paths: dict[int, Path] = {}
        self.names: list[str] = []
        self._real = {name: getattr(os, name) for name in ("open", "fdopen", "fsync", "replace", "unlink", "mkdir")}
        for name in ("replace", "unlink", "mkdir"):
            monkeypatch.setattr(os, name, self._on_path(name))
        monkeypatch.setattr(os, "open", self._open)
        monkeypatch.setattr(os, "fdopen", self._fdopen)
        monkeypatch.setattr(os, "fsync", self._fsync)

    @property
    def is_out(self) -> bool:
        return bool(self._at) and len(self.names) >= self._at

    def _step(self, name: str, do: Callable[[], Any], *, half: Callable[[], Any] = lambda: None) -> Any:
        if self.is_out:
            raise OSError(errno.EIO, "the stick is out")
        self.names.append(name)
        if not self.is_out:
            return do()
        if self._torn is Torn.DONE:
            done = do()
            if name == "open":
                os.close(done)
        else:
            half()
        raise OSError(errno.EIO, "the stick is out")

    def _is_on_it(self, path: object) -> bool:
        return isinstance(path, str | os.PathLike) and Path(os.fspath(path)).is_relative_to(self._stick)

    def _on_path(self, name: str) -> Callable[..., Any]:
        def patched(path: Any, *arguments: Any, **options: Any) -> Any:
            def do() -> Any:
                return self._real[name](path, *arguments, **options)

            return self._step(name, do) if self._is_on_it(path) else do()

        return patched

    def _open(self, path: Any, flags: int, *arguments: Any, **options: Any) -> Any:
        def do() -> Any:
            return self._real["open"](path, flags, *arguments, **options)

        if not self._is_on_it(path):
            return do()
        descriptor = self._step("open", do) if flags & os.O_CREAT else do()
        self._paths[descriptor] = Path(path)
        return descriptor

    def _fdopen(self, descriptor: int, *arguments: Any, **options: Any) -> Any:
        file = self._real["fdopen"](descriptor, *arguments, **options)
        return _Watched(file, self._step) if descriptor in self._paths else file

    def _fsync(self, descriptor: int) -> None:
        path = self._paths.get(descriptor)
        if path is None:
            self._real["fsync"](descriptor)
            return

        def tear() -> None:
            if path.is_file():
                os.truncate(path, path.stat().st_size // 2)

        self._step("fsync", lambda: self._real["fsync"](descriptor), half=tear)


class _Watched:
    """A file on the stick that is being written."""

    def __init__(self, file: io.BufferedWriter, step: Callable[..., Any]) -> None:
        self._file = file
        self._step = step

    def write(self, content: bytes) -> None:
        self._step(
            "write", lambda: self._file.write(content), half=lambda: self._file.write(content[: len(content) // 2])
        )

    def flush(self) -> None:
        self._file.flush()

    def __enter__(self) -> "_Watched":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
