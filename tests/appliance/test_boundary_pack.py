from pathlib import Path

import pytest

from appliance.content import BUILT_IN, load_catalogue
from appliance.desk.errors import PackError

TOPIC = '[[topic]]\nid = "x"\nname = "x"\n'
POLICE = '[[referral]]\nid = "police"\nname = "警察"\n'


def test_every_boundary_of_the_built_in_pack_leads_somewhere() -> None:
    catalogue = load_catalogue()
    bounded = {topic.id: catalogue.referral_name(topic.referral) for topic in catalogue.topics if topic.boundary}
    assert bounded == {
        "online_application": "町役場（その他の課）",
        "tax_return": "税務署",
        "fraud": "消費者ホットライン 188",
    }
    assert "税理士法" in next(topic.boundary for topic in catalogue.topics if topic.id == "tax_return")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('boundary = "できません"\n', "x: boundary and referral belong together"),
        ('referral = "police"\n', "x: boundary and referral belong together"),
        ('boundary = " "\nreferral = "police"\n', "x: boundary must be a text"),
        ('boundary = "できません"\nreferral = 1\n', "x: referral must be a text"),
        ('boundary = "できません"\nreferral = "nobody"\n', "x: referral 'nobody' is not in referrals.toml"),
        ('boundary = "代行 できます"\nreferral = "police"\n', "x: boundary must not say 代行"),
        (f'boundary = "{"長" * 121}"\nreferral = "police"\n', "boundary: at most 120 characters"),
    ],
)
def test_a_boundary_that_cannot_be_shown_is_refused_by_name(tmp_path: Path, more: str, words: str) -> None:
    (tmp_path / "topics.toml").write_text(TOPIC + more, encoding="utf-8")
    with pytest.raises(PackError) as refused:
        load_catalogue(tmp_path)
    assert str(refused.value).startswith("topics.toml: ")
    assert words in str(refused.value)


def test_a_boundary_speaks_in_the_words_of_the_municipality(tmp_path: Path) -> None:
    more = 'boundary = "{hall}で 聞いてください"\nreferral = "police"\n'
    (tmp_path / "topics.toml").write_text(TOPIC + more, encoding="utf-8")
    assert load_catalogue(tmp_path).topics[0].boundary == "町役場で 聞いてください"


def test_a_town_with_fewer_referrals_of_its_own_keeps_the_sentences(tmp_path: Path) -> None:
    (tmp_path / "referrals.toml").write_text(POLICE, encoding="utf-8")
    tax = next(topic for topic in load_catalogue(tmp_path).topics if topic.id == "tax_return")
    assert (bool(tax.boundary), tax.referral) == (True, "")


def test_topics_that_travel_are_judged_as_strictly(tmp_path: Path) -> None:
    sent = {"topics.toml": (BUILT_IN / "topics.toml").read_text(encoding="utf-8"), "referrals.toml": POLICE}
    with pytest.raises(PackError):
        load_catalogue(tmp_path, sent=sent)
