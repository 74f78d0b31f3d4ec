"""The numbers of the office against a recount by somebody who never saw a query."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.office.definitions import DEFINITIONS
from sync.office.paper import FromPaper
from sync.office.statistics import Minutes, Statistics
from tests.sync.office.town import TODAY, TestDesk, Town

JAPAN = ZoneInfo("Asia/Tokyo")
FIRST = datetime(2026, 3, 28, 0, 0, tzinfo=UTC)
TOPICS = ("phone", "password", "other")
BANDS = ("to39", "65to74", "unknown")
OUTCOMES = ("resolved", "referred")


@dataclass(frozen=True, kw_only=True)
class Told:
    """One fact as it was told to a desk, for the recount."""

    kind: str
    id: bytes
    facility: str
    day: date
    values: dict[str, object]


@dataclass
class History:
    """Desks with what happened at them, and which records were withdrawn."""

    desks: list[TestDesk]
    told: list[Told] = field(default_factory=list)
    withdrawn: set[bytes] = field(default_factory=set)

    def note(self, desk: TestDesk, kind: str, record: bytes, at: datetime, **values: object) -> bytes:
        day = at.astimezone(JAPAN).date()
        unsure = desk.quality == "unknown"
        fact = Told(kind=kind, id=record, facility=desk.facility, day=day, values={**values, "unsure": unsure})
        self.told.append(fact)
        return record

    def correct(self, desk: TestDesk, record: bytes, first: bytes, **values: object) -> bytes:
        """Told later, of the day of what was told first."""
        day, unsure = next((each.day, each.values["unsure"]) for each in self.told if each.id == first)
        values = {**values, "first": first, "unsure": unsure}
        self.told.append(Told(kind="consultation", id=record, facility=desk.facility, day=day, values=values))
        return record

    def consultations(self) -> list[Told]:
        """Of everything that was ever told about one consultation, what was told last and not taken back."""
        last: dict[object, Told] = {}
        for fact in self.standing("consultation", lambda _: True):
            last[fact.values["first"]] = fact
        return list(last.values())

    def standing(self, kind: str, scope: Callable[[Told], bool]) -> list[Told]:
        return [fact for fact in self.told if fact.kind == kind and fact.id not in self.withdrawn and scope(fact)]


moments = st.integers(0, 7 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
topics = st.lists(st.sampled_from(TOPICS), min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def histories(draw: st.DrawFn) -> History:
    desks = [TestDesk(1), TestDesk(2), TestDesk(3, facility="toshokan", facility_name="図書館")]
    history = History(desks)
    for _ in range(draw(st.integers(0, 12))):
        desk = draw(st.sampled_from(desks))
        desk.quality = draw(st.sampled_from(["staff", "synchronised", "unknown"]))
        if draw(st.integers(0, 4)):
            _party(draw, history, desk)
        else:
            _paper(draw, history, desk)
    return history


def _paper(draw: st.DrawFn, history: History, desk: TestDesk) -> None:
    day, at = draw(moments), draw(moments)
    counts = st.integers(0, 9)
    values: dict[str, Any] = {
        "visits": draw(counts),
        "people": draw(counts),
        "topics": draw(st.dictionaries(st.sampled_from(TOPICS), counts)),
        "age_bands": draw(st.dictionaries(st.sampled_from(BANDS), counts)),
    }
    written = day.astimezone(JAPAN).date().isoformat()
    record = history.note(desk, "tally", desk.tally(written, at=at, **values), day, **values)
    _maybe_withdraw(draw, history, desk, record)


def _party(draw: st.DrawFn, history: History, desk: TestDesk) -> None:
    at = draw(moments)
    call = _call(draw, history, desk, at) if draw(st.booleans()) else None
    visit = _visit(draw, history, desk, at, call) if draw(st.integers(0, 4)) else None
    if visit is not None:
        for _ in range(draw(st.integers(0, 2))):
            _consultation(draw, history, desk, at, visit)
        _maybe_withdraw(draw, history, desk, visit)


def _call(draw: st.DrawFn, history: History, desk: TestDesk, at: datetime) -> bytes:
    attended = draw(st.booleans())
    call = history.note(desk, "call", desk.call(attended=attended, at=at), at, attended=attended)
    state = draw(st.sampled_from(["answered", "cancelled", "expired", None]))
    if state is not None:
        seconds, honest = draw(st.integers(0, 4000)), draw(st.booleans())
        closed = desk.close(call, state=state, seconds=seconds, honest=honest, attended=attended, at=at)
        values = {"state": state, "seconds": seconds, "honest": honest, "attended": attended, "call": call}
        history.note(desk, "call_closed", closed, at, **values)
    return call


def _visit(draw: st.DrawFn, history: History, desk: TestDesk, at: datetime, call: bytes | None) -> bytes:
    people, seconds = draw(st.integers(1, 4)), draw(st.integers(0, 9000))
    honest, timed = draw(st.booleans()), draw(st.booleans())
    visit = desk.visit(call=call, people=people, seconds=seconds, honest=honest, timed=timed, at=at)
    values = {"people": people, "seconds": seconds, "honest": honest, "timed": timed, "call": call}
    return history.note(desk, "visit", visit, at, **values)


def _consultation(draw: st.DrawFn, history: History, desk: TestDesk, at: datetime, visit: bytes) -> None:
    chosen = draw(topics)
    band, outcome = draw(st.sampled_from(BANDS)), draw(st.sampled_from(OUTCOMES))
    record = desk.consultation(visit, topics=chosen, age_band=band, outcome=outcome, at=at)
    values = {"visit": visit, "topics": chosen, "band": band, "outcome": outcome, "first": record}
    history.note(desk, "consultation", record, at, **values)
    _maybe_withdraw(draw, history, desk, record)
    told = [record]
    for _ in range(draw(st.integers(0, 3))):
        told.append(_correction(draw, history, desk, told, visit))
        _maybe_withdraw(draw, history, desk, draw(st.sampled_from(told)))


def _correction(draw: st.DrawFn, history: History, desk: TestDesk, told: list[bytes], visit: bytes) -> bytes:
    chosen, replaces = draw(topics), draw(st.sampled_from(told))
    band, outcome = draw(st.sampled_from(BANDS)), draw(st.sampled_from(OUTCOMES))
    record = desk.correction(replaces, visit, topics=chosen, age_band=band, outcome=outcome, at=draw(moments))
    values = {"visit": visit, "topics": chosen, "band": band, "outcome": outcome}
    return history.correct(desk, record, told[0], **values)


def _maybe_withdraw(draw: st.DrawFn, history: History, desk: TestDesk, record: bytes) -> None:
    if draw(st.integers(0, 3)) == 0:
        history.withdrawn.add(record)
        desk.withdraw(record)


def spread(seconds: list[int]) -> Minutes:
    if not seconds:
        return Minutes(n=0, median=None, p90=None)
    ordered = sorted(seconds)
    median = ordered[ceil(len(ordered) / 2) - 1]
    return Minutes(
        n=len(ordered), median=round(median / 60, 1), p90=round(ordered[ceil(len(ordered) * 0.9) - 1] / 60, 1)
    )


def recount(history: History, first: date, last: date, facility: str | None, topic: str | None) -> Statistics:
    def in_scope(fact: Told) -> bool:
        return first <= fact.day <= last and facility in (None, fact.facility)

    every = [fact for fact in history.consultations() if topic is None or topic in fact.values["topics"]]  # type: ignore[operator]
    tallies = history.standing("tally", lambda fact: topic is None and in_scope(fact))
    about = {fact.values["visit"] for fact in every}
    consultations = [fact for fact in every if in_scope(fact)]
    all_visits = history.standing("visit", lambda fact: topic is None or fact.id in about)
    visits = [fact for fact in all_visits if in_scope(fact)]
    led_here = {fact.values["call"] for fact in all_visits}
    calls = history.standing("call", lambda fact: in_scope(fact) and (topic is None or fact.id in led_here))
    closings = history.standing(
        "call_closed", lambda fact: in_scope(fact) and (topic is None or fact.values["call"] in led_here)
    )
    waits = [
        int(str(fact.values["seconds"]))
        for fact in closings
        if fact.values["state"] == "answered" and fact.values["attended"] and fact.values["honest"]
    ]
    services = [int(str(f.values["seconds"])) for f in visits if f.values["honest"] and f.values["timed"]]
    paper = FromPaper(visits=_sum(tallies, "visits"), people=_sum(tallies, "people"))
    return Statistics(
        visits=len(visits) + paper.visits,
        people=_sum(visits, "people") + paper.people,
        consultations=len(consultations),
        calls=len(calls),
        calls_unattended=sum(not fact.values["attended"] for fact in calls),
        assists=0,
        by_topic=_count(consultations, lambda fact: fact.values["topics"]) + _marks(tallies, "topics"),
        by_age_band=_count(consultations, lambda fact: [fact.values["band"]]) + _marks(tallies, "age_bands"),
        by_outcome=_count(consultations, lambda fact: [fact.values["outcome"]]),
        by_facility=_count(visits, lambda fact: [fact.facility]) + _visits_of(tallies, lambda fact: fact.facility),
        by_day=_count(visits, lambda fact: [fact.day]) + _visits_of(tallies, lambda fact: fact.day),
        service_minutes=spread(services),
        waiting_minutes=spread(waits),
        from_paper=paper,
        unsure_clock=sum(bool(fact.values["unsure"]) for fact in [*visits, *consultations, *calls]),
    )


def _sum(facts: list[Told], name: str) -> int:
    return sum(int(str(fact.values[name])) for fact in facts)


def _count(facts: list[Told], keys: Callable[[Told], Any]) -> Counter[Any]:
    return Counter(each for fact in facts for each in keys(fact))


def _marks(tallies: list[Told], name: str) -> Counter[Any]:
    counters: list[Counter[Any]] = [Counter(fact.values[name]) for fact in tallies]  # type: ignore[call-overload]
    return sum(counters, Counter())


def _visits_of(tallies: list[Told], key: Callable[[Told], Any]) -> Counter[Any]:
    counters: list[Counter[Any]] = [Counter({key(fact): fact.values["visits"]}) for fact in tallies]
    return sum(counters, Counter())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    history=histories(),
    order=st.randoms(use_true_random=False),
    first=st.integers(0, 8),
    length=st.integers(0, 8),
    facility=st.sampled_from([None, "chuo", "toshokan"]),
    topic=st.sampled_from([None, "phone", "other"]),
)
def test_every_number_agrees_with_a_recount(
    history: History, order: object, first: int, length: int, facility: str | None, topic: str | None
) -> None:
    begin = date(2026, 3, 28) + timedelta(days=first)
    end = begin + timedelta(days=length)
    with TemporaryDirectory() as folder:
        town = Town(Path(folder))
        town.admit(*history.desks)
        bodies = [body for desk in history.desks for body in desk.bodies]
        order.shuffle(bodies)  # type: ignore[attr-defined]
        office = town.office()
        office.take([epoch for desk in history.desks for epoch in desk.epochs], bodies)
        counted = office.statistics(begin, end, facility=facility, topic=topic)
        town.close()
    assert counted == recount(history, begin, end, facility, topic)


def test_a_topic_counts_in_each_of_its_consultations(town: Town, desk: TestDesk) -> None:
    desk.served(topics=("phone", "password"), people=3)
    desk.served(topics=("phone",))
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    everything = office.statistics(TODAY, TODAY)
    assert (everything.visits, everything.people, everything.consultations) == (2, 4, 2)
    assert everything.by_topic == {"password": 1, "phone": 2}
    only = office.statistics(TODAY, TODAY, topic="password")
    assert (only.visits, only.people, only.consultations, only.by_topic) == (1, 3, 1, {"password": 1, "phone": 1})


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2027-03-31T14:59:59Z", "2027-03-31"),
        ("2027-03-31T15:00:00Z", "2027-04-01"),
        ("2026-12-31T15:00:00Z", "2027-01-01"),
    ],
)
def test_the_day_is_the_day_in_japan(town: Town, desk: TestDesk, utc: str, day: str) -> None:
    desk.visit(at=datetime.fromisoformat(utc))
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    assert office.statistics(date(2026, 1, 1), date(2028, 1, 1)).by_day == {date.fromisoformat(day): 1}


@pytest.mark.parametrize(
    ("minutes", "median", "p90"),
    [([7], 7, 7), ([1, 9], 1, 9), ([1, 2, 3], 2, 3), (list(range(1, 11)), 5, 9), (list(range(1, 12)), 6, 10)],
)
def test_percentiles_are_values_that_were_measured(minutes: list[int], median: float, p90: float) -> None:
    spread = Minutes.of([each * 60 for each in reversed(minutes)])
    assert (spread.n, spread.median, spread.p90) == (len(minutes), median, p90)


def test_no_durations_have_no_percentiles() -> None:
    assert Minutes.of([]) == Minutes(n=0, median=None, p90=None)


def test_a_facility_is_all_its_devices_even_after_the_box_was_replaced(town: Town, desk: TestDesk) -> None:
    replacement = TestDesk(9)
    town.admit(replacement)
    desk.visit()
    replacement.visit()
    office = town.office()
    office.take([*desk.epochs, *replacement.epochs], [*desk.bodies, *replacement.bodies])
    assert office.statistics(TODAY, TODAY).by_facility == {"chuo": 2}


def test_every_measure_has_its_sentence() -> None:
    assert [each.measure for each in DEFINITIONS] == [*_in_order()]


def _in_order() -> list[str]:
    names = [each.name for each in fields(Statistics)]
    return sorted(names, key=[each.measure for each in DEFINITIONS].index)


def test_a_month_of_gaps_counts_where_the_next_record_is(town: Town, desk: TestDesk) -> None:
    for month in (9, 10, 11):
        for day in (1, 2, 3):
            desk.visit(at=datetime(2026, month, day, 3, tzinfo=UTC))
    lost = [desk.bodies[2], desk.bodies[3]]
    office = town.office()
    office.take(desk.epochs, [body for body in desk.bodies if body not in lost])
    months = [office.reconcile(date(2026, month, 1), date(2026, month, 30))[0] for month in (9, 10, 11)]
    assert [(each.captured, each.receipted, each.gaps) for each in months] == [(2, 2, 0), (4, 2, 2), (3, 3, 0)]
    assert office.reconcile(date(2026, 1, 1), date(2026, 12, 31))[0].captured == 9
    assert office.reconcile(date(2025, 1, 1), date(2025, 12, 31)) == ()
