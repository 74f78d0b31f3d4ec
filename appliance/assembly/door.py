"""The courier door in front of this box's own database."""

import os
import pwd
from datetime import timedelta
from pathlib import Path

from appliance.assembly.notice_tray import StoredNotices
from appliance.assembly.service import handed_listener
from appliance.config import Config
from appliance.content import BUILT_IN
from appliance.courier_door import CourierDoor, Doorkeeper, Offered
from appliance.desk.board import Board
from appliance.desk.errors import ConfigError
from appliance.desk.ports import Clock
from appliance.store.outgoing import OutgoingRecords, StoredRecord
from appliance.store.store import Store
from sync.envelope import hollow_body, record_body, signature_of
from sync.errors import SyncError
from sync.keys import SigningKey, TownKeys

_UID_MAP = Path("/proc/self/uid_map")
_STRANGER = Path("/proc/sys/kernel/overflowuid")


class StoredOutbox:
    """Port `OutboxDoor` on the store: rows become bodies that travel."""

    def __init__(self, store: Store, clock: Clock, device_key: SigningKey) -> None:
        self._records = OutgoingRecords(store)
        self._clock = clock
        self._key = device_key
        self.receipted = lambda entries, epoch: self._records.receipted(entries, receiver_epoch=epoch)
        self.opened = self._records.opened
        self.last_opened = self._records.last_opened
        self.waiting = self._records.waiting
        self.remember_run = self._records.remember_run
        self.remembers_run = self._records.remembers_run
        self.forget_run = self._records.forget_run

    def receiver_is(self, receiver_epoch: bytes) -> int:
        """See the port."""
        return self._records.receiver_is(receiver_epoch, at=self._clock.now())

    def offered(self, after: int, limit: int, hold: timedelta) -> Offered:
        """See the port."""
        outgoing = self._records.offered(after=after, limit=limit, hold=hold, now=self._clock.now())
        return Offered(
            epochs=outgoing.epochs,
            records=[_body(record, self._key) for record in outgoing.records],
            last_sequence=outgoing.records[-1].sequence if outgoing.records else after,
            waiting=self._records.waiting(),
        )


def _body(record: StoredRecord, key: SigningKey) -> bytes:
    signature = signature_of(header=record.header, hash=record.hash, key=key)
    if record.ciphertext is None:
        return hollow_body(header=record.header, signature=signature, hash=record.hash)
    return record_body(header=record.header, ciphertext=record.ciphertext, signature=signature)


def build_door(
    config: Config, *, store: Store, clock: Clock, board: Board, town: TownKeys, device_key: SigningKey
) -> CourierDoor:
    """The door of this box, still closed; tells the board when receipts have come."""
    keeper = Doorkeeper(
        outbox=StoredOutbox(store, clock, device_key),
        notices=StoredNotices(
            config.state.directory, content=config.desk.content or BUILT_IN, municipality=town.municipality
        ),
        town=town,
        device_key=device_key,
        chain=store.chain,
        receiver_url=config.town.receiver,
        on_change=board.show,
        hold=timedelta(seconds=config.courier.hold_seconds),
    )
    return CourierDoor(
        path=config.door,
        keeper=keeper,
        allowed=_allowed(config.courier.user),
        handed=handed_listener("courier", os.environ),
    )


def read_town_keys(path: Path, municipality: str) -> TownKeys:
    """The public keys to seal to, which must be of the municipality whose words the desk uses. `ConfigError`."""
    try:
        town = TownKeys.load(path)
    except FileNotFoundError:
        raise ConfigError("town.keys", f"{path} is not there; without it nothing can be sealed") from None
    except SyncError as error:
        raise ConfigError("town.keys", str(error)) from None
    if town.municipality != municipality:
        raise ConfigError("town.keys", f"are of {town.municipality}, the packs of {municipality}")
    return town


def _allowed(user: str) -> list[int]:
    if not user:
        return []
    try:
        uid = pwd.getpwnam(user).pw_uid
    except KeyError:
        raise ConfigError("courier.user", f"this machine has no user {user!r}") from None
    return [seen_from_here(uid, uid_map=_UID_MAP.read_text(), stranger=int(_STRANGER.read_text()))]


def seen_from_here(uid: int, *, uid_map: str, stranger: int) -> int:
    """How the kernel names the machine's user `uid` to a process with that user namespace; user_namespaces(7).

    With `PrivateUsers=` every user but root and the desk's own is the same stranger, at the door too. Then it is the
    owner and mode of the socket alone that keep others out.
    """
    for line in uid_map.splitlines():
        inside, outside, count = (int(number) for number in line.split())
        if outside <= uid < outside + count:
            return inside + uid - outside
    return stranger
