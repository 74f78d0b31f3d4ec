"""The card check, from the tap to the cleared screen."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask

from appliance.desk.facts.card import CardCheck, CardPhase, ReaderStatus, TriesLeft
from appliance.desk.facts.moment import ClockQuality
from drivers.card.samples import HANAKO, MARIA, SAMPLES
from drivers.card.simulated import SimulatedReader
from tests.fakes import FakeProver, FakeTokens, FakeWorld, build_world
from tests.ui.people import Person
from ui.desk import card_pages
from ui.desk.app import create_desk_app

ENDS = datetime(2027, 2, 15, 14, 59, 59, tzinfo=UTC)
ALL_TRIES = TriesLeft(authentication=3, signature=5, input_support=3)
PROMISE = "暗証番号も お名前も 読みません"
TOLD = ("2027年", "のこり 3回", "マイナンバーカードです")
STATES = {
    "valid": ("期限内です。あと 900日", "いま することは ありません"),
    "soon": ("期限内です。あと 24日", "更新できる時期です"),
    "expired": ("期限切れです。40日まえに すぎました", "更新の手つづきが いります"),
    "one_try": ("のこり 1回。つぎに まちがえると 止まります", "入れるまえなら、町役場で つけなおせます"),
    "locked": ("止まっています", "利用者証明用の 暗証番号が 止まっています"),
    "phone": ("スマホです", "カード本体を 置いてください"),
    "transport": ("マイナンバーカードでは ありません", "あとは 何も 読んでいません"),
    "unknown_token": ("まだ 知らない種類の カードです", "町役場で 確かめられます"),
    "long_name": ("期限内です。あと 900日", "新しい 在留カードを もらいましたか"),
    "silent": ("カードが 答えません", "カードを 一度 離してください"),
    "pulled": ("とちゅうで カードが 離れました", "もう一度 置いて"),
}
"""What the page says of each simulated card."""


def a_check(ends: datetime | None = ENDS, *, authentication: int | None = 3, signature: int | None = 5) -> CardCheck:
    tries = TriesLeft(authentication=authentication, signature=signature, input_support=3)
    return CardCheck(valid_until=ends, authority_key="00", tries_left=tries)


@pytest.fixture
def volunteer(stranger: Person) -> Person:
    stranger.sign_in()
    return stranger


@pytest.fixture
def off() -> FakeWorld:
    return build_world(card_check=False)


def put(world: FakeWorld, ends: datetime | None = ENDS, **tries: int | None) -> None:
    world.cards.put(check=a_check(ends, **tries))


# ------------------------------------------------------------------------------------------------------- before the tap


def test_the_home_of_the_desk_leads_there_and_the_promise_comes_before_the_tap(volunteer: Person) -> None:
    volunteer.look("/")
    assert 'href="/card"' in volunteer.page
    answer = volunteer.look("/card")
    assert answer.headers["Cache-Control"] == "no-store"
    assert volunteer.page.index(PROMISE) < volunteer.page.index("カードを 読み取り装置に 置いてください")


def test_only_staff_see_it(stranger: Person) -> None:
    assert stranger.look("/card").headers["Location"] == "/sign-in"
    assert stranger.look("/card/events").status_code == 403


def test_a_browser_without_scripts_looks_again_by_itself(volunteer: Person) -> None:
    volunteer.look("/card")
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in volunteer.page


@pytest.mark.parametrize(
    ("status", "missing"),
    [
        (ReaderStatus.NO_READER, "読み取り装置が 見つかりません"),
        (ReaderStatus.NO_SERVICE, "（pcscd）が 動いていません"),
        (ReaderStatus.NO_LIBRARY, "（pyscard）が この箱に ありません"),
        (ReaderStatus.ABSENT, "この箱には 読み取り装置が ありません"),
    ],
)
def test_the_page_says_what_is_missing_and_what_still_works(
    world: FakeWorld, volunteer: Person, status: ReaderStatus, missing: str
) -> None:
    world.cards.breaks(status)
    assert volunteer.look("/card").status_code == 200
    assert missing in volunteer.page
    assert "よびだしと 相談の記録は、いつもどおり 使えます" in volunteer.page
    assert "カードを 読み取り装置に 置いてください" not in volunteer.page


def test_a_reader_that_begins_is_waited_for(world: FakeWorld, volunteer: Person) -> None:
    world.cards.breaks(ReaderStatus.STARTING)
    volunteer.look("/card")
    assert "用意を しています" in volunteer.page
    assert "いつもどおり 使えます" not in volunteer.page


def test_a_box_without_a_reader_offers_no_check(world: FakeWorld, volunteer: Person) -> None:
    world.cards.breaks(ReaderStatus.ABSENT)
    volunteer.look("/")
    assert 'href="/card"' not in volunteer.page


def test_where_it_is_switched_off_nothing_leads_there_and_nothing_is_told(off: FakeWorld) -> None:
    person = Person(app_of(off).test_client())
    person.sign_in()
    person.look("/")
    assert "/card" not in person.page
    put(off)
    assert person.look("/card").status_code == 200
    assert "この窓口では カードの確認を 使わない 設定です" in person.page
    assert PROMISE not in person.page
    assert not any(words in person.page for words in TOLD)


# -------------------------------------------------------------------------------------------------------------- told


def test_a_card_is_told_with_date_days_tries_and_advice(world: FakeWorld, volunteer: Person) -> None:
    put(world, authentication=2, signature=None)
    volunteer.look("/card")
    for words in (
        "2027年（令和9年） 2月15日まで",
        "期限内です。あと 87日",
        "のこり 2回（3回のうち）",
        "わかりません",
        "のこり 3回（ぜんぶ のこっています）",
        "更新できる時期です",
        "町役場の マイナンバーカードの窓口",
        "新しい 在留カードを もらいましたか",
    ):
        assert words in volunteer.page, words


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (datetime(2026, 11, 20, 14, 59, 59, tzinfo=UTC), "期限内です。きょうまで"),
        (datetime(2026, 11, 19, 14, 59, 59, tzinfo=UTC), "期限切れです。1日まえに すぎました"),
        (datetime(2026, 11, 20, 2, 0, tzinfo=UTC), "期限切れです。きょう すぎました"),
        (datetime(2018, 4, 30, 14, 59, 59, tzinfo=UTC), "2018年 4月30日まで"),
        (datetime(2019, 5, 1, 14, 59, 59, tzinfo=UTC), "2019年（令和元年） 5月1日まで"),
        (None, "期限は わかりません"),
    ],
)
def test_the_last_day_is_a_day_in_japan(world: FakeWorld, volunteer: Person, ends: datetime | None, words: str) -> None:
    put(world, ends)
    volunteer.look("/card")
    assert words in volunteer.page


def test_an_unsure_clock_never_says_that_a_card_has_expired(world: FakeWorld, volunteer: Person) -> None:
    world.clock.moment = replace(world.clock.moment, quality=ClockQuality.UNKNOWN)
    put(world, datetime(2026, 1, 15, 14, 59, 59, tzinfo=UTC))
    volunteer.look("/card")
    assert "2026年（令和8年） 1月15日まで" in volunteer.page
    assert "確認できません" in volunteer.page
    assert "くらべてください" in volunteer.page
    assert "期限切れ" not in volunteer.page
    assert "期限内です" not in volunteer.page


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (CardPhase.CHECKING, "読んでいます"),
        (CardPhase.UNREADABLE, "カードを 読めませんでした"),
        (CardPhase.SILENT, "カードが 答えません"),
        (CardPhase.BUSY, "べつのプログラムが 使っています"),
        (CardPhase.TOGETHER, "カードが 2枚 かさなっている"),
    ],
)
def test_every_phase_has_words(world: FakeWorld, volunteer: Person, phase: CardPhase, words: str) -> None:
    world.cards.put(None, phase=phase)
    volunteer.look("/card")
    assert words in volunteer.page
    assert "マイナンバーカードです" not in volunteer.page


# -------------------------------------------------------------------------------------------------------------- cleared


def test_it_is_cleared_when_the_card_is_lifted(world: FakeWorld, volunteer: Person) -> None:
    put(world)
    volunteer.look("/card")
    assert all(words in volunteer.page for words in TOLD)
    world.cards.lift()
    volunteer.look("/card")
    assert not any(words in volunteer.page for words in TOLD)
    assert "カードを 読み取り装置に 置いてください" in volunteer.page


def test_it_is_cleared_after_a_minute_though_the_card_still_lies_there(world: FakeWorld, volunteer: Person) -> None:
    put(world)
    world.clock.advance(seconds=59)
    volunteer.look("/card")
    assert all(words in volunteer.page for words in TOLD)
    world.clock.advance(seconds=1)
    volunteer.look("/card")
    assert not any(words in volunteer.page for words in TOLD)
    assert "1分たったので 画面から 消しました" in volunteer.page


def events_of(person: Person) -> Iterator[str]:
    response = person.client.get("/card/events", buffered=False)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    yield from (chunk.decode() for chunk in response.response if isinstance(chunk, bytes))


def test_the_stream_tells_each_change_and_clears_after_a_minute(
    world: FakeWorld, volunteer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card_pages, "LOOK_SECONDS", 0.02)
    events = events_of(volunteer)
    assert next(events) == "retry: 1000\n\n"
    assert "カードを 読み取り装置に 置いてください" in next(events)
    put(world)
    told = next(events)
    assert all(words in told for words in TOLD)
    assert 'id="card-check"' in told
    world.clock.advance(seconds=60)
    cleared = next(events)
    assert 'id="card-check"' in cleared
    assert not any(words in cleared for words in TOLD)
    assert "1分たったので 画面から 消しました" in cleared
    world.cards.lift()
    assert "カードを 読み取り装置に 置いてください" in next(events)


def test_a_lifted_card_leaves_the_stream_at_once(world: FakeWorld, volunteer: Person) -> None:
    put(world)
    events = events_of(volunteer)
    next(events)
    told = next(events)
    assert all(words in told for words in TOLD)
    began = time.monotonic()
    world.cards.lift()
    lifted = next(events)
    assert time.monotonic() - began < 0.4  # woken, and not found at the next look
    assert not any(words in lifted for words in TOLD)


def test_nothing_of_a_card_is_in_an_address_or_in_a_cookie(world: FakeWorld, volunteer: Person) -> None:
    put(world)
    answer = volunteer.look("/card")
    addresses = re.findall(r'(?:href|src|action|content)="([^"]*)"', volunteer.page)
    assert not [one for one in addresses if "2027" in one or "0215" in one]
    assert "Set-Cookie" not in answer.headers or "2027" not in answer.headers["Set-Cookie"]


# --------------------------------------------------------------------------------------------- every card there is


@pytest.fixture
def walked() -> Iterator[tuple[Person, SimulatedReader]]:
    world = build_world()
    reader = SimulatedReader(lambda: world.clock.now().wall, patience=0.3)
    world.desk.cards.connect(reader)
    person = Person(app_of(world).test_client())
    person.sign_in()
    yield person, reader
    world.desk.cards.close()


def test_there_are_words_for_every_simulated_card() -> None:
    assert set(STATES) == set(SAMPLES)


@pytest.mark.parametrize("sample", STATES)
def test_the_page_says_what_lies_there(walked: tuple[Person, SimulatedReader], sample: str) -> None:
    person, reader = walked
    reader.lay_down(sample)
    until(person, lambda page: all(words in page for words in STATES[sample]))
    assert not re.search("有効性確認|本人確認", person.page)
    assert not [secret for secret in SECRETS if secret in person.page]
    reader.lift()
    until(person, lambda page: "カードを 読み取り装置に 置いてください" in page or "とちゅうで" in page)


SECRETS = [
    text
    for person in (HANAKO, MARIA)
    for text in (person.name, person.address, person.born, person.my_number, person.subject, f"{person.serial:X}")
]


def until(person: Person, holds: Callable[[str], bool]) -> None:
    limit = time.monotonic() + 5
    person.look("/card")
    while not holds(person.page):
        assert time.monotonic() < limit, re.sub(r"<[^>]*>|\s+", " ", person.page)
        time.sleep(0.01)
        person.look("/card")


def app_of(world: FakeWorld) -> Flask:
    return create_desk_app(
        world.desk, practice=world.practice, prover=FakeProver(), tokens=FakeTokens(), secret_key=b"secret key"
    )
