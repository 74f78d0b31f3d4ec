"""Where help ends, in the pack `topics.toml`: a sentence for each topic that the law leaves to others, and to whom."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from appliance.card_pack import NEVER
from appliance.desk.errors import PackError
from appliance.desk.facts.catalogue import Choice, Topic

NAME = "topics.toml"
MAX_SENTENCE = 120
"""So long a sentence can still be read out at a desk."""


def boundary_of(entry: Mapping[str, object]) -> tuple[str, str]:
    """The sentence and the id of the referral in a topic's entry, both empty where it has none; `PackError`."""
    if ("boundary" in entry) != ("referral" in entry):
        raise PackError("boundary and referral belong together")
    if "boundary" not in entry:
        return "", ""
    sentence, referral = (_text(entry, key) for key in ("boundary", "referral"))
    if len(sentence) > MAX_SENTENCE:
        raise PackError(f"boundary: at most {MAX_SENTENCE} characters")
    plain = sentence.replace(" ", "").replace("\u3000", "")
    if wrong := [word for word in NEVER if word in plain]:
        raise PackError(f"boundary must not say {wrong[0]}")
    return sentence, referral


def with_known_referrals(topics: Sequence[Topic], referrals: Sequence[Choice], *, strict: bool) -> tuple[Topic, ...]:
    """The topics, leading only to referrals that there are; `strict`: one that leads elsewhere is a `PackError`.

    A town that brings its own referrals and no topics keeps the sentences of the built-in ones.
    """
    known = {choice.id for choice in referrals}
    astray = {topic.id: topic.referral for topic in topics if topic.referral and topic.referral not in known}
    if astray and strict:
        topic, referral = min(astray.items())
        raise PackError(f"{NAME}: {topic}: referral {referral!r} is not in referrals.toml")
    return tuple(replace(topic, referral="") if topic.id in astray else topic for topic in topics)


def _text(entry: Mapping[str, object], key: str) -> str:
    value = entry[key]
    if not isinstance(value, str) or not value.strip():
        raise PackError(f"{key} must be a text")
    return value
