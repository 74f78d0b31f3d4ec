import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.compression import BUCKET, CURRENT_DICTIONARY, MAX_PADDED, MAX_PLAINTEXT, squeeze, unsqueeze, words
from sync.errors import NotOpenable, TooLong

patient = settings(deadline=None)


def squeezed_by_hand(plaintext: bytes, *, after: bytes = b"") -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=words(1))
    return padded(deflate.compress(plaintext) + deflate.flush() + after)


def padded(content: bytes, *, length: int | None = None) -> bytes:
    whole = (len(content) if length is None else length).to_bytes(4, "big") + content
    return whole + bytes(-len(whole) % BUCKET)


@patient
@given(st.binary(max_size=5000) | st.text(max_size=2000).map(str.encode))
def test_everything_comes_back_and_fills_whole_buckets(plaintext: bytes) -> None:
    squeezed = squeeze(plaintext)
    assert len(squeezed) % BUCKET == 0
    assert unsqueeze(squeezed, dictionary=CURRENT_DICTIONARY) == plaintext


@patient
@given(st.binary(max_size=600))
def test_any_bytes_open_or_are_refused(data: bytes) -> None:
    try:
        assert len(unsqueeze(data, dictionary=1)) <= MAX_PLAINTEXT
    except NotOpenable:
        return


def test_a_compression_bomb_is_not_let_off() -> None:
    bomb = squeezed_by_hand(bytes(50_000_000))
    assert len(bomb) < MAX_PLAINTEXT
    with pytest.raises(NotOpenable, match="more than"):
        unsqueeze(bomb, dictionary=1)


def test_the_largest_plaintext_is_not_a_bomb() -> None:
    assert unsqueeze(squeezed_by_hand(bytes(MAX_PLAINTEXT)), dictionary=1) == bytes(MAX_PLAINTEXT)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(padded(b"\xff\xff"), id="no deflate"),
        pytest.param(padded(b""), id="an empty deflate"),
        pytest.param(padded(b"abc", length=5000), id="a length beyond the end"),
        pytest.param(squeezed_by_hand(b"abc")[:-1], id="not whole buckets"),
        pytest.param(squeezed_by_hand(b"abc") + bytes(BUCKET), id="a bucket too many"),
        pytest.param(squeezed_by_hand(b"abc")[:-1] + b"\1", id="padding that is not zeros"),
        pytest.param(squeezed_by_hand(b"abc", after=b"more"), id="something after the deflate"),
    ],
)
def test_what_this_product_does_not_make_is_refused(data: bytes) -> None:
    with pytest.raises(NotOpenable):
        unsqueeze(data, dictionary=1)


def test_too_long_a_plaintext_is_refused_before_and_after_compression() -> None:
    with pytest.raises(TooLong):
        squeeze(bytes(MAX_PLAINTEXT + 1))
    incompressible = bytes(byte for byte in zlib.compress(bytes(range(256)) * 40, 1))
    noise = b"".join(
        zlib.crc32(incompressible + bytes([a, b])).to_bytes(4, "big") for a in range(64) for b in range(256)
    )
    assert len(noise) == MAX_PLAINTEXT
    with pytest.raises(TooLong):
        squeeze(noise)
    assert len(squeeze(noise[: MAX_PADDED - 1024])) <= MAX_PADDED


def test_an_unknown_dictionary_is_named() -> None:
    with pytest.raises(NotOpenable, match="dictionary 7"):
        unsqueeze(squeeze(b"abc"), dictionary=7)


def test_a_dictionary_that_was_changed_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.compression._DIGESTS", {1: "0" * 64})
    words.cache_clear()
    with pytest.raises(NotOpenable, match="changed"):
        words(1)
    monkeypatch.undo()
    words.cache_clear()
    assert "マイナンバーカード".encode() in words(1)


def test_the_dictionary_names_nobody() -> None:
    text = words(1).decode("utf-8", "ignore")
    assert not any(title in text for title in ("さん", "様", "太郎", "花子"))
