"""What the voice says when it is tried is heard as it is meant, for every number of buttons that a box may have."""

import pytest

from appliance.desk.facts.moment import Moment
from appliance.desk.parts import Condition, Part
from drivers.voice.open_jtalk import kana
from tests.drivers.voice import spoken_numbers as said
from tests.fakes import FakeClock
from ui.desk.box_page import spoken_check

NOW: Moment = FakeClock().now()
TSU = ("ヒトツ", "フタツ", "ミッツ", "ヨッツ", "イツツ", "ムッツ", "ナナツ", "ヤッツ", "ココノツ")
KO = ("ジュッコ", "ジューイッコ", "ジューニコ", "ジューサンコ", "ジューヨンコ", "ジューゴコ", "ジューロッコ")


@pytest.mark.parametrize(("count", "heard"), list(enumerate((*TSU, *KO), 1)))
def test_so_many_buttons_are_counted_as_people_do(count: int, heard: str) -> None:
    buttons = [Part(condition=Condition.BUTTON_WELL, since=NOW, number=number + 1) for number in range(count)]
    assert kana(spoken_check(buttons)) == f"ホンジツノテンケン、ボタン{heard}、オト、スベテセージョーデス"


def test_a_box_without_buttons_speaks_of_its_sound() -> None:
    assert kana(spoken_check([])) == "ホンジツノテンケン、オトワセージョーデス"


def test_every_broken_button_is_named() -> None:
    for number in range(1, 100):
        broken = Part(condition=Condition.BUTTON_STUCK, since=NOW, number=number)
        heard = f"ホンジツノテンケン、{said.number(number)}バンノボタンワイマツカエマセン、オトワセージョーデス"
        assert kana(spoken_check([broken])) == heard
