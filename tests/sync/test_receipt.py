import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.errors import BadSignature, MalformedMessage, NotOurReply
from sync.keys import SigningKey
from sync.receipt import OPENED_CONTEXT, RECEIPT_CONTEXT, OpenedList, Receipt, Reply
from sync.wire import MAX_BATCH_RECORDS, Signed, decode, encode
from tests.sync.parts import CHAIN, DEVICE, MUNICIPALITY, OFFICE_KEY, OTHER_KEY, RECEIVER_KEY
from tests.sync.test_wire import leaves

patient = settings(deadline=None)

ENTRIES = ((b"i" * 16, b"h" * 32), (b"j" * 16, b"k" * 32))
REPLY = Reply(
    receipt=Receipt(
        municipality=MUNICIPALITY,
        device=DEVICE,
        receiver_epoch=b"e" * 16,
        run_nonce=b"n" * 16,
        entries=ENTRIES,
    ),
    refused=((b"r" * 16, "bad_signature"),),
    inbox=((1, b"an opened list"), (2, b"a pack")),
)
OPENED = OpenedList(municipality=MUNICIPALITY, number=7, device=DEVICE, chain=CHAIN, entries=ENTRIES)


def signed(payload: object, key: SigningKey, context: bytes) -> bytes:
    encoded = encode(payload)
    return Signed(payload=encoded, signature=key.sign(context, encoded)).to_bytes()


def payload_of(message: bytes) -> list[object]:
    payload = decode(Signed.from_bytes(message).payload)
    assert isinstance(payload, list)
    return payload


def test_a_reply_comes_back_as_it_was_signed() -> None:
    assert Reply.from_bytes(REPLY.to_bytes(RECEIVER_KEY), receiver=RECEIVER_KEY.public) == REPLY


def test_an_opened_list_comes_back_as_it_was_signed() -> None:
    assert OpenedList.from_bytes(OPENED.to_bytes(OFFICE_KEY), office=OFFICE_KEY.public) == OPENED


def test_nobody_else_can_sign_a_reply_or_a_list() -> None:
    with pytest.raises(BadSignature):
        Reply.from_bytes(REPLY.to_bytes(OTHER_KEY), receiver=RECEIVER_KEY.public)
    with pytest.raises(BadSignature):
        OpenedList.from_bytes(OPENED.to_bytes(RECEIVER_KEY), office=OFFICE_KEY.public)


def test_one_kind_of_message_never_passes_for_another() -> None:
    as_opened = signed(payload_of(REPLY.to_bytes(RECEIVER_KEY)), RECEIVER_KEY, OPENED_CONTEXT)
    with pytest.raises(BadSignature):
        Reply.from_bytes(as_opened, receiver=RECEIVER_KEY.public)


def test_every_byte_of_a_reply_is_covered() -> None:
    whole = REPLY.to_bytes(RECEIVER_KEY)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        with pytest.raises((BadSignature, MalformedMessage)):
            Reply.from_bytes(bytes(changed), receiver=RECEIVER_KEY.public)


def test_every_byte_of_an_opened_list_is_covered() -> None:
    whole = OPENED.to_bytes(OFFICE_KEY)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        with pytest.raises((BadSignature, MalformedMessage)):
            OpenedList.from_bytes(bytes(changed), office=OFFICE_KEY.public)


@patient
@given(st.integers(0, 7), leaves)
def test_a_receiver_gone_mad_is_malformed(place: int, strange: object) -> None:
    payload = payload_of(REPLY.to_bytes(RECEIVER_KEY))
    payload[place] = strange
    data = signed(payload, RECEIVER_KEY, RECEIPT_CONTEXT)
    try:
        assert Reply.from_bytes(data, receiver=RECEIVER_KEY.public).to_bytes(RECEIVER_KEY) == data
    except MalformedMessage:
        return


@patient
@given(st.binary(max_size=300))
def test_any_bytes_are_malformed_or_badly_signed(data: bytes) -> None:
    with pytest.raises((BadSignature, MalformedMessage)):
        Reply.from_bytes(data, receiver=RECEIVER_KEY.public)
    with pytest.raises((BadSignature, MalformedMessage)):
        OpenedList.from_bytes(data, office=OFFICE_KEY.public)


def test_a_reply_to_another_run_device_or_town_is_not_ours() -> None:
    REPLY.must_answer(municipality=MUNICIPALITY, device=DEVICE, run_nonce=b"n" * 16)
    for municipality, device, run_nonce in [
        ("131130", DEVICE, b"n" * 16),
        (MUNICIPALITY, b"device-2", b"n" * 16),
        (MUNICIPALITY, DEVICE, b"m" * 16),
    ]:
        with pytest.raises(NotOurReply):
            REPLY.must_answer(municipality=municipality, device=device, run_nonce=run_nonce)


def test_a_receipt_names_no_more_records_than_a_batch_holds() -> None:
    payload = payload_of(REPLY.to_bytes(RECEIVER_KEY))
    payload[5] = [list(ENTRIES[0])] * (MAX_BATCH_RECORDS + 1)
    with pytest.raises(MalformedMessage):
        Reply.from_bytes(signed(payload, RECEIVER_KEY, RECEIPT_CONTEXT), receiver=RECEIVER_KEY.public)
