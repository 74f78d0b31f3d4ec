import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.errors import PaperRefused
from provisioning.paper import ROWS, SHEETS, Sheet, read_sheet, rows_of, wrong_rows

SECRET = hashlib.sha256(b"an example").digest()
SHEET = Sheet(number=2, secret=SECRET)


@given(st.sampled_from(SHEETS), st.binary(min_size=32, max_size=32))
def test_a_sheet_is_read_as_it_was_printed(number: int, secret: bytes) -> None:
    sheet = Sheet(number=number, secret=secret)
    assert len(sheet.rows()) == ROWS
    assert all(len(row) == 6 and row.isdigit() for row in sheet.rows())
    assert read_sheet(sheet.rows()) == sheet


def test_what_is_printed_never_changes() -> None:
    assert Sheet(number=0, secret=bytes(range(32))).rows() == (
        "000015", "005159", "010294", "015435", "020577", "025714", "030858", "035994", "041135",
        "046275", "051416", "056552", "061691", "066835", "071976", "077112", "057551",
    )  # fmt: skip


def test_it_does_not_matter_how_it_is_typed() -> None:
    text = " ".join(f"{row[:3]} {row[3:]}" for row in SHEET.rows())
    full_width = text.translate({ord("0") + digit: "０１２３４５６７８９"[digit] for digit in range(10)})
    for typed in (text, full_width.replace(" ", "\u3000"), text.replace(" ", "-"), text.replace(" ", "\n")):
        assert read_sheet(rows_of(typed)) == SHEET


def test_a_wrong_digit_names_its_row() -> None:
    rows = list(SHEET.rows())
    for place in range(ROWS):
        for at in range(6):
            for digit in "0123456789".replace(rows[place][at], ""):
                slip = rows[place][:at] + digit + rows[place][at + 1 :]
                typed = [*rows[:place], slip, *rows[place + 1 :]]
                assert wrong_rows(typed) == [place + 1]
                with pytest.raises(PaperRefused, match=rf": {place + 1}$"):
                    read_sheet(typed)


def test_two_digits_swapped_name_their_row() -> None:
    rows = list(SHEET.rows())
    for place, row in enumerate(rows):
        for at in range(5):
            swapped = row[:at] + row[at + 1] + row[at] + row[at + 2 :]
            if swapped != row:
                assert wrong_rows([*rows[:place], swapped, *rows[place + 1 :]]) == [place + 1]


def test_rows_of_two_sheets_do_not_make_one() -> None:
    rows, other = SHEET.rows(), Sheet(number=2, secret=hashlib.sha256(b"another").digest()).rows()
    for place in range(1, ROWS):
        with pytest.raises(PaperRefused):
            read_sheet([*rows[:place], *other[place:]])


def test_swapped_rows_are_refused() -> None:
    rows = list(SHEET.rows())
    for place in range(ROWS - 1):
        with pytest.raises(PaperRefused):
            read_sheet([*rows[:place], rows[place + 1], rows[place], *rows[place + 2 :]])


@pytest.mark.parametrize("text", ["", "1", "abc", "9" * 102, "9" * 101, "あ" * 102])
def test_nonsense_is_refused_in_words(text: str) -> None:
    with pytest.raises(PaperRefused) as refused:
        read_sheet(rows_of(text))
    assert "紙の数字" in refused.value.ja
