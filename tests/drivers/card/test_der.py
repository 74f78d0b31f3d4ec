"""The small reader of certificates, against the large one."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.card.der import Certificate, Incomplete, Malformed
from drivers.card.forged import certificate

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
NOW = datetime(2026, 11, 21, tzinfo=UTC)
moments = st.integers(-599_616_000, 7_258_032_000).map(lambda one: datetime.fromtimestamp(one, UTC))
names = st.text("ABZaz09 .-あ花ÉＡ", min_size=1, max_size=21)  # 64 bytes is the most that the library takes


def real(not_after: datetime, name: str, serial: int, authority_key: bytes | None, *, others: bool = True) -> bytes:
    """A certificate made by `cryptography`; with other extensions before and after."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(
        issuer_name=subject,
        subject_name=subject,
        public_key=KEY.public_key(),
        serial_number=serial,
        not_valid_before=datetime(1950, 1, 1, tzinfo=UTC),
        not_valid_after=not_after,
    )
    if others:
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    if authority_key is not None:
        identifier = x509.AuthorityKeyIdentifier(authority_key, [x509.DNSName("ca")], 7)
        builder = builder.add_extension(identifier, critical=False)
    if others:
        builder = builder.add_extension(x509.SubjectKeyIdentifier(b"subject"), critical=False)
    return builder.sign(KEY, None).public_bytes(Encoding.DER)


@given(moments, names, st.integers(1, 2**159 - 1), st.none() | st.binary(min_size=1, max_size=200), st.booleans())
@settings(max_examples=60, deadline=None)
def test_both_read_the_same(
    not_after: datetime,
    name: str,
    serial: int,
    authority_key: bytes | None,
    others: bool,  # noqa: FBT001 (drawn)
) -> None:
    data = real(not_after, name, serial, authority_key, others=others)
    told = Certificate(data + b"\xff" * 40)
    assert told.not_after == x509.load_der_x509_certificate(data).not_valid_after_utc
    assert told.authority_key == (None if authority_key is None else authority_key.hex())
    assert told.length == len(data)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_is_cut_off_or_changed_is_refused_or_read_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(real(NOW, "name", 5, b"authority"))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.integers(0, 255))
    cut = Certificate(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    for read in (lambda: cut.not_after, lambda: cut.authority_key, lambda: cut.length):
        with suppress(Malformed):
            assert read() is None or cut.length > 0


def test_a_refusal_holds_nothing_of_the_certificate() -> None:
    with pytest.raises(Malformed) as refused:
        Certificate(b"\x30\x0412345678").not_after  # noqa: B018 (a property that raises)
    assert str(refused.value) == "no certificate"


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_noise_is_no_certificate(noise: bytes) -> None:
    with pytest.raises(Malformed):
        Certificate(noise).not_after  # noqa: B018 (a property that raises)


@given(st.integers(0, 140))
@settings(deadline=None)
def test_too_few_bytes_ask_for_more(size: int) -> None:
    data = real(NOW, "name", 5, b"authority")
    with pytest.raises(Incomplete):
        Certificate(data[:size]).authority_key  # noqa: B018 (a property that raises)


def test_the_date_is_there_long_before_the_key() -> None:
    data = certificate(
        serial=7, subject="X", not_before=NOW, not_after=NOW + timedelta(days=9), authority_key=b"a" * 20
    )
    assert Certificate(data[:256]).not_after == NOW + timedelta(days=9)
    with pytest.raises(Incomplete):
        Certificate(data[:256]).authority_key  # noqa: B018 (a property that raises)


@given(moments.filter(lambda one: 1960 < one.year < 2049), names)
@settings(max_examples=40, deadline=None)
def test_the_certificates_of_simulated_cards_are_real_ones(not_after: datetime, subject: str) -> None:
    data = certificate(
        serial=0x5A17, subject=subject, not_before=NOW, not_after=not_after, authority_key=bytes(range(20))
    )
    read = x509.load_der_x509_certificate(data)
    assert read.not_valid_after_utc == not_after
    key = read.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert key == bytes(range(20))
    assert 700 < len(data) < 1024
