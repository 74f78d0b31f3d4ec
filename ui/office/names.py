"""What the ids in the records are called on paper: taken from the packs, or the id itself if a pack dropped it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """The words of one municipality; every mapping goes from an id to its name, in the order people expect."""

    municipality: str
    hall: str
    """The town hall: 市役所, 町役場, 村役場, 区役所."""
    topics: Mapping[str, str]
    age_bands: Mapping[str, str]
    outcomes: Mapping[str, str]
    age_from: Mapping[str, int]
    """The lowest age in each band that is a range of ages; a band that is missing here, such as 不明, is not one."""


def in_order(names: Mapping[str, str], counted: Iterable[str]) -> dict[str, str]:
    """All names, and after them every counted id that has none, under itself."""
    return {**names, **{each: each for each in sorted(counted) if each not in names}}
