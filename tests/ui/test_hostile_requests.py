"""Twenty thousand hostile requests, the same ones each time, at both sides' APIs and forms."""

from pathlib import Path

import pytest

from tests.ui.besieged import (
    attack_desk_forms,
    attack_office_forms,
    attack_set_up,
    besieged_desk,
    besieged_office,
    quiet_log,
)
from tests.ui.siege import besiege

SEED = 20261121
REQUESTS = 20_000
MOST_GROWTH = 32 * 2**20

NOT_FOR_BROWSERS = frozenset({"api", "healthz"})
"""First parts of the endpoints that take a body and have no form."""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_twenty_thousand_hostile_requests_break_and_reveal_nothing(tmp_path: Path) -> None:
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
        _, of_office = attack_office_forms(office, 1, SEED)
        new = besieged_desk(tmp_path / "new", roster=())
        _, of_new = attack_set_up(new, 1, SEED)
    for app, found in ((desk.app, of_desk | of_new), (office.app, of_office)):
        rules = app.url_map.iter_rules()
        taking = {rule.endpoint for rule in rules if "POST" in (rule.methods or ())}
        assert {one for one in taking if one.split(".")[0] not in NOT_FOR_BROWSERS} <= found
    desk.close()
    new.close()
    office.town.close()
