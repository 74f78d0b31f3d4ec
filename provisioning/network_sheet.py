"""One page, A4, in large type: how a tablet of the staff comes to the box. It bears the Wi-Fi passphrase."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from provisioning.a4 import A4Page
from provisioning.network_machine import changing
from sync.files import write_over

_LEFT, _TOP, _WIDTH = 18, 16, 174
_QR_SIDE = 62
_BESIDE = _LEFT + _QR_SIDE + 8
_BESIDE_WIDTH = _WIDTH - _QR_SIDE - 8
_FINGERPRINT_ROWS = 2


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What stands on it."""

    facility: str
    ssid: str = ""
    """The box's own Wi-Fi; empty where there is none."""
    passphrase: str = field(default="", repr=False)
    wifi_uri: str = field(default="", repr=False)
    address: str
    """The pages by number, which every tablet finds."""
    name: str
    """The pages by name, which some do not find."""
    fingerprint: str = ""
    """Of the authority, where TLS is spoken."""


def write_network_sheet(sheet: Sheet, path: Path, *, font: Path) -> None:
    """The sheet as a PDF that only its owner may read; `CannotWrite`, `NeedsRoot`."""
    page = _Page(font)
    page.line("この窓口を 端末で 開く", size=26, height=14)
    page.line(sheet.facility, size=14, height=9)
    page.gap(4)
    if sheet.ssid:
        lines = (("名まえ", sheet.ssid), ("合言葉", sheet.passphrase))
        page.step(
            "1  Wi-Fi に つなぐ",
            sheet.wifi_uri,
            lines,
            "カメラで QRを 読むか、合言葉を 打ちます。外の インターネットへは 出られません。",
        )
    number = 2 if sheet.ssid else 1
    lines = (("アドレス", sheet.address), ("名まえでも", sheet.name))
    page.step(
        f"{number}  画面を 開く", sheet.address, lines, "名まえで 開けない端末が あります。そのときは アドレスか QRで。"
    )
    if sheet.fingerprint:
        page.fingerprint(sheet.fingerprint)
    page.line("係の端末の ための 紙です。はり出さず、いらなくなったら 細かく切って すててください。", size=12, height=8)
    with changing(path):
        write_over(path, page.to_bytes(), mode=0o600)


class _Page(A4Page):
    """The parts of the sheet, in the order in which they stand on it."""

    def __init__(self, font: Path) -> None:
        super().__init__(font, left=_LEFT, top=_TOP)
        self._pdf.set_title("この窓口を 端末で 開く")

    def line(self, text: str, *, size: float, height: float, width: float = _WIDTH) -> None:
        self._fit(text, width, size=size)
        self._pdf.cell(width, height, text, new_x="LEFT", new_y="NEXT")

    def gap(self, height: float) -> None:
        self._pdf.ln(height)

    def step(self, title: str, code: str, lines: Sequence[tuple[str, str]], hint: str) -> None:
        """A code to scan, and beside it what it says."""
        self._pdf.set_x(_LEFT)
        self.line(title, size=20, height=12)
        top = self._pdf.get_y() + 1
        self._qr(code, _LEFT, top, side=_QR_SIDE)
        self._pdf.set_xy(_BESIDE, top + 4)
        for name, value in lines:
            self.line(name, size=12, height=7, width=_BESIDE_WIDTH)
            self.line(value, size=24, height=15, width=_BESIDE_WIDTH)
            self._pdf.set_xy(_BESIDE, self._pdf.get_y() + 2)
        self._pdf.set_xy(_LEFT, top + _QR_SIDE + 2)
        self.line(hint, size=12, height=8)
        self.gap(5)
        self._pdf.set_x(_LEFT)

    def fingerprint(self, fingerprint: str) -> None:
        """In rows short enough to be compared by two people."""
        self.line("端末に 入れる証明書（madoguchi-root.crt）の しるし（SHA-256）", size=12, height=8)
        pairs = fingerprint.split(":")
        length = -(-len(pairs) // _FINGERPRINT_ROWS)
        for start in range(0, len(pairs), length):
            self.line(" ".join(pairs[start : start + length]), size=13, height=7)
        self.gap(4)
        self._pdf.set_x(_LEFT)
