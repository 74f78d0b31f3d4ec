"""What the command does with a stick at the box: through the courier door, exactly as a run by wire."""

import dataclasses
import getpass
import json
from argparse import Namespace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from appliance.assembly.verbs import OK, note
from appliance.config import load_config
from appliance.messages import text, words_of
from sync import carrying
from sync.bundle import Bundle
from sync.carrying import UNREGISTERED, Carried, StickNotBelieved
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
    failure: NotReached | StickNotBelieved | None = None
    try:
        carried = walk(load_config(arguments.config).door, Bundle(arguments.stick), any_stick=arguments.any)
        result = carried.result
    except (NotReached, StickNotBelieved) as error:
        failure, result = error, error.result
    if arguments.json:
        print(json.dumps(dataclasses.asdict(result)))
    if failure is not None:
        note(words_of(failure))
        return int(getattr(failure, "exit_code", FAILED))
    if not arguments.json:
        print(text(words, **dataclasses.asdict(result)))
    note(_media_line(carried, text(direction), getattr(result, counted), arguments.by))
    return OK


def _media_line(carried: Carried, direction: str, records: int, by: str | None) -> str:
    return media_line(
        at=datetime.now().astimezone(), stick=carried.stick, direction=direction, records=records, by=who(by)
    )


def media_line(*, at: datetime, stick: int, direction: str, records: int, by: str) -> str:
    """What belongs into 媒体管理簿 after one use of a stick."""
    return text(
        "media_line", at=f"{at:%Y-%m-%d %H:%M}", stick=stick_words(stick), direction=direction, records=records, by=by
    )


def stick_words(stick: int) -> str:
    """What a stick is called in 媒体管理簿."""
    return text("media_unregistered") if stick == UNREGISTERED else str(stick)


def who(by: str | None) -> str:
    """Who has the stick in hand: as said, or whoever is logged in."""
    try:
        return by or getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        return "?"
