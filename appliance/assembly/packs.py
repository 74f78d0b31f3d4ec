"""The content packs that the town hall sends: which files travel, and whether a desk could work with them."""

from collections.abc import Mapping
from pathlib import Path

from appliance.content import BUILT_IN, load_catalogue, load_stories
from appliance.desk.errors import PackError
from appliance.desk.facts.catalogue import Catalogue

_NAMES = (
    "age_bands",
    "card",
    "channels",
    "municipality",
    "outcomes",
    "phrases",
    "practice",
    "referrals",
    "telephone",
    "tips",
    "topics",
)
TRAVELS = frozenset(f"{name}.toml" for name in _NAMES)
STAYS = frozenset({"calendar.toml"})
"""What a facility has of its own."""


def check_packs(files: Mapping[str, str], *, municipality: str, folder: Path = BUILT_IN) -> Catalogue:
    """What a desk with that content `folder` shows once it has these files; `PackError` where it could not."""
    if strangers := files.keys() - TRAVELS:
        raise PackError(f"{sorted(strangers)[0]}: no pack of this name travels; {', '.join(sorted(TRAVELS))} do")
    catalogue = load_catalogue(folder, sent=files)
    if "municipality.toml" in files and catalogue.words.code != municipality:
        raise PackError(f"municipality.toml: is of {catalogue.words.code}, the keys are of {municipality}")
    load_stories(folder, words=catalogue.words, sent=files)
    return catalogue


def packs_in(folder: Path) -> dict[str, str]:
    """The files of a folder that travel, by name; `PackError` for none, and for a name that is neither."""
    paths = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    try:
        files = {path.name: path.read_text(encoding="utf-8") for path in paths if path.name not in STAYS}
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{folder}: {error}") from None
    if not files:
        raise PackError(f"{folder}: holds none of {', '.join(sorted(TRAVELS))}")
    return files
