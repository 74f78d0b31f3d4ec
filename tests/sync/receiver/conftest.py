"""Fixtures of the receiver's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.receiver.road import Desk, Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.store.close()


@pytest.fixture
def desk(town: Town) -> Desk:
    """A desk that the town has admitted."""
    desk = Desk()
    town.admit(desk)
    return desk
