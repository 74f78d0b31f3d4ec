from pathlib import Path

import pytest

from appliance.assembly.packs import TRAVELS, check_packs, packs_in
from appliance.content import BUILT_IN
from appliance.desk.errors import PackError

CODE = "999997"
TOPICS = '[[topic]]\nid = "sky"\nname = "そら"\n'
SEVENTY = '[[age_band]]\nid = "60to69"\nname = "60代"\nlower = 60\nupper = 69\n'
WORDS = (BUILT_IN / "municipality.toml").read_text("utf-8")


def test_what_is_sent_goes_before_what_is_there() -> None:
    catalogue = check_packs({"topics.toml": TOPICS}, municipality=CODE)
    assert [topic.name for topic in catalogue.topics] == ["そら"]
    assert len(catalogue.outcomes) > 1


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"age_bands.toml": SEVENTY}, "60to69: the band reaches across 65"),
        ({"topics.toml": "[[topic]"}, "topics.toml"),
        ({"topics.toml": "x = " + "[" * 100_000}, "topics.toml"),
        ({"topics.toml": TOPICS + TOPICS}, "this id is there twice"),
        ({"phrases.toml": 'call_unattended = "係が まいります"'}, "phrases.toml"),
        ({"practice.toml": "[[resident]]\nid = 1"}, "practice.toml"),
        ({"municipality.toml": WORDS.replace(CODE, "131016")}, "is of 131016"),
        ({"calendar.toml": "[hours]"}, "no pack of this name travels"),
        ({"topcis.toml": TOPICS}, "no pack of this name travels"),
    ],
)
def test_packs_that_no_desk_could_work_with_are_refused_by_the_reader_that_reads_them_at_the_start(
    files: dict[str, str], why: str
) -> None:
    with pytest.raises(PackError, match=why):
        check_packs(files, municipality=CODE)


def test_everything_built_in_but_the_opening_hours_may_travel() -> None:
    assert set(packs_in(BUILT_IN)) == TRAVELS
    check_packs(packs_in(BUILT_IN), municipality=CODE)


def test_a_folder_without_packs_is_no_pack(tmp_path: Path) -> None:
    (tmp_path / "calendar.toml").write_text("[hours]")
    (tmp_path / "readme.txt").write_text("words")
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(PackError):
            packs_in(folder)
    (tmp_path / "topics.toml").write_bytes(b"\xff")
    with pytest.raises(PackError):
        packs_in(tmp_path)
