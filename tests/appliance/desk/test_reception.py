from dataclasses import replace
from uuid import uuid4

import pytest

from appliance.desk.errors import (
    AlreadyWithdrawn,
    CallAlreadyClosed,
    Invalid,
    SameKeyOtherBody,
    StorageFull,
    Superseded,
    UnknownCall,
    UnknownConsultation,
    UnknownVisit,
    VisitIsShared,
)
from appliance.desk.facts.call import Call, CallClosed, CallSource, CallState
from appliance.desk.facts.consultation import Consultation, ConsultationEntry, Correction
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.visit import Channel, Visit
from appliance.desk.facts.withdrawal import Withdrawal
from appliance.desk.lamps import lamp_pattern
from appliance.desk.ports import LampPattern, Once
from appliance.desk.room import Room
from tests.fakes import BrokenLamp, FakeSealer, FakeStorage, FakeVoice, FakeWorld, a_member, build_world

VOLUNTEER = StaffRole.PROMOTION_VOLUNTEER
ENTRY = ConsultationEntry(topics=("phone", "password"), age_band="75to84", outcome="resolved", memo="ひみつ")
ONCE = Once(key="k1", fingerprint=b"f1")


@pytest.fixture
def world() -> FakeWorld:
    return build_world()


def sealed(world: FakeWorld) -> list[object]:
    assert isinstance(world.sealer, FakeSealer)
    return list(world.sealer.sealed)


def press(world: FakeWorld, source: CallSource = CallSource.BUTTON) -> Call:
    return world.desk.calls.pressed(1, source=source)


def test_a_press_is_sealed_stored_and_on_the_board(world: FakeWorld) -> None:
    call = press(world)
    assert sealed(world) == [call]
    assert world.desk.board.snapshot.floor.calls == (call,)
    assert world.desk.board.snapshot.unsent == 1


def test_pressing_again_while_waiting_raises_no_second_call(world: FakeWorld) -> None:
    assert press(world) == press(world)
    assert len(sealed(world)) == 1


def test_each_request_of_a_program_is_a_call_of_its_own(world: FakeWorld) -> None:
    assert press(world, CallSource.API) != press(world, CallSource.API)


def test_a_button_the_desk_cannot_have_is_refused(world: FakeWorld) -> None:
    with pytest.raises(Invalid, match="button"):
        world.desk.calls.pressed(100, source=CallSource.API)


def test_the_same_request_twice_makes_one_call(world: FakeWorld) -> None:
    first = world.desk.calls.pressed(1, source=CallSource.API, once=ONCE)
    assert world.desk.calls.pressed(1, source=CallSource.API, once=ONCE) == first
    assert len(sealed(world)) == 1


def test_the_same_key_with_another_body_is_refused(world: FakeWorld) -> None:
    world.desk.calls.pressed(1, source=CallSource.API, once=ONCE)
    with pytest.raises(SameKeyOtherBody):
        world.desk.calls.pressed(2, source=CallSource.API, once=replace(ONCE, fingerprint=b"f2"))


def test_an_answer_ends_the_call_and_begins_the_visit(world: FakeWorld) -> None:
    world.desk.presence.arrive("somebody", a_member("somebody"), now=world.clock.now())
    call = press(world)
    world.clock.advance(seconds=95)
    answered = world.desk.calls.answer(call.id, by=VOLUNTEER)
    assert answered.state is CallState.ANSWERED
    closed = sealed(world)[-1]
    assert isinstance(closed, CallClosed)
    assert (closed.waiting_seconds, closed.honest, closed.by) == (95, True, VOLUNTEER)
    assert world.desk.board.snapshot.floor.calls == ()
    (visit,) = world.desk.board.snapshot.floor.visits
    assert (visit.call, visit.waiting_seconds, visit.timed) == (call.id, 95, True)


def test_a_call_cannot_be_answered_twice(world: FakeWorld) -> None:
    call = press(world)
    world.desk.calls.answer(call.id, by=VOLUNTEER)
    with pytest.raises(CallAlreadyClosed):
        world.desk.calls.answer(call.id, by=VOLUNTEER)
    with pytest.raises(CallAlreadyClosed):
        world.desk.calls.cancel(call.id, by=VOLUNTEER)


def test_the_same_answer_sent_twice_is_one_answer(world: FakeWorld) -> None:
    call = press(world)
    world.desk.calls.answer(call.id, by=VOLUNTEER, once=ONCE)
    assert world.desk.calls.answer(call.id, by=VOLUNTEER, once=ONCE).state is CallState.ANSWERED
    assert len(sealed(world)) == 2


def test_an_unknown_call_is_said_to_be_unknown(world: FakeWorld) -> None:
    with pytest.raises(UnknownCall):
        world.desk.calls.answer(uuid4(), by=VOLUNTEER)


def test_a_cancelled_call_leaves_the_board(world: FakeWorld) -> None:
    call = press(world)
    assert world.desk.calls.cancel(call.id, by=None, once=ONCE).state is CallState.CANCELLED
    assert world.desk.calls.cancel(call.id, by=None, once=ONCE).state is CallState.CANCELLED
    assert world.desk.board.snapshot.floor.calls == ()


def test_a_call_nobody_answers_expires_after_patience_has_run_out(world: FakeWorld) -> None:
    world.desk.presence.arrive("somebody", a_member("somebody"), now=world.clock.now())
    call = press(world)
    world.clock.advance(minutes=59)
    world.desk.calls.expire_old()
    assert list(world.desk.board.snapshot.floor.calls) == [call]
    world.clock.advance(minutes=1)
    world.desk.calls.expire_old()
    assert world.desk.board.snapshot.floor.calls == ()
    closed = sealed(world)[-1]
    assert isinstance(closed, CallClosed)
    assert closed.state is CallState.EXPIRED


def test_a_consultation_ends_the_visit_and_measures_it(world: FakeWorld) -> None:
    call = press(world)
    world.desk.calls.answer(call.id, by=VOLUNTEER)
    world.clock.advance(minutes=12)
    made = world.desk.consultations.log(ENTRY, by=VOLUNTEER, call=call.id)
    assert (made.minutes, made.honest) == (12, True)
    consultation, visit = sealed(world)[-2:]
    assert isinstance(consultation, Consultation)
    assert isinstance(visit, Visit)
    assert consultation.memo == "ひみつ"
    assert (visit.id, visit.people) == (made.visit, 1)
    assert world.desk.board.snapshot.floor.visits == ()


def test_the_memo_is_nowhere_but_in_the_sealed_fact(world: FakeWorld) -> None:
    world.desk.consultations.log(ENTRY, by=VOLUNTEER)
    assert isinstance(world.storage, FakeStorage)
    (row,) = world.storage.tables.consultations.values()
    assert row.memo is None
    assert "ひみつ" not in repr(ENTRY)
    assert "ひみつ" not in repr(sealed(world))


def test_a_second_consultation_belongs_to_the_same_visit(world: FakeWorld) -> None:
    visit = world.desk.consultations.walk_in()
    first = world.desk.consultations.log(ENTRY, by=VOLUNTEER, visit=visit.id)
    second = world.desk.consultations.log(ENTRY, by=VOLUNTEER, visit=visit.id)
    assert first.visit == second.visit == visit.id
    assert sum(isinstance(fact, Visit) for fact in sealed(world)) == 1


def test_what_is_written_down_afterwards_has_no_minutes(world: FakeWorld) -> None:
    made = world.desk.consultations.log(replace(ENTRY, channel=Channel.TELEPHONE, people=3), by=VOLUNTEER)
    assert (made.minutes, made.honest) == (None, False)
    visit = sealed(world)[-1]
    assert isinstance(visit, Visit)
    assert (visit.channel, visit.people, visit.timed) == (Channel.TELEPHONE, 3, False)


def test_a_call_served_before_anybody_answered_it_is_answered_by_its_consultation(world: FakeWorld) -> None:
    call = press(world)
    made = world.desk.consultations.log(ENTRY, by=VOLUNTEER, call=call.id)
    assert made.minutes is None
    assert world.desk.board.snapshot.floor.calls == ()
    assert any(isinstance(fact, CallClosed) for fact in sealed(world))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (replace(ENTRY, topics=()), "topics"),
        (replace(ENTRY, topics=("phone", "phone")), "topics"),
        (replace(ENTRY, topics=("astrology",)), "topics"),
        (replace(ENTRY, age_band="60to80"), "age_band"),
        (replace(ENTRY, outcome="failed"), "outcome"),
        (replace(ENTRY, referred_to="nobody"), "referred_to"),
        (replace(ENTRY, people=0), "people"),
        (replace(ENTRY, memo="あ" * 2001), "memo"),
    ],
)
def test_an_entry_outside_the_catalogue_is_refused_and_nothing_is_sealed(
    world: FakeWorld, wrong: ConsultationEntry, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        world.desk.consultations.log(wrong, by=VOLUNTEER)
    assert refused.value.field == field
    assert sealed(world) == []


def test_unknown_visits_and_consultations_are_said_to_be_unknown(world: FakeWorld) -> None:
    with pytest.raises(UnknownVisit):
        world.desk.consultations.log(ENTRY, by=VOLUNTEER, visit=uuid4())
    with pytest.raises(UnknownConsultation):
        world.desk.consultations.withdraw(uuid4())


def test_a_withdrawn_consultation_opens_its_visit_again_with_the_timer_running(world: FakeWorld) -> None:
    visit = world.desk.consultations.walk_in()
    made = world.desk.consultations.log(ENTRY, by=VOLUNTEER, visit=visit.id)
    world.clock.advance(seconds=9)
    assert world.desk.consultations.withdraw(made.id).withdrawn
    assert [fact.of for fact in sealed(world) if isinstance(fact, Withdrawal)] == [made.id, visit.id]
    (again,) = world.desk.board.snapshot.floor.visits
    assert again.id != visit.id
    assert again.began == visit.began
    assert isinstance(world.storage, FakeStorage)
    assert world.storage.tables.records[made.id] is None
    world.desk.consultations.log(ENTRY, by=VOLUNTEER, visit=again.id)
    assert world.desk.board.snapshot.floor.visits == ()
    assert len(world.desk.logged_today()) == 1


def test_withdrawing_one_of_two_consultations_leaves_the_visit_ended(world: FakeWorld) -> None:
    visit = world.desk.consultations.walk_in()
    world.desk.consultations.log(ENTRY, by=VOLUNTEER, visit=visit.id)
    second = world.desk.consultations.log(ENTRY, by=VOLUNTEER, visit=visit.id)
    world.desk.consultations.withdraw(second.id)
    assert world.desk.board.snapshot.floor.visits == ()


def test_an_untimed_visit_disappears_with_its_only_consultation(world: FakeWorld) -> None:
    made = world.desk.consultations.log(ENTRY, by=VOLUNTEER)
    world.desk.consultations.withdraw(made.id)
    assert world.desk.board.snapshot.floor.visits == ()


def test_a_record_is_withdrawn_once(world: FakeWorld) -> None:
    made = world.desk.consultations.log(ENTRY, by=VOLUNTEER)
    world.desk.consultations.withdraw(made.id, once=ONCE)
    world.desk.consultations.withdraw(made.id, once=ONCE)
    with pytest.raises(AlreadyWithdrawn):
        world.desk.consultations.withdraw(made.id)


def test_repeated_requests_for_walk_ins_and_consultations_make_one(world: FakeWorld) -> None:
    assert world.desk.consultations.walk_in(once=ONCE) == world.desk.consultations.walk_in(once=ONCE)
    other = replace(ONCE, key="k2")
    first = world.desk.consultations.log(ENTRY, by=VOLUNTEER, once=other)
    assert world.desk.consultations.log(ENTRY, by=VOLUNTEER, once=other) == first


BETTER = replace(ENTRY, topics=("fraud",), outcome="referred", referred_to="police")


def test_a_correction_takes_the_place_of_what_it_corrects(world: FakeWorld) -> None:
    visit = world.desk.consultations.walk_in()
    world.clock.advance(minutes=4)
    before = world.desk.consultations.log(ENTRY, by=VOLUNTEER, visit=visit.id)
    world.clock.advance(minutes=30)
    after = world.desk.consultations.correct(before.id, BETTER, once=ONCE)
    assert world.desk.consultations.correct(before.id, BETTER, once=ONCE) == after
    correction = sealed(world)[-1]
    assert isinstance(correction, Correction)
    assert (correction.replaces, correction.id) == (before.id, after.id)
    assert (after.minutes, after.honest, after.visit) == (4, True, visit.id)
    assert [one.id for one in world.desk.logged_today()] == [after.id]


def test_what_was_corrected_can_neither_be_corrected_nor_withdrawn_again(world: FakeWorld) -> None:
    before = world.desk.consultations.log(ENTRY, by=VOLUNTEER)
    after = world.desk.consultations.correct(before.id, BETTER)
    with pytest.raises(Superseded):
        world.desk.consultations.correct(before.id, BETTER)
    with pytest.raises(Superseded):
        world.desk.consultations.withdraw(before.id)
    world.desk.consultations.withdraw(after.id)
    with pytest.raises(AlreadyWithdrawn):
        world.desk.consultations.correct(after.id, BETTER)


def test_a_withdrawn_correction_lets_the_first_record_stand_again(world: FakeWorld) -> None:
    before = world.desk.consultations.log(ENTRY, by=VOLUNTEER)
    after = world.desk.consultations.correct(before.id, BETTER)
    world.desk.consultations.withdraw(after.id)
    assert [one.id for one in world.desk.logged_today()] == [before.id]
    assert sum(isinstance(fact, Visit) for fact in sealed(world)) == 1


def test_correcting_the_party_replaces_the_visit(world: FakeWorld) -> None:
    before = world.desk.consultations.log(ENTRY, by=VOLUNTEER)
    after = world.desk.consultations.correct(before.id, replace(BETTER, people=3, channel=Channel.REMOTE))
    assert after.visit != before.visit
    visits = [fact for fact in sealed(world) if isinstance(fact, Visit)]
    assert [(visit.people, visit.channel) for visit in visits] == [(1, Channel.IN_PERSON), (3, Channel.REMOTE)]
    assert [fact.of for fact in sealed(world) if isinstance(fact, Withdrawal)] == [before.visit]


def test_the_party_of_a_shared_visit_stays(world: FakeWorld) -> None:
    visit = world.desk.consultations.walk_in()
    first = world.desk.consultations.log(ENTRY, by=VOLUNTEER, visit=visit.id)
    world.desk.consultations.log(ENTRY, by=VOLUNTEER, visit=visit.id)
    with pytest.raises(VisitIsShared):
        world.desk.consultations.correct(first.id, replace(BETTER, people=2))
    assert world.desk.consultations.correct(first.id, BETTER).visit == visit.id


def test_what_the_disk_refuses_never_reaches_the_board(world: FakeWorld) -> None:
    assert isinstance(world.storage, FakeStorage)
    assert isinstance(world.sealer, FakeSealer)
    world.storage.full = True
    with pytest.raises(StorageFull):
        world.desk.consultations.walk_in()
    assert world.desk.board.snapshot.floor.visits == ()
    assert world.sealer.epochs_forgotten == 1
    world.storage.full = False
    assert list(world.desk.board.snapshot.floor.visits) == []
    visit = world.desk.consultations.walk_in()
    assert list(world.desk.board.snapshot.floor.visits) == [visit]


def test_only_today_is_listed_as_today(world: FakeWorld) -> None:
    world.desk.consultations.log(ENTRY, by=VOLUNTEER)
    world.clock.advance(hours=13)
    made = world.desk.consultations.log(ENTRY, by=VOLUNTEER)
    assert [one.id for one in world.desk.logged_today()] == [made.id]


def test_the_voice_promises_nobody_when_nobody_is_there(world: FakeWorld) -> None:
    world.open_room()
    press(world)
    world.desk.room.stop()
    assert world.voice.said == ["いま、係が いません。おいそぎの方は カウンターへ どうぞ。"]
    assert lamp_pattern(world.desk.board.snapshot, 1, world.clock.now()) is LampPattern.UNATTENDED


def test_lamp_and_voice_follow_a_call_when_somebody_is_there(world: FakeWorld) -> None:
    world.desk.presence.arrive("somebody", a_member("somebody"), now=world.clock.now())
    world.open_room()
    call = press(world)
    world.desk.calls.answer(call.id, by=VOLUNTEER)
    world.desk.room.stop()
    phrases = world.desk.catalogue.phrases
    assert world.voice.said == [phrases["call_raised"], phrases["call_answered"]]
    assert lamp_pattern(world.desk.board.snapshot, 1, world.clock.now()) is LampPattern.OFF


def test_presence_ends_with_the_last_sign_out(world: FakeWorld) -> None:
    world.desk.presence.arrive("one", a_member("one"), now=world.clock.now())
    world.desk.presence.arrive("two", a_member("two"), now=world.clock.now())
    world.desk.presence.leave("one")
    assert world.desk.board.snapshot.attended
    world.desk.presence.leave("two")
    assert not world.desk.board.snapshot.attended
    assert not world.desk.presence.is_here("two")


def test_a_broken_lamp_never_stops_the_voice(world: FakeWorld) -> None:
    voice = FakeVoice()
    phrases = world.desk.catalogue.phrases
    room = Room(board=world.desk.board, clock=world.clock, phrases=phrases)
    press(world)
    room.start(lamps={1: BrokenLamp()}, voice=voice)
    room.look()
    room.say("call_raised")
    room.say("no such phrase")
    room.say("call_raised")
    room.stop()
    assert voice.said == [phrases["call_raised"]] * 2


def test_a_late_look_never_brings_an_ended_call_back(world: FakeWorld) -> None:
    call = press(world)
    old = world.desk.board.snapshot.floor
    world.desk.calls.cancel(call.id, by=None)
    world.desk.board.show(floor=old)
    assert world.desk.board.snapshot.floor.calls == ()


def test_a_screen_waits_for_the_next_version_and_is_woken_at_the_end(world: FakeWorld) -> None:
    board = world.desk.board
    version = board.snapshot.version
    assert board.newer_than(version, timeout=0.01) is None
    press(world)
    newer = board.newer_than(version, timeout=1)
    assert newer is not None
    assert newer.version == version + 1
    board.close()
    assert board.is_closed
    assert board.newer_than(0, timeout=1) is None
