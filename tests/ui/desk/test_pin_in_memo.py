"""A memo that seems to hold a PIN: said once, in words, and whoever typed it decides."""

import re

import pytest
from flask.testing import FlaskClient

from appliance.desk.facts.consultation import Consultation, Correction
from tests.fakes import FakeSealer, FakeWorld
from tests.ui.people import PROGRAM, Person

PIN_MEMO = "暗証番号は <b>1234</b> だそうです。\n娘さんと 来ました。"
CLEANED = PIN_MEMO.replace("1234", "＊＊＊＊")
ENTRY = {"topics": "phone", "cell": "75to84 resolved", "people": "2", "memo": PIN_MEMO}
SAID = "暗証番号のような 4けたの数字が あります"


def memos(world: FakeWorld) -> list[str | None]:
    """The memos that were sealed, oldest first."""
    assert isinstance(world.sealer, FakeSealer)
    entries = [fact.now if isinstance(fact, Correction) else fact for fact in world.sealer.sealed]
    return [entry.memo for entry in entries if isinstance(entry, Consultation)]


@pytest.fixture(params=["log", "correct"])
def address(request: pytest.FixtureRequest, world: FakeWorld, volunteer: Person) -> str:
    """The page that is open: of a visit, or of a consultation that was saved without a memo."""
    visit = world.desk.consultations.walk_in().id
    place = f"/visits/{visit}/log"
    volunteer.look(place)
    if request.param == "correct":
        volunteer.press(place, topics="phone", cell="75to84 partly")
        place = f"/consultations/{world.desk.logged_today()[0].id}/correct"
        volunteer.look(place)
        assert isinstance(world.sealer, FakeSealer)
        world.sealer.sealed.clear()
    return place


def test_nothing_is_saved_yet_and_everything_typed_comes_back_with_two_answers(
    world: FakeWorld, volunteer: Person, address: str
) -> None:
    assert volunteer.press(address, **ENTRY).status_code == 422
    assert memos(world) == []
    assert SAID in volunteer.page
    assert "まだ 記録していません" in volunteer.page
    assert "長すぎます" not in volunteer.page
    assert "暗証番号は &lt;b&gt;1234&lt;/b&gt; だそうです。\n娘さんと 来ました。</textarea>" in volunteer.page
    assert "暗証番号は &lt;b&gt;＊＊＊＊&lt;/b&gt; だそうです。" in volunteer.page
    assert '<details id="more" open>' in volunteer.page
    assert re.search(r'value="phone" checked', volunteer.page)
    assert re.search(r'name="people" value="2" checked', volunteer.page)
    answers = re.findall(r'<button [^>]*name="(with\w*_pin)" value="75to84 resolved" form="log"', volunteer.page)
    assert answers == ["without_pin", "with_pin"]
    assert f'<form id="log" class="log" method="post" action="{address}"' in volunteer.page


@pytest.mark.parametrize(("answer", "memo"), [("without_pin", CLEANED), ("with_pin", PIN_MEMO)])
def test_either_answer_saves_once_with_the_cell_that_was_pressed(
    world: FakeWorld, volunteer: Person, address: str, answer: str, memo: str
) -> None:
    volunteer.press(address, **ENTRY)
    said = {name: text for name, text in ENTRY.items() if name != "cell"}
    form = said | {name: volunteer.hidden(name) for name in ("csrf", "once")} | {answer: ENTRY["cell"]}
    for _ in range(2):
        assert volunteer.client.post(address, data=form).status_code == 303
    assert memos(world) == [memo]
    assert [(row.age_band, row.outcome) for row in world.desk.logged_today()] == [("75to84", "resolved")]


def test_pressing_the_grid_again_asks_again(world: FakeWorld, volunteer: Person, address: str) -> None:
    for _ in range(2):
        volunteer.press(address, **ENTRY)
        assert SAID in volunteer.page
    volunteer.press(address, **ENTRY | {"memo": "暗証番号の つくりなおし。"})
    assert memos(world) == ["暗証番号の つくりなおし。"]


def test_what_else_is_wrong_is_said_first(world: FakeWorld, volunteer: Person, address: str) -> None:
    volunteer.press(address, **ENTRY | {"topics": "nothing"})
    assert "どんな相談だったか えらんでください" in volunteer.page
    assert SAID not in volunteer.page
    volunteer.press(address, **ENTRY | {"memo": f"{PIN_MEMO} 123456789018"})
    assert "マイナンバーのような 12けたの数字が あります" in volunteer.page
    assert SAID not in volunteer.page
    assert memos(world) == []


def test_a_refusal_after_the_answer_shows_the_memo_as_it_would_be_saved(
    world: FakeWorld, volunteer: Person, address: str
) -> None:
    volunteer.press(address, **ENTRY)
    volunteer.press(address, **ENTRY | {"topics": "nothing", "cell": "", "without_pin": "75to84 resolved"})
    assert "どんな相談だったか えらんでください" in volunteer.page
    assert "＊＊＊＊" in volunteer.page
    assert "1234" not in volunteer.page
    assert memos(world) == []


def test_a_program_is_told_in_the_answer_to_what_was_saved(world: FakeWorld, client: FlaskClient) -> None:
    entry = {"topics": ["phone"], "age_band": "75to84", "outcome": "resolved"}
    changed = ""
    for memo, warnings in ((None, []), ("1998年から。", []), (PIN_MEMO, ["pin_in_memo"])):
        saved = client.post("/api/v1/consultations", json=entry | {"memo": memo}, headers=PROGRAM)
        assert saved.json
        assert (saved.status_code, saved.json["warnings"]) == (201, warnings)
        changed = f"/api/v1/consultations/{saved.json['id']}"
    corrected = client.post(f"{changed}/correct", json=entry | {"memo": PIN_MEMO}, headers=PROGRAM)
    assert corrected.json
    assert corrected.json["warnings"] == ["pin_in_memo"]
    taken = client.post(f"/api/v1/consultations/{corrected.json['id']}/withdraw", headers=PROGRAM)
    assert taken.json
    assert (taken.json["withdrawn"], taken.json["warnings"]) == (True, [])
    assert memos(world)[-1] == PIN_MEMO
