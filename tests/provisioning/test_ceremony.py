from datetime import date
from itertools import combinations

import pytest

from provisioning.ceremony import Recovery, key_of, printed, sheets
from provisioning.errors import PaperOfAnotherKey, SheetsMissing
from provisioning.paper import Sheet, read_sheet, rows_of
from tests.sync.parts import RECOVERY, STRANGER, TOWN_KEYS


def typed_again(sheet: Sheet) -> Sheet:
    """As somebody reads the rows off the printed page."""
    page = printed(sheet, envelope=1, municipality="999997", key_id=RECOVERY.public.key_id, on=date(2026, 11, 21))
    lines = [line for line in page.splitlines() if line.startswith("   ")]
    return read_sheet(rows_of("".join(line[8:] for line in lines)))


def test_two_envelopes_hold_the_same_and_each_suffices() -> None:
    first, second = sheets(RECOVERY, Recovery.ENVELOPES)
    assert first == second
    assert key_of([typed_again(first)], TOWN_KEYS).seed == RECOVERY.seed


def test_any_two_of_three_suffice_and_one_does_not() -> None:
    three = sheets(RECOVERY, Recovery.TWO_OF_THREE)
    assert sorted(sheet.number for sheet in three) == [1, 2, 3]
    for pair in combinations(three, 2):
        assert key_of([typed_again(sheet) for sheet in pair], TOWN_KEYS).seed == RECOVERY.seed
    for sheet in three:
        for found in ([sheet], [sheet, sheet], []):
            with pytest.raises(SheetsMissing):
                key_of(found, TOWN_KEYS)


def test_a_file_needs_no_paper() -> None:
    assert sheets(RECOVERY, Recovery.FILE) == ()


def test_the_key_of_another_town_is_refused() -> None:
    mine, theirs = sheets(RECOVERY, Recovery.TWO_OF_THREE), sheets(STRANGER, Recovery.TWO_OF_THREE)
    for found in (sheets(STRANGER, Recovery.ENVELOPES), theirs[:2], [mine[0], theirs[1]]):
        with pytest.raises(PaperOfAnotherKey):
            key_of(found, TOWN_KEYS)


def test_sheets_of_two_ceremonies_do_not_go_together() -> None:
    one, other = sheets(RECOVERY, Recovery.TWO_OF_THREE), sheets(RECOVERY, Recovery.TWO_OF_THREE)
    with pytest.raises(PaperOfAnotherKey):
        key_of([one[0], other[1]], TOWN_KEYS)


def test_a_page_says_what_it_opens_and_fits_a_sheet_of_paper() -> None:
    for how, says in ((Recovery.ENVELOPES, "1枚で"), (Recovery.TWO_OF_THREE, "1枚では 何も")):
        page = printed(
            sheets(RECOVERY, how)[0], envelope=1, municipality="999997", key_id=b"\x01" * 8, on=date(2026, 11, 21)
        )
        assert says in page
        assert "999997" in page
        assert len(page.splitlines()) < 60
        assert max(map(len, page.splitlines())) <= 96
