import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance.desk.facts.call import CallSource
from appliance.desk.facts.staff import Permission, StaffMember, StaffRole
from tests.fakes import ICT_SUPPORT_PIN, PIN, FakeProver, FakeTokens, FakeWorld, a_person, build_world
from tests.ui.people import KEYS, PROGRAM, Person
from ui.desk.app import create_desk_app

WRONG = "731048"
LAN = {"REMOTE_ADDR": "192.168.1.20"}
EVERYBODY = list(Permission)
FORM = {
    "name": "うめ",
    "permission": "volunteer",
    "appointments": ["promotion_volunteer", "instructor"],
    "employment": "npo",
    "appointed_on": "2026-04-01",
    "pledged_on": "",
    "until": "2027-03-31",
}


def app_of(world: FakeWorld) -> Flask:
    return create_desk_app(
        world.desk,
        practice=world.practice,
        prover=FakeProver(),
        tokens=FakeTokens(),
        secret_key=b"secret key of a test",
    )


@pytest.fixture
def empty() -> FakeWorld:
    return build_world(roster=())


@pytest.fixture
def support(client: FlaskClient) -> Person:
    person = Person(client)
    person.sign_in_as(Permission.ICT_SUPPORT)
    return person


@pytest.fixture
def facility(app: Flask) -> Person:
    person = Person(app.test_client())
    person.sign_in_as(Permission.FACILITY_STAFF)
    return person


def tablet(app: Flask) -> Person:
    """Somebody at a tablet in the house."""
    client = app.test_client()
    client.environ_base.update(LAN)
    return Person(client)


def member(world: FakeWorld, number: int) -> StaffMember:
    return world.desk.roster.members()[number - 1]


def shown_pin(person: Person) -> str:
    found = re.search(r'class="digits">(\d{3}) (\d{3})<', person.page)
    assert found, "no PIN is shown"
    return found[1] + found[2]


# ---------------------------------------------------------------------------------------------------------- sign-in


def test_tiles_show_numbers_until_somebody_opens_the_desk_and_names_afterwards(app: Flask, stranger: Person) -> None:
    stranger.look("/sign-in")
    assert "1番" in stranger.page
    assert "さくら" not in stranger.page
    Person(app.test_client()).sign_in()
    stranger.look("/sign-in")
    assert "さくら" in stranger.page
    assert stranger.page.count('type="radio"') == 3


@pytest.mark.parametrize("permission", EVERYBODY)
def test_a_tapped_tile_and_its_pin_lead_in(stranger: Person, permission: Permission) -> None:
    assert stranger.sign_in_as(permission).request.path == "/"


def test_a_pin_alone_is_meant_for_the_first_volunteer_and_then_for_whoever_was_here(stranger: Person) -> None:
    assert stranger.sign_in(PIN).request.path == "/"
    stranger.press("/sign-out")
    stranger.sign_in_as(Permission.ICT_SUPPORT)
    stranger.press("/sign-out")
    assert stranger.sign_in(PIN).status_code == 422
    assert stranger.sign_in(ICT_SUPPORT_PIN).request.path == "/"


def test_the_tile_that_a_pin_alone_is_meant_for_is_chosen_on_the_page(stranger: Person) -> None:
    stranger.look("/sign-in")
    assert re.search(r'value="1" checked', stranger.page)
    stranger.sign_in_as(Permission.FACILITY_STAFF)
    stranger.press("/sign-out")
    stranger.look("/sign-in")
    assert re.findall(r'name="person" value="(\d)" checked', stranger.page) == ["2"]


def test_a_wrong_pin_says_how_many_tries_are_left_and_who_can_help(stranger: Person) -> None:
    stranger.look("/sign-in")
    assert stranger.press("/sign-in", person="1", pin=WRONG).status_code == 422
    assert "あと 4回" in stranger.page
    assert "館の職員に 暗証番号の 再設定を たのんでください" in stranger.page
    stranger.press("/sign-in", person="2", pin=WRONG)
    assert "ICT支援員に 暗証番号の 再設定を たのんでください" in stranger.page
    assert WRONG not in stranger.page


def test_a_locked_volunteer_is_told_and_the_button_in_the_hall_still_works(world: FakeWorld, stranger: Person) -> None:
    stranger.look("/sign-in")
    for _ in range(5):
        response = stranger.press("/sign-in", pin=WRONG)
    assert response.status_code == 403
    assert "館の職員に 暗証番号の 再設定を たのんでください" in stranger.page
    assert stranger.press("/sign-in", pin=PIN).status_code == 403
    stranger.look("/hardware")
    assert stranger.press("/hardware/press/1").status_code == 200
    assert len(world.desk.board.snapshot.floor.calls) == 1


@pytest.mark.parametrize("number", ["9", "x", "１", "-1", "1" * 500, "0"])
def test_a_tile_that_is_not_there_is_told_so(stranger: Person, number: str) -> None:
    stranger.look("/sign-in")
    assert stranger.press("/sign-in", person=number, pin=PIN).status_code == 404
    assert "名簿に ありません" in stranger.page


@pytest.mark.parametrize("pin", ["", "12", "abc", "1" * 60_000])
def test_what_is_no_pin_is_asked_again_without_counting(stranger: Person, pin: str) -> None:
    stranger.look("/sign-in")
    for _ in range(6):
        assert stranger.press("/sign-in", pin=pin).status_code == 422
    assert "6けたの 数字" in stranger.page
    assert stranger.press("/sign-in", pin=PIN).request.path == "/"


def test_the_pin_field_is_for_a_keypad_and_no_browser_keeps_it(stranger: Person) -> None:
    stranger.look("/sign-in")
    field = re.search(r'<input type="password"[^>]*id="pin"[^>]*>', stranger.page)
    assert field
    assert 'inputmode="numeric"' in field[0]
    assert 'autocomplete="off"' in field[0]


def test_an_ended_appointment_is_told_in_words() -> None:
    person = Person(app_of(build_world(roster=[a_person(until=date(2026, 11, 19))])).test_client())
    assert person.sign_in().status_code == 403
    assert "委嘱の 期間が おわっている" in person.page


def test_after_half_an_hour_the_pin_is_asked_and_what_was_typed_comes_back(world: FakeWorld, volunteer: Person) -> None:
    visit = world.desk.consultations.walk_in()
    volunteer.look(f"/visits/{visit.id}/log")
    world.clock.advance(minutes=31)
    response = volunteer.press(f"/visits/{visit.id}/log", topics="phone", memo="長い話")
    assert response.status_code == 403
    assert "長い話" in volunteer.page
    assert world.desk.board.snapshot.attended
    assert volunteer.look("/").location == "/sign-in"
    assert volunteer.sign_in().request.path == "/"


def test_an_open_stream_keeps_nobody_signed_in(world: FakeWorld, volunteer: Person) -> None:
    world.clock.advance(minutes=29)
    volunteer.client.get("/events").close()
    world.clock.advance(minutes=2)
    assert volunteer.client.get("/events").status_code == 403


def test_a_restart_ends_every_sign_in(world: FakeWorld, volunteer: Person) -> None:
    cookie = volunteer.client.get_cookie("madoguchi")
    assert cookie
    after = app_of(build_world(storage=world.storage, clock=world.clock)).test_client()
    after.set_cookie("madoguchi", cookie.value)
    assert after.get("/").location == "/sign-in"


# ------------------------------------------------------------------------------------------- ICT support elsewhere


def test_ict_support_at_a_tablet_types_the_code_that_only_the_screen_shows(app: Flask, stranger: Person) -> None:
    person = tablet(app)
    assert person.sign_in_as(Permission.ICT_SUPPORT).status_code == 403
    assert "箱の画面に出ている 6けたの数字も いります" in person.page
    assert '<details id="elsewhere" open>' in person.page
    assert person.look("/presence-code").status_code == 403
    stranger.look("/presence-code")
    code = shown_pin(stranger)
    person.look("/sign-in")
    assert person.press("/sign-in", person="3", pin=ICT_SUPPORT_PIN, code=code).request.path == "/"


def test_others_need_no_code_at_a_tablet(app: Flask) -> None:
    for permission in (Permission.VOLUNTEER, Permission.FACILITY_STAFF):
        assert tablet(app).sign_in_as(permission).request.path == "/"


# ---------------------------------------------------------------------------------------------------- first set-up


def test_an_empty_roster_leads_to_the_first_set_up_and_in(empty: FakeWorld) -> None:
    person = Person(app_of(empty).test_client())
    assert person.look("/").location == "/sign-in"
    assert person.look("/sign-in").location == "/set-up"
    person.look("/set-up")
    assert 'name="code"' not in person.page
    for pin, again, words in (
        ("123456", "123456", "すぐに 当てられて"),
        ("482913", "482914", "ふたつの番号が ちがいます"),
        ("4829", "4829", "6けたの 数字です"),
    ):
        assert person.press("/set-up", name="すぎ", pin=pin, again=again).status_code == 422
        assert words in person.page
        assert "すぎ" in person.page
    assert person.press("/set-up", name="杉", pin=PIN, again=PIN).status_code == 422
    assert "よび名は ひらがな" in person.page
    assert person.press("/set-up", name="すぎ", pin=PIN, again=PIN).request.path == "/"
    assert [one.permission for one in empty.desk.roster.members()] == [Permission.ICT_SUPPORT]


def test_the_first_set_up_from_a_tablet_needs_the_code(empty: FakeWorld) -> None:
    app = app_of(empty)
    person, screen = tablet(app), Person(app.test_client())
    person.look("/set-up")
    assert person.press("/set-up", name="すぎ", pin=PIN, again=PIN).status_code == 403
    assert empty.desk.roster.is_empty
    screen.look("/presence-code")
    code = shown_pin(screen)
    assert person.press("/set-up", name="すぎ", pin=PIN, again=PIN, code=code).request.path == "/"


def test_nobody_sets_up_twice(world: FakeWorld, stranger: Person) -> None:
    assert stranger.look("/set-up").location == "/sign-in"
    stranger.look("/sign-in")
    assert stranger.press("/set-up", name="すぎ", pin=PIN, again=PIN).request.path == "/sign-in"
    assert len(world.desk.roster.members()) == 3


# ------------------------------------------------------------------------------------------------------ the roster


@pytest.mark.parametrize("permission", EVERYBODY)
def test_each_address_of_the_roster_answers_whom_it_is_for(
    world: FakeWorld, app: Flask, permission: Permission
) -> None:
    person = Person(app.test_client())
    person.sign_in_as(permission)
    volunteer = member(world, 1).id
    helpers = permission is not Permission.VOLUNTEER
    support = permission is Permission.ICT_SUPPORT
    for path, may in (
        ("/people", helpers),
        (f"/people/{volunteer}/pin", helpers),
        ("/people/new", support),
        (f"/people/{volunteer}", support),
    ):
        assert person.look(path).status_code == (200 if may else 403), path
        if not may:
            assert "使うところです" in person.page
    person.look("/")
    for path, may in (
        (f"/people/{volunteer}/pin", helpers),
        ("/people/new", support),
        (f"/people/{volunteer}", support),
    ):
        response = person.press(path, **FORM)
        assert response.status_code == (200 if may else 403), path
        person.look("/")


@pytest.mark.parametrize("number", [2, 3])
def test_facility_staff_give_a_new_pin_neither_to_each_other_nor_to_one_of_several_ict_support(
    world: FakeWorld, support: Person, facility: Person, number: int
) -> None:
    support.look("/people/new")
    support.press("/people/new", **(FORM | {"permission": "ict_support"}))
    whose = member(world, number).id
    facility.look("/people")
    assert f"/people/{whose}/pin" not in facility.page
    assert facility.look(f"/people/{whose}/pin").status_code == 403
    facility.look("/")
    assert facility.press(f"/people/{whose}/pin").status_code == 403
    assert "ICT支援員" in facility.page


def test_the_only_ict_support_is_helped_by_facility_staff_and_is_told_so(
    world: FakeWorld, app: Flask, facility: Person
) -> None:
    forgetful = Person(app.test_client())
    forgetful.look("/sign-in")
    forgetful.press("/sign-in", person="3", pin=WRONG)
    assert "館の職員に 暗証番号の 再設定を たのんでください" in forgetful.page
    path = f"/people/{member(world, 3).id}/pin"
    facility.look("/people")
    assert path in facility.page
    facility.look(path)
    facility.press(path)
    pin = shown_pin(facility)
    forgetful.look("/sign-in")
    assert forgetful.press("/sign-in", person="3", pin=pin).request.path == "/"
    assert "さくら" in forgetful.look("/people").text


def test_whom_nobody_can_help_is_led_to_whoever_keeps_the_box() -> None:
    person = Person(app_of(build_world(roster=[a_person(Permission.ICT_SUPPORT)])).test_client())
    person.look("/sign-in")
    answers = [person.press("/sign-in", pin=WRONG) for _ in range(5)]
    assert "箱を あずかる 役場の係に 暗証番号の 再設定を" in answers[0].text
    assert "箱を あずかる 役場の係に 再設定を" in answers[4].text


@pytest.mark.parametrize("path", ["/people/new", "/people/{person}", "/people/{person}/pin", "/sign-in", "/set-up"])
def test_a_form_from_elsewhere_is_refused(world: FakeWorld, support: Person, path: str) -> None:
    before = world.desk.roster.members()
    address = path.format(person=member(world, 1).id)
    assert support.client.post(address, data={**FORM, "csrf": "0" * 64}).status_code == 403
    assert world.desk.roster.members() == before


def test_a_program_sees_no_roster(client: FlaskClient) -> None:
    assert client.get("/people", headers=PROGRAM).location == "/sign-in"
    assert client.post("/people/new", headers=PROGRAM).status_code == 403


def test_a_new_pin_is_shown_once_and_works(world: FakeWorld, app: Flask, facility: Person) -> None:
    path = f"/people/{member(world, 1).id}/pin"
    locked = Person(app.test_client())
    locked.look("/sign-in")
    for _ in range(5):
        locked.press("/sign-in", pin=WRONG)
    facility.look("/people")
    assert "止まっています" in facility.page
    facility.look(path)
    entries = {"csrf": facility.hidden("csrf"), "once": facility.hidden("once")}
    facility.press(path)
    pin = shown_pin(facility)
    again = facility.client.post(path, data=entries)
    assert again.status_code == 409
    assert pin not in again.text
    assert "いちどしか 出ません" in again.text
    assert locked.sign_in(pin).request.path == "/"
    facility.look("/people")
    assert "止まっています" not in facility.page
    assert pin[:3] + " " + pin[3:] not in facility.page


def test_ict_support_adds_changes_and_lets_somebody_rest(world: FakeWorld, support: Person) -> None:
    support.look("/people/new")
    support.press("/people/new", **FORM)
    pin = shown_pin(support)
    assert "うめ さん" in support.page
    new = member(world, 4)
    assert new.appointments == {StaffRole.PROMOTION_VOLUNTEER, StaffRole.INSTRUCTOR}
    assert (new.appointed_on, new.pledged_on, new.until) == (date(2026, 4, 1), None, date(2027, 3, 31))
    support.look(f"/people/{new.id}")
    assert 'value="うめ"' in support.page
    assert 'value="2027-03-31"' in support.page
    changed = FORM | {"name": "もも", "active": "no"}
    assert support.press(f"/people/{new.id}", **changed).request.path == "/people"
    assert "もも" in support.page
    assert "お休み" in support.page
    assert Person(support.client).look("/sign-in").text.count('type="radio"') == 3
    assert pin not in support.page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "山田"}, "よび名は ひらがな"),
        ({"until": "soon"}, "委嘱満了日を 年月日で"),
        ({"until": "2026-03-31"}, "委嘱日より あとの日"),
        ({"appointed_on": "2026-02-30"}, "委嘱日を 年月日で"),
        ({"pledged_on": "x"}, "誓約日を 年月日で"),
        ({"permission": "king"}, "えらびなおしてください"),
        ({"appointments": ["king"]}, "えらびなおしてください"),
        ({"employment": ""}, "えらびなおしてください"),
    ],
)
def test_what_cannot_be_right_comes_back_with_what_was_typed(
    world: FakeWorld, support: Person, changes: dict[str, object], words: str
) -> None:
    support.look("/people/new")
    assert support.press("/people/new", **(FORM | {"name": "ももこ"} | changes)).status_code == 422
    assert words in support.page
    assert str(changes.get("name", "ももこ")) in support.page
    assert len(world.desk.roster.members()) == 3


def test_the_last_ict_support_cannot_be_sent_home(world: FakeWorld, support: Person) -> None:
    path = f"/people/{member(world, 3).id}"
    support.look(path)
    assert support.press(path, **(FORM | {"permission": "ict_support", "active": "no"})).status_code == 409
    assert "ひとりも いなくなる" in support.page


def test_nobody_on_the_roster_is_not_found(support: Person) -> None:
    nobody = "/people/00000000-0000-4000-8000-000000000000"
    assert support.look(nobody).status_code == 404
    assert support.look(nobody + "/pin").status_code == 404


def test_a_refused_command_is_sealed(world: FakeWorld, volunteer: Person) -> None:
    volunteer.look("/")
    before = world.storage.unsent()
    volunteer.press("/people/new")
    assert world.storage.unsent() == before + 1


def test_only_those_who_may_see_the_way_to_the_roster(volunteer: Person, facility: Person) -> None:
    assert 'href="/people"' not in volunteer.look("/").text
    assert 'href="/people"' in facility.look("/").text


@pytest.mark.parametrize("permission", EVERYBODY)
def test_everybody_answers_calls(world: FakeWorld, app: Flask, permission: Permission) -> None:
    person = Person(app.test_client())
    person.sign_in_as(permission)
    call = world.desk.calls.pressed(1, source=CallSource.BUTTON)
    person.look("/")
    assert person.press(f"/calls/{call.id}/answer").status_code == 200
    assert len(KEYS) == 3
