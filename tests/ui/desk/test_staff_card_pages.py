"""Taps at the sign-in, and the pages on which staff are given cards and lose them."""

import re
from collections.abc import Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance.desk.facts.card import CardKind, CardPhase, ReaderStatus
from appliance.desk.facts.security import SecurityEvent, SecurityMatter
from appliance.desk.facts.staff import Permission
from tests.fakes import ICT_SUPPORT_PIN, PIN, FakeProver, FakeSealer, FakeStorage, FakeTokens, FakeWorld, build_world
from tests.ui.people import Person
from ui.desk.app import create_desk_app

HERE = {"REMOTE_ADDR": "127.0.0.1"}
LAN = {"REMOTE_ADDR": "192.168.1.20"}
CARD = b"felica\0a decoy of a card"
KEYS = {"1-new": b"k" * 32}
WRONG = "731048"
TAP = "/sign-in/card"


@pytest.fixture
def world() -> FakeWorld:
    return with_taps(build_world())


def with_taps(world: FakeWorld) -> FakeWorld:
    world.desk.staff_cards.take_keys(KEYS)
    world.clock.advance(minutes=1)
    return world


def app_of(world: FakeWorld) -> Flask:
    return create_desk_app(
        world.desk,
        practice=world.practice,
        prover=FakeProver(),
        tokens=FakeTokens(),
        secret_key=b"secret key of a test",
    )


def somebody(app: Flask, permission: Permission | None = None, *, place: Mapping[str, str] = HERE) -> Person:
    client = app.test_client()
    client.environ_base.update(place)
    person = Person(client)
    if permission is not None:
        person.sign_in_as(permission)
    return person


def lay_down(world: FakeWorld, name: bytes | None = CARD, kind: CardKind = CardKind.OTHER) -> None:
    world.cards.lift()
    world.clock.advance(seconds=3)
    world.cards.put(kind, name=name)


def sakura(world: FakeWorld) -> str:
    return str(world.desk.roster.members()[0].id)


def give(world: FakeWorld, app: Flask) -> None:
    """The volunteer is given the card, which is lifted again."""
    support = somebody(app, Permission.ICT_SUPPORT)
    lay_down(world)
    support.look(f"/people/{sakura(world)}/card")
    assert support.press(f"/people/{sakura(world)}/card").request.path == "/people"
    world.cards.lift()


def tap(world: FakeWorld, person: Person) -> int:
    """She lays the card down on the open sign-in page and presses the button, as without scripts."""
    person.look("/sign-in")
    lay_down(world)
    person.look("/sign-in")
    return person.press(TAP).status_code


# ------------------------------------------------------------------------------------------------------------ tapping


def test_the_first_tap_asks_for_the_pin_of_whose_card_it_is_and_the_second_one_signs_in(
    world: FakeWorld, app: Flask, stranger: Person
) -> None:
    give(world, app)
    assert tap(world, stranger) == 200
    assert "さくら さんの 暗証番号を 入れてください" in stranger.page
    assert stranger.hidden("person") == "1"
    assert "つぎからは カードだけで" in stranger.page
    assert stranger.press("/sign-in", person=1, pin=PIN).request.path == "/"
    stranger.press("/sign-out")
    assert "カードが 置いたままです" in stranger.page
    assert stranger.press(TAP).status_code == 409
    assert tap(world, stranger) == 200
    assert stranger.look("/").status_code == 200, "she is signed in"


def test_whoever_may_do_more_is_told_that_the_pin_is_always_needed(
    world: FakeWorld, app: Flask, stranger: Person
) -> None:
    support = somebody(app, Permission.ICT_SUPPORT)
    lay_down(world)
    support.look("/own-card")
    assert support.press("/own-card", pin=ICT_SUPPORT_PIN).status_code == 200
    assert "カードを 登録しました" in support.page
    assert tap(world, stranger) == 200
    assert "いつも 暗証番号も 入れます" in stranger.page


@pytest.mark.parametrize(
    ("name", "kind", "status", "words"),
    [
        (CARD, CardKind.OTHER, 403, "登録されていません"),
        (None, CardKind.OTHER, 409, "マイナンバーカードと スマホは 使えません"),
        (None, CardKind.MY_NUMBER, 409, "マイナンバーカードと スマホは 使えません"),
        (None, CardKind.PHONE, 409, "マイナンバーカードと スマホは 使えません"),
    ],
)
def test_other_cards_are_refused_in_words_and_the_pin_still_works(
    world: FakeWorld, stranger: Person, name: bytes | None, kind: CardKind, status: int, words: str
) -> None:
    stranger.look("/sign-in")
    lay_down(world, name, kind)
    assert stranger.press(TAP).status_code == status
    assert words in stranger.page
    assert stranger.press("/sign-in", person=1, pin=PIN).request.path == "/"


def test_the_page_says_how_the_reader_stands(world: FakeWorld, stranger: Person) -> None:
    for words, happens in (
        ("係の カードを 置くと", world.cards.lift),
        ("カードを 読んでいます", lambda: world.cards.put(phase=CardPhase.CHECKING)),
        ("カードを 読めませんでした", lambda: world.cards.put(phase=CardPhase.TOGETHER)),
        ("カードが 置かれました", lambda: lay_down(world)),
        ("カードが 置いたままです", lambda: world.clock.advance(minutes=2)),
        ("いま、カードの読み取り装置が 使えません", lambda: world.cards.breaks(ReaderStatus.NO_READER)),
    ):
        happens()
        stranger.look("/sign-in")
        assert words in stranger.page
        assert ("data-sends" in stranger.page) == ("置かれました" in words)


def test_a_tablet_is_offered_no_tap_and_cannot_take_one(world: FakeWorld, app: Flask) -> None:
    give(world, app)
    tablet = somebody(app, place=LAN)
    tablet.look("/sign-in")
    assert TAP not in tablet.page
    assert "/sign-in/events" not in tablet.page
    lay_down(world)
    asked = world.cards.asked
    assert tablet.press(TAP).status_code == 409
    assert tablet.client.get("/sign-in/events").status_code == 403
    assert world.cards.asked == asked
    assert tablet.look("/").status_code == 303, "nobody is signed in there"


def test_the_stream_tells_the_sign_in_page_of_a_card_and_nothing_about_it(
    world: FakeWorld, client: FlaskClient
) -> None:
    lay_down(world)
    response = client.get("/sign-in/events", buffered=False)
    told = ""
    for chunk in response.response:
        told += chunk.decode() if isinstance(chunk, bytes) else chunk
        if 'id="tap"' in told:
            break
    response.close()
    assert 'data-sends="tap-form"' in told
    assert "csrf" not in told
    assert world.cards.asked == 0, "nobody asks a card who it is before somebody wants to sign in"


def test_taps_are_counted_as_tries_to_sign_in(world: FakeWorld, stranger: Person) -> None:
    stranger.look("/sign-in")
    answers = [stranger.client.post(TAP, data={"csrf": stranger.hidden("csrf")}).status_code for _ in range(22)]
    assert answers[0] == 409
    assert answers[-1] == 429
    assert world.cards.asked == 0


def test_without_a_reader_nothing_speaks_of_cards(world: FakeWorld, app: Flask) -> None:
    world.cards.breaks(ReaderStatus.ABSENT)
    person = somebody(app)
    person.look("/sign-in")
    assert "カード" not in person.page
    support = somebody(app, Permission.ICT_SUPPORT)
    assert "/own-card" not in support.look("/").text
    assert "カード" not in support.look("/people").text
    assert 'name="pin"' not in support.look("/own-card").text


def test_in_a_library_no_page_offers_cards_and_no_card_is_asked() -> None:
    world = with_taps(build_world(patrons_have_cards=True))
    app = app_of(world)
    person = somebody(app)
    person.look("/sign-in")
    assert "カード" not in person.page
    lay_down(world)
    assert person.press(TAP).status_code == 409
    assert person.client.get("/sign-in/events").status_code == 403
    support = somebody(app, Permission.ICT_SUPPORT)
    assert "利用者カードと 見分けられない" in support.look("/people").text
    assert "/card" not in support.page
    support.look(f"/people/{sakura(world)}/card")
    assert support.press(f"/people/{sakura(world)}/card").status_code == 409
    assert 'name="pin"' not in support.look("/own-card").text
    support.look("/")
    assert support.press("/own-card", pin=PIN).status_code == 409
    assert world.cards.asked == 0


# ----------------------------------------------------------------------------------------------- giving and taking away


def test_facility_staff_gives_a_card_and_takes_it_away_at_one_press(world: FakeWorld, app: Flask) -> None:
    facility = somebody(app, Permission.FACILITY_STAFF)
    facility.look("/people")
    assert "カードあり" not in facility.page
    assert f'href="/people/{sakura(world)}/card"' in facility.page
    facility.look(f"/people/{sakura(world)}/card")
    assert facility.press(f"/people/{sakura(world)}/card").status_code == 409, "no card lies there"
    assert "カードが ありません" in facility.page
    lay_down(world)
    assert facility.press(f"/people/{sakura(world)}/card").request.path == "/people"
    assert "カードあり" in facility.page
    assert facility.press(f"/people/{sakura(world)}/card/revoke").request.path == "/people"
    assert "カードあり" not in facility.page
    assert not world.desk.staff_cards.has_card(world.desk.roster.members()[0].id)
    assert isinstance(world.sealer, FakeSealer)
    events = [fact.matter for fact in world.sealer.sealed if isinstance(fact, SecurityEvent)]
    assert events[-2:] == [SecurityMatter.CARD_ENROLLED, SecurityMatter.CARD_REVOKED]


def test_facility_staff_gives_its_own_kind_no_card_but_stops_a_lost_one(world: FakeWorld, app: Flask) -> None:
    kaede = world.desk.roster.members()[1]
    support = somebody(app, Permission.ICT_SUPPORT)
    lay_down(world)
    support.look(f"/people/{kaede.id}/card")
    support.press(f"/people/{kaede.id}/card")
    facility = somebody(app, Permission.FACILITY_STAFF)
    facility.look("/people")
    assert f'href="/people/{kaede.id}/card"' not in facility.page
    assert facility.look(f"/people/{kaede.id}/card").status_code == 403
    facility.look("/people")
    assert facility.press(f"/people/{kaede.id}/card").status_code == 403
    facility.look("/people")
    assert facility.press(f"/people/{kaede.id}/card/revoke").request.path == "/people"
    assert not world.desk.staff_cards.has_card(kaede.id)


def test_everybody_gives_herself_a_card_by_her_pin_and_stops_it_without(world: FakeWorld, volunteer: Person) -> None:
    assert 'href="/own-card"' in volunteer.look("/").text
    volunteer.look("/own-card")
    assert volunteer.press("/own-card", pin=WRONG).status_code == 409, "no card lies there, no PIN was tried"
    lay_down(world)
    assert volunteer.press("/own-card", pin=WRONG).status_code == 422
    assert "あと 4回" in volunteer.page
    assert volunteer.press("/own-card", pin="12").status_code == 422
    assert WRONG not in volunteer.page
    assert volunteer.press("/own-card", pin=PIN).status_code == 200
    assert "カードを 登録しました" in volunteer.page
    volunteer.look("/own-card")
    assert volunteer.press("/own-card/revoke").status_code == 200
    assert "カードを 止めました" in volunteer.page
    assert 'action="/own-card/revoke"' not in volunteer.page


def test_guessing_the_pin_beside_a_card_locks_as_it_does_at_the_sign_in(world: FakeWorld, volunteer: Person) -> None:
    lay_down(world)
    volunteer.look("/own-card")
    assert [volunteer.press("/own-card", pin=WRONG).status_code for _ in range(5)] == [422] * 4 + [403]
    lay_down(world)
    assert volunteer.press("/own-card", pin=PIN).status_code == 403


def test_from_a_tablet_nobody_is_given_a_card_but_a_lost_one_is_stopped(world: FakeWorld, app: Flask) -> None:
    give(world, app)
    tablet = somebody(app, Permission.FACILITY_STAFF, place=LAN)
    lay_down(world)
    tablet.look("/people")
    assert f'href="/people/{sakura(world)}/card"' not in tablet.page
    assert tablet.press(f"/people/{sakura(world)}/card").status_code == 409
    assert "箱の画面でだけ" in tablet.page
    assert 'name="pin"' not in tablet.look("/own-card").text
    tablet.look("/people")
    tablet.press(f"/people/{sakura(world)}/card/revoke")
    assert "カードあり" not in tablet.page


def test_no_page_shows_anything_of_a_card_or_of_what_stands_for_it(world: FakeWorld, app: Flask) -> None:
    give(world, app)
    assert isinstance(world.storage, FakeStorage)
    with world.storage.writing() as page:
        card = page.staff.all()[0].card
    assert card is not None
    support = somebody(app, Permission.ICT_SUPPORT)
    lay_down(world)
    person = sakura(world)
    for path in ("/", "/people", f"/people/{person}", f"/people/{person}/card", "/own-card", "/sign-in", "/day"):
        text = support.look(path).text
        assert support.page
        for secret in (card, card.partition(":")[2], CARD.decode(), CARD.hex()):
            assert secret not in text, path
        assert not re.search(r"[?&](card|token)=", text)
