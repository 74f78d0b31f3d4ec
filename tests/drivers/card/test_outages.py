"""What becomes of the reader when pcscd, the reader's process or the library is not there."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from appliance.desk.card_errors import ReaderUnusable
from appliance.desk.facts.card import CardState, ItemsKey, ReaderStatus
from drivers.card.client import CardClient
from drivers.card.cores import leave_no_core
from drivers.card.process import ReaderProcess, reader_process, survey
from tests.drivers.card.stands import Stand, hanako, maria
from tests.drivers.card.virtual import SOCKET_VARIABLE, Pcscd, VirtualReader

PIN = ItemsKey.pin("2468")


def is_ready(state: CardState) -> bool:
    return state.reader is ReaderStatus.READY


def is_without_service(state: CardState) -> bool:
    return state.reader is ReaderStatus.NO_SERVICE


@pytest.mark.parametrize(
    ("how", "seconds"),
    [
        pytest.param(signal.SIGTERM, 0.0, id="restart"),
        pytest.param(signal.SIGKILL, 4.0, id="outage", marks=pytest.mark.slow),
    ],
)
def test_the_reader_is_back_within_three_seconds_of_pcscd(
    on_pcscd: Stand, virtual_reader: tuple[Pcscd, VirtualReader], how: int, seconds: float
) -> None:
    daemon, hand = virtual_reader
    on_pcscd.lay_down(hanako())
    before = on_pcscd.visit()
    daemon.stop(how)
    hand.lift()
    gone = on_pcscd.until(is_without_service)
    assert gone.card is None
    with pytest.raises(ReaderUnusable):
        on_pcscd.reader.four_items(before.number, PIN)
    time.sleep(seconds)
    daemon.start()
    on_pcscd.until(is_ready, seconds=3)
    on_pcscd.lay_down(maria())
    after = on_pcscd.visit()
    assert after.number != before.number
    assert after.check != before.check


def test_the_process_that_dies_is_followed_by_another(on_pcscd: Stand) -> None:
    on_pcscd.lay_down(hanako())
    first = on_pcscd.visit()
    child = on_pcscd.reader._child  # noqa: SLF001 (to end it, as the kernel might)
    assert isinstance(child, ReaderProcess)
    os.kill(child.pid, signal.SIGKILL)
    again = on_pcscd.until(lambda state: state.card is not None and state.card.number != first.number)
    assert again.card is not None
    assert on_pcscd.visit().check == first.check


def test_the_process_leaves_no_core_and_stays_small(on_pcscd: Stand) -> None:
    """Measured where a PIN has just gone through it."""
    on_pcscd.lay_down(hanako())
    on_pcscd.reader.four_items(on_pcscd.visit().number, PIN)
    child = on_pcscd.reader._child  # noqa: SLF001 (to look at it from outside)
    assert isinstance(child, ReaderProcess)
    proc = Path(f"/proc/{child.pid}")
    limits = [line.split()[4:6] for line in (proc / "limits").read_text().splitlines() if line.startswith("Max core")]
    assert limits == [["1", "1"]]
    pss = [line.split()[1] for line in (proc / "smaps_rollup").read_text().splitlines() if line.startswith("Pss:")]
    assert int(pss[0]) <= 15 * 1024
    assert PIN.digits.encode() not in (proc / "cmdline").read_bytes() + (proc / "environ").read_bytes()


@pytest.mark.parametrize("refusal", [PermissionError(1, "no"), ValueError("not allowed to raise maximum limit")])
def test_a_sandbox_that_lets_nobody_change_a_limit_stops_nothing(
    refusal: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []

    def refuse(_which: int, limits: tuple[int, int]) -> None:
        asked.append(limits)
        raise refusal

    monkeypatch.setattr(resource, "setrlimit", refuse)
    leave_no_core()
    assert asked == [(1, 1)]


def test_a_survey_names_the_readers_and_touches_no_card(on_pcscd: Stand) -> None:
    on_pcscd.lay_down(hanako())
    on_pcscd.visit()
    heard = len(on_pcscd.heard)
    found = survey()
    assert (found.reader, found.card, len(found.readers)) == (ReaderStatus.READY, None, 2)
    time.sleep(0.2)
    assert len(on_pcscd.heard) == heard


def test_a_survey_of_a_box_without_pyscard_says_so() -> None:
    assert survey(command=(sys.executable, "-c", _WITHOUT_LIBRARY)) == CardState(reader=ReaderStatus.NO_LIBRARY)
    assert survey(command=("/nowhere",)) == CardState(reader=ReaderStatus.NO_LIBRARY)
    assert survey(command=("/bin/true",)) == CardState(reader=ReaderStatus.NO_LIBRARY)


@pytest.fixture
def without_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CardClient]:
    monkeypatch.setenv(SOCKET_VARIABLE, str(tmp_path / "nobody"))
    reader = CardClient(reader_process())
    yield reader
    reader.close()


def until(reader: CardClient, status: ReaderStatus) -> None:
    limit = time.monotonic() + 5
    while reader.state().reader is not status:
        assert time.monotonic() < limit, reader.state()
        time.sleep(0.01)


def test_without_pcscd_the_reader_says_so(without_service: CardClient) -> None:
    if find_spec("smartcard") is None:  # never imported here: under Python 3.13 it crashes at the end of the process
        pytest.skip("pyscard is not installed (provisioning/setup.sh tests)")
    until(without_service, ReaderStatus.NO_SERVICE)
    with pytest.raises(ReaderUnusable):
        without_service.card_tokens(1, {"v1": b"key"})


_WITHOUT_LIBRARY = "import sys; sys.modules['smartcard'] = None; from drivers.card.worker import main; main()"


def test_without_pyscard_the_reader_says_so_and_waits() -> None:
    command = (sys.executable, "-c", _WITHOUT_LIBRARY)
    reader = CardClient(lambda leave_alone: ReaderProcess({"leave_alone": leave_alone}, command=command))
    try:
        until(reader, ReaderStatus.NO_LIBRARY)
        child = reader._child  # noqa: SLF001 (that it stays the same)
        time.sleep(0.3)
        assert reader._child is child  # noqa: SLF001
        assert reader.state() == CardState(reader=ReaderStatus.NO_LIBRARY)
    finally:
        reader.close()


def test_a_process_that_cannot_be_started_is_tried_again_and_nobody_waits() -> None:
    reader = CardClient(lambda _leave_alone: ReaderProcess({}, command=("/nowhere",)))
    assert reader.state().reader is ReaderStatus.STARTING
    reader.close()


def test_the_process_ends_with_its_input_and_says_nothing_of_what_it_was_sent() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "drivers.card.worker"],
        input=json.dumps({"reader": ""}).encode() + b"\nnot 2468 json\n",
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == b"the card's process ends: JSONDecodeError\n"
