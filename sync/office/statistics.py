"""What the office counts: the internal numbers of a period, straight from the facts that still stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

import peewee

from sync.office.paper import FromPaper, paper, topics_on_paper
from sync.office.scope import Scope, add, column_of, tally, total, within
from sync.office.tables import Call, CallClosed, Consultation, ConsultationTopic, Record, Visit

SECONDS_OF_A_MINUTE = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Minutes:
    """A spread of durations; a percentile is the value at its nearest rank, so it is always one that was measured."""

    n: int
    median: float | None
    p90: float | None

    @classmethod
    def of(cls, seconds: Sequence[int]) -> "Minutes":
        """The spread of these durations, in minutes with one decimal place."""
        ordered = sorted(seconds)
        return cls(n=len(ordered), median=_minutes_at(ordered, 50), p90=_minutes_at(ordered, 90))


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistics:
    """The numbers of one period; `sync.office.definitions` says what each of them means."""

    visits: int
    people: int
    consultations: int
    calls: int
    calls_unattended: int
    assists: int
    by_topic: Mapping[str, int]
    by_age_band: Mapping[str, int]
    by_outcome: Mapping[str, int]
    by_facility: Mapping[str, int]
    by_day: Mapping[date, int]
    service_minutes: Minutes
    waiting_minutes: Minutes
    from_paper: FromPaper
    unsure_clock: int


def count(scope: Scope) -> Statistics:
    """The numbers of `scope`. Call it while the storage is being read."""
    visits = _about(within(Visit, scope), _visits_about(scope.topic))
    consultations = _consultations(scope)
    calls = _about(within(Call, scope), _calls_about(Call.record, scope.topic))
    on_paper = paper(scope)
    return Statistics(
        visits=visits.count() + on_paper.share.visits,
        people=total(visits, Visit.people) + on_paper.share.people,
        consultations=consultations.count(),
        calls=calls.count(),
        calls_unattended=calls.where(~Call.attended).count(),
        assists=0,  # no kind of record carries them yet
        by_topic=add(tally(_topics_of(consultations), ConsultationTopic.topic), on_paper.by_topic),
        by_age_band=add(tally(consultations, Consultation.age_band), on_paper.by_age_band),
        by_outcome=tally(consultations, Consultation.outcome),
        by_facility=add(tally(visits, scope.place(Record.day)), on_paper.by_facility),
        by_day=add(tally(visits, Record.day), on_paper.by_day),
        service_minutes=Minutes.of(_service_seconds(visits)),
        waiting_minutes=Minutes.of(_waiting_seconds(scope)),
        from_paper=on_paper.share,
        unsure_clock=sum(rows.where(Record.unsure).count() for rows in (visits, consultations, calls)),
    )


def topics_seen() -> frozenset[str]:
    """Every topic that any consultation or tally names, whether it counts or not."""
    return frozenset(column_of(ConsultationTopic.select().distinct(), ConsultationTopic.topic)) | topics_on_paper()


# ------------------------------------------------------------------------------------------------------------ selecting


def _about(rows: "peewee.ModelSelect[Any]", condition: peewee.Expression | None) -> "peewee.ModelSelect[Any]":
    return rows if condition is None else rows.where(condition)


def _consultations(scope: Scope) -> "peewee.ModelSelect[Consultation]":
    """The consultations that count, each on the day of the first record that it may correct."""
    rows = within(Consultation, scope, record=Consultation.dated_by).where(Consultation.superseded_by.is_null())
    return _about(rows, _consultations_about(scope.topic))


def _consultations_about(topic: str | None) -> peewee.Expression | None:
    if topic is None:
        return None
    return Consultation.record.in_(ConsultationTopic.select(ConsultationTopic.record).where(_is(topic)))


def _visits_about(topic: str | None) -> peewee.Expression | None:
    return None if topic is None else Visit.record.in_(_visits_with(topic))


def _calls_about(call: peewee.Field, topic: str | None) -> peewee.Expression | None:
    """A call is about what the visit that answers it turns out to be about."""
    if topic is None:
        return None
    about = Visit.record.in_(_visits_with(topic)) & Visit.call.is_null(is_null=False)
    return call.in_(Visit.select(Visit.call).where(about))


def _visits_with(topic: str) -> "peewee.ModelSelect[Consultation]":
    joined = Consultation.select(Consultation.visit).join(
        ConsultationTopic, on=(ConsultationTopic.record == Consultation.record)
    )
    return joined.where(_is(topic), Consultation.superseded_by.is_null())


def _is(topic: str) -> peewee.Expression:
    return ConsultationTopic.topic == topic


def _topics_of(consultations: "peewee.ModelSelect[Consultation]") -> "peewee.ModelSelect[ConsultationTopic]":
    """One row for each topic of each consultation: a consultation with two topics counts in both."""
    chosen = consultations.select(Consultation.record)
    return ConsultationTopic.select().where(ConsultationTopic.record.in_(chosen))


# ------------------------------------------------------------------------------------------------------------- counting


def _service_seconds(visits: "peewee.ModelSelect[Visit]") -> list[int]:
    return column_of(visits.where(Visit.honest, Visit.timed), Visit.service_seconds)


def _waiting_seconds(scope: Scope) -> list[int]:
    """The waits that somebody ended by coming, while somebody was there to be waited for, by a clock one may trust."""
    closings = _about(within(CallClosed, scope), _calls_about(CallClosed.call, scope.topic))
    honest = closings.where(CallClosed.honest, CallClosed.attended, CallClosed.state == "answered")
    return column_of(honest, CallClosed.waiting_seconds)


def _minutes_at(ordered: Sequence[int], percent: int) -> float | None:
    if not ordered:
        return None
    rank = ceil(len(ordered) * percent / 100)
    return round(ordered[rank - 1] / SECONDS_OF_A_MINUTE, 1)
