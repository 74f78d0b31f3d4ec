"""What the command does in the town hall with records that have come and answers that go, by stick or by wire."""

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.assembly.office_sticks import enter_use, number_of
from appliance.assembly.town import TownFolder, open_locked_office, open_office, open_receiver
from appliance.assembly.verbs import OK, note, passphrase
from appliance.desk.errors import ConfigError
from appliance.messages import text
from sync.bundle import Bundle
from sync.office.media import Direction
from sync.roads import Road, StickRoad, Trip, WireRoad

FAILED = 1


@dataclass(frozen=True, kw_only=True)
class Way:
    """A road, and the number of the stick if it is one on foot."""

    road: Road
    stick: int | None = None


def pull(arguments: Namespace) -> int:
    """Fetch, open and file what has come; 1 where something on the stick was refused."""
    folder = TownFolder(arguments.folder)
    way = _way(arguments, folder)
    office = open_office(folder, passphrase(arguments.passphrase_file), way.road)
    trip = way.road.bring()
    new = office.pull()
    _tell(arguments, "pulled", trip, new=new)
    return _done(arguments, folder, way, trip, Direction.IN)


def push(arguments: Namespace) -> int:
    """Send receipts and opened lists on their way back; 1 where something on the stick was refused."""
    folder = TownFolder(arguments.folder)
    way = _way(arguments, folder)
    lists = open_locked_office(folder, way.road).publish()
    trip = way.road.answer()
    _tell(arguments, "pushed", trip, lists=lists)
    return _done(arguments, folder, way, trip, Direction.OUT)


def _way(arguments: Namespace, folder: TownFolder) -> Way:
    if arguments.receiver:
        return Way(road=WireRoad(arguments.receiver, token=arguments.office_token))
    if not folder.private("receiver").is_file():
        raise ConfigError("receiver.key", "is not in this folder; sticks are answered where the receiver's key is")
    bundle = Bundle(arguments.stick)
    number = number_of(folder, bundle, any_stick=arguments.any)
    return Way(road=StickRoad(bundle, open_receiver(folder)), stick=number)


def _tell(arguments: Namespace, words: str, trip: Trip, **counts: int) -> None:
    counted = {"boxes": trip.boxes, "records": trip.records, **counts}
    print(json.dumps({**counted, "refused": trip.refused}) if arguments.json else text(words, **counted))


def _done(arguments: Namespace, folder: TownFolder, way: Way, trip: Trip, direction: Direction) -> int:
    if way.stick is not None:
        enter_use(folder, stick=way.stick, direction=direction, records=trip.records, by=arguments.by)
    _tell_refused(trip.refused)
    return FAILED if trip.refused else OK


def _tell_refused(refused: Sequence[str]) -> None:
    for one in refused:
        note(text("stick_batch_refused", what=one))
