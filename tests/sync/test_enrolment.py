import hashlib
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.enrolment import (
    CERTIFICATE_CONTEXT,
    CODE_LETTERS,
    REQUEST_CONTEXT,
    Certificate,
    Request,
    certificate_bytes,
    certificate_text,
    code_of,
    request_bytes,
    request_text,
    same_code,
)
from sync.errors import BadSignature, MalformedMessage
from sync.wire import Signed, decode, encode
from tests.sync.parts import DEVICE, DEVICE_KEY, MUNICIPALITY, OFFICE_KEY, OTHER_KEY

REQUEST = Request(
    municipality=MUNICIPALITY,
    kit=b"k" * 32,
    box=7,
    facility="kominkan-chuo",
    desk=1,
    public_key=DEVICE_KEY.public,
    serial="10000000a1b2c3d4",
    version="0.1.0",
    checks=("disk", "key"),
)
CERTIFICATE = Certificate(
    municipality=MUNICIPALITY,
    number=3,
    device=DEVICE,
    box=7,
    facility="kominkan-chuo",
    facility_name="中央公民館",
    desk=1,
    request=b"r" * 32,
)


def test_a_request_comes_back_and_names_its_device() -> None:
    assert Request.from_bytes(REQUEST.to_bytes(DEVICE_KEY)) == REQUEST
    assert REQUEST.device == DEVICE


def test_a_request_is_signed_by_the_key_it_names() -> None:
    with pytest.raises(BadSignature):
        Request.from_bytes(REQUEST.to_bytes(OTHER_KEY))
    payload = Signed.from_bytes(REQUEST.to_bytes(DEVICE_KEY)).payload
    for context in (CERTIFICATE_CONTEXT, b"madoguchi/v1/batch"):
        with pytest.raises(BadSignature):
            Request.from_bytes(Signed(payload=payload, signature=DEVICE_KEY.sign(context, payload)).to_bytes())


def test_a_certificate_comes_back_from_its_office_only() -> None:
    data = CERTIFICATE.to_bytes(OFFICE_KEY)
    assert Certificate.from_bytes(data, office=OFFICE_KEY.public) == CERTIFICATE
    with pytest.raises(BadSignature):
        Certificate.from_bytes(data, office=OTHER_KEY.public)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(1, "99999", id="half a municipality"),
        pytest.param(2, b"k" * 31, id="half a digest"),
        pytest.param(3, 0, id="box 0"),
        pytest.param(3, 10_000, id="a box of five digits"),
        pytest.param(4, "two\nlines", id="two lines"),
        pytest.param(5, 0, id="desk 0"),
        pytest.param(7, "", id="nothing"),
        pytest.param(9, ["x"] * 21, id="too many checks"),
    ],
)
def test_a_request_of_no_box_is_malformed(place: int, value: object) -> None:
    values = decode(Signed.from_bytes(REQUEST.to_bytes(DEVICE_KEY)).payload)
    assert isinstance(values, list)
    payload = encode([*values[:place], value, *values[place + 1 :]])
    with pytest.raises(MalformedMessage):
        Request.from_bytes(Signed(payload=payload, signature=DEVICE_KEY.sign(REQUEST_CONTEXT, payload)).to_bytes())


def test_a_code_can_be_read_out_and_belongs_to_one_request() -> None:
    codes = {code_of(replace(REQUEST, box=box).to_bytes(DEVICE_KEY)) for box in range(1, 6)}
    assert len(codes) == 5
    for code in codes:
        assert len(code) == 9
        assert code[4] == "-"
        assert set(code.replace("-", "")) <= set(CODE_LETTERS)
    assert not set(CODE_LETTERS) & set("IO01")
    assert len(set(CODE_LETTERS)) == 32


def test_a_code_takes_long_to_make() -> None:
    """2^40 tries at a tenth of a second are three thousand years of one machine."""
    code_of(b"warm")
    begin = time.perf_counter()
    code_of(b"request")
    assert time.perf_counter() - begin > 0.05


def test_a_code_is_the_same_however_it_is_typed() -> None:
    assert same_code("k4tq 9xwm", "K4TQ-9XWM")
    assert not same_code("K4TQ-9XWN", "K4TQ-9XWM")
    assert not same_code("", "K4TQ-9XWM")


@given(st.binary(min_size=1, max_size=400))
def test_letters_of_a_qr_code_bring_the_bytes_back(data: bytes) -> None:
    for text, back in ((request_text(data), request_bytes), (certificate_text(data), certificate_bytes)):
        assert back(text) == data
        assert back(f" {text[:20].lower()}\n{text[20:]} ") == data
        assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 $%*+-./:")


@pytest.mark.parametrize("text", ["", "MADOGUCHI-REQUEST", "MADOGUCHI-REQUEST:1", "MADOGUCHI-CERTIFICATE:AA", "あ"])
def test_other_letters_are_malformed(text: str) -> None:
    with pytest.raises(MalformedMessage):
        request_bytes(text)
    with pytest.raises(MalformedMessage):
        request_bytes("MADOGUCHI-REQUEST:" + "A" * 10_000)


def test_a_request_fits_a_small_qr_code() -> None:
    assert len(request_text(REQUEST.to_bytes(DEVICE_KEY))) <= 468  # alphanumeric, version 11, level L
    digest = hashlib.sha256(REQUEST.to_bytes(DEVICE_KEY)).digest()
    assert len(certificate_text(replace(CERTIFICATE, request=digest).to_bytes(OFFICE_KEY))) <= 468
