import re
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance.calendar_pack import calendar_of
from appliance.desk.errors import SealingFailed
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.staff import StaffRole
from tests.fakes import FakeProver, FakeTokens, FakeWorld, build_world
from tests.ui.hostile_text import MARKUP
from tests.ui.judge import Judge
from tests.ui.people import FakeHardware, Person
from ui.desk.app import create_desk_app
from ui.desk.kiosk_pages import MOST_ELSEWHERE
from ui.desk.kiosk_words import LANGUAGES
from ui.desk.people_words import name_of

ENTRY = ConsultationEntry(topics=("phone",), age_band="75to84", outcome="resolved")
BY = StaffRole.PROMOTION_VOLUNTEER
CODES = [language.code for language in LANGUAGES]
PATHS = ("/kiosk", "/kiosk/language", "/kiosk/write", "/kiosk/point")
AFTERNOONS = """
[hours]
monday = []
tuesday = ["13:00-16:00"]
wednesday = []
thursday = []
friday = []
saturday = []
sunday = []
"""


def told(page: str) -> str:
    """What the page says, without furigana and markup."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<rp>.*?</rp>|<rt>.*?</rt>|<[^>]+>", "", main))


def state(page: str) -> str:
    found = re.search(r'id="now" data-state="(\w+)"', page)
    assert found
    return found[1]


@pytest.fixture
def kiosk(app: Flask) -> Person:
    """The browser of the screen, with nobody behind it."""
    person = Person(app.test_client())
    person.look("/kiosk")
    return person


def test_nobody_there_is_told_in_the_words_of_the_voice(world: FakeWorld, kiosk: Person) -> None:
    assert state(kiosk.page) == "absent"
    assert "いま、係が いません。 おいそぎの方は カウンターへ どうぞ。" in told(kiosk.page)
    assert "まいります" not in kiosk.page
    assert "相談の よびだし" in told(kiosk.page)
    kiosk.press("/kiosk/press", lang="ja")
    assert state(kiosk.page) == "absent"
    assert "よびだしを 記録しました。" in told(kiosk.page)
    assert "まいります" not in kiosk.page
    assert [call.attended for call in world.desk.board.snapshot.floor.calls] == [False]


def test_a_press_is_heard_answered_and_over(world: FakeWorld, volunteer: Person, kiosk: Person) -> None:
    kiosk.look("/kiosk")
    assert state(kiosk.page) == "there"
    assert "いま すぐ ご案内できます。" in told(kiosk.page)
    kiosk.press("/kiosk/press", lang="ja")
    assert state(kiosk.page) == "called"
    assert "はい。係が まいります。そのまま お待ちください。" in told(kiosk.page)
    assert 'id="call-button"' not in kiosk.page
    volunteer.look("/")
    assert "来た人の画面" in volunteer.page
    [call] = world.desk.board.snapshot.floor.calls
    assert (call.source, call.attended) == (CallSource.SCREEN, True)
    world.desk.calls.answer(call.id, by=BY)
    kiosk.look("/kiosk")
    assert state(kiosk.page) == "coming"
    assert "お待たせしました。係が そちらへ まいります。" in told(kiosk.page)
    world.clock.advance(seconds=20)
    kiosk.look("/kiosk")
    assert state(kiosk.page) == "there"
    assert "少し お待ちください" in told(kiosk.page)


def test_whoever_calls_in_another_language_is_met_in_it(world: FakeWorld, volunteer: Person, kiosk: Person) -> None:
    kiosk.look("/kiosk?lang=zh")
    kiosk.press("/kiosk/press", lang="zh")
    kiosk.look("/kiosk")
    kiosk.press("/kiosk/press", lang="en")
    [call] = world.desk.board.snapshot.floor.calls
    volunteer.look("/")
    assert '<span lang="zh-Hans">中文</span>' in volunteer.page
    world.desk.calls.answer(call.id, by=BY)
    assert [visit.language for visit in world.desk.board.snapshot.floor.visits] == ["zh-Hans"]
    assert world.desk.calls.language_of(call.id) == "ja"


def test_whoever_speaks_japanese_is_nothing_to_mention(world: FakeWorld, volunteer: Person, kiosk: Person) -> None:
    kiosk.press("/kiosk/press", lang="easy")
    [call] = world.desk.board.snapshot.floor.calls
    assert world.desk.calls.language_of(call.id) == "ja"
    volunteer.look("/")
    assert '<span lang="ja">' not in volunteer.page
    world.desk.calls.cancel(call.id, by=BY)
    kiosk.look("/kiosk")
    kiosk.press("/kiosk/press", lang="vi")
    world.clock.advance(hours=2)
    world.desk.calls.expire_old()
    assert not world.desk.board.snapshot.floor.calls
    kiosk.look("/kiosk")
    kiosk.press("/kiosk/press", lang="ja")
    [call] = world.desk.board.snapshot.floor.calls
    assert world.desk.calls.language_of(call.id) == "ja"


def test_a_form_that_is_sent_twice_calls_once_even_after_the_answer(
    world: FakeWorld, volunteer: Person, kiosk: Person
) -> None:
    assert volunteer.page
    entries = {"csrf": kiosk.hidden("csrf"), "once": kiosk.hidden("once"), "lang": "ja"}
    for _ in range(2):
        assert kiosk.client.post("/kiosk/press", data=entries).status_code == 303
    [call] = world.desk.board.snapshot.floor.calls
    world.desk.calls.answer(call.id, by=BY)
    assert kiosk.client.post("/kiosk/press", data=entries).status_code == 303  # the back button
    assert not world.desk.board.snapshot.floor.calls


def test_a_reloaded_screen_calls_nobody_twice(world: FakeWorld, volunteer: Person, app: Flask) -> None:
    assert volunteer.page
    for _ in range(3):
        another = Person(app.test_client())
        another.look("/kiosk")
        another.press("/kiosk/press", lang="ja")
    assert len(world.desk.board.snapshot.floor.calls) == 1


def test_the_wait_is_a_range_and_nothing_while_nobody_can_know(
    world: FakeWorld, volunteer: Person, kiosk: Person
) -> None:
    assert volunteer.page
    desk = world.desk
    for _ in range(3):
        call = desk.calls.pressed(2, source=CallSource.BUTTON)
        desk.calls.answer(call.id, by=BY)
        world.clock.advance(minutes=12)
        kiosk.look("/kiosk")
        assert "少し お待ちください" in told(kiosk.page)
        [visit] = desk.board.snapshot.floor.visits
        desk.consultations.log(ENTRY, by=BY, visit=visit.id)
    desk.calls.pressed(2, source=CallSource.BUTTON)
    kiosk.press("/kiosk/press", lang="ja")
    assert "いま、まえに 1人 お待ちです。 およそ 10〜15分" in told(kiosk.page)
    kiosk.look("/kiosk?lang=en")
    assert "People waiting before you: 1. About 10 to 15 minutes" in told(kiosk.page)


def test_whoever_gives_no_sign_of_life_is_promised_to_nobody(
    world: FakeWorld, volunteer: Person, kiosk: Person
) -> None:
    assert volunteer.page
    world.clock.advance(minutes=6)
    world.desk.staff.fade()
    kiosk.look("/kiosk")
    assert state(kiosk.page) == "away"
    assert "係は いま 席を はなれています。 いま、係が いません。" in told(kiosk.page)
    assert "まいります" not in kiosk.page


def test_a_call_whose_helper_has_gone_promises_nothing_more(world: FakeWorld, volunteer: Person, kiosk: Person) -> None:
    assert volunteer.page
    kiosk.press("/kiosk/press", lang="ja")
    world.desk.staff.everybody_leaves()
    kiosk.look("/kiosk")
    assert state(kiosk.page) == "absent"
    assert "まいります" not in kiosk.page


def test_a_closed_desk_tells_when_it_opens_in_every_language() -> None:
    world = build_world(calendar=calendar_of(AFTERNOONS))
    kiosk = Person(app_of(world).test_client())
    opens = {
        "ja": "つぎは 11月24日、火曜日、13時からです。",
        "easy": "つぎは 11月24日、火曜日、13時に あきます。",
        "en": "Opens next: Tuesday, 24 November, 13:00.",
        "zh": "下次开放：11月24日 星期二 13:00。",
        "vi": "Mở cửa lần tới: thứ Ba, 24/11, 13:00.",
        "pt": "Próxima abertura: terça-feira, 24 de novembro, 13:00.",
    }
    for code, words in opens.items():
        kiosk.look(f"/kiosk?lang={code}")
        assert state(kiosk.page) == "closed"
        assert words in told(kiosk.page)
    assert world.desk.attendance.absence(world.clock.now()) == "いま、係が いません。" + opens["ja"] + (
        "おいそぎの方は カウンターへ どうぞ。"
    )
    assert "<ruby>24日<rp>（</rp><rt>にじゅうよっか</rt>" in kiosk.client.get("/kiosk").text


def test_a_clock_nobody_vouches_for_tells_no_date() -> None:
    world = build_world(calendar=calendar_of(AFTERNOONS))
    world.clock.reboot(minutes=1)
    kiosk = Person(app_of(world).test_client())
    kiosk.look("/kiosk")
    assert state(kiosk.page) == "absent"
    assert "つぎは" not in told(kiosk.page)


def test_without_keys_nobody_can_be_called(world: FakeWorld, kiosk: Person) -> None:
    world.desk.board.show(can_seal=False)
    kiosk.look("/kiosk")
    assert state(kiosk.page) == "impossible"
    assert "いま、よびだしは 使えません。カウンターへ どうぞ。" in told(kiosk.page)
    assert 'id="call-button"' not in kiosk.page


def test_a_press_that_cannot_be_sealed_says_so(
    world: FakeWorld, kiosk: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise SealingFailed

    monkeypatch.setattr(type(world.desk.calls), "pressed", refuse)
    assert kiosk.press("/kiosk/press", lang="vi").status_code == 503
    assert state(kiosk.page) == "impossible"
    assert "Hiện không gọi được ở đây." in told(kiosk.page)


def test_a_box_that_nobody_has_set_up_asks_for_that() -> None:
    client = app_of(build_world(roster=())).test_client()
    assert client.get("/kiosk").headers["Location"] == "/set-up"


def test_whoever_did_not_catch_it_hears_it_again_but_not_in_a_row(
    world: FakeWorld, volunteer: Person, kiosk: Person
) -> None:
    assert volunteer.page
    world.open_room()
    kiosk.look("/kiosk")
    kiosk.press("/kiosk/press", lang="ja")
    kiosk.press("/kiosk/again", lang="ja")
    kiosk.press("/kiosk/again", lang="ja")
    world.desk.room.stop()
    assert [how.clearly for _, how in world.voice.deliveries] == [False, True]


def test_a_screen_left_to_visitors_needs_the_pin_and_keeps_whoever_left_it_here(
    world: FakeWorld, volunteer: Person
) -> None:
    volunteer.look("/")
    volunteer.press("/kiosk/turn")
    assert state(volunteer.page) == "there"
    assert volunteer.look("/").headers["Location"] == "/sign-in"
    world.clock.advance(minutes=4)
    with volunteer.client.get("/kiosk/events", buffered=False) as stream:
        next(iter(stream.response))
        next(iter(stream.response))
        world.clock.advance(minutes=4)
        world.desk.staff.fade()
        assert world.desk.board.snapshot.attended


def test_a_screen_left_to_visitors_promises_nobody_who_has_gone_home(world: FakeWorld, volunteer: Person) -> None:
    volunteer.look("/")
    volunteer.press("/kiosk/turn")
    for minutes, is_here in ((59, True), (2, True), (5, False)):
        world.clock.advance(minutes=minutes)
        with volunteer.client.get("/kiosk/events", buffered=False) as stream:
            next(iter(stream.response))
            next(iter(stream.response))
        world.desk.staff.fade()
        assert world.desk.board.snapshot.attended is is_here, minutes


def test_the_stream_tells_of_a_call_in_the_language_of_the_screen(
    world: FakeWorld, volunteer: Person, client: FlaskClient
) -> None:
    assert volunteer.page
    response = client.get("/kiosk/events?lang=pt", buffered=False)
    events = (chunk.decode() for chunk in response.response if isinstance(chunk, bytes))
    assert next(events) == "retry: 1000\n\n"
    assert "Há uma pessoa" in next(events)
    world.desk.calls.pressed(1, source=CallSource.SCREEN)
    assert "Alguém está a caminho" in next(events)
    response.close()


def test_strangers_leave_streams_for_the_desk_and_for_the_screen_of_the_box(app: Flask) -> None:
    hall = {"REMOTE_ADDR": "192.168.1.20"}
    opened = []
    for _ in range(MOST_ELSEWHERE):
        response = app.test_client().get("/kiosk/events", buffered=False, environ_overrides=hall)
        events = iter(response.response)
        assert (next(events), response.status_code) == (b"retry: 1000\n\n", 200)
        next(events)
        opened.append(response)
    assert app.test_client().get("/kiosk/events?lang=en", environ_overrides=hall).status_code == 503
    with app.test_client().get("/kiosk/events", buffered=False) as own:
        assert own.status_code == 200
    for response in opened:
        response.close()


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_in_its_language_and_posts_nothing_but_the_call(kiosk: Person, path: str) -> None:
    for language in LANGUAGES:
        kiosk.look(f"{path}?lang={language.code}")
        assert f'<html lang="{language.tag}">' in kiosk.page
        _posts_nothing_but_the_call(kiosk)


def _posts_nothing_but_the_call(kiosk: Person) -> None:
    assert kiosk.page.count("<h1") == 1
    assert "119" in kiosk.page
    assert set(re.findall(r'formaction="|action="([^"]+)" method|method="post" action="([^"]+)"', kiosk.page)) <= {
        ("", "/kiosk/press"),
        ("", "/kiosk/again"),
    }
    assert not re.search(r'<textarea[^>]* name="', kiosk.page)


def test_languages_are_offered_by_their_own_names(kiosk: Person) -> None:
    kiosk.look("/kiosk/language")
    offered = re.findall(r'class="button" lang="([\w-]+)"[^>]*><span>(.*?)</span></a>', kiosk.page)
    names = [(tag, re.sub(r"<rp>.*?</rp>|<rt>.*?</rt>|<[^>]+>", "", name)) for tag, name in offered]
    assert names == [
        ("ja", "日本語"),
        ("ja", "やさしい 日本語"),
        ("en", "English"),
        ("zh-Hans", "中文"),
        ("vi", "Tiếng Việt"),
        ("pt", "Português"),
    ]


def test_a_sentence_of_the_municipality_goes_before_ours(world: FakeWorld, kiosk: Person) -> None:
    catalogue = world.desk.catalogue
    own = dict(catalogue.phrases) | {"call_unattended": "いまは るす です。<b>"}
    del own["call_unattended_hurry"]
    object.__setattr__(catalogue, "phrases", own)
    object.__setattr__(catalogue, "translations", {"en": {"call_unattended": "We are <i>out</i>."}})
    kiosk.look("/kiosk")
    assert "いまは るす です。&lt;b&gt;" in kiosk.page
    assert "カウンター" not in told(kiosk.page)
    kiosk.look("/kiosk?lang=en")
    assert "We are &lt;i&gt;out&lt;/i&gt;." in kiosk.page
    assert "counter" not in told(kiosk.page)


@pytest.mark.parametrize("text", MARKUP)
def test_hostile_text_in_the_address_and_the_forms_comes_back_nowhere(app: Flask, text: str) -> None:
    judge = Judge(app.test_client())
    for path in PATHS:
        page = judge.send({200}, method="GET", path=path, query_string={"lang": text}).text
        assert text not in page
        assert '<html lang="ja">' in page
    csrf = re.search(r'name="csrf" value="([^"]*)"', judge.client.get("/kiosk").text)
    assert csrf
    for path in ("/kiosk/press", "/kiosk/again"):
        judge.send({303}, method="POST", path=path, data={"csrf": csrf[1], "once": text, "lang": text})
    assert judge.findings == []


def test_a_hostile_name_of_the_place_is_only_text() -> None:
    world = build_world()
    object.__setattr__(world.desk, "facility_name", MARKUP[0] + "𠮷野家公民館🏯" + "長" * 300)
    judge = Judge(app_of(world).test_client())
    for path in PATHS:
        assert "𠮷野家公民館🏯" in judge.send({200}, method="GET", path=path).text
    assert judge.findings == []


def test_no_screen_speaks_of_a_city_or_of_anybody(world: FakeWorld, volunteer: Person, kiosk: Person) -> None:
    assert volunteer.page
    for path, code in product(PATHS, CODES):
        kiosk.look(f"{path}?lang={code}")
        assert "市" not in kiosk.page
        assert not any(name_of(member) in told(kiosk.page) for member in world.desk.roster.members())


def test_whoever_came_without_calling_has_nobody_on_the_way(world: FakeWorld, volunteer: Person, kiosk: Person) -> None:
    assert volunteer.page
    world.desk.consultations.walk_in()
    kiosk.look("/kiosk")
    assert state(kiosk.page) == "there"


def app_of(world: FakeWorld) -> Flask:
    return create_desk_app(
        world.desk,
        practice=world.practice,
        prover=FakeProver(),
        tokens=FakeTokens(),
        secret_key=b"key",
        hardware=FakeHardware(world),
    )
