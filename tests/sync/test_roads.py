"""The office's wire to a receiver elsewhere; what goes on foot is walked in test_carrying.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.addresses import UnsafeReceiver
from sync.leaving import LeavingList
from sync.office.errors import SourceAway
from sync.receiver.errors import LeavingOlder, NoticeOlder, OpenedConflict
from sync.roads import ReceiverTooOld, Trip, WireRoad
from tests.sync.receiver.road import MUNICIPALITY, OFFICE_KEY, OFFICE_TOKEN, Desk, Town, notice, opened_list, serving


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.store.close()


def test_records_are_fetched_and_lists_laid_out_as_in_the_same_house(town: Town) -> None:
    desk = Desk()
    town.admit(desk)
    records = desk.records(3)
    town.take(desk.batch(records))
    with serving(town.app) as url:
        road = WireRoad(url, token=OFFICE_TOKEN)
        assert road.records(0, 2) == town.receiver.records(0, 2)
        assert (road.bring(), road.answer()) == (Trip(), Trip())
        road.publish(opened_list(desk, 1, records))
        road.publish(opened_list(desk, 1, records))
        with pytest.raises(OpenedConflict):
            road.publish(opened_list(desk, 1, records[:1]))
    assert [number for number, _ in town.take(desk.batch([])).inbox] == [1]


def test_notices_and_the_list_of_boxes_that_have_left_go_the_same_way(town: Town) -> None:
    desk = Desk()
    town.admit(desk)
    left = LeavingList(municipality=MUNICIPALITY, number=3, departures=()).to_bytes(OFFICE_KEY)
    with serving(town.app) as url:
        road = WireRoad(url, token=OFFICE_TOKEN)
        for _ in range(2):
            road.announce(notice(number=5))
            road.take_leaving(left)
        with pytest.raises(NoticeOlder):
            road.announce(notice(number=4))
        with pytest.raises(LeavingOlder):
            road.take_leaving(LeavingList(municipality=MUNICIPALITY, number=2, departures=()).to_bytes(OFFICE_KEY))
    assert town.take(desk.batch([])).notices == (notice(number=5),)
    assert town.registry.leaving() == (3, left)


def test_a_receiver_that_does_not_know_notices_yet_is_told_apart_from_one_that_is_away() -> None:
    def old(_environ: object, start_response: object) -> list[bytes]:
        start_response("404 Not Found", [("Content-Type", "application/problem+json")])  # type: ignore[operator]
        return [b"{}"]

    with serving(old) as url:
        road = WireRoad(url, token=OFFICE_TOKEN)
        with pytest.raises(ReceiverTooOld):
            road.announce(notice())
        with pytest.raises(SourceAway):
            road.records(0, 1)


def test_a_wrong_token_a_dead_receiver_and_a_name_that_is_nowhere_are_away(town: Town) -> None:
    with serving(town.app) as url:
        for token in ("wrong", "", "あ"):
            with pytest.raises(SourceAway):
                WireRoad(url, token=token).records(0, 1)
    with pytest.raises(SourceAway):
        WireRoad(url, token=OFFICE_TOKEN).records(0, 1)
    with pytest.raises(SourceAway):
        WireRoad("http://town.invalid", token=OFFICE_TOKEN)


def test_what_answers_in_the_receivers_place_is_away() -> None:
    def portal(_environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])  # type: ignore[operator]
        return [b"<html>Welcome to the free network</html>"]

    with serving(portal) as url, pytest.raises(SourceAway, match="not the receiver"):
        WireRoad(url, token=OFFICE_TOKEN).records(0, 1)


def test_the_token_never_travels_the_internet_in_the_clear() -> None:
    with pytest.raises(UnsafeReceiver):
        WireRoad("http://8.8.8.8", token=OFFICE_TOKEN)
