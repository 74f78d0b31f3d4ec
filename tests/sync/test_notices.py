from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import BadSignature, MalformedMessage, SyncError, UnsupportedVersion
from sync.notices import CONTENT, NOTICE_CONTEXT, Notice, NoticeTooLong
from sync.packs import content_body, files_in, sticks_body, sticks_in
from sync.wire import MAX_NOTICE_BYTES, WITH_NOTICES, Batch, Signed, encode, of_version
from tests.sync.parts import MUNICIPALITY, OFFICE_KEY, OTHER_KEY

SAID = Notice(municipality=MUNICIPALITY, kind=CONTENT, number=7, body=b"says")


def test_a_notice_comes_back_from_its_office_only() -> None:
    data = SAID.to_bytes(OFFICE_KEY)
    assert Notice.from_bytes(data, office=OFFICE_KEY.public) == SAID
    with pytest.raises(BadSignature):
        Notice.from_bytes(data, office=OTHER_KEY.public)


@given(at=st.integers(0, len(SAID.to_bytes(OFFICE_KEY)) - 1), flip=st.integers(1, 255))
def test_a_changed_byte_is_noticed(at: int, flip: int) -> None:
    data = bytearray(SAID.to_bytes(OFFICE_KEY))
    data[at] ^= flip
    with pytest.raises(SyncError):
        Notice.from_bytes(bytes(data), office=OFFICE_KEY.public)


@given(length=st.integers(0, len(SAID.to_bytes(OFFICE_KEY)) - 1))
def test_a_notice_that_was_cut_off_is_refused(length: int) -> None:
    with pytest.raises(MalformedMessage):
        Notice.from_bytes(SAID.to_bytes(OFFICE_KEY)[:length], office=OFFICE_KEY.public)


def test_a_list_of_the_office_is_no_notice_and_one_of_a_later_version_says_so() -> None:
    payload = encode([1, MUNICIPALITY, CONTENT, 7, b"says"])
    other = Signed(payload=payload, signature=OFFICE_KEY.sign(b"madoguchi/v1/leaving", payload)).to_bytes()
    with pytest.raises(BadSignature):
        Notice.from_bytes(other, office=OFFICE_KEY.public)
    later = encode([2, MUNICIPALITY, CONTENT, 7, b"says"])
    with pytest.raises(UnsupportedVersion):
        signed = Signed(payload=later, signature=OFFICE_KEY.sign(NOTICE_CONTEXT, later)).to_bytes()
        Notice.from_bytes(signed, office=OFFICE_KEY.public)


def test_a_notice_has_a_size() -> None:
    assert len(replace(SAID, body=bytes(MAX_NOTICE_BYTES - 200)).to_bytes(OFFICE_KEY)) <= MAX_NOTICE_BYTES
    with pytest.raises(NoticeTooLong):
        replace(SAID, body=bytes(MAX_NOTICE_BYTES)).to_bytes(OFFICE_KEY)


NAMES = st.from_regex(r"\A[a-z][a-z0-9_]{0,12}\.toml\Z")


@given(files=st.dictionaries(NAMES, st.text(min_size=1, max_size=50), min_size=1, max_size=5))
def test_packs_come_back_as_they_were(files: dict[str, str]) -> None:
    assert files_in(content_body(files)) == files


@pytest.mark.parametrize(
    "body",
    [
        encode([]),
        encode([["topics.toml", ""]]),
        encode([["../topics.toml", "x"]]),
        encode([["/etc/topics.toml", "x"]]),
        encode([["Topics.toml", "x"]]),
        encode([["topics.toml\n", "x"]]),
        encode([["topics.txt", "x"]]),
        encode([["topics.toml", "x"], ["topics.toml", "y"]]),
        encode([["topics.toml", "x"], ["outcomes.toml", "y"]]),
        encode([[f"a{number}.toml", "x"] for number in range(65)]),
        encode([["topics.toml", b"x"]]),
        b"\xff",
    ],
)
def test_a_body_that_is_no_packs_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedMessage):
        files_in(body)


def test_revoked_sticks_come_back() -> None:
    assert sticks_in(sticks_body({b"b" * 16, b"a" * 16})) == {b"a" * 16, b"b" * 16}
    assert sticks_in(sticks_body(())) == frozenset()
    with pytest.raises(MalformedMessage):
        sticks_in(encode([b"short"]))


def batch(notices: object) -> bytes:
    return encode([WITH_NOTICES, MUNICIPALITY, bytes(8), bytes(16), 0, [], [], notices])


@pytest.mark.parametrize("notices", [None, [["content"]], [["content", -1]], [["", 1]], [["x", 1]] * 33])
def test_a_batch_says_which_notices_its_desk_has_or_is_refused(notices: object) -> None:
    assert Batch.from_bytes(batch([["content", 3]])).notices == (("content", 3),)
    with pytest.raises(MalformedMessage):
        Batch.from_bytes(batch(notices))


@pytest.mark.parametrize("cut", [lambda whole: whole[:1], lambda whole: [3, *whole[1:]], lambda whole: whole[:-1]])
def test_a_batch_of_no_known_version_or_length_is_refused(cut: Callable[[list[object]], list[object]]) -> None:
    whole: list[object] = [2, MUNICIPALITY, bytes(8), bytes(16), 0, [], [], []]
    assert of_version(encode(whole), {2: 7})[0] == 2
    with pytest.raises(MalformedMessage):
        Batch.from_bytes(encode(cut(whole)))
