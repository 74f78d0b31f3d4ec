"""The whole road: outbox, real door socket, courier, real HTTP, receiver, and what comes back."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

import pytest
import requests

from appliance.courier_door import HOLD, Doorkeeper
from sync import courier
from sync.courier import NoReceiver, Route, TownNotReached, TownRefused, run
from sync.door import Door
from sync.keys import SigningKey
from sync.receiver.app import create_receiver_app
from sync.receiver.receiver import Receiver
from sync.runs import DeskNotReached, RunResult
from tests.sync.receiver.road import (
    MUNICIPALITY,
    OFFICE_TOKEN,
    STRANGER_KEY,
    Desk,
    FakeOutbox,
    FakeTray,
    Town,
    doorkeeper,
    flipped,
    hollow,
    notice,
    open_door,
    opened_list,
    serving,
)


class Road:
    """One desk behind its door, and the town it is sent to."""

    def __init__(self, folder: Path) -> None:
        (folder / "town").mkdir()
        self.town = Town(folder / "town")
        self.desk = Desk()
        self.town.admit(self.desk)
        self.outbox = FakeOutbox()
        self.door = folder / "door"
        self.keeper: Doorkeeper

    def put(self, count: int, *, age: timedelta = timedelta(hours=1)) -> list[bytes]:
        records = self.desk.records(count)
        self.outbox.add(self.desk, records, age=age)
        return records

    def run(self, url: str | None = None, *, route: Route | None = None, notices: FakeTray | None = None) -> RunResult:
        """One run to that address, or to the receiver as it is now."""
        if url is not None:
            return self._run(url, route, notices)
        with serving(self.town.app) as address:
            return self._run(address, route, notices)

    def _run(self, url: str, route: Route | None, notices: FakeTray | None) -> RunResult:
        self.keeper = doorkeeper(self.desk, self.outbox, url=url, notices=notices)
        with open_door(self.door, self.keeper):
            return run(route or Route(door=self.door, read_seconds=5))


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Road]:
    road = Road(tmp_path)
    yield road
    road.town.store.close()


def counts(result: RunResult) -> tuple[int, int, int, int]:
    return result.sent, result.receipted, result.waiting, result.quarantined


def test_everything_that_waits_reaches_the_town_and_is_receipted(road: Road) -> None:
    records = road.put(450)
    result = road.run()
    assert counts(result) == (450, 450, 0, 0)
    assert road.town.records == records
    assert road.keeper.last_report == "done"
    assert sum(map(len, records)) < result.bytes_out < 2 * sum(map(len, records))


def test_a_second_run_sends_nothing_and_stays_below_a_kilobyte(road: Road) -> None:
    road.put(3)
    road.run()
    result = road.run()
    assert counts(result) == (0, 0, 0, 0)
    assert 0 < result.bytes_out + result.bytes_in < 1000


def test_exactly_one_full_batch_takes_one_request(road: Road) -> None:
    road.put(200)
    asked = Asked(road.town.app)
    with serving(asked) as url:
        assert counts(road.run(url)) == (200, 200, 0, 0)
    assert asked.times == 1


def test_young_records_wait_for_the_next_run(road: Road) -> None:
    road.put(2)
    road.put(1, age=HOLD / 2)
    assert counts(road.run()) == (2, 2, 1, 0)


def test_an_empty_outbox_still_fetches_the_inbox(road: Road) -> None:
    records = road.put(3)
    road.run()
    with serving(road.town.app) as url:
        answer = requests.post(
            f"{url}/v1/opened",
            data=opened_list(road.desk, 1, records),
            headers={"Authorization": f"Bearer {OFFICE_TOKEN}", "Content-Type": "application/cbor"},
            timeout=5,
        )
        assert answer.status_code == 204
        assert counts(road.run(url)) == (0, 0, 0, 0)
    assert road.outbox.last_opened() == 1
    assert [kept.opened_in for kept in road.outbox.kept] == [1, 1, 1]


def test_an_inbox_larger_than_one_reply_comes_in_one_run(road: Road) -> None:
    records = road.put(500)
    for number in range(1, 8):
        road.town.receiver.publish(opened_list(road.desk, number, records * 10))
    road.run()
    assert road.outbox.last_opened() == 7


def test_what_the_office_says_to_all_comes_in_one_run_and_once(road: Road) -> None:
    tray = FakeTray()
    road.town.receiver.announce(notice(number=5))
    asked = Asked(road.town.app)
    with serving(asked) as url:
        road.run(url, notices=tray)
        assert (tray.heard(), asked.times) == ({"content": 5}, 2)
        road.run(url, notices=tray)
        assert asked.times == 3


def test_a_withdrawn_record_travels_hollow(road: Road) -> None:
    body = hollow(road.desk.seal())
    road.outbox.add(road.desk, [body])
    assert counts(road.run()) == (1, 1, 0, 0)
    assert road.town.records == [body]


def test_a_poison_record_is_counted_and_the_rest_goes_on(road: Road) -> None:
    good = road.put(2)
    third = road.desk.seal()
    road.outbox.add(road.desk, [flipped(third, len(third) - 1)])
    road.desk.sequence += 1
    road.outbox.add_garbage(b"no record at all", sequence=road.desk.sequence)
    good += road.put(2)
    assert counts(road.run()) == (6, 4, 2, 2)
    assert road.town.records == good
    assert counts(road.run()) == (2, 0, 2, 2)


def test_a_gap_in_the_chain_is_no_obstacle(road: Road) -> None:
    records = road.desk.records(5)
    road.outbox.add(road.desk, records[::2])
    assert counts(road.run()) == (3, 3, 0, 0)


def test_a_receiver_that_forgot_everything_is_told_again(road: Road) -> None:
    records = road.put(250)
    road.run()
    road.town.receiver.publish(opened_list(road.desk, 1, records[:100]))
    road.run()
    road.town.lose_everything()
    later = road.put(1)
    assert counts(road.run()) == (1 + 150, 1 + 150, 0, 0)
    assert sorted(road.town.records) == sorted(records[100:] + later)


def test_two_couriers_at_once_carry_everything_once(road: Road) -> None:
    records = road.put(600)
    results: list[RunResult] = []
    with serving(road.town.app) as url, open_door(road.door, doorkeeper(road.desk, road.outbox, url=url)):
        couriers = [threading.Thread(target=lambda: results.append(run(Route(door=road.door)))) for _ in range(2)]
        for each in couriers:
            each.start()
        for each in couriers:
            each.join()
    assert sum(result.receipted for result in results) == 600
    assert sorted(road.town.records) == sorted(records)


def test_the_hundredth_run_ends_as_the_first(road: Road) -> None:
    with serving(road.town.app) as url, open_door(road.door, doorkeeper(road.desk, road.outbox, url=url)):
        for number in range(100):
            road.put(2)
            assert counts(run(Route(door=road.door))) == (2, 2, 0, 0), number
    assert len(road.town.records) == 200


# --------------------------------------------------------------------------------------------------- when it goes wrong


def test_a_receiver_that_is_down_costs_nothing(road: Road) -> None:
    road.put(3)
    with serving(road.town.app) as url:
        pass
    with pytest.raises(TownNotReached) as missed:
        road.run(url)
    assert missed.value.exit_code == 75
    assert counts(missed.value.result) == (0, 0, 3, 0)
    assert road.keeper.last_report == "town_not_reached"
    assert road.outbox.waiting() == 3
    assert counts(road.run()) == (3, 3, 0, 0)


def test_a_desk_that_is_off_costs_nothing(tmp_path: Path) -> None:
    with pytest.raises(DeskNotReached) as missed:
        run(Route(door=tmp_path / "door"))
    assert missed.value.exit_code == 75


def test_a_town_reached_by_stick_only_is_said_in_words(road: Road) -> None:
    for url in ("", "none"):
        with pytest.raises(NoReceiver) as none:
            road.run(url)
        assert none.value.exit_code == 78


def test_a_device_that_is_not_admitted_is_told_so(road: Road) -> None:
    road.desk = Desk()
    road.put(2)
    with pytest.raises(TownRefused, match="unknown_device"):
        road.run()
    assert road.outbox.waiting() == 2
    road.town.admit(road.desk)
    assert counts(road.run()) == (2, 2, 0, 0)


def test_a_device_that_was_removed_is_refused_at_once(road: Road) -> None:
    road.put(1)
    (road.town.folder / "devices.toml").write_text("")
    with pytest.raises(TownRefused, match="unknown_device"):
        road.run()


def test_a_forged_receipt_is_no_receipt(road: Road) -> None:
    road.put(2)
    forger = receiver_with(road.town, STRANGER_KEY)
    with serving(create_receiver_app(forger, office_tokens=())) as url, pytest.raises(TownNotReached, match="bad_sig"):
        road.run(url)
    assert road.outbox.waiting() == 2


def test_a_replayed_reply_is_no_receipt(road: Road) -> None:
    recorder = Recorder(road.town.app)
    with serving(recorder) as url:
        road.put(2)
        road.run(url)
        recorder.replaying = True
        road.put(2)
        with pytest.raises(TownNotReached, match="not_our_reply"):
            road.run(url)
    assert road.outbox.waiting() == 2


def test_a_desk_that_stops_in_between_costs_nothing(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    road.put(2)
    real = Door.ask

    def ask(door: Door, verb: str, *arguments: object) -> list[object]:
        if verb == "receipts":
            door._connection.close()  # noqa: SLF001
        return real(door, verb, *arguments)

    monkeypatch.setattr(Door, "ask", ask)
    with pytest.raises(DeskNotReached):
        road.run()
    monkeypatch.undo()
    assert road.outbox.waiting() == 2
    assert counts(road.run()) == (2, 2, 0, 0)
    assert len(road.town.records) == 2


_DYING_RECEIVER = """
import os, sys
from pathlib import Path
import waitress
from tests.sync.receiver.road import Town

town = Town(Path(sys.argv[1]))
take, left = town.receiver.take, [int(sys.argv[2])]

def take_and_die(message):
    reply = take(message)
    left[0] -= 1
    if left[0] == 0:
        os._exit(9)
    return reply

town.receiver.take = take_and_die
server = waitress.create_server(town.app, host="127.0.0.1", port=0)
print(server.effective_port, flush=True)
server.run()
"""


@pytest.mark.parametrize("batch", [1, 3])
def test_a_receiver_that_dies_between_commit_and_reply_has_everything_once(road: Road, batch: int) -> None:
    records = road.put(700)
    road.town.store.close()
    command = [sys.executable, "-c", _DYING_RECEIVER, str(road.town.folder), str(batch)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as dying:
        assert dying.stdout is not None
        port = int(dying.stdout.readline())
        with pytest.raises(TownNotReached) as missed:
            road.run(f"http://127.0.0.1:{port}")
        assert dying.wait(timeout=10) == 9
    assert counts(missed.value.result) == (200 * (batch - 1), 200 * (batch - 1), 700 - 200 * (batch - 1), 0)
    road.town.restart()
    assert len(road.town.records) == 200 * batch
    assert counts(road.run()) == (700 - 200 * (batch - 1), 700 - 200 * (batch - 1), 0, 0)
    assert road.town.records == records


def test_a_receiver_that_is_another_each_time_is_not_told_for_ever(road: Road) -> None:
    road.put(300)
    road.run()

    def forget(times: int) -> None:
        road.town.store.begin_new_epoch()

    asked = Asked(road.town.app, before=forget)
    with serving(asked) as url:
        road.run(url)
    assert asked.times < 6


def test_a_run_ends_although_more_is_waiting(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "MAX_BATCHES", 2)
    road.put(450)
    assert counts(road.run()) == (400, 400, 50, 0)


_WHAT_IT_LOADS = """
import sys, sync.courier
loaded = {name.split(".")[0] for name in sys.modules}
print(sorted(loaded & {"appliance", "cryptography", "flask", "peewee", "sqlite3"}))
"""


def test_the_courier_loads_nothing_that_opens_or_stores() -> None:
    command = [sys.executable, "-c", _WHAT_IT_LOADS]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"


def receiver_with(town: Town, key: SigningKey) -> Receiver:
    return Receiver(
        municipality=MUNICIPALITY, store=town.store, registry=town.registry, signing_key=key, office=os.urandom(32)
    )


class Asked:
    """A WSGI application that counts its requests."""

    def __init__(self, app: WSGIApplication, *, before: Callable[[int], None] = lambda times: None) -> None:
        self._app = app
        self._before = before
        self.times = 0

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        self.times += 1
        self._before(self.times)
        return self._app(environ, start_response)


class Recorder:
    """A WSGI application that keeps what the receiver answered and, from then on, answers it again."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._kept = b""
        self.replaying = False

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if self.replaying:
            start_response("200 OK", [("Content-Type", "application/cbor")])
        else:
            self._kept = b"".join(self._app(environ, start_response))
        return [self._kept]
