"""The stands, each of which looks back at its end: what a card heard, and what anybody was told."""

import logging
import re
from collections.abc import Iterator

import pytest

from drivers.card.samples import HANAKO, MARIA, Person
from tests.drivers.card.record import wrong_ones
from tests.drivers.card.stands import Stand, memory_stand, pcscd_stand
from tests.drivers.card.virtual import SOCKET_VARIABLE, Pcscd, VirtualReader, missing, pcscd


def decoys(person: Person) -> list[str]:
    """Everything of a person that must be seen nowhere."""
    spoken = [person.name, person.address, person.my_number, person.pin, person.number_b, person.subject, person.code]
    written = [text.encode().hex() for text in spoken]
    return [*spoken, *written, f"{person.serial:x}", str(person.serial), "0112d4c0de5a1701"]


DECOYS = [*decoys(HANAKO), *decoys(MARIA)]


@pytest.fixture(scope="module")
def virtual_reader() -> Iterator[tuple[Pcscd, VirtualReader]]:
    if why := missing():
        pytest.skip(why)
    hand = VirtualReader()
    with pcscd(hand) as daemon:
        yield daemon, hand


@pytest.fixture
def memory(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Stand]:
    caplog.set_level(logging.DEBUG)
    with memory_stand() as stand:
        yield stand
    look_back(stand, caplog.text + "".join(capfd.readouterr()))


@pytest.fixture
def on_pcscd(
    virtual_reader: tuple[Pcscd, VirtualReader],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Stand]:
    caplog.set_level(logging.DEBUG)
    daemon, hand = virtual_reader
    monkeypatch.setenv(SOCKET_VARIABLE, str(daemon.socket))
    with pcscd_stand(hand) as stand:
        yield stand
    look_back(stand, caplog.text + "".join(capfd.readouterr()))


@pytest.fixture(params=["memory", "on_pcscd"])
def stand(request: pytest.FixtureRequest) -> Stand:
    chosen: Stand = request.getfixturevalue(request.param)
    return chosen


def look_back(stand: Stand, told: str) -> None:
    """No card heard what it must not, and nobody was told what only the card knows."""
    assert wrong_ones(command.hex() for command in stand.heard) == []
    seen = told + repr(stand.states) + repr(stand.errors) + repr(vars(stand.reader))
    assert [decoy for decoy in DECOYS if shows(decoy, seen)] == []


def shows(decoy: str, text: str) -> bool:
    """Whether it stands there by itself, and not as part of an address or of the time."""
    return re.search(rf"(?<![0-9a-f.]){re.escape(decoy)}(?![0-9a-f.])", text, re.IGNORECASE) is not None
