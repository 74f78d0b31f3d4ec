"""Certificates for the tablets of one hall: a small authority born on the box, which can speak for that box alone.

Tablets install the root. Its key signs one issuer and is forgotten at once; the issuer's key stays on the box and
renews the box's own certificate. Both carry the same name constraints, so that a verifier which overlooks those of a
root meets them in the issuer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Network

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provisioning.errors import CertificateBroken, OutsideAuthority

PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16")))
"""The addresses of halls."""
PRIVATE_SIX = IPv6Network("fc00::/7")
"""Without a line of its own every IPv6 address would be permitted."""
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
"""Before the first box: a tablet whose clock has forgotten everything but the year still finds the root valid."""
AUTHORITY_LIFE = timedelta(days=20 * 365)
LEAF_LIFE = timedelta(days=397)
"""The longest that every browser takes."""
BACKDATED = timedelta(days=30)
"""A tablet may be as far behind the box."""

_Extension = tuple[x509.ExtensionType, bool]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Under which names and addresses a box is called."""

    names: tuple[str, ...]
    addresses: tuple[IPv4Address, ...] = ()

    def lacks(self, other: "Reach") -> list[str]:
        """What the other one has and this has not."""
        missing = [name for name in other.names if name not in self.names]
        return [*missing, *(str(one) for one in other.addresses if one not in self.addresses)]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a certificate says."""

    reach: Reach
    since: datetime
    until: datetime
    fits_key: bool
    """Whether it was made for the key that lies beside it."""


@dataclass(frozen=True, kw_only=True)
class Authority:
    """An issuer with its key, and the root that tablets know it by."""

    key: ec.EllipticCurvePrivateKey
    issuer: x509.Certificate
    root: x509.Certificate

    @classmethod
    def born(cls, names: Sequence[str], *, beside: Iterable[IPv4Address] = (), at: datetime) -> "Authority":
        """A new one for these names and for private addresses; `beside`: addresses of the box that are not private."""
        constraints = _constraints(names, beside)
        root_key, key = _new_key(), _new_key()
        dates = LONG_AGO, at + AUTHORITY_LIFE
        first = names[0]
        root_name, issuer_name = _name(f"{first} Madoguchi root"), _name(f"{first} Madoguchi issuer")
        root = _signed(
            subject=root_name,
            issuer=root_name,
            key=root_key.public_key(),
            by=root_key,
            dates=dates,
            extensions=[*_authority_extensions(1), constraints, _identifier(root_key.public_key())],
        )
        issuer = _signed(
            subject=issuer_name,
            issuer=root_name,
            key=key.public_key(),
            by=root_key,
            dates=dates,
            extensions=[
                *_authority_extensions(0),
                constraints,
                (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
                _identifier(key.public_key()),
                (x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), False),
            ],
        )
        return cls(key=key, issuer=issuer, root=root)

    @classmethod
    def from_pem(cls, data: bytes) -> "Authority":
        """As `to_pem` wrote it; `CertificateBroken`."""
        try:
            issuer, root = x509.load_pem_x509_certificates(data)
            key = load_pem_private_key(data, None)
            issuer.verify_directly_issued_by(root)
        except (ValueError, TypeError, InvalidSignature):
            raise CertificateBroken("the issuer") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != issuer.public_key():
            raise CertificateBroken("the issuer's key")
        return cls(key=key, issuer=issuer, root=root)

    def to_pem(self) -> bytes:
        """Key, issuer and root in one: never half of it. Secret."""
        return _private_pem(self.key) + self.issuer.public_bytes(Encoding.PEM) + self.root_file

    @property
    def root_file(self) -> bytes:
        """What a tablet installs; not secret."""
        return self.root.public_bytes(Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the root, as a tablet shows it."""
        return self.root.fingerprint(hashes.SHA256()).hex(":").upper()

    def outside(self, reach: Reach) -> list[str]:
        """What of it this authority cannot speak for."""
        permitted = self.issuer.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
        names = [one.value for one in permitted if isinstance(one, x509.DNSName)]
        networks = [
            one.value for one in permitted if isinstance(one, x509.IPAddress) and isinstance(one.value, IPv4Network)
        ]
        strange = [name for name in reach.names if name not in names]
        return [*strange, *(str(one) for one in reach.addresses if not any(one in network for network in networks))]

    def certificate(self, key: bytes, reach: Reach, *, at: datetime) -> bytes:
        """A certificate for the private `key` (PEM), with the issuer behind it; `OutsideAuthority`."""
        if strange := self.outside(reach):
            raise OutsideAuthority(", ".join(strange))
        public = _loaded(key).public_key()
        begins = max(at - BACKDATED, LONG_AGO)
        alternatives = [*map(x509.DNSName, reach.names), *map(x509.IPAddress, reach.addresses)]
        leaf = _signed(
            subject=_name(reach.names[0]),
            issuer=self.issuer.subject,
            key=public,
            by=self.key,
            dates=(begins, begins + LEAF_LIFE),
            extensions=[
                (x509.BasicConstraints(ca=False, path_length=None), True),
                (x509.SubjectAlternativeName(alternatives), False),
                (_usage(digital_signature=True), True),
                (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
                (x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False),
                _identifier(public),
            ],
        )
        return leaf.public_bytes(Encoding.PEM) + self.issuer.public_bytes(Encoding.PEM)

    def has_issued(self, chain: bytes) -> bool:
        """Whether the first certificate of that chain is one of its own."""
        try:
            x509.load_pem_x509_certificates(chain)[0].verify_directly_issued_by(self.issuer)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True


def new_key() -> bytes:
    """A private key as PEM; secret."""
    return _private_pem(_new_key())


def seen(chain: bytes, key: bytes) -> Seen:
    """What the first certificate of a chain says, and whether the key is its own; `CertificateBroken`."""
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
        alternatives = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        public = load_pem_private_key(key, None).public_key()
    except (ValueError, TypeError, x509.ExtensionNotFound):
        raise CertificateBroken("certificate.pem, key.pem") from None
    addresses = alternatives.get_values_for_type(x509.IPAddress)
    return Seen(
        reach=Reach(
            names=tuple(alternatives.get_values_for_type(x509.DNSName)),
            addresses=tuple(one for one in addresses if isinstance(one, IPv4Address)),
        ),
        since=leaf.not_valid_before_utc,
        until=leaf.not_valid_after_utc,
        fits_key=_raw(public) == _raw(leaf.public_key()),
    )


def is_private(address: IPv4Address) -> bool:
    """Whether that is an address of a hall and not of the internet."""
    return any(address in network for network in PRIVATE)


# ------------------------------------------------------------------------------------------------------------ the parts


def _constraints(names: Sequence[str], beside: Iterable[IPv4Address]) -> _Extension:
    own = [IPv4Network(one) for one in beside if not is_private(one)]
    networks = [*map(x509.IPAddress, [*PRIVATE, *own]), x509.IPAddress(PRIVATE_SIX)]
    permitted = [*map(x509.DNSName, names), *networks]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), True


def _authority_extensions(path_length: int) -> list[_Extension]:
    return [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (_usage(key_cert_sign=True), True),
    ]


def _usage(*, digital_signature: bool = False, key_cert_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _identifier(key: ec.EllipticCurvePublicKey) -> _Extension:
    return x509.SubjectKeyIdentifier.from_public_key(key), False


def _name(common: str) -> x509.Name:
    longest = 64
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:longest])])


def _signed(
    *,
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    by: ec.EllipticCurvePrivateKey,
    dates: tuple[datetime, datetime],
    extensions: Sequence[_Extension],
) -> x509.Certificate:
    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(dates[0]).not_valid_after(dates[1])
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, critical=is_critical)
    return builder.sign(by, hashes.SHA256())


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _loaded(key: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        loaded = load_pem_private_key(key, None)
    except (ValueError, TypeError):
        raise CertificateBroken("key.pem") from None
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise CertificateBroken("key.pem")
    return loaded


def _raw(key: object) -> bytes:
    """A public key of whatever kind, to be compared."""
    return bytes(getattr(key, "public_bytes")(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))  # noqa: B009
