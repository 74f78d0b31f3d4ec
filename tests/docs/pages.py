"""The documentation as tests read it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDES = tuple(sorted((ROOT / "docs" / "guide").glob("*.md")))
PAGES = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w+)\n(?P<body>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_MARKUP = re.compile(r"[^\w\- ]")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def fences(page: Path, language: str) -> list[str]:
    """The examples of that language, without the indentation of the list they may stand in."""
    found = [one for one in _FENCE.finditer(text_of(page)) if one["language"] == language]
    return [re.sub(rf"^{one['indent']}", "", one["body"], flags=re.MULTILINE) for one in found]


def anchors(page: Path) -> set[str]:
    """What the headings are called in a link, as the usual renderers do it."""
    prose = _FENCE.sub("", text_of(page))
    headings = re.findall(r"^#{1,6} +(.+)$", prose, re.MULTILINE)
    return {_MARKUP.sub("", heading.lower()).replace(" ", "-") for heading in headings}
