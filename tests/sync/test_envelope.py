import copy
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.envelope import (
    EPOCH_CONTEXT,
    NONCE_LENGTH,
    RECORD_CONTEXT,
    EpochHeader,
    OpenEpoch,
    Record,
    hollow_body,
    open_record,
    parse_epoch,
    parse_record,
    record_body,
)
from sync.errors import BadSignature, CommitmentMismatch, MalformedMessage, NotOpenable, SyncError, UnsupportedVersion
from sync.keys import device_id
from sync.wire import MAX_RECORD_BYTES, decode, encode
from tests.sync.parts import (
    CHAIN,
    DATA_KEY,
    DEVICE,
    DEVICE_KEY,
    MUNICIPALITY,
    OTHER_KEY,
    RECIPIENT,
    RECOVERY,
    STRANGER,
    begin,
    seal,
    travelling,
)
from tests.sync.test_wire import leaves, values

patient = settings(deadline=None)

EPOCH = begin()
EPOCH_HEADER = parse_epoch(EPOCH.body)
FIRST = travelling(seal(EPOCH, b"first"))
SECOND = travelling(seal(EPOCH, b"second", sequence=2, previous_hash=FIRST.hash))

HEADER_FIELDS = (
    "version", "municipality", "device", "chain", "epoch", "sequence", "nonce", "id", "dictionary", "previous hash",
)  # fmt: skip
EPOCH_FIELDS = (
    "version", "suite", "municipality", "device", "chain", "start", "number", "wraps", "commitment", "signature",
)  # fmt: skip


def changed(value: object) -> object:
    """Another value that is just as well formed."""
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    if isinstance(value, str):
        return "131130"
    if isinstance(value, list):
        return [[value[0][0], changed(value[0][1])], *value[1:]]
    assert isinstance(value, int)
    return value + 1


def items(data: bytes) -> list[object]:
    value = decode(data)
    assert isinstance(value, list)
    return value


def hollow(record: Record, **changes: bytes) -> bytes:
    return hollow_body(**{"header": record.header, "signature": record.signature, "hash": record.hash, **changes})


# ---------------------------------------------------------------------------------------------------- seal, carry, open


@patient
@given(st.binary(max_size=3000) | st.text(max_size=1000).map(str.encode))
def test_any_payload_is_sealed_checked_and_opened(payload: bytes) -> None:
    record = travelling(seal(EPOCH, payload))
    record.verify(DEVICE_KEY.public)
    for key in (RECIPIENT, RECOVERY):
        assert open_record(record, EPOCH_HEADER.unwrap(key)) == payload


def test_an_epoch_says_where_it_stands_and_nothing_else() -> None:
    EPOCH_HEADER.verify(DEVICE_KEY.public)
    stated = (EPOCH_HEADER.municipality, EPOCH_HEADER.device, EPOCH_HEADER.chain)
    assert stated == (MUNICIPALITY, DEVICE, CHAIN)
    assert (EPOCH_HEADER.start, EPOCH_HEADER.number) == (3, 1)
    assert [key_id for key_id, _ in EPOCH_HEADER.wraps] == [RECIPIENT.public.key_id, RECOVERY.public.key_id]
    assert EPOCH_HEADER.body == EPOCH.body
    assert DATA_KEY not in EPOCH.body


def test_a_record_says_where_it_stands_and_nothing_else() -> None:
    assert (SECOND.municipality, SECOND.device, SECOND.chain) == (MUNICIPALITY, DEVICE, CHAIN)
    assert (SECOND.epoch, SECOND.sequence, SECOND.dictionary) == (1, 2, 1)
    assert SECOND.previous_hash == FIRST.hash
    assert SECOND.ciphertext is not None
    assert SECOND.hash == hashlib.sha256(SECOND.header + SECOND.ciphertext).digest()
    assert not SECOND.is_hollow


@pytest.mark.parametrize(("length", "buckets"), [(0, 1), (252 - 5, 1), (252 - 4, 2), (508 - 5, 2), (508 - 4, 3)])
def test_the_ciphertext_shows_the_length_in_buckets_only(length: int, buckets: int) -> None:
    noise = b"".join(hashlib.sha256(bytes([n])).digest() for n in range(17))[:length]
    ciphertext = seal(EPOCH, noise).ciphertext
    assert len(ciphertext) == 256 * buckets + 16


def test_no_form_of_an_open_epoch_shows_its_key() -> None:
    epoch = begin()
    seal(epoch, b"payload")
    shown = f"{epoch!r} {epoch!s} {[epoch]}"
    assert shown.startswith("OpenEpoch(number=1, sealed_count=1)")
    assert DATA_KEY.hex() not in shown
    assert repr(DATA_KEY) not in shown
    assert not hasattr(epoch, "__dict__")
    assert DATA_KEY not in [getattr(epoch, name) for name in OpenEpoch.__slots__]


# --------------------------------------------------------------------------------------------------------------- nonces


@patient
@given(st.lists(st.sampled_from(["sealed", "too long", "bad id", "bad hash", "bad sequence"])))
def test_a_nonce_is_spent_by_every_call_and_never_comes_back(fates: list[str]) -> None:
    epoch = begin()
    nonces: list[int] = []
    for count, fate in enumerate(fates, start=1):
        try:
            sealed = epoch.seal(
                bytes(70_000) if fate == "too long" else b"payload",
                sequence=0 if fate == "bad sequence" else 1,
                record_id=b"short" if fate == "bad id" else b"i" * 16,
                previous_hash=b"short" if fate == "bad hash" else bytes(32),
            )
            nonces.append(int.from_bytes(travelling(sealed).nonce, "big"))
            assert nonces[-1] == count
        except SyncError:
            assert fate != "sealed"
        assert epoch.sealed_count == count
    assert len(set(nonces)) == len(nonces) == fates.count("sealed")


def test_the_same_place_sealed_again_is_sealed_under_another_nonce() -> None:
    epoch = begin()
    once, again = seal(epoch, b"payload"), seal(epoch, b"payload")
    assert travelling(once).nonce == (1).to_bytes(NONCE_LENGTH, "big")
    assert travelling(again).nonce == (2).to_bytes(NONCE_LENGTH, "big")
    assert once.ciphertext != again.ciphertext


def test_threads_that_forget_the_lock_still_get_nonces_of_their_own() -> None:
    epoch = begin()
    with ThreadPoolExecutor(8) as threads:
        sealed = list(threads.map(lambda _: seal(epoch, b"payload"), range(800)))
    assert len({travelling(parts).nonce for parts in sealed}) == 800


def test_an_open_epoch_is_not_copied() -> None:
    for copied in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copied(EPOCH)


# ------------------------------------------------------------------------------------------------------------ tampering


@pytest.mark.parametrize("place", range(len(HEADER_FIELDS)), ids=HEADER_FIELDS)
def test_no_field_of_a_record_can_be_changed(place: int) -> None:
    header = items(SECOND.header)
    assert len(header) == len(HEADER_FIELDS)
    header[place] = changed(header[place])
    assert SECOND.ciphertext is not None
    body = record_body(header=encode(header), ciphertext=SECOND.ciphertext, signature=SECOND.signature)
    try:
        record = parse_record(body)
    except UnsupportedVersion:
        assert place == 0
        return
    with pytest.raises(BadSignature):
        record.verify(DEVICE_KEY.public)
    with pytest.raises(NotOpenable):
        open_record(record, DATA_KEY)


@pytest.mark.parametrize("place", range(len(HEADER_FIELDS)), ids=HEADER_FIELDS)
def test_no_field_of_a_hollow_record_can_be_changed(place: int) -> None:
    header = items(SECOND.header)
    header[place] = changed(header[place])
    try:
        record = parse_record(hollow(SECOND, header=encode(header)))
    except UnsupportedVersion:
        assert place == 0
        return
    with pytest.raises(BadSignature):
        record.verify(DEVICE_KEY.public)


@pytest.mark.parametrize("place", range(len(EPOCH_FIELDS)), ids=EPOCH_FIELDS)
def test_no_field_of_an_epoch_can_be_changed(place: int) -> None:
    body = items(EPOCH.body)
    assert len(body) == len(EPOCH_FIELDS)
    body[place] = changed(body[place])
    try:
        epoch = parse_epoch(encode(body))
    except UnsupportedVersion:
        assert place in (0, 1)
        return
    with pytest.raises(BadSignature):
        epoch.verify(DEVICE_KEY.public)


def signed_again(**changes: object) -> EpochHeader:
    """An epoch that somebody with the device's key moved to another place."""
    names = ("version", "suite", "municipality", "device", "chain", "start", "number", "wraps", "commitment")
    stated = [changes.get(name, value) for name, value in zip(names, items(EPOCH.body), strict=False)]
    return parse_epoch(encode([*stated, DEVICE_KEY.sign(EPOCH_CONTEXT, encode(stated))]))


@pytest.mark.parametrize(
    "changes", [{"device": b"device-2"}, {"chain": b"chain--2"}, {"start": 4}, {"number": 2}], ids=str
)
def test_a_wrap_opens_in_its_own_place_only(changes: dict[str, object]) -> None:
    assert signed_again().unwrap(RECIPIENT) == DATA_KEY
    with pytest.raises(NotOpenable):
        signed_again(**changes).unwrap(RECIPIENT)


def test_two_readers_cannot_be_shown_two_keys() -> None:
    other = begin()
    wraps = dict(parse_epoch(other.body).wraps)
    place = (
        b"madoguchi/v1/wrap" + RECOVERY.public.key_id + DEVICE + CHAIN + (3).to_bytes(8, "big") + (1).to_bytes(8, "big")
    )
    wraps[RECOVERY.public.key_id] = RECOVERY.public.wrap(b"another data key of 32 bytes ...", place)
    epoch = signed_again(wraps=[list(wrap) for wrap in wraps.items()])
    epoch.verify(DEVICE_KEY.public)
    assert epoch.unwrap(RECIPIENT) == DATA_KEY
    with pytest.raises(CommitmentMismatch):
        epoch.unwrap(RECOVERY)


def test_a_key_it_was_not_wrapped_to_is_named() -> None:
    with pytest.raises(NotOpenable, match=STRANGER.public.key_id.hex()):
        EPOCH_HEADER.unwrap(STRANGER)


def test_a_record_opens_with_the_key_of_its_own_epoch_only() -> None:
    with pytest.raises(NotOpenable):
        open_record(FIRST, bytes(32))


@pytest.mark.parametrize("place", [0, 100, -1])
def test_a_changed_ciphertext_is_noticed_twice(place: int) -> None:
    assert FIRST.ciphertext is not None
    ciphertext = bytearray(FIRST.ciphertext)
    ciphertext[place] ^= 1
    record = parse_record(
        record_body(header=FIRST.header, ciphertext=bytes(ciphertext), signature=FIRST.signature),
    )
    assert record.hash != FIRST.hash
    with pytest.raises(BadSignature):
        record.verify(DEVICE_KEY.public)
    with pytest.raises(NotOpenable):
        open_record(record, DATA_KEY)


def test_a_ciphertext_cannot_be_put_under_another_header() -> None:
    assert SECOND.ciphertext is not None
    mixed = parse_record(record_body(header=FIRST.header, ciphertext=SECOND.ciphertext, signature=SECOND.signature))
    with pytest.raises(BadSignature):
        mixed.verify(DEVICE_KEY.public)
    with pytest.raises(NotOpenable):
        open_record(mixed, DATA_KEY)


def test_the_chain_tells_when_records_change_places_or_one_is_missing() -> None:
    third = travelling(seal(EPOCH, b"third", sequence=3, previous_hash=SECOND.hash))
    assert [record.previous_hash for record in (FIRST, SECOND, third)] == [bytes(32), FIRST.hash, SECOND.hash]
    assert third.previous_hash != FIRST.hash
    assert len({record.hash for record in (FIRST, SECOND, third)}) == 3


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "hollow"])
def test_a_signature_of_another_device_or_purpose_does_not_count(whole: bool) -> None:  # noqa: FBT001 # a pytest parameter
    record = FIRST if whole else parse_record(hollow(FIRST))
    record.verify(DEVICE_KEY.public)
    with pytest.raises(BadSignature, match="another device"):
        record.verify(OTHER_KEY.public)
    stated = replace(record, signature=OTHER_KEY.sign(RECORD_CONTEXT, record.hash + record.header))
    with pytest.raises(BadSignature):
        stated.verify(DEVICE_KEY.public)
    with pytest.raises(BadSignature):
        replace(record, signature=DEVICE_KEY.sign(EPOCH_CONTEXT, record.hash + record.header)).verify(DEVICE_KEY.public)


def test_a_device_cannot_speak_in_the_name_of_another() -> None:
    with pytest.raises(BadSignature, match="another device"):
        replace(EPOCH_HEADER, device=device_id(OTHER_KEY.public)).verify(DEVICE_KEY.public)


# --------------------------------------------------------------------------------------------------------------- hollow


def test_a_hollow_record_keeps_its_place_and_says_nothing() -> None:
    record = parse_record(hollow(FIRST))
    record.verify(DEVICE_KEY.public)
    assert record.is_hollow
    assert (record.id, record.sequence, record.hash) == (FIRST.id, FIRST.sequence, FIRST.hash)
    assert SECOND.previous_hash == record.hash
    with pytest.raises(NotOpenable, match="withdrawn"):
        open_record(record, DATA_KEY)


def test_a_hollow_record_cannot_state_another_hash() -> None:
    with pytest.raises(BadSignature):
        parse_record(hollow(FIRST, hash=SECOND.hash)).verify(DEVICE_KEY.public)


def test_a_whole_record_states_no_hash() -> None:
    with pytest.raises(MalformedMessage):
        parse_record(encode([FIRST.header, FIRST.ciphertext, FIRST.signature, FIRST.hash]))
    with pytest.raises(MalformedMessage):
        parse_record(encode([FIRST.header, None, FIRST.signature]))


# ------------------------------------------------------------------------------------------------------------ malformed


@patient
@given(st.binary(max_size=400) | values.map(encode))
def test_any_bytes_are_a_record_and_an_epoch_or_malformed(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        parse_record(data)
    with pytest.raises(MalformedMessage):
        parse_epoch(data)


@patient
@given(st.integers(0, 9), leaves)
def test_a_strange_field_is_malformed_or_does_not_verify(place: int, strange: object) -> None:
    header, body = items(FIRST.header), items(EPOCH.body)
    same_header, same_epoch = header[place] == strange, body[place] == strange
    header[place] = body[place] = strange
    assert FIRST.ciphertext is not None
    if not same_header:
        with pytest.raises((MalformedMessage, BadSignature)):
            parse_record(
                record_body(header=encode(header), ciphertext=FIRST.ciphertext, signature=FIRST.signature)
            ).verify(DEVICE_KEY.public)
    if not same_epoch:
        with pytest.raises((MalformedMessage, BadSignature)):
            parse_epoch(encode(body)).verify(DEVICE_KEY.public)


def test_records_and_epochs_have_a_limited_size() -> None:
    with pytest.raises(MalformedMessage):
        parse_record(record_body(header=FIRST.header, ciphertext=bytes(MAX_RECORD_BYTES), signature=FIRST.signature))
    wraps = [[b"k" * 8, b"w" * 1168]] * 9
    with pytest.raises(MalformedMessage):
        signed_again(wraps=wraps)
    with pytest.raises(MalformedMessage):
        signed_again(wraps=[[b"k" * 8, b"w" * 1167]])
