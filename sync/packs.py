"""What stands in a notice: the content packs as files, and the sticks that were revoked."""

import re
from collections.abc import Collection, Mapping

from sync.errors import MalformedMessage
from sync.wire import MAX_NOTICE_BYTES, as_id, as_items, as_text, decode, encode, fields

MAX_FILES = 64
MAX_STICKS = 5000

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\.toml")


def content_body(files: Mapping[str, str]) -> bytes:
    """The body of a notice with these files, in one order whatever order they came in."""
    return encode([[name, files[name]] for name in sorted(files)])


def files_in(body: bytes) -> dict[str, str]:
    """The files of such a body, by name; `MalformedMessage`."""
    files = as_items(decode(body, limit=MAX_NOTICE_BYTES), _file, most=MAX_FILES)
    names = [name for name, _ in files]
    if not names or names != sorted(set(names)):
        raise MalformedMessage("no files, or not each of them once and in order")
    return dict(files)


def sticks_body(revoked: Collection[bytes]) -> bytes:
    """The body of a notice that these sticks were revoked, by their ids."""
    return encode(sorted(revoked))


def sticks_in(body: bytes) -> frozenset[bytes]:
    """The ids of the sticks in such a body; `MalformedMessage`."""
    return frozenset(as_items(decode(body, limit=MAX_NOTICE_BYTES), as_id, most=MAX_STICKS))


def _file(value: object) -> tuple[str, str]:
    name, text = fields(value, 2)
    if type(name) is not str or not _NAME.fullmatch(name):
        raise MalformedMessage("not the name of a pack")
    return name, as_text(text, most=MAX_NOTICE_BYTES)
