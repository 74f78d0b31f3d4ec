"""The courier on foot: outbox, real door socket, stick, receiver, and back; and the stick pulled out at every write."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.courier_door import Doorkeeper
from sync.bundle import Bundle, StickNotReached, StickUnfit
from sync.carrying import UNREGISTERED, StickNotBelieved, StickRefused, StickTakenBack, bring_home, export
from sync.keys import SigningKey
from sync.leaving import Leave
from sync.notices import CONTENT, STICKS, Notice
from sync.packs import sticks_body
from sync.receiver.receiver import Receiver
from sync.roads import StickRoad, Trip
from sync.runs import DeskNotReached, RunResult
from sync.sticks import StickId
from tests.pulled import PulledOut, Torn
from tests.sync.receiver.road import (
    MUNICIPALITY,
    OFFICE_KEY,
    STRANGER_KEY,
    Desk,
    FakeOutbox,
    FakeTray,
    Town,
    doorkeeper,
    hollow,
    notice,
    open_door,
    opened_list,
)

NUMBER = 7


class Box:
    """A desk with its door."""

    def __init__(self, folder: Path, town: Town, name: str = "box") -> None:
        self.desk = Desk()
        town.admit(self.desk)
        self.outbox = FakeOutbox()
        self.notices = FakeTray()
        self.door = folder / name
        self.keeper: Doorkeeper

    def put(self, count: int) -> list[bytes]:
        records = self.desk.records(count)
        self.outbox.add(self.desk, records)
        return records

    def export(self, stick: Path, *, any_stick: bool = False) -> RunResult:
        with self.open():
            return export(self.door, Bundle(stick), any_stick=any_stick).result

    def bring_home(self, stick: Path, *, any_stick: bool = False) -> RunResult:
        with self.open():
            return bring_home(self.door, Bundle(stick), any_stick=any_stick).result

    def open(self) -> AbstractContextManager[Path]:
        """The door as after a restart: nothing of an earlier run is in memory."""
        self.keeper = doorkeeper(self.desk, self.outbox, notices=self.notices)
        return open_door(self.door, self.keeper)


@dataclass
class Walk:
    """A town, a box and a registered stick."""

    folder: Path
    number: int = 0

    def __post_init__(self) -> None:
        self.stick = self.folder / "stick"
        for path in (self.stick, self.folder / "town"):
            path.mkdir(parents=True)
        self.town = Town(self.folder / "town")
        self.box = Box(self.folder, self.town)
        name = StickId(municipality=MUNICIPALITY, number=NUMBER, id=b"i" * 16)
        Bundle(self.stick).put_id(name.to_bytes(OFFICE_KEY))

    @property
    def road(self) -> StickRoad:
        return StickRoad(Bundle(self.stick), self.town.receiver)

    def export(self) -> None:
        self.box.export(self.stick)

    def bring(self) -> None:
        self.road.bring()

    def open_records(self) -> None:
        """What the office does between the two ways."""
        self.number += 1
        if self.town.records:
            self.town.receiver.publish(opened_list(self.box.desk, self.number, self.town.records))

    def answer(self) -> None:
        self.road.answer()

    def bring_home(self) -> None:
        self.box.bring_home(self.stick)

    @property
    def steps(self) -> list[Callable[[], None]]:
        return [self.export, self.bring, self.open_records, self.answer, self.bring_home]

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.stick / "madoguchi" / "boxes").rglob("*") if path.is_file())

    def close(self) -> None:
        self.town.store.close()


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    walk = Walk(tmp_path)
    yield walk
    walk.close()


def counts(result: RunResult) -> tuple[int, int, int, int]:
    return result.sent, result.receipted, result.waiting, result.quarantined


def all_is_well(walk: Walk, records: list[bytes]) -> None:
    """Everything is in the town once, receipted and opened at the desk, and still there."""
    assert walk.town.records == records
    assert [each.body for each in walk.box.outbox.kept] == records
    assert all(each.receipted and each.opened_in for each in walk.box.outbox.kept)


def test_records_go_and_receipts_and_opened_lists_come_back(walk: Walk) -> None:
    records = walk.box.put(450)
    out = walk.box.export(walk.stick)
    assert counts(out) == (450, 0, 450, 0)
    assert out.bytes_out > 450 * 300
    assert len(walk.files()) == 3
    assert walk.road.bring() == Trip(boxes=1, records=450)
    walk.open_records()
    assert walk.road.answer() == Trip(boxes=1, records=450)
    home = walk.box.bring_home(walk.stick)
    assert (counts(home), walk.box.keeper.last_report) == ((0, 450, 0, 0), "done")
    assert home.bytes_in > 450 * 40
    all_is_well(walk, records)
    assert walk.files() == []
    assert walk.box.outbox.runs == []


def test_an_export_goes_on_where_the_last_one_ended(walk: Walk) -> None:
    records = walk.box.put(250)
    out_before = walk.box.export(walk.stick)
    assert out_before.sent == 250
    before = walk.files()
    records += walk.box.put(30)
    again = walk.box.export(walk.stick)
    assert (again.sent, again.waiting) == (280, 280)
    assert len(set(before) - set(walk.files())) == 1
    assert again.bytes_out < out_before.bytes_out
    for step in walk.steps[1:]:
        step()
    all_is_well(walk, records)


def test_nothing_new_still_asks_for_news(walk: Walk) -> None:
    records = walk.box.put(2)
    for step in (walk.export, walk.bring, walk.answer, walk.bring_home):
        step()
    assert not any(each.opened_in for each in walk.box.outbox.kept)
    walk.open_records()
    for step in (walk.export, walk.export, walk.answer, walk.bring_home):
        step()
    all_is_well(walk, records)


def test_receipts_in_between_make_an_old_batch_superfluous_and_never_wrong(walk: Walk) -> None:
    records = walk.box.put(3)
    walk.export()
    other = walk.folder / "other"
    other.mkdir()
    walk.box.export(other, any_stick=True)
    StickRoad(Bundle(other), walk.town.receiver).answer()
    walk.box.bring_home(other, any_stick=True)
    assert walk.box.outbox.waiting() == 0
    records += walk.box.put(2)
    for step in walk.steps:
        step()
    all_is_well(walk, records)
    assert walk.files() == []


def test_a_file_that_only_claims_to_hold_everything_holds_nothing_up(walk: Walk) -> None:
    records = walk.box.put(3)
    walk.export()
    (first,) = walk.files()
    folder = walk.stick / "madoguchi" / "boxes" / walk.box.desk.id.hex()
    (folder / first).rename(folder / first.replace("000003.batch", "999999.batch"))
    records += walk.box.put(2)
    walk.export()
    assert walk.files() == [first.replace("000003.batch", "000005.batch")]
    for step in walk.steps[1:]:
        step()
    all_is_well(walk, records)


def test_a_record_withdrawn_since_leaves_the_stick(walk: Walk) -> None:
    walk.box.put(2)
    walk.export()
    kept = walk.box.outbox.kept[0]
    kept.body = hollow(kept.body)
    walk.export()
    bundle = Bundle(walk.stick)
    (piece,) = bundle.batches(walk.box.desk.id)
    found = bundle.batch(piece)
    assert found is not None
    assert found[1].records == tuple(each.body for each in walk.box.outbox.kept)


def test_what_only_the_stick_has_left_of_an_earlier_database_stays_until_the_town_has_it(walk: Walk) -> None:
    records = walk.box.put(2)
    walk.export()
    walk.box.desk.chain, walk.box.desk.sequence, walk.box.desk.epochs = b"restored", 0, []
    walk.box.outbox = FakeOutbox()
    records += walk.box.put(1)
    walk.export()
    assert len(walk.files()) == 2
    assert walk.road.answer() == Trip(boxes=1, records=3)
    assert walk.box.bring_home(walk.stick).receipted == 1
    assert sorted(walk.town.records) == sorted(records)
    assert walk.files() == []


def test_two_boxes_share_a_stick(walk: Walk) -> None:
    second = Box(walk.folder, walk.town, "second")
    records, others = walk.box.put(3), second.put(4)
    walk.export()
    assert second.export(walk.stick).sent == 4
    assert walk.road.bring() == Trip(boxes=2, records=7)
    walk.answer()
    assert second.bring_home(walk.stick).receipted == 4
    assert (walk.box.outbox.waiting(), second.outbox.waiting()) == (3, 0)
    walk.bring_home()
    assert walk.box.outbox.waiting() == 0
    assert sorted(walk.town.records) == sorted(records + others)


def test_an_answer_is_taken_once(walk: Walk, tmp_path: Path) -> None:
    walk.box.put(2)
    walk.export()
    walk.answer()
    (name,) = walk.files()
    path = walk.stick / "madoguchi" / "boxes" / walk.box.desk.id.hex() / name
    kept = path.read_bytes()
    assert walk.box.bring_home(walk.stick).receipted == 2
    walk.town.store.begin_new_epoch()  # a restored receiver has forgotten them: the old answer must not count again
    for each in walk.box.outbox.kept:
        each.receipted = False
    path.write_bytes(kept)
    assert walk.box.bring_home(walk.stick).receipted == 0
    assert walk.box.outbox.waiting() == 2
    assert walk.files() == []


def test_a_forged_answer_is_removed_and_the_true_ones_count(walk: Walk) -> None:
    walk.box.put(250)
    walk.export()
    forger = receiver_with(walk, STRANGER_KEY)
    bundle = Bundle(walk.stick)
    first, second = bundle.batches(walk.box.desk.id)
    for piece, receiver in ((first, forger), (second, walk.town.receiver)):
        found = bundle.batch(piece)
        assert found is not None
        bundle.put_reply(piece, receiver.take(found[0]))
    with pytest.raises(StickNotBelieved) as told:
        walk.bring_home()
    assert told.value.result.receipted == 50
    assert walk.box.outbox.waiting() == 200
    assert walk.files() == []


def receiver_with(walk: Walk, key: SigningKey) -> Receiver:
    return Receiver(
        municipality=MUNICIPALITY,
        store=walk.town.store,
        registry=walk.town.registry,
        signing_key=key,
        office=OFFICE_KEY.public,
    )


def damaged(walk: Walk) -> Path:
    (name,) = walk.files()
    path = walk.stick / "madoguchi" / "boxes" / walk.box.desk.id.hex() / name
    path.write_bytes(path.read_bytes()[:-100])
    return path


def test_a_damaged_batch_is_told_and_written_again(walk: Walk) -> None:
    records = walk.box.put(3)
    walk.export()
    damaged(walk)
    device = walk.box.desk.id.hex()
    assert walk.road.bring() == Trip(refused=(f"{device} malformed_message",))
    assert walk.town.records == []
    for step in walk.steps:
        step()
    all_is_well(walk, records)


def test_a_damaged_answer_costs_one_more_way(walk: Walk) -> None:
    records = walk.box.put(3)
    walk.export()
    walk.answer()
    damaged(walk)
    assert walk.box.bring_home(walk.stick).receipted == 0
    for step in walk.steps:
        step()
    all_is_well(walk, records)


def test_a_batch_that_its_box_did_not_sign_is_put_aside_and_stops_no_other(walk: Walk) -> None:
    second = Box(walk.folder, walk.town, "second")
    records = second.put(2)
    walk.box.put(2)
    walk.box.desk.key = STRANGER_KEY
    keeper = doorkeeper(walk.box.desk, walk.box.outbox)
    keeper._device = walk.box.desk.id  # noqa: SLF001 # somebody else in its place
    with open_door(walk.box.door, keeper):
        export(walk.box.door, Bundle(walk.stick))
    second.export(walk.stick)
    trip = walk.road.bring()
    assert (trip.boxes, trip.records, trip.refused) == (
        1,
        2,
        (f"{walk.box.desk.id.hex()} bad_batch_signature",),
    )
    assert walk.town.records == records
    assert [name for name in walk.files() if name.endswith(".refused")] != []
    assert walk.road.bring().refused == ()


def test_a_box_that_is_not_admitted_keeps_its_place_on_the_stick(walk: Walk) -> None:
    stranger = Box.__new__(Box)
    stranger.desk, stranger.outbox, stranger.door = Desk(), FakeOutbox(), walk.folder / "stranger"
    stranger.notices = FakeTray()
    records = stranger.put(2)
    stranger.export(walk.stick)
    assert walk.road.answer() == Trip(refused=(f"{stranger.desk.id.hex()} unknown_device",))
    walk.town.admit(stranger.desk)
    assert walk.road.answer() == Trip(boxes=1, records=2)
    assert stranger.bring_home(walk.stick).receipted == 2
    assert walk.town.records == records


# ------------------------------------------------------------------------------------------------- what all are told


def test_what_the_office_says_to_all_comes_with_the_answers_by_stick(walk: Walk) -> None:
    second = Box(walk.folder, walk.town, "second")
    records = walk.box.put(3)
    walk.town.receiver.announce(notice(number=5))
    walk.export()
    second.export(walk.stick)
    walk.answer()
    for box in (walk.box, second):
        box.bring_home(walk.stick)
        assert (box.notices.heard(), box.notices.kept[CONTENT].body) == ({CONTENT: 5}, b"says")
    assert walk.town.records == records
    walk.export()
    bundle = Bundle(walk.stick)
    (piece,) = bundle.batches(walk.box.desk.id)
    found = bundle.batch(piece)
    assert found is not None
    assert found[1].notices == ((CONTENT, 5),)


def test_an_old_answer_with_older_packs_changes_nothing(walk: Walk) -> None:
    walk.town.receiver.announce(notice(number=5))
    walk.export()
    walk.answer()
    walk.box.keeper._notices.keep(Notice.from_bytes(notice(number=6, body=b"newer"), office=OFFICE_KEY.public))  # noqa: SLF001
    walk.bring_home()
    assert walk.box.notices.kept[CONTENT].body == b"newer"


def test_of_a_stolen_box_everything_it_wrote_is_taken_from_a_stick(walk: Walk) -> None:
    records = walk.box.put(450)
    walk.town.take(walk.box.desk.batch(records[-1:]))
    walk.export()
    walk.town.say_goodbye(walk.box.desk, Leave.STOLEN)
    assert walk.road.answer() == Trip(boxes=1, records=450)
    assert sorted(walk.town.records) == sorted(records)


# ---------------------------------------------------------------------------------------------------- whose stick it is


def test_a_stick_nobody_registered_is_refused_unless_any_will_do(walk: Walk, tmp_path: Path) -> None:
    blank = tmp_path / "blank"
    blank.mkdir()
    walk.box.put(1)
    for go in (walk.box.export, walk.box.bring_home):
        with pytest.raises(StickRefused):
            go(blank)
    assert list(blank.iterdir()) == []
    assert walk.box.export(blank, any_stick=True).sent == 1


@pytest.mark.parametrize(
    ("municipality", "key", "reason"),
    [(MUNICIPALITY, STRANGER_KEY, "bad_signature"), ("131024", OFFICE_KEY, "other_towns_stick")],
)
def test_a_stick_of_somebody_else_is_refused_with_the_reason(
    walk: Walk, municipality: str, key: SigningKey, reason: str
) -> None:
    name = StickId(municipality=municipality, number=1, id=b"x" * 16)
    Bundle(walk.stick).put_id(name.to_bytes(key))
    with pytest.raises(StickRefused, match=reason):
        walk.export()
    with walk.box.open():
        assert export(walk.box.door, Bundle(walk.stick), any_stick=True).stick == UNREGISTERED


def test_a_stick_that_the_office_has_revoked_is_refused_once_the_box_has_heard(walk: Walk) -> None:
    walk.box.put(1)
    walk.town.receiver.announce(notice(STICKS, body=sticks_body([b"i" * 16])))
    assert walk.box.export(walk.stick).sent == 1, "the box has not heard yet"
    other = walk.folder / "other"
    other.mkdir()
    Bundle(other).put_id(StickId(municipality=MUNICIPALITY, number=8, id=b"o" * 16).to_bytes(OFFICE_KEY))
    walk.box.export(other)
    StickRoad(Bundle(other), walk.town.receiver).answer()
    walk.box.bring_home(other)
    before = walk.files()
    for go in (walk.box.export, walk.box.bring_home):
        for any_stick in (False, True):
            with pytest.raises(StickTakenBack):
                go(walk.stick, any_stick=any_stick)
    assert walk.files() == before
    assert walk.box.export(other).waiting == 0


@pytest.mark.parametrize(("kind", "name"), [("exfat", "exFAT"), ("ntfs3", "NTFS"), ("fuseblk", "NTFS / exFAT")])
def test_a_stick_of_another_format_is_refused_by_its_name(walk: Walk, kind: str, name: str) -> None:
    with pytest.raises(StickUnfit, match=name):
        Bundle(walk.stick, file_system=lambda _: kind)
    for usual in ("vfat", "msdos", "ext4", ""):
        assert Bundle(walk.stick, file_system=lambda _, usual=usual: usual).id() is not None  # type: ignore[misc]


def test_the_number_of_the_stick_is_told(walk: Walk) -> None:
    with walk.box.open():
        assert export(walk.box.door, Bundle(walk.stick)).stick == NUMBER


def test_without_desk_or_stick_the_run_says_later(walk: Walk) -> None:
    with pytest.raises(DeskNotReached) as missed:
        export(walk.box.door, Bundle(walk.stick))
    assert missed.value.exit_code == 75
    with pytest.raises(StickNotReached) as gone:
        Bundle(walk.folder / "nowhere")
    assert gone.value.exit_code == 75


def test_a_link_on_the_stick_leads_nowhere(walk: Walk, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (walk.stick / "madoguchi" / "boxes").symlink_to(elsewhere)
    walk.box.put(1)
    with pytest.raises(StickNotReached, match="somewhere else"):
        walk.export()
    assert list(elsewhere.iterdir()) == []


def test_the_courier_on_foot_loads_nothing_that_opens_or_stores() -> None:
    what = (
        "import sys, sync.carrying\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'appliance', 'cryptography', 'flask', 'peewee', 'requests', 'sqlite3'}))"
    )
    done = subprocess.run([sys.executable, "-c", what], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---------------------------------------------------------------------------------------------------------- pulled out


def writes_of(folder: Path, step: int) -> int:
    """How many things that step does to the stick when nobody pulls it out."""
    walk = Walk(folder)
    walk.box.put(3)
    for earlier in walk.steps[:step]:
        earlier()
    with pytest.MonkeyPatch.context() as patch:
        watched = PulledOut(walk.stick, patch)
        walk.steps[step]()
    walk.close()
    return len(watched.names)


STEPS = {"export": 0, "answer": 3, "import": 4}


@pytest.mark.parametrize("go_on", [False, True], ids=["again at once", "carried on as it is"])
@pytest.mark.parametrize("torn", list(Torn))
@pytest.mark.parametrize("name", STEPS)
def test_pulled_out_at_every_write_nothing_is_lost(tmp_path: Path, name: str, torn: Torn, *, go_on: bool) -> None:
    step = STEPS[name]
    count = writes_of(tmp_path / "watched", step)
    assert count >= 2
    for at in range(1, count + 1):
        walk = Walk(tmp_path / f"{at}")
        records = walk.box.put(3)
        for earlier in walk.steps[:step]:
            earlier()
        with pytest.MonkeyPatch.context() as patch:
            pulled = PulledOut(walk.stick, patch, at=at, torn=torn)
            with pytest.raises(StickNotReached):
                walk.steps[step]()
            assert pulled.is_out
        rest = walk.steps[step + 1 :] if go_on else walk.steps[step:]
        for later in rest:
            later()
        if go_on:
            for later in walk.steps:
                later()
        all_is_well(walk, records)
        assert [name for name in walk.files() if not name.startswith(".")] == []
        walk.close()


def test_reading_at_the_town_hall_writes_nothing_on_the_stick(tmp_path: Path) -> None:
    assert writes_of(tmp_path, 1) == 0


def test_what_writing_left_half_done_is_tidied_away(walk: Walk) -> None:
    walk.box.put(1)
    walk.export()
    with pytest.MonkeyPatch.context() as patch:
        pulled = PulledOut(walk.stick, patch, at=3)
        walk.box.put(1)
        with pytest.raises(StickNotReached):
            walk.export()
    assert pulled.names == ["mkdir", "open", "write"]
    assert [name for name in walk.files() if name.startswith(".")] != []
    walk.export()
    assert [name for name in walk.files() if name.startswith(".")] == []
