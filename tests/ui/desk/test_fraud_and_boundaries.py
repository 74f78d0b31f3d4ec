import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from werkzeug.test import TestResponse

from appliance.desk.facts.call import CallSource
from appliance.desk.facts.consultation import Consultation
from tests.fakes import FakeSealer, FakeWorld
from tests.ui.people import Person

CELL = "75to84 referred"
SENTENCES = (
    "電話中なら いったん切りましょう",
    "お金・カード番号・暗証番号は 入れません",
    "消費者ホットライン 188／警察相談 #9110／振り込んだあとは 110",
)
TAX = "税金の計算や どの控除が使えるかは お答えできません（税理士法）。操作だけ お手伝いします"
ODD = (
    "<script>alert(1)</script>\"'&amp;",
    "👩‍👩‍👧‍👦🏻",
    "髙﨑\U000e0101\ue000",
    "𠮷野𩸽",
    "\u202e逆\u2066まえ\u2069",
    "名" * 300,
)


def memos(world: FakeWorld) -> list[str | None]:
    """The memos that were sealed, oldest first."""
    assert isinstance(world.sealer, FakeSealer)
    return [fact.memo for fact in world.sealer.sealed if isinstance(fact, Consultation)]


def log_of(person: Person) -> str:
    """Where the log page that is open sends its form."""
    return str(re.findall(r'action="(/visits/[^"]+/log)"', person.page)[0])


def chips(page: str) -> dict[str, bool]:
    """Each chip of the page by name and value, and whether it is tapped."""
    found = re.findall(r'<input type="(?:checkbox|radio)" name="(\w+)" value="([^"]*)"[^>]*?( checked)?>', page)
    return {f"{name}={value}": bool(checked) for name, value, checked in found}


def test_the_card_against_fraud_is_one_tap_away_and_says_its_sentences(world: FakeWorld, volunteer: Person) -> None:
    visit = world.desk.consultations.walk_in()
    volunteer.look("/")
    assert 'href="/fraud"' in volunteer.page
    for path in ("/fraud", f"/visits/{visit.id}/log"):
        volunteer.look(path)
        assert [one for one in SENTENCES if one not in volunteer.page] == [], path


@pytest.mark.parametrize("path", ["/sign-in", "/hardware", "/kiosk", "/kiosk/write", "/kiosk/point", "/kiosk?lang=en"])
def test_a_visitor_sees_nothing_of_it(stranger: Person, path: str) -> None:
    stranger.look(path)
    assert "詐欺" not in stranger.page
    assert "188" not in stranger.page


def test_whoever_comes_with_it_is_written_down_in_three_taps(world: FakeWorld, volunteer: Person) -> None:
    volunteer.look("/")
    taps: list[Callable[[], TestResponse]] = [
        lambda: volunteer.look("/fraud"),
        lambda: volunteer.press("/visits", card="fraud"),
        lambda: volunteer.press(log_of(volunteer), card="fraud", topics="fraud", cell=CELL, memo="書いた"),
    ]
    for tap in taps:
        assert tap().status_code == 200
    assert len(taps) == 3
    assert [row.topics for row in world.desk.logged_today()] == [("fraud",)]
    assert memos(world) == [None]


def test_the_log_page_of_the_card_has_its_topic_chosen_and_no_memo(world: FakeWorld, volunteer: Person) -> None:
    visit = world.desk.consultations.walk_in()
    volunteer.look("/fraud")
    link = f"/visits/{visit.id}/log?card=fraud"
    assert f'href="{link}"' in volunteer.page
    volunteer.look(link)
    assert chips(volunteer.page)["topics=fraud"]
    assert "<textarea" not in volunteer.page
    volunteer.press(f"/visits/{visit.id}/log", card="fraud", topics="fraud", cell="x")
    assert "<textarea" not in volunteer.page, "not even after a slip"


@pytest.mark.parametrize("card", ["", "tax", "fraud ", *ODD])
def test_no_other_card_opens_the_log_page_filled_in(world: FakeWorld, volunteer: Person, card: str) -> None:
    visit = world.desk.consultations.walk_in()
    page = volunteer.client.get(f"/visits/{visit.id}/log", query_string={"card": card}).text
    assert not any(chips(page)[f"topics={topic.id}"] for topic in world.desk.catalogue.topics)
    assert "<textarea" in page


def test_pressing_the_card_twice_receives_one_visitor(world: FakeWorld, volunteer: Person) -> None:
    volunteer.look("/fraud")
    entries = {name: volunteer.hidden(name) for name in ("csrf", "once", "card")}
    answers = {volunteer.client.post("/visits", data=entries).location for _ in range(2)}
    assert len(answers) == 1
    assert len(world.desk.board.snapshot.floor.visits) == 1


def test_the_card_shows_who_calls_meanwhile(world: FakeWorld, volunteer: Person) -> None:
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    volunteer.look("/fraud")
    assert "よびだし 1件" in volunteer.page


def test_practice_has_the_card_too_and_it_counts_for_nothing(world: FakeWorld, volunteer: Person) -> None:
    volunteer.look("/")
    volunteer.press("/practice")
    volunteer.look("/practice/fraud")
    assert SENTENCES[0] in volunteer.page
    volunteer.press("/practice/visits", card="fraud")
    assert chips(volunteer.page)["topics=fraud"]
    assert world.desk.board.snapshot.floor.visits == ()


def test_the_card_is_for_people_who_are_signed_in(client: FlaskClient) -> None:
    assert client.get("/fraud").location == "/sign-in"


def test_a_topic_that_the_law_leaves_to_others_says_so_beside_its_chip(world: FakeWorld, volunteer: Person) -> None:
    visit = world.desk.consultations.walk_in()
    page = volunteer.look(f"/visits/{visit.id}/log").text
    chip, sentence = page.index('value="tax_return"'), page.index(f'<p id="boundary-tax_return">{TAX}</p>')
    assert page.count("</label>", chip, sentence) == 1, "it stands right after its chip: only then CSS shows it"
    assert 'aria-describedby="boundary-tax_return"' in page
    assert "税務署を 案内した" in page


def test_one_tap_beside_the_topic_says_where_she_was_sent(world: FakeWorld, volunteer: Person) -> None:
    visit = world.desk.consultations.walk_in()
    volunteer.look(f"/visits/{visit.id}/log")
    entries = {"topics": "tax_return", "advised": "tax_return tax_office", "referred_to": ""}
    volunteer.press(f"/visits/{visit.id}/log", **entries)
    assert chips(volunteer.page)["advised=tax_return tax_office"], "it is still there after a slip"
    assert '<option value="tax_office" selected>' not in volunteer.page
    volunteer.press(f"/visits/{visit.id}/log", cell=CELL, **entries)
    assert world.desk.consultations.entry_of(world.desk.logged_today()[0].id).referred_to == "tax_office"


@pytest.mark.parametrize(
    ("entries", "referred_to"),
    [
        ({"topics": "phone", "advised": "tax_return tax_office"}, None),
        ({"topics": "tax_return", "advised": "tax_return tax_office", "referred_to": "police"}, "police"),
        ({"topics": "tax_return", "advised": "tax_return"}, None),
        ({"topics": ["fraud", "tax_return"], "advised": ["fraud consumer_hotline"]}, "consumer_hotline"),
    ],
)
def test_only_what_stands_beside_a_chosen_topic_counts_and_the_list_goes_before_it(
    world: FakeWorld, volunteer: Person, entries: dict[str, object], referred_to: str | None
) -> None:
    visit = world.desk.consultations.walk_in()
    volunteer.look(f"/visits/{visit.id}/log")
    volunteer.press(f"/visits/{visit.id}/log", cell=CELL, **entries)
    assert world.desk.consultations.entry_of(world.desk.logged_today()[0].id).referred_to == referred_to


@pytest.mark.parametrize("odd", ODD)
def test_a_memo_of_any_letters_comes_back_and_is_sealed_as_it_was_typed(
    world: FakeWorld, volunteer: Person, odd: str
) -> None:
    visit = world.desk.consultations.walk_in()
    volunteer.look(f"/visits/{visit.id}/log")
    volunteer.press(f"/visits/{visit.id}/log", memo=odd, advised=odd, cell=odd, topics=odd)
    assert "<script>alert" not in volunteer.page
    assert str(escape(odd)) in volunteer.page
    volunteer.press(f"/visits/{visit.id}/log", memo=odd, cell=CELL, topics="phone")
    assert memos(world) == [odd]


def test_the_way_back_to_a_saved_consultation_keeps_the_tap(world: FakeWorld, volunteer: Person) -> None:
    visit = world.desk.consultations.walk_in()
    volunteer.look(f"/visits/{visit.id}/log")
    volunteer.press(f"/visits/{visit.id}/log", topics="tax_return", advised="tax_return tax_office", cell=CELL)
    volunteer.look(f"/consultations/{world.desk.logged_today()[0].id}/correct")
    assert chips(volunteer.page)["advised=tax_return tax_office"]
