"""The notices of the office on a box's disk, and the packs with which its desk begins."""

import json
import os
from pathlib import Path

import pytest

from appliance.assembly.notice_tray import StoredNotices, UnknownNotice
from appliance.assembly.notices import CONTENT, DeskPacks, Kept, NoticeFolder, PackState, made_at
from appliance.content import BUILT_IN
from appliance.desk.errors import PackError, StorageFull
from sync.errors import MalformedMessage
from sync.notices import STICKS, Notice
from sync.packs import content_body, sticks_body

CODE = "999997"
TOPICS = '[[topic]]\nid = "sky"\nname = "そら"\n'
SEA = TOPICS.replace("sky", "sea").replace("そら", "うみ")


def tray(state: Path) -> StoredNotices:
    return StoredNotices(state, content=BUILT_IN, municipality=CODE)


def packs(number: int, **files: str) -> Notice:
    body = content_body({f"{name}.toml": text for name, text in files.items()})
    return Notice(municipality=CODE, kind=CONTENT, number=number, body=body)


def topics(state: Path) -> list[str]:
    return [topic.id for topic in DeskPacks.open(BUILT_IN, state).catalogue.topics]


def test_packs_are_used_from_the_next_start(tmp_path: Path) -> None:
    before = topics(tmp_path)
    tray(tmp_path).keep(packs(5, topics=TOPICS))
    assert tray(tmp_path).heard() == {CONTENT: 5}
    assert NoticeFolder(tmp_path).packs() == PackState()
    assert topics(tmp_path) == ["sky"] != before
    assert NoticeFolder(tmp_path).packs() == PackState(in_force=5)


def test_later_packs_take_the_place_of_the_whole(tmp_path: Path) -> None:
    kept = tray(tmp_path)
    kept.keep(packs(5, topics=TOPICS))
    kept.keep(packs(6, outcomes='[[outcome]]\nid = "done"\nname = "おわり"\n'))
    opened = DeskPacks.open(BUILT_IN, tmp_path)
    assert [outcome.id for outcome in opened.catalogue.outcomes] == ["done"]
    assert "sky" not in topics(tmp_path)


def test_bad_packs_are_refused_with_words_and_the_old_ones_stay(tmp_path: Path) -> None:
    kept = tray(tmp_path)
    kept.keep(packs(5, topics=TOPICS))
    assert topics(tmp_path) == ["sky"]
    with pytest.raises(PackError, match="across 65"):
        kept.keep(packs(6, age_bands='[[age_band]]\nid = "x"\nname = "x"\nlower = 60\nupper = 69\n'))
    state = NoticeFolder(tmp_path).packs()
    assert (state.in_force, state.refused) == (5, 6)
    assert "across 65" in state.why
    assert topics(tmp_path) == ["sky"]
    assert kept.heard() == {CONTENT: 6}, "it is not asked for again and again"
    assert tray(tmp_path).heard() == {CONTENT: 5}, "but by a desk that has started anew, perhaps with a newer program"


def test_what_is_of_no_known_kind_or_form_is_refused(tmp_path: Path) -> None:
    kept = tray(tmp_path)
    with pytest.raises(UnknownNotice):
        kept.keep(Notice(municipality=CODE, kind="procedures", number=1, body=b"x"))
    for kind in (CONTENT, STICKS):
        with pytest.raises(MalformedMessage):
            kept.keep(Notice(municipality=CODE, kind=kind, number=1, body=b"\xff"))
    assert kept.heard() == {"procedures": 1, CONTENT: 1, STICKS: 1}


def test_revoked_sticks_are_known_at_once_and_after_a_restart(tmp_path: Path) -> None:
    kept = tray(tmp_path)
    assert kept.revoked() == frozenset()
    kept.keep(Notice(municipality=CODE, kind=STICKS, number=3, body=sticks_body([b"a" * 16])))
    assert kept.revoked() == tray(tmp_path).revoked() == {b"a" * 16}


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"notice": {"number": 9, "says": {}}, "digest": ""}'])
def test_a_damaged_file_is_none_and_the_notice_is_asked_for_again(tmp_path: Path, damage: bytes) -> None:
    tray(tmp_path).keep(packs(5, topics=TOPICS))
    (tmp_path / "notices" / "content.notice").write_bytes(damage)
    assert tray(tmp_path).heard() == {}
    assert len(topics(tmp_path)) > 1


def test_no_byte_of_a_kept_file_can_change_unnoticed(tmp_path: Path) -> None:
    tray(tmp_path).keep(packs(5, topics=TOPICS))
    path = tmp_path / "notices" / "content.notice"
    whole = path.read_bytes()
    for at in range(0, len(whole), 3):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        read = NoticeFolder(tmp_path).read(CONTENT)
        assert read is None or read == Kept(number=5, says={"topics.toml": TOPICS})


def test_packs_that_this_program_cannot_use_never_keep_the_desk_closed(tmp_path: Path) -> None:
    folder = NoticeFolder(tmp_path)
    for says in ({"topics.toml": "[["}, {"municipality.toml": municipality("131016")}, ["topics.toml"]):
        folder.write(CONTENT, Kept(number=9, says=says))
        assert len(topics(tmp_path)) > 1
        assert (folder.packs().in_force, folder.packs().refused) == (0, 9)


def municipality(code: str) -> str:
    return (BUILT_IN / "municipality.toml").read_text("utf-8").replace(CODE, code)


def test_a_state_that_a_newer_program_wrote_says_nothing(tmp_path: Path) -> None:
    tray(tmp_path).keep(packs(5, topics=TOPICS))
    (tmp_path / "notices" / "packs.state").write_text(json.dumps({"in_force": 1, "colour": "red"}))
    assert NoticeFolder(tmp_path).packs() == PackState()


def test_a_full_disk_keeps_the_old_packs_and_the_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tray(tmp_path)
    kept.keep(packs(5, topics=TOPICS))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull):
        kept.keep(packs(6, topics=SEA))
    assert kept.heard() == {CONTENT: 5}, "it is asked for again"
    assert topics(tmp_path) == ["sky"]


def full(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_number_tells_when_the_office_made_it() -> None:
    made = made_at(1_795_230_000_000)
    assert made is not None
    assert made.isoformat() == "2026-11-21T03:00:00+00:00"
    assert made_at(0) is None
