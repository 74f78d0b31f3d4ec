"""The office fetches everything once, says what it holds, and knows how old its numbers are."""

import threading
from datetime import timedelta

import pytest

from sync.errors import SyncError
from sync.office.errors import PeriodBackwards, SourceAway, UnknownFacility
from sync.office.outgoing import lists_for
from sync.office.tables import Migration, Record
from sync.receipt import OpenedList
from tests.sync.office.town import NOON, OFFICE_KEY, TODAY, LocalSource, TestDesk, Town


def lists(town: Town) -> list[OpenedList]:
    return [OpenedList.from_bytes(body, office=OFFICE_KEY.public) for body in town.source.lists]


def test_pull_reads_every_page_and_stops(town: Town, desk: TestDesk) -> None:
    for _ in range(450):
        desk.visit()
    town.source.bring(desk)
    office = town.office()
    assert office.pull() == 450
    assert office.pull() == 0


def test_nothing_new_costs_one_question(town: Town, desk: TestDesk) -> None:
    desk.visit()
    town.source.bring(desk)
    office = town.office()
    office.catch_up()
    town.source.asked = 0
    assert office.catch_up().reachable
    assert town.source.asked == 1


def test_a_new_office_goes_on_where_the_old_one_stopped(town: Town, desk: TestDesk) -> None:
    desk.visit()
    town.source.bring(desk)
    town.office().pull()
    desk.visit()
    town.source.bring(desk)
    again = town.office()
    assert again.pull() == 1
    assert again.statistics(TODAY, TODAY).visits == 2


def test_a_source_restored_from_a_backup_is_read_again_from_the_start(town: Town, desk: TestDesk) -> None:
    other = TestDesk(2)
    town.admit(other)
    for _ in range(5):
        desk.visit()
    town.source.bring(desk)
    office = town.office()
    office.pull()
    del town.source.stored[2:]
    for _ in range(8):
        other.visit()
    town.source.bring(other, desk)
    assert office.pull() == 8
    assert office.statistics(TODAY, TODAY).visits == 13


def test_a_source_that_lost_everything_costs_nothing(town: Town, desk: TestDesk) -> None:
    desk.visit()
    town.source.bring(desk)
    office = town.office()
    office.pull()
    town.source.stored.clear()
    assert office.pull() == 0
    desk.visit()
    town.source.bring(desk)
    assert office.pull() == 1


def test_a_record_that_turned_hollow_at_the_source_is_still_the_same_record(town: Town, desk: TestDesk) -> None:
    desk.visit()
    town.source.bring(desk)
    office = town.office()
    office.pull()
    desk.hollow(0)
    town.source.stored[0] = desk.bodies[0]
    town.source.asked = 0
    assert office.pull() == 0
    assert town.source.asked == 1


def test_a_source_that_is_away_leaves_the_last_truth(town: Town, desk: TestDesk) -> None:
    desk.visit()
    town.source.bring(desk)
    office = town.office()
    assert office.catch_up().at == NOON
    town.source.away = True
    truth = office.catch_up()
    assert (truth.at, truth.reachable) == (NOON, False)
    assert office.statistics(TODAY, TODAY).visits == 1
    with pytest.raises(SourceAway):
        office.pull()


def test_a_source_that_is_away_is_not_asked_at_every_look(town: Town) -> None:
    office = town.office()
    town.source.away = True
    office.catch_up()
    office.catch_up()
    assert town.source.asked == 1
    town.source.away = False
    town.monotonic += 11
    assert office.catch_up().reachable


def test_the_time_of_the_last_truth_survives_a_restart(town: Town, desk: TestDesk) -> None:
    desk.visit()
    town.source.bring(desk)
    town.office().pull()
    town.source.away = True
    assert town.office().catch_up().at == NOON


def test_opened_lists_name_every_record_once_with_its_hash(town: Town, desk: TestDesk) -> None:
    other = TestDesk(2)
    town.admit(other)
    for _ in range(501):
        desk.visit()
    other.visit()
    town.source.bring(desk, other)
    office = town.office()
    office.pull()
    other.visit()
    town.source.bring(other)
    office.pull()
    assert sorted(len(each.entries) for each in lists(town)) == [1, 1, 1, 500]
    numbers = [each.number for each in lists(town)]
    assert numbers == sorted(set(numbers))
    entries = {(record.hex(), digest.hex()) for each in lists(town) for record, digest in each.entries}
    assert entries == {(row.id, row.hash) for row in Record.select()}
    assert {(each.device, each.chain) for each in lists(town)} == {(each.device, each.chain) for each in (desk, other)}


def test_a_record_that_cannot_be_read_is_not_called_opened(town: Town, desk: TestDesk) -> None:
    desk.payload(b"?")
    desk.visit()
    town.source.bring(desk)
    town.office().pull()
    assert [len(each.entries) for each in lists(town)] == [1]


def test_a_list_that_could_not_be_laid_out_is_laid_out_later(town: Town, desk: TestDesk) -> None:
    desk.visit()
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    assert town.source.lists == []
    office.pull()
    assert len(town.source.lists) == 1


class Strict(LocalSource):
    """Refuses the lists of one device."""

    refused: str = ""
    refused_number: int = 0

    def publish(self, opened: bytes) -> None:
        read = OpenedList.from_bytes(opened, office=OFFICE_KEY.public)
        if read.device.hex() == self.refused:
            self.refused_number = read.number
            raise SyncError
        super().publish(opened)


def test_a_refused_list_stops_no_other(town: Town, desk: TestDesk) -> None:
    other = TestDesk(2)
    town.admit(other)
    town.source = Strict()
    town.source.refused = min(desk, other, key=lambda each: each.device).device.hex()
    desk.visit()
    other.visit()
    town.source.bring(desk, other)
    assert town.office().pull() == 2
    assert len(town.source.lists) == 1
    assert [message.number for message in lists_for("here")] == [town.source.refused_number]


def test_what_came_before_the_line_broke_is_kept(town: Town, desk: TestDesk) -> None:
    for _ in range(300):
        desk.visit()
    town.source = Broken()
    town.source.bring(desk)
    office = town.office()
    with pytest.raises(SourceAway):
        office.pull()
    assert office.statistics(TODAY, TODAY).visits == 200


class Broken(LocalSource):
    """Answers the first question only."""

    def records(self, after: int, limit: int):  # type: ignore[no-untyped-def]
        self.away = self.asked > 0
        return super().records(after, limit)


def test_many_threads_may_look_at_once(town: Town, desk: TestDesk) -> None:
    for _ in range(60):
        desk.served()
    office = town.office()
    seen: list[int] = []

    def look() -> None:
        office.catch_up()
        seen.append(office.statistics(TODAY, TODAY).visits)

    town.source.bring(desk)
    threads = [threading.Thread(target=look) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [60] * 12


def test_a_period_must_not_run_backwards(town: Town) -> None:
    office = town.office()
    with pytest.raises(PeriodBackwards):
        office.statistics(TODAY, TODAY - timedelta(days=1))
    with pytest.raises(PeriodBackwards):
        office.reconcile(TODAY, TODAY - timedelta(days=1))


def test_a_facility_without_a_device_is_refused(town: Town, desk: TestDesk) -> None:
    with pytest.raises(UnknownFacility):
        town.office().statistics(TODAY, TODAY, facility="nowhere")


def test_facilities_and_topics_are_known(town: Town, desk: TestDesk) -> None:
    desk.served(topics=("phone", "other"))
    town.source.bring(desk)
    office = town.office()
    office.pull()
    assert office.facilities() == {"chuo": "中央公民館"}
    assert office.facility_of(desk.device.hex()) == "chuo"
    assert office.facility_of("ffff") == "ffff"
    assert office.topics() == {"phone", "other"}


def test_the_database_is_for_the_office_alone(town: Town, desk: TestDesk) -> None:
    desk.visit()
    office = town.office()
    office.take(desk.epochs, desk.bodies)
    files = list(town.folder.glob("office.db*"))
    assert len(files) > 1
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_the_tables_are_made_once(town: Town) -> None:
    town.office()
    town.office()
    assert [row.number for row in Migration.select()] == [1, 2, 3]
