"""What is said, in which order, until when; never a word that did not sound counts as said."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from appliance.desk.errors import DeviceError
from appliance.desk.ports import Delivery, Urgency
from drivers.voice.chime import chime
from drivers.voice.language import is_spoken
from drivers.voice.manner import Manner
from drivers.voice.player import BEFORE_AGAIN, MOST_WAITING, Player, State, Utterance

Speaks = Callable[[str, str], bool]


def any_language(_sentence: str, _language: str) -> bool:
    return True


class FakeSpeaker:
    """Plays into a list, one at a time, for as long as it is held."""

    def __init__(self) -> None:
        self.played: list[tuple[bytes, int]] = []
        self.free = threading.Event()
        self.free.set()
        self.busy = threading.Event()
        self.error: Exception | None = None

    def play(self, samples: bytes, *, volume: int, stop: Callable[[], bool]) -> bool:
        self.busy.set()
        if self.error is not None:
            raise self.error
        while not self.free.wait(0.002):
            if stop():
                return False
        self.played.append((samples, volume))
        return True


class Desk:
    """A player with everything around it."""

    def __init__(self) -> None:
        self.speaker = FakeSpeaker()
        self.now = 0.0
        self.quiet = False
        self.ended: list[Utterance] = []
        self.player: Player

    def open(
        self,
        *,
        volume: int = 80,
        times: int = 1,
        sound: Callable[[str], bytes] = str.encode,
        speaks: Speaks = any_language,
    ) -> Player:
        self.player = Player(
            sound=lambda sentence, delivery, stop: sound(sentence),
            speaker=self.speaker,
            manner=Manner(volume=volume, times=times, is_quiet=lambda: self.quiet, speaks=speaks),
            on_end=self.ended.append,
            clock=lambda: self.now,
        )
        return self.player

    def until(self, count: int) -> list[tuple[str, State]]:
        end = time.monotonic() + 5
        while len(self.ended) < count and time.monotonic() < end:
            time.sleep(0.002)
        return [(one.sentence, one.state) for one in self.ended]


@pytest.fixture
def desk() -> Iterator[Desk]:
    one = Desk()
    yield one
    one.player.close()


def occupied(desk: Desk) -> Player:
    """A player in the middle of the sentence a."""
    player = desk.open()
    desk.speaker.free.clear()
    player.say("a")
    assert desk.speaker.busy.wait(5)
    return player


def test_the_chime_goes_first_and_the_sentence_is_said_twice(desk: Desk) -> None:
    desk.open(times=2).say("はい")
    assert desk.until(1) == [("はい", State.SAID)]
    word = "はい".encode()
    assert desk.speaker.played == [(chime() + word + BEFORE_AGAIN + word, 80)]


def test_what_is_urgent_goes_first_and_the_rest_in_order(desk: Desk) -> None:
    player = occupied(desk)
    player.say("news", urgency=Urgency.INFORMATION)
    player.say("call 1")
    player.say("call 2")
    player.say("answer", urgency=Urgency.ANSWER)
    desk.speaker.free.set()
    assert [sentence for sentence, _ in desk.until(5)] == ["a", "answer", "call 1", "call 2", "news"]


def test_an_emergency_breaks_in_and_what_it_broke_off_does_not_count_as_said(desk: Desk) -> None:
    player = occupied(desk)
    player.say("fire", urgency=Urgency.EMERGENCY)
    desk.until(1)
    desk.speaker.free.set()
    assert desk.until(2) == [("a", State.DROPPED), ("fire", State.SAID)]
    assert desk.speaker.played[0][1] == 100


def test_the_same_sentence_waits_once(desk: Desk) -> None:
    player = occupied(desk)
    for _ in range(50):
        player.say("b")
    desk.speaker.free.set()
    assert desk.until(2) == [("a", State.SAID), ("b", State.SAID)]
    time.sleep(0.02)
    assert len(desk.ended) == 2


def test_fifty_sentences_neither_hang_nor_pile_up(desk: Desk) -> None:
    player = occupied(desk)
    for number in range(50):
        player.say(f"{number}")
    assert sum(one.state is State.QUEUED for one in player.utterances()) == MOST_WAITING
    desk.speaker.free.set()
    desk.until(MOST_WAITING + 1)
    said = [one.sentence for one in desk.ended if one.state is State.SAID]
    assert said == ["a", *(str(number) for number in range(MOST_WAITING))]


def test_what_comes_too_late_is_not_said(desk: Desk) -> None:
    player = occupied(desk)
    player.say("3番の方")
    desk.now = 1000.0
    desk.speaker.free.set()
    assert desk.until(2) == [("a", State.SAID), ("3番の方", State.DROPPED)]
    assert desk.ended[1].reason == "too late"


def test_a_sentence_that_is_ready_too_late_is_not_said(desk: Desk) -> None:
    def slow(_sentence: str) -> bytes:
        desk.now = 1000.0
        return b"late"

    desk.open(sound=slow).say("b")
    assert desk.until(1) == [("b", State.DROPPED)]
    assert desk.speaker.played == []


def test_in_quiet_hours_only_an_emergency_is_heard(desk: Desk) -> None:
    player = desk.open()
    desk.quiet = True
    player.say("b", urgency=Urgency.ANSWER)
    player.say("fire", urgency=Urgency.EMERGENCY)
    assert sorted(desk.until(2)) == [("b", State.DROPPED), ("fire", State.SAID)]


def test_at_volume_nought_only_an_emergency_is_heard(desk: Desk) -> None:
    player = desk.open(volume=0)
    player.say("b")
    desk.until(1)
    player.say("fire", urgency=Urgency.EMERGENCY)
    assert desk.until(2) == [("b", State.DROPPED), ("fire", State.SAID)]


@pytest.mark.parametrize("error", [DeviceError("no sound card"), RuntimeError("no sound card")])
def test_what_did_not_sound_failed_and_the_next_is_tried(desk: Desk, error: Exception, caplog: object) -> None:
    player = desk.open()
    desk.speaker.error = error
    player.say("b")
    assert desk.until(1) == [("b", State.FAILED)]
    desk.speaker.error = None
    player.say("c")
    assert desk.until(2)[1] == ("c", State.SAID)


def test_a_sentence_without_sound_failed(desk: Desk) -> None:
    def none(_sentence: str) -> bytes:
        raise DeviceError("the engine is not installed")

    desk.open(sound=none).say("b")
    assert desk.until(1) == [("b", State.FAILED)]
    assert desk.ended[0].reason == "the engine is not installed"


def test_hush_stops_the_word_and_forgets_the_rest(desk: Desk) -> None:
    player = occupied(desk)
    player.say("b")
    player.hush()
    assert desk.until(1) == [("a", State.DROPPED)]
    assert [(one.sentence, one.state) for one in player.utterances() if one.sentence == "b"] == [("b", State.DROPPED)]
    desk.speaker.free.set()
    player.say("c")
    assert desk.until(2)[1] == ("c", State.SAID)


def test_closing_in_mid_word_ends_at_once_and_says_nothing_more(desk: Desk) -> None:
    player = occupied(desk)
    player.say("b")
    began = time.monotonic()
    player.close()
    assert time.monotonic() - began < 2
    assert desk.speaker.played == []
    with pytest.raises(DeviceError):
        player.say("c")


def test_a_new_player_says_nothing_of_the_one_before(desk: Desk) -> None:
    occupied(desk).say("b")
    desk.player.close()
    desk.speaker.free.set()
    desk.ended.clear()
    desk.open()
    time.sleep(0.02)
    assert (desk.speaker.played, desk.ended, list(desk.player.utterances())) == ([], [], [])


def test_two_threads_speak_one_after_the_other(desk: Desk) -> None:
    player = desk.open()
    speakers = [threading.Thread(target=player.say, args=(f"{number}",)) for number in range(10)]
    for one in speakers:
        one.start()
    for one in speakers:
        one.join()
    assert sorted(desk.until(10)) == [(str(number), State.SAID) for number in range(10)]


def test_whoever_listens_badly_does_not_stop_the_voice() -> None:
    def bad(_ended: Utterance) -> None:
        raise ValueError

    speaker = FakeSpeaker()
    player = Player(
        sound=lambda sentence, delivery, stop: b"x", speaker=speaker, manner=Manner(speaks=any_language), on_end=bad
    )
    player.say("a")
    player.say("b")
    end = time.monotonic() + 5
    while len(speaker.played) < 2 and time.monotonic() < end:
        time.sleep(0.002)
    player.close()
    assert len(speaker.played) == 2


def test_again_is_louder_and_once_and_never_above_full(desk: Desk) -> None:
    clearly = Delivery(clearly=True)
    desk.open(times=3, volume=60).say("b", delivery=clearly)
    desk.until(1)
    desk.player.close()
    desk.open(times=3, volume=90).say("b", delivery=clearly)
    desk.until(2)
    assert desk.speaker.played == [(chime() + b"b", 75), (chime() + b"b", 100)]


def test_again_at_volume_nought_stays_silent(desk: Desk) -> None:
    desk.open(volume=0).say("b", delivery=Delivery(clearly=True))
    assert desk.until(1) == [("b", State.DROPPED)]


def test_the_chime_sounds_by_itself_and_once(desk: Desk) -> None:
    desk.open(times=2, speaks=is_spoken).ring()
    assert desk.until(1) == [("", State.SAID)]
    assert desk.speaker.played == [(chime(), 80)]


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Please wait here.", "ja"),
        ("しばらくお待ちください。", "en"),
        ("잠시만 기다려 주세요。", "ko"),
        ("Подождите, пожалуйста。", "ja"),
        ("请稍等。", "zh"),
        ("请稍等。", "ja"),
    ],
)
def test_what_no_voice_speaks_never_reaches_the_engine(desk: Desk, sentence: str, language: str) -> None:
    asked: list[str] = []

    def sound(one: str) -> bytes:
        asked.append(one)
        return b"x"

    desk.open(sound=sound, speaks=is_spoken)
    desk.player.say(sentence, urgency=Urgency.EMERGENCY, delivery=Delivery(language=language))
    assert desk.until(1) == [(sentence, State.DROPPED)]
    assert (asked, desk.speaker.played, desk.ended[0].reason) == ([], [], "language")
