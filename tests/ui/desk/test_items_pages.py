"""The pages of the four items over simulated cards: what is asked, what goes to a card, what is shown and what not."""

import logging
import re
import threading
from collections.abc import Iterator

import pytest
from flask import Flask

from appliance.desk.facts.card import FourItems, ReaderStatus
from appliance.desk.reception.card_items import KEPT
from drivers.card.samples import HANAKO, MARIA
from tests.drivers.card.stands import Stand, hanako, maria, memory_stand
from tests.fakes import FakeWorld
from tests.readable import ReadableReader
from tests.ui.desk.test_events import Stream
from tests.ui.people import Person
from ui.desk.items_view import birth_words, rows_of, time_left

FACE = {"born": HANAKO.born[2:], "expires": HANAKO.expires, "security_code": HANAKO.code}
WRONG_FACE = {"born": "480216", "expires": "2030", "security_code": "6042"}
WRONG_PIN = "9753"
HERS = (HANAKO.name, HANAKO.address, "1948年（昭和23年）2月15日")
LAN = "192.168.11.20"


@pytest.fixture
def stand(world: FakeWorld) -> Iterator[Stand]:
    with memory_stand() as stand:
        world.desk.cards.connect(stand.reader)
        yield stand


@pytest.fixture
def agreed(stand: Stand, volunteer: Person) -> Person:
    """Her card lies there, and she has said yes."""
    stand.lay_down(hanako())
    stand.visit()
    agree(volunteer)
    return volunteer


@pytest.fixture
def read(agreed: Person) -> Person:
    """It has been read."""
    agreed.press("/card/items/number-b", **FACE)
    return agreed


def agree(person: Person) -> None:
    person.look("/card/items")
    person.press("/card/items")


def at_the_pin(person: Person) -> Person:
    person.look("/card/items/pin")
    return person


def fields(person: Person) -> set[str]:
    """What can be typed or ticked on the page that is open."""
    return set(re.findall(r'<input type="(?!hidden)[a-z]+"[^>]* name="(\w+)"', person.page))


def shows(person: Person) -> bool:
    """Whether anything of hers is on the page."""
    return any(one in person.page for one in HERS)


# --------------------------------------------------------------------------------------------------- notice and yes


def test_before_anything_is_read_it_is_said_what_why_and_for_how_long_and_asked(volunteer: Person) -> None:
    assert volunteer.look("/card/items").status_code == 200
    for words in (
        "利用目的の お知らせ",
        "名前、住所、うまれた日、性別",
        "マイナンバー（個人番号）と 顔写真は 読みません",
        "10分 たったとき",
        "箱に 保存しません",
        "読み取ってよいですか",
        "つきそいの方",
        "ご本人に たしかめて",
        "「いいえ」でも 相談は つづけられます",
    ):
        assert words in volunteer.page
    for word in ("同意書", "有効性確認", "本人確認", "まいります"):
        assert word not in volunteer.page
    assert fields(volunteer) == set()


def test_without_a_yes_no_number_is_asked_for(stand: Stand, volunteer: Person) -> None:
    stand.lay_down(hanako())
    stand.visit()
    for path in ("/card/items/number-b", "/card/items/pin"):
        assert volunteer.look(path).status_code == 409
        assert fields(volunteer) == set()
    assert volunteer.look("/card/items/read").headers["Location"] == "/card/items/gone"
    volunteer.look("/card/items")
    assert volunteer.press("/card/items/number-b", once="x", **FACE).status_code == 409
    assert "ご本人に もう一度 聞いてから" in volunteer.page
    assert stand.verifies == 0


@pytest.mark.parametrize(
    ("card", "status", "words"),
    [("phone", 409, "このカードでは できません"), ("transport", 409, "このカードでは できません")],
)
def test_a_yes_to_another_sort_of_card_is_refused_in_words(
    stand: Stand, volunteer: Person, card: str, status: int, words: str
) -> None:
    stand.lay_down_sample(card)
    stand.visit()
    volunteer.look("/card/items")
    assert volunteer.press("/card/items").status_code == status
    assert words in volunteer.page
    assert "読み取ってよいですか" in volunteer.page


def test_a_yes_without_a_card_or_a_reader_says_what_is_missing(world: FakeWorld, volunteer: Person) -> None:
    volunteer.look("/card/items")
    assert volunteer.press("/card/items").status_code == 409
    assert "カードが ありません" in volunteer.page
    world.cards.breaks(ReaderStatus.NO_READER)
    assert volunteer.press("/card/items").status_code == 503
    assert "読み取り装置が 使えません" in volunteer.page


# ------------------------------------------------------------------------------------------------------ to the items


def test_the_numbers_of_the_face_are_asked_for_first_and_open_them(stand: Stand, agreed: Person) -> None:
    assert fields(agreed) == set(FACE)
    assert 'href="/card/items/pin"' in agreed.page
    response = agreed.press("/card/items/number-b", **FACE)
    assert (response.status_code, response.request.path) == (200, "/card/items/read")
    for words in (*HERS, "女", "消えます"):
        assert words in agreed.page
    assert stand.verifies == 1


def test_digits_in_another_width_and_with_gaps_are_the_same_digits(stand: Stand, agreed: Person) -> None:
    agreed.press("/card/items/number-b", born="４８０２ １５", expires="2029 ", security_code="７391")
    assert HANAKO.name in agreed.page


def test_a_foreign_resident_is_shown_as_the_card_has_it(stand: Stand, volunteer: Person) -> None:
    stand.lay_down(maria())
    stand.visit()
    agree(volunteer)
    at_the_pin(volunteer).press("/card/items/pin", card_pin=MARIA.pin)
    for words in (MARIA.name, MARIA.address, "1991年（平成3年）7月9日", "男"):
        assert words in volunteer.page


def test_the_pin_is_typed_on_the_box_where_it_stays_unseen(stand: Stand, agreed: Person) -> None:
    assert fields(at_the_pin(agreed)) == {"card_pin"}
    assert 'type="password"' in agreed.page
    assert "あと 3回" in agreed.page
    agreed.press("/card/items/pin", card_pin=HANAKO.pin)
    assert HANAKO.name in agreed.page


def test_the_pin_is_refused_from_the_network_and_the_numbers_are_not(stand: Stand, agreed: Person) -> None:
    agreed.client.environ_base["REMOTE_ADDR"] = LAN
    agreed.look("/card/items/number-b")
    assert 'href="/card/items/pin"' not in agreed.page
    assert fields(at_the_pin(agreed)) == set()
    assert "箱の画面でだけ" in agreed.page
    response = agreed.press("/card/items/pin", once="x", card_pin=HANAKO.pin)
    assert response.status_code == 403
    assert not shows(agreed)
    assert stand.verifies == 0
    agreed.look("/card/items/number-b")
    agreed.press("/card/items/number-b", **FACE)
    assert HANAKO.name in agreed.page


# ---------------------------------------------------------------------------------------------------- what is wrong


SLIPS = (
    ("number-b", {"born": "481315"}),
    ("number-b", {"born": "480232"}),
    ("number-b", {"born": "19480215"}),
    ("number-b", {"born": ""}),
    ("number-b", {"expires": "1929"}),
    ("number-b", {"expires": "29"}),
    ("number-b", {"security_code": "739"}),
    ("number-b", {"security_code": "739A"}),
    ("pin", {"card_pin": "246"}),
    ("pin", {"card_pin": "24681"}),
    ("pin", {"card_pin": "ABCD"}),
)


def test_a_slip_of_the_finger_is_said_at_its_field_and_costs_no_try(stand: Stand, agreed: Person) -> None:
    for path, typed in SLIPS:
        agreed.look(f"/card/items/{path}")
        response = agreed.press(f"/card/items/{path}", **((FACE if path == "number-b" else {}) | typed))
        assert response.status_code == 422, typed
        ((name, words),) = re.findall(r'class="error" id="(\w+)-error">(.*?)</p>', agreed.page, re.DOTALL)
        assert [name] == list(typed)
        assert "送っていません" in words
        for digits in (*FACE.values(), *filter(None, typed.values())):
            assert f'value="{digits}"' not in agreed.page
    assert stand.verifies == 0


def test_a_wrong_number_is_told_with_its_tries_and_never_comes_back(stand: Stand, agreed: Person) -> None:
    assert agreed.press("/card/items/number-b", **WRONG_FACE).status_code == 422
    assert "番号が ちがいます。あと 9回" in agreed.page
    assert not any(digits in agreed.page for digits in WRONG_FACE.values())
    assert at_the_pin(agreed).press("/card/items/pin", card_pin=WRONG_PIN).status_code == 422
    assert "番号が ちがいます。あと 2回" in agreed.page
    assert WRONG_PIN not in agreed.page
    assert stand.verifies == 2


def test_the_last_try_is_asked_about_before_it_is_used(stand: Stand, volunteer: Person) -> None:
    stand.lay_down_sample("one_try")
    stand.visit()
    agree(volunteer)
    assert fields(at_the_pin(volunteer)) == {"card_pin", "last_try"}
    assert "あと 1回 まちがえると、この番号は 止まり、町役場で" in volunteer.page
    assert volunteer.press("/card/items/pin", card_pin=HANAKO.pin).status_code == 422
    assert "まだ カードに 送っていません" in volunteer.page
    assert stand.verifies == 0
    volunteer.press("/card/items/pin", card_pin=HANAKO.pin, last_try="yes")
    assert HANAKO.name in volunteer.page
    assert stand.verifies == 1


def test_a_locked_pin_is_not_asked_for_and_the_numbers_still_open_the_card(stand: Stand, volunteer: Person) -> None:
    stand.lay_down_sample("locked")
    stand.visit()
    agree(volunteer)
    assert fields(at_the_pin(volunteer)) == set()
    assert "町役場の窓口で なおせます" in volunteer.page
    assert volunteer.press("/card/items/pin", once="x", card_pin=HANAKO.pin, last_try="yes").status_code == 422
    assert stand.verifies == 0
    volunteer.look("/card/items/number-b")
    volunteer.press("/card/items/number-b", **FACE)
    assert HANAKO.name in volunteer.page


def test_the_third_wrong_one_locks_and_is_said_so_once(stand: Stand, agreed: Person) -> None:
    for last in ({}, {}, {"last_try": "yes"}):
        at_the_pin(agreed).press("/card/items/pin", card_pin=WRONG_PIN, **last)
    assert agreed.page.count("町役場の窓口で なおせます") == 1
    assert fields(agreed) == set()
    assert stand.verifies == 3


def test_a_form_sent_twice_reaches_the_card_once(stand: Stand, agreed: Person) -> None:
    typed = {"csrf": agreed.hidden("csrf"), "once": agreed.hidden("once"), **WRONG_FACE}
    first, second = (agreed.client.post("/card/items/number-b", data=typed) for _ in range(2))
    assert (first.status_code, second.status_code) == (422, 422)
    assert "あと 9回" in second.text
    assert stand.verifies == 1


def test_a_form_sent_again_after_it_opened_the_card_shows_the_same(stand: Stand, agreed: Person) -> None:
    typed = {"csrf": agreed.hidden("csrf"), "once": agreed.hidden("once"), **FACE}
    for _ in range(2):
        assert HANAKO.name in agreed.client.post("/card/items/number-b", data=typed, follow_redirects=True).text
    assert stand.verifies == 1


def test_a_card_lifted_while_it_was_typed_ends_it(stand: Stand, agreed: Person) -> None:
    stand.lift_and_see()
    assert agreed.press("/card/items/number-b", **FACE).status_code == 409
    assert "四つの項目は 読んでいません" in agreed.page
    assert 'href="/card/items"' in agreed.page
    assert fields(agreed) == set()
    agreed.look("/card/items")
    assert agreed.press("/card/items/number-b", once="y", born="").status_code == 422


def test_the_next_card_is_not_read_on_the_yes_of_the_one_before(stand: Stand, agreed: Person) -> None:
    stand.lift_and_see()
    stand.lay_down(maria())
    stand.until(lambda state: state.card is not None)
    agreed.press("/card/items/number-b", **FACE)
    assert "四つの項目は 読んでいません" in agreed.page
    assert stand.verifies == 0


# ------------------------------------------------------------------------------------------------------ how they go


def test_the_page_is_kept_by_no_browser_and_its_address_says_nothing(read: Person) -> None:
    response = read.look("/card/items/read")
    assert shows(read)
    assert response.headers["Cache-Control"] == "no-store"
    with read.client.session_transaction() as session:
        kept = repr(dict(session))
    for secret in (*HERS, *FACE.values(), HANAKO.pin):
        assert secret not in kept
        assert secret not in repr(response.headers)


def test_a_card_that_is_lifted_takes_them_along(stand: Stand, read: Person) -> None:
    stand.lift_and_see()
    assert read.look("/card/items/read").headers["Location"] == "/card/items/gone"
    read.look("/card/items/gone")
    assert "四つの項目は 消えました" in read.page
    assert not shows(read)


def test_the_button_erases_them(world: FakeWorld, read: Person) -> None:
    response = read.press("/card/items/erase")
    assert response.request.path == "/card/items/gone"
    assert world.desk.card_items.seconds_left == 0
    assert read.look("/card/items/read").status_code == 303


def test_time_erases_them(world: FakeWorld, read: Person) -> None:
    world.clock.advance(seconds=KEPT.total_seconds() - 61)
    assert read.look("/card/items/read").status_code == 200
    assert "あと 1分10秒で" in read.page
    assert 'data-leaves-after="61"' in read.page
    world.clock.advance(seconds=61)
    assert read.look("/card/items/read").status_code == 303
    assert read.look("/card/items").status_code == 200
    assert "読み取ってよいですか" in read.page


def test_signing_out_erases_them(world: FakeWorld, read: Person) -> None:
    read.look("/card/items/read")
    read.press("/sign-out")
    read.sign_in()
    assert read.look("/card/items/read").status_code == 303
    assert world.desk.card_items.seconds_left == 0


def test_closing_the_day_erases_them(world: FakeWorld, stand: Stand, agreed: Person) -> None:
    agreed.press("/card/items/number-b", **FACE)
    for leave in world.desk.opening.at_closing:
        leave()
    assert world.desk.card_items.seconds_left == 0


def test_another_browser_sees_nothing_and_erases_nothing(app: Flask, read: Person) -> None:
    other = Person(app.test_client())
    other.sign_in()
    assert other.look("/card/items/read").status_code == 303
    other.look("/card/items")
    other.press("/card/items/erase")
    read.look("/card/items/read")
    assert shows(read)


def test_while_they_are_there_every_way_in_leads_to_them(read: Person) -> None:
    for path in ("/card/items", "/card/items/number-b", "/card/items/pin"):
        assert read.look(path).headers["Location"] == "/card/items/read"


def test_a_box_that_reads_no_cards_has_no_such_page(world: FakeWorld, volunteer: Person) -> None:
    assert 'href="/card/items"' in volunteer.look("/").text
    world.desk.cards.checks = False
    assert 'href="/card/items"' not in volunteer.look("/").text
    for path in ("/card/items", "/card/items/pin", "/card/items/events"):
        assert volunteer.look(path).status_code == 404


def test_a_box_that_is_meant_to_have_no_reader_does_not_speak_of_it(world: FakeWorld, volunteer: Person) -> None:
    world.cards.breaks(ReaderStatus.NO_READER)
    assert 'href="/card/items"' in volunteer.look("/").text
    world.cards.breaks(ReaderStatus.ABSENT)
    assert 'href="/card/items"' not in volunteer.look("/").text


# ------------------------------------------------------------------------------------------------------- the stream


def test_the_stream_tells_how_long_and_nothing_of_hers_and_ends_with_them(
    world: FakeWorld, stand: Stand, read: Person
) -> None:
    stream = Stream(read.client.get("/card/items/events", buffered=False))
    event = stream.next()
    assert "あと 10分0秒で 消えます" in event
    assert not any(one in event for one in (*HERS, HANAKO.pin))
    threading.Timer(0.05, stand.lift).start()
    while not stream.ends():
        pass
    assert read.look("/card/items/events").status_code == 409
    stream.close()


def test_a_form_that_is_open_lets_go_of_what_was_typed_with_the_card(stand: Stand, agreed: Person) -> None:
    assert 'data-forgets-after="60"' in agreed.page
    assert 'data-then="/card/items/number-b"' in agreed.page, "it must not send the form again"
    stream = Stream(agreed.client.get("/card/items/events", buffered=False))
    stream.next()
    stand.lift_and_see()
    while not stream.ends():
        pass
    stream.close()
    assert agreed.look("/card/items/number-b").status_code == 409
    assert "カードが 離れたか" in agreed.page


def test_the_page_of_an_earlier_reading_does_not_outlive_it(read: Person) -> None:
    stream = Stream(read.client.get("/card/items/events", buffered=False))
    stream.next()
    read.look("/card/items/gone")
    read.look("/card/items/read")
    read.press("/card/items")
    while not stream.ends():
        pass
    stream.close()


# --------------------------------------------------------------------------------------------------------- no trace


def test_nothing_of_card_and_owner_is_logged_or_comes_back_whatever_happens(
    stand: Stand, agreed: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    pages = [agreed.press("/card/items/number-b", **typed).text for typed in (WRONG_FACE, WRONG_FACE | {"born": "x"})]
    by_pin = [at_the_pin(agreed).press("/card/items/pin", card_pin=typed).text for typed in (WRONG_PIN, "97531")]
    agreed.look("/card/items/number-b")
    agreed.press("/card/items/number-b", **FACE)
    assert shows(agreed)
    stand.lift_and_see()
    pages += [*by_pin, agreed.press("/card/items/erase").text]
    for typed in (*HERS, *FACE.values(), *WRONG_FACE.values(), HANAKO.pin, WRONG_PIN):
        assert typed not in caplog.text
        assert not any(typed in page for page in pages), "an example on the form is none of hers"


def test_a_fault_of_the_reader_tells_nothing_of_what_was_typed(
    world: FakeWorld, volunteer: Person, caplog: pytest.LogCaptureFixture
) -> None:
    reader = ReadableReader()
    world.desk.cards.connect(reader)

    def fail() -> None:
        raise RuntimeError(reader.sent[-1].digits)

    reader.meanwhile = fail
    reader.lay_down()
    agree(volunteer)
    once = volunteer.hidden("once")
    assert at_the_pin(volunteer).press("/card/items/pin", once=once, card_pin=WRONG_PIN).status_code == 500
    assert "RuntimeError" in caplog.text
    assert WRONG_PIN not in caplog.text + volunteer.page
    at_the_pin(volunteer).press("/card/items/pin", once=once, card_pin=WRONG_PIN)
    assert len(reader.sent) == 1, "not even then is it sent again"


# --------------------------------------------------------------------------------------------------------- in words


@pytest.mark.parametrize(
    ("born", "words"),
    [
        ("19480215", "1948年（昭和23年）2月15日"),
        ("20190430", "2019年（平成31年）4月30日"),
        ("20190501", "2019年（令和元年）5月1日"),
        ("18671201", "1867年12月1日"),
        ("19480000", "1948年（月日は カードに ありません）"),
        ("昭和23年", "昭和23年"),
        ("", ""),
    ],
)
def test_a_birth_date_is_told_by_both_calendars_as_far_as_it_is_one(born: str, words: str) -> None:
    assert birth_words(born) == words


@pytest.mark.parametrize(("sex", "words"), [("1", "男"), ("2", "女"), ("9", "その他"), ("7", "わかりません")])
def test_the_sex_is_told_as_the_card_codes_it(sex: str, words: str) -> None:
    assert rows_of(FourItems(name="", address="", born="", sex=sex))[3] == ("性別", words)


@pytest.mark.parametrize(
    ("seconds", "words"), [(600, "あと 10分0秒"), (599, "あと 10分0秒"), (61, "あと 1分10秒"), (1, "あと 0分10秒")]
)
def test_the_time_that_is_left_moves_in_steps(seconds: int, words: str) -> None:
    assert time_left(seconds).startswith(words)
