"""A desk before the municipality's keys have come: what is refused, what waits, what a visitor hears."""

import pytest

from appliance.desk.errors import NoTownKeys
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.fact import Fact
from appliance.desk.facts.sealed import ChainHead, SealedRecord
from appliance.desk.facts.security import SecurityEvent, SecurityMatter
from appliance.desk.facts.staff import StaffRole
from appliance.desk.ledger import MOST_HELD_BACK
from appliance.desk.reception.staffing import Browser
from tests.fakes import FakeSealer, FakeWorld, build_world

PIN = "937481"
SCREEN = Browser(sign_in="a sign-in", place="screen")
ENTRY = ConsultationEntry(topics=("phone",), age_band="75to84", outcome="resolved")
BY = StaffRole.ICT_SUPPORT


class KeysLater:
    """Port `Sealer` that has nobody to seal for until it is told."""

    def __init__(self) -> None:
        self.sealer: FakeSealer | None = None

    def seal(self, fact: Fact, *, on: ChainHead) -> SealedRecord:
        if self.sealer is None:
            raise NoTownKeys
        return self.sealer.seal(fact, on=on)

    def forget_epoch(self) -> None:
        pass


@pytest.fixture
def keys() -> KeysLater:
    return KeysLater()


@pytest.fixture
def new(keys: KeysLater) -> FakeWorld:
    world = build_world(sealer=keys, roster=())
    world.desk.board.show(can_seal=False)
    return world


def test_the_set_up_goes_on_and_waits_to_be_sealed(new: FakeWorld, keys: KeysLater) -> None:
    member = new.desk.staff.set_up("すぎ", pin=PIN, browser=SCREEN)
    assert [one.id for one in new.desk.roster.members()] == [member.id]
    waiting = new.desk.staff.held_back
    assert [event.matter for event in waiting] == [SecurityMatter.SET_UP]
    keys.sealer = FakeSealer()
    new.desk.staff.seal_held_back(waiting)
    assert [fact for fact in keys.sealer.sealed if isinstance(fact, SecurityEvent)] == list(waiting)


def test_a_press_makes_no_call_and_the_voice_promises_nothing(new: FakeWorld) -> None:
    new.desk.staff.set_up("すぎ", pin=PIN, browser=SCREEN)
    with pytest.raises(NoTownKeys):
        new.desk.calls.pressed(1, source=CallSource.BUTTON)
    assert new.desk.board.snapshot.floor.calls == ()
    assert new.desk.board.snapshot.unrecorded == 0
    new.open_room()
    new.desk.room.stop()
    assert new.voice.said == [new.desk.catalogue.phrases["call_impossible"]]


def test_what_is_about_visitors_is_refused(new: FakeWorld) -> None:
    for write in (
        new.desk.consultations.walk_in,
        lambda: new.desk.consultations.log(ENTRY, by=BY),
        lambda: new.desk.opening.open(by=BY),
        new.desk.opening.close,
    ):
        with pytest.raises(NoTownKeys):
            write()
    assert new.desk.board.snapshot.floor.visits == ()
    assert new.desk.logged_today() == []
    assert new.desk.opening.today is None


def test_whoever_goes_is_gone_and_the_stay_waits_on_the_disk(new: FakeWorld) -> None:
    new.desk.staff.set_up("すぎ", pin=PIN, browser=SCREEN)
    new.desk.staff.sign_out(SCREEN.sign_in)
    assert new.desk.staff.working(SCREEN.sign_in) is None
    with new.storage.writing() as writing:
        assert len(writing.stays.all()) == 1


def test_no_more_waits_than_memory_holds(new: FakeWorld) -> None:
    new.desk.staff.set_up("すぎ", pin=PIN, browser=SCREEN)
    (event,) = new.desk.staff.held_back
    new.desk.staff.seal_held_back([event] * (MOST_HELD_BACK + 1))
    assert len(new.desk.staff.held_back) == MOST_HELD_BACK
