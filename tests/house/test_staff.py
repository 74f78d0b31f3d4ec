"""Who is there and who was there, in processes as they run on a box: closed browsers, power cuts, forgotten PINs."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import date
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import HTTPError

import pytest

from sync.office.staffing import Staffing
from tests.configured import VOLUNTEER_PIN
from tests.house.running import MADOGUCHI, SmallTown, ask
from tests.house.test_practice import Tablet

ALL_DAYS = (date(1970, 1, 1), date(2099, 12, 31))
TIDIED_WITHIN = 20.0
"""Housekeeping has looked round by then."""


class Watcher(Tablet):
    """A browser that also listens."""

    def sign_in(self, pin: str = VOLUNTEER_PIN) -> None:
        self.look("/sign-in")
        self.press("/sign-in", pin=pin)

    def listen(self) -> HTTPResponse:
        response = self._opener.open(self._address + "/events", timeout=30)
        assert isinstance(response, HTTPResponse)
        return response


@pytest.fixture
def town(tmp_path: Path) -> Iterator[SmallTown]:
    town = SmallTown(tmp_path)
    yield town
    town.close()


def is_attended(town: SmallTown) -> bool:
    return bool(ask(town.address, "GET", "/api/v1/board").json["attended"])


def until(holds: Callable[[], bool], *, seconds: float) -> float:
    """Wait until it holds; how long that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds
        time.sleep(0.25)
    return time.monotonic() - began


def command(town: SmallTown, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MADOGUCHI, "staff", *words, "--config", str(town.config)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"LANG": "ja_JP.UTF-8"},
    )


def given_pin(said: str) -> str:
    found = re.search(r"(\d{3}) (\d{3})$", said, re.MULTILINE)
    assert found, said
    return found[1] + found[2]


# -------------------------------------------------------------------------------------------------------- going home


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_closed_browser_promises_nobody_after_a_minute_and_an_open_one_goes_on(tmp_path: Path) -> None:
    left, stayed = SmallTown(tmp_path / "left"), SmallTown(tmp_path / "stayed")
    tablets = []
    for town in (left, stayed):
        text = town.config.read_text(encoding="utf-8").replace("[server]", "away_minutes = 1\n[server]")
        town.config.write_text(text, encoding="utf-8")
        town.open_desk()
        tablets.append(Watcher(town.address))
        tablets[-1].sign_in()
    stream = tablets[1].listen()
    tablets[0].listen().close()
    assert is_attended(left)
    assert 55 < until(lambda: not is_attended(left), seconds=60 + TIDIED_WITHIN) < 60 + TIDIED_WITHIN
    assert not ask(left.address, "POST", "/api/v1/calls", {"button": 1}).json["attended"]
    assert is_attended(stayed)
    assert ask(stayed.address, "POST", "/api/v1/calls", {"button": 1}).json["attended"]
    assert stream.readline()
    tablets[0].look("/")
    assert is_attended(left), "one touch, and no PIN"
    stream.close()
    left.close()
    stayed.close()


# --------------------------------------------------------------------------------------------------------- power cuts


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_no_power_cut_loses_or_doubles_a_shift(town: SmallTown) -> None:
    cuts = 6
    for number in range(cuts):
        town.open_desk()
        tablet = Watcher(town.address)
        tablet.sign_in()
        if number % 2:
            time.sleep(1.5)  # long enough for what the cut before has left to be sealed, or not
        town.desk.kill()
    town.open_desk()
    town.open_receiver()

    def shifts() -> list[Staffing]:
        assert town.sync()[0] == 0
        office = town.office()
        office.pull()
        return list(office.staffing(*ALL_DAYS))

    until(lambda: [role.shifts for role in shifts()] == [cuts], seconds=TIDIED_WITHIN)
    (role,) = shifts()
    assert (role.role, role.people) == ("promotion_volunteer", 1)
    assert role.minutes == 0, "no length is claimed that nobody knows"
    Watcher(town.address).sign_in()
    assert town.desk.end() == 0
    town.open_desk()
    assert [role.shifts for role in shifts()] == [cuts + 1]


# ------------------------------------------------------------------------------------------------------ forgotten PINs


@pytest.mark.slow
def test_the_command_on_the_box_makes_a_pin_while_the_desk_runs(town: SmallTown) -> None:
    town.open_desk()
    listed = command(town, "list")
    assert listed.stdout == "1番  支援する人（ボランティア）\n"
    Watcher(town.address).sign_in()
    made = command(town, "reset", "--number", "1")
    assert (made.returncode, "いまから 使えます" in made.stderr) == (0, True), made.stderr
    assert "よび名には 鍵が かかったままです" in made.stderr
    pin = given_pin(made.stdout)
    tablet = Watcher(town.address)
    with pytest.raises(HTTPError, match="422"):
        tablet.sign_in()
    tablet.sign_in(pin)
    assert "対応中" in tablet.page
    for path in town.folder.rglob("*"):
        assert not path.is_file() or pin.encode() not in path.read_bytes(), path


@pytest.mark.slow
def test_the_command_on_the_box_makes_a_pin_while_the_desk_stands_still(town: SmallTown) -> None:
    assert command(town, "list").returncode == 1
    town.open_desk()
    assert town.desk.end() == 0
    made = command(town, "reset", "--number", "1", "--forget-names")
    assert (made.returncode, "窓口が 動きだすと 使えます" in made.stderr) == (0, True), made.stderr
    assert "よび名は みな 番号になり" in made.stderr
    pin = given_pin(made.stdout)
    town.open_desk()
    tablet = Watcher(town.address)

    until(lambda: not (town.folder / "desk" / "given-pin.json").exists(), seconds=10)
    tablet.sign_in(pin)
    tablet.press("/sign-out")
    assert "<span>1</span>" in tablet.page, "her name is her number now"


def test_the_command_refuses_a_number_that_nobody_has(town: SmallTown) -> None:
    town.open_desk()
    refused = command(town, "reset", "--number", "9")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "名簿に ありません" in refused.stderr
