from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from appliance.desk.facts.calendar import Calendar, Hours, Period, YearEnd, spoken
from appliance.desk.facts.visit import JAPAN

TEN_TO_FOUR = (Hours(opens=600, closes=960),)
ALL_DAY = (Hours(opens=0, closes=1440),)
MONDAY = 0


class FakeHolidays:
    """Port `Holidays` that knows these."""

    def __init__(self, *days: date) -> None:
        self._days: Collection[date] = days

    def is_holiday(self, day: date) -> bool:
        return day in self._days


PLAIN = Calendar(weekly=(TEN_TO_FOUR,) * 7, holidays=FakeHolidays())


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=JAPAN)


def open_days(calendar: Calendar, first: date, count: int) -> list[int]:
    """Which days of a month are open."""
    return [day.day for day in (first + timedelta(days=n) for n in range(count)) if calendar.hours(day)]


def test_the_desk_is_open_from_the_first_minute_until_before_the_last() -> None:
    assert not PLAIN.is_open(at(2026, 11, 20, 9, 59))
    assert PLAIN.is_open(at(2026, 11, 20, 10))
    assert PLAIN.is_open(at(2026, 11, 20, 15, 59))
    assert not PLAIN.is_open(at(2026, 11, 20, 16))


def test_a_moment_is_taken_in_the_time_of_japan() -> None:
    assert PLAIN.is_open(datetime.fromisoformat("2026-11-20T01:00:00+00:00"))


def test_the_next_opening_may_be_later_the_same_day() -> None:
    twice = replace(PLAIN, weekly=((Hours(opens=540, closes=720), Hours(opens=780, closes=960)),) * 7)
    assert twice.next_opening(at(2026, 11, 20, 12, 30)) == at(2026, 11, 20, 13)
    assert twice.next_opening(at(2026, 11, 20, 10)) == at(2026, 11, 20, 13)
    assert twice.next_opening(at(2026, 11, 20, 17)) == at(2026, 11, 21, 9)


def test_a_desk_that_never_closes_never_opens_again() -> None:
    assert replace(PLAIN, weekly=(ALL_DAY,) * 7).next_opening(at(2026, 11, 20)) is None


def test_a_desk_that_never_opens_has_no_next_opening() -> None:
    assert replace(PLAIN, weekly=((),) * 7).next_opening(at(2026, 11, 20)) is None


def test_hours_over_midnight_are_one_opening() -> None:
    night = replace(PLAIN, weekly=((Hours(opens=0, closes=120), Hours(opens=1200, closes=1440)),) * 7)
    assert night.next_opening(at(2026, 11, 20, 21)) == at(2026, 11, 21, 20)
    assert night.next_opening(at(2026, 11, 20, 1)) == at(2026, 11, 20, 20)


def test_times_that_touch_are_one_opening() -> None:
    touching = replace(PLAIN, weekly=((Hours(opens=540, closes=720), Hours(opens=720, closes=960)),) * 7)
    assert touching.next_opening(at(2026, 11, 20, 10)) == at(2026, 11, 21, 9)


def test_the_turn_of_the_year() -> None:
    calendar = replace(PLAIN, year_end=YearEnd(first=(12, 29), last=(1, 3)))
    assert open_days(calendar, date(2026, 12, 27), 10) == [27, 28, 4, 5]
    assert calendar.next_opening(at(2026, 12, 28, 16)) == at(2027, 1, 4, 10)


def test_a_year_end_that_closes_in_january_only_for_a_day() -> None:
    calendar = replace(PLAIN, year_end=YearEnd(first=(12, 31), last=(1, 1)))
    assert open_days(calendar, date(2026, 12, 30), 4) == [30, 2]


def test_the_turn_of_the_fiscal_year_is_a_day_like_any_other() -> None:
    assert PLAIN.next_opening(at(2027, 3, 31, 16)) == at(2027, 4, 1, 10)
    assert PLAIN.is_open(at(2027, 3, 31))
    assert PLAIN.is_open(at(2027, 4, 1))


def test_stocktaking_and_single_closed_days() -> None:
    stocktaking = Period(first=date(2027, 2, 15), last=date(2027, 2, 18))
    one_day = Period(first=date(2027, 2, 20), last=date(2027, 2, 20))
    calendar = replace(PLAIN, closed=(one_day, stocktaking))
    assert open_days(calendar, date(2027, 2, 14), 8) == [14, 19, 21]


def test_holidays_may_have_other_hours_or_none() -> None:
    culture_day = date(2026, 11, 3)
    calendar = replace(PLAIN, holidays=FakeHolidays(culture_day))
    assert calendar.hours(culture_day) == TEN_TO_FOUR
    assert replace(calendar, on_holidays=()).hours(culture_day) == ()
    assert replace(calendar, on_holidays=ALL_DAY).hours(culture_day) == ALL_DAY


def test_closed_on_mondays() -> None:
    calendar = replace(PLAIN, closed_weekdays=frozenset({MONDAY}), holidays=FakeHolidays(date(2026, 11, 23)))
    assert open_days(calendar, date(2026, 11, 14), 14) == [14, 15, 17, 18, 19, 20, 21, 22, 24, 25, 26, 27]


def test_a_holiday_monday_is_open_and_the_next_weekday_closed() -> None:
    labour_day = date(2026, 11, 23)
    calendar = replace(
        PLAIN, closed_weekdays=frozenset({MONDAY}), moves_after_holiday=True, holidays=FakeHolidays(labour_day)
    )
    assert open_days(calendar, date(2026, 11, 14), 14) == [14, 15, 17, 18, 19, 20, 21, 22, 23, 25, 26, 27]


def test_holidays_in_a_row_move_the_closed_day_behind_the_last() -> None:
    silver_week = FakeHolidays(date(2026, 9, 21), date(2026, 9, 22), date(2026, 9, 23))
    calendar = replace(PLAIN, closed_weekdays=frozenset({MONDAY}), moves_after_holiday=True, holidays=silver_week)
    assert open_days(calendar, date(2026, 9, 19), 8) == [19, 20, 21, 22, 23, 25, 26]


def test_a_closed_sunday_that_is_a_holiday_is_made_up_for_on_a_weekday() -> None:
    calendar = replace(
        PLAIN,
        closed_weekdays=frozenset({6}),
        moves_after_holiday=True,
        holidays=FakeHolidays(date(2026, 5, 3), date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 6)),
    )
    assert open_days(calendar, date(2026, 5, 2), 8) == [2, 3, 4, 5, 6, 8, 9]


def test_an_extra_opening_wins_over_every_closed_day() -> None:
    calendar = replace(
        PLAIN,
        closed=(Period(first=date(2026, 12, 1), last=date(2026, 12, 31)),),
        extra={date(2026, 12, 5): TEN_TO_FOUR},
    )
    assert open_days(calendar, date(2026, 12, 1), 31) == [5]
    assert calendar.next_opening(at(2026, 11, 30, 16)) == at(2026, 12, 5, 10)


@pytest.mark.parametrize(
    ("opening", "words"),
    [
        (at(2026, 11, 21, 10), "つぎは 11月21日、土曜日、10時からです"),
        (at(2027, 4, 1, 13, 30), "つぎは 4月1日、木曜日、13時30分からです"),
        (datetime.fromisoformat("2026-12-31T15:00:00+00:00"), "つぎは 1月1日、金曜日、0時からです"),
    ],
)
def test_the_next_opening_as_it_is_said(opening: datetime, words: str) -> None:
    assert spoken(opening) == words
