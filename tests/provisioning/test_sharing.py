import os
from itertools import combinations, permutations

from hypothesis import given
from hypothesis import strategies as st

from provisioning.sharing import _inverse, _times, join, split

SECRETS = st.binary(min_size=1, max_size=40)


def test_the_field_is_that_of_aes() -> None:
    assert _times(0x57, 0x83) == 0xC1  # FIPS 197, section 4.2
    assert _times(0x57, 0x13) == 0xFE
    assert _inverse(0x53) == 0xCA
    for number in range(1, 256):
        assert _times(number, _inverse(number)) == 1
        assert _times(number, 1) == number


@given(SECRETS)
def test_any_two_of_three_give_the_secret(secret: bytes) -> None:
    shares = split(secret)
    for people in permutations(shares, 2):
        assert join({person: shares[person] for person in people}) == secret
    assert join(shares) == secret


def test_the_shares_of_a_known_slope_are_these() -> None:
    shares = split(bytes([0x00, 0x57, 0xFF]), random=lambda _: bytes([0x01, 0x80, 0xFF]))
    assert shares == {
        1: bytes([0x01, 0x57 ^ 0x80, 0x00]),
        2: bytes([0x02, 0x57 ^ 0x1B, 0xFF ^ 0xE5]),
        3: bytes([0x03, 0x57 ^ 0x9B, 0xFF ^ 0x1A]),
    }


def test_every_secret_fits_every_single_share() -> None:
    share = split(b"\x2a")[1]
    secrets = {bytes([byte]) for byte in range(256) for slope in range(256) if byte ^ slope == share[0]}
    assert len(secrets) == 256


def test_one_wrong_share_gives_something_else() -> None:
    secret, other = os.urandom(32), os.urandom(32)
    mine, foreign = split(secret), split(other)
    for one, two in combinations(mine, 2):
        assert join({one: mine[one], two: foreign[two]}) not in (secret, other)
