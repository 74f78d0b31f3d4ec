import threading

import pytest
from flask import Flask

from appliance.desk.facts.call import CallSource
from tests.fakes import FakeWorld
from tests.ui.people import Person

TAKEN = "ほかの係が 対応しています"
ENDED = "その よびだしは ほかの画面で おわっています"


@pytest.fixture
def other(app: Flask, volunteer: Person) -> Person:
    """A second volunteer at a second tablet."""
    person = Person(app.test_client())
    person.sign_in()
    return person


def test_the_second_tap_hears_that_another_goes_and_never_who(
    world: FakeWorld, volunteer: Person, other: Person
) -> None:
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    for person in (volunteer, other):
        person.look("/")
    volunteer.press(f"/calls/{call.id}/answer")
    assert TAKEN not in volunteer.page
    assert other.press(f"/calls/{call.id}/answer").status_code == 200
    assert TAKEN in other.page
    names = [member.display_name or "?" for member in world.desk.roster.members()]
    assert "さくら" in names
    assert not [name for name in names if name in other.page]
    assert len(world.desk.board.snapshot.floor.visits) == 1


@pytest.mark.parametrize(("first", "second", "words"), [("cancel", "answer", ENDED), ("answer", "cancel", TAKEN)])
def test_a_call_stays_as_it_ended_first(
    world: FakeWorld, volunteer: Person, other: Person, first: str, second: str, words: str
) -> None:
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    for person in (volunteer, other):
        person.look("/")
    volunteer.press(f"/calls/{call.id}/{first}")
    other.press(f"/calls/{call.id}/{second}")
    assert words in other.page
    assert len(world.desk.board.snapshot.floor.visits) == (first == "answer")


def test_two_taps_at_the_same_moment_receive_one_visitor(world: FakeWorld, volunteer: Person, other: Person) -> None:
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    for person in (volunteer, other):
        person.look("/")
    together = threading.Barrier(2)

    def tap(person: Person) -> None:
        together.wait(5)
        person.press(f"/calls/{call.id}/answer")

    taps = [threading.Thread(target=tap, args=[person]) for person in (volunteer, other)]
    for thread in taps:
        thread.start()
    for thread in taps:
        thread.join(10)
    assert sorted(TAKEN in person.page for person in (volunteer, other)) == [False, True]
    assert len(world.desk.board.snapshot.floor.visits) == 1


@pytest.mark.parametrize("late", ["", "raised", "<script>alert(1)</script>", "👩‍👩‍👧‍👦𠮷\u202e" + "名" * 300])
def test_nothing_else_in_the_address_is_said(volunteer: Person, late: str) -> None:
    page = volunteer.client.get("/", query_string={"late": late}).text
    assert 'id="late"' not in page
    assert "<script>alert" not in page
