from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.content import load_catalogue
from appliance.desk.facts.calendar import spoken
from appliance.desk.facts.visit import JAPAN
from appliance.desk.place_in_line import MOST_AHEAD
from drivers.voice.open_jtalk import kana
from drivers.voice.readings import Node, kana_of, long_vowels, morae, put_right
from tests.drivers.voice import spoken_numbers as said

TABLE = [
    tuple(line.split(" | "))
    for line in (Path(__file__).parent / "sentences.txt").read_text(encoding="utf-8").splitlines()
]


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len({sentence for sentence, _ in TABLE}) >= 150


@pytest.mark.parametrize(("sentence", "heard"), TABLE)
def test_every_sentence_of_the_desk_is_read_right(sentence: str, heard: str) -> None:
    assert kana(sentence) == heard


def wrong(expected: dict[str, str]) -> dict[str, tuple[str, str]]:
    """What is read otherwise than expected."""
    read = {sentence: kana(sentence) for sentence in expected}
    return {sentence: (read[sentence], heard) for sentence, heard in expected.items() if read[sentence] != heard}


def test_every_number_is_called_right() -> None:
    numbers = range(1, 1000)
    assert (
        wrong({f"{n}番の方、窓口へ どうぞ。": f"{said.number(n)}バンノカタ、マドグチエドーゾ" for n in numbers}) == {}
    )


def test_every_desk_is_named_right() -> None:
    desks = range(1, 100)
    assert (
        wrong(
            {
                f"3番の方、{n}番の 窓口へ どうぞ。": f"サンバンノカタ、{said.number(n)}バンノマドグチエドーゾ"
                for n in desks
            }
        )
        == {}
    )


def test_every_number_of_people_is_said_right() -> None:
    assert wrong({f"いま、{n}人 お待ちです。": f"イマ、{said.people(n)}オマチデス" for n in range(1, 1000)}) == {}


def test_every_number_of_people_before_her_is_said_right() -> None:
    counts = range(1, MOST_AHEAD + 1)
    template = load_catalogue().phrases["call_ahead"]
    expected = {template.replace("{count}", str(n)): f"イマ、マエニ{said.people(n)}オマチデス" for n in counts}
    assert len(expected) == MOST_AHEAD
    assert wrong(expected) == {}


def test_every_number_of_minutes_is_said_right() -> None:
    waits = range(1, 100)
    assert wrong({f"およそ {n}分 お待ちください。": f"オヨソ{said.minutes(n)}オマチクダサイ" for n in waits}) == {}


def test_every_day_of_a_year_is_said_right() -> None:
    first = datetime(2028, 1, 1, 10, tzinfo=JAPAN)
    days = [first + timedelta(days=n) for n in range(366)]
    expected = {
        f"{spoken(day.astimezone(UTC))}。": f"ツギワ{said.day(day.month, day.day)}、"
        f"{said.WEEKDAYS['月火水木金土日'[day.weekday()]]}ヨービ、ジュージカラデス"
        for day in days
    }
    assert len(expected) == 366
    assert wrong(expected) == {}


def test_every_hour_and_minute_of_opening_is_said_right() -> None:
    day = datetime(2028, 1, 1, tzinfo=JAPAN)
    times = [
        day + timedelta(minutes=n) for n in {*range(0, 24 * 60, 60), *range(13 * 60, 14 * 60), *range(30, 1440, 60)}
    ]
    begin = "ツギワイチガツツイタチ、ドヨービ、"
    expected = {
        f"{spoken(at)}。": f"{begin}{said.hour(at.hour)}{said.minutes(at.minute) if at.minute else ''}カラデス"
        for at in times
    }
    assert wrong(expected) == {}


def test_a_reading_that_people_write_becomes_one_that_is_said() -> None:
    assert [long_vowels(word) for word in ("チョウヤクバ", "シヤクショ", "ムラヤクバ")] == [
        "チョーヤクバ",
        "シヤクショ",
        "ムラヤクバ",
    ]


def test_beats_are_counted_as_a_speaker_counts_them() -> None:
    assert morae("キュー、ジップン") == 6


def node(string: str, pron: str, *, acc: int = 0, flag: int = 1, pos: str = "名詞") -> Node:
    return {
        "string": string,
        "read": pron,
        "pron": pron,
        "acc": acc,
        "mora_size": morae(pron),
        "chain_flag": flag,
        "pos": pos,
    }


def test_a_word_put_right_takes_the_accent_of_its_phrase_along() -> None:
    nodes = [node("次", "ツギ", acc=5, flag=0), node("の", "ノ", pos="助詞"), node("方", "ホー")]
    right = put_right(nodes)
    assert kana_of(right) == "ツギノカタ"
    assert [one["acc"] for one in right] == [5, 0, 0]
    assert kana_of(nodes) == "ツギノホー"


def test_a_longer_reading_has_more_beats() -> None:
    right = put_right([node("十分", "ジューブン", acc=3, flag=0)])
    assert (right[0]["pron"], right[0]["mora_size"]) == ("ジュップン", 4)
