"""Texts and bodies that a careful program expects and a careless one trips over."""

import json
from random import Random

from hypothesis import strategies as st

MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    '" onmouseover="alert(1)',
    "javascript:alert(1)",
    "</textarea><script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "<!--",
    "]]>",
    "&lt;script&gt;",
)
NUMBERS = (
    "0",
    "-1",
    "1e999",
    "NaN",
    "Infinity",
    "９９",
    "٣",
    "²",
    "0x10",
    "1_000",
    " 1",
    "9" * 400,
    "2147483648",
    "1.0",
    "+1",
)
AWKWARD = (
    "",
    " ",
    "\0",
    "a\0b",
    "\r\nSet-Cookie: a=b",
    "\ufeff",
    "\u202e逆",
    "\u0000\u0001\u001b[2J",
    "𠮷野家👩‍👩‍👧‍👦",
    "ｱｲｳ",
    "あ" * 2001,
    "a" * 20_000,
    "../../etc/passwd",
    "..\\..\\",
    "%00",
    "%2e%2e%2f",
    "https://evil.example/",
    "//evil.example",
    "' OR '1'='1",
    "'; DROP TABLE call; --",
    "$(reboot)",
    "`id`",
    "%s%n%x",
    "00000000-0000-4000-8000-000000000000",
    "null",
    "[]",
    "on",
)

texts = st.one_of(st.sampled_from((*MARKUP, *NUMBERS, *AWKWARD)), st.text(max_size=60))


def garbled(body: bytes, chance: Random) -> bytes:
    """The body as a broken or hostile program sends it."""
    return chance.choice(_WAYS)(body, chance)


def deep(levels: int = 5000) -> bytes:
    """JSON that is nothing but depth."""
    return b'{"a":' * levels + b"1" + b"}" * levels


def _cut(body: bytes, chance: Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def _noise(body: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(body) + 1)
    return body[:at] + chance.randbytes(chance.randrange(1, 9)) + body[at:]


def _twice(body: bytes, chance: Random) -> bytes:
    """Every key twice, the second time with another value."""
    try:
        found = json.loads(body)
    except ValueError:
        return body + body
    if not isinstance(found, dict) or not found:
        return body + body
    pairs = [f"{json.dumps(key)}:{json.dumps(value)}" for key, value in found.items()]
    return ("{" + ",".join([*pairs, *(f"{pair.partition(':')[0]}:null" for pair in pairs)]) + "}").encode()


def _numbers(body: bytes, chance: Random) -> bytes:
    number = chance.choice((b"NaN", b"-Infinity", b"1e400", b"9" * 400, b"-0", b"01", b"1.0", b"0x1"))
    return b'{"button":' + number + b',"people":' + number + b"}"


def _alien(body: bytes, chance: Random) -> bytes:
    return chance.choice(
        (
            deep(),
            b"[" * 20_000,
            b'{"a":"\\ud800"}',
            b'{"topics":["\xff\xfe"]}',
            b"\xff\xfe{\x00}\x00",
            b"\0" * 64,
            b'"' + b"\\u0000" * 50 + b'"',
            b"{}" + b" " * 70_000,
            b"a=" + b"b" * 70_000,
            b"&" * 2_000,
            b"a=%ff%fe&%ff=1&csrf=%00",
        )
    )


_WAYS = (_cut, _noise, _twice, _numbers, _alien)
