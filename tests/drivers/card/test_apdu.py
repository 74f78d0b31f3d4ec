"""The words of a card."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card import apdu
from drivers.card.apdu import Storage, Truncated
from drivers.card.memory import tagged
from drivers.card.samples import FELICA, TYPE_B

tags = st.sampled_from([0xDF21, 0xDF22, 0xDF23, 0xDF24, 0xDF25])


@given(st.lists(st.tuples(tags, st.binary(max_size=700)), max_size=5))
def test_what_was_tagged_is_read_again_with_every_form_of_length(parts: list[tuple[int, bytes]]) -> None:
    data = b"".join(tagged(tag, value) for tag, value in parts)
    assert list(apdu.values(data)) == parts


@given(st.binary(min_size=1, max_size=300), st.data())
def test_what_is_cut_off_is_refused(value: bytes, data: st.DataObject) -> None:
    whole = tagged(0xDF23, value)
    with pytest.raises(Truncated):
        list(apdu.values(whole[: data.draw(st.integers(1, len(whole) - 1))]))


@given(st.binary(max_size=60))
def test_noise_is_read_or_refused(noise: bytes) -> None:
    try:
        read = list(apdu.values(noise))
    except Truncated:
        return
    assert sum(len(value) for _, value in read) <= len(noise)


@pytest.mark.parametrize(
    ("status", "left"),
    [(0x63C3, 3), (0x63C0, 0), (0x63CA, 10), (0x6983, 0), (0x6984, 0), (0x9000, None), (0x6300, None), (0x6A82, None)],
)
def test_a_status_word_says_how_many_tries_are_left(status: int, left: int | None) -> None:
    assert apdu.tries_left(status) == left


@pytest.mark.parametrize(
    ("atr", "kind"),
    [
        (FELICA, Storage.FELICA),
        (bytes.fromhex("3B8F8001804F0CA0000003060300010000000068"[:-2] + "6A"), Storage.TYPE_A),
        (bytes.fromhex("3B8F8001804F0CA00000030605"), Storage.OTHER),
        (bytes.fromhex("3B8F8001804F0CA000000306"), Storage.OTHER),
        (TYPE_B, None),
        (bytes.fromhex("3BE000FF8131FE4514"), None),
        (b"", None),
    ],
)
def test_a_reader_says_what_is_a_storage_card(atr: bytes, kind: Storage | None) -> None:
    assert apdu.storage(atr) is kind


def test_commands_are_written_as_the_cards_expect_them() -> None:
    assert apdu.read_binary(0x0100).hex() == "00b0010000"
    assert apdu.read_binary(0, 32).hex() == "00b0000020"
    assert apdu.verify(b"1234").hex() == "002000800431323334"
    assert apdu.select_file(apdu.File.NUMBER_B).hex() == "00a4020c020015"
