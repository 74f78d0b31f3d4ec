"""What the office says to all its desks: signed once, laid out on every road, and again where a road has forgotten."""

from datetime import date

import pytest

from sync.errors import SyncError
from sync.leaving import Departure, Leave
from sync.notices import CONTENT, STICKS, Notice
from sync.office.errors import OfficeLocked, SourceAway
from sync.packs import sticks_in
from sync.receipt import OpenedList
from sync.sticks import StickBook
from tests.sync.office.town import MUNICIPALITY, NOON, OFFICE_KEY, LocalSource, TestDesk, Town, wall_ms

DAY = date(2026, 11, 21)


def read(body: bytes) -> Notice:
    return Notice.from_bytes(body, office=OFFICE_KEY.public)


def test_packs_are_signed_laid_out_and_numbered_by_the_clock(town: Town) -> None:
    office = town.office()
    number = office.announce(CONTENT, b"packs")
    assert town.source.notices == []
    assert office.publish() == 0
    office.publish()
    (notice,) = map(read, town.source.notices)
    assert (notice.municipality, notice.kind, notice.number, notice.body) == (MUNICIPALITY, CONTENT, number, b"packs")
    assert number == wall_ms(NOON)


def test_what_is_said_again_keeps_its_number_and_what_is_new_gets_a_higher_one(town: Town) -> None:
    office = town.office()
    first = office.announce(CONTENT, b"packs")
    assert office.announce(CONTENT, b"packs") == first
    assert office.announce(CONTENT, b"others") == first + 1, "although the clock stands still"
    assert town.office().announce(CONTENT, b"packs") == first + 2


def test_a_locked_office_says_nothing_new(town: Town) -> None:
    office = town.office()
    office.announce(CONTENT, b"packs")
    office.lock()
    with pytest.raises(OfficeLocked):
        office.announce(CONTENT, b"others")
    office.publish()
    assert [read(body).body for body in town.source.notices] == [b"packs"]


def leave(town: Town, desk: TestDesk) -> bytes:
    departure = Departure(device=desk.device, how=Leave.STOLEN, heads=())
    book = town.book
    data = book.newest().with_departure(departure).to_bytes(OFFICE_KEY)
    book.take(data)
    return data


def test_every_road_is_told_everything(town: Town, desk: TestDesk) -> None:
    desk.visit()
    town.source.bring(desk)
    office = town.office()
    office.announce(CONTENT, b"packs")
    left = leave(town, TestDesk(9))
    office.pull()
    wire = town.source
    town.source = LocalSource(road="https://elsewhere")
    town.office().publish()
    assert town.source.lists == wire.lists != []
    assert town.source.notices == wire.notices != []
    assert town.source.leaving == wire.leaving == [left]
    town.office().publish()
    assert len(town.source.notices) == len(town.source.leaving) == 1


def test_each_road_has_a_bookmark_of_its_own(town: Town, desk: TestDesk) -> None:
    for _ in range(3):
        desk.visit()
    town.source.bring(desk)
    first = town.source
    assert town.office().pull() == 3
    town.source = LocalSource(road="https://elsewhere")
    desk.visit()
    town.source.bring(desk)
    assert town.office().pull() == 1
    town.source, first.asked = first, 0
    town.office().pull()
    assert first.asked == 1, "it is not read from the beginning"


def test_a_road_that_has_forgotten_is_told_again(town: Town, desk: TestDesk) -> None:
    desk.visit()
    desk.visit()
    town.source.bring(desk)
    office = town.office()
    office.announce(CONTENT, b"packs")
    office.pull()
    lists = town.source.lists
    town.source = LocalSource()
    town.source.bring(TestDesk(2), desk)
    town.source.stored.reverse()
    town.office().pull()
    assert (town.source.lists, len(town.source.notices)) == (lists, 1)


class Grumbling(LocalSource):
    """A receiver of an older program: knows opened lists only."""

    def announce(self, notice: bytes) -> None:
        raise SyncError

    def take_leaving(self, leaving: bytes) -> None:
        raise SyncError


def test_a_receiver_that_is_too_old_for_notices_still_gets_the_opened_lists(town: Town, desk: TestDesk) -> None:
    town.source = Grumbling()
    desk.visit()
    town.source.bring(desk)
    office = town.office()
    office.announce(CONTENT, b"packs")
    leave(town, TestDesk(9))
    office.pull()
    assert len(town.source.lists) == 1
    town.source = LocalSource()
    town.office().publish()
    assert len(town.source.notices) == 1, "once it has been updated it is told"


def test_a_road_that_is_away_is_told_later(town: Town, desk: TestDesk) -> None:
    office = town.office()
    office.announce(CONTENT, b"packs")
    town.source.away = True
    with pytest.raises(SourceAway):
        office.publish()
    town.source.away = False
    office.publish()
    assert len(town.source.notices) == 1


# --------------------------------------------------------------------------------------------------------------- sticks


@pytest.fixture
def book(town: Town) -> StickBook:
    town.sticks = StickBook(town.folder / "sticks.toml", municipality=MUNICIPALITY, office=OFFICE_KEY.public)
    return town.sticks


def told(town: Town) -> list[int]:
    """How many sticks each list names."""
    return [len(sticks_in(read(body).body)) for body in town.source.notices if read(body).kind == STICKS]


def test_the_boxes_are_told_which_sticks_were_revoked(town: Town, book: StickBook) -> None:
    for _ in range(2):
        book.register(None, office=OFFICE_KEY, on=DAY)
    office = town.office()
    office.pull()
    assert told(town) == []
    for number, stick in enumerate(book.all(), 1):
        book.revoke(stick.number, on=DAY)
        office.pull()
        office.pull()
        assert told(town) == list(range(1, number + 1))
    assert sticks_in(read(town.source.notices[-1]).body) == {stick.id for stick in book.all()}


@pytest.mark.usefixtures("book")
def test_a_broken_list_of_sticks_keeps_nothing_else_back(town: Town, desk: TestDesk) -> None:
    desk.visit()
    town.source.bring(desk)
    (town.folder / "sticks.toml").write_text("[[stick]", encoding="utf-8")
    assert town.office().pull() == 1
    assert [len(OpenedList.from_bytes(one, office=OFFICE_KEY.public).entries) for one in town.source.lists] == [1]


def test_a_list_of_sticks_is_only_what_the_book_says(town: Town, book: StickBook) -> None:
    book.register(None, office=OFFICE_KEY, on=DAY)
    book.revoke(1, on=DAY)
    office = town.office()
    office.pull()
    (town.folder / "sticks.toml").unlink()
    office.pull()
    assert told(town) == [1, 0]


def test_every_road_is_told_once_which_boxes_were_admitted(town: Town, desk: TestDesk) -> None:
    admitted = [(5, b"box 1"), (9, b"box 2")]
    town.admissions = lambda: admitted
    desk.visit()
    town.source.bring(desk)
    town.office().pull()
    town.office().publish()
    assert town.source.admissions == [b"box 1", b"box 2"]
    admitted[0] = (12, b"box 1, moved")
    town.office().publish()
    assert town.source.admissions[2:] == [b"box 1, moved"]
    town.source = LocalSource(road="another")
    town.office().publish()
    assert town.source.admissions == [b"box 1, moved", b"box 2"]


def test_an_admission_that_is_refused_stops_no_list(town: Town, desk: TestDesk) -> None:
    class Crowded(LocalSource):
        def admit(self, admission: bytes) -> None:
            raise SyncError

    town.source, town.admissions = Crowded(), lambda: [(5, b"box 1")]
    desk.visit()
    town.source.bring(desk)
    town.office().pull()
    assert len(town.source.lists) == 1
