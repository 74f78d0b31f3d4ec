"""The town's two parts from one folder: the receiver, which opens nothing, and the office, which opens and counts."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from appliance.desk.errors import ConfigError
from sync.admissions import AdmissionFolder
from sync.errors import SyncError
from sync.keys import RecipientKey, SigningKey, TownKeys, load_or_create_device_key, load_private, save_private
from sync.leaving import LeavingBook
from sync.office.errors import SourceAway
from sync.office.office import Now, Office
from sync.office.source import Source
from sync.office.store import Storage
from sync.receiver.receiver import Receiver
from sync.receiver.store import ReceiverStore
from sync.registry import DeviceRegistry
from sync.roads import HERE
from sync.sticks import StickBook
from sync.wire import Pulled


@dataclass(frozen=True)
class TownFolder:
    """Where a town keeps its keys and databases; in a larger town two machines hold one half each."""

    path: Path

    @property
    def public_keys(self) -> Path:
        """What every desk is given."""
        return self.path / "town-keys.toml"

    @property
    def devices(self) -> Path:
        """The admitted devices."""
        return self.path / "devices.toml"

    @property
    def leaving(self) -> Path:
        """The signed list of boxes that have left."""
        return self.path / "leaving.list"

    @property
    def kits(self) -> Path:
        """Every site kit that this town has made."""
        return self.path / "kits"

    @property
    def certificates(self) -> Path:
        """The newest certificate of every box."""
        return self.path / "certificates"

    @property
    def sticks(self) -> Path:
        """The registered sticks."""
        return self.path / "sticks.toml"

    @property
    def media_register(self) -> Path:
        """媒体管理簿: every use of a stick."""
        return self.path / "media-register.csv"

    def private(self, name: str) -> Path:
        """One private key: `office` and `recovery` open records, `lists` and `receiver` sign."""
        return self.path / f"{name}.key"


def make_town(
    folder: TownFolder,
    municipality: str,
    passphrase: str,
    *,
    recovery: RecipientKey | None = None,
    keep_recovery: bool = True,
) -> TownKeys:
    """Make all keys of a town; `KeyFileExists` rather than replacing one. Losing them loses the records.

    `recovery`: the recovery key, where somebody prints it; without `keep_recovery` paper alone holds it.
    """
    folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    office, recovery = RecipientKey.generate(), recovery or RecipientKey.generate()
    lists = SigningKey.generate()
    receiver = load_or_create_device_key(folder.private("receiver"))  # it starts without a person beside it
    town = TownKeys(
        municipality=municipality,
        recipient=office.public,
        recovery=recovery.public,
        receiver=receiver.public,
        office=lists.public,
    )
    save_private(folder.private("office"), office.seed, passphrase)
    if keep_recovery:
        save_private(folder.private("recovery"), recovery.seed, passphrase)
    save_private(folder.private("lists"), lists.to_bytes(), passphrase)
    town.save(folder.public_keys)
    return town


def open_receiver(folder: TownFolder) -> Receiver:
    """The receiver of this folder. `ConfigError`."""
    town = town_keys_of(folder)
    signing_key = load_or_create_device_key(folder.private("receiver"))
    if signing_key.public != town.receiver:
        raise ConfigError("town", "receiver.key is not the key that the desks were told of")
    return Receiver(
        municipality=town.municipality,
        store=ReceiverStore(f"sqlite:///{folder.path / 'receiver.db'}"),
        registry=registry_of(folder, town),
        signing_key=signing_key,
        office=town.office,
    )


def open_office(folder: TownFolder, passphrase: str, source: Source, *, now: Now | None = None) -> Office:
    """The office of this folder; its keys stay in RAM. `WrongPassphrase`, `ConfigError`."""
    key, signing_key = office_key(folder, passphrase), lists_key(folder, passphrase)
    office = open_locked_office(folder, source, now=now)
    office.unlock(key, signing_key)
    return office


def open_locked_office(folder: TownFolder, source: Source, *, now: Now | None = None) -> Office:
    """The office of this folder without its keys: it counts what was opened before. `ConfigError`."""
    town = town_keys_of(folder)
    return Office(
        municipality=town.municipality,
        storage=Storage(folder.path / "office.db"),
        registry=registry_of(folder, town),
        source=source,
        sticks=stick_book_of(folder, town),
        admissions=AdmissionFolder(path=folder.certificates, office=town.office).all,
        now=now or (lambda: datetime.now(UTC)),
    )


def office_key(folder: TownFolder, passphrase: str) -> RecipientKey:
    """The key that opens records. `WrongPassphrase`, `ConfigError`."""
    try:
        return RecipientKey.from_seed(load_private(folder.private("office"), passphrase))
    except OSError as error:
        raise ConfigError("town", f"the office's key cannot be read: {error}") from None


def stick_book_of(folder: TownFolder, town: TownKeys) -> StickBook:
    """The sticks that are registered with this town."""
    return StickBook(folder.sticks, municipality=town.municipality, office=town.office)


def registry_of(folder: TownFolder, town: TownKeys) -> DeviceRegistry:
    """The devices of this folder, and which of them have left."""
    return DeviceRegistry(folder.devices, leaving=leaving_of(folder, town))


def leaving_of(folder: TownFolder, town: TownKeys) -> LeavingBook:
    """The list of boxes that have left."""
    return LeavingBook(folder.leaving, municipality=town.municipality, office=town.office)


def lists_key(folder: TownFolder, passphrase: str) -> SigningKey:
    """The key with which the office signs lists, kits and certificates. `WrongPassphrase`, `ConfigError`."""
    try:
        return SigningKey.from_bytes(load_private(folder.private("lists"), passphrase))
    except OSError as error:
        raise ConfigError("town", f"the office's key cannot be read: {error}") from None


class LocalSource:
    """Port `Source`: the receiver in the same house."""

    road = HERE

    def __init__(self, receiver: Receiver) -> None:
        self.records = receiver.records
        self.publish = receiver.publish
        self.announce = receiver.announce
        self.admit = receiver.admit
        self.take_leaving = receiver.take_leaving


class NoSource:
    """Port `Source` where the receiver stands elsewhere: what is signed here waits for `town push`."""

    road = ""

    def records(self, _after: int, _limit: int) -> Pulled:
        """See the port."""
        raise SourceAway

    def publish(self, _opened: bytes) -> None:
        """See the port."""
        raise SourceAway

    announce = admit = take_leaving = publish


def digests(tokens: Collection[str]) -> list[bytes]:
    """How the receiver remembers the office's tokens."""
    return [sha256(token.encode()).digest() for token in tokens]


def new_token() -> str:
    """A bearer token nobody can guess."""
    return secrets.token_urlsafe(24)


def municipality_of(folder: TownFolder) -> str:
    """全国地方公共団体コード of the town whose keys are in this folder. `ConfigError`."""
    return town_keys_of(folder).municipality


def town_keys_of(folder: TownFolder) -> TownKeys:
    """The public keys in this folder. `ConfigError`."""
    try:
        return TownKeys.load(folder.public_keys)
    except FileNotFoundError:
        raise ConfigError("town", f"{folder.public_keys} is not there; make it with `madoguchi town keys`") from None
    except SyncError as error:
        raise ConfigError("town", str(error)) from None
