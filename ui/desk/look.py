"""What one browser is set to: for which hand, how large, with or without a sound. It says nothing about a person."""

from collections.abc import Mapping
from dataclasses import dataclass

COOKIE = "madoguchi_look"
KEPT_DAYS = 400
"""As long as a browser keeps any cookie."""

HANDS = ("right", "left")
SIZES = ("usual", "large", "largest")
SOUNDS = ("off", "on")
_SEPARATOR = "."


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """Three choices, each the first of its list unless somebody chose another."""

    hand: str = HANDS[0]
    size: str = SIZES[0]
    sound: str = SOUNDS[0]

    @classmethod
    def of(cls, chosen: Mapping[str, str]) -> "Look":
        """The look a form means; what it cannot be is as usual."""
        return cls(
            hand=_one_of(HANDS, chosen.get("hand", "")),
            size=_one_of(SIZES, chosen.get("size", "")),
            sound=_one_of(SOUNDS, chosen.get("sound", "")),
        )

    @classmethod
    def of_cookie(cls, text: str) -> "Look":
        """The look that a cookie holds; a foreign one is as usual."""
        return cls.of(dict(zip(("hand", "size", "sound"), text.split(_SEPARATOR), strict=False)))

    @property
    def cookie(self) -> str:
        """The same for a cookie."""
        return _SEPARATOR.join((self.hand, self.size, self.sound))

    @property
    def has_sound(self) -> bool:
        """Whether this browser sounds when somebody calls."""
        return self.sound == "on"


def _one_of(known: tuple[str, ...], chosen: str) -> str:
    return chosen if chosen in known else known[0]
