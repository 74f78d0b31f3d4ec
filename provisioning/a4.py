"""A page of paper, A4, in Japanese letters: what every sheet of the box is filled on."""

from pathlib import Path

from fpdf import FPDF

from provisioning.qr import modules

_FAMILY = "sheet"


class A4Page:
    """One page, filled from the top; lengths in millimetres, sizes of letters in points."""

    def __init__(self, font: Path, *, left: int, top: int) -> None:
        self._pdf = FPDF(format="A4")
        self._pdf.set_margins(left, top)
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.add_page()
        self._pdf.add_font(_FAMILY, fname=font)
        self._pdf.set_lang("ja")

    def to_bytes(self) -> bytes:
        """The PDF."""
        return bytes(self._pdf.output())

    def _letters(self, size: float) -> None:
        self._pdf.set_font(_FAMILY, size=size)

    def _fit(self, text: str, width: float, *, size: float) -> None:
        """Letters of that size, or so small that a long text stays on its line."""
        self._letters(size)
        if (needed := self._pdf.get_string_width(text)) > width - 2:
            self._letters(size * (width - 2) / needed)

    def _qr(self, text: str, x: float, y: float, *, side: float) -> None:
        rows = modules(text)
        one = side / len(rows)
        for down, row in enumerate(rows):
            for across, is_dark in enumerate(row):
                if is_dark:
                    self._pdf.rect(x + across * one, y + down * one, one, one, style="F")
