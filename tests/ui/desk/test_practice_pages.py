import logging
import re
from collections.abc import Iterator
from copy import deepcopy

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance.desk.desk import Desk
from appliance.desk.errors import StorageFull
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.staff import Permission
from tests.fakes import STORIES, FakeStorage, FakeTables, FakeWorld
from tests.ui.desk.test_events import Stream
from tests.ui.forms import FormReader
from tests.ui.people import PROGRAM, Person
from ui.desk import events

CELL = "75to84 resolved"
BANNER = "練習中です。ここで した ことは 数に はいりません"
NOT_HERE = "この画面は 練習では ありません"
REAL_CALL = "ほんとうの よびだしが あります"
MEMO = "練習で書いたメモ"


@pytest.fixture
def learner(volunteer: Person) -> Person:
    """Somebody who has just begun to practise."""
    volunteer.look("/")
    volunteer.press("/practice")
    return volunteer


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for seconds where nothing happens."""
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(events, "WAKE_SECONDS", 0.02)


def real_tables(world: FakeWorld) -> FakeTables:
    """Everything that is stored at the real desk."""
    assert isinstance(world.storage, FakeStorage)
    return deepcopy(world.storage.tables)


def practice_desk(world: FakeWorld) -> Desk:
    return world.practice_room.opened[-1]


def title(person: Person) -> str:
    found = re.search(r"<title>(.*?)</title>", person.page, re.DOTALL)
    assert found
    return found[1]


def resident_presses(world: FakeWorld, person: Person) -> str:
    """The id of her call."""
    world.clock.advance(seconds=3)
    person.look("/practice")
    return str(practice_desk(world).board.snapshot.floor.calls[0].id)


def resident_is_served(world: FakeWorld, person: Person) -> str:
    """The id of her visit."""
    call = resident_presses(world, person)
    person.press(f"/practice/calls/{call}/answer")
    return str(practice_desk(world).board.snapshot.floor.visits[0].id)


def resident_is_logged(world: FakeWorld, person: Person) -> str:
    """The id of her consultation."""
    visit = resident_is_served(world, person)
    person.look(f"/practice/visits/{visit}/log")
    person.press(f"/practice/visits/{visit}/log", topics="phone", memo=MEMO, cell=CELL)
    return str(practice_desk(world).logged_today()[0].id)


def test_one_tap_begins_and_the_page_says_what_comes(learner: Person) -> None:
    assert learner.client.get("/").headers["Location"] == "/practice"
    assert BANNER in learner.page
    assert title(learner).startswith("【練習】")
    assert "練習の窓口" in learner.page
    assert "もうすぐ 練習の人が よびだしボタンを 押します" in learner.page
    assert "どこにも 送らず" in learner.page


def test_a_whole_visit_by_what_the_pages_offer(world: FakeWorld, learner: Person) -> None:
    def offered(pattern: str) -> str:
        found = re.search(pattern, learner.page)
        assert found, pattern
        return found[1]

    world.clock.advance(seconds=3)
    learner.look("/practice")
    assert "練習の人が 待っています" in learner.page
    assert STORIES[0] not in learner.page
    learner.press(offered(r'formaction="([^"]*/answer)"'))
    learner.look(offered(r'href="([^"]*/log)"'))
    learner.press(offered(r'class="log" method="post" action="([^"]*)"'), topics="phone", memo=MEMO, cell=CELL)
    learner.press(offered(r'formaction="([^"]*/withdraw)"'))
    learner.press(offered(r'id="walk-in" form="act" formaction="([^"]*)"'))
    assert len(practice_desk(world).board.snapshot.floor.visits) == 2
    assert world.desk.board.snapshot.floor.visits == ()


def test_she_tells_her_story_while_she_is_served(world: FakeWorld, learner: Person) -> None:
    visit = resident_is_served(world, learner)
    assert STORIES[0] in learner.page
    learner.look(f"/practice/visits/{visit}/log")
    assert STORIES[0] in learner.page
    assert BANNER in learner.page
    assert "練習のメモは だれにも 読めません" in learner.page
    assert "もう一人 よぶ" not in learner.page


def test_after_saving_another_one_or_the_end_is_offered(world: FakeWorld, learner: Person) -> None:
    resident_is_logged(world, learner)
    assert "「スマホの操作・解決した」を 記録しました" in learner.page
    assert "もう一人 よぶ" in learner.page
    assert "練習を おわる" in learner.page
    learner.press("/practice/another")
    resident_is_served(world, learner)
    assert STORIES[1] in learner.page
    learner.press("/practice/end")
    assert BANNER not in learner.page
    assert not title(learner).startswith("【練習】")
    assert world.practice_room.thrown_away == 1


def test_a_slip_is_undone_and_a_record_corrected_as_at_the_real_desk(world: FakeWorld, learner: Person) -> None:
    saved = resident_is_logged(world, learner)
    learner.look(f"/practice/consultations/{saved}/correct")
    learner.press(f"/practice/consultations/{saved}/correct", topics="password", cell=CELL)
    desk = practice_desk(world)
    assert [row.topics for row in desk.logged_today()] == [("password",)]
    assert learner.client.get("/practice").status_code == 200
    learner.press(f"/practice/consultations/{desk.logged_today()[0].id}/withdraw")
    assert [row.topics for row in desk.logged_today()] == [("phone",)]
    learner.press(f"/practice/consultations/{saved}/withdraw")
    assert desk.logged_today() == []
    assert STORIES[0] in learner.page


def test_a_wrong_entry_comes_back_with_everything_typed(world: FakeWorld, learner: Person) -> None:
    visit = resident_is_served(world, learner)
    learner.look(f"/practice/visits/{visit}/log")
    response = learner.press(f"/practice/visits/{visit}/log", memo=MEMO, cell=CELL)
    assert response.status_code == 422
    assert MEMO in learner.page
    assert BANNER in learner.page


def test_a_second_tap_serves_one_visitor(world: FakeWorld, learner: Person) -> None:
    entries = {"csrf": learner.hidden("csrf"), "once": learner.hidden("once")}
    for _ in range(2):
        assert learner.client.post("/practice/visits", data=entries).headers["Location"] == "/practice"
    assert len(practice_desk(world).board.snapshot.floor.visits) == 1


def test_begin_another_and_end_may_be_tapped_twice(world: FakeWorld, learner: Person) -> None:
    entries = {"csrf": learner.hidden("csrf")}
    for path, leads in (("/practice", "/practice"), ("/practice/another", "/practice"), ("/practice/end", "/")):
        for _ in range(2):
            assert learner.client.post(path, data=entries).headers["Location"] == leads
    assert (len(world.practice_room.opened), world.practice_room.thrown_away) == (1, 1)


def test_nothing_of_it_reaches_the_real_desk(world: FakeWorld, learner: Person, client: FlaskClient) -> None:
    before, board = real_tables(world), world.desk.board.snapshot
    assert board.attended
    numbers = client.get("/api/v1/day", headers=PROGRAM).json
    saved = resident_is_logged(world, learner)
    learner.press(f"/practice/consultations/{saved}/withdraw")
    learner.press("/practice/visits")
    learner.press("/practice/end")
    assert real_tables(world) == before
    assert world.desk.board.snapshot == board
    assert client.get("/api/v1/day", headers=PROGRAM).json == numbers


def test_no_way_leads_from_practice_to_the_real_desk_by_mistake(world: FakeWorld, learner: Person) -> None:
    saved = resident_is_logged(world, learner)
    served = practice_desk(world).consultations.walk_in()
    practice_desk(world).calls.pressed(2, source=CallSource.BUTTON)
    for path in (
        f"/practice?saved={saved}",
        f"/practice/visits/{served.id}/log",
        f"/practice/consultations/{saved}/correct",
    ):
        reader = FormReader.of(learner.look(path).text)
        ways = {*reader.links, *(form.action for form in reader.forms)} - {"#main", "/sign-out", "/sign-in"}
        assert ways
        assert all(way.startswith("/practice") for way in ways), ways


def practising_pages(app: Flask) -> Iterator[str]:
    """An address of every page."""
    holes = {"uuid": "00000000-0000-4000-8000-000000000000", "int": "1", "default": "x"}
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:(\w+):)?\w+>", lambda hole: holes[hole[1] or "default"], rule.rule)
        if "GET" in (rule.methods or ()) and "events" not in path:
            yield path


def test_every_page_of_a_practising_browser_is_marked(app: Flask, world: FakeWorld, learner: Person) -> None:
    with learner.client.session_transaction() as session:
        session["closed"] = "きょうは 1件・1人でした。"
    seen = {}
    for path in practising_pages(app):
        response = learner.client.get(path, follow_redirects=True)
        if response.mimetype == "text/html":
            seen[path] = BANNER in response.text, NOT_HERE in response.text
            assert sum(seen[path]) == 1, path
    for path in ("/", "/practice", "/day", "/closing", "/opening", "/tallies", "/closed", "/people", "/tokens"):
        assert seen[path] == (True, False), path
    for path in ("/sign-in", "/presence-code", "/hardware", "/kiosk"):
        assert seen[path] == (False, True), path


def test_what_is_not_practice_is_refused_in_words(learner: Person) -> None:
    for path in ("/day", "/closing", "/opening", "/tallies"):
        response = learner.look(path)
        assert response.status_code == 409
        assert "練習中は 使えません" in response.text
        assert title(learner).startswith("【練習】")
    learner.press("/practice/end")
    assert learner.look("/day").status_code == 200


def test_a_form_of_the_real_desk_is_refused_and_gives_the_text_back(world: FakeWorld, volunteer: Person) -> None:
    visit = world.desk.consultations.walk_in()
    volunteer.look(f"/visits/{visit.id}/log")
    real = {name: volunteer.hidden(name) for name in ("csrf", "once")}
    volunteer.look("/")
    volunteer.press("/practice")
    before = real_tables(world)
    entry = {**real, "topics": "phone", "memo": MEMO, "cell": CELL}
    response = volunteer.client.post(f"/visits/{visit.id}/log", data=entry)
    assert response.status_code == 409
    assert MEMO in response.text
    for path in ("/visits", "/closing", "/opening", "/tallies", "/tokens"):
        assert volunteer.client.post(path, data=real).status_code == 409
    assert real_tables(world) == before
    assert world.desk.presence.is_here(_sign_in(volunteer))
    volunteer.client.post("/practice/end", data=real)
    assert volunteer.client.post(f"/visits/{visit.id}/log", data=entry).status_code == 303
    assert len(world.desk.logged_today()) == 1


def _sign_in(person: Person) -> str:
    with person.client.session_transaction() as session:
        return str(session["sign_in"])


def test_a_form_of_practice_that_is_over_is_refused_and_gives_the_text_back(world: FakeWorld, learner: Person) -> None:
    visit = resident_is_served(world, learner)
    learner.look(f"/practice/visits/{visit}/log")
    form = {"csrf": learner.hidden("csrf"), "once": learner.hidden("once"), "topics": "phone", "cell": CELL}
    learner.press("/practice/end")
    before = real_tables(world)
    response = learner.client.post(f"/practice/visits/{visit}/log", data=form | {"memo": MEMO})
    assert response.status_code == 409
    assert "練習は おわっています" in response.text
    assert MEMO in response.text
    assert BANNER not in response.text
    assert learner.client.get(f"/practice/visits/{visit}/log").headers["Location"] == "/"
    assert learner.client.post("/practice/visits", data=form).status_code == 409
    assert learner.client.post("/practice/another", data=form).status_code == 409
    assert real_tables(world) == before


def test_a_real_call_is_told_at_every_page_and_one_tap_leads_there(world: FakeWorld, learner: Person) -> None:
    visit = resident_is_served(world, learner)
    assert REAL_CALL not in learner.page
    call = world.desk.calls.pressed(2, source=CallSource.BUTTON)
    assert call.attended
    for path in ("/practice", f"/practice/visits/{visit}/log", "/day"):
        page = learner.look(path).text
        assert REAL_CALL in page
        assert page.count('form="practice-act"') == 1
    learner.press("/practice/end")
    assert "2番のボタン" in learner.page
    assert f"/calls/{call.id}/answer" in learner.page


def test_a_pretend_call_is_no_real_one(world: FakeWorld, learner: Person, app: Flask) -> None:
    resident_presses(world, learner)
    colleague = Person(app.test_client())
    colleague.sign_in_as(Permission.FACILITY_STAFF)
    assert "待っている人は いません" in colleague.page
    assert BANNER not in colleague.page
    assert REAL_CALL not in learner.look("/practice").text


def test_two_practise_at_one_desk_and_it_goes_with_the_last(world: FakeWorld, learner: Person, app: Flask) -> None:
    colleague = Person(app.test_client())
    colleague.sign_in_as(Permission.FACILITY_STAFF)
    colleague.press("/practice")
    resident_presses(world, learner)
    assert "練習の人が 待っています" in colleague.look("/practice").text
    learner.press("/practice/end")
    assert "練習の人が 待っています" in colleague.look("/practice").text
    assert world.practice_room.thrown_away == 0
    colleague.press("/practice/end")
    assert (len(world.practice_room.opened), world.practice_room.thrown_away) == (1, 1)


def test_signing_out_ends_it_and_the_next_one_is_at_the_real_desk(world: FakeWorld, learner: Person) -> None:
    learner.press("/sign-out")
    assert world.practice_room.thrown_away == 1
    assert BANNER not in learner.page
    assert NOT_HERE not in learner.page
    learner.sign_in()
    assert "練習の窓口" not in learner.page


def test_signing_in_again_ends_it_too(world: FakeWorld, learner: Person) -> None:
    learner.sign_in()
    assert BANNER not in learner.page
    assert world.practice_room.thrown_away == 1


def test_closing_the_desk_elsewhere_ends_it(world: FakeWorld, learner: Person) -> None:
    world.desk.opening.at_closing.append(world.practice.end_all)
    world.desk.opening.close()
    assert world.practice_room.thrown_away == 1
    assert learner.client.get("/practice").headers["Location"] == "/sign-in"


def test_whoever_practises_stays_present_at_the_real_desk(world: FakeWorld, learner: Person) -> None:
    for _ in range(4):
        world.clock.advance(minutes=20)
        assert learner.look("/practice").status_code == 200
        assert BANNER in learner.page
    assert world.desk.board.snapshot.attended


def test_after_half_an_hour_alone_it_is_over(world: FakeWorld, learner: Person) -> None:
    world.clock.advance(minutes=31)
    assert learner.client.get("/practice").headers["Location"] == "/sign-in"
    world.practice.tidy()  # housekeeping
    assert world.practice_room.thrown_away == 1


def test_where_practice_is_impossible_the_desk_goes_on(
    world: FakeWorld, volunteer: Person, caplog: pytest.LogCaptureFixture
) -> None:
    world.practice_room.fault = StorageFull()
    volunteer.look("/")
    with caplog.at_level(logging.WARNING):
        response = volunteer.press("/practice")
    assert response.status_code == 503
    assert "窓口は いつもどおり 使えます" in response.text
    assert "practice could not begin" in caplog.text
    assert volunteer.look("/").status_code == 200
    assert "窓口で直接受け付ける" in volunteer.page


def test_the_stream_of_practice_tells_practice_and_real_calls(world: FakeWorld, learner: Person) -> None:
    stream = Stream(learner.client.get("/practice/events", buffered=False))
    event = stream.next()
    assert event.startswith("event: time\ndata: 12:00\n\nid: 1.")
    assert "もうすぐ 練習の人が" in event
    assert "csrf" not in event
    world.clock.advance(seconds=3)
    event = stream.next()
    assert "練習の人が 待っています" in event
    assert f"/practice/calls/{practice_desk(world).board.snapshot.floor.calls[0].id}/answer" in event
    assert REAL_CALL not in event
    world.desk.calls.pressed(2, source=CallSource.BUTTON)
    assert REAL_CALL in stream.next()
    stream.close()


def test_the_parts_told_are_those_of_the_page(world: FakeWorld, learner: Person) -> None:
    resident_is_served(world, learner)
    stream = Stream(learner.client.get("/practice/events", buffered=False))
    told = "\n".join(line.removeprefix("data: ") for line in stream.next().splitlines())
    stream.close()
    page = learner.look("/practice").text
    for begin, end in (('<section class="practice" id="practice"', "</section>"), ('<div id="board"', "")):
        part = told[told.index(begin) :]
        part = part[: part.index(end) + len(end)] if end else part.strip()
        assert part.count("\n") > 3
        assert part in page, begin
    assert told.count("/practice/visits") >= 2


@pytest.mark.usefixtures("quick")
def test_streams_end_and_are_refused_when_practice_begins_or_ends(world: FakeWorld, volunteer: Person) -> None:
    real = Stream(volunteer.client.get("/events", buffered=False))
    real.next()
    assert volunteer.client.head("/practice/events").status_code == 409
    volunteer.look("/")
    volunteer.press("/practice")
    assert real.ends()
    real.close()
    assert volunteer.client.head("/events").status_code == 409
    practising = Stream(volunteer.client.get("/practice/events", buffered=False))
    practising.next()
    volunteer.press("/practice/end")
    assert practising.ends()
    practising.close()
    assert volunteer.client.head("/practice/events").status_code == 409
    assert volunteer.client.head("/events").status_code == 200


@pytest.mark.usefixtures("quick")
def test_a_stream_of_a_practice_before_is_no_stream_of_the_next(world: FakeWorld, learner: Person) -> None:
    stream = Stream(learner.client.get("/practice/events", buffered=False))
    stream.next()
    world.practice.end_all()
    world.practice.begin(_sign_in(learner))
    assert stream.ends()
    stream.close()


@pytest.mark.usefixtures("quick")
def test_a_quiet_stream_shows_that_it_lives(learner: Person) -> None:
    stream = Stream(learner.client.get("/practice/events", buffered=False))
    stream.next()
    assert stream.next() == "event: time\ndata: 12:00\n\n"
    stream.close()


@pytest.mark.usefixtures("quick")
def test_a_screen_that_shows_practice_keeps_its_person_present(world: FakeWorld, learner: Person) -> None:
    stream = Stream(learner.client.get("/practice/events", buffered=False))
    stream.next()
    for _ in range(3):
        world.clock.advance(minutes=4)
        stream.next()
        world.desk.staff.fade()
        assert world.desk.board.snapshot.attended
    stream.close()
    world.clock.advance(minutes=6)
    world.desk.staff.fade()
    assert not world.desk.board.snapshot.attended


def test_nobody_practises_without_signing_in(client: FlaskClient, stranger: Person, world: FakeWorld) -> None:
    stranger.look("/sign-in")
    assert client.get("/practice").headers["Location"] == "/sign-in"
    assert client.post("/practice", data={"csrf": stranger.hidden("csrf")}).status_code == 403
    assert client.get("/practice/events").status_code == 403
    assert world.practice_room.opened == []
