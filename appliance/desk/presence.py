"""Who is here: the sign-ins of browsers, in RAM only, the people behind them, and when each was last heard of."""

import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from appliance.desk.board import Board
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.security import Place
from appliance.desk.facts.shift import Stay
from appliance.desk.facts.staff import StaffMember

AWAY_AFTER = timedelta(minutes=5)
"""A person none of whose browsers gave a sign of life for so long counts as away, and nobody is promised her."""

IDLE = timedelta(minutes=30)
"""After so long without a request a browser needs the PIN again, and a stay without any sign of life is over."""

VOUCHED = timedelta(minutes=60)
"""So long a screen that was left to visitors says of whoever left it that she is here; it cannot see her go home."""

_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class _SignIn:
    """One browser, and when somebody last did something there; None: the PIN is needed again."""

    member: UUID
    place: Place
    used_ms: int | None
    is_locked: bool = False
    """Whether it was ended from elsewhere, and that is on record."""
    left_ms: int | None = None
    """When it was left to visitors."""

    def tells(self, now: Moment) -> bool:
        """Whether a sign of life from there is one of whoever signed in."""
        return self.left_ms is None or now.mono_ms - self.left_ms < VOUCHED // _MS


class Presence:
    """The people who are here; told to the board, so that no voice promises help to an empty hall."""

    def __init__(self, board: Board, *, away_after: timedelta = AWAY_AFTER) -> None:
        self._board = board
        self._away_after = away_after
        self._lock = threading.Lock()
        self._sign_ins: dict[str, _SignIn] = {}
        self._stays: dict[UUID, Stay] = {}
        self._here: set[UUID] = set()
        """Who of them is not away."""

    def arrive(self, sign_in: str, member: StaffMember, *, now: Moment, place: Place = "screen") -> None:
        """Somebody has typed the right PIN; who has come already stays since then."""
        with self._lock:
            self._sign_ins[sign_in] = _SignIn(member=member.id, place=place, used_ms=now.mono_ms)
            before = self._stays.get(member.id) or Stay.beginning(member, place=place, now=now)
            self._stays[member.id] = replace(before, member=member)
            self._see(member.id, now)

    def seen(self, sign_in: str, *, now: Moment) -> None:
        """A sign of life from that browser: whoever signed in there is here, even where the PIN is needed again."""
        with self._lock:
            found = self._sign_ins.get(sign_in)
            if found is not None and found.tells(now):
                self._see(found.member, now)

    def fade(self, now: Moment) -> None:
        """Who gave no sign of life for too long is away from now on."""
        with self._lock:
            self._here = {one for one in self._here if self._stays[one].silence(now) < self._away_after}
            self._tell()

    def gone(self, now: Moment) -> list[Stay]:
        """Who has been away for so long that the stay is over; every one of their browsers needs the PIN by now."""
        with self._lock:
            return [stay for stay in self._stays.values() if stay.silence(now) >= IDLE]

    def leave(self, sign_in: str) -> None:
        """This browser is signed out; the person has left unless another browser says otherwise."""
        with self._lock:
            left = self._sign_ins.pop(sign_in, None)
            if left is not None and all(other.member != left.member for other in self._sign_ins.values()):
                self._forget(left.member)

    def is_only(self, sign_in: str) -> bool:
        """Whether the person behind that sign-in is signed in nowhere else."""
        with self._lock:
            found = self._sign_ins.get(sign_in)
            return found is not None and [one.member for one in self._sign_ins.values()].count(found.member) == 1

    def leave_everywhere(self, member: UUID) -> None:
        """That person is signed out of every browser."""
        with self._lock:
            self._sign_ins = {name: one for name, one in self._sign_ins.items() if one.member != member}
            self._forget(member)

    def everybody_leaves(self) -> None:
        """Nobody is here any more."""
        with self._lock:
            self._sign_ins, self._stays, self._here = {}, {}, set()
            self._tell()

    def is_here(self, sign_in: str) -> bool:
        """Whether that sign-in still stands, even if it needs the PIN again."""
        return sign_in in self._sign_ins

    def whose(self, sign_in: str) -> Stay | None:
        """The stay of the person behind that sign-in, even if it needs the PIN again."""
        with self._lock:
            found = self._sign_ins.get(sign_in)
            return self._stays[found.member] if found else None

    def stay_of(self, member: UUID, *, now: Moment) -> Stay | None:
        """The stay of that person, who may not have come."""
        with self._lock:
            stay = self._stays.get(member)
            return self._until(now, stay) if stay else None

    def everybody(self, *, now: Moment) -> list[Stay]:
        """Who has come and not left, longest first."""
        with self._lock:
            return [self._until(now, stay) for stay in self._stays.values()]

    def places_of(self, member: UUID) -> dict[str, Place]:
        """Where that person is signed in, by sign-in; without those whose end is on record already."""
        with self._lock:
            mine = {name: one for name, one in self._sign_ins.items() if one.member == member}
            return {name: one.place for name, one in mine.items() if not one.is_locked}

    def awake(self, sign_in: str, *, now: Moment) -> StaffMember | None:
        """Who may act there without another PIN; nobody after `IDLE` without a request."""
        with self._lock:
            found = self._sign_ins.get(sign_in)
            if found is None or found.used_ms is None:
                return None
            if now.mono_ms - found.used_ms >= IDLE // _MS:
                self._sign_ins[sign_in] = replace(found, used_ms=None)
                return None
            return self._stays[found.member].member

    def use(self, sign_in: str, *, now: Moment) -> StaffMember | None:
        """The same, when somebody does something there: the half hour begins again, and whoever was away is here."""
        member = self.awake(sign_in, now=now)
        with self._lock:
            if member is not None and (found := self._sign_ins.get(sign_in)) is not None:
                self._sign_ins[sign_in] = replace(found, used_ms=now.mono_ms)
                self._see(found.member, now)
        return member

    def lock(self, member: UUID, *, but: str = "") -> None:
        """That person's browsers need the PIN again, except the one named; who calls this puts it on record."""
        with self._lock:
            for name, one in self._sign_ins.items():
                if one.member == member and name != but:
                    self._sign_ins[name] = replace(one, used_ms=None, is_locked=True)

    def rest(self, sign_in: str, *, now: Moment) -> None:
        """That browser is left to visitors and needs the PIN again; whoever signed in there is here for `VOUCHED`."""
        with self._lock:
            if (found := self._sign_ins.get(sign_in)) is not None:
                self._sign_ins[sign_in] = replace(found, used_ms=None, left_ms=now.mono_ms)

    def change(self, member: StaffMember) -> None:
        """The person, if here, is from now on known as this."""
        with self._lock:
            if member.id in self._stays:
                self._stays[member.id] = replace(self._stays[member.id], member=member)

    def _see(self, member: UUID, now: Moment) -> None:
        stay = self._stays[member]
        if now.mono_ms > stay.seen.mono_ms:
            self._stays[member] = stay.seen_at(now)
        if member not in self._here:
            self._here.add(member)
            self._tell()

    def _until(self, now: Moment, stay: Stay) -> Stay:
        """Who is here is seen now; who is away was seen when she was."""
        return stay.seen_at(now) if stay.member.id in self._here else stay

    def _forget(self, member: UUID) -> None:
        self._stays.pop(member, None)
        self._here.discard(member)
        self._tell()

    def _tell(self) -> None:
        self._board.show(staff_present=len(self._here))
