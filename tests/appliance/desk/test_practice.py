import threading
from itertools import count

import pytest

from appliance.desk.errors import SealingFailed, StorageFull
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.fact import Fact
from appliance.desk.facts.sealed import ChainHead, SealedRecord
from appliance.desk.facts.staff import StaffRole
from appliance.desk.practice import Practice, PracticeDesk, Rehearsal
from tests.fakes import STORIES, FakeClock, FakePracticeRoom, FakeSealer, a_member, build_world

BY = StaffRole.PROMOTION_VOLUNTEER
ENTRY = ConsultationEntry(topics=("phone",), age_band="75to84", outcome="resolved")


class Here:
    """Which sign-ins stand."""

    def __init__(self) -> None:
        self.sign_ins = {"tablet", "phone"}

    def __call__(self, sign_in: str) -> bool:
        return sign_in in self.sign_ins


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def room(clock: FakeClock) -> FakePracticeRoom:
    return FakePracticeRoom(clock)


@pytest.fixture
def here() -> Here:
    return Here()


@pytest.fixture
def practice(clock: FakeClock, room: FakePracticeRoom, here: Here) -> Practice:
    return Practice(open_desk=room.open, clock=clock, is_here=here)


def rehearsal_of(practice: Practice, sign_in: str = "tablet") -> Rehearsal:
    rehearsal = practice.working(sign_in)
    assert rehearsal is not None
    return rehearsal


def serve(practice: Practice, clock: FakeClock) -> str:
    """The resident who waits is answered and written down; her story."""
    clock.advance(seconds=3)
    rehearsal = rehearsal_of(practice)
    desk = rehearsal.desk
    desk.calls.answer(desk.board.snapshot.floor.calls[0].id, by=BY)
    (story,) = rehearsal.stories()
    desk.consultations.log(ENTRY, by=BY, visit=desk.board.snapshot.floor.visits[0].id)
    return story


def test_nobody_practises_and_no_desk_is_opened_before_somebody_begins(
    practice: Practice, room: FakePracticeRoom
) -> None:
    practice.tidy()
    practice.end("tablet")
    practice.end_all()
    assert not practice.is_on("tablet")
    assert practice.working("tablet") is None
    assert (room.opened, room.thrown_away) == ([], 0)


def test_three_seconds_after_the_beginning_a_resident_presses_once(practice: Practice, clock: FakeClock) -> None:
    practice.begin("tablet")
    clock.advance(seconds=2.9)
    assert rehearsal_of(practice).is_expecting
    assert rehearsal_of(practice).desk.board.snapshot.floor.calls == ()
    clock.advance(seconds=0.1)
    for _ in range(3):
        assert len(rehearsal_of(practice).desk.board.snapshot.floor.calls) == 1
    assert not rehearsal_of(practice).is_expecting
    assert rehearsal_of(practice).desk.board.snapshot.floor.calls[0].attended


def test_the_resident_tells_her_story_when_she_is_served_and_the_next_one_another(
    practice: Practice, clock: FakeClock
) -> None:
    practice.begin("tablet")
    assert rehearsal_of(practice).stories() == []
    assert serve(practice, clock) == STORIES[0]
    assert rehearsal_of(practice).is_quiet
    practice.another("tablet")
    assert serve(practice, clock) == STORIES[1]
    practice.another("tablet")
    assert serve(practice, clock) == STORIES[0]


def test_a_visit_that_is_opened_again_keeps_its_story(practice: Practice, clock: FakeClock) -> None:
    practice.begin("tablet")
    story = serve(practice, clock)
    rehearsal = rehearsal_of(practice)
    rehearsal.desk.consultations.withdraw(rehearsal.desk.logged_today()[0].id)
    assert rehearsal.stories() == [story]


def test_whoever_walks_in_has_a_story_too(practice: Practice) -> None:
    practice.begin("tablet")
    rehearsal = rehearsal_of(practice)
    rehearsal.desk.consultations.walk_in()
    assert rehearsal.stories() == [STORIES[0]]


def test_nobody_comes_while_somebody_is_there(practice: Practice, clock: FakeClock) -> None:
    practice.begin("tablet")
    practice.another("tablet")
    clock.advance(seconds=3)
    practice.another("tablet")
    clock.advance(seconds=10)
    rehearsal = rehearsal_of(practice)
    assert len(rehearsal.desk.board.snapshot.floor.calls) == 1
    rehearsal.desk.calls.answer(rehearsal.desk.board.snapshot.floor.calls[0].id, by=BY)
    practice.another("tablet")
    assert not rehearsal.is_expecting


def test_the_next_practice_goes_on_with_the_next_story(practice: Practice, clock: FakeClock) -> None:
    practice.begin("tablet")
    assert serve(practice, clock) == STORIES[0]
    practice.end("tablet")
    practice.begin("tablet")
    assert serve(practice, clock) == STORIES[1]


def test_a_press_that_cannot_be_sealed_is_tried_again(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    class Refusing(FakeSealer):
        refuses = False

        def seal(self, fact: Fact, *, on: ChainHead) -> SealedRecord:
            if self.refuses:
                raise SealingFailed("no randomness")
            return super().seal(fact, on=on)

    sealer = Refusing()
    desk = build_world(clock=clock, sealer=sealer).desk
    opened = PracticeDesk(desk=desk, stories=STORIES, throw_away=lambda: None)
    rehearsal = Rehearsal(opened, turns=count(), now=clock.now())
    clock.advance(seconds=3)
    sealer.refuses = True
    rehearsal.look(clock.now())
    assert rehearsal.is_expecting
    assert "a pretend resident could not press" in caplog.text
    sealer.refuses = False
    rehearsal.look(clock.now())
    assert len(desk.board.snapshot.floor.calls) == 1


def test_all_practise_at_one_desk_which_goes_with_the_last(practice: Practice, room: FakePracticeRoom) -> None:
    practice.begin("tablet")
    practice.begin("tablet")
    practice.begin("phone")
    assert rehearsal_of(practice, "tablet") is rehearsal_of(practice, "phone")
    assert len(room.opened) == 1
    practice.end("tablet")
    assert (practice.is_on("tablet"), practice.is_on("phone"), room.thrown_away) == (False, True, 0)
    practice.end("phone")
    assert (practice.is_on("phone"), room.thrown_away) == (False, 1)


def test_a_sign_in_that_is_over_practises_no_more(practice: Practice, room: FakePracticeRoom, here: Here) -> None:
    practice.begin("tablet")
    here.sign_ins.remove("tablet")
    assert not practice.is_on("tablet")
    assert practice.watching("tablet") is None
    practice.tidy()
    assert room.thrown_away == 1


def test_half_an_hour_without_a_request_ends_it_and_looking_is_no_request(
    practice: Practice, room: FakePracticeRoom, clock: FakeClock
) -> None:
    practice.begin("tablet")
    clock.advance(minutes=29)
    assert practice.working("tablet") is not None
    clock.advance(minutes=29)
    assert practice.watching("tablet") is not None
    practice.tidy()
    assert room.thrown_away == 0
    clock.advance(minutes=1)
    assert practice.working("tablet") is None
    practice.tidy()
    assert room.thrown_away == 1


def test_closing_ends_it_for_all(practice: Practice, room: FakePracticeRoom) -> None:
    practice.begin("tablet")
    practice.begin("phone")
    practice.end_all()
    assert (practice.is_on("tablet"), practice.is_on("phone"), room.thrown_away) == (False, False, 1)


def test_a_desk_that_cannot_be_opened_leaves_nobody_practising(practice: Practice, room: FakePracticeRoom) -> None:
    room.fault = StorageFull()
    with pytest.raises(StorageFull):
        practice.begin("tablet")
    assert not practice.is_on("tablet")
    room.fault = None
    practice.begin("tablet")
    assert practice.is_on("tablet")


def test_many_who_look_at_once_make_one_press(practice: Practice, clock: FakeClock) -> None:
    practice.begin("tablet")
    clock.advance(seconds=3)
    together = threading.Barrier(8)

    def look() -> None:
        together.wait()
        practice.watching("tablet")

    lookers = [threading.Thread(target=look) for _ in range(8)]
    for one in lookers:
        one.start()
    for one in lookers:
        one.join()
    assert len(rehearsal_of(practice).desk.board.snapshot.floor.calls) == 1


def test_practice_is_no_business_of_the_real_desk() -> None:
    """Whoever practises stays signed in there; nothing that happens in practice is sealed or stored there."""
    world = build_world()
    world.desk.presence.arrive("tablet", a_member(), now=world.clock.now())
    with world.storage.writing() as before:
        head = before.head
    board = world.desk.board.snapshot
    world.practice.begin("tablet")
    serve(world.practice, world.clock)
    world.practice.end("tablet")
    with world.storage.writing() as after:
        assert after.head == head
    assert world.desk.board.snapshot == board
    assert board.attended
    assert world.desk.logged_today() == []
