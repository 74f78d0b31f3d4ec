"""The pack `telephone.toml`: when the hall answers the telephone, and what to say to it."""

import re
from collections.abc import Mapping

from appliance.desk.errors import PackError
from appliance.desk.facts.catalogue import TelephoneMemo, Words

NAME = "telephone.toml"
FACILITY = "{facility}"
_KEYS = ("hours", "say")


def telephone_memo_of(content: Mapping[str, object], words: Words) -> TelephoneMemo:
    """Read the pack in the municipality's words; `PackError` names file, key and reason."""
    if set(content) != set(_KEYS):
        raise PackError(f"{NAME}: must hold hours and say and nothing else")
    return TelephoneMemo(**{key: _filled(key, content[key], words) for key in _KEYS})


def _filled(key: str, value: object, words: Words) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PackError(f"{NAME}: {key} must be a text")
    for blank, word in (("hall", words.hall), ("municipality", words.municipality), ("section", words.section)):
        value = value.replace(f"{{{blank}}}", word)
    left = value.replace(FACILITY, "") if key == "say" else value
    if strangers := re.findall(r"[{}][^{}]*[{}]?", left):
        raise PackError(f"{NAME}: {key}: nobody fills in {strangers[0]}")
    return value
