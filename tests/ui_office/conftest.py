from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.documented import Documented
from tests.ui_office.screens import Screens, open_screens


@pytest.fixture
def screens(tmp_path: Path) -> Iterator[Screens]:
    """An office that has answered nothing in the end that its API's document does not announce."""
    built = open_screens(tmp_path)
    documented = Documented(built.app, "/office/api/v1/openapi.json")
    yield built
    assert documented.undocumented == []
    built.town.close()
