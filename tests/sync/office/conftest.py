from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.office.town import TestDesk, Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    built = Town(tmp_path)
    yield built
    built.close()


@pytest.fixture
def desk(town: Town) -> TestDesk:
    built = TestDesk(1)
    town.admit(built)
    return built
