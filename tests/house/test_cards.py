"""Cards at a desk as it is installed: its own process, real pcscd with a virtual reader, and no cable to the town."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from drivers.card.memory import MemoryCard
from drivers.card.samples import HANAKO, MARIA, my_number_card, transport_card
from tests.configured import ICT_SUPPORT_PIN, VOLUNTEER_PIN, write_people
from tests.drivers.card.record import wrong_ones
from tests.drivers.card.virtual import SOCKET_VARIABLE, Pcscd, VirtualReader, missing, pcscd
from tests.house.decoys import IDM, decoys_of, found_below, found_in, writings
from tests.house.machine import HOUSE, wait_until
from tests.house.running import MADOGUCHI, Person, SmallTown, ask
from ui.desk.wording import say

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(bool(missing()), reason=missing()),
]

JAPAN = timezone(timedelta(hours=9))
SOON = 10.0
A_HAND_TAKES = 2.5
BACK = 3.0
"""Seconds in which cards are read again once pcscd is back."""
WRONG_PIN, WRONG_CODE = "9753", "6042"
DECOYS: dict[str, bytes | str] = {
    **{f"hers: {name}": value for name, value in decoys_of(HANAKO).items()},
    **{f"his: {name}": value for name, value in decoys_of(MARIA).items()},
    "IDm": IDM,
    "IDm as text": IDM.hex(),
    "a wrong PIN": WRONG_PIN,
    "a wrong code": WRONG_CODE,
}


@dataclass
class CardHouse:
    """A desk with a reader, somebody's hand at it, and everything that was said and asked."""

    town: SmallTown
    daemon: Pcscd
    hand: VirtualReader
    cwd: Path
    heard: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    last_laid: float = 0.0

    def lay_down(self, card: MemoryCard) -> None:
        """As slowly as a hand changes cards: two that come sooner are taken for two in one case."""
        time.sleep(max(self.last_laid + A_HAND_TAKES - time.monotonic(), 0))
        self.last_laid = time.monotonic()
        card.heard = lambda command: self.heard.append(command.hex())
        self.hand.lay_down(card)

    def person(self, *, number: int, pin: str) -> Person:
        person = Person(self.town.address, number=number, pin=pin)
        person._session.hooks["response"].append(  # noqa: SLF001 (every address, as a browser would have gone there)
            lambda response, *_, **__: self.addresses.append(f"{response.url}\n{response.headers}")
        )
        return person

    @property
    def desk(self) -> int:
        """The number of the serving process,"""
        assert self.town.desk.process is not None
        return self.town.desk.process.pid

    @property
    def readers(self) -> list[int]:
        """and of the one that speaks to cards, if it lives."""
        children = Path(f"/proc/{self.desk}/task").glob("*/children")
        pids = [int(pid) for one in children for pid in one.read_text().split()]
        return [pid for pid in pids if b"drivers.card.worker" in words_of(pid)]

    def doctor(self, *words: str) -> dict[str, dict[str, Any]]:
        """What it finds, by the check."""
        command = [*MADOGUCHI, "doctor", "--config", str(self.town.config), "--json", *words]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        assert done.stderr == b""
        (self.town.folder / f"doctor-{time.monotonic()}.json").write_bytes(done.stdout)
        return {one["check"]: one for one in json.loads(done.stdout)["checks"]}


def words_of(pid: int) -> bytes:
    """What a process was started with; nothing if it has ended meanwhile."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CardHouse]:
    monkeypatch.setenv("PYTHONPATH", str(HOUSE))
    cwd, hand = tmp_path / "cwd", VirtualReader()
    cwd.mkdir()
    monkeypatch.chdir(cwd)
    with pcscd(hand) as daemon:
        monkeypatch.setenv(SOCKET_VARIABLE, str(daemon.socket))
        town = SmallTown(tmp_path)
        write_people(tmp_path, "ict_support")
        text = town.config.read_text(encoding="utf-8")
        assert "[devices]\n" in text
        town.config.write_text(text.replace("[devices]\n", '[devices]\ncard = "pcsc"\n'), encoding="utf-8")
        town.open_desk()
        yield CardHouse(town=town, daemon=daemon, hand=hand, cwd=cwd)
        town.close()


def until(person: Person, path: str, *words: str, seconds: float = SOON) -> str:
    """The page, once it says all of that."""
    deadline = time.monotonic() + seconds
    person.look(path)
    while not all(one in person.page for one in words):
        assert time.monotonic() < deadline, person.page
        time.sleep(0.05)
        person.look(path)
    return person.page


def in_days(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


@pytest.mark.slow
def test_a_card_is_seen_by_a_volunteer_outlives_pcscd_and_leaves_no_trace(house: CardHouse) -> None:
    volunteer = house.person(number=1, pin=VOLUNTEER_PIN)
    is_checked_and_gone(house, volunteer)
    support = house.person(number=2, pin=ICT_SUPPORT_PIN)
    survives_pcscd(house, volunteer, support)
    is_told_apart(house, volunteer)
    gives_four_items(house, volunteer)
    assert house.town.sync()[0] == 75, "the cable is out"
    for left in (volunteer, support):
        left.leave()
    no_trace_is_left(house)
    assert wrong_ones(house.heard) == []
    assert len(house.heard) > 20


def is_checked_and_gone(house: CardHouse, volunteer: Person) -> None:
    until(volunteer, "/card", say("card.put"))
    until_when = in_days(24)
    house.lay_down(my_number_card(HANAKO, valid_until=until_when))
    page = until(volunteer, "/card", say("card.my_number"), say("card.validity"))
    assert f"{until_when.astimezone(JAPAN):%-m月%-d日}" in page
    assert say("card.unsure") in page, "nobody has confirmed the clock"
    assert say("card.tries.all", left=3) in page
    told = ask(house.town.address, "GET", "/api/v1/card")
    assert (told.json["kind"], told.json["tries_left"]["authentication"]) == ("my_number", 3)
    assert found_in(told.body + page.encode(), DECOYS) == set()
    assert verifies(house) == 0
    house.hand.lift()
    assert say("card.validity") not in until(volunteer, "/card", say("card.put"))


def survives_pcscd(house: CardHouse, volunteer: Person, support: Person) -> None:
    until(support, "/box", say("box.readers_several", count=2), "Virtual PICC")
    found = house.doctor()
    assert found["card_reader"]["finding"] == "card_readers_several"
    assert found["card_desk"]["finding"] == "card_desk_ready"
    house.daemon.stop(signal.SIGKILL)
    until(volunteer, "/card", say("card.no_service"), say("card.still_works"))
    until(support, "/box", say("box.reader_service_missing"), say("box.reader_service_missing.do"))
    assert ask(house.town.address, "POST", "/api/v1/calls", {"button": 1}).status == 201
    found = house.doctor()
    assert found["card_reader"]["finding"] == "card_service_missing"
    assert found["card_desk"]["finding"] == "card_desk_without"
    assert found["pages"]["finding"] == "pages_answer"
    house.daemon.start()
    until(volunteer, "/card", say("card.put"), seconds=BACK)
    house.lay_down(my_number_card(MARIA, valid_until=in_days(-40), tries=1))
    page = until(volunteer, "/card", say("card.my_number"), say("card.validity"))
    assert say("card.tries.last") in page
    house.hand.lift()
    until(volunteer, "/card", say("card.put"))


def is_told_apart(house: CardHouse, volunteer: Person) -> None:
    house.lay_down(transport_card(IDM))
    until(volunteer, "/card", say("card.other"), say("card.asked_nothing"))
    house.hand.lift()
    until(volunteer, "/card", say("card.put"))


def gives_four_items(house: CardHouse, volunteer: Person) -> None:
    """A wrong code, a wrong PIN, the right one, the right number B; then gone with the card."""
    before = verifies(house)
    house.lay_down(my_number_card(HANAKO, valid_until=in_days(24)))
    says_yes(volunteer)
    face = {"born": HANAKO.born[2:], "expires": HANAKO.expires}
    volunteer.press("/card/items/number-b", once="1", **face, security_code=WRONG_CODE)
    volunteer.look("/card/items/pin")
    volunteer.press("/card/items/pin", once="2", card_pin=WRONG_PIN)
    assert "あと 2回" in volunteer.page
    volunteer.press("/card/items/pin", once="3", card_pin=HANAKO.pin)
    assert HANAKO.name in volunteer.page
    assert HANAKO.address in volunteer.page
    house.hand.lift()
    assert HANAKO.name not in until(volunteer, "/card/items/read", say("items.gone"))

    house.lay_down(my_number_card(MARIA, valid_until=in_days(300)))
    says_yes(volunteer)
    face = {"born": MARIA.born[2:], "expires": MARIA.expires}
    volunteer.press("/card/items/number-b", once="4", **face, security_code=MARIA.code)
    assert MARIA.name in volunteer.page
    assert verifies(house) == before + 4


def verifies(house: CardHouse) -> int:
    """How often digits were sent."""
    return sum(command.startswith("00200080") and len(command) > len("00200080") for command in house.heard)


def says_yes(volunteer: Person) -> None:
    """Whoever is quicker than the reader is told that there is no card, and says it once more."""
    deadline = time.monotonic() + SOON
    while 'name="security_code"' not in volunteer.page:
        assert time.monotonic() < deadline, volunteer.page
        volunteer.look("/card/items")
        volunteer.press("/card/items")


def no_trace_is_left(house: CardHouse) -> None:
    """While the four items are on a screen: in no file, no word of the desk, no address, no start of a process."""
    parcel = house.town.folder / "parcel.tar.gz"
    house.doctor("--bundle", str(parcel))
    with tarfile.open(parcel) as packed:
        packed.extractall(house.town.folder / "parcel", filter="data")
    told = "\n".join(house.addresses).encode()
    for pid in (house.desk, *house.readers):
        told += Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
    running = house.town.desk.process
    assert running is not None
    assert running.stdout is not None
    running.send_signal(signal.SIGTERM)
    told += running.stdout.read()
    assert house.town.desk.end() == 0
    assert b"/card" in told
    assert found_in(told, DECOYS) == set()
    assert found_below([house.town.folder], DECOYS) == set()


_ABORT = """
import os, resource
most = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
os.abort()
"""


@pytest.mark.slow
def test_neither_process_leaves_a_core(house: CardHouse) -> None:
    """Ended as a fault would end them, with four items on a screen, where whatever else ends so leaves one."""
    goes_elsewhere = Path("/proc/sys/kernel/core_pattern").read_text().startswith(("|", "/", "@"))
    is_forbidden = resource.getrlimit(resource.RLIMIT_CORE)[1] in {0, 1}
    subprocess.run([sys.executable, "-c", _ABORT], check=False, stderr=subprocess.DEVNULL)
    found = list(house.cwd.iterdir())
    assert found or goes_elsewhere or is_forbidden, "or nothing is proven here"
    for one in found:
        one.unlink()
    volunteer = house.person(number=1, pin=VOLUNTEER_PIN)
    house.lay_down(my_number_card(HANAKO, valid_until=in_days(24)))
    says_yes(volunteer)
    face = {"born": HANAKO.born[2:], "expires": HANAKO.expires}
    volunteer.press("/card/items/number-b", once="1", **face, security_code=HANAKO.code)
    assert HANAKO.name in volunteer.page
    (first,) = house.readers
    for pid in (house.desk, first):
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
        assert re.search(r"^Max core file size +1 +1 ", limits, re.M), limits
    os.kill(first, signal.SIGABRT)
    wait_until(lambda: house.readers not in ([], [first]), seconds=SOON, what="another process for the reader")
    until(volunteer, "/card", say("card.validity"))
    assert house.town.desk.end(signal.SIGABRT) == -signal.SIGABRT
    assert list(house.cwd.iterdir()) == []


@pytest.mark.parametrize("name", DECOYS)
def test_the_search_finds_whatever_stands_there(name: str, tmp_path: Path) -> None:
    decoy = DECOYS[name]
    for number, form in enumerate(sorted(writings(decoy))):
        content = b'{"a": "' + form + b'"}'
        assert name in found_in(content, {name: decoy}), form
        if not number:
            (tmp_path / "planted").write_bytes(content)
    assert ("planted", name) in found_below([tmp_path], DECOYS)
