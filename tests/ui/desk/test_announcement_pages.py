"""The page on which staff have the voice say something."""

import logging
import time
from collections.abc import Iterator

import pytest

from appliance.desk.ports import Delivery, Silence, Urgency
from tests.fakes import FakeWorld
from tests.ui.people import Person

TEXT = "かぎの忘れものが あります。"


@pytest.fixture
def speaker(world: FakeWorld, stranger: Person) -> Iterator[Person]:
    world.open_room()
    stranger.sign_in()
    stranger.look("/announce")
    yield stranger
    world.desk.room.stop()


def soon(world: FakeWorld, count: int) -> list[str]:
    end = time.monotonic() + 5
    while len(world.voice.said) < count and time.monotonic() < end:
        time.sleep(0.002)
    return world.voice.said


def test_it_is_found_from_the_desk(speaker: Person) -> None:
    speaker.look("/")
    assert 'href="/announce"' in speaker.page


def test_the_reading_is_shown_and_nothing_is_said_yet(world: FakeWorld, speaker: Person) -> None:
    assert speaker.press("/announce", text=TEXT).status_code == 200
    assert f"カナ（{TEXT}）" in speaker.page
    assert f'name="text" value="{TEXT}"' in speaker.page
    assert world.voice.said == []


def test_it_is_said_once_the_reading_was_found_right(world: FakeWorld, speaker: Person) -> None:
    response = speaker.press("/announce", text=TEXT, sure="1")
    assert soon(world, 1) == [TEXT]
    assert world.voice.deliveries == [(Urgency.INFORMATION, Delivery(is_typed=True))]
    assert "声に わたしました" in speaker.page
    assert [(one.path, one.query_string) for one in (response.request,)] == [("/announce", b"told=said")]
    assert TEXT not in speaker.page


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1〜80字で"),
        ("あ" * 81, "1〜80字で"),
        ("1234 5678 9018", "マイナンバーのような"),
        ("暗証番号は 1234", "暗証番号のような"),
        ("Hello", "日本語だけを 話します"),
    ],
)
def test_what_cannot_be_said_is_told_and_stays_in_the_form(speaker: Person, text: str, words: str) -> None:
    assert speaker.press("/announce", text=text).status_code == 422
    assert words in speaker.page
    assert f'value="{text}"' in speaker.page


def test_a_box_without_a_voice_says_what_still_works(world: FakeWorld, stranger: Person) -> None:
    stranger.sign_in()
    stranger.look("/announce")
    assert stranger.press("/announce", text=TEXT).status_code == 503
    assert "声は 使えません" in stranger.page


def test_no_word_of_it_is_in_a_log(speaker: Person, world: FakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        speaker.press("/announce", text=TEXT)
        speaker.press("/announce", text=TEXT, sure="1")
        soon(world, 1)
    assert "忘れもの" not in caplog.text


def test_the_voice_can_be_stopped(world: FakeWorld, speaker: Person) -> None:
    speaker.press("/announce/stop")
    assert "声を とめました" in speaker.page
    world.desk.room.stop()
    assert world.voice.hushed == 1


def test_it_can_be_said_again_and_where_there_is_nothing_the_page_says_so(world: FakeWorld, speaker: Person) -> None:
    speaker.press("/announce/again")
    assert "もう一度 言うことは ありません" in speaker.page
    speaker.press("/announce", text=TEXT, sure="1")
    speaker.press("/announce/again")
    assert "もう一度、ゆっくり" in speaker.page
    assert soon(world, 2) == [TEXT, TEXT]


def test_the_alarm_takes_two_taps(world: FakeWorld, speaker: Person) -> None:
    assert "火事です" not in speaker.page
    speaker.look("/announce/emergency")
    assert "火事です" in speaker.page
    assert world.voice.said == []
    speaker.press("/announce/emergency")
    assert soon(world, 1) == ["火事です。係の案内に したがってください。"]
    assert world.voice.deliveries[0][0] is Urgency.EMERGENCY


def test_a_stranger_says_nothing(world: FakeWorld, stranger: Person) -> None:
    stranger.look("/sign-in")
    assert stranger.press("/announce", text=TEXT, sure="1").status_code == 403
    assert stranger.press("/announce/emergency").status_code == 403
    assert world.voice.said == []


def test_a_silent_house_says_beforehand_that_nobody_will_hear_it(world: FakeWorld, speaker: Person) -> None:
    assert "ひじょうの よびかけだけが 聞こえます" not in speaker.page
    world.voice.silent = Silence.QUIET_HOURS
    speaker.look("/announce")
    assert "声を 出さない時間です" in speaker.page
    assert "ひじょうの よびかけだけが 聞こえます" in speaker.page
