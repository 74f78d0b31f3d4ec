"""Where each box stood when: a move changes where later records count, and nothing of the past."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import peewee

from sync.office.dating import JAPAN, milliseconds
from sync.office.tables import Record
from sync.registry import Device


class Standing:
    """The devices of a town and the facilities where they stand and stood."""

    def __init__(self, devices: Iterable[Device]) -> None:
        self._devices: Sequence[Device] = tuple(devices)

    @property
    def facilities(self) -> Mapping[str, str]:
        """Every facility where a box stands or stood: id and newest name."""
        before = {stood.facility: stood.facility_name for device in self._devices for stood in device.stood}
        return before | {device.facility: device.facility_name for device in self._devices}

    @property
    def now(self) -> Mapping[str, str]:
        """The facility of each device at present."""
        return {device.id.hex(): device.facility for device in self._devices}

    def by_time(self) -> peewee.ColumnBase:
        """Where the device of a record stood when the record was made; the device itself where it is not admitted."""
        at = peewee.fn.COALESCE(Record.at_ms, Record.wall_ms, 0)
        return self._case(lambda until: at < milliseconds(until))

    def by_day(self, day: peewee.Field) -> peewee.ColumnBase:
        """The same for what tells only a day: the day of a move belongs to the new place."""
        return self._case(lambda until: day < until.astimezone(JAPAN).date())

    def _case(self, before: Callable[[datetime], peewee.Expression]) -> peewee.ColumnBase:
        cases = []
        for device in self._devices:
            is_it = Record.device == device.id.hex()
            cases += [(is_it & before(stood.until), stood.facility) for stood in device.stood]
            cases.append((is_it, device.facility))
        return peewee.Case(None, cases, Record.device) if cases else Record.device
