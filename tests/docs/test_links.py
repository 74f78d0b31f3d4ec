"""Nothing in the documentation leads nowhere, and no picture is heavier than a slow line bears."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, anchors, text_of

HEAVIEST = 120_000
PICTURES = ROOT / "docs" / "pictures"

_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")


def inner_links(page: Path) -> Iterator[tuple[Path, str]]:
    for target in _LINK.findall(text_of(page)):
        if not target.startswith(("http://", "https://")):
            path, _, anchor = target.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = [
        f"{path}#{anchor}"
        for path, anchor in inner_links(page)
        if not path.exists() or (anchor and anchor not in anchors(path))
    ]
    assert lost == []


def test_every_picture_is_shown_somewhere_and_light() -> None:
    shown = {path for page in PAGES for path, _ in inner_links(page) if path.parent == PICTURES}
    assert shown == set(PICTURES.iterdir())
    assert {picture.name for picture in shown if picture.stat().st_size > HEAVIEST} == set()
