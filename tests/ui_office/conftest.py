from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui_office.screens import Screens, open_screens


@pytest.fixture
def screens(tmp_path: Path) -> Iterator[Screens]:
    built = open_screens(tmp_path)
    yield built
    built.town.close()
