"""The pack `card.toml`: what to do next with a card that was checked, and where."""

from collections.abc import Callable, Mapping

from appliance.desk.errors import PackError
from appliance.desk.facts.card_advice import Advice, CardPack, Situation

NAME = "card.toml"
NEVER = ("有効性確認", "本人確認", "代行", "代わりに申請")
"""What a box does not do, and no page of it may claim."""

_MONTHS = range(1, 13)
_TEXTS = ("do", "where", "ask")


def card_pack_of(content: Mapping[str, object], filled: Callable[[str], str]) -> CardPack:
    """Read the pack; `filled` puts the municipality's words into a text. `PackError` names file, id and reason."""
    months, entries = content.get("renewal_months"), content.get("advice")
    if set(content) != {"renewal_months", "advice"} or not isinstance(entries, list):
        raise PackError(f"{NAME}: must hold renewal_months, one or more [[advice]] and nothing else")
    if isinstance(months, bool) or not isinstance(months, int) or months not in _MONTHS:
        raise PackError(f"{NAME}: renewal_months: must be 1 to {_MONTHS[-1]}")
    advice: dict[Situation, Advice] = {}
    for entry in entries:
        if not isinstance(entry, dict):
            raise PackError(f"{NAME}: [[advice]] must be a table")
        situation = _situation(entry)
        if situation in advice:
            raise PackError(f"{NAME}: {situation}: this id is there twice")
        advice[situation] = _advice(situation, entry, lambda text: filled(text.replace("{months}", str(months))))
    if missing := [one for one in Situation if one not in advice]:
        raise PackError(f"{NAME}: {missing[0]}: is missing")
    return CardPack(renewal_months=months, advice=advice)


def _situation(entry: Mapping[str, object]) -> Situation:
    name = entry.get("id", "(no id)")
    try:
        return Situation(str(name))
    except ValueError:
        raise PackError(f"{NAME}: {name}: not one of {', '.join(Situation)}") from None


def _advice(situation: Situation, entry: Mapping[str, object], filled: Callable[[str], str]) -> Advice:
    if strangers := set(entry) - {"id", *_TEXTS}:
        raise PackError(f"{NAME}: {situation}: unknown key {sorted(strangers)[0]!r}")
    texts = {key: filled(_text(situation, key, entry[key])) for key in _TEXTS if key in entry}
    if "do" not in texts:
        raise PackError(f"{NAME}: {situation}: do must be a text")
    if (situation is Situation.RESIDENCE) != ("ask" in texts):
        raise PackError(f"{NAME}: {situation}: ask belongs to {Situation.RESIDENCE}, and only there")
    return Advice(**texts)


def _text(situation: Situation, key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PackError(f"{NAME}: {situation}: {key} must be a text")
    plain = value.replace(" ", "").replace("\u3000", "")
    if wrong := [word for word in NEVER if word in plain]:
        raise PackError(f"{NAME}: {situation}: {key} must not say {wrong[0]}")
    return value
