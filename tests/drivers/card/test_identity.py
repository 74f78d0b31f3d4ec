"""Which cards call themselves the same each time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card.identity import stable_name, tokens


@pytest.mark.parametrize(
    ("storage", "name"),
    [
        ("felica", "02fe000000000001"),
        ("felica", "12fe000000000001"),
        ("felica", "0000000000000000"),
        ("felica", "01020304"),
        ("type_a", "08a1b2c3"),
        ("type_a", "00000000"),
        ("type_a", "0102"),
        ("type_a", ""),
        ("felica", ""),
        ("other", "0112d4c0de5a1701"),
    ],
)
def test_a_name_that_changes_or_is_chosen_is_none(storage: str, name: str) -> None:
    assert stable_name(storage, bytes.fromhex(name)) is None


@pytest.mark.parametrize("name", ["01a1b2c3", "08a1b2c3d4e5f6", "04a1b2c3d4e5f6"])
def test_a_card_of_type_a_keeps_its_name(name: str) -> None:
    assert stable_name("type_a", bytes.fromhex(name)) == b"type_a\0" + bytes.fromhex(name)


@given(st.binary(min_size=8, max_size=8), st.integers(0, 15))
def test_a_felica_card_is_the_same_whoever_asks(name: bytes, system: int) -> None:
    asked = bytes([name[0] & 0x0F | system << 4]) + name[1:]
    if any(name) and any(asked):
        assert stable_name("felica", asked) == stable_name("felica", name)


@given(st.binary(min_size=4, max_size=20), st.binary(min_size=16, max_size=32))
def test_a_token_says_its_version_and_nothing_of_the_card(name: bytes, key: bytes) -> None:
    token = tokens(name, {"v3": key})[0]
    assert token.startswith("v3:")
    assert len(token) == 3 + 26
    assert name.hex() not in token
    assert tokens(name + b"x", {"v3": key}) != (token,)
