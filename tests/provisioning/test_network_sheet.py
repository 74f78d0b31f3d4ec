"""The sheet for the staff's tablets, read back by the tools that people read PDFs with."""

import shutil
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.errors import CannotWrite
from provisioning.label import FONTS, japanese_font
from provisioning.network_sheet import Sheet, write_network_sheet

SHEET = Sheet(
    facility="見本町立中央公民館 窓口2",
    ssid="madoguchi-07",
    passphrase="abcd-efgh-jkmn-2345",
    wifi_uri="WIFI:T:WPA;S:madoguchi-07;P:abcd-efgh-jkmn-2345;;",
    address="https://10.55.0.1/",
    name="https://madoguchi-07.local/",
    fingerprint=":".join(f"{byte:02X}" for byte in range(32)),
)

pytestmark = pytest.mark.skipif(
    not any(font.is_file() for font in FONTS), reason="no Japanese font is installed (make setup-tests)"
)
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")


def words_on(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True)
    return "".join(done.stdout.split())


def written(folder: Path, sheet: Sheet) -> Path:
    path = folder / "sheet.pdf"
    write_network_sheet(sheet, path, font=japanese_font())
    return path


def test_it_is_one_page_for_its_owner_alone(tmp_path: Path) -> None:
    path = written(tmp_path, SHEET)
    assert path.read_bytes().count(b"/Type /Page\n") == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SHEET.passphrase not in repr(SHEET)


@needs_poppler
def test_everything_stands_on_it(tmp_path: Path) -> None:
    text = words_on(written(tmp_path, SHEET))
    for said in (SHEET.facility, SHEET.ssid, SHEET.passphrase, SHEET.address, SHEET.name, "はり出さず"):
        assert "".join(said.split()) in text
    assert SHEET.fingerprint.replace(":", "") in text


@needs_poppler
def test_a_box_in_a_lan_has_an_address_alone(tmp_path: Path) -> None:
    text = words_on(written(tmp_path, replace(SHEET, ssid="", passphrase="", wifi_uri="", fingerprint="")))
    assert "1画面を開く" in text
    assert not any(word in text for word in ("Wi-Fi", "合言葉", "しるし"))


def test_a_place_that_takes_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite):
        write_network_sheet(SHEET, tmp_path / "nowhere" / "sheet.pdf", font=japanese_font())
