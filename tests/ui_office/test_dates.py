"""Days and years as a Japanese office writes them."""

from datetime import date

import pytest

from ui.office.dates import long_day, month, read_day, short_day, this_fiscal_year, this_month


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 11, 21), "令和8年11月21日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2020, 1, 1), "令和2年1月1日"),
        (date(2019, 4, 30), "2019年4月30日"),
    ],
)
def test_years_have_their_era(day: date, text: str) -> None:
    assert long_day(day) == text


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2027, 3, 31), date(2026, 4, 1), date(2027, 3, 31)),
        (date(2027, 4, 1), date(2027, 4, 1), date(2028, 3, 31)),
        (date(2026, 12, 31), date(2026, 4, 1), date(2027, 3, 31)),
    ],
)
def test_a_fiscal_year_runs_from_april_to_march(today: date, first: date, last: date) -> None:
    assert this_fiscal_year(today) == (first, last)


@pytest.mark.parametrize(
    ("today", "last"),
    [
        (date(2028, 2, 10), date(2028, 2, 29)),
        (date(2026, 12, 5), date(2026, 12, 31)),
        (date(2026, 11, 30), date(2026, 11, 30)),
    ],
)
def test_a_month_ends_on_its_last_day(today: date, last: date) -> None:
    assert this_month(today) == (today.replace(day=1), last)


def test_days_and_months_in_short() -> None:
    assert short_day(date(2026, 11, 21)) == "11月21日（土）"
    assert month(date(2026, 11, 21)) == "令和8年11月"


@pytest.mark.parametrize("text", ["", "2026-11-31", "20261121", "2026-W01-1", "２０２６-11-21", "2026-11-21 ", "x"])
def test_only_plain_days_are_days(text: str) -> None:
    assert read_day(text) is None


def test_a_day_is_read() -> None:
    assert read_day("2026-11-21") == date(2026, 11, 21)
