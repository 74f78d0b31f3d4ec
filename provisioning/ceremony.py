"""The ceremony of the recovery key: sheets for sealed envelopes, and the key again from what is typed off them."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from provisioning.errors import PaperOfAnotherKey, SheetsMissing
from provisioning.paper import Sheet
from provisioning.sharing import NEEDED, join, split
from sync.keys import RecipientKey, TownKeys

COPIES = 2


class Recovery(StrEnum):
    """How a town keeps its recovery key."""

    ENVELOPES = "envelopes"
    """Two envelopes with the same sheet, for two places; and the file under a passphrase."""
    TWO_OF_THREE = "2-of-3"
    """Three envelopes for three people, of which two open; no file."""
    FILE = "file"
    """The file under a passphrase alone."""


_TITLE = "窓口（Madoguchi） 控えの鍵 / recovery key"
_PARTS = {
    0: "この紙 1枚で、記録が 開けます。人に 見せません。\nThis sheet alone opens the records. Show it to nobody.",
    1: (
        "3枚のうち 2枚 そろうと、記録が 開けます。1枚では 何も 分かりません。\n"
        "Any two of three sheets open the records; one alone says nothing."
    ),
}


def sheets(key: RecipientKey, how: Recovery) -> tuple[Sheet, ...]:
    """What is to be printed, one sheet for each envelope."""
    if how is Recovery.TWO_OF_THREE:
        return tuple(Sheet(number=person, secret=share) for person, share in split(key.seed).items())
    return (Sheet(number=0, secret=key.seed),) * (COPIES if how is Recovery.ENVELOPES else 0)


def printed(sheet: Sheet, *, envelope: int, municipality: str, key_id: bytes, on: date) -> str:
    """The sheet as a page of text."""
    rows = [f"   {place:2}   {row[:3]} {row[3:]}" for place, row in enumerate(sheet.rows(), 1)]
    return "\n".join(
        [
            _TITLE,
            f"団体コード {municipality}   鍵 {key_id.hex()}   {on.isoformat()}   封筒 {envelope}",
            "",
            _PARTS[min(sheet.number, 1)],
            "",
            *rows,
            "",
            "一年に一度 ためします / try it once a year:  madoguchi town recover --folder DIR --test",
            "",
        ]
    )


def key_of(found: Sequence[Sheet], town: TownKeys) -> RecipientKey:
    """The recovery key of this town from its sheets; `SheetsMissing`, `PaperOfAnotherKey`."""
    whole = next((sheet.secret for sheet in found if sheet.number == 0), None)
    shares = {sheet.number: sheet.secret for sheet in found if sheet.number != 0}
    if whole is None and len(shares) < NEEDED:
        raise SheetsMissing(", ".join(map(str, shares)))
    key = RecipientKey.from_seed(join(shares) if whole is None else whole)
    if key.public != town.recovery:
        raise PaperOfAnotherKey(f"key {key.public.key_id.hex()}, not {town.recovery.key_id.hex()}")
    _must_open(key, town)
    return key


def _must_open(key: RecipientKey, town: TownKeys) -> None:
    """Seal something to what the desks were told, and open it: a key is right when it does its work."""
    trial = b"madoguchi recovery trial".ljust(32)
    if key.unwrap(town.recovery.wrap(trial, b"trial"), b"trial") != trial:
        raise PaperOfAnotherKey("it does not open")
