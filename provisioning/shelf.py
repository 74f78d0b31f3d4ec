"""The kits that a town has made, as its folder keeps them: a box prepared with any other kit is not enrolled."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from provisioning.kit import Kit, read_kit
from provisioning.site import Site
from sync.files import write_new
from sync.keys import SigningKey, TownKeys


class KitShelf:
    """A folder with every kit of the town, by number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, site: Site, keys: TownKeys, office: SigningKey, *, at: datetime) -> tuple[Kit, bytes]:
        """A new kit, kept here and returned with its bytes; `KitRefused` where an old one is damaged."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = max((kit.number for kit, _ in self._all()), default=0) + 1
        made = Kit(site=site, keys=keys, number=number, made_at=at)
        data = made.to_bytes(office)
        write_new(self._folder / f"{number:04}.kit", data)
        return made, data

    def find(self, digest: bytes) -> Kit | None:
        """The kit with that digest, if this town made it."""
        return next((kit for kit, known in self._all() if known == digest), None)

    def newest(self) -> Kit | None:
        """The kit made last."""
        return max((kit for kit, _ in self._all()), key=lambda kit: kit.number, default=None)

    def _all(self) -> Iterator[tuple[Kit, bytes]]:
        for path in sorted(self._folder.glob("*.kit")):
            yield read_kit(path)
