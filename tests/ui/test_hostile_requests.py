"""Twenty thousand hostile requests, the same ones each time, at both sides' APIs and forms."""

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import pytest
from flask import Flask

from tests.ui.besieged import (
    attack_desk_forms,
    attack_office_forms,
    attack_practice,
    attack_set_up,
    besieged_desk,
    besieged_office,
    quiet_log,
)
from tests.ui.forms import Form, reachable
from tests.ui.hostile_forms import ANSWERS
from tests.ui.hostile_text import MARKUP
from tests.ui.judge import Judge
from tests.ui.siege import besiege

SEED = 20261121
REQUESTS = 10_000
"""A hundred an address; `make soak` sends more."""
MOST_GROWTH = 32 * 2**20

NOT_FOR_BROWSERS = frozenset({"api", "healthz"})
"""First parts of the endpoints that take a body and have no form."""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_thousand_hostile_requests_break_and_reveal_nothing(tmp_path: Path) -> None:
    siege = besiege(tmp_path, REQUESTS, number=SEED)
    print(siege)
    assert siege.findings == []
    assert siege.sent >= REQUESTS
    assert siege.grown_bytes < MOST_GROWTH


def test_no_form_is_left_out(tmp_path: Path) -> None:
    """Every address that takes a form is reached by a form of some page, so that the attack reaches it too."""
    with quiet_log():
        desk, office = besieged_desk(tmp_path / "desk"), besieged_office(tmp_path / "office")
        _, of_desk = attack_desk_forms(desk, 1, SEED)
        _, of_practice = attack_practice(desk, 1, SEED)
        _, of_office = attack_office_forms(office, 1, SEED)
        new = besieged_desk(tmp_path / "new", roster=())
        _, of_new = attack_set_up(new, 1, SEED)
    for app, found in ((desk.app, of_desk | of_practice | of_new), (office.app, of_office)):
        rules = app.url_map.iter_rules()
        taking = {rule.endpoint for rule in rules if "POST" in (rule.methods or ())}
        assert {one for one in taking if one.split(".")[0] not in NOT_FOR_BROWSERS} <= found
    desk.close()
    new.close()
    office.town.close()


def test_markup_typed_into_any_field_comes_back_as_text(tmp_path: Path) -> None:
    """Each field of each form in turn; whatever page follows shows the text and no such element."""
    desk, office = besieged_desk(tmp_path / "desk"), besieged_office(tmp_path / "office")
    new, officer = besieged_desk(tmp_path / "new", roster=()), office.officer()
    shown = shown_back(Judge(desk.person.client), desk.app, desk.arrive)
    shown |= shown_back(Judge(desk.person.client), desk.app, desk.arrive_in_practice)
    shown |= shown_back(Judge(new.person.client), new.app, lambda: ["/set-up"])
    shown |= shown_back(Judge(officer), office.app, lambda: ["/office/statistics", "/office/sign-in"])
    assert {"memo", "name", "user", "visits", "date"} <= shown
    desk.close()
    new.close()
    office.town.close()


def shown_back(judge: Judge, app: Flask, arrive: Callable[[], Sequence[str]]) -> set[str]:
    """The names of the fields that some page shows again after they were refused."""

    def get(path: str) -> str:
        response = judge.client.get(path)
        return response.text if response.mimetype == "text/html" else ""

    shown = set()
    forms = [form for _, reader in reachable(app, get, arrive()) for form in reader.forms]
    for form in forms:
        for name in set(form.values) - {"csrf", "once"}:
            arrive()
            page = typed_into(judge, form, name)
            assert judge.findings == [], f"{name} of {form.action}"
            if escape(MARKUP[0]) in page:
                shown.add(name)
    return shown


def typed_into(judge: Judge, form: Form, name: str) -> str:
    """The page that follows markup in that field."""
    entries = {each: held[0] for each, held in form.values.items()} | {name: MARKUP[0]}
    sent = {"query_string": entries} if form.method == "GET" else {"data": entries}
    response = judge.send(ANSWERS, method=form.method, path=form.action, **sent)
    return response.get_data(as_text=True)
