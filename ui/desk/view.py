"""What the volunteer's screen says, in words, computed from a snapshot and today's log."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from appliance.desk.board import Snapshot
from appliance.desk.desk import Desk
from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.call import Call, CallSource
from appliance.desk.facts.catalogue import Catalogue, Tip
from appliance.desk.facts.consultation import Consultation
from appliance.desk.facts.moment import Moment, elapsed
from appliance.desk.facts.sheet import day_of
from appliance.desk.facts.visit import JAPAN, Visit
from appliance.desk.ports import Silence
from appliance.desk.reception.consultations import UNDO
from ui.desk.kiosk_words import Language, foreign
from ui.desk.wording import duration, say

_SILENCES = {
    Silence.VOLUME: "silence.volume",
    Silence.QUIET_HOURS: "silence.quiet_hours",
    Silence.LANGUAGE: "silence.language",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRow:
    """A call that waits."""

    id: UUID
    button: int
    name: str
    """Where she called from."""
    language: Language | None
    """What she chose on the screen, if it is another than Japanese."""
    waited: str
    attended: bool
    recorded: bool
    wishes_to_cancel: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitRow:
    """A visit that is being served."""

    id: UUID
    since: str
    lasted: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedRow:
    """A consultation of today."""

    id: UUID
    time: str
    topics: str
    outcome: str
    minutes: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusView:
    """What every screen shows: the time, how the records stand, who calls."""

    time: str
    strip_state: str
    strip_text: str
    calls: Sequence[CallRow]


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardView:
    """All that changes by itself on the volunteer's screen."""

    status: StatusView
    visits: Sequence[VisitRow]
    today: Sequence[LoggedRow] | None
    """Rows of today's log; None while the disk cannot be read."""
    tip: Tip | None
    """Today's card to learn from; None while somebody calls or is being served."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Undo:
    """A consultation that was just saved and can still be taken back."""

    id: UUID
    text: str
    seconds: int


def status_view(desk: Desk, snapshot: Snapshot, now: Moment) -> StatusView:
    """How things stand in this snapshot at this moment."""
    strip_state, strip_text = _strip(desk.catalogue, snapshot)
    return StatusView(
        time=clock_time(now),
        strip_state=strip_state,
        strip_text=strip_text,
        calls=[_call_row(desk, call, now, wishes=call.id in snapshot.wishes) for call in snapshot.floor.calls],
    )


def _strip(catalogue: Catalogue, snapshot: Snapshot) -> tuple[str, str]:
    """How the records stand, the worst first."""
    if not snapshot.can_seal:
        return "unrecorded", say("strip.no_keys")
    if snapshot.unrecorded:
        return "unrecorded", say("strip.unrecorded", count=snapshot.unrecorded)
    if snapshot.broken_buttons:
        return "unrecorded", say("strip.buttons", buttons="・".join(f"{one}番" for one in snapshot.broken_buttons))
    if snapshot.voice_failed:
        return "unrecorded", say("strip.voice_failed")
    if snapshot.unsent:
        return "unsent", say("strip.unsent", municipality=catalogue.words.municipality, count=snapshot.unsent)
    return "saved", say("strip.saved")


def silence_words(silence: Silence | None) -> str:
    """Why a sentence is not heard; empty where it is."""
    return say(_SILENCES[silence]) if silence else ""


def board_view(desk: Desk, snapshot: Snapshot, now: Moment) -> BoardView:
    """The volunteer's screen for this snapshot at this moment."""
    return BoardView(
        status=status_view(desk, snapshot, now),
        visits=[_visit_row(visit, now) for visit in snapshot.floor.visits],
        today=_today(desk),
        tip=None if snapshot.floor.calls or snapshot.floor.visits else tip_of(desk.catalogue, now),
    )


def tip_of(catalogue: Catalogue, now: Moment) -> Tip:
    """The card of this day in Japan; tomorrow the next one."""
    return catalogue.tips[day_of(now.wall).toordinal() % len(catalogue.tips)]


def clock_time(moment: Moment) -> str:
    """The time of day in Japan, as the box knows it."""
    return f"{moment.wall.astimezone(JAPAN):%H:%M}"


def undo_of(desk: Desk, saved: str) -> Undo | None:
    """The way back for the consultation with that id, while it is fresh."""
    try:
        fresh = next(row for row in desk.logged_today() if str(row.id) == saved)
    except (StopIteration, MadoguchiError):
        return None
    left = (UNDO - elapsed(fresh.at, desk.clock.now()).time).total_seconds()
    if left <= 0:
        return None
    topics, outcome = _topics(desk.catalogue, fresh), desk.catalogue.outcome_name(fresh.outcome)
    return Undo(id=fresh.id, text=say("undo.saved", topics=topics, outcome=outcome), seconds=max(1, round(left)))


def _today(desk: Desk) -> list[LoggedRow] | None:
    try:
        return [_logged_row(desk.catalogue, row) for row in desk.logged_today()]
    except MadoguchiError:
        return None


def _call_row(desk: Desk, call: Call, now: Moment, *, wishes: bool) -> CallRow:
    since, time = clock_time(call.raised), duration(call.waiting_time(now).seconds)
    waited = say("call.waited" if time else "call.just", since=since, time=time)
    return CallRow(
        id=call.id,
        button=call.button,
        name=say("call.screen") if call.source is CallSource.SCREEN else say("call", button=call.button),
        language=foreign(desk.calls.language_of(call.id)),
        waited=waited,
        attended=call.attended,
        recorded=call.recorded,
        wishes_to_cancel=wishes,
    )


def _visit_row(visit: Visit, now: Moment) -> VisitRow:
    time = duration(visit.service_time(now).seconds)
    lasted = say("visit.lasted" if time else "visit.just", time=time)
    return VisitRow(id=visit.id, since=clock_time(visit.began), lasted=lasted)


def _logged_row(catalogue: Catalogue, row: Consultation) -> LoggedRow:
    return LoggedRow(
        id=row.id,
        time=clock_time(row.at),
        topics=_topics(catalogue, row),
        outcome=catalogue.outcome_name(row.outcome),
        minutes="" if row.minutes is None else say("time.minutes", minutes=row.minutes),
    )


def _topics(catalogue: Catalogue, row: Consultation) -> str:
    return "、".join(catalogue.topic_name(topic) for topic in row.topics)
