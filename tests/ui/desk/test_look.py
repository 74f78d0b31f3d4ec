import io
import wave

import pytest
from flask.testing import FlaskClient

from appliance.desk.facts.call import CallSource
from tests.fakes import FakeWorld
from tests.ui.people import Person
from ui.desk.bell import RATE, bell
from ui.desk.look import COOKIE, HANDS, SIZES, SOUNDS, Look

ODD = ("", ".", "left", "left.huge.on", "<script>.large.on", "👩‍👩‍👧‍👦.𠮷.\u202e", "x" * 300, "left.large.on.more")


def set_to(person: Person, **chosen: str) -> None:
    person.look("/settings")
    person.press("/settings", **chosen)


def html_tag(person: Person, path: str) -> str:
    page = person.look(path).text
    return page[page.index("<html") : page.index(">", page.index("<html")) + 1]


def test_every_look_survives_its_cookie() -> None:
    looks = [Look(hand=hand, size=size, sound=sound) for hand in HANDS for size in SIZES for sound in SOUNDS]
    assert [Look.of_cookie(look.cookie) for look in looks] == looks


@pytest.mark.parametrize("odd", ODD)
def test_a_cookie_or_form_that_nobody_wrote_is_as_usual_where_it_is_wrong(odd: str) -> None:
    look = Look.of_cookie(odd)
    assert (look.hand in HANDS, look.size in SIZES, look.sound in SOUNDS) == (True, True, True)
    assert Look.of({"hand": odd, "size": odd, "sound": odd}) == Look(hand="left" if odd == "left" else "right")


def test_every_page_follows_what_this_browser_is_set_to(world: FakeWorld, volunteer: Person) -> None:
    visit = world.desk.consultations.walk_in()
    paths = ("/", "/settings", "/fraud", "/telephone", f"/visits/{visit.id}/log", "/day", "/sign-in", "/card")
    assert {html_tag(volunteer, path) for path in paths} == {'<html lang="ja">'}
    set_to(volunteer, hand="left", size="largest", sound="on")
    assert {html_tag(volunteer, path) for path in paths} == {'<html lang="ja" data-hand="left" data-size="largest">'}


def test_the_settings_show_what_is_set(volunteer: Person) -> None:
    set_to(volunteer, hand="left", size="large", sound="on")
    for value in ("left", "large", "on"):
        assert f'value="{value}" checked' in volunteer.page


def test_another_browser_is_not_touched(app_client: FlaskClient, volunteer: Person) -> None:
    other = Person(app_client)
    other.sign_in()
    set_to(volunteer, size="largest")
    assert html_tag(other, "/") == '<html lang="ja">'


@pytest.fixture
def app_client(volunteer: Person) -> FlaskClient:
    return volunteer.client.application.test_client()


def test_the_cookie_says_nothing_of_a_person_and_is_kept_from_scripts(volunteer: Person) -> None:
    volunteer.look("/settings")
    answer = volunteer.client.post("/settings", data={"csrf": volunteer.hidden("csrf"), "hand": "left", "name": "花子"})
    header = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith(COOKIE))
    assert header.startswith(f"{COOKIE}=left.usual.off;")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(header.split("; "))


def test_the_look_outlives_a_sign_in(volunteer: Person) -> None:
    set_to(volunteer, size="large")
    volunteer.look("/")
    volunteer.press("/sign-out")
    assert html_tag(volunteer, "/sign-in") == '<html lang="ja" data-size="large">'


@pytest.mark.parametrize("odd", ODD)
def test_a_foreign_cookie_reaches_no_page(volunteer: Person, odd: str) -> None:
    page = volunteer.client.get("/", headers={"Cookie": f"{COOKIE}={odd}".encode().decode("latin-1")})
    assert page.status_code in (200, 303)
    assert "<script>." not in page.text
    assert "huge" not in page.text


def test_the_sound_is_only_on_pages_of_a_browser_that_wants_it(world: FakeWorld, volunteer: Person) -> None:
    visit = world.desk.consultations.walk_in()
    paths = ("/", "/fraud", "/telephone", f"/visits/{visit.id}/log")
    assert not [path for path in paths if "sound.js" in volunteer.look(path).text]
    set_to(volunteer, sound="on")
    assert not [path for path in paths if "sound.js" not in volunteer.look(path).text]


def test_a_page_beside_the_board_knows_which_calls_wait(world: FakeWorld, volunteer: Person) -> None:
    calls = [world.desk.calls.pressed(button, source=CallSource.BUTTON).id for button in (1, 2)]
    assert f'data-calls="{calls[0]} {calls[1]}"' in volunteer.look("/fraud").text


def test_the_bell_is_a_short_sound_that_can_be_played(volunteer: Person) -> None:
    answer = volunteer.client.get("/call.wav")
    assert answer.mimetype == "audio/wav"
    assert answer.data == bell()
    assert len(answer.data) < 20_000
    with wave.open(io.BytesIO(answer.data)) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (1, RATE)
        frames = sound.readframes(sound.getnframes())
    assert 0.3 < len(frames) / RATE < 1
    assert max(frames) - min(frames) > 100


@pytest.mark.parametrize("path", ["/settings", "/call.wav"])
def test_settings_are_for_people_who_are_signed_in(client: FlaskClient, path: str) -> None:
    assert client.get(path).location == "/sign-in"
