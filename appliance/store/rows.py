"""Facts to rows and back, one table a class; every method runs inside the writer's transaction."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from peewee import Expression, SqliteDatabase

from appliance.desk.errors import SameKeyOtherBody, UnknownCall, UnknownConsultation, UnknownVisit
from appliance.desk.facts.call import Call, CallSource, CallState
from appliance.desk.facts.consultation import Consultation
from appliance.desk.facts.moment import ClockQuality, Moment
from appliance.desk.facts.visit import Channel, Visit
from appliance.desk.ports import Once
from appliance.store.insertion import Insertion
from appliance.store.models import CallRow, ConsultationRow, RecordRow, RequestRow, Row, VisitRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_CALL, _VISIT = Insertion(CallRow), Insertion(VisitRow)
_CONSULTATION, _REQUEST = Insertion(ConsultationRow), Insertion(RequestRow)
_ANSWERED = "SELECT fingerprint, process, made FROM request WHERE key = ?"  # on the way of every press: not composed

SequenceOf = Callable[[UUID], int]
"""Gives the sequence of the record that this transaction has just sealed under that id."""


def moment_columns(prefix: str, moment: Moment) -> dict[str, object]:
    """The five columns of a moment."""
    return {
        f"{prefix}wall_ms": moment.wall_ms,
        f"{prefix}mono_ms": moment.mono_ms,
        f"{prefix}start": moment.start,
        f"{prefix}boot": moment.boot,
        f"{prefix}quality": moment.quality.value,
    }


def moment_of(row: Row, prefix: str) -> Moment | None:
    """The moment in those columns, or None where nothing has happened yet."""
    wall_ms = getattr(row, f"{prefix}wall_ms")
    if wall_ms is None:
        return None
    return Moment(
        wall=_EPOCH + timedelta(milliseconds=wall_ms),
        mono_ms=getattr(row, f"{prefix}mono_ms"),
        start=getattr(row, f"{prefix}start"),
        boot=getattr(row, f"{prefix}boot"),
        quality=ClockQuality(getattr(row, f"{prefix}quality")),
    )


def sure_moment(row: Row, prefix: str) -> Moment:
    """The moment in columns that are never empty."""
    moment = moment_of(row, prefix)
    if moment is None:
        raise TypeError(prefix)
    return moment


class CallRows:
    """Port `Calls` on the table call."""

    def __init__(self, database: SqliteDatabase, sequence_of: SequenceOf) -> None:
        self._database = database
        self._sequence_of = sequence_of

    def add(self, call: Call) -> None:
        """See the port."""
        _CALL.into(
            self._database,
            sequence=self._sequence_of(call.id),
            uid=call.id,
            button=call.button,
            source=call.source.value,
            attended=call.attended,
            state=call.state.value,
            **moment_columns("raised_", call.raised),
        )

    def get(self, call: UUID) -> Call:
        """See the port."""
        query = CallRow.select().join(RecordRow, on=(RecordRow.sequence == CallRow.sequence))
        row = query.where(RecordRow.uid == call).first(self._database)
        if row is None:
            raise UnknownCall
        return call_of(row)

    def close(self, call: Call) -> None:
        """See the port."""
        if call.closed is None:
            raise TypeError(call.state)
        sequence = RecordRow.select(RecordRow.sequence).where(RecordRow.uid == call.id)
        CallRow.update(state=call.state.value, **moment_columns("closed_", call.closed)).where(
            CallRow.sequence == sequence
        ).execute(self._database)

    def waiting(self) -> Sequence[Call]:
        """See the port."""
        rows = CallRow.select().where(CallRow.state == CallState.RAISED.value).order_by(CallRow.sequence)
        return [call_of(row) for row in rows.bind(self._database)]


def call_of(row: CallRow) -> Call:
    """The call in a row."""
    return Call(
        id=row.uid,
        button=row.button,
        source=CallSource(row.source),
        attended=bool(row.attended),
        raised=sure_moment(row, "raised_"),
        state=CallState(row.state),
        closed=moment_of(row, "closed_"),
    )


class VisitRows:
    """Port `Visits` on the table visit."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def add(self, visit: Visit) -> None:
        """See the port."""
        _VISIT.into(
            self._database,
            uid=visit.id,
            call_uid=visit.call,
            channel=visit.channel.value,
            people=visit.people,
            language=visit.language,
            waiting_seconds=visit.waiting_seconds,
            timed=visit.timed,
            withdrawn=False,
            **moment_columns("began_", visit.began),
        )

    def get(self, visit: UUID) -> Visit:
        """See the port."""
        row = VisitRow.select().where(VisitRow.uid == visit).first(self._database)
        if row is None:
            raise UnknownVisit
        return visit_of(row)

    def of_call(self, call: UUID) -> Visit | None:
        """See the port."""
        standing = (VisitRow.call_uid == call) & (VisitRow.withdrawn == False)  # noqa: E712 (SQL)
        row = VisitRow.select().where(standing).first(self._database)
        return visit_of(row) if row else None

    def end(self, visit: Visit) -> None:
        """See the port."""
        if visit.ended is None:
            raise TypeError(visit)
        VisitRow.update(
            channel=visit.channel.value,
            people=visit.people,
            timed=visit.timed,
            **moment_columns("ended_", visit.ended),
        ).where(VisitRow.uid == visit.id).execute(self._database)

    def withdraw(self, visit: UUID) -> None:
        """See the port."""
        VisitRow.update(withdrawn=True).where(VisitRow.uid == visit).execute(self._database)

    def open(self) -> Sequence[Visit]:
        """See the port."""
        open_now = VisitRow.ended.wall_ms.is_null() & (VisitRow.withdrawn == False)  # noqa: E712 (SQL)
        rows = VisitRow.select().where(open_now).order_by(VisitRow.began.wall_ms)
        return [visit_of(row) for row in rows.bind(self._database)]


def visit_of(row: VisitRow) -> Visit:
    """The visit in a row."""
    return Visit(
        id=row.uid,
        call=row.call_uid,
        channel=Channel(row.channel),
        people=row.people,
        language=row.language,
        waiting_seconds=row.waiting_seconds,
        timed=bool(row.timed),
        began=sure_moment(row, "began_"),
        ended=moment_of(row, "ended_"),
    )


class ConsultationRows:
    """Port `Consultations` on the table consultation."""

    def __init__(self, database: SqliteDatabase, sequence_of: SequenceOf) -> None:
        self._database = database
        self._sequence_of = sequence_of

    def add(self, consultation: Consultation) -> None:
        """See the port; the memo is not a column."""
        _CONSULTATION.into(
            self._database,
            sequence=self._sequence_of(consultation.id),
            uid=consultation.id,
            visit_uid=consultation.visit,
            topics=" ".join(consultation.topics),
            age_band=consultation.age_band,
            outcome=consultation.outcome,
            referred_to=consultation.referred_to,
            minutes=consultation.minutes,
            honest=consultation.honest,
            withdrawn=False,
            **moment_columns("", consultation.at),
        )

    def get(self, consultation: UUID) -> Consultation:
        """See the port."""
        query = ConsultationRow.select().join(RecordRow, on=(RecordRow.sequence == ConsultationRow.sequence))
        row = query.where(RecordRow.uid == consultation).first(self._database)
        if row is None:
            raise UnknownConsultation
        return consultation_of(row)

    def withdraw(self, consultation: UUID) -> None:
        """See the port."""
        sequence = RecordRow.select(RecordRow.sequence).where(RecordRow.uid == consultation)
        ConsultationRow.update(withdrawn=True).where(ConsultationRow.sequence == sequence).execute(self._database)

    def supersede(self, consultation: UUID, *, by: UUID | None) -> None:
        """See the port."""
        sequence = RecordRow.select(RecordRow.sequence).where(RecordRow.uid == consultation)
        ConsultationRow.update(superseded_by=by).where(ConsultationRow.sequence == sequence).execute(self._database)

    def superseded(self, by: UUID) -> UUID | None:
        """See the port."""
        correction = RecordRow.select(RecordRow.sequence).where(RecordRow.uid == by)
        earlier = (ConsultationRow.sequence < correction) & (ConsultationRow.superseded_by == by)
        row = ConsultationRow.select(ConsultationRow.uid).where(earlier).first(self._database)
        return row.uid if row else None

    def standing(self, visit: UUID) -> int:
        """See the port."""
        counting = (ConsultationRow.visit_uid == visit) & counts()
        return int(ConsultationRow.select().where(counting).count(self._database))


def counts() -> Expression:
    """The consultation rows that are neither withdrawn nor replaced."""
    return (ConsultationRow.withdrawn == False) & ConsultationRow.superseded_by.is_null()  # noqa: E712 (SQL)


def consultation_of(row: ConsultationRow) -> Consultation:
    """The consultation in a row; its memo is sealed and gone."""
    return Consultation(
        id=row.uid,
        visit=row.visit_uid,
        topics=tuple(row.topics.split(" ")),
        age_band=row.age_band,
        outcome=row.outcome,
        referred_to=row.referred_to,
        minutes=row.minutes,
        honest=bool(row.honest),
        at=sure_moment(row, ""),
        withdrawn=bool(row.withdrawn),
        superseded_by=row.superseded_by,
    )


class RequestRows:
    """Port `Requests` on the table request."""

    def __init__(self, database: SqliteDatabase, process: bytes) -> None:
        self._database = database
        self._process = process

    def answered(self, once: Once) -> UUID | None:
        """See the port; after a restart the fingerprint key is gone, so only the request's own key decides."""
        found = self._database.execute_sql(_ANSWERED, (once.key.encode(),)).fetchone()  # type: ignore[no-untyped-call]
        if found is None:
            return None
        fingerprint, process, made = found
        if process == self._process and fingerprint != once.fingerprint:
            raise SameKeyOtherBody
        return UUID(bytes=made)

    def remember(self, once: Once, made: UUID, *, now: Moment) -> None:
        """See the port."""
        _REQUEST.into(
            self._database,
            key=once.key.encode(),
            fingerprint=once.fingerprint,
            process=self._process,
            made=made,
            wall_ms=now.wall_ms,
        )
