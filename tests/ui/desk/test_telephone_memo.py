from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from tests.fakes import FakeStorage, FakeWorld, build_world
from tests.ui.people import Person

ODD = "<b>\"'&  👩‍👩‍👧‍👦 髙\U000e0101 𠮷 \u202e逆 " + "名" * 300


@pytest.fixture
def world() -> FakeWorld:
    world = build_world()
    words = replace(world.desk.catalogue.words, kind="村", name=ODD, hall="村役場", telephone="00-1234-5678")
    catalogue = replace(world.desk.catalogue, words=words)
    return replace(world, desk=replace(world.desk, catalogue=catalogue))


def test_the_memo_says_number_hours_and_the_sentence_in_the_words_of_the_municipality(volunteer: Person) -> None:
    volunteer.look("/")
    assert 'href="/telephone"' in volunteer.page
    page = volunteer.look("/telephone").text
    assert "<h1>村役場への電話メモ</h1>" in page
    assert "00-1234-5678" in page
    assert "平日の 昼間" in page
    assert "中央公民館の デジタル相談の 窓口です" in page
    assert str(escape(ODD)) in page


def test_a_look_at_it_is_stored_nowhere(world: FakeWorld, volunteer: Person) -> None:
    assert isinstance(world.storage, FakeStorage)
    before = len(world.storage.tables.records)
    volunteer.look("/telephone")
    assert len(world.storage.tables.records) == before
    assert "<textarea" not in volunteer.page
    assert "<input" not in volunteer.page


def test_practice_has_the_memo_too(volunteer: Person) -> None:
    volunteer.look("/")
    volunteer.press("/practice")
    volunteer.look("/practice/telephone")
    assert "への電話メモ" in volunteer.page


def test_the_memo_is_for_people_who_are_signed_in(client: FlaskClient) -> None:
    assert client.get("/telephone").location == "/sign-in"
