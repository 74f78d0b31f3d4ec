"""Every check of the doctor, on a box that is well and on one that is not."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.desk.facts.card import CardState, ReaderStatus
from appliance.store.checkup import records_of
from provisioning.doctor import examine, needs_a_person
from provisioning.errors import CertificateRefused, NotPrepared
from provisioning.findings import CODES, FINDINGS, State
from provisioning.surroundings import Package, can_import, fault_of, installed, unit_states
from provisioning.vital_signs import break_in_chain
from sync.door import Door, DoorClosed, DoorRefused
from tests.provisioning.boxes import AROUND, NOW, READER, KeptBox, files_of


@pytest.fixture(autouse=True)
def quick_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.enrolment._CODE_KIBIBYTES", 64)
    monkeypatch.setattr("sync.enrolment._CODE_PASSES", 1)


@pytest.fixture
def box(tmp_path: Path) -> KeptBox:
    box = KeptBox(tmp_path / "box")
    box.certify()
    return box


def answering(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> None:
    """Let a desk stand at the courier door, or not."""

    def ask(_self: Door, verb: str, *_arguments: object) -> list[object]:
        assert verb == "hello"
        if error is not None:
            raise error
        return []

    monkeypatch.setattr(Door, "__init__", lambda _self, _path: None)
    monkeypatch.setattr(Door, "__exit__", lambda *_: None)
    monkeypatch.setattr(Door, "ask", ask)


def test_a_box_that_is_well_needs_nobody(box: KeptBox, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch)
    speaking(box, '{"state": "said", "reason": "", "at": "2026-11-20T03:00Z"}')
    reading(box, ReaderStatus.READY)
    found = examine(box.place.config, replace(AROUND, answers=lambda _host, _port: True, is_synchronised=lambda: True))
    assert not needs_a_person(found)
    assert [one.name for one in found] == [
        "configuration_read",
        "content_read",
        "holidays_known",
        "town_keys_read",
        "enrolled",
        "state_private",
        "device_key_there",
        "disk_roomy",
        "reserve_there",
        "database_whole",
        "chain_sound",
        "sent",
        "clock_synchronised",
        "pages_answer",
        "door_answers",
        "units_run",
        "gpio_there",
        "lgpio_real",
        "cryptography_own",
        "buttons_unknown",
        "sound_card_there",
        "player_there",
        "voice_said",
        "sentences_made",
        "card_reader_there",
        "card_desk_ready",
        "address_not_needed",
        "access_point_unused",
        "tls_unused",
    ]
    assert [one.code for one in found] == sorted(one.code for one in found)
    assert {one.words.check for one in found} == set(CODES) - {"check_failed"}


def test_looking_changes_nothing(box: KeptBox) -> None:
    before = dict(files_of(box.folder))
    assert "database_whole" in box.found()
    assert dict(files_of(box.folder)) == before


def test_every_finding_says_what_to_do_in_both_languages() -> None:
    for name, words in FINDINGS.items():
        assert words.ja, name
        assert words.en.isascii(), name
        assert bool(words.remedy_ja) == bool(words.remedy_en), name
        assert words.remedy_ja or words.state is not State.ILL, name
    assert {words.check for words in FINDINGS.values()} == set(CODES)
    assert len(set(CODES.values())) == len(CODES)


def test_where_the_configuration_cannot_be_read_nothing_else_is_looked_at(box: KeptBox) -> None:
    box.edit("[town]", "[twon]")
    found = box.found()
    assert list(found) == ["configuration_refused"]
    assert "twon" in found["configuration_refused"].detail
    assert found["configuration_refused"].code == "D01"


def test_a_check_that_stumbles_is_a_finding_and_the_others_go_on(box: KeptBox) -> None:
    def broken() -> datetime:
        raise RuntimeError("ひみつ")

    found = box.found(now=broken)
    assert found["check_failed"].detail == "RuntimeError"
    assert "cryptography_own" in found


def write(box: KeptBox, name: str, text: str) -> None:
    (box.place.config.parent / name).write_text(text, encoding="utf-8")


Harm = Callable[[KeptBox], object]
HARMS: list[tuple[str, str, Harm]] = [
    ("content_refused", "calendar.toml", lambda box: write(box, "content/calendar.toml", "[hours]\nmonday = 1\n")),
    ("town_keys_missing", "town-keys.toml", lambda box: box.place.town_keys.unlink()),
    ("town_keys_refused", "municipality", lambda box: write(box, "town-keys.toml", "a = 1\n")),
    ("enrolment_waits", "box 7, code ", lambda box: box.place.certificate.unlink()),
    ("enrolment_waits", CertificateRefused.fault, lambda box: box.place.certificate.write_bytes(b"x")),
    ("enrolment_broken", NotPrepared.fault, lambda box: box.place.request.write_bytes(b"x")),
    ("state_missing", "state", lambda box: box.place.state.rename(box.folder / "away")),
    ("state_open_to_others", "state", lambda box: box.place.state.chmod(0o755)),
    ("state_open_to_others", "device.key", lambda box: box.place.device_key.chmod(0o644)),
    ("device_key_missing", "", lambda box: box.place.device_key.unlink()),
    ("device_key_broken", "", lambda box: box.place.device_key.write_bytes(b"short")),
    ("reserve_missing", "", lambda box: (box.place.state / "reserve").unlink()),
    ("database_missing", "desk.db", lambda box: box.database.unlink()),
    ("database_broken", "", lambda box: box.database.write_bytes(b"no database" * 1000)),
]


@pytest.mark.parametrize(("name", "detail", "harm"), HARMS, ids=[f"{harm[0]}-{n}" for n, harm in enumerate(HARMS)])
def test_what_is_wrong_is_found(box: KeptBox, name: str, detail: str, harm: Harm) -> None:
    assert name not in box.found()
    harm(box)
    found = box.found()
    assert detail in found[name].detail
    assert found[name].words.state is State.ILL


def test_a_box_prepared_by_hand_is_no_fault(box: KeptBox) -> None:
    box.place.request.unlink()
    assert box.found()["enrolled_by_hand"].words.state is State.NOTE


def test_keys_of_another_town_are_refused(box: KeptBox) -> None:
    path = box.place.content / "municipality.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("999997", "011002"), encoding="utf-8")
    assert box.found()["town_keys_refused"].detail == "keys of 999997, words of 011002"


def test_a_year_without_holidays_is_noticed(box: KeptBox) -> None:
    """In 1850 there were none, and a program that knows none of a year looks the same."""
    assert "holidays_unknown" in box.found(now=lambda: datetime(1850, 5, 1, tzinfo=UTC))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_of_another_user_are_named(box: KeptBox) -> None:
    os.chown(box.database, 12345, 12345)
    assert box.found()["state_of_another_user"].detail == "desk.db"


def test_a_folder_that_takes_nothing_is_found(box: KeptBox, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_state: Path) -> bool:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("provisioning.vital_signs.keeps", refuse)
    assert box.found()["state_unwritable"].detail == "Read-only file system"


def test_a_folder_one_may_not_look_into_is_told_as_that(box: KeptBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    found = box.found()
    assert "state_closed" in found
    assert "database_missing" not in found


def test_a_full_disk_is_found(box: KeptBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioning.vital_signs.LEAST_FREE_BYTES", 1 << 60)
    assert box.found()["disk_small"].detail.endswith(" MiB")


def test_a_damaged_page_of_the_database_is_found(box: KeptBox) -> None:
    data = bytearray(box.database.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    box.database.write_bytes(data)
    found = box.found()
    assert "database_broken" in found
    assert found["chain_not_looked_at"].words.state is State.NOTE
    assert "chain_sound" not in found


def test_a_whole_database_that_is_not_ours_is_no_clean_bill(box: KeptBox) -> None:
    with closing(sqlite3.connect(box.database)) as database:
        database.execute("DROP TABLE opening")
        database.commit()
    found = box.found()
    assert "database_whole" in found
    assert found["check_failed"].detail == "StorageFailed"
    assert "cryptography_own" in found


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE record SET ciphertext = x'00' WHERE sequence = 2",
        "UPDATE record SET hash = zeroblob(32) WHERE sequence = 2",
        "UPDATE record SET header = x'00' WHERE sequence = 2",
        "UPDATE record SET ciphertext = NULL, header = (SELECT header FROM record WHERE sequence = 1) WHERE sequence"
        " = 2",
    ],
)
def test_a_record_that_was_changed_breaks_the_chain(box: KeptBox, change: str) -> None:
    with closing(sqlite3.connect(box.database)) as database:
        database.execute(change)
        database.commit()
    assert box.found()["chain_broken"].detail == "record 2"


def test_an_exchanged_record_breaks_the_chain_at_the_next_one(box: KeptBox, tmp_path: Path) -> None:
    mine, other = list(records_of(box.database)), list(records_of(KeptBox(tmp_path / "other").database))
    assert break_in_chain(iter([mine[0], other[1], mine[2]])) == 2
    assert break_in_chain(iter([other[0], *mine[1:]])) == 2
    assert break_in_chain(iter(mine)) is None
    assert break_in_chain(iter([])) is None


def test_what_was_pruned_or_withdrawn_breaks_nothing(box: KeptBox) -> None:
    first, second, third = records_of(box.database)
    assert break_in_chain(iter([second, third])) is None
    assert break_in_chain(iter([first, third])) is None
    assert break_in_chain(iter([first, replace(second, ciphertext=None), third])) is None


def test_the_first_record_is_looked_at_too(box: KeptBox) -> None:
    first, *others = records_of(box.database)
    assert break_in_chain(iter([replace(first, ciphertext=b"x"), *others])) == 1


@pytest.mark.parametrize(("days", "name"), [(31, "sent"), (32, "unsent_old")])
def test_a_record_may_wait_a_month(box: KeptBox, days: int, name: str) -> None:
    found = box.found(now=lambda: NOW.wall + timedelta(days=days))
    assert found[name].detail.startswith("3, ")


def test_nothing_waits_once_it_was_receipted(box: KeptBox) -> None:
    with closing(sqlite3.connect(box.database)) as database:
        database.execute("UPDATE record SET receipted_by = x'01'")
        database.commit()
    assert box.found(now=lambda: NOW.wall + timedelta(days=400))["sent"].detail == "0"


def test_the_clock_is_unconfirmed_until_somebody_says_so(box: KeptBox) -> None:
    assert box.found()["clock_unconfirmed"].words.state is State.NOTE
    with closing(sqlite3.connect(box.database)) as database:
        (boot,) = database.execute("SELECT value FROM meta WHERE key = 'boot'").fetchone()
        said = b"".join(number.to_bytes(8, signed=True) for number in (int.from_bytes(boot), 0, 0))
        database.execute("INSERT INTO meta VALUES ('said', ?)", (said,))
        database.commit()
    assert "clock_vouched" in box.found()


def test_a_clock_before_the_newest_record_is_found(box: KeptBox) -> None:
    assert "clock_behind" in box.found(now=lambda: NOW.wall - timedelta(minutes=2))


def test_pages_that_are_silent_are_found_and_the_door_is_not_asked(box: KeptBox) -> None:
    found = box.found()
    assert found["pages_silent"].words.state is State.ILL
    assert not {"door_answers", "door_silent"} & set(found)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (DoorClosed("gone"), "door_silent"),
        (DoorRefused("not_allowed", "uid 0"), "door_answers"),
        (None, "door_answers"),
    ],
)
def test_the_door_is_asked(box: KeptBox, monkeypatch: pytest.MonkeyPatch, error: Exception | None, name: str) -> None:
    answering(monkeypatch, error)
    assert name in box.found(answers=lambda _host, _port: True)


def test_a_part_that_failed_is_named_with_its_fault_code(box: KeptBox) -> None:
    states = {"madoguchi.service": {"ActiveState": "failed"}, "madoguchi-sync.service": {"ActiveState": "inactive"}}
    found = box.found(units=lambda: states, fault_of=lambda unit: f"M1 {unit[:9]}")
    assert found["units_failed"].detail == "madoguchi.service M1 madoguchi"
    assert "units_not_used" in box.found(units=dict)


def test_lines_and_their_library_are_looked_at_only_where_there_are_buttons(box: KeptBox) -> None:
    found = box.found(gpio_is_usable=lambda: False, can_import=lambda module: module == "lgpio")
    assert {"gpio_missing", "lgpio_stub"} <= set(found)
    box.edit('buttons = "gpio"', 'buttons = "absent"')
    box.edit('lamps = "gpio"', 'lamps = "absent"')
    found = box.found(gpio_is_usable=lambda: False, can_import=lambda _module: False)
    assert not {"gpio_missing", "lgpio_stub", "gpio_there", "lgpio_real"} & set(found)


def test_a_button_that_calls_nobody_is_found_and_its_last_press_is_told(box: KeptBox) -> None:
    told = box.place.state / "buttons.json"
    told.write_text('{"1": {"fault": "stuck", "pressed_at": null}}')
    assert "buttons_faulty" in box.found()
    told.write_text('{"1": {"fault": null, "pressed_at": "2026-11-20T03:00Z"}}')
    assert "buttons_well" in box.found()
    told.write_text("[")
    assert "buttons_unknown" in box.found()
    box.edit('buttons = "gpio"', 'buttons = "absent"')
    assert "buttons_absent" in box.found()


def speaking(box: KeptBox, told: str) -> None:
    """Give the box a loudspeaker, of which the desk has written down that."""
    box.edit('voice = "absent"', 'voice = "open_jtalk"')
    (box.place.state / "voice.json").write_text(told)


@pytest.mark.parametrize(
    ("told", "name", "detail"),
    [
        ('{"state": "dropped", "reason": "quiet", "at": "2026-11-20T03:00Z"}', "voice_held_back", " quiet"),
        ('{"state": "failed", "reason": "no card", "at": "2026-11-20T03:00Z"}', "voice_failed", " no card"),
        ('{"state": "shouted", "reason": "", "at": ""}', "voice_unknown", ""),
        ('["said"]', "voice_unknown", ""),
        ("{", "voice_unknown", ""),
    ],
)
def test_what_became_of_the_last_sentence_is_told(box: KeptBox, told: str, name: str, detail: str) -> None:
    speaking(box, told)
    assert box.found()[name].detail.endswith(detail)


def test_a_box_that_nobody_can_hear_is_found(box: KeptBox) -> None:
    assert "voice_silent" in box.found()
    speaking(box, "")
    found = box.found(sound_cards=lambda: (), has_player=lambda: False, unmade_sentences=lambda _config: 7)
    assert {"sound_card_missing", "player_missing", "voice_unknown"} <= set(found)
    assert found["sentences_unmade"].detail == "7"
    assert found["sentences_unmade"].words.state is not State.ILL, "the desk makes them by itself"
    without = {"unmade_sentences": lambda _config: 7, "can_import": lambda module: module != "pyopenjtalk"}
    assert box.found(**without)["engine_missing"].words.state is State.ILL


def reading(box: KeptBox, status: ReaderStatus | None) -> None:
    """Give the box a card reader, of which the desk has written down that."""
    box.edit('card = "absent"', 'card = "pcsc"')
    if status is not None:
        (box.place.state / "card.json").write_text(json.dumps({"reader": status, "since": "2026-11-20T03:00Z"}))


def test_a_box_that_is_not_meant_to_read_cards_says_so(box: KeptBox) -> None:
    def never() -> CardState:
        raise AssertionError("nobody looks for a reader")

    found = box.found(card_readers=never)
    assert (found["card_absent"].detail, found["card_absent"].words.state) == ('devices.card = "absent"', State.WELL)
    assert not any(name.startswith("card_desk") for name in found)
    box.edit('card = "absent"', 'card = "simulated"')
    assert box.found(card_readers=never)["card_simulated"].words.state is State.NOTE


@pytest.mark.parametrize(
    ("status", "around", "name", "detail"),
    [
        (ReaderStatus.NO_LIBRARY, {}, "card_library_missing", ""),
        (ReaderStatus.NO_SERVICE, {"card_service": lambda: "missing"}, "card_service_missing", ""),
        (ReaderStatus.NO_SERVICE, {"card_service": lambda: "silent"}, "card_service_silent", ""),
        (ReaderStatus.NO_SERVICE, {"card_service": lambda: "there"}, "card_service_there", ""),
        (ReaderStatus.NO_READER, {}, "card_reader_missing", ""),
        (
            ReaderStatus.NO_READER,
            {"modules_that_take_readers": lambda: ["pn533_usb", "pn533"]},
            "card_reader_taken",
            "pn533_usb, pn533",
        ),
    ],
)
def test_what_keeps_cards_from_being_read_is_found(
    box: KeptBox, status: ReaderStatus, around: dict[str, Any], name: str, detail: str
) -> None:
    reading(box, status)
    found = box.found(card_readers=lambda: CardState(reader=status), **around)
    assert found[name].detail == detail
    assert found[name].words.state is State.ILL
    assert found["card_desk_without"].detail == f"{status}, 2026-11-20T03:00Z"
    assert found["card_desk_without"].words.state is State.NOTE, "it is said once what to do"


def test_a_denial_is_told_from_a_daemon_that_is_dead(box: KeptBox) -> None:
    reading(box, ReaderStatus.READY)
    dead = CardState(reader=ReaderStatus.NO_SERVICE)
    words = box.found(card_readers=lambda: dead, card_service=lambda: "there")["card_service_there"].words
    assert "polkit" in words.ja
    assert "polkit" in words.en
    assert "止まっていません" in words.ja


def test_of_several_readers_the_one_that_is_used_is_named_first(box: KeptBox) -> None:
    reading(box, ReaderStatus.READY)
    two = CardState(reader=ReaderStatus.READY, readers=("ACS ACR1252 PICC", READER))
    found = box.found(card_readers=lambda: two)["card_readers_several"]
    assert (found.detail, found.words.state) == (f"ACS ACR1252 PICC, {READER}", State.NOTE)
    box.edit('card = "pcsc"', 'card = "pcsc"\ncard_reader = "RC-S300"')
    assert box.found(card_readers=lambda: two)["card_reader_there"].detail == f"{READER}, ACS ACR1252 PICC"
    other = replace(two, readers=("ACS ACR1252 PICC",))
    found = box.found(card_readers=lambda: other)["card_reader_other"]
    assert (found.detail, found.words.state) == ("RC-S300: ACS ACR1252 PICC", State.ILL)


@pytest.mark.parametrize(
    ("status", "name", "state"),
    [
        (ReaderStatus.READY, "card_desk_ready", State.WELL),
        (ReaderStatus.NO_SERVICE, "card_desk_refused", State.ILL),
        (ReaderStatus.NO_READER, "card_desk_behind", State.ILL),
        (ReaderStatus.NO_LIBRARY, "card_desk_behind", State.ILL),
        (ReaderStatus.STARTING, "card_desk_unknown", State.NOTE),
        (None, "card_desk_unknown", State.NOTE),
    ],
)
def test_the_desk_is_another_user_than_whoever_asks(
    box: KeptBox, status: ReaderStatus | None, name: str, state: State
) -> None:
    reading(box, status)
    found = box.found()
    assert "card_reader_there" in found
    assert found[name].words.state is state


@pytest.mark.parametrize("told", ["{", "[]", '{"reader": "broken", "since": ""}', '{"reader": "ready"}'])
def test_what_the_desk_wrote_of_its_reader_may_be_nonsense(box: KeptBox, told: str) -> None:
    reading(box, None)
    (box.place.state / "card.json").write_text(told)
    assert "card_desk_unknown" in box.found()


@pytest.mark.parametrize(
    "package", [None, Package(version="46.0.9", is_own=True), Package(version="50.0.2", is_own=False)]
)
def test_an_old_or_foreign_cryptography_is_found(box: KeptBox, package: Package | None) -> None:
    assert "cryptography_old" in box.found(installed=lambda _name: package)


# ------------------------------------------------------------------------------------------------- the machine itself


def test_packages_and_modules_are_those_of_this_program() -> None:
    own = installed("cryptography")
    assert own is not None
    assert own.is_own
    assert installed("no-such-package-of-ours") is None
    assert can_import("sqlite3")
    assert not can_import("no_such_module_of_ours")


def test_the_fault_code_is_the_first_line(tmp_path: Path) -> None:
    assert fault_of("madoguchi.service", tmp_path) == ""
    (tmp_path / "madoguchi.txt").write_text("故障コード / fault code: M1\n部分\n", encoding="utf-8")
    assert fault_of("madoguchi.service", tmp_path) == "故障コード / fault code: M1"


def systemctl(folder: Path, monkeypatch: pytest.MonkeyPatch, says: str) -> None:
    program = folder / "systemctl"
    program.write_text(f"#!/bin/sh\ncat <<'EOF'\n{says}\nEOF\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def test_units_that_systemd_does_not_know_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    systemctl(
        tmp_path,
        monkeypatch,
        "Id=madoguchi.service\nLoadState=loaded\nActiveState=active\n\n"
        "Id=madoguchi-office.service\nLoadState=not-found\nActiveState=inactive",
    )
    states = unit_states()
    assert list(states) == ["madoguchi.service"]
    assert states["madoguchi.service"]["ActiveState"] == "active"


def test_a_machine_without_systemd_has_no_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert unit_states() == {}
