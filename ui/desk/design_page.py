"""The page that shows every piece of the design, for whoever looks after boxes or changes a page."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from flask import Flask, render_template
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.facts.staff import Permission
from ui.desk.access import Access
from ui.desk.view import status_view
from ui.desk.wording import say

ICONS = (
    ("saved", "strip.saved"),
    ("attention", "design.messages"),
    ("lost", "hardware.card_none"),
    ("bell", "calls"),
    ("person", "visits"),
    ("lamp-off", "lamp.off"),
    ("lamp-on", "lamp.calling"),
)
"""Each icon, and words it stands beside."""

_COUNTS = (("スマホの操作", 12), ("パスワード", 7), ("その他", 1))


def _figure() -> Mapping[str, object]:
    """A chart of numbers that nobody has counted."""
    most, total = max(number for _, number in _COUNTS), sum(number for _, number in _COUNTS)
    rows: Sequence[Mapping[str, object]] = [
        {"name": name, "number": number, "share": 100 * number / total, "bar": 100 * number / most}
        for name, number in _COUNTS
    ]
    words = {"title": say("design.chart"), "note": say("design.chart_note"), "of": say("log.topics"), "unit": "件"}
    return MappingProxyType({"measure": "example", "rows": rows, "sums": (), **words})


def add_design_page(app: Flask, *, desk: Desk, access: Access) -> None:
    """Serve /design."""
    figure, icons = _figure(), [(name, say(words)) for name, words in ICONS]

    def show_design() -> ResponseReturnValue:
        status = status_view(desk, desk.board.snapshot, desk.clock.now())
        return render_template("design.html", desk=desk, status=status, figure=figure, icons=icons)

    app.add_url_rule("/design", "show_design", access.allowed(Permission.ICT_SUPPORT)(show_design))
