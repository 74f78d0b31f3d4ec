"""The acceptance sheet of a box: what it is, what was looked at on site, who signed; one page, A4."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioning.a4 import A4Page
from provisioning.errors import CannotWrite, FontMissing
from sync.files import write_over

FONTS = tuple(
    Path("/usr/share/fonts") / name
    for name in (
        "truetype/bizud-gothic/BIZUDGothic-Regular.ttf",
        "opentype/ipafont-gothic/ipag.ttf",
        "truetype/fonts-japanese-gothic.ttf",
    )
)
"""Fonts with Japanese letters that may be put into a PDF, the easiest to read first."""

BUTTON_HEIGHT = range(700, 1151)
"""Millimetres above the floor that a hand reaches from a wheelchair as well."""

CHECKS = (
    f"呼出ボタンの高さは 床から {BUTTON_HEIGHT[0]}〜{BUTTON_HEIGHT[-1]} mm（はかった高さ          mm）",
    "車いすや つえの人も、ボタンの前まで 行ける。電源コードに つまずかない",
    "ボタンを押すと 表示灯が つき、係の画面に よびだしが 出る",
    "声や 画面の言葉が、この町と この施設の ものである",
    "「窓口を 開ける」で 日付と時刻を たしかめた",
    "電源を抜いて 入れなおしても、よびだしが のこっている",
    "町へ 一回 送れた（送り先がなければ、USBメモリーに のせられた）",
    "madoguchi doctor が「だいじょうぶです。」と言う",
    "箱に 番号の札を はった",
    "暗証番号と 合言葉を、箱にも この紙にも 書いていない",
)
SIGNERS = ("取り付けた人（ICT支援員）", "受けとった人（施設の職員）", "役場の係")

_LEFT, _TOP, _WIDTH = 20, 18, 170
_LABEL_WIDTH = 38
_QR_SIZE = 34


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What stands on it; empty where somebody writes it by hand."""

    facility: str
    desk: int
    box: str
    code: str
    address: str
    qr: str
    """What the QR code opens; empty where no other machine reaches the pages."""
    version: str


def japanese_font(candidates: Sequence[Path] = FONTS) -> Path:
    """The first of these fonts that is installed; `FontMissing`."""
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        raise FontMissing(", ".join(path.name for path in candidates))
    return found


def write_sheet(sheet: Sheet, path: Path, *, font: Path) -> None:
    """The sheet as a PDF at `path`, with the letters it uses embedded; `CannotWrite`."""
    page = _Page(font)
    page.title("受入れ確認書", "デジタル相談窓口の 箱")
    page.facts(
        (
            ("箱の番号", sheet.box),
            ("施設", sheet.facility),
            ("窓口", f"{sheet.desk}"),
            ("登録の符号", sheet.code),
            ("アドレス", sheet.address),
            ("版", sheet.version),
        ),
        qr=sheet.qr,
    )
    page.checks(CHECKS)
    page.signatures(SIGNERS)
    try:
        write_over(path, page.to_bytes())
    except OSError as error:
        raise CannotWrite(f"{path}: {error.strerror}") from None


class _Page(A4Page):
    """The parts of the sheet, in the order in which they stand on it."""

    def __init__(self, font: Path) -> None:
        super().__init__(font, left=_LEFT, top=_TOP)

    def title(self, title: str, below: str) -> None:
        self._line(title, size=22, height=11)
        self._line(below, size=12, height=8)
        self._pdf.ln(3)

    def facts(self, rows: Sequence[tuple[str, str]], *, qr: str) -> None:
        self._pdf.set_title(f"受入れ確認書 {rows[0][1]} {rows[1][1]}".strip())
        top = self._pdf.get_y()
        width = _WIDTH - _LABEL_WIDTH - (_QR_SIZE + 6 if qr else 0)
        for name, value in rows:
            self._letters(11)
            self._pdf.cell(_LABEL_WIDTH, 9, name, border="B")
            self._fit(value, width, size=14)
            self._pdf.cell(width, 9, value, border="B", new_x="LMARGIN", new_y="NEXT")
        if qr:
            self._qr(qr, _LEFT + _WIDTH - _QR_SIZE, top, side=_QR_SIZE)
        self._pdf.ln(6)

    def checks(self, checks: Sequence[str]) -> None:
        self._line("取り付けた場所で たしかめたこと", size=13, height=9)
        for check in checks:
            x, y = self._pdf.get_x(), self._pdf.get_y()
            self._pdf.rect(x + 1, y + 2, 5, 5)
            self._pdf.set_x(x + 10)
            self._letters(11)
            self._pdf.cell(_WIDTH - 10, 9, check, new_x="LMARGIN", new_y="NEXT")
        self._pdf.ln(5)

    def signatures(self, signers: Sequence[str]) -> None:
        for signer in signers:
            self._letters(11)
            self._pdf.cell(56, 14, signer, border="B")
            self._pdf.cell(64, 14, "", border="B")
            self._pdf.cell(50, 14, "年    月    日", border="B", align="R", new_x="LMARGIN", new_y="NEXT")

    def _line(self, text: str, *, size: int, height: float) -> None:
        self._letters(size)
        self._pdf.cell(_WIDTH, height, text, new_x="LMARGIN", new_y="NEXT")
