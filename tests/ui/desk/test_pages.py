import re
from itertools import pairwise

import pytest
from flask.testing import FlaskClient

from appliance.desk.errors import StorageFailed
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.consultation import Consultation
from tests.fakes import FakeStorage, FakeWorld
from tests.ui.people import Person

CELL = "75to84 resolved"


def press_button(world: FakeWorld, button: int = 1) -> str:
    return str(world.desk.calls.pressed(button, source=CallSource.BUTTON).id)


def serve(world: FakeWorld) -> str:
    """Somebody is being served since a moment."""
    return str(world.desk.consultations.walk_in().id)


def saved(world: FakeWorld) -> list[Consultation]:
    return world.desk.logged_today()


def storage(world: FakeWorld) -> FakeStorage:
    assert isinstance(world.storage, FakeStorage)
    return world.storage


def test_an_empty_desk_offers_to_receive_somebody(volunteer: Person) -> None:
    volunteer.look("/")
    assert "待っている人は いません" in volunteer.page
    assert "窓口で直接受け付ける" in volunteer.page


def test_every_page_has_one_heading_one_main_a_language_and_a_title(world: FakeWorld, volunteer: Person) -> None:
    visit = serve(world)
    for path in ("/", "/sign-in", "/hardware", f"/visits/{visit}/log", "/nothing"):
        page = volunteer.look(path).text
        assert page.count("<h1") == page.count("<main") == page.count("<title>") == 1, path
        assert '<html lang="ja">' in page
        levels = [int(level) for level in re.findall(r"<h(\d)", page)]
        assert all(after - before <= 1 for before, after in pairwise(levels)), path


def test_a_call_shows_its_button_and_how_long_it_waits(world: FakeWorld, volunteer: Person) -> None:
    press_button(world, 2)
    volunteer.look("/")
    assert "いま よびだしました（12:00）" in volunteer.page
    world.clock.advance(minutes=61)
    volunteer.sign_in()
    assert "2番のボタン" in volunteer.page
    assert "1時間1分 待っています（12:00 から）" in volunteer.page


def test_answering_begins_the_visit(world: FakeWorld, volunteer: Person) -> None:
    call = press_button(world)
    volunteer.look("/")
    volunteer.press(f"/calls/{call}/answer")
    world.clock.advance(minutes=5)
    volunteer.look("/")
    assert "待っている人は いません" in volunteer.page
    assert "5分 たちました" in volunteer.page


def test_answering_twice_from_one_page_is_harmless(world: FakeWorld, volunteer: Person) -> None:
    call = press_button(world)
    volunteer.look("/")
    entries = {"csrf": volunteer.hidden("csrf"), "once": volunteer.hidden("once")}
    for _ in range(2):
        assert volunteer.client.post(f"/calls/{call}/answer", data=entries).status_code == 303
    assert len(world.desk.board.snapshot.floor.visits) == 1


def test_answering_what_somebody_else_answered_is_explained(world: FakeWorld, volunteer: Person) -> None:
    call = press_button(world)
    for _ in range(2):
        volunteer.look("/")
        volunteer.press(f"/calls/{call}/answer")
    assert "ほかの係が 対応しています" in volunteer.page


def test_a_press_by_mistake_is_ended_without_a_visit(world: FakeWorld, volunteer: Person) -> None:
    call = press_button(world)
    volunteer.look("/")
    volunteer.press(f"/calls/{call}/cancel")
    assert world.desk.board.snapshot.floor.calls == ()
    assert world.desk.board.snapshot.floor.visits == ()


def test_a_wish_to_cancel_is_shown_in_words_and_cleared_by_a_tap(world: FakeWorld, volunteer: Person) -> None:
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    volunteer.look("/")
    assert "取り消し希望" not in volunteer.page
    world.desk.calls.wish_to_cancel(1)
    volunteer.look("/")
    assert "取り消し希望" in volunteer.page
    assert "1番の よびだしに 対応する" in volunteer.page
    volunteer.press(f"/calls/{call.id}/cancel")
    assert world.desk.board.snapshot.floor.calls == ()


def test_pressing_walk_in_twice_receives_one_visitor(world: FakeWorld, volunteer: Person) -> None:
    volunteer.look("/")
    entries = {"csrf": volunteer.hidden("csrf"), "once": volunteer.hidden("once")}
    for _ in range(2):
        volunteer.client.post("/visits", data=entries)
    assert len(world.desk.board.snapshot.floor.visits) == 1
    volunteer.look("/")
    volunteer.press("/visits")
    assert len(world.desk.board.snapshot.floor.visits) == 2


def test_one_tap_in_the_grid_saves(world: FakeWorld, volunteer: Person) -> None:
    visit = serve(world)
    world.clock.advance(minutes=12)
    volunteer.look(f"/visits/{visit}/log")
    volunteer.press(f"/visits/{visit}/log", topics=["phone", "password"], cell=CELL)
    row = saved(world)[0]
    assert (row.topics, row.age_band, row.outcome, row.minutes) == (("phone", "password"), "75to84", "resolved", 12)
    assert "対応中の人は いません" in volunteer.page
    assert "スマホの操作、パスワード" in volunteer.page


def test_all_that_can_be_said_beside_is_saved_too(world: FakeWorld, volunteer: Person) -> None:
    visit = serve(world)
    volunteer.look(f"/visits/{visit}/log")
    more = {"people": "3", "channel": "telephone", "referred_to": "police", "memo": "一行目\r\n二行目"}
    more["referred_to"] = world.desk.catalogue.referrals[0].id
    volunteer.press(f"/visits/{visit}/log", topics="phone", cell="unknown referred", **more)
    assert saved(world)[0].referred_to == more["referred_to"]
    facts = [repr(record.ciphertext.decode()) for record in storage(world).tables.records.values() if record]
    assert any("people=3" in fact and "TELEPHONE" in fact for fact in facts)


def test_the_page_that_follows_offers_to_undo_and_does_not_tell_the_age(world: FakeWorld, volunteer: Person) -> None:
    visit = serve(world)
    volunteer.look(f"/visits/{visit}/log")
    volunteer.press(f"/visits/{visit}/log", topics="phone", cell=CELL)
    assert "「スマホの操作・解決した」を 記録しました" in volunteer.page
    assert 'data-leaves-after="10"' in volunteer.page
    assert "75〜84" not in volunteer.page


def test_undo_takes_it_back_and_the_visit_goes_on(world: FakeWorld, volunteer: Person) -> None:
    visit = serve(world)
    volunteer.look(f"/visits/{visit}/log")
    volunteer.press(f"/visits/{visit}/log", topics="phone", cell=CELL)
    volunteer.press(f"/consultations/{saved(world)[0].id}/withdraw")
    assert saved(world) == []
    assert len(world.desk.board.snapshot.floor.visits) == 1
    assert "記録しました" not in volunteer.page


@pytest.mark.parametrize(("seconds", "offered"), [(9, 1), (10, 0), (3600, 0)])
def test_undo_is_offered_for_ten_seconds(world: FakeWorld, volunteer: Person, seconds: int, offered: int) -> None:
    visit = serve(world)
    volunteer.look(f"/visits/{visit}/log")
    volunteer.press(f"/visits/{visit}/log", topics="phone", cell=CELL)
    world.clock.advance(seconds=seconds)
    volunteer.look(f"/?saved={saved(world)[0].id}")
    assert volunteer.page.count("取り消す") == offered


def test_nothing_is_offered_to_undo_for_a_record_that_is_not_there(volunteer: Person) -> None:
    assert volunteer.look("/?saved=<script>").status_code == 200
    assert "取り消す" not in volunteer.page
    assert "<script>" not in volunteer.page


def test_a_refused_save_keeps_everything_typed_and_says_where_it_is_wrong(world: FakeWorld, volunteer: Person) -> None:
    visit = serve(world)
    volunteer.look(f"/visits/{visit}/log")
    response = volunteer.press(f"/visits/{visit}/log", cell=CELL, memo="</textarea><b>長い話</b>", people="2")
    assert response.status_code == 422
    assert saved(world) == []
    assert "どんな相談だったか えらんでください" in volunteer.page
    assert "&lt;/textarea&gt;&lt;b&gt;長い話&lt;/b&gt;" in volunteer.page
    assert re.search(r'value="2" checked', volunteer.page)
    assert re.search(r'<details id="more" open>', volunteer.page)


@pytest.mark.parametrize(
    "entries",
    [
        {"cell": ""},
        {"cell": "75to84"},
        {"cell": "nobody resolved"},
        {"people": "0"},
        {"people": "many"},
        {"channel": "pigeon"},
        {"referred_to": "nowhere"},
        {"memo": "長" * 2001},
    ],
)
def test_an_entry_nobody_could_tap_is_refused_with_words(
    world: FakeWorld, volunteer: Person, entries: dict[str, str]
) -> None:
    visit = serve(world)
    volunteer.look(f"/visits/{visit}/log")
    response = volunteer.press(f"/visits/{visit}/log", **({"topics": "phone", "cell": CELL} | entries))
    assert response.status_code == 422
    assert 'class="error"' in volunteer.page
    assert saved(world) == []


def test_a_full_disk_keeps_everything_typed(world: FakeWorld, volunteer: Person) -> None:
    visit = serve(world)
    storage(world).full = True
    volunteer.look(f"/visits/{visit}/log")
    response = volunteer.press(f"/visits/{visit}/log", topics="phone", cell=CELL, memo="長い話")
    assert response.status_code == 507
    assert "長い話" in volunteer.page
    assert "保存する場所が いっぱい" in volunteer.page
    storage(world).full = False
    assert volunteer.press(f"/visits/{visit}/log", topics="phone", cell=CELL, memo="長い話").status_code == 200
    assert len(saved(world)) == 1


def test_a_double_tap_in_the_grid_saves_once(world: FakeWorld, volunteer: Person) -> None:
    visit = serve(world)
    volunteer.look(f"/visits/{visit}/log")
    entries = {"csrf": volunteer.hidden("csrf"), "once": volunteer.hidden("once"), "topics": "phone", "cell": CELL}
    first, second = (volunteer.client.post(f"/visits/{visit}/log", data=entries) for _ in range(2))
    assert first.location == second.location
    assert len(saved(world)) == 1


def test_two_cells_from_one_page_save_the_first_and_say_so(world: FakeWorld, volunteer: Person) -> None:
    visit = serve(world)
    volunteer.look(f"/visits/{visit}/log")
    entries = {"csrf": volunteer.hidden("csrf"), "once": volunteer.hidden("once"), "topics": "phone", "cell": CELL}
    volunteer.client.post(f"/visits/{visit}/log", data=entries)
    response = volunteer.client.post(f"/visits/{visit}/log", data=entries | {"cell": "75to84 partly"})
    assert response.status_code == 422
    assert "記録ずみです" in response.text
    assert len(saved(world)) == 1


def test_the_log_page_of_a_visit_that_is_over_is_explained(volunteer: Person) -> None:
    response = volunteer.look("/visits/00000000-0000-4000-8000-000000000000/log")
    assert response.status_code == 404
    assert "その来所は ありません" in response.text


def test_the_log_page_tells_of_a_call_and_keeps_what_is_typed(world: FakeWorld, volunteer: Person) -> None:
    visit = serve(world)
    press_button(world)
    volunteer.look(f"/visits/{visit}/log")
    assert "よびだし 1件" in volunteer.page
    assert "data-keeps-text" in volunteer.page


def test_today_that_cannot_be_read_does_not_hide_a_call(
    world: FakeWorld, volunteer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_wall: object) -> list[Consultation]:
        raise StorageFailed

    press_button(world)
    monkeypatch.setattr(world.storage, "logged_since", broken)
    assert volunteer.look("/?saved=1").status_code == 200
    assert "対応する" in volunteer.page
    assert "いま 読みだせません" in volunteer.page


def test_the_strip_speaks_of_the_town_by_its_own_word(world: FakeWorld, volunteer: Person) -> None:
    volunteer.look("/")
    assert "保存できています" in volunteer.page
    press_button(world)
    volunteer.look("/")
    assert "町へ 未送信 1件（この箱に 保存してあります）" in volunteer.page
    assert "市へ" not in volunteer.page
    assert "市役所" not in volunteer.page


def test_a_page_in_good_order_does_not_speak_of_being_cut_off(world: FakeWorld, volunteer: Person) -> None:
    press_button(world)
    text = re.sub(r"<[^>]+>", "", volunteer.look("/").text)
    assert not re.search("オフライン|切れ|つながっていません|つながりません|接続|通信", text)


def test_an_entry_of_a_megabyte_is_refused(volunteer: Person) -> None:
    assert volunteer.press("/visits", memo="x" * 70_000).status_code == 413


def test_the_memo_stands_in_no_address_and_no_log(
    world: FakeWorld, volunteer: Person, caplog: pytest.LogCaptureFixture
) -> None:
    visit = serve(world)
    volunteer.look(f"/visits/{visit}/log")
    storage(world).full = True
    with caplog.at_level("DEBUG"):
        volunteer.press(f"/visits/{visit}/log", topics="phone", cell=CELL, memo="ひみつ")
        storage(world).full = False
        response = volunteer.press(f"/visits/{visit}/log", topics="phone", cell=CELL, memo="ひみつ")
    assert "ひみつ" not in caplog.text
    assert "ひみつ" not in response.request.url
    assert "ひみつ" not in response.text


def test_a_browser_that_only_asks_changes_nothing(world: FakeWorld, client: FlaskClient) -> None:
    before = world.desk.board.snapshot
    for path in ("/sign-in", "/hardware", "/", "/healthz"):
        client.get(path)
    assert world.desk.board.snapshot == before


def test_a_saved_consultation_is_corrected_on_the_same_form(world: FakeWorld, volunteer: Person) -> None:
    path = f"/visits/{serve(world)}/log"
    volunteer.look(path)
    volunteer.press(path, topics="phone", cell=CELL, people="2", memo="ひみつ")
    (before,) = saved(world)
    correct = f"/consultations/{before.id}/correct"
    volunteer.look(correct)
    assert "記録を なおす" in volunteer.page
    assert "ひみつ" not in volunteer.page
    volunteer.press(correct, topics="fraud", cell="75to84 referred", people="2")
    (after,) = saved(world)
    assert (after.topics, after.outcome) == (("fraud",), "referred")
    assert volunteer.look(correct).status_code == 409
    assert "もう なおされています" in volunteer.page


def test_a_correction_that_says_nothing_comes_back_with_what_was_tapped(world: FakeWorld, volunteer: Person) -> None:
    path = f"/visits/{serve(world)}/log"
    volunteer.look(path)
    volunteer.press(path, topics="phone", cell=CELL)
    before = saved(world)
    correct = f"/consultations/{before[0].id}/correct"
    volunteer.look(correct)
    assert volunteer.press(correct, topics="phone", cell="").status_code == 422
    assert saved(world) == before


def test_a_call_that_no_disk_takes_is_counted_on_the_strip_and_answered_all_the_same(
    world: FakeWorld, volunteer: Person
) -> None:
    storage(world).full = True
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    volunteer.look("/")
    assert 'data-state="unrecorded"' in volunteer.page
    assert "よびだし 1件を まだ 保存できていません" in volunteer.page
    assert "まだ 保存できていません" in volunteer.page[volunteer.page.index('id="board"') :]
    assert volunteer.press(f"/calls/{call.id}/answer").status_code == 200
    (visit,) = world.desk.board.snapshot.floor.visits
    assert f"/visits/{visit.id}/log" in volunteer.page
    storage(world).full = False
    world.desk.calls.record_unrecorded()
    volunteer.look("/")
    assert 'data-state="unsent"' in volunteer.page
