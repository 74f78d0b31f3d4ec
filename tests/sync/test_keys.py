import hashlib
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite

from sync.errors import (
    BadSignature,
    KeyFileBroken,
    KeyFileExists,
    NotOpenable,
    TownKeysBroken,
    WrongPassphrase,
)
from sync.keys import (
    RECIPIENT_PUBLIC_LENGTH,
    WRAP_LENGTH,
    RecipientKey,
    RecipientPublic,
    SigningKey,
    TownKeys,
    device_id,
    load_or_create_device_key,
    load_private,
    save_private,
    verify,
)
from sync.wire import decode, encode
from tests.sync.parts import DEVICE_KEY, OTHER_KEY, RECIPIENT, STRANGER, TOWN_KEYS

SECRET = bytes(range(32))
PASSPHRASE = "みどり5ばんまどぐち"


# -------------------------------------------------------------------------------------------------------------- signing


def test_a_signature_counts_for_its_key_context_and_message_only() -> None:
    signature = DEVICE_KEY.sign(b"as a test", b"message")
    verify(DEVICE_KEY.public, b"as a test", b"message", signature)
    for public, context, message, signed in [
        (OTHER_KEY.public, b"as a test", b"message", signature),
        (DEVICE_KEY.public, b"as a joke", b"message", signature),
        (DEVICE_KEY.public, b"as a test", b"massage", signature),
        (DEVICE_KEY.public, b"as a test", b"message", signature[:-1] + bytes([signature[-1] ^ 1])),
        (DEVICE_KEY.public, b"as a test", b"message", b""),
        (b"too short a key", b"as a test", b"message", signature),
    ]:
        with pytest.raises(BadSignature):
            verify(public, context, message, signed)


def test_a_signing_key_comes_back_from_its_bytes() -> None:
    key = SigningKey.generate()
    assert SigningKey.from_bytes(key.to_bytes()).public == key.public
    assert device_id(key.public) == hashlib.sha256(key.public).digest()[:8]
    with pytest.raises(KeyFileBroken):
        SigningKey.from_bytes(key.to_bytes()[:-1])


def test_what_is_derived_of_a_key_is_the_same_each_time_and_another_for_each_purpose_and_key() -> None:
    key, other = SigningKey.from_bytes(bytes(32)), SigningKey.from_bytes(bytes(31) + b"1")
    derived = key.derived("cards")
    assert derived == SigningKey.from_bytes(key.to_bytes()).derived("cards")
    assert len(derived) == 32
    assert len({derived, key.derived("card"), other.derived("cards"), key.to_bytes(), key.public}) == 5


def test_no_key_shows_its_bytes() -> None:
    seed = RECIPIENT.seed
    for secret, shown in [
        (DEVICE_KEY.to_bytes(), f"{DEVICE_KEY!r} {DEVICE_KEY!s} {[DEVICE_KEY]}"),
        (seed, f"{RECIPIENT!r} {RECIPIENT!s} {[RECIPIENT]}"),
    ]:
        assert secret.hex() not in shown
        assert repr(secret) not in shown
    assert len(repr(TOWN_KEYS)) < 700


# -------------------------------------------------------------------------------------------------------------- sealing


def test_what_is_wrapped_to_a_key_only_that_key_unwraps() -> None:
    wrapped = RECIPIENT.public.wrap(SECRET, b"info")
    assert len(wrapped) == WRAP_LENGTH == 1168
    assert RECIPIENT.unwrap(wrapped, b"info") == SECRET
    for key, blob, info in [
        (STRANGER, wrapped, b"info"),
        (RECIPIENT, wrapped, b"other"),
        (RECIPIENT, wrapped[:-1] + bytes([wrapped[-1] ^ 1]), b"info"),
        (RECIPIENT, bytes([wrapped[0] ^ 1]) + wrapped[1:], b"info"),
        (RECIPIENT, wrapped[:-1], b"info"),
        (RECIPIENT, b"", b"info"),
    ]:
        with pytest.raises(NotOpenable):
            key.unwrap(blob, info)


def test_a_seed_grows_into_the_key_pair_of_the_x_wing_draft() -> None:
    """The first vector of draft-connolly-cfrg-xwing-kem: both ends of the public key."""
    seed = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
    public = RecipientKey.from_seed(seed).public.raw.hex()
    assert public.startswith(
        "e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5b19cfc3da5fa1a92c49f25513e0f"
    )
    assert public.endswith("593d4ba32d9abac8cd049040ef6534")


def test_a_seed_grows_as_cryptography_itself_would_use_it() -> None:
    grown = hashlib.shake_256(RECIPIENT.seed).digest(96)
    mlkem = MLKEM768PrivateKey.from_seed_bytes(grown[:64])
    x25519 = X25519PrivateKey.from_private_bytes(grown[64:])
    assert RECIPIENT.public.raw == mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
    suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    wrapped = RECIPIENT.public.wrap(SECRET, b"info")
    assert suite.decrypt(wrapped, MLKEM768X25519PrivateKey(mlkem, x25519), b"info") == SECRET


def test_a_recipient_is_known_by_its_key_id() -> None:
    again = RecipientPublic(RECIPIENT.public.raw)
    assert again == RECIPIENT.public
    assert hash(again) == hash(RECIPIENT.public)
    assert again != STRANGER.public
    assert again != RECIPIENT.public.raw
    assert again.key_id == hashlib.sha256(again.raw).digest()[:8]
    assert RecipientKey.generate().public != RecipientKey.generate().public


@pytest.mark.parametrize("raw", [b"", b"\xff" * RECIPIENT_PUBLIC_LENGTH, RECIPIENT.public.raw[:-1]], ids=len)
def test_what_is_no_public_key_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(TownKeysBroken):
        RecipientPublic(raw)


def test_a_seed_has_32_bytes() -> None:
    with pytest.raises(KeyFileBroken):
        RecipientKey.from_seed(b"\x01" * 31)


# ------------------------------------------------------------------------------------------------------------ key files


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_device_key_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "device.key"
    made = load_or_create_device_key(path)
    assert load_or_create_device_key(path).public == made.public
    assert mode(path) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["device.key"]


def test_a_device_key_cut_short_is_named_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "device.key"
    path.write_bytes(b"\x01" * 31)
    with pytest.raises(KeyFileBroken):
        load_or_create_device_key(path)
    assert path.read_bytes() == b"\x01" * 31


def test_a_private_key_comes_back_with_its_passphrase_only(tmp_path: Path) -> None:
    path = tmp_path / "office.key"
    save_private(path, SECRET, PASSPHRASE)
    assert load_private(path, PASSPHRASE) == SECRET
    assert load_private(path, "みどり５ばんまどぐち") == SECRET
    assert mode(path) == 0o600
    assert SECRET not in path.read_bytes()
    with pytest.raises(WrongPassphrase) as caught:
        load_private(path, "みどり5ばん")
    assert PASSPHRASE not in str(caught.value)


def test_no_key_file_is_written_over_another_file(tmp_path: Path) -> None:
    path = tmp_path / "office.key"
    path.write_bytes(b"something dear")
    with pytest.raises(KeyFileExists):
        save_private(path, SECRET, PASSPHRASE)
    assert path.read_bytes() == b"something dear"
    assert [entry.name for entry in tmp_path.iterdir()] == ["office.key"]


def test_a_key_file_cut_short_anywhere_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "office.key"
    save_private(path, SECRET, PASSPHRASE)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(KeyFileBroken):
            load_private(path, PASSPHRASE)


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, 2), (1, 7), (1, 10**9), (2, 0), (2, 10**6), (3, 2), (4, b"short"), (5, b""), (6, b"")],
)
def test_a_key_file_never_asks_for_more_than_is_reasonable(tmp_path: Path, place: int, value: object) -> None:
    path = tmp_path / "office.key"
    save_private(path, SECRET, PASSPHRASE)
    content = decode(path.read_bytes())
    assert isinstance(content, list)
    content[place] = value
    path.write_bytes(encode(content))
    with pytest.raises(KeyFileBroken):
        load_private(path, PASSPHRASE)


@pytest.mark.parametrize("place", [2, 4, 5, 6])
def test_a_changed_key_file_does_not_open(tmp_path: Path, place: int) -> None:
    path = tmp_path / "office.key"
    save_private(path, SECRET, PASSPHRASE)
    content = decode(path.read_bytes())
    assert isinstance(content, list)
    content[place] = 3 if place == 2 else bytes([content[place][0] ^ 1]) + content[place][1:]
    path.write_bytes(encode(content))
    with pytest.raises(WrongPassphrase):
        load_private(path, PASSPHRASE)


# ------------------------------------------------------------------------------------------------------------ town keys


def test_town_keys_come_back_as_they_were_saved(tmp_path: Path) -> None:
    path = tmp_path / "town-keys.toml"
    TOWN_KEYS.save(path)
    assert TownKeys.load(path) == TOWN_KEYS
    assert TownKeys.load(path).recipients == (TOWN_KEYS.recipient, TOWN_KEYS.recovery)


def test_a_changed_letter_of_any_key_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "town-keys.toml"
    TOWN_KEYS.save(path)
    text = path.read_text("utf-8")
    for name in ("recipient", "recovery", "receiver", "office"):
        start = text.index(f'[{name}]\nkey = "') + len(f'[{name}]\nkey = "')
        letter = "B" if text[start] == "A" else "A"
        path.write_text(text[:start] + letter + text[start + 1 :], "utf-8")
        with pytest.raises(TownKeysBroken, match=name):
            TownKeys.load(path)


def test_town_keys_cut_short_anywhere_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "town-keys.toml"
    TOWN_KEYS.save(path)
    whole = path.read_bytes()
    for length in [*range(0, len(whole) - 2, 97), len(whole) - 3]:
        path.write_bytes(whole[:length])
        with pytest.raises(TownKeysBroken):
            TownKeys.load(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('municipality = "999997"', 'municipality = "131130"', id="keys of another town"),
        pytest.param("[receiver]", "[office_]", id="a key without its name"),
        pytest.param("[office]\nkey", "[office]\nkye", id="a slip"),
        pytest.param('municipality = "999997"', "municipality = 999997", id="a number for the code"),
        pytest.param('[office]\nkey = "', '[office]\nkey = "!', id="no base64"),
        pytest.param("[office]", "[office", id="no TOML"),
    ],
)
def test_slips_in_town_keys_are_refused(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "town-keys.toml"
    TOWN_KEYS.save(path)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(TownKeysBroken):
        TownKeys.load(path)


def test_town_keys_need_a_code_and_whole_keys() -> None:
    for municipality, receiver in [("99999", b"\x01" * 32), ("999997", b"\x01" * 31)]:
        with pytest.raises(TownKeysBroken):
            TownKeys(
                municipality=municipality,
                recipient=TOWN_KEYS.recipient,
                recovery=TOWN_KEYS.recovery,
                receiver=receiver,
                office=TOWN_KEYS.office,
            )
