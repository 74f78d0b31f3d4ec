"""The look that decides whether a desk is alive, at a real desk."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.assembly.access import HashedTokens
from appliance.assembly.box import Box, open_box
from appliance.assembly.pulse import Pulse
from appliance.assembly.selfcheck import (
    KEPT_EVERY,
    LONGEST_SILENCE,
    LONGEST_WORK,
    SelfCheck,
    answers,
    health,
    reachable,
    supervised,
)
from appliance.assembly.town import TownFolder, make_town
from appliance.config import load_config
from appliance.desk.errors import StorageFull
from tests.configured import MUNICIPALITY, free_port, write_config


class Seconds:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def pulse(self) -> Pulse:
        return Pulse(lambda: self.now)


@pytest.fixture
def opened(tmp_path: Path) -> Box:
    make_town(TownFolder(tmp_path / "town"), MUNICIPALITY, "合言葉は ながい")
    config = load_config(write_config(tmp_path, port=free_port(), receiver_port=1))
    return open_box(config, tokens=HashedTokens({}), said=datetime(2026, 11, 21, 1, tzinfo=UTC))


@pytest.fixture
def box(opened: Box) -> Iterator[Box]:
    opened.start()
    yield opened
    opened.stop()


def codes(check: SelfCheck) -> list[str]:
    return [finding.code for finding in check.look()]


def test_nothing_is_wrong_with_a_desk_that_works(box: Box) -> None:
    findings = SelfCheck(box).look()
    assert findings == []
    assert health(box, findings).is_alive
    assert box.pages.address in health(box, findings).words


def test_looking_leaves_the_card_alone_but_for_once_in_ten_minutes(box: Box) -> None:
    seconds = Seconds()
    check, log = SelfCheck(box, pulse=seconds.pulse), box.config.state.directory / "desk.db-wal"
    check.look()
    before = log.stat().st_size
    for _ in range(20):
        check.look()
    assert log.stat().st_size == before
    seconds.now += KEPT_EVERY + 1
    check.look()
    assert log.stat().st_size > before


def test_a_lock_that_is_never_given_back_stops_the_feeding(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = SelfCheck(box)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "600000")
        with supervised(lambda: health(box, check.look())):
            assert b"READY=1" in systemd.recv(4096)
            assert b"WATCHDOG=1" in systemd.recv(4096)
            with box.store.writing():
                fed = heard_for(systemd, 1.5)
            assert fed <= 1, "the look that was under way may still have ended well"
            systemd.settimeout(10)
            assert b"WATCHDOG=1" in systemd.recv(4096)


def heard_for(systemd: socket.socket, seconds: float) -> int:
    """How often the watchdog was fed in that time."""
    fed, deadline = 0, time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        systemd.settimeout(left)
        try:
            fed += b"WATCHDOG=1" in systemd.recv(4096)
        except TimeoutError:
            break
    return fed


def test_a_full_disk_is_told_but_no_reason_to_lose_the_calls_in_memory(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise StorageFull("the disk is full")

    monkeypatch.setattr(box.store, "keep_sign_of_life", full)
    findings = SelfCheck(box).look()
    assert [finding.code for finding in findings] == ["storage"]
    assert health(box, findings).is_alive
    assert "the disk is full" in health(box, findings).words


@pytest.mark.parametrize("thread", ["housekeeping", "recording"])
def test_a_thread_that_no_longer_goes_round_is_a_reason_to_restart(box: Box, thread: str) -> None:
    seconds = Seconds()
    box.pulses = {**box.pulses, thread: seconds.pulse()}
    assert codes(SelfCheck(box)) == []
    seconds.now += LONGEST_SILENCE + 1
    findings = SelfCheck(box).look()
    assert [finding.code for finding in findings] == [thread]
    assert not health(box, findings).is_alive


def test_both_threads_show_signs_of_life(opened: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = Seconds()
    monkeypatch.setattr("appliance.assembly.box.HOUSEKEEPING_SECONDS", 0.1)
    opened.pulses = {name: seconds.pulse() for name in opened.pulses}
    seconds.now += 100
    opened.start()
    deadline = time.monotonic() + 10
    while any(pulse.silent_seconds for pulse in opened.pulses.values()) and time.monotonic() < deadline:
        time.sleep(0.05)
    opened.stop()
    assert [pulse.silent_seconds for pulse in opened.pulses.values()] == [0, 0]


def test_a_room_is_stuck_while_one_piece_of_work_takes_too_long(box: Box) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def sentence() -> str:
        begun.set()
        go_on.wait(10)
        return ""

    box.desk.room.look_and_speak(sentence)
    assert begun.wait(5)
    time.sleep(0.1)
    assert box.desk.room.is_stuck(after=0.1)
    assert not box.desk.room.is_stuck(after=LONGEST_WORK)
    go_on.set()
    deadline = time.monotonic() + 5
    while box.desk.room.is_stuck(after=0.1) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not box.desk.room.is_stuck(after=0.1)


def test_a_room_whose_thread_has_gone_is_a_reason_to_restart(box: Box) -> None:
    box.desk.room.stop()
    assert codes(SelfCheck(box)) == ["room"]


def test_late_pages_are_told_and_silent_ones_are_a_reason_to_restart(box: Box) -> None:
    seconds = Seconds()
    check = SelfCheck(box, pulse=seconds.pulse)
    assert check.look() == []
    box.pages.port = free_port()
    seconds.now += 10
    late = check.look()
    assert [finding.code for finding in late] == ["pages"]
    assert health(box, late).is_alive
    seconds.now += LONGEST_SILENCE
    assert not health(box, check.look()).is_alive


def test_a_desk_whose_pages_never_answered_is_not_alive(box: Box) -> None:
    box.pages.port = free_port()
    assert not health(box, SelfCheck(box).look()).is_alive


def test_a_server_that_listens_everywhere_is_asked_on_this_machine() -> None:
    assert [reachable(host) for host in ("0.0.0.0", "::", "192.168.1.20", "desk.local")] == [  # noqa: S104
        "127.0.0.1",
        "::1",
        "192.168.1.20",
        "desk.local",
    ]
    assert not answers("127.0.0.1", free_port())
