"""Thirty-two secret bytes as seventeen rows of six digits that can be printed, read out and typed on any keyboard.

A row is sixteen bits and a check digit; the last row vouches for the whole sheet. A slip names its row.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from provisioning.errors import PaperRefused

SECRET_LENGTH = 32
ROWS = 17
ROW_DIGITS = 6
SHEETS = range(4)
"""0 is the whole secret, 1 to 3 are shares of it."""

_MOST = 0xFFFF
_NUMBERED = re.compile(r"^ *[0-9]{1,2} +([0-9]{3}[ -]*[0-9]{3}) *$", re.MULTILINE)
_CONTEXT = b"madoguchi/v1/paper\0"
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
"""Damm's table: every wrong digit and every swap of two neighbours changes the check digit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """What one sheet of paper holds."""

    number: int
    """0 for the whole secret, else whose share it is."""
    secret: bytes

    def rows(self) -> tuple[str, ...]:
        """The rows to be printed."""
        pairs = zip(self.secret[::2], self.secret[1::2], strict=True)
        values = [high << 8 | low for high, low in pairs]
        return tuple(_row(self.number, place, value) for place, value in enumerate([*values, _sum(self)], 1))


def read_sheet(rows: Sequence[str]) -> Sheet:
    """The sheet that these rows were typed from; `PaperRefused` names the rows that cannot be right."""
    typed = [_digits(row) for row in rows]
    if len(typed) != ROWS:
        raise PaperRefused(f"{len(typed)} rows / 行, not {ROWS}")
    number = min(SHEETS, key=lambda sheet: len(_wrong(sheet, typed)))
    if wrong := _wrong(number, typed):
        raise PaperRefused(f"row / 行: {', '.join(map(str, wrong))}")
    values = [int(row[:-1]) for row in typed]
    sheet = Sheet(number=number, secret=b"".join(value.to_bytes(2) for value in values[:-1]))
    if _sum(sheet) != values[-1]:
        raise PaperRefused("every row alone is possible, together they are not; are rows swapped, or of two sheets?")
    return sheet


def sheets_in(typed: str) -> list[Sheet]:
    """The sheets that were typed one after another; `PaperRefused`."""
    rows = rows_of(typed)
    if not rows:
        raise PaperRefused("nothing was typed")
    return [read_sheet(rows[start : start + ROWS]) for start in range(0, len(rows), ROWS)]


def wrong_rows(rows: Sequence[str]) -> list[int]:
    """Which rows, counted from 1, cannot be right whatever sheet they are from."""
    typed = [_digits(row) for row in rows]
    return min((_wrong(sheet, typed) for sheet in SHEETS), key=len)


def rows_of(text: str) -> list[str]:
    """The rows in what was typed at once, wherever spaces, hyphens and lines were put.

    Of a whole page, typed or scanned with its head and the numbers of its rows, the rows alone count.
    """
    numbered = _NUMBERED.findall(unicodedata.normalize("NFKC", text))
    digits = _digits("".join(numbered) or text)
    return [digits[start : start + ROW_DIGITS] for start in range(0, len(digits), ROW_DIGITS)]


def _wrong(sheet: int, typed: Sequence[str]) -> list[int]:
    return [place for place, row in enumerate(typed, 1) if not _fits(sheet, place, row)]


def _fits(sheet: int, place: int, row: str) -> bool:
    is_row = len(row) == ROW_DIGITS and row.isascii() and row.isdigit() and int(row[:-1]) <= _MOST
    return is_row and _row(sheet, place, int(row[:-1])) == row


def _row(sheet: int, place: int, value: int) -> str:
    digits = f"{value:05}"
    return digits + _check_digit(f"{sheet}{place:02}{digits}")


def _check_digit(digits: str) -> str:
    state = 0
    for digit in digits:
        state = int(_DAMM[state][int(digit)])
    return str(state)


def _sum(sheet: Sheet) -> int:
    return int.from_bytes(hashlib.sha256(_CONTEXT + bytes([sheet.number]) + sheet.secret).digest()[:2])


def _digits(typed: str) -> str:
    """What was meant: full-width digits, spaces and hyphens of any kind are no mistake."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", typed) if letter.isalnum())
