"""What must be in no file, log or address of a run, in every writing in which it might get there."""

import base64
import json
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from drivers.card.samples import Person

IDM = bytes.fromhex("0112D4C0DE5A1701")
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp932")
_SHORT = re.compile(rb"[0-9]{1,7}|[0-9A-Za-z]{1,6}")
"""Such count only where no digit or letter stands beside them: other numbers hold them too."""


def decoys_of(person: Person) -> dict[str, bytes | str]:
    """What a card knows of its owner, by a name that may be told."""
    return {
        "my number": person.my_number,
        "PIN": person.pin,
        "number B": person.number_b,
        "code": person.code,
        "name": person.name,
        "address": person.address,
        "birth date": person.born,
        "birth date as it is typed": person.born[2:],
        "subject": person.subject,
        "serial": f"{person.serial:x}",
        "serial in decimal": str(person.serial),
        "serial in bytes": person.serial.to_bytes(4, "big"),
    }


def writings(decoy: bytes | str) -> set[bytes]:
    """As text, as hex, as base64 wherever in a stream it begins, as JSON and as an address escape it."""
    if isinstance(decoy, bytes):
        raw = {decoy, decoy[::-1]}
        return raw | {form for one in raw for form in (*_hex(one), *_base64(one))}
    raw = {decoy.encode(encoding) for encoding in _ENCODINGS}
    escaped = json.dumps(decoy)[1:-1]
    forms = {escaped.encode(), escaped.lower().encode(), quote(decoy).encode(), quote(decoy).lower().encode()}
    return raw | forms | {form for one in raw for form in (*_hex(one), *_base64(one))}


def _hex(raw: bytes) -> Iterator[bytes]:
    yield raw.hex().encode()
    yield raw.hex().upper().encode()


def _base64(raw: bytes) -> Iterator[bytes]:
    """By itself; and the letters that stand for these bytes alone, wherever among four letters they begin."""
    yield base64.b64encode(raw).rstrip(b"=")
    for before in range(3):
        coded = base64.b64encode(bytes(before) + raw)
        whole = coded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        yield whole
        yield whole.replace(b"+", b"-").replace(b"/", b"_")


def found_in(content: bytes, decoys: dict[str, bytes | str]) -> set[str]:
    """The names of those that stand in there, in whatever writing."""
    return {name for name, decoy in decoys.items() if any(_stands(form, content) for form in writings(decoy))}


def _stands(form: bytes, content: bytes) -> bool:
    if form not in content or not _SHORT.fullmatch(form):
        return form in content
    return re.search(b"(?<![0-9A-Za-z])%s(?![0-9A-Za-z])" % form, content) is not None


def found_below(folders: Iterable[Path], decoys: dict[str, bytes | str]) -> Collection[tuple[str, str]]:
    """Which stand in which file; names of files count as well."""
    found = set()
    for folder in folders:
        for path in folder.rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            found |= {(path.name, name) for name in found_in(str(path).encode() + b"\n" + content, decoys)}
    return found
