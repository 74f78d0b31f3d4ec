import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.desk.facts.call import CallSource, CallState
from appliance.desk.facts.moment import ClockQuality
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.visit import Channel
from sync.errors import MalformedMessage, UnknownKind
from sync.schema import (
    CHANNEL,
    QUALITY,
    ROLE,
    SHAPES,
    SOURCE,
    STATE,
    Maybe,
    Moment5,
    Plain,
    Word,
    pack,
    unpack,
)
from sync.wire import decode, encode, fields
from tests.sync.test_wire import leaves, values

patient = settings(deadline=None)

MOMENT = Moment5(start=3, boot=2, mono_ms=3_723_123, wall_ms=1_795_222_800_000, quality="staff")

counts = st.integers(0, 2**40)
words = st.text(min_size=1, max_size=200)
ids = st.binary(min_size=16, max_size=16)
FIELDS: dict[str, dict[str, st.SearchStrategy[object]]] = {
    "call": {"button": counts, "source": st.sampled_from(SOURCE.words), "attended": st.booleans()},
    "call_closed": {
        "call": ids,
        "state": st.sampled_from(STATE.words),
        "waiting_seconds": counts,
        "honest": st.booleans(),
        "attended": st.booleans(),
        "by": st.none() | st.sampled_from(ROLE.words),
    },
    "visit": {
        "call": st.none() | ids,
        "channel": st.sampled_from(CHANNEL.words),
        "people": counts,
        "language": words,
        "waiting_seconds": st.none() | counts,
        "service_seconds": counts,
        "honest": st.booleans(),
        "timed": st.booleans(),
        "began_wall_ms": st.integers(-(2**40), 2**50),
    },
    "consultation": {
        "visit": ids,
        "topics": st.lists(words, max_size=8).map(tuple),
        "age_band": words,
        "outcome": words,
        "referred_to": st.none() | words,
        "minutes": st.none() | counts,
        "honest": st.booleans(),
        "memo": st.none() | st.text(min_size=1, max_size=2000),
    },
    "withdrawal": {"of": ids},
}
payloads = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda kind: st.tuples(st.just(kind), st.fixed_dictionaries(FIELDS[kind]))
)


@patient
@given(payloads)
def test_every_payload_opens_as_it_was_packed(payload: tuple[str, dict[str, object]]) -> None:
    kind, content = payload
    opened = unpack(pack(kind, MOMENT, content))
    assert (opened.kind, opened.schema, opened.moment, opened.values) == (kind, 1, MOMENT, content)


@patient
@given(st.binary(max_size=200) | values.map(encode))
def test_any_bytes_open_or_are_malformed_or_unknown(data: bytes) -> None:
    try:
        unpack(data)
    except (MalformedMessage, UnknownKind):
        return


@patient
@given(payloads, st.data())
def test_a_payload_with_a_strange_field_opens_or_is_refused(
    payload: tuple[str, dict[str, object]], data: st.DataObject
) -> None:
    value = decode(pack(payload[0], MOMENT, payload[1]))
    assert isinstance(value, list)
    value[data.draw(st.integers(0, len(value) - 1))] = data.draw(leaves)
    try:
        unpack(encode(value))
    except (MalformedMessage, UnknownKind):
        return


def test_the_table_knows_every_word_of_the_desk_in_its_order() -> None:
    assert QUALITY.words == tuple(ClockQuality)
    assert SOURCE.words == tuple(CallSource)
    assert STATE.words == tuple(CallState)
    assert ROLE.words == tuple(StaffRole)
    assert CHANNEL.words == tuple(Channel)


def test_no_number_means_two_things() -> None:
    assert len({(shape.number, shape.schema) for shape in SHAPES}) == len(SHAPES)
    assert len({(shape.kind, shape.schema) for shape in SHAPES}) == len(SHAPES)


def changed(place: int, value: object) -> bytes:
    payload = decode(pack("call", MOMENT, {"button": 2, "source": "button", "attended": True}))
    assert isinstance(payload, list)
    payload[place] = value
    return encode(payload)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(changed(0, 99), id="a kind"),
        pytest.param(changed(1, 2), id="a schema"),
        pytest.param(changed(2, [3, 2, 1, 1, 4]), id="a clock quality"),
        pytest.param(changed(4, 3), id="a call source"),
    ],
)
def test_what_only_a_newer_desk_writes_is_unknown_and_not_malformed(payload: bytes) -> None:
    with pytest.raises(UnknownKind):
        unpack(payload)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(encode(1), id="no array"),
        pytest.param(encode([1, 1]), id="no moment"),
        pytest.param(changed(0, 0), id="kind 0"),
        pytest.param(changed(0, "call"), id="a kind by name"),
        pytest.param(changed(2, [3, 2, 1, 1]), id="a moment cut short"),
        pytest.param(changed(4, -1), id="a negative word"),
        pytest.param(changed(5, None), id="a boolean left out"),
        pytest.param(encode([5, 1, [3, 2, 1, 1, 1], b"x" * 16, 1]), id="a field too many"),
    ],
)
def test_what_no_desk_writes_is_malformed(payload: bytes) -> None:
    with pytest.raises(MalformedMessage):
        unpack(payload)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        pytest.param("call", {"button": 2, "source": "button"}, id="a field left out"),
        pytest.param("withdrawal", {"of": b"x" * 16, "why": "x"}, id="a field too many"),
        pytest.param("withdrawal", {"of": b"x" * 15}, id="a short id"),
        pytest.param("call", {"button": 2, "source": "bell", "attended": True}, id="a word of no table"),
    ],
)
def test_what_the_office_could_not_read_is_not_packed(kind: str, content: dict[str, object]) -> None:
    with pytest.raises(MalformedMessage):
        pack(kind, MOMENT, content)


@pytest.mark.parametrize("topics", ["phone", 5, ("x",) * 65, ("",)], ids=["a text", "a number", "too many", "empty"])
def test_topics_are_a_short_list_of_words(topics: object) -> None:
    content: dict[str, object] = {
        "visit": b"v" * 16,
        "topics": topics,
        "age_band": "to39",
        "outcome": "resolved",
        "referred_to": None,
        "minutes": None,
        "honest": False,
        "memo": None,
    }
    with pytest.raises(MalformedMessage):
        pack("consultation", MOMENT, content)


def test_a_word_travels_as_its_place_and_nothing_as_null() -> None:
    maybe = Maybe(Word(("first", "second")))
    assert (maybe.write("second"), maybe.read(1), maybe.write(None), maybe.read(None)) == (1, "second", None, None)
    assert Plain(lambda value: fields(value, 1)).write([7]) == [7]
