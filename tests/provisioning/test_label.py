"""The acceptance sheet, read back by the tools that people read PDFs with."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.errors import CannotWrite, FontMissing
from provisioning.label import CHECKS, FONTS, SIGNERS, Sheet, japanese_font, write_sheet

SHEET = Sheet(
    facility="見本町立中央公民館 北分館 デジタル活用支援コーナー（二階 ロビー 東側）",
    desk=2,
    box="7",
    code="K4TQ-9XWM",
    address="http://192.168.1.20:8080/",
    qr="http://192.168.1.20:8080/",
    version="madoguchi 0.1.0",
)

pytestmark = pytest.mark.skipif(
    not any(font.is_file() for font in FONTS), reason="no Japanese font is installed (make setup-tests)"
)
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")


def read(words: list[str]) -> str:
    return subprocess.run(words, capture_output=True, check=True, text=True).stdout


def test_it_is_one_page_with_its_letters_inside(tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    write_sheet(SHEET, path, font=japanese_font())
    data = path.read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") == 1
    assert b"/FontFile2" in data
    assert len(data) < 100_000, "a subset of the font, not all of it"


@needs_poppler
def test_everything_stands_on_it(tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    write_sheet(SHEET, path, font=japanese_font())
    text = "".join(read(["pdftotext", "-layout", str(path), "-"]).split())
    for said in (SHEET.facility, SHEET.code, SHEET.address, SHEET.version, *CHECKS, *SIGNERS):
        assert "".join(said.split()) in text
    assert "700〜1150mm" in text


def test_a_code_to_scan_is_drawn_where_another_machine_reaches_the_pages(tmp_path: Path) -> None:
    with_code, without = tmp_path / "a.pdf", tmp_path / "b.pdf"
    write_sheet(SHEET, with_code, font=japanese_font())
    write_sheet(replace(SHEET, qr=""), without, font=japanese_font())
    assert with_code.stat().st_size > without.stat().st_size + 500


def test_without_a_japanese_font_it_says_which_to_install(tmp_path: Path) -> None:
    with pytest.raises(FontMissing, match=r"ipag\.ttf"):
        japanese_font([tmp_path / "ipag.ttf"])


def test_a_place_that_takes_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite):
        write_sheet(SHEET, tmp_path / "nowhere" / "sheet.pdf", font=japanese_font())
