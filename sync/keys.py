"""Keys: who signs, to whom records are sealed, and the files in which keys lie."""

import hashlib
import os
import tomllib
import unicodedata
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.errors import (
    BadSignature,
    KeyFileBroken,
    KeyFileExists,
    MalformedMessage,
    NotOpenable,
    TownKeysBroken,
    WrongPassphrase,
)
from sync.files import write_new, write_over
from sync.wire import as_blob, as_bytes, as_int, as_municipality, encode, versioned

SECRET_LENGTH = 32
PUBLIC_LENGTH = 32
MLKEM_PUBLIC_LENGTH = 1184
RECIPIENT_PUBLIC_LENGTH = MLKEM_PUBLIC_LENGTH + 32
WRAP_LENGTH = 1088 + 32 + SECRET_LENGTH + 16
"""ML-KEM ciphertext, X25519 share, the secret, the tag."""
DERIVED_CONTEXT = b"madoguchi/v1/derived\0"


# -------------------------------------------------------------------------------------------------------------- signing


class SigningKey:
    """An Ed25519 key; every signature says as what it was made."""

    __slots__ = ("_key", "public")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, secret: bytes) -> "SigningKey":
        """The key whose 32 secret bytes these are; `KeyFileBroken`."""
        if len(secret) != SECRET_LENGTH:
            raise KeyFileBroken(f"a signing key has {SECRET_LENGTH} bytes, not {len(secret)}")
        return cls(Ed25519PrivateKey.from_private_bytes(secret))

    def to_bytes(self) -> bytes:
        """The 32 secret bytes."""
        return self._key.private_bytes_raw()

    def sign(self, context: bytes, message: bytes) -> bytes:
        """64 bytes that `verify` accepts for this very context and message."""
        return self._key.sign(context + b"\0" + message)

    def derived(self, purpose: str) -> bytes:
        """32 secret bytes for that purpose, the same each time; they tell nothing of this key or of other purposes."""
        info = DERIVED_CONTEXT + purpose.encode()
        return HKDF(algorithm=SHA256(), length=SECRET_LENGTH, salt=None, info=info).derive(self.to_bytes())

    def __repr__(self) -> str:
        return f"SigningKey(device_id={device_id(self.public).hex()})"


def verify(public: bytes, context: bytes, message: bytes, signature: bytes) -> None:
    """Return if `public` signed `message` as `context`; `BadSignature` otherwise."""
    try:
        _public_key(public).verify(signature, context + b"\0" + message)
    except (InvalidSignature, ValueError):
        raise BadSignature(context.decode("ascii", "replace")) from None


@lru_cache(maxsize=64)
def _public_key(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)


def device_id(public: bytes) -> bytes:
    """The eight bytes by which a device is named."""
    return hashlib.sha256(public).digest()[:8]


# -------------------------------------------------------------------------------------------------------------- sealing

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class RecipientPublic:
    """The public half of an X-Wing key (ML-KEM-768 and X25519): whom an epoch is sealed to."""

    __slots__ = ("_key", "key_id", "raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != RECIPIENT_PUBLIC_LENGTH:
            raise TownKeysBroken(f"a public key has {RECIPIENT_PUBLIC_LENGTH} bytes, not {len(raw)}")
        self.raw = raw
        self.key_id = hashlib.sha256(raw).digest()[:8]
        self._key = _hybrid(raw)

    def wrap(self, secret: bytes, info: bytes) -> bytes:
        """`secret` (32 bytes), sealed to this key and bound to `info`: 1168 bytes."""
        return _SUITE.encrypt(secret, self._key, info)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RecipientPublic) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"RecipientPublic(key_id={self.key_id.hex()})"


def _hybrid(raw: bytes) -> MLKEM768X25519PublicKey:
    try:
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(raw[:MLKEM_PUBLIC_LENGTH]),
            X25519PublicKey.from_public_bytes(raw[MLKEM_PUBLIC_LENGTH:]),
        )
    except ValueError:
        raise TownKeysBroken("not an X-Wing public key") from None


class RecipientKey:
    """The private half, grown from a 32-byte seed as X-Wing says."""

    __slots__ = ("_key", "public", "seed")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SECRET_LENGTH:
            raise KeyFileBroken(f"a recipient key has {SECRET_LENGTH} bytes, not {len(seed)}")
        grown = hashlib.shake_256(seed).digest(96)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(grown[:64])
        x25519 = X25519PrivateKey.from_private_bytes(grown[64:])
        self.seed = seed
        self.public = RecipientPublic(mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw())
        self._key = MLKEM768X25519PrivateKey(mlkem, x25519)

    @classmethod
    def generate(cls) -> "RecipientKey":
        """A new key."""
        return cls(os.urandom(SECRET_LENGTH))

    @classmethod
    def from_seed(cls, seed: bytes) -> "RecipientKey":
        """The key that grows from this seed; `KeyFileBroken`."""
        return cls(seed)

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes:
        """The secret sealed by `wrap` to this key under the same `info`; `NotOpenable`."""
        try:
            return _SUITE.decrypt(wrapped, self._key, info)
        except (InvalidTag, ValueError):
            raise NotOpenable("the wrap is for another key, another epoch, or changed") from None

    def __repr__(self) -> str:
        return f"RecipientKey(key_id={self.public.key_id.hex()})"


# ------------------------------------------------------------------------------------------------------------ key files

_LANES = 1
_PASSES = 2
_KIBIBYTES = 19 * 1024
_MOST_PASSES = 16
_MOST_KIBIBYTES = 256 * 1024
_MOST_FILE_BYTES = 1024


def load_or_create_device_key(path: Path) -> SigningKey:
    """The key of this device: 32 bytes in a file of its own, made at the first start; `KeyFileBroken`."""
    if not path.exists():
        _write_key(path, SigningKey.generate().to_bytes())
    return SigningKey.from_bytes(path.read_bytes())


def save_private(path: Path, secret: bytes, passphrase: str) -> None:
    """Keep 32 secret bytes under a passphrase (Argon2id, ChaCha20-Poly1305); `KeyFileExists`."""
    salt, nonce = os.urandom(16), os.urandom(12)
    head = [1, _KIBIBYTES, _PASSES, _LANES, salt, nonce]
    sealed = _passphrase_cipher(passphrase, salt, _KIBIBYTES, _PASSES, _LANES).encrypt(nonce, secret, encode(head))
    _write_key(path, encode([*head, sealed]))


def load_private(path: Path, passphrase: str) -> bytes:
    """The secret bytes kept by `save_private`; `KeyFileBroken`, `WrongPassphrase`."""
    try:
        kibibytes, passes, lanes, salt, nonce, sealed = _read_private(path.read_bytes())
    except MalformedMessage:
        raise KeyFileBroken(path.name) from None
    cipher = _passphrase_cipher(passphrase, salt, kibibytes, passes, lanes)
    try:
        return cipher.decrypt(nonce, sealed, encode([1, kibibytes, passes, lanes, salt, nonce]))
    except InvalidTag:
        raise WrongPassphrase(path.name) from None


def _read_private(content: bytes) -> tuple[int, int, int, bytes, bytes, bytes]:
    kibibytes, passes, lanes, salt, nonce, sealed = versioned(content, 6, limit=_MOST_FILE_BYTES)
    return (
        as_int(kibibytes, lowest=8 * _LANES, highest=_MOST_KIBIBYTES),
        as_int(passes, lowest=1, highest=_MOST_PASSES),
        as_int(lanes, lowest=_LANES, highest=_LANES),
        as_bytes(salt, 16),
        as_bytes(nonce, 12),
        as_blob(sealed, most=_MOST_FILE_BYTES),
    )


def _passphrase_cipher(passphrase: str, salt: bytes, kibibytes: int, passes: int, lanes: int) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(stretched(passphrase, salt, kibibytes=kibibytes, passes=passes, lanes=lanes))


def stretched(
    passphrase: str, salt: bytes, *, kibibytes: int = _KIBIBYTES, passes: int = _PASSES, lanes: int = _LANES
) -> bytes:
    """The 32 bytes that Argon2id makes of a passphrase; slow and large on purpose."""
    argon2 = Argon2id(salt=salt, length=SECRET_LENGTH, iterations=passes, lanes=lanes, memory_cost=kibibytes)
    # Full-width and half-width letters are one passphrase: which of them was typed, nobody sees on a Japanese keyboard.
    return argon2.derive(unicodedata.normalize("NFKC", passphrase).encode())


def _write_key(path: Path, content: bytes) -> None:
    try:
        write_new(path, content)
    except FileExistsError:
        raise KeyFileExists(path.name) from None


# ------------------------------------------------------------------------------------------------ what stays on the box

_NONCE_LENGTH = 12


def seal_under(key: bytes, secret: bytes, *, bound_to: bytes) -> bytes:
    """`secret` under a 32-byte key (ChaCha20-Poly1305, random nonce in front), good only for the same `bound_to`."""
    nonce = os.urandom(_NONCE_LENGTH)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, secret, bound_to)


def open_under(key: bytes, sealed: bytes, *, bound_to: bytes) -> bytes:
    """What `seal_under` was given; `NotOpenable` under another key, bound to something else, or changed."""
    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:], bound_to)
    except (InvalidTag, ValueError):
        raise NotOpenable("sealed under another key, for something else, or changed") from None


# ------------------------------------------------------------------------------------------------------------ town keys


@dataclass(frozen=True, kw_only=True)
class TownKeys:
    """The public keys of a municipality, as a desk is given them in `town-keys.toml`."""

    municipality: str
    """全国地方公共団体コード, six digits as text."""
    recipient: RecipientPublic
    """The office's key: opens records every day."""
    recovery: RecipientPublic
    """The key in the safe."""
    receiver: bytes
    """Signs replies to batches."""
    office: bytes
    """Signs opened lists."""
    recipients: tuple[RecipientPublic, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check what cannot be used, and name everybody an epoch is sealed to."""
        try:
            as_municipality(self.municipality)
            as_bytes(self.receiver, PUBLIC_LENGTH)
            as_bytes(self.office, PUBLIC_LENGTH)
        except MalformedMessage as error:
            raise TownKeysBroken(error.detail) from None
        object.__setattr__(self, "recipients", (self.recipient, self.recovery))

    @classmethod
    def load(cls, path: Path) -> "TownKeys":
        """Read the file; `TownKeysBroken` names the key that was changed, cut short or is missing."""
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise TownKeysBroken(f"{path.name}: {error}") from None
        municipality = _text(table, "municipality")
        return cls(
            municipality=municipality,
            recipient=RecipientPublic(_read_key(table, municipality, "recipient")),
            recovery=RecipientPublic(_read_key(table, municipality, "recovery")),
            receiver=_read_key(table, municipality, "receiver"),
            office=_read_key(table, municipality, "office"),
        )

    def save(self, path: Path) -> None:
        """Write the file; it holds nothing secret."""
        keys = {
            "recipient": self.recipient.raw,
            "recovery": self.recovery.raw,
            "receiver": self.receiver,
            "office": self.office,
        }
        lines = [f'municipality = "{self.municipality}"']
        for name, key in keys.items():
            lines += ["", f"[{name}]", f'key = "{b64encode(key).decode()}"']
            lines += [f'check = "{_check_digits(self.municipality, name, key)}"']
        write_over(path, ("\n".join(lines) + "\n").encode())


def _read_key(table: dict[str, object], municipality: str, name: str) -> bytes:
    section = table.get(name)
    if not isinstance(section, dict):
        raise TownKeysBroken(f"[{name}] is missing")
    try:
        key = b64decode(_text(section, "key"), validate=True)
    except ValueError:
        raise TownKeysBroken(f"[{name}] key is not base64") from None
    if _text(section, "check") != _check_digits(municipality, name, key):
        raise TownKeysBroken(f"[{name}] was changed or cut short: its check digits do not fit")
    return key


def _text(table: dict[str, object], name: str) -> str:
    value = table.get(name)
    if not isinstance(value, str):
        raise TownKeysBroken(f"{name} is missing or not a text")
    return value


def _check_digits(municipality: str, name: str, key: bytes) -> str:
    """Sixteen digits against slips of copying; they do not say who made the file."""
    return hashlib.sha256(b"\0".join((municipality.encode(), name.encode(), key))).hexdigest()[:16]
