"""QR codes, for a terminal and for a page."""

import io
from collections.abc import Sequence

import segno

_MARGIN = 2


def in_terminal(text: str) -> str:
    """The code as lines of half blocks, two rows of it in each line."""
    lines = io.StringIO()
    segno.make_qr(text, error="l").terminal(out=lines, border=_MARGIN, compact=True)
    return lines.getvalue().rstrip("\n")


def as_svg(text: str) -> bytes:
    """The code as a picture that a page can show."""
    picture = io.BytesIO()
    segno.make_qr(text, error="m").save(picture, kind="svg", border=_MARGIN, scale=6, xmldecl=False, svgclass=None)
    return picture.getvalue()


def modules(text: str) -> Sequence[Sequence[bool]]:
    """The squares of the code, row by row; True where one is dark."""
    return [[bool(module) for module in row] for row in segno.make_qr(text, error="m").matrix]
