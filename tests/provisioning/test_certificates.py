"""What the authority of a box can vouch for, judged by verifiers that are not ours."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from hypothesis import given, settings
from hypothesis import strategies as some

from provisioning.certificates import LEAF_LIFE, LONG_AGO, Authority, Reach, new_key, seen
from provisioning.errors import CertificateBroken, OutsideAuthority

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
NAME, TOWN = "madoguchi-07.local", "madoguchi.example.jp"
HALL = IPv4Address("10.55.0.1")
REACH = Reach(names=(NAME, TOWN), addresses=(HALL,))
AUTHORITY = Authority.born(REACH.names, at=NOW)
OTHER = Authority.born([NAME], at=NOW)

Address = IPv4Address | IPv6Address

LABEL = some.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\Z")
NAMES = some.lists(LABEL, min_size=1, max_size=4).map(".".join)
STRANGE_NAMES = NAMES.filter(
    lambda name: name not in REACH.names and not name.endswith(tuple(f".{n}" for n in REACH.names))
)
STRANGE_ADDRESSES = some.one_of(
    some.ip_addresses(v=4, network="0.0.0.0/1").filter(lambda one: one not in IPv4Network("10.0.0.0/8")),
    some.ip_addresses(v=4, network="193.0.0.0/8"),
    some.ip_addresses(v=6, network="2000::/3"),
    some.ip_addresses(v=6, network="fe80::/10"),
)


def verified(root: x509.Certificate, chain: bytes, subject: str | Address, *, at: datetime = NOW) -> bool:
    """Whether a real verifier takes that chain for that name or address."""
    leaf, *between = x509.load_pem_x509_certificates(chain)
    asked = x509.DNSName(subject) if isinstance(subject, str) else x509.IPAddress(subject)
    verifier = PolicyBuilder().store(Store([root])).time(at).build_server_verifier(asked)
    try:
        verifier.verify(leaf, between)
    except VerificationError:
        return False
    return True


def forged(authority: Authority, subject: str | Address) -> bytes:
    """A certificate for anything, as whoever stole the issuer's key would make it."""
    key = ec.generate_private_key(ec.SECP256R1())
    alternative = x509.DNSName(subject) if isinstance(subject, str) else x509.IPAddress(subject)
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "forged")]))
        .issuer_name(authority.issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return leaf.public_bytes(Encoding.PEM) + authority.issuer.public_bytes(Encoding.PEM)


def openssl(folder: Path, root: x509.Certificate, chain: bytes, *, trusts_issuer: bool = False) -> tuple[bool, str]:
    """The same by OpenSSL; `trusts_issuer`: as a verifier does that overlooks what a root is limited to."""
    (folder / "leaf.pem").write_bytes(chain)
    (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (folder / "issuer.pem").write_bytes(x509.load_pem_x509_certificates(chain)[1].public_bytes(Encoding.PEM))
    trusted = ["-partial_chain", "-CAfile", "issuer.pem"] if trusts_issuer else ["-CAfile", "root.pem", "-x509_strict"]
    words = ["openssl", "verify", "-attime", str(int(NOW.timestamp())), "-purpose", "sslserver", *trusted]
    done = subprocess.run(
        [*words, "-untrusted", "issuer.pem", "leaf.pem"], capture_output=True, text=True, check=False, cwd=folder
    )
    return done.returncode == 0, done.stdout + done.stderr


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


# ------------------------------------------------------------------------------------------------------ inside, outside


@pytest.mark.parametrize("subject", [NAME, TOWN, HALL])
def test_the_box_is_believed_under_its_own_names_and_address(subject: str | Address) -> None:
    chain = AUTHORITY.certificate(new_key(), REACH, at=NOW)
    assert verified(AUTHORITY.root, chain, subject)
    assert not verified(OTHER.root, chain, subject), "another box's authority vouches for nothing here"


@settings(deadline=None, max_examples=50)
@given(name=STRANGE_NAMES)
def test_no_other_name_is_believed_even_if_the_issuers_key_was_stolen(name: str) -> None:
    with pytest.raises(OutsideAuthority):
        AUTHORITY.certificate(new_key(), Reach(names=(name,)), at=NOW)
    assert not verified(AUTHORITY.root, forged(AUTHORITY, name), name)


@settings(deadline=None, max_examples=50)
@given(address=STRANGE_ADDRESSES)
def test_no_address_of_the_internet_is_believed(address: Address) -> None:
    assert not verified(AUTHORITY.root, forged(AUTHORITY, address), address)


@settings(deadline=None, max_examples=50)
@given(address=some.ip_addresses(v=4, network="192.168.0.0/16") | some.ip_addresses(v=4, network="10.0.0.0/8"))
def test_the_box_may_have_any_address_of_a_hall(address: IPv4Address) -> None:
    chain = AUTHORITY.certificate(new_key(), Reach(names=(NAME,), addresses=(address,)), at=NOW)
    assert verified(AUTHORITY.root, chain, address)


@needs_openssl
@pytest.mark.parametrize("trusts_issuer", [False, True])
@pytest.mark.parametrize("subject", ["www.example.jp", "local", "printer.local", "203.0.113.7", "2001:db8::7"])
def test_openssl_refuses_the_same(tmp_path: Path, subject: str, *, trusts_issuer: bool) -> None:
    one = subject if subject[-1].isalpha() else ip_address(subject)
    is_taken, said = openssl(tmp_path, AUTHORITY.root, forged(AUTHORITY, one), trusts_issuer=trusts_issuer)
    assert not is_taken
    assert "permitted subtree violation" in said


@needs_openssl
@pytest.mark.parametrize("trusts_issuer", [False, True])
def test_openssl_takes_the_box_itself(tmp_path: Path, *, trusts_issuer: bool) -> None:
    chain = AUTHORITY.certificate(new_key(), REACH, at=NOW)
    assert openssl(tmp_path, AUTHORITY.root, chain, trusts_issuer=trusts_issuer) == (True, "leaf.pem: OK\n")


def test_the_issuer_makes_no_further_authority() -> None:
    limits = AUTHORITY.issuer.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (limits.critical, limits.value.path_length) == (True, 0)


@pytest.mark.parametrize("which", ["issuer", "root"])
def test_both_authorities_bear_the_constraints_and_insist_on_them(which: str) -> None:
    certificate: x509.Certificate = getattr(AUTHORITY, which)
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    said = [str(one.value) for one in constraints.value.permitted_subtrees or []]
    assert said[:2] == [NAME, TOWN]
    assert set(said[2:]) == {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7"}


def test_an_address_of_the_box_that_is_not_private_is_added_alone() -> None:
    own = IPv4Address("203.0.113.7")
    authority = Authority.born([NAME], beside=[own, HALL], at=NOW)
    assert verified(
        authority.root, authority.certificate(new_key(), Reach(names=(NAME,), addresses=(own,)), at=NOW), own
    )
    neighbour = own + 1
    assert authority.outside(Reach(names=(NAME,), addresses=(neighbour,))) == [str(neighbour)]
    assert not verified(authority.root, forged(authority, neighbour), neighbour)


# ---------------------------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize("days", [-29, 0, 366])
def test_a_tablet_whose_clock_is_a_month_behind_believes_it_too(days: int) -> None:
    chain = AUTHORITY.certificate(new_key(), REACH, at=NOW)
    assert verified(AUTHORITY.root, chain, NAME, at=NOW + timedelta(days=days))


@pytest.mark.parametrize("days", [-31, 368])
def test_it_ends(days: int) -> None:
    chain = AUTHORITY.certificate(new_key(), REACH, at=NOW)
    assert not verified(AUTHORITY.root, chain, NAME, at=NOW + timedelta(days=days))


def test_the_authority_outlives_the_box_and_every_forgotten_clock() -> None:
    for one in (AUTHORITY.root, AUTHORITY.issuer):
        assert one.not_valid_before_utc == LONG_AGO
        assert one.not_valid_after_utc > NOW + timedelta(days=19 * 365)
    late = NOW + timedelta(days=15 * 365)
    assert verified(AUTHORITY.root, AUTHORITY.certificate(new_key(), REACH, at=late), NAME, at=late)


@pytest.mark.parametrize("at", [LONG_AGO, NOW])
def test_no_certificate_is_longer_than_browsers_take(at: datetime) -> None:
    now = seen(*made(at))
    assert now.until - now.since == LEAF_LIFE


def made(at: datetime) -> tuple[bytes, bytes]:
    key = new_key()
    return AUTHORITY.certificate(key, REACH, at=at), key


# ---------------------------------------------------------------------------------------------------------------- files


def test_what_is_written_is_read_back() -> None:
    again = Authority.from_pem(AUTHORITY.to_pem())
    assert (again.root, again.issuer) == (AUTHORITY.root, AUTHORITY.issuer)
    assert again.fingerprint == AUTHORITY.fingerprint
    assert again.has_issued(made(NOW)[0])
    assert not OTHER.has_issued(made(NOW)[0])
    assert not OTHER.has_issued(b"no certificate")


def test_the_key_of_the_root_is_nowhere() -> None:
    assert AUTHORITY.to_pem().count(b"PRIVATE KEY-----") == 2, "one key: that of the issuer"
    assert AUTHORITY.root.public_key() != AUTHORITY.key.public_key()
    assert b"PRIVATE" not in AUTHORITY.root_file


def test_a_certificate_is_seen_with_its_key() -> None:
    chain, key = made(NOW)
    assert seen(chain, key).reach == REACH
    assert seen(chain, key).fits_key
    assert not seen(chain, new_key()).fits_key


BROKEN = [b"", AUTHORITY.root_file, AUTHORITY.to_pem()[:-40], AUTHORITY.to_pem().replace(b"A", b"B", 3)]


@pytest.mark.parametrize("data", [*BROKEN, new_key() + AUTHORITY.to_pem().partition(b"-----END PRIVATE KEY-----\n")[2]])
def test_a_damaged_authority_is_refused(data: bytes) -> None:
    with pytest.raises(CertificateBroken):
        Authority.from_pem(data)


def test_a_damaged_certificate_is_refused() -> None:
    chain, key = made(NOW)
    for broken in ((chain[:80], key), (chain, key[:80]), (AUTHORITY.root_file, key)):
        with pytest.raises(CertificateBroken):
            seen(*broken)
    with pytest.raises(CertificateBroken):
        AUTHORITY.certificate(b"no key", REACH, at=NOW)


def test_what_a_certificate_lacks_is_named() -> None:
    assert REACH.lacks(Reach(names=(NAME, "a.local"), addresses=(HALL, HALL + 1))) == ["a.local", "10.55.0.2"]
    assert REACH.lacks(REACH) == []
