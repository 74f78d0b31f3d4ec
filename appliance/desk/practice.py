"""Practice: who practises, at a desk that is thrown away, and the pretend residents who come to it."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from appliance.desk.desk import Desk
from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.moment import Moment
from appliance.desk.ports import Clock

log = logging.getLogger(__name__)

COMES_AFTER = timedelta(seconds=3)
"""So long after she was asked for, a pretend resident presses."""
IDLE = timedelta(minutes=30)
"""After so long without a request a browser practises no more."""
BUTTON = 1
"""The one that pretend residents press."""

_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class PracticeDesk:
    """A desk whose records nobody can open, nobody sends and nobody keeps."""

    desk: Desk
    stories: Sequence[str]
    """What pretend residents tell, one each."""
    throw_away: Callable[[], None]
    """Delete everything that was written there."""


class Rehearsal:
    """A practice desk in use, and the pretend residents who come to it one after the other."""

    def __init__(self, opened: PracticeDesk, *, turns: Iterator[int], now: Moment) -> None:
        """`turns` numbers the stories, so that the next rehearsal goes on where this one stops."""
        self.desk = opened.desk
        self.throw_away = opened.throw_away
        self._stories = opened.stories
        self._turns = turns
        self._told: dict[Moment, str] = {}
        self._due_ms: int | None = None
        self.invite(now)

    @property
    def is_expecting(self) -> bool:
        """Whether a pretend resident is about to press."""
        return self._due_ms is not None

    @property
    def is_quiet(self) -> bool:
        """Whether nobody is there or about to come."""
        floor = self.desk.board.snapshot.floor
        return not (self.is_expecting or floor.calls or floor.visits)

    def invite(self, now: Moment) -> None:
        """Let the next pretend resident come in a moment; while another one is there nothing happens."""
        if self.is_quiet:
            self._due_ms = now.mono_ms + COMES_AFTER // _MS

    def look(self, now: Moment) -> None:
        """Let her press if it is time."""
        if self._due_ms is None or now.mono_ms < self._due_ms:
            return
        try:
            self.desk.calls.pressed(BUTTON, source=CallSource.BUTTON)
            self._due_ms = None
        except MadoguchiError as error:
            log.warning("a pretend resident could not press: %s", error)

    def stories(self) -> Sequence[str]:
        """What those who are being served have told; a visit keeps its story when it is opened again."""
        return [self._story(visit.began) for visit in self.desk.board.snapshot.floor.visits]

    def _story(self, began: Moment) -> str:
        if began not in self._told:
            self._told[began] = self._stories[next(self._turns) % len(self._stories)]
        return self._told[began]


class Practice:
    """Knows which sign-ins practise; all of them at one desk, which goes with the last of them.

    It keeps nobody signed in and signs nobody out: staff stay where they are, at the real desk.
    """

    def __init__(self, *, open_desk: Callable[[], PracticeDesk], clock: Clock, is_here: Callable[[str], bool]) -> None:
        """`is_here`: whether a sign-in still stands."""
        self._open_desk = open_desk
        self._clock = clock
        self._is_here = is_here
        self._lock = threading.Lock()
        self._used_ms: dict[str, int] = {}
        """Who practises, and when something was last done there."""
        self._turns = count()
        self._rehearsal: Rehearsal | None = None

    def begin(self, sign_in: str) -> None:
        """From now on that sign-in practises; what stops a desk from being opened is a `MadoguchiError`."""
        now = self._clock.now()
        with self._lock:
            if self._rehearsal is None:
                self._rehearsal = Rehearsal(self._open_desk(), turns=self._turns, now=now)
            self._used_ms[sign_in] = now.mono_ms

    def is_on(self, sign_in: str) -> bool:
        """Whether that sign-in practises."""
        used_ms = self._used_ms.get(sign_in)
        if used_ms is None:
            return False
        return self._is_here(sign_in) and self._clock.now().mono_ms - used_ms < IDLE // _MS

    def watching(self, sign_in: str) -> Rehearsal | None:
        """The rehearsal that sign-in takes part in, for a screen that only looks; its resident has pressed in time."""
        with self._lock:
            if not self.is_on(sign_in) or self._rehearsal is None:
                return None
            self._rehearsal.look(self._clock.now())
            return self._rehearsal

    def working(self, sign_in: str) -> Rehearsal | None:
        """The same, when somebody does something there: the half hour begins again."""
        rehearsal = self.watching(sign_in)
        with self._lock:
            if rehearsal is not None and sign_in in self._used_ms:
                self._used_ms[sign_in] = self._clock.now().mono_ms
        return rehearsal

    def another(self, sign_in: str) -> None:
        """Let another pretend resident come, if nobody is there."""
        if (rehearsal := self.working(sign_in)) is not None:
            with self._lock:
                rehearsal.invite(self._clock.now())

    def end(self, sign_in: str) -> None:
        """That sign-in practises no more."""
        with self._lock:
            self._used_ms.pop(sign_in, None)
            self._leave_nothing()

    def end_all(self) -> None:
        """Nobody practises any more."""
        with self._lock:
            self._used_ms.clear()
            self._leave_nothing()

    def tidy(self) -> None:
        """End what has ended by itself: by a sign-out elsewhere, or by half an hour without a request."""
        if not self._used_ms:
            return
        with self._lock:
            self._used_ms = {name: used for name, used in self._used_ms.items() if self.is_on(name)}
            self._leave_nothing()

    def _leave_nothing(self) -> None:
        if not self._used_ms and self._rehearsal is not None:
            rehearsal, self._rehearsal = self._rehearsal, None
            rehearsal.throw_away()
