from appliance.desk.facts.call import CallSource
from tests.fakes import FakeWorld
from tests.ui.desk.test_events import watch_page
from tests.ui.people import Person
from ui.desk.view import tip_of


def test_each_day_has_its_card_and_none_is_left_out(world: FakeWorld) -> None:
    shown = []
    for _ in world.desk.catalogue.tips:
        shown.append(tip_of(world.desk.catalogue, world.clock.now()))
        world.clock.advance(minutes=24 * 60)
    assert sorted(tip.id for tip in shown) == sorted(tip.id for tip in world.desk.catalogue.tips)


def test_the_day_begins_at_midnight_in_japan(world: FakeWorld) -> None:
    noon = tip_of(world.desk.catalogue, world.clock.now())
    world.clock.advance(minutes=12 * 60 - 1)
    assert tip_of(world.desk.catalogue, world.clock.now()) == noon
    world.clock.advance(minutes=1)
    assert tip_of(world.desk.catalogue, world.clock.now()) != noon


def test_the_card_stands_below_the_calls_while_nobody_calls(world: FakeWorld, volunteer: Person) -> None:
    tip = tip_of(world.desk.catalogue, world.clock.now())
    page = volunteer.look("/").text
    assert page.index("待っている人は いません") < page.index("きょうの一枚") < page.index(tip.text)


def test_the_card_gives_way_to_a_call_and_to_somebody_being_served(world: FakeWorld, volunteer: Person) -> None:
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    assert "きょうの一枚" not in volunteer.look("/").text
    volunteer.press(f"/calls/{call.id}/answer")
    assert "きょうの一枚" not in volunteer.look("/").text


def test_the_card_leaves_the_screen_by_itself_when_somebody_presses(world: FakeWorld, volunteer: Person) -> None:
    stream = watch_page(volunteer)
    assert "きょうの一枚" in stream.next()
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    assert "きょうの一枚" not in stream.next()
    stream.close()
