"""Compression against a numbered dictionary, and padding that hides what compression tells about the length."""

import hashlib
import zlib
from functools import lru_cache
from pathlib import Path

from sync.errors import NotOpenable, TooLong
from sync.wire import MAX_RECORD_BYTES

CURRENT_DICTIONARY = 1
BUCKET = 256
MAX_PLAINTEXT = 64 * 1024
MAX_PADDED = MAX_RECORD_BYTES - 2 * BUCKET
"""Leaves room for header, tag and signature in a record."""

_DIGESTS = {1: "91b5a2e8003e8a45a20a6f99e810f96d902f0fe9181105e1be707f1248cec899"}
"""SHA-256 of every dictionary ever used: one changed byte would make old records unreadable."""

_LENGTH = 4
_LEVEL = 9
_WINDOW = -13
"""Raw deflate over 8 KiB: dictionary and memo fit, and copying the prepared state costs microseconds."""
_MEMORY = 6


def squeeze(plaintext: bytes) -> bytes:
    """Length, compressed plaintext and zeros, a multiple of `BUCKET` bytes; `TooLong`."""
    if len(plaintext) > MAX_PLAINTEXT:
        raise TooLong
    deflate = _prepared().copy()
    squeezed = deflate.compress(plaintext) + deflate.flush()
    padded_length = -(-(_LENGTH + len(squeezed)) // BUCKET) * BUCKET
    if padded_length > MAX_PADDED:
        raise TooLong
    return (len(squeezed).to_bytes(_LENGTH, "big") + squeezed).ljust(padded_length, b"\0")


def unsqueeze(padded: bytes, *, dictionary: int) -> bytes:
    """The plaintext again; `NotOpenable` for anything `squeeze` does not make, and never more than `MAX_PLAINTEXT`."""
    length = int.from_bytes(padded[:_LENGTH], "big")
    squeezed, zeros = padded[_LENGTH : _LENGTH + length], padded[_LENGTH + length :]
    if len(squeezed) != length or len(padded) % BUCKET or len(zeros) >= BUCKET or any(zeros):
        raise NotOpenable("the padding is not ours")
    inflate = zlib.decompressobj(zlib.MAX_WBITS * -1, zdict=words(dictionary))
    try:
        plaintext = inflate.decompress(squeezed, MAX_PLAINTEXT)
    except zlib.error:
        raise NotOpenable("the compression is not ours") from None
    if not inflate.eof or inflate.unused_data:
        raise NotOpenable(f"compressed wrongly, or from more than {MAX_PLAINTEXT} bytes")
    return plaintext


@lru_cache(maxsize=4)
def words(dictionary: int) -> bytes:
    """The dictionary with that number; `NotOpenable` if there is none, or if it is not what it was."""
    if dictionary not in _DIGESTS:
        raise NotOpenable(f"dictionary {dictionary} is not known here")
    content = (Path(__file__).parent / "dictionaries" / f"{dictionary}.bin").read_bytes()
    if hashlib.sha256(content).hexdigest() != _DIGESTS[dictionary]:
        raise NotOpenable(f"dictionary {dictionary} was changed")
    return content


@lru_cache(maxsize=1)
def _prepared() -> "zlib._Compress":
    """A compressor that has read the current dictionary; every record begins from a copy."""
    dictionary = words(CURRENT_DICTIONARY)
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, dictionary)
