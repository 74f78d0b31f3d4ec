"""Where a box keeps what the office has said to all desks, and which content packs it begins with."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from appliance.content import NOTHING, load_catalogue, load_stories
from appliance.desk.errors import MadoguchiError, PackError
from appliance.desk.facts.catalogue import Catalogue
from appliance.store.faults import disk_words
from sync.files import write_over

log = logging.getLogger(__name__)

CONTENT = "content"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One notice on the disk."""

    number: int
    says: object
    """As JSON holds it."""


class NoticeFolder:
    """The notices of one box, a file each, whole or absent."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "notices"

    def read(self, kind: str) -> Kept | None:
        """The newest notice of that kind; None where there is none, or the disk has damaged it."""
        found = self._json(f"{kind}.notice")
        try:
            kept = Kept(**found["notice"])
            return kept if found["digest"] == _digest(kept) else None
        except (KeyError, TypeError):
            return None

    def write(self, kind: str, kept: Kept) -> None:
        """Put it in the place of the one before, durably; `StorageFull`, `StorageFailed`."""
        self._write(f"{kind}.notice", {"notice": asdict(kept), "digest": _digest(kept)})

    def packs(self) -> "PackState":
        """What became of the packs that came."""
        found = self._json("packs.state")
        try:
            return PackState(**found)
        except TypeError:  # there is none, or a newer program has written it
            return PackState()

    def note(self, packs: "PackState") -> None:
        """Keep what became of the packs; it is for people only, so a disk that takes nothing stops no desk."""
        if packs == self.packs():
            return
        try:
            self._write("packs.state", asdict(packs))
        except MadoguchiError as error:
            log.warning("what became of the packs could not be noted: %s", error)

    def _json(self, name: str) -> Any:
        try:
            return json.loads((self._folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _write(self, name: str, content: Mapping[str, object]) -> None:
        with disk_words():
            self._folder.mkdir(mode=0o700, exist_ok=True)
            write_over(self._folder / name, json.dumps(content, ensure_ascii=False).encode())


@dataclass(frozen=True, kw_only=True)
class PackState:
    """Which packs of the town hall are in use, by their numbers; 0 for none."""

    in_force: int = 0
    """Since the desk last started."""
    refused: int = 0
    why: str = ""


def made_at(number: int) -> datetime | None:
    """When the town hall made the notice of that number, as its clock said; None for no notice."""
    return datetime.fromtimestamp(number / 1000, UTC) if number else None


@dataclass(frozen=True, kw_only=True)
class DeskPacks:
    """What a desk begins with: its own packs, and before them those the town hall has sent."""

    catalogue: Catalogue
    sent: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @classmethod
    def open(cls, content: Path, state: Path) -> "DeskPacks":
        """Read both; sent packs that this program cannot use are left out and said so. `PackError` for its own."""
        folder = NoticeFolder(state)
        kept = folder.read(CONTENT)
        if kept is None:
            return cls(catalogue=load_catalogue(content))
        try:
            packs = cls._with(content, kept)
        except PackError as error:
            log.warning("the packs of the town hall cannot be used, the desk's own are: %s", error)
            folder.note(PackState(refused=kept.number, why=str(error)))
            return cls(catalogue=load_catalogue(content))
        folder.note(PackState(in_force=kept.number))
        return packs

    @classmethod
    def peek(cls, content: Path, state: Path) -> Catalogue:
        """The words that a desk would begin with now; nothing is said or noted. `PackError` for its own packs."""
        kept = NoticeFolder(state).read(CONTENT)
        try:
            return cls._with(content, kept).catalogue if kept else load_catalogue(content)
        except PackError:
            return load_catalogue(content)

    @classmethod
    def _with(cls, content: Path, kept: Kept) -> "DeskPacks":
        if not isinstance(kept.says, dict):
            raise PackError("not files by their names")
        catalogue = load_catalogue(content, sent=kept.says)
        if "municipality.toml" in kept.says and catalogue.words.code != load_catalogue(content).words.code:
            raise PackError("municipality.toml: is of another town than this desk")
        load_stories(content, words=catalogue.words, sent=kept.says)
        return cls(catalogue=catalogue, sent=kept.says)


def _digest(kept: Kept) -> str:
    """What tells a damaged file; who made it, the door has asked."""
    return sha256(json.dumps(asdict(kept), sort_keys=True).encode()).hexdigest()
