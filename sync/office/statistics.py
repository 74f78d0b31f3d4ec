"""What the office counts: the internal numbers of a period, straight from the facts that still stand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any, TypeVar

import peewee

from sync.office.tables import Call, CallClosed, Consultation, ConsultationTopic, Fact, Record, Visit

Counted = TypeVar("Counted", bound=Fact)

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What is asked about: days, both included; the devices of a facility, or all; a topic, or all."""

    first: date
    last: date
    devices: Collection[str] | None = None
    topic: str | None = None


def count(scope: Scope, facilities: Mapping[str, str]) -> Statistics:
    """The numbers of `scope`; `facilities` says where each device stands. Call it while the storage is being read."""
    visits = _within(Visit, scope, _visits_about(scope.topic))
    consultations = _within(Consultation, scope, _consultations_about(scope.topic))
    calls = _within(Call, scope, _calls_about(Call.record, scope.topic))
    return Statistics(
        visits=visits.count(),
        people=visits.select(peewee.fn.SUM(Visit.people)).scalar() or 0,
        consultations=consultations.count(),
        calls=calls.count(),
        calls_unattended=calls.where(~Call.attended).count(),
        assists=0,  # no kind of record carries them yet
        by_topic=_tally(_topics_of(scope), ConsultationTopic.topic),
        by_age_band=_tally(consultations, Consultation.age_band),
        by_outcome=_tally(consultations, Consultation.outcome),
        by_facility=_merge(_tally(visits, Record.device), facilities),
        by_day=_tally(visits, Record.day),
        service_minutes=Minutes.of(_service_seconds(visits)),
        waiting_minutes=Minutes.of(_waiting_seconds(scope)),
    )


def topics_seen() -> frozenset[str]:
    """Every topic that any standing consultation names."""
    return frozenset(_column(ConsultationTopic.select().distinct(), ConsultationTopic.topic))


# ------------------------------------------------------------------------------------------------------------ selecting


def _within(table: type[Counted], scope: Scope, about: peewee.Expression | None) -> "peewee.ModelSelect[Counted]":
    """The facts of one table whose record belongs to the scope."""
    selected = table.select().join(Record, on=(table.record == Record.id)).where(_in_scope(scope))
    return selected if about is None else selected.where(about)


def _in_scope(scope: Scope) -> peewee.Expression:
    days = Record.day.between(scope.first, scope.last)
    return days if scope.devices is None else days & Record.device.in_(scope.devices)


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
    return joined.where(_is(topic))


def _is(topic: str) -> peewee.Expression:
    return ConsultationTopic.topic == topic


def _topics_of(scope: Scope) -> "peewee.ModelSelect[ConsultationTopic]":
    """One row for each topic of each consultation: a consultation with two topics counts in both."""
    chosen = _within(Consultation, scope, _consultations_about(scope.topic)).select(Consultation.record)
    return ConsultationTopic.select().where(ConsultationTopic.record.in_(chosen))


# ------------------------------------------------------------------------------------------------------------- counting


def _tally(rows: "peewee.ModelSelect[Any]", column: peewee.Field) -> dict[Any, int]:
    """How many rows have each value, in the order of the values."""
    grouped = rows.select(column, peewee.fn.COUNT(column)).group_by(column).order_by(column)
    return dict(_tuples(grouped))


def _column(rows: "peewee.ModelSelect[Any]", column: peewee.Field) -> list[Any]:
    return [value for (value,) in _tuples(rows.select(column))]


def _tuples(rows: "peewee.ModelSelect[Any]") -> list[Any]:
    return list(rows.tuples())


def _merge(by_device: Mapping[str, int], facilities: Mapping[str, str]) -> dict[str, int]:
    merged: dict[str, int] = {}
    for device, number in by_device.items():
        facility = facilities.get(device, device)
        merged[facility] = merged.get(facility, 0) + number
    return dict(sorted(merged.items()))


def _service_seconds(visits: "peewee.ModelSelect[Visit]") -> list[int]:
    return _column(visits.where(Visit.honest, Visit.timed), Visit.service_seconds)


def _waiting_seconds(scope: Scope) -> list[int]:
    """The waits that somebody ended by coming, while somebody was there to be waited for, by a clock one may trust."""
    closings = _within(CallClosed, scope, _calls_about(CallClosed.call, scope.topic))
    honest = closings.where(CallClosed.honest, CallClosed.attended, CallClosed.state == "answered")
    return _column(honest, CallClosed.waiting_seconds)


def _minutes_at(ordered: Sequence[int], percent: int) -> float | None:
    if not ordered:
        return None
    rank = ceil(len(ordered) * percent / 100)
    return round(ordered[rank - 1] / SECONDS_OF_A_MINUTE, 1)
