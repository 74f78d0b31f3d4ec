"""Searches everything the box keeps for what it must never keep: 「禁止データ 0件」.

Searched for, in every file of a folder and of a log, and once more in every cell of the databases among them: twelve
digits the guard would refuse, written in UTF-8 or UTF-16; private keys as PEM; words given by whoever searches
(decoys), in UTF-8, UTF-16, JSON escapes, and with their digits in kanji or full width. More than twelve digits in one
go (a time in milliseconds) and identifiers of 16 and more hexadecimal letters are skipped; many of them stand in logs,
and now and then one would look like a number by chance. What is encrypted, compressed, drawn in an image or kept in
memory cannot be found this way.

Closing a file lets go of every lock that this process holds on it, those of an open database too (fcntl(2)). A process
that has the database open therefore searches through `FolderProver`, which starts another one.
"""

import glob
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from appliance.desk.errors import StorageFailed
from appliance.desk.guard import has_check_digit, holds_my_number

BLOCK = 1 << 20
OVERLAP = 1 << 12
"""How much of a block is read once more with the next; more where a decoy is longer."""
LONGEST_NUMBER = 1 << 8
"""How many bytes a number may be drawn out over."""

_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_SQLITE = b"SQLite format 3\0"
_TEXT = re.compile(
    rb"(?:[\t\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){12,}+"
)
_WIDE_TEXT = (
    ("utf-16-le", re.compile(rb"(?:[\t\x20-\x7e]\0|[\x10-\x19]\xff){12,}+")),
    ("utf-16-be", re.compile(rb"(?:\0[\t\x20-\x7e]|\xff[\x10-\x19]){12,}+")),
)
_BEGUN_BEFORE = re.compile(rb"[0-9A-Fa-f \t-]*+(?:[\x80-\xff]++[0-9A-Fa-f \t-]*+)*+")
_IDENTIFIER = re.compile(
    r"""
    (?<![0-9A-Za-z])
    (?: [0-9A-Fa-f]{8} (?:-[0-9A-Fa-f]{4}){3} - [0-9A-Fa-f]{12} | (?=[0-9]*[A-Fa-f]) [0-9A-Fa-f]{16,} )
    (?![0-9A-Za-z])
    | [0-9]{13,}
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")
_NO_DIGIT = bytes(byte for byte in range(0x80) if not chr(byte).isdigit())
_DIGITS = 12
_KANJI = str.maketrans("0123456789", "〇一二三四五六七八九")
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_LONGEST_SEARCH = 300.0


class Kind(StrEnum):
    """What can be found that must not be there."""

    MY_NUMBER = "my_number"
    PRIVATE_KEY = "private_key"
    DECOY = "decoy"


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """Something forbidden: where and what kind, never the thing itself."""

    path: str
    """Relative to the folder; of a log its name."""
    kind: Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What a search found, and how much it looked at."""

    files: int
    bytes: int
    found: tuple[Finding, ...]
    unread: tuple[str, ...]
    """Files, named in the same way, that could not be read to their end."""


class FolderProver:
    """Searches a folder and a log in a process of its own, which gives way to the desk."""

    def __init__(self, folder: Path, *, log: Path | None = None, decoys: Iterable[str] = ()) -> None:
        self._folder = folder
        self._log = log
        self._decoys = tuple(decoys)

    def prove(self) -> Proof:
        """The proof of this moment; `StorageFailed`."""
        words = [sys.executable, "-m", __name__, *map(str, filter(None, (self._folder, self._log)))]
        try:
            done = subprocess.run(  # noqa: S603 (this interpreter, this module and a folder of ours)
                words, input=json.dumps(self._decoys).encode(), capture_output=True, timeout=_LONGEST_SEARCH, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise StorageFailed(f"the search did not end: {type(error).__name__}") from None
        answer = json.loads(done.stdout)
        found = tuple(Finding(one["path"], Kind(one["kind"])) for one in answer["found"])
        return Proof(files=answer["files"], bytes=answer["bytes"], found=found, unread=tuple(answer["unread"]))


def search(folder: Path, *, log: Path | None = None, decoys: Iterable[str] = ()) -> Proof:
    """Search every regular file in the folder and below, and that log with what was put away of it.

    Links are not followed, a file that vanishes is no file.
    """
    sought = _Sought(decoys)
    files, read, found, unread = 0, 0, set[Finding](), list[str]()

    def is_closed(error: OSError) -> None:
        unread.append(Path(error.filename).relative_to(folder).as_posix())

    for path in chain(_files(folder, is_closed), _logs(log, folder)):
        name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
        try:
            size, kinds = sought.in_file(path)
        except (OSError, sqlite3.Error):
            if path.exists():
                unread.append(name)
            continue
        files, read = files + 1, read + size
        found.update(Finding(name, kind) for kind in kinds)
    return Proof(files=files, bytes=read, found=tuple(sorted(found)), unread=tuple(unread))


def _files(folder: Path, is_closed: Callable[[OSError], None]) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, onerror=is_closed):
        folders.sort()
        paths = (Path(place, name) for name in sorted(names))
        yield from (path for path in paths if path.is_file() and not path.is_symlink())


def _logs(log: Path | None, folder: Path) -> Iterator[Path]:
    """The log, and beside it desk.log.1 and whatever else begins with its name; inside the folder it is found there."""
    if log is None or log.is_relative_to(folder):
        return
    paths = sorted(log.parent.glob(f"{glob.escape(log.name)}*"))
    yield from (path for path in paths if path.is_file() and not path.is_symlink())


class _Sought:
    """What is searched for."""

    def __init__(self, decoys: Iterable[str]) -> None:
        self._decoys = {form for decoy in decoys if decoy for form in _forms(decoy)}
        self._overlap = max(OVERLAP, *map(len, self._decoys)) if self._decoys else OVERLAP

    def in_file(self, path: Path) -> tuple[int, set[Kind]]:
        """How many bytes were read and what they hold."""
        size, kinds = 0, set[Kind]()
        with path.open("rb") as stream:
            is_database = stream.peek(len(_SQLITE)).startswith(_SQLITE)
            for block, fresh in _blocks(stream, self._overlap):
                size += fresh
                kinds.update(self._in_block(block, first=size == fresh))
        if is_database:
            kinds.update(self._in_cells(path))
        return size, kinds

    def _in_block(self, block: bytes, *, first: bool = True) -> Iterator[Kind]:
        if any(form in block for form in self._decoys):
            yield Kind.DECOY
        if _KEY.search(block):
            yield Kind.PRIVATE_KEY
        begun = None if first else _BEGUN_BEFORE.match(block, 0, self._overlap - LONGEST_NUMBER)
        if any(map(_is_forbidden, _texts(block, begun.end() if begun else 0))):
            yield Kind.MY_NUMBER

    def _in_cells(self, path: Path) -> Iterator[Kind]:
        """What the cells hold, which in the file may stand in pieces or without anything between them."""
        with closing(_open_database(path)) as database:
            for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                name = table.decode().replace('"', '""')
                rows = database.execute(f'SELECT * FROM "{name}"')  # noqa: S608 (a name that stands in the database)
                columns = [column[0] for column in rows.description]
                for row in rows:
                    for column, cell in zip(columns, row, strict=True):
                        yield from self._in_cell(column, cell)

    def _in_cell(self, column: str, cell: object) -> Iterator[Kind]:
        if isinstance(cell, bytes):
            yield from self._in_block(cell)
        elif isinstance(cell, int) and not column.endswith("_ms"):
            digits = str(cell)
            if len(digits) == _DIGITS and digits.isdecimal() and has_check_digit(digits):
                yield Kind.MY_NUMBER


def _blocks(stream: BinaryIO, overlap: int) -> Iterator[tuple[bytes, int]]:
    """The file in blocks, each but the first with the end of the one before, and how much of each is new."""
    kept = b""
    while chunk := stream.read(BLOCK):
        block = kept + chunk
        yield block, len(chunk)
        kept = block[-overlap:]


def _texts(block: bytes, start: int) -> Iterator[str]:
    """Whatever in the block could be read by people and could hold twelve digits."""
    for stretch in _TEXT.finditer(block, start):
        if len(stretch[0].translate(None, _NO_DIGIT)) >= _DIGITS:
            yield stretch[0].decode(errors="replace")
    for encoding, wide in _WIDE_TEXT:
        for stretch in wide.finditer(block, start):
            yield stretch[0].decode(encoding)


def _is_forbidden(text: str) -> bool:
    unescaped = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)
    return holds_my_number(_IDENTIFIER.sub(".", unescaped))


def _forms(decoy: str) -> Iterator[bytes]:
    """What the decoy looks like in a file."""
    for text in {decoy, decoy.translate(_KANJI), decoy.translate(_WIDE)}:
        yield from (text.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
        escaped = json.dumps(text)[1:-1]
        yield escaped.encode()
        yield re.sub(r"\\u[0-9a-f]{4}", lambda match: "\\u" + match[0][2:].upper(), escaped).encode()


def read_only(path: Path) -> str:
    """How SQLite is told to open that database for reading; without a log beside it no file is made there either."""
    alone = not path.with_name(path.name + "-wal").exists()
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"


def _open_database(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(read_only(path), uri=True)
    database.text_factory = bytes
    return database


if __name__ == "__main__":
    os.nice(10)
    places = [Path(word) for word in sys.argv[1:]]
    print(json.dumps(asdict(search(places[0], log=next(iter(places[1:]), None), decoys=json.load(sys.stdin)))))
