from pathlib import Path

import pytest

from appliance.content import BUILT_IN, MAX_TIP, load_catalogue
from appliance.desk.errors import PackError

TELEPHONE = (BUILT_IN / "telephone.toml").read_text(encoding="utf-8")
TIP = '[[tip]]\nid = "x"\nname = "x"\ntext = "x"\n'


def test_the_sentence_for_the_hall_names_its_section_and_no_visitor() -> None:
    memo = load_catalogue().telephone
    assert "企画情報課" in memo.say
    assert "{facility}" in memo.say
    assert "町役場" in memo.hours


def test_there_are_enough_cards_for_ten_openings_and_none_names_a_city() -> None:
    tips = load_catalogue().tips
    assert len(tips) >= 10
    assert not [tip for tip in tips if "市役所" in tip.text or len(tip.text) > MAX_TIP]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("telephone.toml", "", "telephone.toml: must hold hours and say"),
        ("telephone.toml", TELEPHONE + 'fax = "1"\n', "telephone.toml: must hold hours and say"),
        ("telephone.toml", 'hours = ""\nsay = "x"\n', "telephone.toml: hours must be a text"),
        ("telephone.toml", 'hours = "x"\nsay = 1\n', "telephone.toml: say must be a text"),
        ("telephone.toml", 'hours = "x"\nsay = "{name}です"\n', "say: nobody fills in {name}"),
        ("telephone.toml", 'hours = "{facility}"\nsay = "x"\n', "hours: nobody fills in {facility}"),
        ("tips.toml", TIP + 'source = "x"\n', "tips.toml: x: unknown key 'source'"),
        ("tips.toml", TIP + TIP, "tips.toml: x: this id is there twice"),
        ("tips.toml", TIP.replace('text = "x"', 'text = ""'), "tips.toml: x: text must be a text"),
        ("tips.toml", TIP.replace('text = "x"', f'text = "{"長" * 161}"'), "tips.toml: x: text: at most 160"),
        ("tips.toml", "", "tips.toml: must hold one or more [[tip]]"),
    ],
)
def test_a_pack_that_cannot_be_shown_is_refused_by_name(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as refused:
        load_catalogue(tmp_path)
    assert words in str(refused.value)
