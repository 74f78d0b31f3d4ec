"""What is going on at the desk right now, frozen, and waiting for it to change."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from appliance.desk.facts.call import Call
from appliance.desk.facts.visit import Visit

MOST_SERVED = 8
"""So many visits tell how long a visit takes here these days."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Floor:
    """Everything open at the desk; `turn` rises with each committed change, so that a late look never wins."""

    turn: int = 0
    calls: tuple[Call, ...] = ()
    visits: tuple[Visit, ...] = ()
    unrecorded: int = 0
    """How many calls, waiting or ended, stand in RAM only because no disk would take them."""
    served: tuple[Visit, ...] = ()
    """The visits that ended last since the desk opened, the newest at the end; no screen shows them."""

    def with_call(self, call: Call) -> "Floor":
        """The floor after that call was raised."""
        return self._with(calls=(*self.calls, call))

    def without_call(self, call: Call) -> "Floor":
        """The floor after that call has ended."""
        return self._with(calls=tuple([other for other in self.calls if other.id != call.id]))

    def with_visit(self, visit: Visit) -> "Floor":
        """The floor after that visit began, ended or was opened again."""
        others = tuple(other for other in self.visits if other.id != visit.id)
        if visit.ended is not None:
            return self._with(visits=others, served=(*self.served, visit)[-MOST_SERVED:])
        return self._with(visits=tuple(sorted((*others, visit), key=lambda one: one.began.wall)))

    def shows_the_same(self, other: "Floor") -> bool:
        """Whether nothing that a screen shows differs."""
        ours, theirs = (self.calls, self.visits, self.unrecorded), (other.calls, other.visits, other.unrecorded)
        return ours == theirs

    def at_turn(self, turn: int) -> "Floor":
        """The same in another turn."""
        return Floor(turn=turn, calls=self.calls, visits=self.visits, unrecorded=self.unrecorded, served=self.served)

    def _with(
        self,
        *,
        calls: tuple[Call, ...] | None = None,
        visits: tuple[Visit, ...] | None = None,
        served: tuple[Visit, ...] | None = None,
    ) -> "Floor":
        """Every press comes by here, and `dataclasses.replace` takes four times as long."""
        return Floor(
            turn=self.turn,
            calls=self.calls if calls is None else calls,
            visits=self.visits if visits is None else visits,
            unrecorded=self.unrecorded,
            served=self.served if served is None else served,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """What a screen shows."""

    version: int = 0
    floor: Floor = field(default_factory=Floor)
    unsent: int = 0
    staff_present: int = 0
    can_seal: bool = True
    """Whether the municipality's keys are here; without them nothing is stored."""
    wishes: frozenset[UUID] = frozenset()
    """The waiting calls that their visitors seem to want to take back; only staff end them."""
    voice_failed: bool = False
    """Whether the last sentence did not sound."""
    broken_buttons: tuple[int, ...] = ()
    """The buttons that somebody has to look at."""

    def shows_the_same(self, other: "Snapshot") -> bool:
        """Whether nothing but the version differs."""
        ours = (self.unsent, self.staff_present, self.can_seal, self.wishes, self.voice_failed, self.broken_buttons)
        theirs = (other.unsent, other.staff_present, other.can_seal, other.wishes, other.voice_failed)
        is_floor_same = self.floor is other.floor or self.floor == other.floor
        return ours == (*theirs, other.broken_buttons) and is_floor_same

    @property
    def attended(self) -> bool:
        """Whether anybody is signed in to come when called."""
        return self.staff_present > 0

    @property
    def unrecorded(self) -> int:
        """How many calls stand in RAM only."""
        return self.floor.unrecorded


class Board:
    """The newest snapshot; every screen waits here for the next one."""

    def __init__(self, unsent: Callable[[], int]) -> None:
        self._changed = threading.Condition()
        self._unsent = unsent
        self._snapshot = Snapshot()
        self._closed = False

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        return self._snapshot

    @property
    def version(self) -> int:
        """The version of the newest snapshot."""
        return self._snapshot.version

    @property
    def is_closed(self) -> bool:
        """Whether the desk is stopping and screens should let go."""
        return self._closed

    def show(
        self,
        *,
        floor: Floor | None = None,
        staff_present: int | None = None,
        can_seal: bool | None = None,
        wishes: frozenset[UUID] = frozenset(),
        voice_failed: bool | None = None,
        broken_buttons: tuple[int, ...] | None = None,
    ) -> None:
        """Publish what changed; an older floor than the one shown is ignored, no change makes no version.

        `wishes` come to those that are shown already.
        """
        with self._changed:
            now = self._snapshot
            shown = floor if floor is not None and floor.turn > now.floor.turn else now.floor
            wished = now.wishes | wishes
            changed = Snapshot(
                version=now.version + 1,
                floor=shown,
                unsent=self._unsent(),
                staff_present=now.staff_present if staff_present is None else staff_present,
                can_seal=now.can_seal if can_seal is None else can_seal,
                wishes=wished and wished.intersection(call.id for call in shown.calls),
                voice_failed=now.voice_failed if voice_failed is None else voice_failed,
                broken_buttons=now.broken_buttons if broken_buttons is None else broken_buttons,
            )
            if not changed.shows_the_same(now):
                self._snapshot = changed
                self._changed.notify_all()

    def newer_than(self, version: int, *, timeout: float) -> Snapshot | None:
        """Wait up to `timeout` seconds for a snapshot newer than `version`; None if none came or the desk stops."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._snapshot.version > version, timeout)
            return self._snapshot if self._snapshot.version > version and not self._closed else None

    def close(self) -> None:
        """Wake everybody who waits, for good."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
