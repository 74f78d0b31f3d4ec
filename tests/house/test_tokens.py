"""Tokens of programs from the page where they are issued to the auditor at the town hall."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.configured import ICT_SUPPORT_PIN, write_people
from tests.house.running import Person, SmallTown, ask

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[SmallTown]:
    town = SmallTown(tmp_path)
    write_people(tmp_path, "ict_support")
    town.open_desk()
    yield town
    town.close()


def test_the_auditor_learns_who_issued_a_token_that_it_was_used_and_what_was_refused(town: SmallTown) -> None:
    sugi = Person(town.address, number=2, pin=ICT_SUPPORT_PIN)
    sugi.look("/tokens")
    sugi.press("/tokens", name="掲示板", scope="board", days="30")
    found = re.search(r'value="([\w-]{32})" id="token"', sugi.page)
    assert found, sugi.page
    for _ in range(3):
        assert ask(town.address, "GET", "/api/v1/board", token=found[1]).status == 200
        assert ask(town.address, "POST", "/api/v1/calls", {"button": 1}, token=found[1]).status == 403
        assert ask(town.address, "GET", "/api/v1/board", token="guessed").status == 401
        assert ask(town.address, "POST", "/api/v1/calls", {"button": 1}).status == 201
    sugi.leave()
    town.desk.end()
    town.open_desk()
    town.open_receiver()
    assert town.sync()[0] == 0
    office = town.office()
    office.pull()
    (device,) = office.incidents()
    newest_first = [one for one in office.security(device, 1).incidents if "token" in one.matter]
    told = [(one.matter, one.place, one.by is not None, one.about) for one in reversed(newest_first)]
    token = told[0][3]
    assert token is not None
    assert told == [
        ("token_issued", "screen", True, token),
        ("token_used", "api", False, token),
        ("token_refused", "api", False, token),
        ("token_refused", "api", False, None),
    ]
