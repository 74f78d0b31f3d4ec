"""What a box wrote before it left counts, whichever way and whenever it comes; what it wrote afterwards does not."""

from sync.leaving import Departure, Head, Leave, LeavingBook
from sync.office.heads import heads_of
from sync.office.office import Office
from sync.office.tables import Aside
from tests.sync.office.town import MUNICIPALITY, OFFICE_KEY, TODAY, TestDesk, Town, hollow


def book(town: Town) -> LeavingBook:
    return LeavingBook(town.folder / "leaving.list", municipality=MUNICIPALITY, office=OFFICE_KEY.public)


def leaves(town: Town, desk: TestDesk, *heads: Head) -> None:
    departure = Departure(device=desk.device, how=Leave.STOLEN, heads=heads)
    kept = book(town)
    kept.take(kept.newest().with_departure(departure).to_bytes(OFFICE_KEY))


def known(office: Office, desk: TestDesk) -> tuple[Head, ...]:
    with office._storage.reading():  # noqa: SLF001 (as the command does, over the same tables)
        return heads_of(desk.device)


def calls(office: Office) -> int:
    return office.statistics(TODAY, TODAY).calls


def test_what_came_before_it_left_counts_and_nothing_after(town: Town, desk: TestDesk) -> None:
    for _ in range(3):
        desk.call()
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    heads = known(office, desk)
    assert [(head.chain, head.sequence) for head in heads] == [(desk.chain, 3)]
    leaves(town, desk, *heads)
    desk.call()
    assert office.take(desk.epochs, desk.bodies) == 0
    assert calls(office) == 3
    assert [aside.reason for aside in Aside.select()] == ["device_left"]


def test_what_was_still_on_its_way_counts_when_it_comes(town: Town, desk: TestDesk) -> None:
    for _ in range(3):
        desk.call()
    office = town.office()
    office.take(desk.epochs, desk.bodies[2:])
    leaves(town, desk, *known(office, desk))
    assert office.take(desk.epochs, desk.bodies[:2]) == 2
    assert calls(office) == 3


def test_it_makes_no_difference_whether_the_receiver_or_a_stick_brought_it(town: Town, desk: TestDesk) -> None:
    desk.call()
    leaves(town, desk)
    town.source.bring(desk)
    office = town.office()
    office.pull()
    office.take(desk.epochs, desk.bodies)
    assert calls(office) == 0
    assert known(office, desk) == ()


def test_a_gap_of_a_stolen_box_is_filled_by_its_own_records_in_any_order(town: Town, desk: TestDesk) -> None:
    for _ in range(6):
        desk.call()
    office = town.office()
    office.take(desk.epochs, [desk.bodies[0], desk.bodies[5]])
    leaves(town, desk, *known(office, desk))
    true = desk.bodies[1:5]
    assert office.take([], true[:3]) == 0, "nothing behind them is known yet"
    assert office.take([], true[3:]) == 4
    assert calls(office) == 6
    assert Aside.select().count() == 0


def test_whoever_holds_the_key_of_a_stolen_box_fills_no_gap_with_anything_else(town: Town, desk: TestDesk) -> None:
    desk.call()
    theirs = TestDesk(desk.seed)
    theirs.epoch, theirs.epochs = desk.epoch, desk.epochs
    for _ in range(2):
        desk.call()
    theirs.bodies.append(b"")
    theirs.call()
    office = town.office()
    office.take(desk.epochs, [desk.bodies[0], desk.bodies[2]])
    leaves(town, desk, *known(office, desk))
    assert office.take([], [theirs.bodies[1], hollow(theirs.bodies[1])]) == 0
    assert [aside.reason for aside in Aside.select()] == ["device_left"] * 2
    assert calls(office) == 2
    assert office.take([], [desk.bodies[1]]) == 1
