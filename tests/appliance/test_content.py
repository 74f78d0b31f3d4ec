import re
from pathlib import Path

import pytest

from appliance.content import BUILT_IN, is_municipality_code, load_catalogue, load_stories
from appliance.desk.errors import PackError
from appliance.desk.guard import check_memo

BAND = '[[age_band]]\nid = "x"\nname = "x"\n'
TOPIC = '[[topic]]\nid = "x"\nname = "x"\n'
PHRASES = (BUILT_IN / "phrases.toml").read_text(encoding="utf-8")
CARD = (BUILT_IN / "card.toml").read_text(encoding="utf-8")
MUNICIPALITY = (BUILT_IN / "municipality.toml").read_text(encoding="utf-8")


def test_the_built_in_packs_load() -> None:
    catalogue = load_catalogue()
    assert [band.id for band in catalogue.age_bands] == [
        "to39", "40to64", "65to74", "75to84", "from85", "unknown", "declined",
    ]  # fmt: skip
    assert catalogue.topic_name("phone") == "スマホの操作"
    assert catalogue.topic_name("dropped by a newer pack") == "dropped by a newer pack"
    assert catalogue.outcome_name("resolved") == "解決した"
    assert catalogue.words.municipality == "町"


def test_a_visitor_never_reads_the_word_of_the_staff_for_fraud() -> None:
    assert all("詐欺" not in topic.kiosk_name for topic in load_catalogue().topics)


def test_no_outcome_says_that_something_failed() -> None:
    for outcome in load_catalogue().outcomes:
        assert "解決できず" not in outcome.name
        assert "中断" not in outcome.name


@pytest.mark.parametrize(
    ("kind", "hall", "word"),
    [("市", "市役所", "市"), ("町", "町役場", "町"), ("村", "村役場", "村"), ("特別区", "区役所", "区")],
)
def test_the_hall_is_named_as_the_municipality_names_it(tmp_path: Path, kind: str, hall: str, word: str) -> None:
    text = MUNICIPALITY.replace('kind = "町"', f'kind = "{kind}"').replace('"町役場"', f'"{hall}"')
    (tmp_path / "municipality.toml").write_text(text, encoding="utf-8")
    catalogue = load_catalogue(tmp_path)
    assert catalogue.words.municipality == word
    assert sum(hall in referral.name for referral in catalogue.referrals) == 21


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("age_bands.toml", BAND + "lower = 60\nupper = 69\n", "reaches across 65"),
        ("age_bands.toml", BAND + "lower = 65\nupper = 75\n", "reaches across 75"),
        ("age_bands.toml", BAND + "lower = 60\n", "reaches across 65"),
        ("age_bands.toml", BAND + "upper = 70\n", "reaches across 65"),
        ("age_bands.toml", BAND + "lower = 50\nupper = 40\n", "lower is above upper"),
        ("age_bands.toml", BAND + 'lower = "old"\n', "lower must be an age"),
        ("age_bands.toml", BAND + BAND, "x: this id is there twice"),
        ("topics.toml", TOPIC.replace('"x"', '""'), "must be a text"),
        ("topics.toml", TOPIC.replace('id = "x"', 'id = "相談"'), "id must be"),
        ("topics.toml", TOPIC + 'colour = "red"\n', "unknown key 'colour'"),
        ("topics.toml", "", "must hold one or more [[topic]]"),
        ("topics.toml", "topic = [1]", "must be a table"),
        ("topics.toml", "not toml", "topics.toml"),
        ("outcomes.toml", '[[outcome]]\nid = "x"\nname = "x"\nrefers = 1\n', "refers must be true or false"),
        ("channels.toml", '[[channel]]\nid = "pigeon"\nname = "鳩"\n', "pigeon: not one of"),
        ("phrases.toml", 'call_raised = "はい"\n', "call_unattended: must be a text"),
        (
            "phrases.toml",
            PHRASES.replace("係が いません", "係が すぐ まい ります"),
            "call_unattended: must not promise",
        ),
        ("phrases.toml", PHRASES.replace("{number}番", "番号"), "ticket_called: must hold {number}"),
        ("phrases.toml", PHRASES.replace("カウンターへ", "係がまいります"), "call_unattended_hurry: must not promise"),
        ("phrases.toml", PHRASES.replace("{count}", "3"), "call_ahead: must hold {count}"),
        ("phrases.toml", PHRASES + "\n[English]\n", "[English]: is no language tag"),
        ("phrases.toml", PHRASES + "\n[en]\nhello = 'Hello.'", "[en]: hello: must be a text for a phrase"),
        ("phrases.toml", PHRASES + "\n[en]\ncall_raised = 1", "[en]: call_raised: must be a text"),
        ("phrases.toml", PHRASES + "\n[en]\ncall_wait = 'Please wait.'", "call_wait: must hold {minutes}"),
        ("phrases.toml", PHRASES.replace("{minutes}", "{minute}"), "call_wait: must hold {minutes}"),
        ("phrases.toml", PHRASES.replace("はい。", "はい、{name}さん。"), "call_raised: nobody fills in {name}"),
        ("phrases.toml", PHRASES.replace("{count}人", "{count}人{"), "call_ahead: nobody fills in {"),
        ("card.toml", CARD.replace("renewal_months = 3", ""), "must hold renewal_months"),
        ("card.toml", CARD.replace("renewal_months = 3", "renewal_months = true"), "renewal_months: must be 1 to 12"),
        ("card.toml", CARD.replace("renewal_months = 3", "renewal_months = 13"), "renewal_months: must be 1 to 12"),
        ("card.toml", "renewal_months = 3\nadvice = [1]\n", "[[advice]] must be a table"),
        ("card.toml", CARD.replace('id = "soon"', 'id = "later"'), "later: not one of long, soon"),
        ("card.toml", CARD.replace('id = "soon"', ""), "(no id): not one of long, soon"),
        ("card.toml", CARD.replace('id = "soon"', 'id = "long"'), "long: this id is there twice"),
        ("card.toml", CARD[: CARD.rindex("[[advice]]")], "unknown: is missing"),
        ("card.toml", CARD + "do = 3\n", "card.toml"),
        ("card.toml", CARD + 'when = "now"\n', "unknown: unknown key 'when'"),
        ("card.toml", CARD + 'ask = "新しい カードですか"\n', "unknown: ask belongs to residence"),
        ("card.toml", CARD.replace("ask =", "#"), "residence: ask belongs to residence"),
        ("card.toml", CARD.replace('do = "スマホは', 'where = "スマホは'), "phone: do must be a text"),
        ("card.toml", CARD.replace("スマホは 離して", "有効性 確認は"), "phone: do must not say 有効性確認"),
        ("card.toml", CARD.replace("スマホは 離して", "本人確認は"), "phone: do must not say 本人確認"),
        (
            "card.toml",
            CARD.replace('do = "スマホは 離して、カード本体を 置いてください。"', "do = 3"),
            "phone: do must be",
        ),
        ("municipality.toml", MUNICIPALITY.replace("hall =", "hal ="), "unknown key 'hal'"),
        ("municipality.toml", MUNICIPALITY.replace('section = "企画情報課"', ""), "the word 'section' is missing"),
        ("municipality.toml", MUNICIPALITY.replace('kind = "町"', 'kind = "都"'), "kind must be one of"),
        ("municipality.toml", MUNICIPALITY.replace("999997", "999996"), "全国地方公共団体コード"),
    ],
)
def test_a_broken_pack_is_refused_with_file_id_and_reason(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as refused:
        load_catalogue(tmp_path)
    assert name in str(refused.value)
    assert words in str(refused.value)


def test_the_advice_for_cards_speaks_of_the_own_hall_and_fills_every_blank() -> None:
    pack = load_catalogue().card
    texts = [text for one in pack.advice.values() for text in (one.ask, one.do, one.where)]
    assert any("町役場" in text for text in texts)
    assert any("3か月まえ" in text for text in texts)
    assert not [text for text in texts if re.search(r"[{}]|市役所|まいります", text)]


def test_a_pack_need_not_send_anybody_to_the_counter(tmp_path: Path) -> None:
    shorter = "".join(
        line for line in PHRASES.splitlines(keepends=True) if not line.startswith("call_unattended_hurry")
    )
    (tmp_path / "phrases.toml").write_text(shorter, encoding="utf-8")
    assert "call_unattended_hurry" not in load_catalogue(tmp_path).phrases


def test_a_band_ending_at_64_or_74_is_allowed(tmp_path: Path) -> None:
    bands = "".join(BAND.replace('"x"', f'"{name}"', 1) + f"lower = {low}\nupper = {high}\n" for name, low, high in
                    [("a", 60, 64), ("b", 65, 74), ("c", 75, 79)])  # fmt: skip
    (tmp_path / "age_bands.toml").write_text(bands, encoding="utf-8")
    assert len(load_catalogue(tmp_path).age_bands) == 3


@pytest.mark.parametrize("code", ["011002", "130001", "131032"])
def test_codes_of_real_municipalities_are_right(code: str) -> None:
    assert is_municipality_code(code)


@pytest.mark.parametrize("code", ["011003", "11002", "0110020", "０１１００２", ""])
def test_other_strings_are_not(code: str) -> None:
    assert not is_municipality_code(code)


def test_pretend_residents_have_stories_of_their_own_and_no_names_or_numbers() -> None:
    words = load_catalogue().words
    stories = load_stories(words=words)
    assert len(set(stories)) == len(stories) >= 5
    assert any(words.hall in story for story in stories)
    for story in stories:
        assert 30 <= len(story) <= 120
        assert not re.search(r"\d{3}|さん|[様氏]|\{", story), story
        check_memo(story)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"must hold one or more \[\[resident\]\]"),
        ('[[resident]]\nid = "x"\nstory = ""\n', "practice.toml: x: story must be a text"),
        ('[[resident]]\nid = "x"\n', "practice.toml: x: story must be a text"),
        ('[[resident]]\nid = "x"\nstory = "x"\nname = "x"\n', "practice.toml: x: unknown key 'name'"),
    ],
)
def test_a_broken_pack_of_stories_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "practice.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match=words):
        load_stories(tmp_path, words=load_catalogue().words)


def test_a_pack_holds_its_phrases_in_other_languages_too(tmp_path: Path) -> None:
    text = (
        PHRASES + '\n[en]\ncall_wait = "About {minutes} minutes at the {hall}."\n[zh-Hans]\ncall_raised = "请稍等。"\n'
    )
    (tmp_path / "phrases.toml").write_text(text, encoding="utf-8")
    catalogue = load_catalogue(tmp_path)
    assert catalogue.translations == {
        "en": {"call_wait": f"About {{minutes}} minutes at the {catalogue.words.hall}."},
        "zh-Hans": {"call_raised": "请稍等。"},
    }
    assert load_catalogue().translations == {}
