"""「箱の ようす」 as ICT support sees it, and what the voice may say of it."""

from dataclasses import replace

import pytest
from flask import Flask

from appliance.desk.errors import DeviceError
from appliance.desk.facts.staff import Permission
from appliance.desk.parts import Condition, Part
from tests.fakes import FakeProver, FakeTokens, FakeWorld
from tests.ui.people import FakeWellbeing, Person
from ui.desk.app import create_desk_app
from ui.desk.box_page import LOOK_AGAIN_SECONDS, PartCard, spoken_check


@pytest.fixture
def wellbeing(world: FakeWorld) -> FakeWellbeing:
    return FakeWellbeing(world)


@pytest.fixture
def app(world: FakeWorld, wellbeing: FakeWellbeing) -> Flask:
    return create_desk_app(
        world.desk,
        practice=world.practice,
        prover=FakeProver(),
        tokens=FakeTokens(),
        secret_key=b"secret key of a test",
        wellbeing=wellbeing,
    )


@pytest.fixture
def support(app: Flask) -> Person:
    person = Person(app.test_client())
    person.sign_in_as(Permission.ICT_SUPPORT)
    return person


def part(world: FakeWorld, condition: Condition, **more: object) -> Part:
    return replace(Part(condition=condition, since=world.clock.now()), **more)  # type: ignore[arg-type]


def test_every_part_says_how_it_is_since_when_and_what_to_do(
    support: Person, world: FakeWorld, wellbeing: FakeWellbeing
) -> None:
    stuck = part(world, Condition.BUTTON_STUCK, number=2, is_down=True, pressed_ms_ago=7_380_000)
    failed = part(world, Condition.VOICE_FAILED, why="nothing sounded: no such device")
    wellbeing.now = [part(world, Condition.SOUND_CARD_THERE, why="USB Audio"), stuck, failed]
    world.clock.advance(minutes=3)
    support.look("/people")
    assert 'href="/box"' in support.page
    support.look("/box")
    for words in (
        "直すところが 2か所 あります",
        "2番の ボタン",
        "10秒より 長く 押されたままです",
        "いま 押されています",
        "さいごに 押されたのは 2時間3分まえ",
        "3分まえから",
        "ボタンの 引っかかりと",
        "USB Audio",
        "nothing sounded: no such device",
        "スピーカーの 電源と 線を 見て",
    ):
        assert words in support.page
    assert support.page.count("<h1") == support.page.count("<main") == support.page.count("<title>") == 1


def test_what_is_out_of_order_stands_first_and_of_what_is_gone_nothing_is_claimed(
    support: Person, world: FakeWorld, wellbeing: FakeWellbeing
) -> None:
    wellbeing.now = [
        part(world, Condition.BUTTON_WELL, number=1),
        part(world, Condition.BUTTON_GONE, number=2),
        part(world, Condition.SENTENCES_MADE),
    ]
    support.look("/box")
    assert support.page.index("2番の ボタン") < support.page.index("1番の ボタン") < support.page.index("声の言葉")
    assert support.page.count("いま 押されていません") == 1


def test_a_box_without_a_fault_says_so_and_claims_no_more(support: Person, world: FakeWorld) -> None:
    support.look("/box")
    assert "こわれたところは 見つかりません" in support.page
    assert "命令は とどいています" in support.page, "whether a lamp is lit only eyes can tell"


@pytest.mark.parametrize("condition", Condition)
def test_every_condition_has_words_and_every_fault_a_remedy(world: FakeWorld, condition: Condition) -> None:
    card = PartCard.of(part(world, condition, number=1), world.clock.now())
    assert card.name
    assert card.words
    assert "{" not in f"{card.name}{card.words}{card.facts}{card.remedy}"
    assert card.facts[-1] == "たったいまから"
    assert card.state in {"well", "note", "fault"}
    assert card.remedy or card.state != "fault"
    broken = ("missing", "broken", "failed", "stuck", "gone", "restless", "held_at_start", "taken")
    assert (card.state == "fault") is condition.endswith(broken)


def test_the_voice_is_tried_with_what_is_so(support: Person, wellbeing: FakeWellbeing) -> None:
    support.look("/box")
    assert support.press("/box/sound").status_code == 200
    assert wellbeing.said == ["本日の点検、ボタン1つ、音、すべて 正常です。"]
    assert support.press("/box/lamps").status_code == 200
    assert wellbeing.lit == 1
    assert "表示灯を 5秒 つけました" in support.page


def test_the_voice_claims_nothing_that_is_not_so(world: FakeWorld) -> None:
    well = [part(world, Condition.BUTTON_WELL, number=number) for number in range(1, 11)]
    gone = part(world, Condition.BUTTON_GONE, number=11)
    restless = part(world, Condition.BUTTON_RESTLESS, number=12)
    assert spoken_check([]) == "本日の点検、音は 正常です。"
    assert spoken_check(well[:3]) == "本日の点検、ボタン3つ、音、すべて 正常です。"
    assert "ボタン10個" in spoken_check(well)
    words = spoken_check([*well, gone, restless])
    assert words == "本日の点検、11番の ボタンと12番の ボタンは いま 使えません。音は 正常です。"


def test_while_the_voice_speaks_the_page_looks_again(
    support: Person, world: FakeWorld, wellbeing: FakeWellbeing
) -> None:
    support.look("/box")
    assert "data-seconds" not in support.page
    assert "http-equiv" not in support.page
    for condition in (Condition.VOICE_QUEUED, Condition.VOICE_PLAYING):
        wellbeing.now = [part(world, condition)]
        support.look("/box")
        assert f'data-seconds="{LOOK_AGAIN_SECONDS}"' in support.page
        assert f'<noscript><meta http-equiv="refresh" content="{LOOK_AGAIN_SECONDS}"></noscript>' in support.page


def test_a_reader_is_named_and_where_there_are_several_the_first_is_used(
    support: Person, world: FakeWorld, wellbeing: FakeWellbeing
) -> None:
    wellbeing.now = [part(world, Condition.READER_WELL, number=1, why="Sony RC-S300 00 00")]
    support.look("/box")
    for words in ("カードの 読み取り装置", "使えます", "Sony RC-S300 00 00"):
        assert words in support.page
    wellbeing.now = [part(world, Condition.READERS_SEVERAL, number=2, why="Sony RC-S300 00 00, ACS ACR1252 01 00")]
    assert "2つ あり、はじめのものを 使っています" in support.look("/box").text
    wellbeing.now = [part(world, Condition.READER_TAKEN)]
    assert "/etc/modprobe.d/madoguchi-nfc.conf" in support.look("/box").text


def test_what_is_not_there_cannot_be_tried(support: Person, world: FakeWorld, wellbeing: FakeWellbeing) -> None:
    wellbeing.now = [part(world, condition) for condition in (Condition.VOICE_ABSENT, Condition.LAMPS_ABSENT)]
    support.look("/box")
    assert "ためす" not in support.page


def test_a_voice_that_is_not_there_yet_is_said(
    support: Person, wellbeing: FakeWellbeing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_yet(_sentence: str) -> None:
        raise DeviceError("not yet")

    monkeypatch.setattr(wellbeing, "try_voice", not_yet)
    support.look("/box")
    support.press("/box/sound")
    assert "声の 用意が まだ できていません" in support.page


def test_why_nothing_was_said_is_told_in_words(world: FakeWorld) -> None:
    def facts(why: str) -> str:
        return PartCard.of(part(world, Condition.VOICE_HELD_BACK, why=why), world.clock.now()).facts[0]

    assert facts("quiet") == "静かにする時間か、音量が 0 です"
    assert facts("too late").startswith("おそくなり")
    assert facts("stopped").startswith("もっと 急ぐ言葉が")


@pytest.mark.parametrize("permission", [Permission.VOLUNTEER, Permission.FACILITY_STAFF])
def test_nobody_else_sees_the_page(app: Flask, permission: Permission) -> None:
    person = Person(app.test_client())
    person.sign_in_as(permission)
    assert person.look("/box").status_code == 403
    assert 'href="/box"' not in person.look("/").text


def test_a_button_that_somebody_has_to_look_at_is_on_the_strip(support: Person, world: FakeWorld) -> None:
    before = world.desk.board.snapshot.version
    world.desk.board.show(broken_buttons=(1, 3))
    assert world.desk.board.snapshot.version == before + 1
    support.look("/")
    assert "1番・3番の ボタンが 使えません。押されたままか" in support.page
    world.desk.board.show(broken_buttons=())
    assert "ボタンが 使えません" not in support.look("/").text
