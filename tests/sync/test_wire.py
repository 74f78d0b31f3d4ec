from collections.abc import Callable
from contextlib import suppress

import cbor2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync.errors import MalformedMessage, UnsupportedVersion
from sync.wire import (
    MAX_BATCH_RECORDS,
    MAX_DEPTH,
    MAX_INTEGER,
    MAX_RECORD_BYTES,
    Batch,
    Pulled,
    Signed,
    as_blob,
    as_bool,
    as_bytes,
    as_hash,
    as_int,
    as_items,
    as_municipality,
    as_text,
    decode,
    encode,
    fields,
    versioned,
)

patient = settings(deadline=None)

leaves = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-MAX_INTEGER, max_value=MAX_INTEGER)
    | st.binary(max_size=40)
    | st.text(max_size=40)
)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=5), max_leaves=20).filter(
    lambda value: depth(value) <= MAX_DEPTH
)

BATCH = Batch(
    municipality="999997",
    device=b"device-1",
    run_nonce=b"n" * 16,
    inbox_after=4,
    epochs=(b"epoch",),
    records=(b"record 1", b"record 2"),
)
PULLED = Pulled(municipality="999997", epochs=(b"epoch",), records=(b"record",), last=9, waiting=0)


def depth(value: object) -> int:
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


def nested(levels: int) -> object:
    value: object = 0
    for _ in range(levels):
        value = [value]
    return value


# ------------------------------------------------------------------------------------------------------- encode, decode


@patient
@given(values)
def test_every_value_comes_back_as_it_was(value: object) -> None:
    assert decode(encode(value)) == value


@patient
@given(st.binary(max_size=200))
@example(b"")
@example(bytes.fromhex("9bffffffffffffffff"))
@example(bytes.fromhex("5bffffffffffffffff"))
@example(b"\x81" * 100_000)
def test_any_bytes_either_decode_to_their_own_encoding_or_are_malformed(data: bytes) -> None:
    try:
        value = decode(data)
    except MalformedMessage:
        return
    assert encode(value) == data


@patient
@given(values, st.data())
def test_a_changed_byte_never_raises_anything_but_malformed(value: object, data: st.DataObject) -> None:
    encoded = bytearray(encode(value))
    encoded[data.draw(st.integers(0, len(encoded) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(MalformedMessage):
        assert encode(decode(bytes(encoded))) == bytes(encoded)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("1801", id="an integer in more bytes than it needs"),
        pytest.param("59000161", id="a length in more bytes than it needs"),
        pytest.param("9f01ff", id="an array without a length"),
        pytest.param("5f4161ff", id="bytes in pieces"),
        pytest.param("0000", id="something after the end"),
        pytest.param("8201", id="an array cut short"),
        pytest.param("a10102", id="a map"),
        pytest.param("f93c00", id="a float"),
        pytest.param("fb3ff0000000000000", id="a long float"),
        pytest.param("f7", id="undefined"),
        pytest.param("f8ff", id="a simple value"),
        pytest.param("ff", id="a break"),
        pytest.param("61ff", id="text that is not UTF-8"),
        pytest.param("63eda080", id="half a surrogate pair"),
        pytest.param("c24105", id="a big number"),
        pytest.param("c074323032362d31312d32315430303a30303a30305a", id="a date"),
        pytest.param("d82363282828", id="a pattern"),
        pytest.param("d81c8000", id="a shared value"),
        pytest.param("81d81d00", id="a reference"),
        pytest.param("d9d9f701", id="a self-described item"),
        pytest.param("1bffffffffffffffff", id="an integer of 64 bits without a sign"),
    ],
)
def test_what_is_not_the_one_form_is_refused(data: str) -> None:
    with pytest.raises(MalformedMessage):
        decode(bytes.fromhex(data))


@pytest.mark.parametrize("tag", [0, 1, 2, 28, 35, 37, 258, 55799, 2**64 - 1])
def test_a_tag_is_refused_before_its_content_is_made_into_anything(tag: int) -> None:
    with pytest.raises(MalformedMessage) as caught:
        decode(cbor2.dumps(cbor2.CBORTag(tag, "(a+)+$")))
    refused_by_cbor2 = caught.value.__context__
    assert refused_by_cbor2 is not None
    assert isinstance(refused_by_cbor2.__cause__, MalformedMessage)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        {},
        {1: 2},
        "\ud800",
        MAX_INTEGER + 1,
        -MAX_INTEGER - 1,
        bytearray(b"x"),
        {1},
        pytest.param(object(), id="object"),
        [1, [2.0]],
    ],
    ids=repr,
)
def test_what_does_not_travel_is_not_encoded(value: object) -> None:
    with pytest.raises(MalformedMessage):
        encode(value)


def test_tuples_and_lists_travel_alike() -> None:
    assert encode((1, (b"a", "あ"))) == encode([1, [b"a", "あ"]])


def test_the_depth_is_limited_both_ways() -> None:
    assert decode(encode(nested(MAX_DEPTH))) == nested(MAX_DEPTH)
    with pytest.raises(MalformedMessage):
        encode(nested(MAX_DEPTH + 1))
    with pytest.raises(MalformedMessage):
        decode(b"\x81" * (MAX_DEPTH + 1) + b"\x00")


def test_a_message_over_the_limit_is_not_even_read() -> None:
    assert decode(encode(b"x" * 98), limit=100) == b"x" * 98
    with pytest.raises(MalformedMessage, match="longer than 100"):
        decode(encode(b"x" * 99), limit=100)


# -------------------------------------------------------------------------------------------------------------- readers


@pytest.mark.parametrize(
    "reading",
    [
        pytest.param(lambda: fields([1, 2], 3), id="too few"),
        pytest.param(lambda: fields("ab", 2), id="no array"),
        pytest.param(lambda: as_int(value=True), id="a boolean is no integer"),
        pytest.param(lambda: as_int(-1, lowest=0), id="too low"),
        pytest.param(lambda: as_int(2, highest=1), id="too high"),
        pytest.param(lambda: as_bytes(b"abc", 4), id="too short"),
        pytest.param(lambda: as_bytes("abcd", 4), id="text is no bytes"),
        pytest.param(lambda: as_blob(b"", most=4), id="empty bytes"),
        pytest.param(lambda: as_blob(b"abcde", most=4), id="too many bytes"),
        pytest.param(lambda: as_blob("a", most=4), id="text is no blob"),
        pytest.param(lambda: as_text("", most=4), id="empty text"),
        pytest.param(lambda: as_text("abcde", most=4), id="too long a text"),
        pytest.param(lambda: as_text(b"a", most=4), id="bytes are no text"),
        pytest.param(lambda: as_bool(1), id="one is no boolean"),
        pytest.param(lambda: as_items([1, 2], as_int, most=1), id="too many items"),
        pytest.param(lambda: as_items(b"12", as_int, most=9), id="bytes are no items"),
        pytest.param(lambda: as_items([b"1"], as_int, most=9), id="an item of another type"),
        pytest.param(lambda: as_municipality("13113"), id="five digits"),
        pytest.param(lambda: as_municipality("１３１１３０"), id="full-width digits"),
        pytest.param(lambda: as_municipality("13113a"), id="a letter"),
        pytest.param(lambda: as_municipality(131130), id="a number"),
    ],
)
def test_a_reader_takes_only_what_it_names(reading: Callable[[], object]) -> None:
    with pytest.raises(MalformedMessage):
        reading()


def test_readers_hand_on_what_fits() -> None:
    assert fields([1, 2], 2) == [1, 2]
    assert (as_int(-5), as_bytes(b"ab", 2), as_blob(b"ab", most=2)) == (-5, b"ab", b"ab")
    assert (as_text("あい", most=2), as_bool(value=False), as_municipality("131130")) == ("あい", False, "131130")
    assert as_items([1, 2], as_int, most=2) == (1, 2)
    assert as_hash(b"h" * 32) == b"h" * 32


@pytest.mark.parametrize("data", [b"\x80", b"\x01", b"\x81\x61a", b"\x81\x20", b"\x81\x01"], ids=bytes.hex)
def test_a_message_begins_with_its_version(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        versioned(data, 1)


def test_another_version_is_named_as_such() -> None:
    with pytest.raises(UnsupportedVersion):
        versioned(encode([2, 1]), 1)


# ------------------------------------------------------------------------------------------------------------- messages


def test_messages_come_back_as_they_were() -> None:
    signed = Signed(payload=BATCH.to_bytes(), signature=b"s" * 64)
    assert Batch.from_bytes(BATCH.to_bytes()) == BATCH
    assert Pulled.from_bytes(PULLED.to_bytes()) == PULLED
    assert Signed.from_bytes(signed.to_bytes()) == signed


READERS: list[Callable[[bytes], object]] = [Batch.from_bytes, Pulled.from_bytes, Signed.from_bytes]


@patient
@given(st.sampled_from(READERS), st.binary(max_size=200) | values.map(encode))
def test_a_message_of_anybody_is_read_or_malformed(read: Callable[[bytes], object], data: bytes) -> None:
    try:
        read(data)
    except MalformedMessage:
        return


@patient
@given(st.integers(0, 6), leaves)
def test_a_batch_with_a_strange_field_is_read_back_or_malformed(place: int, strange: object) -> None:
    value = fields(decode(BATCH.to_bytes()), 7)
    value[place] = strange
    with suppress(MalformedMessage):
        assert Batch.from_bytes(encode(value)).to_bytes() == encode(value)


def test_a_batch_has_a_limited_number_of_records_of_limited_size() -> None:
    def with_records(*records: bytes) -> bytes:
        return encode([1, "999997", b"device-1", b"n" * 16, 0, [], records])

    assert len(Batch.from_bytes(with_records(*[b"r"] * MAX_BATCH_RECORDS)).records) == MAX_BATCH_RECORDS
    with pytest.raises(MalformedMessage):
        Batch.from_bytes(with_records(*[b"r"] * (MAX_BATCH_RECORDS + 1)))
    with pytest.raises(MalformedMessage):
        Batch.from_bytes(with_records(b"r" * (MAX_RECORD_BYTES + 1)))
