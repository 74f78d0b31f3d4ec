"""The words a desk can choose from: what its packs say, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from appliance.desk.facts.card_advice import CardPack


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One thing to tap: a stable id that is sealed, and the name people read."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AgeBand(Choice):
    """An age band; `lower` and `upper` are years of age, None where it is open or not a range at all."""

    lower: int | None
    upper: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic(Choice):
    """What a consultation can be about; visitors see `kiosk_name`."""

    kiosk_name: str
    boundary: str = ""
    """What the law leaves to others here, as staff may read it out; empty where nothing is."""
    referral: str = ""
    """The id of the referral to whom it is left; empty without a boundary."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome(Choice):
    """How a consultation can end; `refers` when it leads somewhere else."""

    refers: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Tip(Choice):
    """A small thing to learn while nobody calls; its name is the heading."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TelephoneMemo:
    """What staff look at while they telephone the hall; the number is one of the municipality's words."""

    hours: str
    say: str
    """The sentence to read out; `{facility}` stands where the name of the facility belongs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The municipality's own words, so that no screen of a town speaks of a city."""

    code: str
    """全国地方公共団体コード, six digits with its check digit, as text."""
    kind: str
    """市, 町, 村 or 特別区."""
    name: str
    hall: str
    hall_reading: str
    """The hall in katakana, as the voice says it."""
    head: str
    section: str
    telephone: str

    @property
    def municipality(self) -> str:
        """What people call it in a sentence: 市, 町, 村 or 区."""
        return "区" if self.kind == "特別区" else self.kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """All packs of a desk."""

    version: str
    topics: tuple[Topic, ...]
    outcomes: tuple[Outcome, ...]
    age_bands: tuple[AgeBand, ...]
    referrals: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    phrases: Mapping[str, str]
    """What the voice says, by phrase id."""
    words: Words
    card: CardPack
    """What to do next with a card that was checked."""
    telephone: TelephoneMemo
    tips: tuple[Tip, ...]
    """The cards of 「きょうの一枚」, one a day in this order."""
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The phrases in other languages, by BCP 47 tag; what is not there is said in Japanese."""

    def __post_init__(self) -> None:
        """Freeze the phrases too, in every language."""
        object.__setattr__(self, "phrases", MappingProxyType(dict(self.phrases)))
        frozen = {tag: MappingProxyType(dict(table)) for tag, table in self.translations.items()}
        object.__setattr__(self, "translations", MappingProxyType(frozen))

    def topic_name(self, topic: str) -> str:
        """The name of a topic; its id if a newer pack dropped it."""
        return _name(self.topics, topic)

    def referral_name(self, referral: str) -> str:
        """The name of a referral; its id if a newer pack dropped it."""
        return _name(self.referrals, referral)

    def outcome_name(self, outcome: str) -> str:
        """The name of an outcome; its id if a newer pack dropped it."""
        return _name(self.outcomes, outcome)


def _name(choices: tuple[Choice, ...], wanted: str) -> str:
    return next((choice.name for choice in choices if choice.id == wanted), wanted)
