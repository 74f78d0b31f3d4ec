"""The guides name everything there is to set and to type, and their examples are taken by the real program."""

import argparse
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_type_hints

import pytest

from appliance.assembly.roster_seed import load_roster_seed
from appliance.calendar_pack import load_calendar
from appliance.cli import _parser
from appliance.config import Config, load_config
from appliance.content import load_catalogue
from sync.office.definitions import DEFINITIONS
from tests.docs.pages import GUIDES, ROOT, fences, text_of

OPERATOR = ROOT / "docs" / "guide" / "operator.md"
TOWN = ROOT / "docs" / "guide" / "town.md"
ALL = "\n".join(text_of(guide) for guide in GUIDES)
TABLES = [line for line in text_of(OPERATOR).splitlines() if line.startswith("| `")]

WHOLE = """
[desk]
facility = "kominkan-chuo"
facility_name = "中央公民館"
[state]
directory = "state"
[town]
keys = "town-keys.toml"
"""


def settings(section: type, prefix: str = "") -> Iterator[str]:
    for one in fields(section):
        kind = get_type_hints(section)[one.name]
        if is_dataclass(kind) and isinstance(kind, type):
            yield from settings(kind, f"{prefix}{one.name}.")
        else:
            yield f"{prefix}{one.name}"


def verbs(parser: argparse.ArgumentParser, words: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    below = [
        action
        for action in parser._actions  # noqa: SLF001 (argparse tells its verbs no other way)
        if isinstance(action, argparse._SubParsersAction)  # noqa: SLF001 (the same)
    ]
    for action in below:
        for name, one in action.choices.items():
            yield from verbs(one, f"{words} {name}")
    if not below:
        yield words, parser


VERBS = dict(verbs(_parser(), "madoguchi"))
OPTIONS = sorted(
    {
        option
        for parser in VERBS.values()
        for action in parser._actions  # noqa: SLF001 (the same)
        for option in action.option_strings
        if option.startswith("--") and option != "--help"
    }
)


@pytest.mark.parametrize("setting", list(settings(Config)))
def test_every_setting_has_a_line_in_the_table(setting: str) -> None:
    assert [line for line in TABLES if line.startswith(f"| `{setting}` |")] != []


def test_the_table_has_no_setting_that_is_gone() -> None:
    named = {line.split("`")[1] for line in TABLES if "." in line.split("`")[1] and " " not in line.split("`")[1]}
    sections = tuple(f"{one.name}." for one in fields(Config))
    assert {name for name in named if name.startswith(sections)} == set(settings(Config))


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_line_in_the_table(verb: str) -> None:
    assert [line for line in TABLES if line.startswith((f"| `{verb}`", f"| `{verb} "))] != []


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_is_named(option: str) -> None:
    assert option in ALL


@pytest.mark.parametrize(
    "line",
    [line for guide in GUIDES for text in fences(guide, "sh") for line in text.splitlines() if "madoguchi" in line],
)
def test_every_command_is_taken(line: str) -> None:
    words = shlex.split(line)
    if words[0].endswith("madoguchi"):
        assert callable(_parser().parse_args(words[1:]).verb)


def test_every_toml_example_is_taken(tmp_path: Path) -> None:
    taken = [
        kind
        for number, text in enumerate(text for guide in GUIDES for text in fences(guide, "toml"))
        for kind in [take(text, tmp_path / str(number))]
    ]
    assert sorted(set(taken)) == ["calendar", "municipality", "part", "people", "phrases", "whole"]


def take(text: str, folder: Path) -> str:
    """Give an example to whoever reads such files, and tell which kind it was."""
    folder.mkdir()
    keys = set(tomllib.loads(text))
    (folder / "file.toml").write_text(text, encoding="utf-8")
    if "person" in keys:
        assert load_roster_seed(folder / "file.toml")
        return "people"
    if "hours" in keys:
        (folder / "calendar.toml").write_text(text, encoding="utf-8")
        assert load_calendar(folder).weekly
        return "calendar"
    if keys & {"call_raised", "hall"}:
        name = "phrases" if "call_raised" in keys else "municipality"
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
        assert load_catalogue(folder).phrases
        return name
    whole = "desk" in keys
    (folder / "file.toml").write_text(text if whole else WHOLE + text, encoding="utf-8")
    assert load_config(folder / "file.toml").desk.facility
    return "whole" if whole else "part"


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda one: one.measure)
def test_every_number_of_the_office_is_explained(definition: object) -> None:
    name = str(getattr(definition, "name", "")).removesuffix("（分）")
    assert f"| {name} |" in text_of(TOWN)
