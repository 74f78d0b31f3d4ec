"""What the command does with a stick at the box: through the courier door, exactly as a run by wire."""

import dataclasses
import getpass
import json
from argparse import Namespace
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from appliance.assembly.verbs import OK, note
from appliance.config import Config, load_config
from appliance.messages import japanese, text, words_of
from sync import carrying
from sync.bundle import Bundle, StickUnfit
from sync.carrying import UNREGISTERED, Carried, StickNotBelieved
from sync.result_file import add_result
from sync.runs import NotReached

FAILED = 1


class Walk(Protocol):
    """One way between the desk's door and a stick."""

    def __call__(self, door: Path, bundle: Bundle, *, any_stick: bool) -> Carried:
        """What was carried."""
        ...


def carry_out(arguments: Namespace) -> int:
    """Lay what waits on a stick; 75 when the desk or the stick is not reachable."""
    return _walk(arguments, carrying.export, words="exported", direction="media_to_town", counted="sent")


def bring_home(arguments: Namespace) -> int:
    """Give the desk what a stick has brought; 75 when the desk or the stick is not reachable."""
    return _walk(arguments, carrying.bring_home, words="imported", direction="media_to_desk", counted="receipted")


def _walk(arguments: Namespace, walk: Walk, *, words: str, direction: str, counted: str) -> int:
    config = load_config(arguments.config)
    failure: NotReached | StickNotBelieved | None = None
    try:
        carried = walk(config.door, _bundle(arguments.stick, config), any_stick=arguments.any)
        result = carried.result
    except (NotReached, StickNotBelieved) as error:
        failure, result = error, error.result
    if arguments.json:
        print(json.dumps(dataclasses.asdict(result)))
    if failure is not None:
        note(words_of(failure))
        _tell_on_stick(arguments.stick, config, failure.ja)
        return int(getattr(failure, "exit_code", FAILED))
    counts = dataclasses.asdict(result)
    if not arguments.json:
        print(text(words, **counts))
    use = Use(stick=carried.stick, direction=direction, records=counts[counted], by=who(arguments.by))
    note(use.line(text))
    _tell_on_stick(arguments.stick, config, f"{japanese(words, **counts)}\n{use.line(japanese)}")
    return OK


def _bundle(stick: Path, config: Config) -> Bundle:
    try:
        return Bundle(stick)
    except StickUnfit as error:
        _tell_on_stick(stick, config, f"{error.ja}（{error.detail}）")
        raise


def _tell_on_stick(stick: Path, config: Config, words: str) -> None:
    """In `RESULT.txt`, for whoever carries it; one that takes nothing has been complained about, or will be."""
    now = datetime.now().astimezone()
    try:
        add_result(stick, f"{config.desk.place}  {now:%Y-%m-%d %H:%M}", words)
    except OSError as error:
        note(text("stick_result_unwritten", why=error.strerror))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Use:
    """One use of a stick, as it belongs into 媒体管理簿."""

    stick: int
    direction: str
    records: int
    by: str

    def line(self, say: Callable[..., str]) -> str:
        """The line to copy, in the language of `say`."""
        at = f"{datetime.now().astimezone():%Y-%m-%d %H:%M}"
        stick = say("media_unregistered") if self.stick == UNREGISTERED else str(self.stick)
        return say("media_line", at=at, stick=stick, direction=say(self.direction), records=self.records, by=self.by)


def stick_words(stick: int) -> str:
    """What a stick is called in 媒体管理簿."""
    return text("media_unregistered") if stick == UNREGISTERED else str(stick)


def who(by: str | None) -> str:
    """Who has the stick in hand: as said, or whoever is logged in."""
    try:
        return by or getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        return "?"
