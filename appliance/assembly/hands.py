"""What a desk can do without for the first moment of its life: keys to seal with, devices, the courier door."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from appliance.assembly.devices import Devices, connect_devices
from appliance.config import Config
from appliance.desk.board import Board
from appliance.desk.errors import DeviceError, NoTownKeys, SealingFailed
from appliance.desk.facts.fact import Fact
from appliance.desk.facts.sealed import ChainHead, SealedRecord
from appliance.desk.ports import Clock, LampPattern, Sealer, SimulatedCards, Spoken
from appliance.store.store import Store

LONGEST_WAIT = 30.0
"""How long a record waits for the keys while the desk opens, on the slowest board."""


class Door(Protocol):
    """The courier door."""

    def start(self) -> None:
        """Open it."""
        ...

    def stop(self) -> None:
        """Close it."""
        ...


class SealerInTime:
    """Port `Sealer` that makes a record wait until the keys are there, or known to be nowhere."""

    def __init__(self) -> None:
        self._here = threading.Event()
        self._sealer: Sealer | None = None

    def is_here(self, sealer: Sealer) -> None:
        """From now on seal with `sealer`."""
        self._sealer = sealer
        self._here.set()

    def is_nowhere(self) -> None:
        """From now on refuse at once: the municipality's keys have not come yet."""
        self._here.set()

    def seal(self, fact: Fact, *, on: ChainHead) -> SealedRecord:
        """See the port."""
        self._here.wait(LONGEST_WAIT)
        if self._sealer is None:
            raise NoTownKeys if self._here.is_set() else SealingFailed("the keys are not loaded")
        return self._sealer.seal(fact, on=on)

    def forget_epoch(self) -> None:
        """See the port."""
        if self._sealer is not None:
            self._sealer.forget_epoch()


class NoDoor:
    """Port `Door` of a desk that has nothing to send."""

    def start(self) -> None:
        """See the port."""

    def stop(self) -> None:
        """See the port."""


@dataclass(frozen=True, kw_only=True)
class Hands:
    """Keys, devices and door of a desk; their libraries are the slow ones to load."""

    sealer: Sealer | None
    """None before the municipality's keys have come: there is nobody to seal for."""
    devices: Devices
    door: Door
    card_keys: Mapping[str, bytes] = field(default_factory=dict)
    """Under which cards of staff are known; none before the box has its own key."""
    public_key: bytes = b""
    """By which the town knows this box; empty before the municipality's keys have come."""

    @classmethod
    def take(cls, config: Config, *, municipality: str, store: Store, clock: Clock, board: Board) -> "Hands":
        """Load everything; without the municipality's keys only the devices. `ConfigError`."""
        if not config.town.keys.exists():
            return cls(sealer=None, devices=connect_devices(config.devices, clock), door=NoDoor())
        from appliance.assembly.card_keys import card_keys
        from appliance.assembly.door import build_door, read_town_keys
        from sync.keys import load_or_create_device_key
        from sync.sealing import RecordSealer

        town = read_town_keys(config.town.keys, municipality)
        device_key = load_or_create_device_key(config.state.directory / "device.key")
        return cls(
            sealer=RecordSealer(town, device_key, start=store.run.start),
            devices=connect_devices(config.devices, clock),
            door=build_door(config, store=store, clock=clock, board=board, town=town, device_key=device_key),
            card_keys=card_keys(device_key),
            public_key=device_key.public,
        )


class Audible(Protocol):
    """A voice that a page can play."""

    def spoken(self) -> Sequence[Spoken]:
        """The last sentences, newest first."""
        ...

    def has_sound(self, number: int) -> bool:
        """Whether that sentence can be played now."""
        ...

    def sound(self, number: int) -> bytes | None:
        """Its sound file; None where it cannot be played."""
        ...


class VirtualHands:
    """Port `VirtualHardware` over devices that are not real, from the moment they are there."""

    def __init__(self) -> None:
        self.devices: Devices | None = None
        self.voice: Audible | None = None
        self.hand: SimulatedCards | None = None

    def press(self, button: int) -> None:
        """See the port; `DeviceError` where no finger can be simulated."""
        if self.devices is None or self.devices.press is None:
            raise DeviceError("the simulated buttons are not there yet")
        self.devices.press(button)

    def lamps(self) -> Mapping[int, LampPattern]:
        """See the port."""
        return {button: lamp.pattern for button, lamp in self.devices.lamps.items()} if self.devices else {}

    def spoken(self) -> Sequence[Spoken]:
        """See the port."""
        if self.voice is not None:
            return self.voice.spoken()
        return self.devices.spoken() if self.devices else ()

    def has_sound(self, number: int) -> bool:
        """See the port."""
        return self.voice is not None and self.voice.has_sound(number)

    def sound(self, number: int) -> bytes | None:
        """See the port."""
        return self.voice.sound(number) if self.voice is not None else None
