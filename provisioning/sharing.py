"""A secret for three people of whom any two suffice: Shamir's scheme over the field GF(256), byte by byte.

One share alone says nothing about the secret, whatever computer looks at it.
"""

import os
from collections.abc import Callable, Mapping

PEOPLE = (1, 2, 3)
NEEDED = 2

_MODULUS = 0x11B
"""x^8 + x^4 + x^3 + x + 1, the field of AES."""
_BYTE = 0x100

Random = Callable[[int], bytes]


def split(secret: bytes, *, random: Random = os.urandom) -> dict[int, bytes]:
    """A share for each of three people: the secret is where a line of random slope meets zero."""
    slope = random(len(secret))
    return {
        person: bytes(byte ^ _times(rise, person) for byte, rise in zip(secret, slope, strict=True))
        for person in PEOPLE
    }


def join(shares: Mapping[int, bytes]) -> bytes:
    """The secret of two shares; shares of different secrets give neither."""
    (one, first), (other, second) = sorted(shares.items())[:NEEDED]
    inverse = _inverse(one ^ other)
    return bytes(_times(_times(a, other) ^ _times(b, one), inverse) for a, b in zip(first, second, strict=True))


def _times(a: int, b: int) -> int:
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = (a << 1) ^ (_MODULUS if a << 1 & _BYTE else 0)
        b >>= 1
    return product


def _inverse(a: int) -> int:
    """a^254: every element but zero to the power of 255 is one."""
    power = 1
    for _ in range(_BYTE - 2):
        power = _times(power, a)
    return power
