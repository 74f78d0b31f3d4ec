import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from appliance.desk.facts.call import CallSource
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.day import Tally
from appliance.desk.facts.moment import ClockQuality
from appliance.desk.facts.staff import StaffRole
from appliance.desk.facts.visit import JAPAN
from appliance.desk.reception.tallies import TallyEntry
from tests.fakes import NOON, FakeSealer, FakeStorage, FakeWorld
from tests.ui.people import Person
from ui.desk.day_view import number_in

STAFF = StaffRole.FACILITY_STAFF
ENTRY = ConsultationEntry(topics=("phone", "password"), age_band="75to84", outcome="resolved", people=2)
SOMEWHERE = "00000000-0000-4000-8000-000000000000"
PAGES = ["/opening", "/closing", "/day", "/tallies"]
ACTIONS = [
    "/opening",
    "/opening/time",
    "/closing",
    f"/closing/calls/{SOMEWHERE}/cancel",
    f"/closing/visits/{SOMEWHERE}/end",
    "/tallies",
    f"/tallies/{SOMEWHERE}/withdraw",
]


def enter_tally(world: FakeWorld, **ago: float) -> str:
    entry = TallyEntry(
        day=(NOON - timedelta(**ago)).date(), visits=4, people=5, topics={"phone": 3}, age_bands={"75to84": 4}
    )
    return str(world.desk.tallies.enter(entry, by=STAFF).id)


def cells(page: str, row: str) -> list[str]:
    """The cells of the row of a table that begins with `row`."""
    found = re.search(rf'<tr><th scope="row">{row}</th>(.*?)</tr>', page)
    assert found, f"no row {row}"
    return re.findall(r"<td>(.*?)</td>", found[1])


# --------------------------------------------------------------------------------------------------------------- access


@pytest.mark.parametrize("path", PAGES)
def test_whoever_is_not_signed_in_is_led_to_the_sign_in(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.location) == (303, "/sign-in")


@pytest.mark.parametrize("path", ACTIONS)
def test_nobody_acts_without_signing_in(stranger: Person, path: str) -> None:
    stranger.look("/sign-in")
    assert stranger.press(path).status_code == 403


@pytest.mark.parametrize("path", ACTIONS)
def test_a_form_from_elsewhere_is_refused(world: FakeWorld, volunteer: Person, path: str) -> None:
    assert volunteer.client.post(path, data={"csrf": "0" * 64}).status_code == 403
    assert world.storage.unsent() == 0


def test_every_page_has_one_heading_one_main_a_language_and_a_title(world: FakeWorld, volunteer: Person) -> None:
    enter_tally(world)
    world.desk.consultations.walk_in()
    for path in PAGES:
        page = volunteer.look(path).text
        assert page.count("<h1") == page.count("<main") == page.count("<title>") == 1, path
        levels = [int(level) for level in re.findall(r"<h(\d)", page)]
        assert all(after - before <= 1 for before, after in pairwise(levels)), path


# -------------------------------------------------------------------------------------------------------------- opening


def test_opening_asks_whether_this_is_the_time(world: FakeWorld, volunteer: Person) -> None:
    world.clock.moment = replace(world.clock.moment, wall=datetime(2026, 11, 21, 9, 58, 30, tzinfo=JAPAN))
    volunteer.look("/opening")
    assert "今日は 11月21日（土） 9:58 ですか" in volunteer.page
    assert "確かめていません" not in volunteer.page


def test_yes_opens_the_desk(world: FakeWorld, volunteer: Person) -> None:
    world.clock.moment = replace(world.clock.moment, quality=ClockQuality.UNKNOWN)
    volunteer.look("/")
    assert "まだ 窓口を 開けていません" in volunteer.page
    volunteer.look("/opening")
    assert "まだ だれも 確かめていません" in volunteer.page
    world.clock.advance(minutes=4)
    volunteer.press("/opening", shown=volunteer.hidden("shown"))
    assert "まだ 窓口を 開けていません" not in volunteer.page
    assert world.desk.opening.today is not None
    assert world.clock.now().quality is ClockQuality.STAFF


@pytest.mark.parametrize("shown", [None, "", "yesterday", "0001-01-01T00:00"])
def test_yes_to_an_old_page_vouches_for_nothing(world: FakeWorld, volunteer: Person, shown: str | None) -> None:
    volunteer.look("/opening")
    seen = volunteer.hidden("shown") if shown is None else shown
    world.clock.advance(minutes=5)
    response = volunteer.press("/opening", shown=seen)
    assert response.status_code == 409
    assert "いまの時刻を もう一度 見てください" in volunteer.page
    assert "12:05 ですか" in volunteer.page
    assert world.desk.opening.today is None


@pytest.mark.parametrize("time", ["9:58", "09:58", "９：５８", "9時58分"])
def test_another_time_can_be_typed(world: FakeWorld, volunteer: Person, time: str) -> None:
    volunteer.look("/opening")
    volunteer.press("/opening/time", date="2026-11-21", time=time)
    assert world.clock.now().wall == datetime(2026, 11, 21, 0, 58, tzinfo=UTC)
    volunteer.look("/opening")
    assert "きょうは 09:58 に 窓口を 開けました" in volunteer.page


@pytest.mark.parametrize(
    ("date", "time"),
    [("2026-11-31", "9:58"), ("", ""), ("2026-11-21", "24:00"), ("2026-11-21", "9"), ("2024-01-01", "9:58")],
)
def test_what_no_watch_shows_comes_back_as_it_was_typed(
    world: FakeWorld, volunteer: Person, date: str, time: str
) -> None:
    volunteer.look("/opening")
    assert volunteer.press("/opening/time", date=date, time=time).status_code == 422
    assert '<details class="card" open>' in volunteer.page
    assert f'value="{date}"' in volunteer.page
    assert f'value="{time}"' in volunteer.page
    assert world.storage.unsent() == 0


# -------------------------------------------------------------------------------------------------------------- closing


def test_what_is_open_is_listed_before_the_button_is_there(world: FakeWorld, volunteer: Person) -> None:
    call = world.desk.calls.pressed(2, source=CallSource.BUTTON)
    visit = world.desk.consultations.walk_in()
    volunteer.look("/closing")
    assert "2番の よびだし（12:00 から）" in volunteer.page
    assert f'href="/visits/{visit.id}/log"' in volunteer.page
    assert "きょうのうちなら また 開けられます" not in volunteer.page
    volunteer.press(f"/closing/calls/{call.id}/cancel")
    assert "2番の よびだし" not in volunteer.page
    volunteer.press(f"/closing/visits/{visit.id}/end")
    assert "待っている人も 対応中の人も いません" in volunteer.page
    assert "いままで 1件・1人です" in volunteer.page


def test_closing_ends_in_one_sentence(world: FakeWorld, volunteer: Person) -> None:
    world.desk.consultations.log(ENTRY, by=STAFF)
    volunteer.look("/closing")
    assert "電源を切っても" not in volunteer.page
    volunteer.press("/closing")
    assert "きょうは 1件・2人でした。町へ未送信 5件。電源を切っても だいじょうぶです。" in volunteer.page
    assert volunteer.look("/closed").status_code == 200


def test_the_sentence_leaves_out_what_is_not_waiting(world: FakeWorld, volunteer: Person) -> None:
    storage = world.storage
    assert isinstance(storage, FakeStorage)
    storage.unsent = lambda: 0  # type: ignore[method-assign]
    volunteer.look("/closing")
    volunteer.press("/closing")
    assert "きょうは 0件・0人でした。電源を切っても だいじょうぶです。" in volunteer.page


def test_the_sentence_is_not_said_before_everything_is_stored(world: FakeWorld, volunteer: Person) -> None:
    storage = world.storage
    assert isinstance(storage, FakeStorage)
    volunteer.look("/closing")
    storage.full = True
    assert volunteer.press("/closing").status_code == 507
    assert "電源を切っても" not in volunteer.page
    assert volunteer.look("/closed").request.path == "/closed"
    assert volunteer.client.get("/closed").status_code == 303


def test_a_call_that_comes_while_the_button_is_pressed_is_served_first(world: FakeWorld, volunteer: Person) -> None:
    volunteer.look("/closing")
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    assert volunteer.press("/closing").status_code == 409
    assert "1番の よびだし" in volunteer.page


def test_a_second_tap_gets_the_same_answer_though_everybody_was_signed_out(world: FakeWorld, volunteer: Person) -> None:
    def leave() -> None:
        with volunteer.client.session_transaction() as session:
            world.desk.presence.leave(session["sign_in"])

    volunteer.look("/closing")
    world.desk.opening.at_closing.append(leave)
    entries = {"csrf": volunteer.hidden("csrf"), "once": volunteer.hidden("once")}
    for _ in range(2):
        response = volunteer.client.post("/closing", data=entries)
        assert (response.status_code, response.location) == (303, "/closed")
    assert "だいじょうぶです" in volunteer.look("/closed").text
    assert world.storage.unsent() == 3, "the day, the shift and the sign-out"
    assert volunteer.look("/closing").status_code == 303


def test_a_stranger_is_told_nothing_about_the_day(client: FlaskClient, volunteer: Person) -> None:
    volunteer.look("/closing")
    volunteer.press("/closing")
    client.delete_cookie("madoguchi")
    assert client.get("/closed").status_code == 303


# ------------------------------------------------------------------------------------------------------------ the sheet


def test_the_sheet_of_a_day(world: FakeWorld, volunteer: Person) -> None:
    world.desk.opening.open(by=STAFF)
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    world.clock.advance(minutes=3)
    world.desk.consultations.log(ENTRY, by=STAFF, call=call.id)
    world.desk.consultations.log(replace(ENTRY, topics=("phone",)), by=STAFF)
    volunteer.look("/day")
    assert "令和8年11月20日（金）の まとめ" in volunteer.page
    assert cells(volunteer.page, "開けていた時間")[0] == "12:00〜（まだ しめていません）"
    assert cells(volunteer.page, "来所件数")[0] == "2"
    assert cells(volunteer.page, "延べ人数") == ["4", "来た人の数の合計です。実人数は 把握していません。"]
    assert cells(volunteer.page, "スマホの操作") == ["2"]
    assert cells(volunteer.page, "パスワード") == ["1"]
    assert cells(volunteer.page, "75〜84") == ["2"]
    assert cells(volunteer.page, "解決した") == ["2"]
    assert cells(volunteer.page, "待ち時間（中央値）")[0] == "3分"
    assert "重複あり" in volunteer.page
    volunteer.look("/closing")
    volunteer.press("/closing")
    volunteer.sign_in()
    volunteer.look("/day?date=2026-11-20")
    assert cells(volunteer.page, "開けていた時間")[0] == "12:00〜12:03"


def test_an_empty_day_has_a_sheet_too(volunteer: Person) -> None:
    volunteer.look("/day?date=2026-03-31")
    assert "令和8年3月31日（火）の まとめ" in volunteer.page
    assert 'href="/day?date=2026-04-01"' in volunteer.page
    assert cells(volunteer.page, "待ち時間（中央値）")[0] == "—"


def test_a_topic_that_a_newer_pack_dropped_is_still_counted(world: FakeWorld, volunteer: Person) -> None:
    made = world.desk.consultations.log(ENTRY, by=STAFF)
    storage = world.storage
    assert isinstance(storage, FakeStorage)
    storage.tables.consultations[made.id] = replace(storage.tables.consultations[made.id], topics=("fax", "phone"))
    volunteer.look("/day")
    assert cells(volunteer.page, "fax") == ["1"]


def test_an_unsure_clock_is_named_on_the_sheet(world: FakeWorld, volunteer: Person) -> None:
    world.clock.moment = replace(world.clock.moment, quality=ClockQuality.UNKNOWN)
    world.desk.consultations.log(ENTRY, by=STAFF)
    volunteer.look("/day")
    assert "時計を 確かめる前の記録が 1件 入っています" in volunteer.page
    assert "箱の時計は まだ 確かめていません" in volunteer.page


@pytest.mark.parametrize("date", ["", "yesterday", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_refused_in_words(volunteer: Person, date: str) -> None:
    assert volunteer.look(f"/day?date={date}").status_code == 422
    assert "日付は 2026-11-21 のように" in volunteer.page


# ---------------------------------------------------------------------------------------------------------- from paper


def test_a_tally_from_paper_stands_apart_on_the_sheet_of_its_day(world: FakeWorld, volunteer: Person) -> None:
    volunteer.look("/tallies")
    entries = {"topic.phone": "３", "age_band.75to84": "4", "topic.password": ""}
    volunteer.press("/tallies", day="2026-11-19", visits="4", people="5", **entries)
    assert "令和8年11月19日（木）の まとめ" in volunteer.page
    assert "4件・5人" in volunteer.page
    assert "スマホの操作：3、75〜84：4" in volunteer.page
    assert cells(volunteer.page, "来所件数")[0] == "0"
    assert isinstance(world.sealer, FakeSealer)
    assert len([fact for fact in world.sealer.sealed if isinstance(fact, Tally)]) == 1


def test_a_tally_can_be_taken_back(world: FakeWorld, volunteer: Person) -> None:
    tally = enter_tally(world)
    volunteer.look("/day")
    volunteer.press(f"/tallies/{tally}/withdraw")
    assert "4件・5人" not in volunteer.page
    assert volunteer.press(f"/tallies/{tally}/withdraw", csrf=_csrf(volunteer)).status_code == 409
    assert volunteer.press(f"/tallies/{uuid4()}/withdraw", csrf=_csrf(volunteer)).status_code in {403, 404}


def _csrf(person: Person) -> str:
    person.look("/tallies")
    return person.hidden("csrf")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"day": "2026-11-21"}, "日付を たしかめてください"),
        ({"day": "soon"}, "日付を たしかめてください"),
        ({"visits": ""}, "来所件数は 1〜500 の数"),
        ({"visits": "many"}, "来所件数は 1〜500 の数"),
        ({"visits": "9" * 5000}, "来所件数は 1〜500 の数"),
        ({"people": "3"}, "延べ人数は 来所件数より少なくできません"),
        ({"topic.phone": "6"}, "相談内容別の数が 延べ人数より 多く"),
        ({"topic.phone": "x"}, "相談内容別の数が 延べ人数より 多く"),
        ({"topic.tea": "1"}, "相談内容別の数が"),
        ({"age_band.75to84": "6"}, "年代別の数を あわせると"),
    ],
)
def test_what_cannot_be_right_comes_back_with_what_was_typed(
    world: FakeWorld, volunteer: Person, changes: dict[str, str], words: str
) -> None:
    volunteer.look("/tallies")
    typed = {"day": "2026-11-19", "visits": "4", "people": "5", "topic.password": "2"} | changes
    assert volunteer.press("/tallies", **typed).status_code == 422
    assert words in volunteer.page
    kept = re.search(r'<input type="text" value="2" id="topic.password"', volunteer.page)
    assert kept, "what was typed is gone"
    assert world.storage.unsent() == 0


def test_a_full_disk_gives_the_typed_numbers_back(world: FakeWorld, volunteer: Person) -> None:
    storage = world.storage
    assert isinstance(storage, FakeStorage)
    volunteer.look("/tallies")
    storage.full = True
    response = volunteer.press("/tallies", day="2026-11-19", visits="4", people="5")
    assert response.status_code == 507
    assert "保存する場所が いっぱい" in volunteer.page
    assert 'value="4"' in volunteer.page


@pytest.mark.parametrize(
    ("text", "number"), [("", 0), (" 7 ", 7), ("１２", 12), ("-1", -1), ("1.5", -1), ("100000", -1)]
)
def test_a_typed_number(text: str, number: int) -> None:
    assert number_in(text) == number


# ---------------------------------------------------------------------------------------------------------------- words


def test_nothing_a_visitor_meets_promises_help_while_nobody_is_there(world: FakeWorld, client: FlaskClient) -> None:
    world.open_room()
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    pages = [client.get("/hardware").text]
    world.clock.advance(minutes=3)
    world.desk.calls.expire_old()
    pages.append(client.get("/hardware").text)
    world.desk.room.stop()
    assert world.voice.said
    assert not any("まいります" in text for text in (*pages, *world.voice.said))
