from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from appliance.desk.errors import CallAlreadyClosed, SameKeyOtherBody, StorageFailed, StorageFull
from appliance.desk.facts.call import Call, CallClosed, CallSource, CallState
from appliance.desk.facts.consultation import Consultation, ConsultationEntry
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.visit import Visit
from appliance.desk.lamps import lamp_pattern
from appliance.desk.ports import LampPattern, Once
from appliance.desk.unrecorded import MOST
from tests.fakes import FakeSealer, FakeStorage, FakeWorld, FakeWriting, a_member, build_world

VOLUNTEER = StaffRole.PROMOTION_VOLUNTEER
ENTRY = ConsultationEntry(topics=("phone",), age_band="75to84", outcome="resolved")
ONCE = Once(key="k1", fingerprint=b"f1")


class RefusingStorage(FakeStorage):
    """Refuses so many commits, as a disk does before the reserve has gone."""

    refusals = 0

    @contextmanager
    def writing(self) -> Iterator[FakeWriting]:
        with super().writing() as writing:
            yield writing
            if self.refusals and writing.tables != self.tables:
                self.refusals -= 1
                raise StorageFull


class DoubtfulStorage(FakeStorage):
    """Commits and then says it failed, once, when asked to."""

    doubtful = False

    @contextmanager
    def writing(self) -> Iterator[FakeWriting]:
        with super().writing() as writing:
            yield writing
        if self.doubtful:
            self.doubtful = False
            raise StorageFailed


class BrokenStorage(DoubtfulStorage):
    """Cannot even be read while it is broken; breaks after that doubtful commit, when asked to."""

    is_broken = False
    breaks_with_doubt = False

    @contextmanager
    def writing(self) -> Iterator[FakeWriting]:
        if self.is_broken:
            raise StorageFailed
        self.is_broken = self.breaks_with_doubt and self.doubtful
        with super().writing() as writing:
            yield writing


@pytest.fixture
def world() -> FakeWorld:
    world = build_world()
    storage(world).full = True
    return world


def storage(world: FakeWorld) -> FakeStorage:
    assert isinstance(world.storage, FakeStorage)
    return world.storage


def make_room(world: FakeWorld) -> list[object]:
    """Give the disk room again; what was sealed and stored then."""
    assert isinstance(world.sealer, FakeSealer)
    world.sealer.sealed.clear()
    storage(world).full = False
    world.desk.calls.record_unrecorded()
    return list(world.sealer.sealed)


def press(world: FakeWorld, source: CallSource = CallSource.BUTTON, once: Once | None = None, button: int = 1) -> Call:
    return world.desk.calls.pressed(button, source=source, once=once)


def test_a_call_that_no_disk_takes_is_shown_blinked_and_spoken(world: FakeWorld) -> None:
    world.desk.presence.arrive("somebody", a_member("somebody"), now=world.clock.now())
    call = press(world)
    snapshot = world.desk.board.snapshot
    assert not call.recorded
    assert (snapshot.floor.calls, snapshot.unrecorded, snapshot.unsent) == ((call,), 1, 0)
    assert lamp_pattern(snapshot, 1, world.clock.now()) is LampPattern.CALLING
    world.open_room()
    world.desk.room.stop()
    assert world.voice.said == [world.desk.catalogue.phrases["call_raised"]]


def test_the_reserve_given_up_is_room_enough_for_a_call_and_its_seal_is_a_new_one() -> None:
    refusing = RefusingStorage()
    world = build_world(storage=refusing)
    refusing.refusals = 1
    call = press(world)
    assert call.recorded
    assert world.desk.board.snapshot.unrecorded == 0
    assert isinstance(world.sealer, FakeSealer)
    assert world.sealer.epochs_forgotten == 1
    assert list(refusing.tables.records) == [call.id]


def test_when_there_is_room_again_it_is_stored_as_it_was_raised(world: FakeWorld) -> None:
    call = press(world)
    world.clock.advance(minutes=3)
    assert make_room(world) == [replace(call, recorded=True)]
    snapshot = world.desk.board.snapshot
    assert snapshot.floor.calls == (replace(call, recorded=True),)
    assert (snapshot.unrecorded, snapshot.unsent) == (0, 1)
    assert snapshot.floor.calls[0].raised == call.raised
    assert make_room(world) == []


def test_calls_are_stored_in_the_order_in_which_they_were_raised(world: FakeWorld) -> None:
    calls = [press(world, CallSource.API) for _ in range(5)]
    assert world.desk.board.snapshot.unrecorded == 5
    assert [fact.id for fact in make_room(world) if isinstance(fact, Call)] == [call.id for call in calls]


def test_a_disk_that_fills_up_again_keeps_the_rest_in_ram() -> None:
    refusing = RefusingStorage()
    world = build_world(storage=refusing)
    refusing.full = True
    calls = [press(world, CallSource.API) for _ in range(3)]
    refusing.full, refusing.refusals = False, 1
    with pytest.raises(StorageFull):
        world.desk.calls.record_unrecorded()
    assert world.desk.board.snapshot.unrecorded == 3
    world.desk.calls.record_unrecorded()
    assert [call.id for call in world.desk.board.snapshot.floor.calls] == [call.id for call in calls]
    assert all(call.recorded for call in world.desk.board.snapshot.floor.calls)


def test_pressing_again_raises_no_second_call_in_ram_either(world: FakeWorld) -> None:
    assert press(world) == press(world)
    assert world.desk.board.snapshot.unrecorded == 1


def test_a_call_that_waits_on_the_disk_is_not_raised_again_in_ram(world: FakeWorld) -> None:
    storage(world).full = False
    call = press(world, CallSource.SCREEN)
    storage(world).full = True
    assert press(world, CallSource.SCREEN, ONCE) == call
    assert world.desk.board.snapshot.unrecorded == 0


def test_the_same_request_is_one_call_before_and_after_it_is_stored(world: FakeWorld) -> None:
    call = press(world, CallSource.API, ONCE)
    assert press(world, CallSource.API, ONCE) == call
    storage(world).full = False
    assert press(world, CallSource.API, ONCE) == call
    with pytest.raises(SameKeyOtherBody):
        press(world, CallSource.API, replace(ONCE, fingerprint=b"f2"))
    make_room(world)
    assert press(world, CallSource.API, ONCE).id == call.id
    assert world.desk.board.snapshot.unsent == 1


def test_it_is_answered_in_ram_and_its_answer_and_visit_are_stored_with_it(world: FakeWorld) -> None:
    world.desk.presence.arrive("somebody", a_member("somebody"), now=world.clock.now())
    call = press(world)
    world.clock.advance(seconds=40)
    answered = world.desk.calls.answer(call.id, by=VOLUNTEER, once=ONCE)
    assert world.desk.calls.answer(call.id, by=VOLUNTEER, once=ONCE) == answered
    with pytest.raises(CallAlreadyClosed):
        world.desk.calls.cancel(call.id, by=None)
    snapshot = world.desk.board.snapshot
    assert (snapshot.floor.calls, snapshot.unrecorded) == ((), 1)
    (visit,) = snapshot.floor.visits
    assert (visit.call, visit.waiting_seconds) == (call.id, 40)
    world.clock.advance(minutes=10)
    raised, closed = make_room(world)
    assert raised == replace(call, recorded=True)
    assert isinstance(closed, CallClosed)
    assert (closed.state, closed.waiting_seconds, closed.by) == (CallState.ANSWERED, 40, VOLUNTEER)
    assert world.desk.board.snapshot.unrecorded == 0
    assert world.desk.board.snapshot.floor.visits == (visit,)
    assert world.desk.calls.answer(call.id, by=VOLUNTEER, once=ONCE).state is CallState.ANSWERED


def test_it_is_cancelled_in_ram(world: FakeWorld) -> None:
    call = press(world)
    assert world.desk.calls.cancel(call.id, by=None).state is CallState.CANCELLED
    assert world.desk.board.snapshot.floor.calls == ()
    assert [type(fact) for fact in make_room(world)] == [Call, CallClosed]
    assert world.desk.board.snapshot.unrecorded == 0


def test_it_expires_in_ram(world: FakeWorld) -> None:
    press(world)
    world.clock.advance(minutes=61)
    world.desk.calls.expire_old()
    assert world.desk.board.snapshot.floor.calls == ()
    assert [type(fact) for fact in make_room(world)] == [Call, CallClosed]


def test_everything_else_is_refused_while_the_disk_is_full(world: FakeWorld) -> None:
    storage(world).full = False
    stored = press(world, CallSource.API)
    storage(world).full = True
    held = press(world, CallSource.API)
    for refused in (
        lambda: world.desk.calls.answer(stored.id, by=VOLUNTEER),
        lambda: world.desk.calls.cancel(stored.id, by=None),
        world.desk.consultations.walk_in,
        lambda: world.desk.consultations.log(ENTRY, by=VOLUNTEER),
        lambda: world.desk.consultations.log(ENTRY, by=VOLUNTEER, call=held.id),
    ):
        with pytest.raises(StorageFull):
            refused()
    assert [call.state for call in world.desk.board.snapshot.floor.calls] == [CallState.RAISED] * 2
    assert world.desk.board.snapshot.floor.visits == ()


@pytest.mark.parametrize("named", ["call", "visit"])
def test_a_consultation_brings_the_call_it_names_onto_its_page(world: FakeWorld, named: str) -> None:
    call = press(world)
    if named == "visit":
        world.desk.calls.answer(call.id, by=VOLUNTEER)
        (visit,) = world.desk.board.snapshot.floor.visits
        storage(world).full = False
        world.desk.consultations.log(ENTRY, by=VOLUNTEER, visit=visit.id)
    else:
        storage(world).full = False
        world.desk.consultations.log(ENTRY, by=VOLUNTEER, call=call.id)
    assert isinstance(world.sealer, FakeSealer)
    assert [type(fact) for fact in world.sealer.sealed[-4:]] == [Call, CallClosed, Consultation, Visit]
    snapshot = world.desk.board.snapshot
    assert (snapshot.unrecorded, snapshot.floor.calls, snapshot.floor.visits) == (0, (), ())


def test_a_commit_in_doubt_that_did_happen_stores_no_second_call() -> None:
    doubtful = DoubtfulStorage()
    world = build_world(storage=doubtful)
    doubtful.full = True
    call = press(world, once=ONCE)
    doubtful.full, doubtful.doubtful = False, True
    with pytest.raises(StorageFailed):
        world.desk.calls.record_unrecorded()
    assert world.desk.board.snapshot.unrecorded == 1
    answered = world.desk.calls.answer(call.id, by=VOLUNTEER)
    assert world.desk.board.snapshot.floor.calls == ()
    world.desk.calls.record_unrecorded()
    assert world.desk.board.snapshot.unrecorded == 0
    assert list(doubtful.tables.calls) == [call.id]
    assert doubtful.tables.calls[call.id] == replace(answered, recorded=True)
    assert len(doubtful.tables.records) == 2


@pytest.mark.parametrize("source", [CallSource.BUTTON, CallSource.API])
@pytest.mark.parametrize("once", [ONCE, None])
def test_a_press_whose_commit_is_in_doubt_is_looked_for_before_it_is_stored_again(
    source: CallSource, once: Once | None
) -> None:
    doubtful = DoubtfulStorage()
    world = build_world(storage=doubtful)
    doubtful.doubtful = True
    call = press(world, source, once)
    assert call.recorded
    assert world.desk.board.snapshot.floor.calls == (call,)
    assert world.desk.board.snapshot.unrecorded == 0
    assert (list(doubtful.tables.calls), list(doubtful.tables.records)) == ([call.id], [call.id])
    world.open_room()
    world.desk.room.stop()
    assert len(world.voice.said) == 1


def broken_world() -> tuple[FakeWorld, BrokenStorage]:
    broken = BrokenStorage()
    world = build_world(storage=broken)
    world.desk.presence.arrive("somebody", a_member("somebody"), now=world.clock.now())
    broken.is_broken = True
    return world, broken


@pytest.mark.parametrize("source", CallSource)
def test_a_call_on_a_disk_that_cannot_even_be_read_is_shown_blinked_spoken_and_stored_later(
    source: CallSource,
) -> None:
    world, broken = broken_world()
    call = press(world, source, ONCE)
    assert press(world, source, ONCE) == call
    snapshot = world.desk.board.snapshot
    assert not call.recorded
    assert (snapshot.floor.calls, snapshot.unrecorded) == ((call,), 1)
    assert lamp_pattern(snapshot, 1, world.clock.now()) is LampPattern.CALLING
    for refused in (lambda: world.desk.calls.answer(call.id, by=VOLUNTEER), world.desk.consultations.walk_in):
        with pytest.raises(StorageFailed):
            refused()
    with pytest.raises(StorageFailed):
        world.desk.calls.record_unrecorded()
    broken.is_broken = False
    world.desk.calls.record_unrecorded()
    assert world.desk.board.snapshot.floor.calls == (replace(call, recorded=True),)
    assert press(world, source, ONCE).id == call.id
    assert (list(broken.tables.calls), world.desk.board.snapshot.unrecorded) == ([call.id], 0)
    world.open_room()
    world.desk.room.stop()
    assert world.voice.said == [world.desk.catalogue.phrases["call_raised"]]


def test_pressing_again_on_a_broken_disk_is_the_call_that_waits_since_before_it_broke() -> None:
    world, broken = broken_world()
    broken.is_broken = False
    call = press(world)
    broken.is_broken = True
    assert press(world, once=ONCE) == call
    assert world.desk.board.snapshot.unrecorded == 0


@pytest.mark.parametrize("source", CallSource)
@pytest.mark.parametrize("once", [ONCE, None])
def test_a_press_stored_by_a_disk_that_broke_over_it_is_not_stored_twice(source: CallSource, once: Once | None) -> None:
    world, broken = broken_world()
    broken.is_broken, broken.doubtful, broken.breaks_with_doubt = False, True, True
    call = press(world, source, once)
    assert (call.recorded, world.desk.board.snapshot.unrecorded) == (False, 1)
    broken.is_broken = False
    world.desk.calls.record_unrecorded()
    assert world.desk.board.snapshot.floor.calls == (replace(call, recorded=True),)
    assert world.desk.board.snapshot.unrecorded == 0
    assert (list(broken.tables.calls), list(broken.tables.records)) == ([call.id], [call.id])


@pytest.mark.parametrize("answered", [False, True])
def test_a_request_repeated_while_the_disk_could_not_be_read_is_one_call_unless_somebody_went(
    *, answered: bool
) -> None:
    world, broken = broken_world()
    broken.is_broken = False
    first = press(world, CallSource.API, ONCE)
    broken.is_broken = True
    second = press(world, CallSource.API, ONCE)
    broken.is_broken, broken.full = False, True
    if answered:
        world.desk.calls.answer(second.id, by=VOLUNTEER)
    broken.full = False
    world.desk.calls.record_unrecorded()
    assert list(broken.tables.calls) == ([first.id, second.id] if answered else [first.id])
    assert [call.id for call in world.desk.board.snapshot.floor.calls] == [first.id]
    assert press(world, CallSource.API, ONCE).id == first.id


def test_ram_has_an_end_too(world: FakeWorld) -> None:
    for _ in range(MOST):
        press(world, CallSource.API)
    with pytest.raises(StorageFull):
        press(world, CallSource.API)
    assert world.desk.board.snapshot.unrecorded == MOST
