"""The register of media (媒体管理簿): one line for every time a stick was used in the town hall."""

import csv
import io
import os
from dataclasses import astuple, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sync.files import sync_folder
from sync.office.dating import JAPAN

HEAD = ("日時", "媒体番号", "向き", "記録の件数", "取扱者")
_FORMULA = tuple("=+-@＝＋－＠\t\r\n")
_LINE_END = "\r\n"
_BYTE_ORDER_MARK = "\ufeff"


class Direction(StrEnum):
    """Which way the stick was used."""

    IN = "窓口から役場へ"
    OUT = "役場から窓口へ"


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaLine:
    """One line of the register."""

    at: datetime
    stick: str
    """Its number, or what stands for one that has none."""
    direction: Direction
    records: int
    by: str
    """Who had the stick in hand."""

    def cells(self) -> tuple[str, ...]:
        """As the register has it, in the order of `HEAD`, harmless to a spreadsheet."""
        _, stick, direction, records, by = astuple(self)
        words = (f"{self.at.astimezone(JAPAN):%Y-%m-%d %H:%M}", stick, direction, str(records), " ".join(by.split()))
        return tuple(f"'{word}" if word.startswith(_FORMULA) else word for word in words)


def register(path: Path, line: MediaLine) -> None:
    """Add a line to the register, durably; what is there already stays as it is."""
    is_new = not path.exists()
    with path.open("ab+") as file:
        whole = is_new or _ends_whole(file)
        begin = _BYTE_ORDER_MARK + _row(HEAD) if is_new else "" if whole else _LINE_END
        file.write((begin + _row(line.cells())).encode())
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def _ends_whole(file: io.BufferedRandom) -> bool:
    """Whether the last line was written to its end before the power failed."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - len(_LINE_END)))
    return file.read() == _LINE_END.encode()


def _row(cells: tuple[str, ...]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=_LINE_END).writerow(cells)
    return text.getvalue()
