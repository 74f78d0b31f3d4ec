"""Who is here: the sign-ins of browsers, in RAM only, and the people behind them."""

import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from appliance.desk.board import Board
from appliance.desk.facts.moment import Moment
from appliance.desk.facts.staff import StaffMember

IDLE = timedelta(minutes=30)
"""After so long without a request a browser needs the PIN again; whoever signed in there is still here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """One person at the desk, since when."""

    member: StaffMember
    began: Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class _SignIn:
    """One browser, and when somebody last did something there; None: the PIN is needed again."""

    member: UUID
    used_ms: int | None


class Presence:
    """The people who are here; told to the board, so that no voice promises help to an empty hall."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._sign_ins: dict[str, _SignIn] = {}
        self._stays: dict[UUID, Stay] = {}

    def arrive(self, sign_in: str, member: StaffMember, *, now: Moment) -> None:
        """Somebody has typed the right PIN; who was here already stays since then."""
        with self._lock:
            self._sign_ins[sign_in] = _SignIn(member=member.id, used_ms=now.mono_ms)
            began = self._stays[member.id].began if member.id in self._stays else now
            self._stays[member.id] = Stay(member=member, began=began)
            self._tell()

    def leave(self, sign_in: str) -> None:
        """This browser is signed out; the person has left unless another browser says otherwise."""
        with self._lock:
            left = self._sign_ins.pop(sign_in, None)
            if left is not None and all(other.member != left.member for other in self._sign_ins.values()):
                del self._stays[left.member]
            self._tell()

    def is_only(self, sign_in: str) -> bool:
        """Whether the person behind that sign-in is signed in nowhere else."""
        with self._lock:
            found = self._sign_ins.get(sign_in)
            return found is not None and [one.member for one in self._sign_ins.values()].count(found.member) == 1

    def leave_everywhere(self, member: UUID) -> None:
        """That person is signed out of every browser."""
        with self._lock:
            self._sign_ins = {name: one for name, one in self._sign_ins.items() if one.member != member}
            self._stays.pop(member, None)
            self._tell()

    def everybody_leaves(self) -> None:
        """Nobody is here any more."""
        with self._lock:
            self._sign_ins, self._stays = {}, {}
            self._tell()

    def is_here(self, sign_in: str) -> bool:
        """Whether that sign-in still stands, even if it needs the PIN again."""
        return sign_in in self._sign_ins

    def whose(self, sign_in: str) -> Stay | None:
        """The stay of the person behind that sign-in, even if it needs the PIN again."""
        with self._lock:
            found = self._sign_ins.get(sign_in)
            return self._stays.get(found.member) if found else None

    def stay_of(self, member: UUID) -> Stay | None:
        """The stay of that person, who may not be here."""
        with self._lock:
            return self._stays.get(member)

    def awake(self, sign_in: str, *, now: Moment) -> StaffMember | None:
        """Who may act there without another PIN; nobody after `IDLE` without a request."""
        with self._lock:
            found = self._sign_ins.get(sign_in)
            if found is None or found.used_ms is None:
                return None
            if now.mono_ms - found.used_ms >= IDLE // timedelta(milliseconds=1):
                self._sign_ins[sign_in] = replace(found, used_ms=None)
                return None
            return self._stays[found.member].member

    def use(self, sign_in: str, *, now: Moment) -> StaffMember | None:
        """The same, when somebody does something there: the half hour begins again."""
        member = self.awake(sign_in, now=now)
        with self._lock:
            if member is not None and (found := self._sign_ins.get(sign_in)) is not None:
                self._sign_ins[sign_in] = replace(found, used_ms=now.mono_ms)
        return member

    def ask_again(self, member: UUID) -> None:
        """That person's browsers need the PIN again."""
        with self._lock:
            for name, one in self._sign_ins.items():
                if one.member == member:
                    self._sign_ins[name] = replace(one, used_ms=None)

    def change(self, member: StaffMember) -> None:
        """The person, if here, is from now on known as this."""
        with self._lock:
            if member.id in self._stays:
                self._stays[member.id] = replace(self._stays[member.id], member=member)

    def everybody(self) -> list[Stay]:
        """Who is here, longest first."""
        with self._lock:
            return list(self._stays.values())

    def _tell(self) -> None:
        self._board.show(staff_present=len(self._stays))
