from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from appliance.desk.errors import UnknownTally
from appliance.desk.facts.call import Call, CallSource
from appliance.desk.facts.consultation import Consultation, ConsultationEntry
from appliance.desk.facts.day import Tally
from appliance.desk.facts.moment import ClockQuality, Moment
from appliance.desk.facts.sheet import Opening
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.visit import Channel, Visit
from appliance.desk.ports import Storage, Writing
from appliance.store.store import Store
from tests.fakes import NOON, FakeClock, FakeSealer, FakeStorage

NOW = FakeClock().now()
TODAY = date(2026, 11, 20)
ONE_DAY = timedelta(days=1)
TALLY = Tally.of(
    TODAY,
    visits=3,
    people=4,
    topics=(("phone", 2), ("password", 1)),
    age_bands=(),
    by=StaffRole.FACILITY_STAFF,
    now=NOW,
)


@pytest.fixture(params=["fake", "real"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    if request.param == "fake":
        yield FakeStorage()
    else:
        with closing(Store(tmp_path / "desk.db")) as store:
            yield store


def moment(**off: float) -> Moment:
    return replace(
        NOW, wall=NOW.wall + timedelta(**off), mono_ms=NOW.mono_ms + timedelta(**off) // timedelta(milliseconds=1)
    )


def add_call(writing: Writing, at: Moment) -> Call:
    call = Call.at_the_press(1, source=CallSource.BUTTON, attended=True, now=at)
    writing.outbox.add(FakeSealer().seal(call, on=writing.head), at=at)
    writing.calls.add(call)
    return call


def add_visit(writing: Writing, at: Moment) -> Visit:
    visit = Visit.beginning(call=None, waiting_seconds=None, timed=True, now=at)
    writing.visits.add(visit)
    ended = replace(visit.end(channel=Channel.REMOTE, people=2, now=at), timed=False)
    writing.visits.end(ended)
    return ended


def add_consultation(writing: Writing, visit: Visit, at: Moment) -> Consultation:
    entry = ConsultationEntry(topics=("phone",), age_band="to39", outcome="resolved")
    made = Consultation.of(entry, visit=visit.id, minutes=None, honest=False, now=at)
    writing.outbox.add(FakeSealer().seal(made, on=writing.head), at=at)
    writing.consultations.add(made)
    return made


def test_an_opening_is_kept_closed_and_taken_up_again(storage: Storage) -> None:
    opening = Opening(day=TODAY, opened=NOW)
    assert storage.newest_opening() is None
    with storage.writing() as writing:
        assert writing.openings.get(TODAY) is None
        writing.openings.put(opening)
    closed = replace(opening, closed=moment(hours=4))
    with storage.writing() as writing:
        assert writing.openings.get(TODAY) == opening
        writing.openings.put(closed)
    assert storage.newest_opening() == closed
    with storage.writing() as writing:
        writing.openings.put(opening)
    assert storage.newest_opening() == opening
    with storage.writing() as writing:
        writing.openings.forget(TODAY)
        writing.openings.forget(TODAY + ONE_DAY)
    assert storage.newest_opening() is None


def test_the_newest_opening_is_the_last_to_have_happened_whatever_its_date(storage: Storage) -> None:
    later = Opening(day=TODAY - ONE_DAY, opened=replace(NOW, start=2, mono_ms=1))
    with storage.writing() as writing:
        writing.openings.put(later)
        writing.openings.put(Opening(day=TODAY, opened=NOW))
    assert storage.newest_opening() == later
    assert [one.day for one in storage.day_rows(TODAY).openings] == [TODAY, TODAY - ONE_DAY]


def test_a_tally_is_kept_and_withdrawn(storage: Storage) -> None:
    with storage.writing() as writing:
        writing.tallies.add(TALLY)
    assert list(storage.day_rows(TODAY).tallies) == [TALLY]
    assert list(storage.day_rows(TODAY + ONE_DAY).tallies) == []
    with storage.writing() as writing:
        assert writing.tallies.get(TALLY.id) == TALLY
        with pytest.raises(UnknownTally):
            writing.tallies.get(uuid4())
        writing.tallies.withdraw(TALLY.id)
        assert writing.tallies.get(TALLY.id) == replace(TALLY, withdrawn=True)
    assert list(storage.day_rows(TODAY).tallies) == []


def test_a_day_has_what_happened_from_midnight_to_midnight_in_japan(storage: Storage) -> None:
    with storage.writing() as writing:
        times = [
            moment(hours=-12, milliseconds=-1),
            moment(hours=-12),
            moment(hours=12, milliseconds=-1),
            moment(hours=12),
        ]
        calls = [add_call(writing, at) for at in times]
        visits = [add_visit(writing, at) for at in times]
        written = [add_consultation(writing, visit, NOW) for visit in visits]
    rows = storage.day_rows(TODAY)
    assert rows.day == TODAY
    assert list(rows.calls) == calls[1:3]
    assert list(rows.visits) == visits[1:3]
    assert list(rows.consultations) == written[1:3]
    assert list(storage.day_rows(TODAY - ONE_DAY).calls) == calls[:1]


def test_what_was_withdrawn_replaced_or_never_ended_is_left_out(storage: Storage) -> None:
    with storage.writing() as writing:
        writing.visits.add(Visit.beginning(call=None, waiting_seconds=None, timed=True, now=NOW))
        withdrawn, standing = add_visit(writing, NOW), add_visit(writing, moment(minutes=1))
        writing.visits.withdraw(withdrawn.id)
        first, second, third = (add_consultation(writing, standing, NOW) for _ in range(3))
        writing.consultations.withdraw(first.id)
        writing.consultations.supersede(second.id, by=third.id)
    rows = storage.day_rows(TODAY)
    assert [visit.id for visit in rows.visits] == [standing.id]
    assert [consultation.id for consultation in rows.consultations] == [third.id]


def test_what_an_unsure_clock_wrote_may_belong_to_any_day_opened_since(storage: Storage) -> None:
    unsure = replace(moment(days=-365), quality=ClockQuality.UNKNOWN)
    elsewhere = replace(unsure, boot=2)
    with storage.writing() as writing:
        call, visit = add_call(writing, unsure), add_visit(writing, unsure)
        add_call(writing, elsewhere)
        add_visit(writing, elsewhere)
        writing.openings.put(Opening(day=TODAY, opened=NOW))
        writing.openings.put(Opening(day=TODAY - 2 * ONE_DAY, opened=replace(NOW, boot=2)))
    rows = storage.day_rows(TODAY)
    assert list(rows.calls) == [call]
    assert list(rows.visits) == [visit]
    assert list(storage.day_rows(TODAY + ONE_DAY).calls) == []
    assert storage.day_rows(NOON.date() - timedelta(days=365)).calls


def test_a_visit_that_was_not_timed_after_all_is_stored_so(storage: Storage) -> None:
    with storage.writing() as writing:
        visit = add_visit(writing, NOW)
        assert not writing.visits.get(visit.id).timed
