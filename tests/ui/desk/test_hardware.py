import pytest
from flask.testing import FlaskClient

from appliance.desk.facts.call import CallSource
from appliance.desk.facts.card import CardKind
from appliance.desk.ports import Silence, Spoken
from drivers.card.samples import SAMPLES
from tests.fakes import FakeProver, FakeTokens, FakeWorld
from tests.ui.people import FakeHardware, Person
from ui.desk.app import create_desk_app
from ui.desk.hardware import say_card


def test_anybody_can_press_without_signing_in(world: FakeWorld, stranger: Person) -> None:
    stranger.look("/hardware")
    stranger.press("/hardware/press/2")
    assert [call.button for call in world.desk.board.snapshot.floor.calls] == [2]
    assert "声が 言ったこと" in stranger.page
    assert "ボタン2" in stranger.page


def test_a_lamp_is_told_by_word_and_not_by_colour_alone(stranger: Person) -> None:
    stranger.look("/hardware")
    assert stranger.page.count("消えています") == 2
    stranger.press("/hardware/press/1")
    assert "ゆっくり点滅（係が いません）" in stranger.page


def test_a_button_that_is_not_there_cannot_be_pressed(stranger: Person) -> None:
    stranger.look("/hardware")
    assert stranger.press("/hardware/press/9").status_code == 404


def test_without_virtual_hardware_there_is_no_such_page(world: FakeWorld) -> None:
    app = create_desk_app(
        world.desk, practice=world.practice, prover=FakeProver(), tokens=FakeTokens(), secret_key=b"key"
    )
    assert app.test_client().get("/hardware").status_code == 404


def test_the_stream_tells_lamps_and_voice(world: FakeWorld, client: FlaskClient, stranger: Person) -> None:
    stranger.look("/hardware")
    response = client.get("/hardware/events", buffered=False)
    events = (chunk.decode() for chunk in response.response if isinstance(chunk, bytes))
    assert next(events) == "retry: 1000\n\n"
    assert "消えています" in next(events)
    world.desk.calls.pressed(1, source=CallSource.BUTTON)
    assert "ゆっくり点滅" in next(events)
    response.close()


def test_a_browser_plays_what_was_just_said_and_nothing_older(world: FakeWorld, stranger: Person) -> None:
    stranger.look("/hardware")
    stranger.press("/hardware/press/1")
    assert '<audio controls autoplay src="/hardware/sound/1.wav"' in stranger.page
    sound = stranger.look("/hardware/sound/1.wav")
    assert (sound.status_code, sound.content_type, sound.data) == (200, "audio/wav", b"RIFF")
    world.clock.advance(minutes=1)
    stranger.look("/hardware")
    assert '<audio controls src="/hardware/sound/1.wav"' in stranger.page


def test_what_cannot_be_played_is_only_shown(stranger: Person) -> None:
    stranger.look("/hardware")
    stranger.press("/hardware/press/2")
    assert "ボタン2" in stranger.page
    assert "<audio" not in stranger.page
    assert stranger.look("/hardware/sound/2.wav").status_code == 404


def test_the_strip_says_that_the_voice_failed_until_it_speaks_again(world: FakeWorld, stranger: Person) -> None:
    world.desk.board.show(voice_failed=True)
    stranger.look("/hardware")
    assert "声が 出ません" in stranger.page
    world.desk.board.show(voice_failed=False)
    stranger.look("/hardware")
    assert "声が 出ません" not in stranger.page


def test_whoever_did_not_catch_it_hears_it_again(world: FakeWorld, stranger: Person) -> None:
    world.open_room()
    stranger.look("/hardware")
    assert "もう一度 言う" in stranger.page
    stranger.press("/hardware/press/1")
    stranger.press("/hardware/again")
    world.desk.room.stop()
    assert len(world.voice.said) == 2
    assert [how.clearly for _, how in world.voice.deliveries] == [False, True]


@pytest.mark.parametrize(
    ("silence", "words"),
    [
        (Silence.VOLUME, "声の大きさが 0 です"),
        (Silence.QUIET_HOURS, "声を 出さない時間です"),
        (Silence.LANGUAGE, "日本語の声しか ありません"),
    ],
)
def test_the_page_says_why_nothing_is_heard(
    world: FakeWorld, silence: Silence, words: str, monkeypatch: pytest.MonkeyPatch, stranger: Person
) -> None:
    silent = Spoken(at=world.clock.now().wall, sentence="はい。", number=7, silence=silence)
    monkeypatch.setattr("tests.ui.people.FakeHardware.spoken", lambda _self: [silent])
    stranger.look("/hardware")
    assert words in stranger.page
    assert "<audio" not in stranger.page


def test_the_chime_alone_has_a_name(world: FakeWorld, monkeypatch: pytest.MonkeyPatch, stranger: Person) -> None:
    chime = Spoken(at=world.clock.now().wall, sentence="", number=7)
    monkeypatch.setattr("tests.ui.people.FakeHardware.spoken", lambda _self: [chime])
    stranger.look("/hardware")
    assert "（チャイム）" in stranger.page


def test_a_hand_lays_a_card_down_and_lifts_it(world: FakeWorld, stranger: Person) -> None:
    stranger.look("/hardware")
    assert "いま カードは ありません" in stranger.page
    stranger.press("/hardware/card", card="transport")
    assert "いま カードが 置いてあります" in stranger.page
    card = world.cards.state().card
    assert card is not None
    assert card.kind is CardKind.OTHER
    stranger.press("/hardware/card/lift")
    assert "いま カードは ありません" in stranger.page
    assert stranger.press("/hardware/card", card="no such card").status_code == 404


def test_the_stream_tells_of_a_card(world: FakeWorld, client: FlaskClient, stranger: Person) -> None:
    stranger.look("/hardware")
    response = client.get("/hardware/events", buffered=False)
    events = (chunk.decode() for chunk in response.response if isinstance(chunk, bytes))
    assert next(events) == "retry: 1000\n\n"
    assert "いま カードは ありません" in next(events)
    world.cards.put(CardKind.PHONE)
    assert "いま カードが 置いてあります" in next(events)
    response.close()


def test_where_the_reader_is_real_no_page_lays_cards_down(world: FakeWorld) -> None:
    hardware = FakeHardware(world)
    hardware.hand = None
    app = create_desk_app(
        world.desk,
        practice=world.practice,
        prover=FakeProver(),
        tokens=FakeTokens(),
        secret_key=b"key",
        hardware=hardware,
    )
    stranger = Person(app.test_client())
    stranger.look("/hardware")
    assert "カードを 置く" not in stranger.page
    entries = {"csrf": stranger.hidden("csrf"), "card": "transport"}
    for path in ("/hardware/card", "/hardware/card/lift"):
        assert stranger.client.post(path, data=entries).status_code == 404


def test_every_simulated_card_has_a_name() -> None:
    assert [card for card in SAMPLES if say_card(card) == card] == []
    assert say_card("another") == "another"
