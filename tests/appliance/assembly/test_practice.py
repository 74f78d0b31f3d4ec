import stat
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.assembly import practice as module
from appliance.assembly.practice import PracticeRoom
from appliance.content import BUILT_IN, load_catalogue
from appliance.desk.errors import PackError, StorageFailed
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.catalogue import Catalogue
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.staff import StaffRole
from appliance.desk.practice import PracticeDesk
from sync.errors import TownKeysBroken
from tests.fakes import FakeClock
from tests.house.test_power import assert_nowhere

MEMO = "練習で書いたメモ デコイ-4b7d21"
BY = StaffRole.PROMOTION_VOLUNTEER
ENTRY = ConsultationEntry(topics=("phone",), age_band="75to84", outcome="resolved", memo=MEMO)
SUNDAY_NIGHT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands in for the memory of the machine."""
    folder = tmp_path / "memory"
    folder.mkdir()
    monkeypatch.setattr(module, "MEMORY", folder)
    return folder


def a_room(state: Path, *, content: Path = BUILT_IN, catalogue: Catalogue | None = None) -> PracticeRoom:
    return PracticeRoom(
        state=state,
        facility_name="中央公民館",
        catalogue=catalogue or load_catalogue(),
        content=content,
        clock=FakeClock(SUNDAY_NIGHT),
    )


@pytest.fixture
def room(tmp_path: Path, memory: Path) -> PracticeRoom:
    """Nothing of the town or the device is on this disk."""
    return a_room(tmp_path / "state")


@pytest.fixture
def opened(room: PracticeRoom) -> Iterator[PracticeDesk]:
    opened = room.open()
    yield opened
    opened.throw_away()


def one_consultation(opened: PracticeDesk) -> None:
    call = opened.desk.calls.pressed(1, source=CallSource.BUTTON)
    opened.desk.calls.answer(call.id, by=BY)
    opened.desk.consultations.log(ENTRY, by=BY, visit=opened.desk.board.snapshot.floor.visits[0].id)


def test_a_whole_visit_can_be_practised_without_any_key_of_a_town(opened: PracticeDesk) -> None:
    one_consultation(opened)
    assert [row.topics for row in opened.desk.logged_today()] == [("phone",)]


def test_somebody_comes_at_any_hour(opened: PracticeDesk) -> None:
    assert opened.desk.calls.pressed(1, source=CallSource.BUTTON).attended


def test_what_is_written_lies_in_memory_for_this_user_only_and_sealed(
    room: PracticeRoom, opened: PracticeDesk, memory: Path
) -> None:
    one_consultation(opened)
    assert room.folder.parent == memory
    for folder in (room.folder, *room.folder.iterdir()):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert_nowhere(memory, MEMO, but=Path("nothing is allowed to hold this"))


def test_nothing_is_left_when_it_is_thrown_away(room: PracticeRoom, memory: Path) -> None:
    opened = room.open()
    one_consultation(opened)
    opened.throw_away()
    assert list(memory.iterdir()) == []
    with pytest.raises(StorageFailed):
        one_consultation(opened)
    assert list(memory.iterdir()) == []


def test_what_a_power_cut_left_behind_is_swept_away(room: PracticeRoom, tmp_path: Path, memory: Path) -> None:
    opened = room.open()
    one_consultation(opened)
    other = a_room(tmp_path / "another box").open()
    a_room(tmp_path / "state").sweep()
    assert not room.folder.exists()
    assert len(list(memory.iterdir())) == 1
    opened.throw_away()
    other.throw_away()


def test_each_practice_begins_with_nothing(room: PracticeRoom) -> None:
    for _ in range(2):
        opened = room.open()
        assert opened.desk.logged_today() == []
        one_consultation(opened)
        opened.throw_away()


def test_a_name_that_somebody_else_has_taken_is_not_used(room: PracticeRoom, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    room.folder.symlink_to(elsewhere)
    with pytest.raises(StorageFailed):
        room.open()
    assert [path.name for path in elsewhere.iterdir()] == ["kept"]


def test_a_pack_of_ones_own_tells_other_stories(tmp_path: Path, memory: Path) -> None:
    pack = tmp_path / "practice.toml"
    pack.write_text('[[resident]]\nid = "x"\nstory = "{hall}に 行きたい"\n', encoding="utf-8")
    opened = a_room(tmp_path / "state", content=tmp_path).open()
    assert opened.stories == ("町役場に 行きたい",)
    opened.throw_away()
    pack.write_text("", encoding="utf-8")
    with pytest.raises(PackError):
        a_room(tmp_path / "state", content=tmp_path).open()
    assert list(memory.iterdir()) == []


def test_a_desk_that_cannot_be_furnished_leaves_nothing(tmp_path: Path, memory: Path) -> None:
    catalogue = load_catalogue()
    broken = replace(catalogue, words=replace(catalogue.words, code="no code"))
    with pytest.raises(TownKeysBroken):
        a_room(tmp_path / "state", catalogue=broken).open()
    assert list(memory.iterdir()) == []


def test_without_memory_to_write_to_it_lies_among_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MEMORY", tmp_path / "no such place")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    room = a_room(tmp_path / "state")
    opened = room.open()
    assert room.folder.parent == tmp_path
    opened.throw_away()
    assert list(tmp_path.iterdir()) == []


def test_no_thread_stays_behind(room: PracticeRoom) -> None:
    before = threading.active_count()
    opened = room.open()
    assert threading.active_count() == before + 1
    opened.throw_away()
    assert threading.active_count() == before
